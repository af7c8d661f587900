"""Clocks that stand still, and those that did: since when, for how long, and by whom or what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from workflow.core.case import Clock, Delay
from workflow.core.codec import case_from
from workflow.core.definition import effects
from workflow.core.definition.lifecycle import Definition
from workflow.core.step import Actor
from workflow.service.shown import Shown
from workflow.service.views.clocks import ClockRow
from workflow.service.views.lists import Filters
from workflow.service.waiting import Waiting
from workflow.storage.queries import history, measures
from workflow.storage.queries.measures import Span
from workflow.storage.queries.paging import AnyRow

if TYPE_CHECKING:
    from sqlalchemy import Connection

Hands = Set[tuple[int, int]]
"""Steps that are a pause by hand: case and number."""

Cause = Literal["state", "hand", "step"]
"""What let a clock stand still: the state of its case, somebody, or what a step brought along."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A clock stands still, or did. `until` None: it still does."""

    clock: ClockRow
    since: datetime
    until: datetime | None
    length: timedelta
    by: Cause


class Pauses(Waiting):
    def pauses(self, reader: Actor, *, filters: Filters | None = None) -> tuple[Pause, ...]:
        """The clocks that stand still now, the longest first."""
        with self._read(reader) as (connection, shown):
            return self._standing_still(connection, shown, filters)

    def pauses_over(self, reader: Actor, span: Span, *, filters: Filters | None = None) -> tuple[Pause, ...]:
        """The pauses that ended within the period by being let go, the longest first. A clock may have had several."""
        kinds = {(rules.name, clock) for rules in self.library.versions.values() for clock in pausing(rules)}
        with self._read(reader) as (connection, shown):
            rows = measures.stood(connection, shown.reader, filters, span, kinds)
            stood = [(row, one) for row in rows for one in _stood(_run(row)) if span.since <= one.until < span.until]
            beside = self._beside(connection, {row.case_id for row, _ in stood})
            hands = _by_hand(connection, ((row, one.step) for row, one in stood))
            found = [
                Pause(
                    clock=shown.clock(row, row, beside),
                    since=one.since,
                    until=one.until,
                    length=one.until - one.since,
                    by=_cause(row, one.step, hands),
                )
                for row, one in stood
            ]
        return tuple(sorted(found, key=lambda one: (-one.length, one.since, one.clock.case, one.clock.name)))

    def _standing_still(self, connection: Connection, shown: Shown, filters: Filters | None) -> tuple[Pause, ...]:
        rows = measures.paused(connection, shown.reader, filters)
        beside = self._beside(connection, {row.case_id for row in rows})
        runs = [(row, _run(row)) for row in rows]
        hands = _by_hand(connection, ((row, run.held) for row, run in runs))
        found, at = [], shown.reader.at
        for row, run in runs:
            since = run.paused or at
            clock, by = shown.clock(row, row, beside), _cause(row, run.held, hands)
            found.append(Pause(clock=clock, since=since, until=None, length=at - since, by=by))
        return tuple(sorted(found, key=lambda one: (one.since, one.clock.case, one.clock.name)))


def pausing(rules: Definition) -> set[str]:
    """The clocks of a lifecycle that can stand still: in a state, by hand, or by what a step brings along."""
    by_steps = {one.clock for way in rules.transitions for one in way.effects if isinstance(one, effects.Pause)}
    return by_steps | {name for name, rule in rules.clocks.items() if rule.pauses_in or rule.pausable}


def _by_hand(connection: Connection, pauses: Iterable[tuple[AnyRow, int]]) -> Hands:
    """Those of the steps that paused a clock which did nothing else."""
    return history.of_kind(connection, "pause", {(row.case_id, step) for row, step in pauses if step})


def _cause(row: AnyRow, step: int, hands: Hands) -> Cause:
    """`step`: the one that paused the clock, 0 where its state did."""
    if not step:
        return "state"
    return "hand" if (row.case_id, step) in hands else "step"


def _run(row: AnyRow) -> Clock:
    return next(one for one in case_from(row.body).clocks if (one.name, one.run) == (row.name, row.run))


def _stood(run: Clock) -> Iterator[Delay]:
    """When a run stood still and went on. A run that ends standing still keeps no trace of it but in its history."""
    return (one for one in run.delays if not one.days)
