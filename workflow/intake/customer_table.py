"""A table of customers somebody brings in: what each row would do, row by row before anything is done; then doing it.

A row means the customer with its number, else with its credit code, else with its name in its division. An empty cell
says nothing: it changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflow.core.confidence import level_of
from workflow.core.definition.expressions import Text
from workflow.core.step import Actor
from workflow.customers import classes, divisions
from workflow.intake.customer_cells import COLUMNS, FIELDS, LANGUAGES, NEEDED, Cells, refused
from workflow.intake.customer_rows import written
from workflow.intake.sheet import Fault, Sheet, SheetUnfit, read, title
from workflow.service.door import Workflow
from workflow.service.matching import Match

ADD, UPDATE, BOTH = "add", "update", "both"
MODES = (BOTH, ADD, UPDATE)
MOST_ROWS = 20_000
NEW, CHANGED, SAME = "new", "changed", "same"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a row does. `customer`, `seq`: whom it changes, as of which step; None for a new one.

    `values`: what is set; `before`: what stands there now, of those that change.
    """

    row: int
    does: str
    customer: int | None
    seq: int | None
    name: str
    values: Mapping[str, Any]
    before: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Checked:
    sheet: Sheet
    meanings: list[Meaning]
    faults: list[Fault]

    def count(self, does: str) -> int:
        return sum(one.does == does for one in self.meanings)


def read_table(content: bytes) -> Sheet:
    """Raises `SheetUnfit`."""
    sheet = read(content, COLUMNS, needed=(), refused=refused(), typed=True, most=MOST_ROWS)
    if not sheet.heads.keys() & {"number", "name_zh", "credit_code"}:
        raise SheetUnfit("columns", NEEDED)
    return sheet


def check(workflow: Workflow, content: bytes, *, mode: str, actor: Actor) -> Checked:
    """What every row would do now, and every fault of every cell. Raises `SheetUnfit`."""
    sheet = read_table(content)
    rows = list(_cells(sheet))
    there = _There(
        workflow.matching(
            numbers=(one.number for one in rows if one.number),
            codes=(one.kept["credit_code"] for one in rows if one.kept.get("credit_code")),
            keys=(one.kept["key"] for one in rows if "key" in one.kept),
            actor=actor,
        )
    )
    rows = [_settled(one, there.numbers.get(one.number)) for one in rows]
    checking = _Checking(sheet, there, mode)
    meanings = [meaning for one in rows if (meaning := checking.meaning(one)) is not None]
    faults = [*sheet.faults, *(fault for one in rows for fault in one.faults)]
    return Checked(sheet, meanings, sorted(faults, key=lambda fault: (fault.row, _place(sheet, fault.column))))


