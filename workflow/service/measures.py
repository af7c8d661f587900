"""How a department does over a period: in time or not, where time goes, what comes back. Each figure has its list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from workflow.core.definition.expressions import Text
from workflow.core.definition.lifecycle import Definition
from workflow.core.moments import micros
from workflow.core.step import Actor
from workflow.service.pauses import Pause, Pauses
from workflow.service.shown import Shown
from workflow.service.spent import Side, Spent, limited, side
from workflow.service.views.cases import CaseRow
from workflow.service.views.clocks import ClockRow
from workflow.service.views.lists import Filters, Page
from workflow.service.waiting import Wait
from workflow.storage.queries import cases, measures, stretches
from workflow.storage.queries.measures import By, Judged, Span, Verdict
from workflow.storage.queries.paging import AnyRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Runs of clocks settled in a period. `late`: past due by people's doing; `outage`: because nothing was alive to
    notice."""

    kept: int
    late: int
    outage: int

    @property
    def total(self) -> int:
        return self.kept + self.late + self.outage

    @property
    def share(self) -> float | None:
        """In time, of what people could keep; None where there was nothing."""
        judged = self.kept + self.late
        return self.kept / judged if judged else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share(Settled):
    """`key`: the part of the period, the unit or the person, None for none; `definition` and `clock` where it is one
    clock."""

    by: By
    key: int | None
    definition: str
    clock: str
    name: Text | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """Time spent in a state, of all cases together. `title` of the state; `side`: who it waits for."""

    definition: str
    state: str
    title: Text
    side: Side
    cases: int
    spent: timedelta

    @property
    def each(self) -> timedelta:
        return self.spent / self.cases


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened:
    definition: str
    cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """`periods` has every part of the period, in order; the other lists only what occurs, the largest first.

    `pauses` are those of now, whatever the period.
    """

    periods: tuple[Share, ...]
    clocks: tuple[Share, ...]
    units: tuple[Share, ...]
    managers: tuple[Share, ...]
    stays: tuple[Stay, ...]
    waits: tuple[Wait, ...]
    reopened: tuple[Reopened, ...]
    pauses: tuple[Pause, ...]

    @property
    def whole(self) -> Share:
        return Share(
            by="period",
            key=None,
            definition="",
            clock="",
            name=None,
            kept=sum(one.kept for one in self.periods),
            late=sum(one.late for one in self.periods),
            outage=sum(one.outage for one in self.periods),
        )


