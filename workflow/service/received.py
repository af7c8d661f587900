"""What came in, by month, unit and manager: how many, by which cause, how many in time, how many taken up again.

Domain §5(9). What is counted of which lifecycle stands in `measures/standing.yaml`; every figure has its list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from workflow.core.definition.expressions import Text
from workflow.core.moments import micros
from workflow.core.step import Actor
from workflow.definitions.measures import Received
from workflow.service.measures import Settled
from workflow.service.reads import Reads
from workflow.service.shown import Shown
from workflow.service.views.cases import CaseRow
from workflow.service.views.lists import Filters, Page
from workflow.storage.queries import cases, received
from workflow.storage.queries.measures import By, Span
from workflow.storage.queries.received import Alike, Causes

WAYS: tuple[By, ...] = ("period", "unit", "manager")


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake(Settled):
    """Cases that came in, of one part of the period, unit or manager; `key` None: of nobody.

    `open`: not answered and not late yet. `causes`: how many of each; "" for those without one.
    """

    by: By | None
    key: int | None
    name: Text | None
    open: int
    again: int
    causes: Mapping[str, int]

    @property
    def number(self) -> int:
        return self.total + self.open

    @property
    def share_again(self) -> float | None:
        """Taken up again, of all that came in; None where nothing did."""
        return self.again / self.number if self.number else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What is counted of one lifecycle. `causes` with their titles, in the order of the file; `lines`: by part of the
    period every one in order, by unit and manager the largest first."""

    what: Received
    causes: Mapping[str, Text]
    whole: Intake
    lines: Mapping[By, Sequence[Intake]]


class Receiving(Reads):
    def received(self, reader: Actor, span: Span, *, filters: Filters | None = None) -> list[Counts]:
        """What the standards have counted, in their order, over the cases the reader may see."""
        found = []
        with self._read(reader) as (connection, shown):
            for what in self.library.standards.received:
                query = received.received(shown.reader, filters, span, what)
                some = received.alike(connection, query, span, what, self._causes(what))
                parts = range(len(span.edges) - 1)
                lines: dict[By, Sequence[Intake]] = {by: _largest_first(some, shown, by) for by in WAYS}
                lines["period"] = [_counted(some, shown, "period", part) for part in parts]
                titles = self.library.latest[what.of].fields[what.cause].of
                found.append(Counts(what=what, causes=titles, whole=_counted(some, shown, None, None), lines=lines))
        return found

    def received_behind(
        self, reader: Actor, span: Span, place: int, *, by: By | None = None, key: int | None = None,
        cause: str | None = None, verdict: str | None = None, again: bool = False, filters: Filters | None = None,
        after: str | None = None, limit: int = 50,
    ) -> Page[CaseRow]:  # fmt: skip
        """The cases one figure counts. Raises IndexError where the standards count not so many lifecycles."""
        what = self.library.standards.received[place]
        with self._read(reader) as (connection, shown):
            query = received.received(shown.reader, filters, span, what)
            return self._paged(
                connection,
                received.narrow(
                    query, span, what, self._causes(what), by=by, key=key, cause=cause, verdict=verdict, again=again
                ),
                cases.newest,
                like=(0, 0),
                key=lambda row: (micros(row.updated), row.id),
                shown=lambda rows: self._case_rows(connection, shown, rows),
                after=after,
                limit=limit,
            )

    def _causes(self, what: Received) -> Causes:
        found: dict[str, list[int]] = {}
        for (name, version), rules in self.library.versions.items():
            field = rules.fields.get(what.cause)
            if name == what.of and field is not None and field.type == "choice":
                for one in field.of:
                    found.setdefault(one, []).append(version)
        return found


def _largest_first(some: Sequence[Alike], shown: Shown, by: By) -> list[Intake]:
    keys = {_key(one, by) for one in some}
    made = [_counted(some, shown, by, key) for key in keys]
    return sorted(made, key=lambda one: (-one.number, one.key or 0))


def _counted(some: Iterable[Alike], shown: Shown, by: By | None, key: int | None) -> Intake:
    mine = [one for one in some if by is None or _key(one, by) == key]
    verdicts, causes = Counter[str](), Counter[str]()
    for one in mine:
        verdicts[one.verdict] += one.count
        causes[one.cause or ""] += one.count
    named = shown.unit(key) if by == "unit" else shown.person(key) if by == "manager" else None
    return Intake(
        by=by,
        key=key,
        name=named.name if named is not None else None,
        kept=verdicts["kept"],
        late=verdicts["late"],
        outage=verdicts["outage"],
        open=verdicts["open"],
        again=sum(one.count for one in mine if one.again),
        causes=causes,
    )


def _key(one: Alike, by: By) -> int | None:
    return {"period": one.part, "unit": one.unit, "manager": one.manager}[by]
