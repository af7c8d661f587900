"""The door's part about revenue: figures by customer, product and month, each said in a step of the customer's book.

A month that is said again is corrected, and what was said before is kept. Taking a file back lets each figure be what
it would be without it, whatever was brought in since.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow.core import book
from workflow.core.errors import CaseNotFound, CustomerNotFound, FormInvalid
from workflow.core.step import Actor
from workflow.service.shown import Shown
from workflow.service.unit import Unit
from workflow.service.uploads import Uploads
from workflow.service.vault import fresh_salt
from workflow.service.views.names import PersonName, UnitName
from workflow.storage import uploads
from workflow.storage.queries import cases, revenue
from workflow.storage.store import Loaded

MONTH = re.compile(r"(19|20)\d\d-(0[1-9]|1[0-2])")
MOST = 10**13
"""Cents of one figure, either way."""

KIND = "revenue"
"""Of the files that bring it in."""

SAID, TAKEN_BACK = "revenue", "revenue_taken_back"
UNDONE_AT_ONCE = 200
"""Steps taken back in one transaction."""

MONTHS_SHOWN = 24

Figure = tuple[str, str, int]
"""Month, product, cents."""


@dataclass(frozen=True, slots=True)
class StintRow:
    """Who had a customer: `person` None while only the unit was answerable; `ended` None: still."""

    role: str
    person: PersonName | None
    unit: UnitName | None
    begun: datetime
    ended: datetime | None
    trigger: str
    case: int | None
    number: str | None
    definition: str | None
    version: int | None
    actor: PersonName | None
    behalf: PersonName | None


@dataclass(frozen=True, slots=True)
class ShareRow:
    """`unit` None: whoever keeps the customer then. `hundredths` of a percent."""

    unit: UnitName | None
    person: PersonName | None
    hundredths: int


@dataclass(frozen=True, slots=True)
class SplitRow:
    since: str
    shares: tuple[ShareRow, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """A customer's owners, how its revenue is shared, and the figures of its last months by product, in cents."""

    stints: tuple[StintRow, ...]
    splits: tuple[SplitRow, ...]
    months: Mapping[str, Mapping[str, int]]