class Measured(Pauses):
    def measures(self, reader: Actor, span: Span, *, filters: Filters | None = None) -> Measures:
        """The figures of a period over the cases the reader may see. Filters: unit, definition, tier, text."""
        with self._read(reader) as (connection, shown):
            query = measures.runs(shown.reader, filters, span)
            judged = measures.judged(connection, query, span)
            shares = {by: _shares(by, judged, shown) for by in _WAYS}
            sides = self._sides()
            spent = self._spent(connection, shown, filters, span, sides, self._ends())
            waits = tuple(self._waits(connection, shown, spent, sides))
            pauses = self._standing_still(connection, shown, filters)
        held = {one.key: one for one in shares["period"]}
        parts = range(len(span.edges) - 1)
        return Measures(
            periods=tuple(held.get(part) or _nothing(part) for part in parts),
            clocks=tuple(shares["clock"]),
            units=tuple(shares["unit"]),
            managers=tuple(shares["manager"]),
            stays=tuple(sorted(self._stays(spent), key=lambda one: (-one.spent, one.definition, one.state))),
            waits=waits,
            reopened=tuple(_reopened(spent)),
            pauses=pauses,
        )

    def runs_behind(
        self,
        reader: Actor,
        span: Span,
        *,
        filters: Filters | None = None,
        by: By | None = None,
        key: int | None = None,
        clock: tuple[str, str] | None = None,
        verdict: Verdict | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[ClockRow]:
        """The runs of clocks a `Share` counts, or those of one verdict; what was settled last first."""
        with self._read(reader) as (connection, shown):

            def show(rows: Sequence[AnyRow]) -> Iterable[ClockRow]:
                beside = self._beside(connection, {row.case_id for row in rows})
                return [shown.clock(row, row, beside) for row in rows]

            query = measures.runs(shown.reader, filters, span)
            return self._paged(
                connection,
                measures.only(query, span, by=by, key=key, clock=clock, verdict=verdict),
                measures.newest,
                like=(0, 0, "", 0),
                key=lambda row: (micros(row.breached or row.ended), row.case_id, row.name, row.run),
                shown=show,
                after=after,
                limit=limit,
            )

    def cases_behind(
        self,
        reader: Actor,
        span: Span,
        *,
        definition: str,
        state: str | None = None,
        filters: Filters | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[CaseRow]:
        """The cases a `Stay` counts; without a state those of a `Reopened`."""
        with self._read(reader) as (connection, shown):
            if state is None:
                query = measures.reopened(shown.reader, filters, span, self._ends(), definition)
            else:
                query = measures.stayed(stretches.stays(shown.reader, filters, span, [(definition, state)]))
            return self._paged(
                connection,
                query,
                cases.newest,
                like=(0, 0),
                key=lambda row: (micros(row.updated), row.id),
                shown=lambda rows: self._case_rows(connection, shown, rows),
                after=after,
                limit=limit,
            )

    def _ends(self) -> set[tuple[str, str]]:
        """The end states of every version of every lifecycle."""
        return {
            (rules.name, state.name)
            for rules in self.library.versions.values()
            for state in rules.states.values()
            if state.final
        }

    def _stays(self, whole: Spent) -> Iterable[Stay]:
        for (definition, state), spent in whole.by_state().items():
            rules = self._with_state(definition, state)
            if rules is not None and limited(rules, state):
                yield Stay(
                    definition=definition,
                    state=state,
                    title=rules.states[state].title,
                    side=side(rules, state),
                    cases=len(spent.cases),
                    spent=timedelta(microseconds=spent.spent),
                )

    def _with_state(self, definition: str, state: str) -> Definition | None:
        """The newest version of a lifecycle that has a state."""
        versions = [rules for (name, _), rules in self.library.versions.items() if name == definition]
        having = [rules for rules in versions if state in rules.states]
        return max(having, key=lambda rules: rules.version, default=None)


_WAYS: Mapping[By, Callable[[Judged], int | None]] = {
    "period": lambda one: one.part,
    "clock": lambda _: None,
    "unit": lambda one: one.unit,
    "manager": lambda one: one.manager,
}
"""Ways to tell runs apart, with what of them does; a clock is its lifecycle and its name."""


def _reopened(spent: Spent) -> list[Reopened]:
    """The most first."""
    made = [Reopened(definition=name, cases=len(some)) for name, some in spent.again().items()]
    return sorted(made, key=lambda one: (-one.cases, one.definition))


def _nothing(part: int) -> Share:
    return Share(by="period", key=part, definition="", clock="", name=None, kept=0, late=0, outage=0)


def _shares(by: By, judged: Iterable[Judged], shown: Shown) -> list[Share]:
    """The largest first."""
    found: dict[tuple[str, str, int | None], Counter[str]] = {}
    for one in judged:
        key = ("", "", _WAYS[by](one)) if by != "clock" else (one.definition, one.clock, None)
        found.setdefault(key, Counter())[one.verdict] += one.count
    made = [
        Share(
            by=by,
            key=key,
            definition=definition,
            clock=clock,
            name=_name(shown, by, key),
            kept=counts["kept"],
            late=counts["late"],
            outage=counts["outage"],
        )
        for (definition, clock, key), counts in found.items()
    ]
    return sorted(made, key=lambda one: (-one.total, one.definition, one.clock, one.key or 0))


def _name(shown: Shown, by: By, key: int | None) -> Text | None:
    found = shown.unit(key) if by == "unit" else shown.person(key) if by == "manager" else None
    return found.name if found is not None else None
