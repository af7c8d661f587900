"""A table of what is planned for a year: a row a person or a unit. What it says of people's pay is personal, so the
file is never kept: it is checked, shown, and entered as if it were typed.

An empty cell changes nothing; what was said before stays where the table says nothing of it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from workflow.audit.exports.table import Cell, Heading, Kind
from workflow.core.plans import COUNTED, PLANS, Bounds
from workflow.intake.sheet import Fault, Row, Sheet, read, title
from workflow.service.plans import Of
from workflow.service.scores import Plannable

MOST_ROWS = 5_000
KEYS: Mapping[Of, str] = {"person": "plan_login", "unit": "plan_code"}
"""The column that says of whom a row is."""

NAME = "plan_name"
_SIGNS = str.maketrans("", "", ",，¥￥元% ")


@dataclass(frozen=True, slots=True)
class Change:
    """What a row would say anew of a person or a unit, by `id`: cents and hundredths, as `before`."""

    row: int
    one: Plannable
    values: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Checked:
    sheet: Sheet
    changes: list[Change]
    faults: list[Fault]
    same: int


def bounds(of: Of) -> Bounds:
    return PLANS[f"plan_{of}"][2]


def columns(of: Of) -> list[str]:
    return [KEYS[of], NAME, *(f"plan_{name}" for name in bounds(of))]


def check(content: bytes, of: Of, known: Sequence[Plannable]) -> Checked:
    """What a table would change of those somebody plans for. Raises `SheetUnfit`."""
    sheet = read(content, columns(of), needed=(KEYS[of],), typed=True, most=MOST_ROWS)
    by_code = {one.code.casefold(): one for one in known}
    faults = list(sheet.faults)
    unfit = {(fault.row, fault.column) for fault in faults}
    changes: list[Change] = []
    seen: dict[int, int] = {}
    same = 0
    for row in sheet.rows:
        found = by_code.get(row.cells[KEYS[of]].casefold())
        wrong = list(_wrong_row(row, of, found, seen))
        values, more = _values(row, of)
        wrong += [fault for fault in more if (fault.row, fault.column) not in unfit]
        faults += wrong
        if wrong or found is None or any(place == row.no for place, _ in unfit):
            continue
        new = {name: value for name, value in values.items() if found.plan.values.get(name) != value}
        changes += [Change(row.no, found, new)] if new else []
        same += not new
    return Checked(sheet, changes, sorted(faults, key=lambda fault: fault.row), same)


def rows(of: Of, known: Iterable[Plannable], language: str) -> Iterator[Sequence[Cell]]:
    """What is said by now, as the table has it, of whom something is to be said."""
    for one in known:
        if one.expected:
            yield [one.code, one.name[language], *(written(name, one.plan.values.get(name)) for name in bounds(of))]


def headings(of: Of, language: str) -> list[Heading]:
    kinds: dict[str, Kind] = {f"plan_{name}": "number" if name in COUNTED else "money" for name in bounds(of)}
    return [Heading(title(language, column), kinds.get(column, "text")) for column in columns(of)]


def written(name: str, value: int | None) -> Cell:
    """As people write it."""
    if value is None:
        return None
    return value if name in COUNTED else Decimal(value).scaleb(-2)


def _wrong_row(row: Row, of: Of, found: Plannable | None, seen: dict[int, int]) -> Iterator[Fault]:
    if not row.cells[KEYS[of]]:
        yield Fault(row.no, KEYS[of], "missing")
    elif found is None:
        yield Fault(row.no, KEYS[of], "not_planned_for")
    elif found.id in seen:
        yield Fault(row.no, KEYS[of], "twice", {"row": seen[found.id]})
    else:
        seen[found.id] = row.no


def _values(row: Row, of: Of) -> tuple[dict[str, int], list[Fault]]:
    values: dict[str, int] = {}
    faults: list[Fault] = []
    for name, (least, most) in bounds(of).items():
        column = f"plan_{name}"
        text = unicodedata.normalize("NFKC", row.cells.get(column, "")).translate(_SIGNS)
        if not text:
            continue
        value = _whole(name, text)
        if value is None:
            faults.append(Fault(row.no, column, "not_a_figure" if name not in COUNTED else "not_a_count"))
        elif not least <= value <= most:
            facts = {"least": str(written(name, least)), "most": str(written(name, most))}
            faults.append(Fault(row.no, column, "out_of_bounds", facts))
        else:
            values[name] = value
    return values, faults


def _whole(name: str, text: str) -> int | None:
    """In hundredths, or as counted; None for what is no number, or has more places than it may."""
    try:
        exact = Decimal(text) * (1 if name in COUNTED else 100)
    except InvalidOperation:
        return None
    if not exact.is_finite() or abs(exact) > 10**15:
        return None
    whole = exact.to_integral_value()
    # Excel stores 0.07 + 0.01 as 0.08000000000000002, and means 0.08.
    near = len(text.partition(".")[2]) > 8 and abs(exact - whole) < Decimal("0.000001")
    return int(whole) if exact == whole or near else None
