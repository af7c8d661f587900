"""The rows of tables: a case, a step or a customer in cells, named in one language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from workflow.audit.exports.table import Cell, Heading, Kind
from workflow.audit.exports.wording import Wording
from workflow.core.definition.fields import Field
from workflow.core.personal import is_commitment
from workflow.messages import story
from workflow.service.courses import Course
from workflow.service.views.customers import CustomerRow
from workflow.service.views.names import Masked

CASE: Mapping[str, Kind] = {
    "number": "text", "lifecycle": "text", "version": "number", "state": "text", "phase": "text", "marks": "text",
    "customer_number": "text", "customer": "text", "tier": "text", "unit": "text", "opened": "moment",
    "updated": "moment", "closed": "moment", "due": "moment", "overdue": "text", "level": "number",
    "assignees": "text", "steps": "number",
}  # fmt: skip
STEP: Mapping[str, Kind] = {
    "number": "text", "seq": "number", "lifecycle": "text", "version": "number", "kind": "text", "activity": "text",
    "sentence": "long", "person": "text", "behalf": "text", "effective": "moment", "recorded": "moment",
    "from_state": "text", "to_state": "text", "task": "number", "form": "long", "customer_number": "text",
    "customer": "text", "unit": "text", "hash": "text",
}  # fmt: skip
CUSTOMER: Mapping[str, Kind] = {
    "number": "text", "name_zh": "text", "name_en": "text", "tier": "text", "stage": "text", "industry": "text",
    "division": "text", "credit_code": "text", "unit": "text", "a": "text", "b": "text", "until": "moment",
    "open_cases": "number",
}  # fmt: skip
_KINDS: Mapping[str, Kind] = {
    "number": "number", "money": "money", "percent": "money", "date": "date", "moment": "moment", "text": "long",
    "rows": "long",
}  # fmt: skip


def headings(columns: Mapping[str, Kind], wording: Wording) -> list[Heading]:
    return [Heading(wording.word(_CUSTOMERS.get(name, name) if columns is CUSTOMER else name), kind)
            for name, kind in columns.items()]  # fmt: skip


_CUSTOMERS = {"number": "customer_number"}


def case_headings(wording: Wording, definition: str | None) -> tuple[list[Heading], list[Field]]:
    """The columns of cases; of one lifecycle, with a column for each of its fields."""
    rules = wording.library.latest.get(definition) if definition else None
    fields = list(rules.fields.values()) if rules else []
    more = [Heading(wording.text(one.title), _KINDS.get(one.type, "text")) for one in fields]
    return headings(CASE, wording) + more, fields


def cases(courses: Iterable[Course], wording: Wording, fields: Sequence[Field]) -> Iterator[list[Cell]]:
    for course in courses:
        row = course.row
        yield [
            row.number, wording.lifecycle(row), row.version, wording.state(row, row.state, row.version),
            wording.phase(row), " ".join(row.marks), row.customer.number if row.customer else None,
            wording.name(row.customer), row.customer.tier if row.customer else None, wording.name(row.unit),
            wording.local(row.opened), wording.local(row.updated), wording.local(row.closed), wording.local(row.due),
            wording.word("yes" if row.overdue else "no"), row.level,
            ", ".join(wording.name(one) for one in row.assignees), len(course.steps),
            *(typed(one, course.data.get(one.name), wording) for one in fields),
        ]  # fmt: skip


def steps(courses: Iterable[Course], wording: Wording) -> Iterator[list[Cell]]:
    for course in courses:
        row = course.row
        for step in course.steps:
            names = wording.names(row.definition, step.version)
            yield [
                row.number, step.seq, wording.lifecycle(row), step.version, step.kind,
                wording.activity(row.definition, step), story(step, wording.language, names=names),
                wording.name(step.actor), wording.name(step.behalf), wording.local(step.effective),
                wording.local(step.recorded),
                wording.state(row, step.from_state, step.version) if step.from_state else None,
                wording.state(row, step.to_state, step.version), step.task,
                wording.plain(step.form) if step.form else None, row.customer.number if row.customer else None,
                wording.name(row.customer), wording.name(row.unit), step.hash,
            ]  # fmt: skip


def customers(found: Iterable[CustomerRow], wording: Wording) -> Iterator[list[Cell]]:
    for row in found:
        yield [
            row.number, row.name.zh, row.name.en, row.tier, row.stage, row.industry, row.division, row.credit_code,
            wording.name(row.unit), wording.name(row.a), wording.name(row.b), wording.local(row.until), row.open_cases,
        ]  # fmt: skip


def typed(field: Field, held: Any, wording: Wording) -> Cell:
    """A value of a case as what it is: money a number, a date a date. What is not of its type stands as it is."""
    if held is None or isinstance(held, Masked) or is_commitment(held):
        return None if held is None else wording.word(held.reason if isinstance(held, Masked) else "withheld")
    try:
        return _typed(field, held, wording)
    except (ValueError, TypeError, ArithmeticError, KeyError):
        return str(held)


def _typed(field: Field, held: Any, wording: Wording) -> Cell:
    match field.type:
        case "money" | "percent":
            return _amount(held)
        case "date":
            return date.fromisoformat(held)
        case "moment":
            return wording.local(datetime.fromisoformat(held))
        case "yesno":
            return wording.word("yes" if held else "no")
        case "choice":
            return wording.text(field.of[held])
        case "choices":
            return ", ".join(wording.text(field.of[one]) for one in held)
        case "person":
            return wording.name(wording.directory.persons[held])
        case "unit":
            return wording.name(wording.directory.units[held])
    return wording.plain(held)


def _amount(held: Any) -> Decimal:
    try:
        return Decimal(str(held))
    except InvalidOperation as fault:
        raise ValueError(str(held)) from fault
