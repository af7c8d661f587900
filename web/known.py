"""What is on record about a customer, in the reader's words: a part of it at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby
from typing import Any

from flask_babel import gettext

from web import language, titles, values
from web.context import reader, workflow
from workflow.core.definition.fields import Field
from workflow.customers.contacts import Contact
from workflow.service.birthdays import comes
from workflow.service.dossiers import Contract, Discount
from workflow.service.telling import Said
from workflow.service.views.lists import Filters
from workflow.service.views.names import Masked

MONTHS = 12
QUARTER = 3
MOST = 40
"""Open cases that are told."""
ENDING = 60
"""Days before its end in which a contract or discount is about to end (ours)."""
NEAR = 30
"""Days before a birthday in which it is near: as many as its case opens before (ours)."""
LONGEST = 200
"""Characters that are told of what somebody wrote in one field."""
STOPS = "。.；;"
"""What a text ends with is left out where another follows."""
PRODUCTS = 4
"""Products that are named in what revenue consists of."""


@dataclass(frozen=True)
class Record:
    """What is on record of a customer, for a case of it: each kind is read when it is first asked for, and once."""

    customer: int
    case: int

    @cached_property
    def readable(self) -> bool:
        """Whether the customer's file is open to the reader."""
        return workflow().customer_row(self.customer, reader()) is not None

    @cached_property
    def contracts(self) -> Sequence[Contract]:
        return workflow().contracts_of(self.customer, reader())

    @cached_property
    def discounts(self) -> Sequence[Discount]:
        return workflow().discounts_of(self.customer, reader())

    @cached_property
    def people(self) -> Sequence[Contact]:
        shown = workflow().show_contacts(self.customer, reader())
        return () if isinstance(shown, Masked) else shown

    @cached_property
    def months(self) -> Mapping[str, Mapping[str, int]]:
        """Month → product → cents."""
        return workflow().held(self.customer, reader()).months


def sections(parts: Sequence[str], record: Record) -> Iterator[tuple[str, str]]:
    """Headings and what is on record, empty where there is nothing; fields of one lifecycle under its name."""
    wanted: dict[str, list[str]] = {}
    for part in parts:
        name, dot, asked = part.partition(".")
        if dot:
            wanted.setdefault(name, []).append(asked)
    said = workflow().said_of(record.customer, wanted, reader(), but=record.case) if wanted else []
    for name, _ in groupby(part.partition(".")[0] for part in parts):
        if name in wanted:
            found = (_said(one) for one in said if one.definition == name)
            yield language.title(workflow().library.get(name).title), "\n".join(found)
        else:
            yield gettext(f"filled.part.{name}"), PARTS[name](record)


def _said(one: Said) -> str:
    """One case with what it says, in the words of the version it is on."""
    rules = workflow().library.get(one.definition, one.version)
    told = gettext("list.semicolon").join(
        gettext("filled.said", label=language.title(rules.fields[name].title), text=_line(rules.fields[name], held))
        for name, held in one.values.items()
    )
    return gettext("filled.saying", number=one.number, day=language.day(one.at.astimezone(language.zone()).date()),
                   state=titles.state(one), said=told)  # fmt: skip


def _line(field: Field, held: Any) -> str:
    shown = values.value(field, field.name, held)
    rows = (gettext("list.pause").join(cell for cell in row if cell != "—") for row in shown.rows)
    text = " ".join((shown.text or gettext("list.semicolon").join(rows)).split()).rstrip(STOPS)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _contacts(record: Record) -> str:
    return "\n".join(
        gettext("list.comma").join(
            part
            for part in (
                one.name, one.role, one.phone, one.email, gettext("filled.decides") if one.decides else "",
                gettext("filled.born", day=one.birthday) if one.birthday else "",
            )
            if part
        )
        for one in record.people
    )  # fmt: skip


def _birthdays(record: Record) -> str:
    """Those of the coming weeks, the next first."""
    today = _today()
    near = sorted(
        (day, one.name, one) for one in record.people if one.birthday for day in [comes(one.birthday, today)]
        if day - today <= timedelta(days=NEAR)
    )  # fmt: skip
    return "\n".join(
        gettext("list.comma").join(
            part
            for part in (one.name, one.role, gettext("filled.decides") if one.decides else "", language.day(day))
            if part
        )
        for day, _, one in near
    )


