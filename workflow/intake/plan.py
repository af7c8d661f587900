"""The order in which an older system's rows happened: read whole and checked, before anything is done.

Within a case the old system's own order holds, where it has one; over all cases, time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from sys import intern

from workflow.core.forms import UNFIT
from workflow.intake.mapping import RowRule, Rules
from workflow.intake.table import Bad, Record, Table
from workflow.intake.values import Cells, Clock, Unusable

MOST_REFERENCE = 100


@dataclass(slots=True)
class Row:
    """A usable row. `cells`: of the columns the mapping uses; `moments`: of its `Columns.moments`, None where empty.

    `before`: the case's row before this one; `left`: how many of its events are still to be done.
    """

    number: int
    cells: tuple[str, ...]
    moments: tuple[datetime | None, ...]
    at: datetime
    order: int
    before: Row | None = None
    left: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """Something to do at a moment. `position`: its place in its case, from 0. `rules` None: open the case."""

    at: datetime
    reference: str
    position: int
    row: Row
    rules: tuple[RowRule, ...] | None


@dataclass(slots=True)
class Plan:
    """`events` in the order to do them; `rows`: how many the file has; the rest: rows to report, and why."""

    events: list[Event] = field(default_factory=list)
    rows: int = 0
    rejected: list[Bad] = field(default_factory=list)
    merged: list[Bad] = field(default_factory=list)
    noted: list[Bad] = field(default_factory=list)


class Columns:
    """The columns a mapping uses, by their place in `Row.cells` and `Row.moments`."""

    def __init__(self, rules: Rules) -> None:
        self.names = rules.columns()
        self.places = {column: place for place, column in enumerate(self.names)}
        self.moments = list(dict.fromkeys([rules.at, rules.open_at, *(rule.at for rule in rules.rules)]))

    def of(self, row: Row) -> Cells:
        """Looks a row's cells up by column."""
        return lambda column: row.cells[self.places[column]]


def plan(table: Table, rules: Rules, clock: Clock) -> Plan:
    """Everything the file asks for. Raises DefinitionErrors when a column is missing."""
    rules.check_columns(table.columns)
    columns = Columns(rules)
    found = Plan()
    cases: dict[str, list[Row]] = {}
    reader = _Reader(table, rules, columns, clock)
    for record in table.rows():
        found.rows += 1
        if isinstance(record, Bad):
            found.rejected.append(record)
            continue
        try:
            reference, row = reader.row(record)
        except Unusable as fault:
            found.rejected.append(Bad(record.row, fault.reason, fault.column, reader.case_of(record)))
        else:
            cases.setdefault(reference, []).append(row)
    groups = _by_moment(rules, columns)
    for reference, rows in cases.items():
        found.events.extend(_of_case(reference, rows, rules, columns, groups, found))
    # Stable: events of one moment stay in the order of their cases in the file, and of their places in the case.
    found.events.sort(key=lambda event: event.at)
    return found


class _Reader:
    """Turns records into rows."""

    def __init__(self, table: Table, rules: Rules, columns: Columns, clock: Clock) -> None:
        self.rules, self.columns, self.clock = rules, columns, clock
        self._from = [table.columns.index(column) for column in columns.names]
        self._needed = {rules.case, rules.at, *([rules.order] if rules.order else [])}

    def case_of(self, record: Record) -> str:
        """The case of a row that cannot be used, as far as it may be shown."""
        found = record.cells[self._from[0]].strip()
        return found if len(found) <= MOST_REFERENCE and not UNFIT.search(found) else ""

    def row(self, record: Record) -> tuple[str, Row]:
        """The row and its case. Raises `Unusable`."""
        cells = [record.cells[place].strip() for place in self._from]
        for place, column in enumerate(self.columns.names):
            if UNFIT.search(cells[place]):
                raise Unusable(unfit(cells[place]), column)
            if cells[place] in self.rules.empty:
                cells[place] = ""
            if not cells[place] and column in self._needed:
                raise Unusable("missing", column)
        look = dict(zip(self.columns.names, cells, strict=True))
        if len(look[self.rules.case]) > MOST_REFERENCE:
            raise Unusable("too_long", self.rules.case)
        for column, values in self.rules.known.items():
            if look[column] not in values:
                raise Unusable("unknown_value", column)
        moments = tuple(self.clock.moment(column, look[column]) for column in self.columns.moments)
        at = moments[0]
        if at is None:
            raise Unusable("missing", self.rules.at)
        return intern(look[self.rules.case]), Row(
            number=record.row, cells=tuple(map(intern, cells)), moments=moments, at=at, order=self._order(look)
        )

    def _order(self, look: dict[str, str]) -> int:
        if self.rules.order is None:
            return 0
        text = look[self.rules.order]
        if not (text.isascii() and text.isdigit() and len(text) < 16):
            raise Unusable("order", self.rules.order)
        return int(text)


def unfit(cell: str) -> str:
    """The code of what is wrong with a cell that cannot be kept."""
    if any("\ud800" <= letter <= "\udfff" for letter in cell):
        return "encoding"
    return "null_byte" if "\0" in cell else "control"


Group = tuple[int, tuple[RowRule, ...]]


def _by_moment(rules: Rules, columns: Columns) -> list[Group]:
    """The rules that take effect at each moment, by its place. Where there are none, a row still happens once."""
    groups: dict[int, tuple[RowRule, ...]] = {}
    for rule in rules.rules:
        place = columns.moments.index(rule.at)
        groups[place] = (*groups.get(place, ()), rule)
    return list(groups.items()) or [(0, ())]


def _of_case(
    reference: str, rows: list[Row], rules: Rules, columns: Columns, groups: Sequence[Group], found: Plan
) -> list[Event]:
    """The events of one case, in its order, at moments that never fall."""
    rows.sort(key=(lambda row: row.order) if rules.order else (lambda row: row.at))
    rows = _without_doubles(reference, rows, rules, found)
    first = rows[0]
    opened = first.moments[columns.moments.index(rules.open_at)] or first.at
    first.left = 1
    events = [Event(opened, reference, 0, first, None)]
    latest, before = opened, None
    for row in rows:
        row.before = before
        if before is not None and row.at < before.at:
            found.noted.append(Bad(row.number, "out_of_order", rules.at, reference))
        elif row.at < opened:
            found.noted.append(Bad(row.number, "before_opening", rules.at, reference))
        happening = [(at, group) for place, group in groups if (at := row.moments[place]) is not None]
        for at, group in sorted(happening, key=lambda one: one[0]):
            latest = max(latest, at)
            events.append(Event(latest, reference, len(events), row, group))
        row.left += len(happening)
        before = row
    return events


def _without_doubles(reference: str, rows: list[Row], rules: Rules, found: Plan) -> list[Row]:
    """A row that says the same as the one before is merged; two that share a place and differ are both kept."""
    kept: list[Row] = []
    for row in rows:
        last = kept[-1] if kept else None
        if last is not None and last.cells == row.cells:
            found.merged.append(Bad(row.number, "doubled", "", reference))
            continue
        if last is not None and rules.order and last.order == row.order:
            found.noted.append(Bad(row.number, "doubled", rules.order, reference))
        kept.append(row)
    return kept
