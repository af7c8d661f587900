"""What the system knows of a customer, filled into a form for whoever writes it: theirs to check and to change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from flask_babel import gettext

from web import language, titles
from web.context import reader, workflow
from workflow.core.definition import Field, Text
from workflow.service.views import ActionField, CaseRow, Filters, Masked

MONTHS = 12
MOST = 40
"""Open cases that are told."""


def found(fields: Sequence[ActionField], case: CaseRow) -> tuple[ActionField, ...]:
    """The fields of a form of a case, those that are empty and known filled in."""
    customer = case.customer
    if customer is None:
        return tuple(fields)
    return tuple(_filled(one, customer.id, case.id) for one in fields)


def _filled(one: ActionField, customer: int, case: int) -> ActionField:
    known = one.field.known
    if known is None or one.value:
        return one
    most = int(one.field.maximum or 0)
    text = SAID[known](customer, case)[:most] or gettext("filled.nothing")
    return replace(one, value=text, field=_marked(one.field))


def _marked(field: Field) -> Field:
    """The field with a word on where what stands in it comes from."""
    here = gettext("filled.help")
    said = f"{field.help[language.current()]} {here}" if field.help else here
    return replace(field, help=Text(zh=said, en=said))


def _contacts(customer: int, _: int) -> str:
    shown = workflow().show_contacts(customer, reader())
    if isinstance(shown, Masked):
        return ""
    return "\n".join(
        gettext("list.comma").join(
            part
            for part in (
                one.name, one.role, one.phone, one.email, gettext("filled.decides") if one.decides else "",
                gettext("filled.born", day=one.birthday) if one.birthday else "",
            )
            if part
        )
        for one in shown
    )  # fmt: skip


def _in_force(customer: int, _: int) -> str:
    today = language.now().astimezone(language.zone()).date().isoformat()
    contracts = [
        gettext(
            "filled.contract", number=one.number, products=one.products, ends=one.ends or gettext("filled.open_end")
        )
        for one in workflow().contracts_of(customer, reader())
        if not one.ends or one.ends >= today
    ]
    discounts = [
        gettext("filled.discount", number=one.number, off=f"{one.off.normalize():f}", ends=one.ends)
        for one in workflow().discounts_of(customer, reader())
    ]
    return "\n".join([*contracts, *discounts])


def _open_cases(customer: int, but: int) -> str:
    page = workflow().cases(reader(), filters=Filters(customer=customer, closed=False), limit=MOST)
    return "\n".join(
        gettext(
            "filled.case", lifecycle=titles.lifecycle(row), number=row.number, state=titles.state(row),
            due=language.short(row.due) if row.due else gettext("due.none"),
        )
        for row in page.rows
        if row.id != but
    )  # fmt: skip


def _revenue(customer: int, _: int) -> str:
    held = workflow().held(customer, reader()).months
    return "\n".join(
        gettext("filled.month", month=month, amount=language.cents(sum(held[month].values())))
        for month in sorted(held, reverse=True)[:MONTHS]
    )


SAID: dict[str, Callable[[int, int], str]] = {
    "contacts": _contacts, "in_force": _in_force, "open_cases": _open_cases, "revenue": _revenue,
}  # fmt: skip
"""What a field may be filled in with, by its name in a definition: of a customer, for a case of it."""
