"""How a due time came about, for whoever may see the case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from workflow.core import roles
from workflow.core.calendar import Calendar
from workflow.core.case import Case, Clock, Delay
from workflow.core.codec import case_from
from workflow.core.deadline import counts_in
from workflow.core.definition.clocks import ClockRule
from workflow.core.definition.targets import target_from
from workflow.core.derivation import Line, Move, Standing, explain, standing
from workflow.core.errors import ClockNotFound
from workflow.core.step import Actor
from workflow.core.world import World
from workflow.service.case_reads import CaseReads
from workflow.service.shown import Shown
from workflow.service.views.clocks import ClockRow
from workflow.service.views.names import Masked, PersonName
from workflow.service.views.steps import StepRow
from workflow.storage import calendars
from workflow.storage.queries import cases, history

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseRow:
    """A time in which a clock stood still; `until` None: it does. `who` None: its state let it."""

    since: datetime
    until: datetime | None
    who: PersonName | None
    reason: str | Masked | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A clock with what its due moment comes from. `at`: the moment `standing` is told of.

    `may_pause`, `may_resume`: whether the reader may do so now; `asks_reason`: whether a reason is needed.
    """

    row: ClockRow
    calendar: Calendar
    lines: tuple[Line, ...]
    standing: Standing
    at: datetime
    pauses: tuple[PauseRow, ...]
    may_pause: bool
    may_resume: bool
    asks_reason: bool


class ClockReads(CaseReads):
    def explain(self, case: int, clock: str, reader: Actor, *, run: int | None = None) -> Derived:
        """The derivation of a clock's due moment, of its latest run unless told. Raises CaseNotFound, ClockNotFound."""
        with self._read(reader) as (connection, shown):
            row = self._seen(connection, shown, case)
            found = case_from(row.body)
            mine = [one for one in found.clocks if one.name == clock and run in (None, one.run)]
            rules = None if found.kind != "case" else self.library.get(found.definition, found.version)
            rule = None if rules is None else rules.clocks.get(clock)
            if not mine or rules is None or rule is None:
                raise ClockNotFound(case=found.number, clock=clock)
            one, world = mine[-1], self._world(connection, shown, found)
            counted, working = self._as_counted(connection, world, rule, one)
            target = target_from(one.target)
            moves: list[Move] = [delay.days or (delay.since, delay.until) for delay in one.delays]
            at = one.ended or shown.reader.at
            stood = [*moves, (one.paused, at)] if one.paused is not None and one.paused < at else moves
            inside = counts_in(target, counted, working)
            beside = self._beside(connection, [case])
            listed = next(r for r in cases.clocks_of(connection, case) if (r.name, r.run) == (one.name, one.run))
            by = () if rule.pausable is None else rule.pausable.by
            allowed = reader.principal in roles.resolve_all(by, rules, found, world, at=shown.reader.at)
            return Derived(
                row=shown.clock(listed, row, beside),
                calendar=working,
                lines=explain(one.started, target, moves, counted, working),
                standing=standing(one.started, one.seconds, stood, at=at, calendar=inside, working=working),
                at=at,
                pauses=self._pauses(connection, shown, found, one),
                may_pause=allowed and one.status == "running",
                may_resume=allowed and bool(one.held),
                asks_reason=rule.pausable is not None and rule.pausable.reason,
            )

    def _as_counted(
        self, connection: Connection, world: World, rule: ClockRule, clock: Clock
    ) -> tuple[Calendar | None, Calendar]:
        """The calendar of the rule (None: natural time) and the working one, in the versions it was counted in."""
        working = world.working if clock.calendar == "natural" else world.calendars[clock.calendar]
        if clock.version and clock.version != working.version:
            working = calendars.version(connection, working.name, clock.version) or working
        return (None if rule.calendar == "natural" else working), working

    def _pauses(self, connection: Connection, shown: Shown, case: Case, clock: Clock) -> tuple[PauseRow, ...]:
        delays = [delay for delay in clock.delays if not delay.days]
        steps = {delay.step for delay in delays} | {clock.held}
        vault = cases.secrets(connection, case.id) if shown.involved(case) else None
        stored = history.rows(connection, case.id) if steps - {0} else []
        known = {row.seq: shown.step(row, vault) for row in stored if row.seq in steps}
        rows = [pause_of(delay, known.get(delay.step)) for delay in delays]
        if clock.paused is not None:
            going_on = Delay(since=clock.paused, until=clock.paused, step=clock.held)
            rows.append(pause_of(going_on, known.get(clock.held), over=False))
        return tuple(rows)


def pause_of(delay: Delay, step: StepRow | None, *, over: bool = True) -> PauseRow:
    return PauseRow(
        since=delay.since,
        until=delay.until if over else None,
        who=step.actor if step is not None else None,
        reason=step.form.get("reason") if step is not None else None,
    )
