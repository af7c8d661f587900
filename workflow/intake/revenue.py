"""A table of revenue: one row for what one customer brought in with one product in one month."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from workflow.audit.exports.table import Heading, write_xlsx
from workflow.core.errors import NumberInvalid
from workflow.core.step import Actor
from workflow.customers.number import parse
from workflow.intake.sheet import SECTION, Fault, Row, Sheet, read, title
from workflow.messages.catalogue import find
from workflow.service.door import Workflow
from workflow.service.revenue import KIND, MOST, Figure

COLUMNS = ("number", "month", "product", "revenue")
PORTION = 100
"""Customers whose figures are one transaction."""

_MONTH = re.compile(
    r"((?:19|20)\d\d)[-./年]?(0?[1-9]|1[0-2])(?:月|[-./](?:0?[1-9]|[12]\d|3[01])(?:日)?)?(?: 00:00:00)?"
)
_DAYS = re.compile(r"[2-7]\d{4}(\.0)?")
_EXCEL = date(1899, 12, 30)
_SIGNS = str.maketrans("", "", ",，¥￥元 ")


@dataclass(frozen=True, slots=True)
class Checked:
    """`figures` by customer, in the order of the customers; `faults` of the rows that are left out."""

    sheet: Sheet
    figures: dict[int, list[Figure]]
    faults: list[Fault]

    def portions(self, customers: Sequence[int]) -> list[dict[int, list[Figure]]]:
        """The figures of some customers, in that order, a transaction's worth at a time."""
        return [
            {customer: self.figures[customer] for customer in customers[start : start + PORTION]}
            for start in range(0, len(customers), PORTION)
        ]


def check(workflow: Workflow, content: bytes, *, actor: Actor, at: datetime) -> Checked:
    """What a file says, and every fault of every cell. `at`: months after its own are in the future.

    Raises `SheetUnfit`.
    """
    sheet = read(content, COLUMNS)
    faults = list(sheet.faults)
    found = [_Read(row, workflow, f"{at:%Y-%m}") for row in sheet.rows]
    known = workflow.customers_numbered({one.number for one in found if one.number}, actor)
    unfit = {(fault.row, fault.column) for fault in faults}
    left_out = {fault.row for fault in faults}
    figures: dict[int, list[Figure]] = {}
    seen: dict[tuple[int, str, str], int] = {}
    for one in found:
        wrong = [fault for fault in one.faults if (fault.row, fault.column) not in unfit]
        customer = known.get(one.number)
        if customer is None and not any(fault.column == "number" for fault in wrong):
            wrong = [Fault(one.row, "number", "customer"), *wrong]
        if not wrong and customer is not None:
            key = customer, one.month, one.product
            if key in seen:
                wrong = [Fault(one.row, "revenue", "twice", {"row": seen[key]})]
            elif one.row not in left_out:
                seen[key] = one.row
                figures.setdefault(customer, []).append((one.month, one.product, one.cents))
        faults.extend(wrong)
    return Checked(sheet, figures, sorted(faults, key=lambda fault: fault.row))


def keep(workflow: Workflow, name: str, content: bytes, *, actor: Actor, at: datetime | None = None) -> int:
    """Check a file and keep it, ready to be applied; gives its id. Raises `SheetUnfit`, `Refused`."""
    now = at or workflow.clock()
    checked = check(workflow, content, actor=actor, at=now)
    months = sorted({month for some in checked.figures.values() for month, _, _ in some})
    report: dict[str, Any] = {
        "good": sum(map(len, checked.figures.values())),
        "bad": len({fault.row for fault in checked.faults}),
        "customers": sorted(checked.figures),
        "months": months,
        "cents": sum(cents for some in checked.figures.values() for _, _, cents in some),
    }
    whole = len(checked.portions(report["customers"]))
    return workflow.keep_upload(
        KIND, name, content, rows=checked.sheet.count, whole=whole, report=report, actor=actor, at=at
    )


