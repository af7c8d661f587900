"""The door's list of what is on offer: cases of other units that everybody with a role may take part in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from workflow.core import authority, limits
from workflow.core.case import Case
from workflow.core.codec import case_from
from workflow.core.definition.lifecycle import Definition
from workflow.core.definition.limits import Limit
from workflow.core.definition.states import Transition
from workflow.core.errors import Refused
from workflow.core.moments import exact
from workflow.core.step import Actor
from workflow.core.world import Customer, World, customer_of
from workflow.service.case_reads import asked, nothing_is_opened
from workflow.service.reads import Reads
from workflow.service.shown import Shown
from workflow.service.vault import Vault, fresh_salt
from workflow.service.views.actions import ActionField
from workflow.service.views.cases import CaseRow
from workflow.service.views.lists import Page
from workflow.storage.queries import exports, offers
from workflow.storage.queries.paging import AnyRow

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class OfferRow:
    """A case on offer. `until`: when it moves on by itself. `way`: what the reader may do, None: nothing; `against`:
    what still stands in its way; `fields`: of its form.
    """

    case: CaseRow
    until: datetime | None
    way: Transition | None = None
    fields: tuple[ActionField, ...] = ()
    against: Refused | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """How much of a limit is left for the reader, or for the unit the reader works in. `until`: when it is anew."""

    definition: Definition
    limit: Limit
    count: int
    until: datetime | None

    @property
    def left(self) -> int:
        return max(0, self.limit.most - self.count)


class Offers(Reads):
    def offers(
        self, reader: Actor, *, definition: str | None = None, after: str | None = None, limit: int = 50
    ) -> Page[OfferRow]:
        """What is on offer to the reader, the first one opened first."""
        with self._read(reader) as (connection, shown):
            return self._paged(
                connection,
                offers.listed(shown.reader, definition),
                offers.oldest,
                like=(0,),
                key=lambda row: (row.id,),
                shown=lambda rows: self._offers(connection, shown, rows, reader),
                after=after,
                limit=limit,
            )

    def limits_left(self, reader: Actor) -> list[Left]:
        """How much is left for the reader of what the newest lifecycles with offers limit."""
        found = []
        with self._read(reader) as (connection, shown):
            directory, at = shown.reader.directory, shown.reader.at
            working = self.directories.calendars(self.library)[directory.calendar_of(directory.home(reader.person, at))]
            for rules in self.library.latest.values():
                offered = {name for state in rules.states.values() for name in state.offered_to}
                if not {rules.roles[name].role for name in offered} & directory.role_names(reader.principal, at):
                    continue
                for limit in rules.limits.values():
                    receiver = _as_receiver(rules, limit, reader, directory.home(reader.principal, at))
                    if limit.most and receiver is not None:
                        begun, until = limits.period(limit, working, at)
                        name = limits.counted_as(rules, limit.name)
                        count = offers.taken(connection, name, receiver, begun)
                        if limit.customers:
                            count += offers.led(connection, receiver, but=None)
                        found.append(Left(rules, limit, count, until))
        return found

    def _offers(self, connection: Connection, shown: Shown, rows: Any, reader: Actor) -> list[OfferRow]:
        """The rows with what the reader may do; read for all of them at once."""
        cases = {row.id: case_from(row.body) for row in rows}
        about = {case.customer for case in cases.values() if case.customer is not None}
        records = {one: customer_of(case_from(body)) for one, body in offers.bodies(connection, about).items()}
        others = offers.others(connection, about)
        secrets = exports.secrets_of(connection, list(cases)) if cases else {}
        taken = cache(lambda name, receiver, since: offers.taken(connection, name, receiver, since))
        found = []
        for row, line in zip(rows, self._case_rows(connection, shown, rows), strict=True):
            case = cases[row.id]
            customer = records.get(case.customer or 0)
            world = self._offered_world(
                shown, case, customer, others.get(case.customer or 0, []), secrets[case.id], taken
            )
            world.led = partial(offers.led, connection, but=case.customer)
            found.append(self._offer(line, case, world, reader, shown.reader.at))
        return found

    def _offer(self, line: CaseRow, case: Case, world: World, reader: Actor, at: datetime) -> OfferRow:
        rules = self.library.get(case.definition, case.version)
        until = min((t.due for t in case.timers if _moves(rules, case, t.name)), default=None)
        for way, refusal in authority.possible(rules, case, world, actor=reader, at=at):
            if way.target is None and set(way.by) & set(rules.states[case.state].offered_to):
                against = refusal or limits.against(rules, case, world, way, actor=reader, at=at)
                fields = tuple(asked(rules, case, one, lambda value: None) for one in way.form)
                return OfferRow(line, until, way, fields, against)
        return OfferRow(line, until)

    def _offered_world(
        self,
        shown: Shown,
        case: Case,
        customer: Customer | None,
        others: list[AnyRow],
        secrets: Mapping[str, str | None],
        taken: Callable[[str, int, datetime | None], int],
    ) -> World:
        beside = [one for one in others if one.id != case.id]
        names = [name for one in beside for name in (one.definition, *_marked(one))]
        return World(
            directory=shown.reader.directory,
            calendars=self.directories.calendars(self.library),
            vault=Vault(lambda: dict(secrets)),
            customer=customer,
            open_cases=lambda: list(dict.fromkeys(names)),
            other_cases=lambda: [
                {"id": one.id, "definition": one.definition, "number": one.number, "opened": exact(one.opened),
                 "unit": one.unit_id or 0, "marks": one.marks.split()}
                for one in beside
            ],
            new_id=nothing_is_opened,
            salt=fresh_salt,
            definition=self.library.get,
            own=shown.reader.directory.calendar_of(case.unit),
            taken=taken,
        )  # fmt: skip


def _marked(row: AnyRow) -> list[str]:
    return [f"{row.definition}:{mark}" for mark in row.marks.split()]


def _moves(rules: Definition, case: Case, timer: str) -> bool:
    return any(one.name == timer and one.trigger is not None for one in rules.states[case.state].timers)


def _as_receiver(rules: Definition, limit: Limit, reader: Actor, home: int | None) -> int | None:
    """Whose number counts when the reader would be who receives: their own, or that of the unit they work in."""
    if limit.of is None:
        return None
    if limit.of == limits.ACTOR:
        return reader.principal
    root, _, name = limit.of.partition(".")
    field = rules.fields.get(name) if root == "data" else None
    if field is None:
        return None
    return reader.principal if field.type == "person" else home