def _in_force(record: Record) -> str:
    today = _today().isoformat()
    return _agreed((one for one in record.contracts if not one.ends or one.ends >= today), record.discounts)


def _ending(record: Record) -> str:
    """What is in force and ends soon, each kind the oldest first."""
    first, last = _today().isoformat(), (_today() + timedelta(days=ENDING)).isoformat()
    return _agreed(
        (one for one in record.contracts if first <= one.ends <= last),
        (one for one in record.discounts if first <= one.ends <= last),
    )


def _agreed(contracts: Iterable[Contract], discounts: Iterable[Discount]) -> str:
    told = [
        gettext(
            "filled.contract", number=one.number, products=one.products, ends=one.ends or gettext("filled.open_end")
        )
        for one in contracts
    ]
    told += [
        gettext("filled.discount", number=one.number, off=f"{one.off.normalize():f}", ends=one.ends)
        for one in discounts
    ]
    return "\n".join(told)


def _open_cases(record: Record) -> str:
    page = workflow().cases(reader(), filters=Filters(customer=record.customer, closed=False), limit=MOST)
    return "\n".join(
        gettext(
            "filled.case", lifecycle=titles.lifecycle(row), number=row.number, state=titles.state(row),
            due=language.short(row.due) if row.due else gettext("due.none"),
        )
        for row in page.rows
        if row.id != record.case
    )  # fmt: skip


def _revenue(record: Record) -> str:
    held = record.months
    return "\n".join(
        gettext("filled.month", month=month, amount=language.cents(sum(held[month].values())))
        for month in sorted(held, reverse=True)[:MONTHS]
    )


def _trend(record: Record) -> str:
    """The last month and the last three that are known, beside those before and a year before; then the products."""
    held = record.months
    if not held:
        return ""
    newest = max(held)
    totals = {month: sum(products.values()) for month, products in held.items()}
    last = [_before(newest, less) for less in range(QUARTER)]
    told = [_moved("filled.last_month", totals, [newest], month=newest)]
    if all(month in held for month in last):
        told.append(_moved("filled.last_quarter", totals, last, month=last[-1], until=newest))
    parts: dict[str, int] = {}
    for month in last:
        for product, cents in held.get(month, {}).items():
            parts[product] = parts.get(product, 0) + cents
    whole = sum(parts.values())
    if whole > 0:
        most = sorted(parts.items(), key=lambda part: (-part[1], part[0]))[:PRODUCTS]
        named = workflow().library.revenue.products
        shares = gettext("list.comma").join(
            f"{language.title(named[one]) if one in named else one} {100 * cents / whole:.0f}%" for one, cents in most
        )
        told.append(gettext("filled.products", shares=shares))
    return "\n".join(told)


def _moved(key: str, totals: Mapping[str, int], months: Sequence[str], **named: str) -> str:
    """What some months came to, and by how much more or less than as many before and than a year before."""
    now = sum(totals[month] for month in months)
    beside = []
    for said, less in (("filled.against_before", len(months)), ("filled.against_year", MONTHS)):
        before = [_before(month, less) for month in months]
        then = sum(totals.get(month, 0) for month in before)
        if all(month in totals for month in before) and then > 0:
            beside.append(gettext(said, change=f"{100 * (now - then) / then:+.1f}%"))
    return gettext("list.pause").join([gettext(key, amount=language.cents(now), **named), *beside])


def _before(month: str, less: int) -> str:
    """The month so many before one: `2026-01`, 2 → `2025-11`."""
    year, place = divmod(int(month[:4]) * MONTHS + int(month[5:]) - 1 - less, MONTHS)
    return f"{year}-{place + 1:02}"


def _today() -> date:
    return language.now().astimezone(language.zone()).date()


PARTS: Mapping[str, Callable[[Record], str]] = {
    "contacts": _contacts, "in_force": _in_force, "ending": _ending, "open_cases": _open_cases, "revenue": _revenue,
    "trend": _trend, "birthdays": _birthdays,
}  # fmt: skip
"""What is told of a record, by its name in a definition."""
