"""The report of a period, gathered in one reading: for auditors, as far as they may see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from workflow.audit.exports.export import Made, digest, written
from workflow.audit.exports.wording import Wording
from workflow.audit.report import checks, notes, work
from workflow.audit.report.paper import Paper, Part, Period, Words
from workflow.core.errors import NotPermitted, PeriodUnfit, UnitNotFound
from workflow.core.moments import micros
from workflow.core.step import SYSTEM, Actor
from workflow.service.door import Workflow
from workflow.service.reading import Reading
from workflow.service.shown import Shown
from workflow.service.views.clocks import ClockRow, EscalationRow
from workflow.service.views.lists import Page
from workflow.storage.queries import audited, findings, history
from workflow.storage.queries.audited import Over

if TYPE_CHECKING:
    from sqlalchemy import Connection

ENDINGS = {"pdf": "pdf", "xlsx": "xlsx"}
ATTEMPT = "audit_report"


class ReportDesk(Reading):
    """Beside the door: reads, and notes what was taken out. `home`: the address of the pages, for links on paper."""

    def __init__(self, door: Workflow, *, home: str = "") -> None:
        super().__init__(door.database, door.library, clock=door.clock)
        self.directories = door.directories
        self.door = door
        self.home = home

    def paper(self, period: Period, reader: Actor, *, language: str, zone: tzinfo) -> Paper:
        """Raises `PeriodUnfit`, `UnitNotFound`, `NotPermitted` for everybody but auditors."""
        with self._auditing(reader) as (connection, shown):
            directory = shown.reader.directory
            unit = directory.unit(period.unit) if period.unit is not None else None
            if period.unit is not None and unit is None:
                raise UnitNotFound(unit=period.unit)
            if period.since > period.until:
                raise PeriodUnfit()
            wording = Wording(self.library, directory, language, zone)
            words, over = Words(wording), period.over(zone)
            parts = self._parts(connection, shown, period, over, words, reader)
        days = words("period_to", **period.days)
        by = directory.person(reader.person)
        facts = [
            (words("period"), days),
            (words("unit"), wording.name(unit) or words("every_unit")),
            (words("made_by"), wording.name(by) or words("system")),
            (words("made_at"), f"{self.clock().astimezone(zone):%Y-%m-%d %H:%M}"),
            (words("zone"), str(zone)),
        ]
        title, lead = words("title"), words("lead")
        return Paper(language=language, title=title, period=days, lead=lead, facts=facts, parts=parts, zone=zone)

    def write(
        self, period: Period, reader: Actor, path: Path, *, form: Literal["pdf", "xlsx"], language: str, zone: tzinfo
    ) -> Made:
        """Write it as a file, whole or not at all, and keep who took it. Raises as `paper`, OSError."""
        from workflow.audit.report import book, pdf

        paper = self.paper(period, reader, language=language, zone=zone)
        with written(path) as beside:
            if form == "pdf":
                beside.write_bytes(pdf.pdf(paper, home=self.home))
            else:
                book.write(paper, beside, home=self.home)
            made = Made(cases=0, rows=sum(len(part.rows) for part in paper.parts), sha256=digest(beside))
            self._note(f"export.report.{form}", period, reader, language=language, sha256=made.sha256)
        return made

    def shown(self, period: Period, reader: Actor, *, language: str, zone: tzinfo) -> Paper:
        """As a page; that it was read is kept as well. Raises as `paper`."""
        paper = self.paper(period, reader, language=language, zone=zone)
        self._note("export.report.page", period, reader, language=language)
        return paper

    def late(
        self, period: Period, reader: Actor, *, zone: tzinfo, after: str | None = None, limit: int = 50
    ) -> Page[ClockRow]:
        """The clocks that ran out in the period, the first first. Raises as `paper`."""
        with self._auditing(reader) as (connection, shown):

            def show(rows: Any) -> list[ClockRow]:
                beside = self._beside(connection, {row.case_id for row in rows})
                return [shown.clock(row, row, beside) for row in rows]

            return self._paged(
                connection,
                audited.breached(shown.reader, period.over(zone)),
                audited.breached_page,
                like=(0, 0, "", 0),
                key=lambda row: (micros(row.breached), row.case_id, row.name, row.run),
                shown=show,
                after=after,
                limit=limit,
            )

    def nearest(self, at: datetime, reader: Actor) -> tuple[datetime | None, datetime | None]:
        """When a clock ran out last by a moment and next after it, of what the reader may see; None: never."""
        with self._read(reader) as (connection, shown):
            return audited.nearest(connection, shown.reader, at)

    def raised(
        self, period: Period, reader: Actor, *, zone: tzinfo, after: str | None = None, limit: int = 50
    ) -> Page[EscalationRow]:
        """The escalations raised in the period, the first first. Raises as `paper`."""
        with self._auditing(reader) as (connection, shown):
            return self._paged(
                connection,
                audited.handed_up(shown.reader, period.over(zone)),
                audited.handed_up_page,
                like=(0, 0, 0),
                key=lambda row: (micros(row.raised), row.case_id, row.no),
                shown=lambda rows: shown.escalations(
                    rows, None, history.of_cases(connection, (r.case_id for r in rows))
                ),
                after=after,
                limit=limit,
            )

    def _parts(
        self, connection: Connection, shown: Shown, period: Period, over: Over, words: Words, reader: Actor
    ) -> list[Part]:
        raised = self.door.findings(reader)
        about = {one.case for one in raised if one.case is not None}
        mine = None if over.unit is None else findings.of_units(
            connection, about, shown.reader.directory.below(over.unit)
        )  # fmt: skip
        return [
            checks.proof(connection, over, words),
            checks.replay(connection, shown, over, words),
            checks.controls(connection, shown, over, words),
            notes.findings(raised, over, words, of=mine),
            notes.samples(self.door.samples(reader), over, words),
            notes.sign_offs(self.door.sign_offs(reader), period, words),
            work.work(connection, shown, over, words),
            work.late(connection, shown, period, over, words),
            work.raised(connection, shown, period, over, words),
            work.outages(connection, over, words),
            work.refusals(connection, shown, period, over, words),
            work.readings(connection, shown, period, over, words),
            work.changes(connection, shown, over, words),
        ]

    @contextmanager
    def _auditing(self, reader: Actor) -> Iterator[tuple[Connection, Shown]]:
        """A reading unit for auditors; who is none is refused, on record."""
        with self._refusing(reader, None, ATTEMPT, self.clock()), self._read(reader) as (connection, shown):
            if reader is not SYSTEM and not shown.reader.audits:
                raise NotPermitted(action=ATTEMPT)
            yield connection, shown

    def _note(self, kind: str, period: Period, reader: Actor, **more: str) -> None:
        detail = {**period.days, "unit": period.unit, **more}
        self.door.note_read(kind, reader, detail=detail)