def apply(
    workflow: Workflow, upload: int, *, actor: Actor, most: int | None = None, at: datetime | None = None
) -> None:
    """Apply the portions of a file that are not yet, up to `most` of them. Raises `Refused`."""
    row = workflow.upload(upload, actor).upload
    checked = check(workflow, workflow.upload_content(upload, actor), actor=actor, at=row.created)
    # By the customers there were when it was checked: one that came since does not shift the portions.
    for place, portion in enumerate(checked.portions(row.report["customers"])):
        if place < row.position:
            continue
        if most is not None and place >= row.position + most:
            return
        workflow.say_revenue(portion, actor=actor, upload=upload, position=place, at=at)


def template(workflow: Workflow, path: Path, *, language: str) -> None:
    """An empty table with the columns' titles, and a sheet that says what goes where."""
    titles = [product.zh if language == "zh" else product.en for product in workflow.library.revenue.products.values()]
    products = ("、" if language == "zh" else ", ").join(titles)
    about = [find(language, SECTION, "how", {"products": products}) or "", find(language, SECTION, "again") or ""]
    headings = [Heading(title(language, column), "money" if column == "revenue" else "text") for column in COLUMNS]
    write_xlsx(path, title(language, "sheet"), headings, (), about=(title(language, "about"), about))


class _Read:
    """A row as it is meant; what is wrong with it in `faults`."""

    def __init__(self, row: Row, workflow: Workflow, present: str) -> None:
        self.row = row.no
        self.faults: list[Fault] = []
        self.number = self._number(row.cells["number"])
        self.month = self._month(row.cells["month"], present)
        self.product = self._product(row.cells["product"], workflow)
        self.cents = self._cents(row.cells["revenue"])

    def _number(self, text: str) -> str:
        if not text:
            return self._wrong("number", "missing")
        try:
            return str(parse(text.removesuffix(".0")))
        except NumberInvalid:
            return self._wrong("number", "customer")

    def _month(self, text: str, present: str) -> str:
        plain = unicodedata.normalize("NFKC", text).strip()
        if not plain:
            return self._wrong("month", "missing")
        if _DAYS.fullmatch(plain):
            # A date in Excel is the number of days since the end of 1899.
            plain = f"{_EXCEL + timedelta(days=int(float(plain))):%Y-%m}"
        match = _MONTH.fullmatch(plain)
        if match is None:
            return self._wrong("month", "not_a_month")
        month = f"{match[1]}-{int(match[2]):02}"
        return self._wrong("month", "future") if month > present else month

    def _product(self, text: str, workflow: Workflow) -> str:
        if not text:
            return self._wrong("product", "missing")
        plain = unicodedata.normalize("NFKC", text).casefold().strip()
        for name, said in workflow.library.revenue.products.items():
            if plain in (name, said.zh.casefold(), said.en.casefold()):
                return name
        return self._wrong("product", "unknown_product")

    def _cents(self, text: str) -> int:
        plain = unicodedata.normalize("NFKC", text).translate(_SIGNS)
        if not plain:
            self._wrong("revenue", "missing")
            return 0
        try:
            cents = Decimal(plain) * 100
            whole = cents.to_integral_value() if cents.is_finite() else None
        except (InvalidOperation, ValueError):
            whole = None
        if whole is None or not _near(plain, whole):
            self._wrong("revenue", "not_money")
            return 0
        if abs(whole) > MOST:
            self._wrong("revenue", "too_large")
            return 0
        return int(whole)

    def _wrong(self, column: str, code: str) -> str:
        self.faults.append(Fault(self.row, column, code))
        return ""


def _near(plain: str, whole: Decimal) -> bool:
    """Whether an amount is one of whole cents. Excel stores 0.07 + 0.01 as 0.08000000000000002, and means 0.08."""
    off = abs(Decimal(plain) * 100 - whole)
    return off == 0 or (len(plain.partition(".")[2]) > 8 and off < Decimal("0.000001"))
