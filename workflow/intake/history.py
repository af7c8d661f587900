"""Another system's history as our own: its rows become commands at their real moments, in the order of time.

What comes due in between happens in between, so a deadline that was missed is breached when it was missed. A run
that is stopped goes on where its last commit was; one that is done does nothing when it is started again.
"""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

from workflow.intake.mapping import Rules
from workflow.intake.plan import Columns, Event, Plan, plan
from workflow.intake.progress import Outcome, Progress, Told
from workflow.intake.report import MERGED, NOTED, REJECTED, Report
from workflow.intake.rows import Problem, Rows
from workflow.intake.table import Table
from workflow.intake.values import Clock
from workflow.service.batch import Batch
from workflow.service.door import Workflow
from workflow.storage.imports import Imported


def import_history(
    workflow: Workflow, file: Path, rules: Rules, *, report: Path, progress: Told | None = None
) -> Outcome:
    """Bring a file in. `report`: a CSV file with a line for every row that was merged, rejected, or noted.

    Raises DefinitionErrors when file and mapping do not fit, `UnitNotFound`, StorageUnavailable.
    """
    clock = Clock(rules.zone, rules.formats, latest=workflow.clock())
    work = plan(Table(file, encoding=rules.encoding, delimiter=rules.delimiter), rules, clock)
    with workflow.batch() as batch:
        done = batch.imported(rules.name)
    begun = {event.row.number for event in work.events if _is_done(event, done)}
    with Report(report, begun=begun.__contains__) as lines, workflow.batch(before=lines.settle) as batch:
        return _Run(batch, rules, clock, work, done, lines, progress).all()


def _is_done(event: Event, done: dict[str, Imported]) -> bool:
    known = done.get(event.reference)
    return known is not None and event.position < known.position


class _Run:
    """One run over a plan."""

    def __init__(
        self,
        batch: Batch,
        rules: Rules,
        clock: Clock,
        work: Plan,
        done: dict[str, Imported],
        lines: Report,
        progress: Told | None,
    ) -> None:
        self.batch, self.rules, self.plan, self.done = batch, rules, work, done
        self.lines, self.progress = lines, progress
        self.rows = Rows(batch, rules, Columns(rules), clock)
        self.outcome = Outcome(rows=work.rows)
        self._started: dict[int, tuple[bool, bool]] = {}
        """Row → whether something of it came in, and whether something did not, until its last event."""
        self._since = time.monotonic()
        self._finished = 0

    def all(self) -> Outcome:
        self._report_what_was_read()
        if self.plan.events:
            self.rows.staff.ready(self.plan, at=self.plan.events[0].at)
        for event in self.plan.events:
            if _is_done(event, self.done):
                self._skip(event)
                continue
            # What happened at a due moment itself was in time.
            self.outcome.timers += self.batch.fire_due(event.at - timedelta(microseconds=1)).timers
            self._do(event)
            if self.batch.rest():
                self._tell()
        self.batch.commit()
        self.outcome.seconds = time.monotonic() - self._since
        self._tell()
        return self.outcome

    def _report_what_was_read(self) -> None:
        for outcome, rows in ((REJECTED, self.plan.rejected), (MERGED, self.plan.merged), (NOTED, self.plan.noted)):
            for bad in rows:
                self.lines.line(bad.row, bad.case, outcome, bad.reason, bad.detail)
        self.outcome.rejected, self.outcome.merged = len(self.plan.rejected), len(self.plan.merged)

    def _skip(self, event: Event) -> None:
        event.row.left -= 1
        if event.row.left:
            self._started[event.row.number] = self.done[event.reference].case is not None, False
        else:
            self.outcome.earlier += 1

    def _do(self, event: Event) -> None:
        known = self.done.get(event.reference)
        case = known.case if known is not None else None
        problems: list[Problem] = []
        kept = 0
        if event.rules is None:
            case = self.rows.open(event, problems)
            kept = int(case is not None)
            self.outcome.cases += kept
        elif case is None:
            problems.append(Problem("not_opened"))
        else:
            kept = self.rows.apply(event, case, problems)
        self.outcome.commands += kept
        self._account(event, kept, problems)
        here = Imported(event.reference, case, event.position + 1, event.at)
        self.done[event.reference] = here
        self.batch.note(self.rules.name, here)

    def _account(self, event: Event, kept: int, problems: list[Problem]) -> None:
        """What became of a row is known after its last event."""
        row = event.row
        came_in, failed = self._started.pop(row.number, (False, False))
        came_in = came_in or kept > 0
        for problem in problems:
            outcome = NOTED if came_in else REJECTED
            self.lines.line(row.number, event.reference, outcome, problem.reason, problem.detail)
            failed = failed or not problem.note
        row.left -= 1
        if row.left:
            self._started[row.number] = came_in, failed
            return
        self._finished += 1
        if came_in:
            self.outcome.imported += 1
        elif failed:
            self.outcome.rejected += 1
        else:
            self.outcome.merged += 1
            self.lines.line(row.number, event.reference, MERGED, "nothing_new")

    def _tell(self) -> None:
        if self.progress is not None:
            o = self.outcome
            done = o.earlier + o.imported + o.merged + o.rejected
            seconds = time.monotonic() - self._since
            rate = self._finished / seconds if seconds else 0.0
            self.progress(Progress(done, o.rows, rate, (o.rows - done) / rate if rate else None))
