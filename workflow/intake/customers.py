"""A list of customers as records of ours: numbered by division, each once, whatever stands in the list."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from workflow.core.errors import BatonError, CustomerKnown, FormInvalid, UnitNotFound
from workflow.core.forms import UNFIT
from workflow.core.step import SYSTEM
from workflow.customers.names import normalised
from workflow.intake.customer_rules import CustomerRules
from workflow.intake.divisions import Divisions
from workflow.intake.plan import unfit
from workflow.intake.progress import Outcome, Progress, Told
from workflow.intake.report import MERGED, NOTED, REJECTED, Report
from workflow.intake.rows import fields_of
from workflow.intake.table import Bad, Record, Table
from workflow.intake.values import Clock, Unusable, Value
from workflow.service.batch import Batch
from workflow.service.door import Workflow
from workflow.storage.errors import StorageError
from workflow.storage.imports import Imported


def import_customers(
    workflow: Workflow,
    file: Path,
    rules: CustomerRules,
    *,
    report: Path,
    divisions: Divisions | None = None,
    progress: Told | None = None,
) -> Outcome:
    """Register the customers of a file. A customer that is there already is merged with it, and reported.

    Raises DefinitionErrors when file and mapping do not fit, `UnitNotFound`, StorageUnavailable.
    """
    table = Table(file, encoding=rules.encoding, delimiter=rules.delimiter)
    rules.check_columns(table.columns)
    records = list(table.rows())
    with workflow.batch() as batch:
        done = batch.imported(rules.name)
    key = table.columns.index(rules.key)
    begun = {r.row for r in records if isinstance(r, Record) and r.cells[key].strip() in done}
    with Report(report, begun=begun.__contains__) as lines, workflow.batch(before=lines.settle) as batch:
        return _Run(batch, rules, table, divisions or Divisions({}), done, lines).all(records, progress)


class _Run:
    def __init__(
        self,
        batch: Batch,
        rules: CustomerRules,
        table: Table,
        divisions: Divisions,
        done: dict[str, Imported],
        lines: Report,
    ) -> None:
        self.batch, self.rules, self.divisions, self.done, self.lines = batch, rules, divisions, done, lines
        self.at = batch.clock()
        self.unit = None if rules.unit is None else batch.unit_of(rules.unit)
        if self.unit is None and rules.unit is not None:
            raise UnitNotFound(unit=rules.unit)
        self._places = {column: table.columns.index(column) for column in rules.columns()}
        self._clock = Clock(ZoneInfo("UTC"), {}, latest=datetime.max.replace(tzinfo=UTC))
        self._names: dict[str, int] = {}
        self._seen: dict[str, int] = {}

    def all(self, records: list[Record | Bad], progress: Told | None) -> Outcome:
        outcome = Outcome(rows=len(records))
        since = time.monotonic()
        for number, record in enumerate(records, start=1):
            self._one(record, outcome)
            if self.batch.rest() or number == len(records):
                rate = number / max(time.monotonic() - since, 0.001)
                if progress is not None:
                    progress(Progress(number, len(records), rate, (len(records) - number) / rate))
        self.batch.commit()
        outcome.seconds = time.monotonic() - since
        return outcome

    def _one(self, record: Record | Bad, outcome: Outcome) -> None:
        if isinstance(record, Bad):
            outcome.rejected += 1
            self.lines.line(record.row, record.case, REJECTED, record.reason, record.detail)
            return
        key = ""
        try:
            cells = self._cells(record)
            key = cells[self.rules.key]
            earlier = self.done.get(key)
            if key in self._seen:
                outcome.merged += 1
                self.lines.line(record.row, key, MERGED, "doubled", f"row {self._seen[key]}")
            elif earlier is not None:
                outcome.earlier += 1
            else:
                self._register(record, cells, outcome)
            self._seen.setdefault(key, record.row)
        except StorageError:
            raise
        except Unusable as fault:
            outcome.rejected += 1
            self.lines.line(record.row, key, REJECTED, fault.reason, fault.column)
        except BatonError as refused:
            outcome.rejected += 1
            detail = fields_of(refused) if isinstance(refused, FormInvalid) else ""
            self.lines.line(record.row, key, REJECTED, refused.code, detail)

    def _register(self, record: Record, cells: dict[str, str], outcome: Outcome) -> None:
        key = cells[self.rules.key]
        values = {name: found for name, v in self.rules.record.items() if (found := self._made(v, cells)) is not None}
        values |= {"division": self._division(cells), "unit": self.unit}
        number = self._made(self.rules.number, cells)
        same = normalised(str(values.get("name_zh") or ""))
        try:
            customer = self.batch.register_customer(values, actor=SYSTEM, number=number, at=self.at)
            outcome.imported += 1
            outcome.cases += 1
            if same in self._names:
                self.lines.line(record.row, key, NOTED, "same_name", f"row {self._names[same]}")
            self._names.setdefault(same, record.row)
        except CustomerKnown as known:
            found = self.batch.customer_of(number=str(known.facts["number"]))
            if found is None:
                raise
            customer = found
            outcome.merged += 1
            self.lines.line(record.row, key, MERGED, "known", f"{known.facts['by']} {known.facts['number']}")
        self.batch.note(self.rules.name, Imported(key, customer, 1, self.at))

    def _cells(self, record: Record) -> dict[str, str]:
        """The cells it needs, by column. Raises `Unusable`."""
        found = {column: record.cells[place].strip() for column, place in self._places.items()}
        for column, cell in found.items():
            if UNFIT.search(cell):
                raise Unusable(unfit(cell), column)
            if cell in self.rules.empty:
                found[column] = ""
        if not found[self.rules.key]:
            raise Unusable("missing", self.rules.key)
        return found

    def _division(self, cells: dict[str, str]) -> str:
        if self.rules.code is not None:
            return self._made(self.rules.code, cells) or ""
        province = self._made(self.rules.province, cells) or ""
        found = self.divisions.code(province, self._made(self.rules.place, cells) or "")
        if found is None:
            raise Unusable("division", ", ".join(self.rules.province.columns() if self.rules.province else []))
        return found

    def _made(self, value: Value | None, cells: dict[str, str]) -> Any:
        return None if value is None else value.of(cells.__getitem__, self._clock)