class Revenues(Uploads):
    """What customers brought in."""

    def say_revenue(
        self,
        figures: Mapping[int, Iterable[Figure]],
        *,
        actor: Actor,
        upload: int | None = None,
        position: int = 0,
        at: datetime | None = None,
    ) -> int:
        """Say what customers brought in, one step each, all in one transaction; gives how many steps.

        A figure that stands already is not said again. `upload`, `position`: the file, and which portion of it this
        is; one that is applied already does nothing. Raises `FormInvalid`, `CustomerNotFound`, `Refused`.
        """
        now = at or self.clock()
        with self._refusing(actor, None, "revenue", now), self._unit() as work:
            self._bringer(work, actor, now)
            held = None
            if upload is not None:
                held = self._upload(work, upload, actor, now, kind=KIND, among=("checked", "applying", "applied"))
                if held.position != position or held.state == "applied":
                    return 0
            made = []
            for customer in sorted(figures):
                loaded = self._customer_in_reach(work, customer, actor, now)
                step = self._say(work, loaded, self._fit(figures[customer]), actor, now, upload)
                if step is not None:
                    made.append((customer, step))
            work.flush()
            if held is not None:
                uploads.note(work.connection, held.id, made)
                done = held.position + 1
                state = "applied" if done >= held.whole else "applying"
                uploads.move(work.connection, held.id, state=state, position=done, at=now)
            return len(made)

    def take_back(self, upload: int, *, actor: Actor, at: datetime | None = None) -> int:
        """Take back a portion of a file, from a file half applied too; gives how many of its steps still stand.

        Raises `UploadNotFound`, `UploadMoved`, `Refused`.
        """
        now = at or self.clock()
        with self._refusing(actor, None, "take_back", now), self._unit() as work:
            held = self._upload(work, upload, actor, now, kind=KIND, among=("applying", "applied", "undoing"))
            portion = uploads.standing(work.connection, upload, limit=UNDONE_AT_ONCE)
            made = []
            for customer, seq in portion:
                loaded = work.store.load(customer)
                by = self._unsay(work, loaded, seq, actor, now, upload)
                made.append((customer, seq, by))
            work.flush()
            for customer, seq, by in made:
                uploads.undone(work.connection, upload, customer, seq, by)
            rest = uploads.left(work.connection, upload)
            state = "undoing" if rest else "undone"
            uploads.move(work.connection, upload, state=state, position=held.position, at=now)
            return rest

    def held(self, customer: int, reader: Actor) -> Held:
        """Who had a customer, how its revenue is shared, and what it brought in. Raises `CustomerNotFound`."""
        with self._read(reader) as (connection, shown):
            row = cases.one(connection, customer, shown.reader)
            if row is None or row.kind != "customer":
                raise CustomerNotFound(customer=customer)
            stints = revenue.stints_of(connection, customer)
            named = revenue.cases_named(connection, {one.case for one in stints if one.case is not None})
            months: dict[str, dict[str, int]] = {}
            for month, product, cents in revenue.by_product(connection, customer, since=""):
                if month not in months and len(months) == MONTHS_SHOWN:
                    break
                months.setdefault(month, {})[product] = cents
            return Held(
                stints=tuple(self._stint(shown, one, named) for one in stints),
                splits=tuple(
                    SplitRow(
                        split.since,
                        tuple(ShareRow(shown.unit(s.unit), shown.person(s.person), s.hundredths) for s in split.shares),
                    )
                    for split in revenue.splits_of(connection, [customer]).get(customer, ())
                ),
                months=months,
            )

    def _stint(self, shown: Shown, one: revenue.Held, named: Mapping[int, tuple[str, str, int]]) -> StintRow:
        number, definition, version = named.get(one.case or 0, (None, None, None))
        return StintRow(
            role=one.role, person=shown.person(one.person), unit=shown.unit(one.unit), begun=one.begun,
            ended=one.ended, trigger=one.trigger, case=one.case, number=number, definition=definition,
            version=version, actor=shown.person(one.actor), behalf=shown.person(one.behalf),
        )  # fmt: skip

    def customers_numbered(self, numbers: Iterable[str], actor: Actor) -> dict[str, int]:
        """Number → id of the customers an actor may say figures of; of the others nothing is told."""
        at = self.clock()
        with self.database.reading() as connection:
            found = revenue.numbers(connection, numbers)
            directory = self._directory(connection)
        if actor.person is None:
            return {number: customer for number, (customer, _) in found.items()}
        scope = directory.scope(actor.principal, at, writing=True)
        return {
            number: customer for number, (customer, unit) in found.items() if scope.organisation or unit in scope.units
        }

    def _customer_in_reach(self, work: Unit, customer: int, actor: Actor, at: datetime) -> Loaded:
        try:
            loaded = work.store.load(customer)
        except CaseNotFound:
            raise CustomerNotFound(customer=customer) from None
        scope = None if actor.person is None else work.directory.scope(actor.principal, at, writing=True)
        reached = scope is None or scope.organisation or loaded.case.data.get("unit") in scope.units
        if loaded.case.kind != "customer" or not reached:
            raise CustomerNotFound(customer=customer)
        return loaded

    def _fit(self, figures: Iterable[Figure]) -> list[Figure]:
        made = list(figures)
        wrong: dict[str, Any] = {}
        for month, product, cents in made:
            if not MONTH.fullmatch(month):
                wrong["month"] = [["month", {}]]
            if product not in self.library.revenue.products:
                wrong["product"] = [["product", {}]]
            if type(cents) is not int or abs(cents) > MOST:
                wrong["revenue"] = [["number", {}]]
        if wrong:
            raise FormInvalid(fields=wrong)
        return made

    def _say(
        self, work: Unit, loaded: Loaded, figures: Sequence[Figure], actor: Actor, at: datetime, upload: int | None
    ) -> int | None:
        """The step's number; None where all of it stands already."""
        stands = revenue.standing(work.connection, loaded.case.id)
        new = [one for one in figures if stands.get((one[0], one[1]), (0, None))[1] != one[2]]
        return self._enter(work, loaded, SAID, new, actor, at, upload) if new else None

    def _unsay(self, work: Unit, loaded: Loaded, seq: int, actor: Actor, at: datetime, upload: int) -> int:
        """Let what a step said be what it would be without it: what was said last and not taken back, else nothing."""
        customer = loaded.case.id
        stands = revenue.standing(work.connection, customer)
        mine = revenue.said_by(work.connection, customer, seq)
        gone = uploads.taken_back(work.connection, [customer]).get(customer, frozenset()) | {seq}
        told = revenue.told(work.connection, customer, mine)
        back: list[tuple[str, str, int | None]] = []
        for key in mine:
            cents = next((cents for step, cents in told[key] if step not in gone), None)
            if stands.get(key, (0, None))[1] != cents:
                back.append((*key, cents))
        return self._enter(work, loaded, TAKEN_BACK, back, actor, at, upload)

    def _enter(
        self, work: Unit, loaded: Loaded, trigger: str, figures: Sequence[tuple[str, str, int | None]], actor: Actor,
        at: datetime, upload: int | None,
    ) -> int:  # fmt: skip
        body: dict[str, Any] = {"figures": [list(one) for one in figures]}
        if upload is not None:
            body["upload"] = upload
        now = max(at, loaded.case.written or at)
        decision = book.enter(
            loaded.case, trigger, ops=[["revenue", body]], actor=actor, at=now, recorded=now, salt=fresh_salt
        )
        return work.take(loaded, decision).seq