def values_of(sheet: Sheet, rows: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    """What some rows of a table set, each without what its cells leave open, and what `_settled` left out."""
    wanted = set(rows)
    return {
        one.row: _given(one.without({fault.column for fault in one.faults}) if one.faults else one)
        for one in _cells(sheet, wanted)
    }


def _settled(cells: Cells, match: Match | None) -> Cells:
    """The row without the faulty cells that say what stands there: what was taken out comes in again as it is."""
    if not cells.faults or match is None or match.data is None:
        return cells
    data, texts = match.data, cells.texts
    standing = {
        fault.column
        for fault in cells.faults
        if fault.column and any(texts[fault.column] == written(fault.column, data, one) for one in LANGUAGES)
    }
    return cells.without(standing) if standing else cells


def _cells(sheet: Sheet, among: set[int] | None = None) -> Iterator[Cells]:
    unfit: dict[int, set[str]] = {}
    for fault in sheet.faults:
        unfit.setdefault(fault.row, set()).add(fault.column)
    for row in sheet.rows:
        if among is None or row.no in among:
            yield Cells(row, frozenset(unfit.get(row.no, ())))


def _given(cells: Cells) -> dict[str, Any]:
    return {name: cells.kept[name] for name in cells.given if name in cells.kept}


def changed(values: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """Which of a row's values are not in a record yet. A new Chinese name leaves an English one of its own alone."""
    held = {
        **data,
        "confidentiality": level_of(data),
        "industry": classes.industry(data.get("industry") or ""),
    }
    found = {name: value for name, value in values.items() if (held.get(name) or "") != value}
    if "name_zh" in found and "name_en" not in values and data.get("name_en") != data.get("name_zh"):
        found["name_en"] = data.get("name_en")
    return found


def _place(sheet: Sheet, column: str) -> int:
    return list(sheet.heads).index(column) if column in sheet.heads else -1


class _There:
    """Customers that are there, by what rows may say of them."""

    def __init__(self, matches: Sequence[Match]) -> None:
        self.numbers = {one.number: one for one in matches}
        self.codes: dict[str, list[Match]] = {}
        self.keys: dict[str, list[Match]] = {}
        for one in matches:
            if one.credit_code:
                self.codes.setdefault(one.credit_code, []).append(one)
            self.keys.setdefault(one.key, []).append(one)

    def coded(self, code: str | None) -> Match | None:
        """A head office and its branches may share a code: the head office, whose number is the lowest."""
        return min(self.codes.get(code or "", ()), key=lambda one: one.number, default=None)

    def named(self, key: str, division: str) -> Match | None:
        alike = divisions.alike(division)
        return next((one for one in self.keys.get(key, ()) if one.division in alike), None)


class _Checking:
    def __init__(self, sheet: Sheet, there: _There, mode: str) -> None:
        self.sheet, self.there, self.mode = sheet, there, mode
        self.seen: dict[tuple[str, ...], int] = {}
        self.unfit = {fault.row for fault in sheet.faults}

    def meaning(self, cells: Cells) -> Meaning | None:
        """None for a row that does nothing, for its faults or because it is not meant."""
        kept = cells.kept
        by, match = "number", self.there.numbers.get(cells.number)
        if cells.number and match is None:
            cells.wrong("number", "customer")
            return None
        if match is None and "credit_code" in kept:
            by, match = "credit_code", self.there.coded(kept["credit_code"])
        if match is None and "key" in kept and "division" in kept:
            by, match = "name_zh", self.there.named(kept["key"], kept["division"])
        meaning = self._new(cells) if match is None else self._known(cells, match, by)
        good = not cells.faults and cells.row not in self.unfit
        return meaning if good and not self._twice(cells, match) else None

    def _new(self, cells: Cells) -> Meaning | None:
        if self.mode == UPDATE:
            self._wrong(cells, "number", "not_there")
            return None
        for name in NEEDED:
            wrong = cells.unfit | {fault.column for fault in cells.faults}
            if name not in cells.given and name not in wrong:
                self._wrong(cells, name, "missing")
        values = _given(cells)
        return Meaning(cells.row, NEW, None, None, str(values.get("name_zh", "")), values, {})

    def _known(self, cells: Cells, match: Match, by: str) -> Meaning | None:
        if self.mode == ADD or (match.data is None and by != "number"):
            self._wrong(cells, by, "held", **_held(match))
            return None
        if match.data is None:
            cells.wrong("number", "customer")
            return None
        kept, data = cells.kept, match.data
        if kept.get("division", match.division) not in divisions.alike(match.division):
            cells.wrong("division", "fixed")
        values = changed({n: v for n, v in _given(cells).items() if n != "division"}, data)
        if "credit_code" in values:
            self._taken(cells, "credit_code", self.there.coded(values["credit_code"]), match)
        if "name_zh" in values:
            self._taken(cells, "name_zh", self.there.named(kept["key"], match.division), match)
        before = {name: data.get(name) for name in values}
        does = CHANGED if values else SAME
        return Meaning(cells.row, does, match.id, match.seq, str(data["name_zh"]), values, before)

    def _taken(self, cells: Cells, column: str, other: Match | None, mine: Match) -> None:
        if other is not None and other.id != mine.id and other.number[:11] != mine.number[:11]:
            cells.wrong(column, "held", **_held(other))

    def _twice(self, cells: Cells, match: Match | None) -> bool:
        """Whether a row above says the same customer, by what it is or will be found by."""
        kept = cells.kept
        said: list[tuple[str, tuple[str, ...]]] = []
        if match is not None:
            said.append(("number", ("customer", str(match.id))))
        if kept.get("credit_code") and not (match and match.credit_code == kept["credit_code"]):
            said.append(("credit_code", ("credit_code", kept["credit_code"])))
        division = kept.get("division") or (match.division if match else None)
        if "key" in kept and division and not (match and match.key == kept["key"]):
            said.append(("name_zh", ("name_zh", kept["key"], *sorted(divisions.alike(division)))))
        for column, sign in said:
            if sign in self.seen:
                self._wrong(cells, column, "twice", row=self.seen[sign])
                return True
        self.seen.update((sign, cells.row) for _, sign in said)
        return False

    def _wrong(self, cells: Cells, column: str, code: str, **facts: Any) -> None:
        """At its cell, or where the table has no such column at the row."""
        if column in self.sheet.heads:
            cells.wrong(column, code, **facts)
            return
        titles = {language: title(language, column) for language in LANGUAGES}
        cells.wrong("", f"{code}_column" if code == "missing" else code, **facts, title=titles)


def _held(match: Match) -> dict[str, Any]:
    """Who has a customer, as much of it as the reader may know."""
    one = match.holding
    facts: dict[str, Any] = {"number": one.number}
    if one.unit is not None:
        facts["unit"] = _both(one.unit.name)
    if one.holder is not None:
        facts["holder"] = _both(one.holder.name)
    return facts


def _both(name: Text) -> dict[str, str]:
    return {"zh": name.zh, "en": name.en}


def counted(checked: Checked) -> dict[str, int]:
    """How many cells of each field would change."""
    found = Counter(name for one in checked.meanings if one.does == CHANGED for name in one.values)
    return {name: found[name] for name in FIELDS if found[name]}
