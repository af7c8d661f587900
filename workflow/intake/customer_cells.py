"""The columns of a table of customers, and what stands in a row's cells.

Who has a customer stands in none: owners change by lifecycles only. Nor do its people, which are personal: the file is
kept as it came, and what is personal in it could not be erased.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from workflow.core.confidence import LEVELS
from workflow.core.errors import FormInvalid, NumberInvalid
from workflow.customers import classes, record
from workflow.customers.number import parse
from workflow.intake.sheet import SECTION, Fault, Row, folded, title
from workflow.messages.catalogue import find

CHOICES: Mapping[str, tuple[str, ...]] = {
    **classes.CLASSES,
    "credit_rating": classes.CREDIT_RATINGS,
    "confidentiality": LEVELS,
}
TEXTS = ("name_zh", "name_en", "division", "credit_code", "industry", "address")
FIELDS = (*TEXTS, *CHOICES)
COLUMNS = ("number", *FIELDS)
NEEDED = ("name_zh", "division")
"""Of a new customer."""

LANGUAGES = ("zh", "en")
REFUSED = ("a", "b", "lead", "unit", "stage", "until", "tier", "contacts")
NAMED = {"division": "no_division"}
"""What is wrong, where it is called as a column is."""

_NUMERAL = re.compile(r"\d+\.0|\d(\.\d+)?[Ee]\+?\d{1,2}")


@cache
def refused() -> frozenset[str]:
    """Titles, folded, of the columns that are not brought in."""
    said = (find(language, SECTION, f"refused_{name}") or "" for language in LANGUAGES for name in REFUSED)
    return frozenset([*(folded(one) for words in said for one in words.split("|")), *map(folded, REFUSED)])


def word(language: str, name: str, value: str) -> str:
    """What a choice is called."""
    return find(language, SECTION, f"{name}_{value}") or value


@cache
def _words(name: str) -> Mapping[str, str]:
    told = {folded(word(language, name, value)): value for language in LANGUAGES for value in CHOICES[name]}
    return told | {folded(value): value for value in CHOICES[name]}


class Cells:
    """What a row says: `given`, only where a cell says something; `kept`, as the record would keep it.

    `number`: 14 digits, "" where there is none; `faults`: what cannot be used.
    """

    def __init__(self, row: Row, unfit: frozenset[str]) -> None:
        self.row, self.unfit, self.texts = row.no, unfit, row.cells
        self.faults: list[Fault] = []
        self.number = ""
        self.given: dict[str, str] = {}
        self.kept: dict[str, Any] = {}
        if text := row.cells.get("number", ""):
            self._numbered(_whole(text))
        for name in FIELDS:
            if name not in unfit and (text := row.cells.get(name, "")):
                self._read(name, text)
        self._check()
        self.faults = [fault for fault in self.faults if fault.column not in unfit]

    def without(self, columns: Collection[str]) -> Cells:
        """What the row says with some of its cells left empty."""
        left = {column: "" if column in columns else text for column, text in self.texts.items()}
        return Cells(Row(self.row, left), self.unfit)

    def wrong(self, column: str, code: str, **facts: Any) -> None:
        self.faults.append(Fault(self.row, column, code, facts))

    def _numbered(self, text: str) -> None:
        try:
            self.number = str(parse(text))
        except NumberInvalid:
            self.wrong("number", "not_a_number")

    def _read(self, name: str, text: str) -> None:
        if name in CHOICES:
            self.given[name] = _words(name).get(folded(text), text)
        elif name in ("division", "credit_code"):
            self.given[name] = unicodedata.normalize("NFKC", _whole(text)).strip()
        elif not any(character.isalpha() for character in text):
            # A date or an amount that slipped into another column is a number to Excel.
            self.wrong(name, "no_letters")
        else:
            self.given[name] = text

    def _check(self) -> None:
        try:
            self.kept = record.fit(self.given, partial=True)
        except FormInvalid as invalid:
            fields: Any = invalid.facts["fields"]
            for name, codes in fields.items():
                code, facts = codes[0]
                self.wrong(name, NAMED.get(code, code), **self._facts(name, code, facts))

    def _facts(self, name: str, code: str, facts: Mapping[str, Any]) -> dict[str, Any]:
        if code == "choice":
            return {"options": {language: _listed(language, name) for language in LANGUAGES}}
        if code == "credit":
            return {"why": {language: find(language, "number", str(facts["why"])) or "" for language in LANGUAGES}}
        return dict(facts)


def _listed(language: str, name: str) -> str:
    return ("、" if language == "zh" else ", ").join(word(language, name, value) for value in CHOICES[name])


def _whole(text: str) -> str:
    """Digits that Excel keeps as a number, written out again; a number of more than 15 it has spoilt already."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return f"{float(plain):.0f}" if _NUMERAL.fullmatch(plain) and float(plain) < 10**15 else plain


def explained(language: str) -> list[str]:
    """A line for each column: what goes there, and from what it is chosen."""
    lines = [find(language, SECTION, "customers_how") or ""]
    for name in COLUMNS:
        facts = {"options": _listed(language, name) if name in CHOICES else None}
        said = find(language, SECTION, f"about_{name}", facts) or find(language, SECTION, "about_choice", facts) or ""
        lines.append(f"{title(language, name)}：{said}" if language == "zh" else f"{title(language, name)}: {said}")
    return lines
