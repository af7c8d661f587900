"""How far a plan is: the cases it opened, each with the states it is past and what stands in its way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from workflow.core.case import Case
from workflow.core.codec import case_from
from workflow.core.definition.expressions import Text
from workflow.core.definition.lifecycle import Definition
from workflow.core.errors import CaseNotFound
from workflow.core.step import SYSTEM, Actor
from workflow.core.world import Situation, World, customer_of
from workflow.service.offers import Offers
from workflow.service.views.cases import CaseRow
from workflow.storage.queries import cases, offers, progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of the cases. `past`: the open states it is through with; `due`: when its next task is.

    `outcome`: its final state, None while it is open; `done`: it came to its end by its last step, and was not called
    off. `against`: what no step ahead of it will get by as things are with its customer.
    """

    link: str
    row: CaseRow
    past: tuple[str, ...]
    due: datetime | None
    late: bool
    outcome: str | None
    done: bool
    against: tuple[Text, ...]


class Progress(Offers):
    def parts(self, case: int, reader: Actor) -> list[Part]:
        """The cases one opened that the reader may see, the first one first. Raises CaseNotFound."""
        with self._read(reader) as (connection, shown):
            if cases.one(connection, case, shown.reader) is None:
                raise CaseNotFound(case=case)
            rows = progress.parts(connection, case, shown.reader)
            found = {row.id: case_from(row.body) for row in rows}
            about = {one.customer for one in found.values() if one.customer is not None}
            records = {one: customer_of(case_from(body)) for one, body in offers.bodies(connection, about).items()}
            others = offers.others(connection, about)
            lines = self._case_rows(connection, shown, rows)
            made = []
            for row, line in zip(rows, lines, strict=True):
                one = found[row.id]
                beside = others.get(one.customer or 0, [])
                world = self._offered_world(shown, one, records.get(one.customer or 0), beside, {}, _nothing_taken)
                rules = self.library.get(one.definition, one.version)
                made.append(_part(rules, one, world, line, link=row.link, at=shown.reader.at))
            return made


def _nothing_taken(limit: str, receiver: int, since: datetime | None) -> int:
    """Limits are for who pulls a trigger; here nobody does. Raises RuntimeError."""
    raise RuntimeError(f"nobody counts {limit} here")


def _part(rules: Definition, case: Case, world: World, row: CaseRow, *, link: str, at: datetime) -> Part:
    ended = case.closed is not None
    way = [state.name for state in rules.states.values() if not state.final]
    done = ended and _at_its_end(rules, case.state)
    due = min((task.due for task in case.tasks if task.due is not None), default=None)
    return Part(
        link=link,
        row=row,
        past=tuple(way if done else [] if ended else way[: way.index(case.state)]),
        due=due,
        late=due is not None and due < at,
        outcome=case.state if ended else None,
        done=done,
        against=() if ended else tuple(dict.fromkeys(_against(rules, case, world, at))),
    )


def _at_its_end(rules: Definition, state: str) -> bool:
    """Whether a final state is where the last step leads, and not where one gets from everywhere."""
    return any(way.target == state and len(way.sources) == 1 for way in rules.transitions)


def _against(rules: Definition, case: Case, world: World, at: datetime) -> Iterator[Text]:
    """Why what people have still to do will be refused, as far as that depends on the customer alone."""
    facts = Situation(rules, case, world, SYSTEM, at)
    for way in rules.transitions:
        for condition in way.when if way.by else ():
            alone = all(name.startswith("customer.") for name in condition.names)
            if alone and condition.otherwise is not None and not condition.holds(facts):
                yield condition.otherwise
