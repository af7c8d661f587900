"""The sheets of results: points with what they are made of, pay with every input, customers behind a figure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from flask_babel import gettext

from web import results, workbooks
from web.language import moment, name, now, zone
from web.workbooks import heading
from workflow.audit.exports.table import Cell, Heading, Leaf
from workflow.core.pay import MONTHS
from workflow.core.plans import COUNTED, PERSON
from workflow.core.scores import Part
from workflow.service.results import Behind, What
from workflow.service.scores import CentresYear, ManagersYear
from workflow.service.views.names import CustomerName, PersonName, UnitName

FIRST = ("planned", "base", "months", "all_staff", "margin", "rate")
"""What is said of a year that pay is made of; what else is said makes the points."""


def measured(found: Iterable[tuple[str, ManagersYear | CentresYear]]) -> Leaf:
    """Each measure of each year, and under them the score."""
    headings = [
        heading("results.of"), heading("results.measure"), heading("results.rule", "long"),
        heading("results.have", "money"), heading("results.want", "money"), heading("results.most", "number"),
        heading("results.got", "money"),
    ]  # fmt: skip
    rows: list[Sequence[Cell]] = []
    for whose, year in found:
        rows += [part(whose, one) for one in year.parts]
        rows.append([whose, gettext("results.score"), "", None, None, 100, told(year.score)])
    return workbooks.leaf(gettext("results.parts"), headings, rows)


def part(whose: str, one: Part) -> Sequence[Cell]:
    counts = one.kind == "count"
    return [
        whose, gettext(f"results.part.{one.name}"), gettext(f"results.rule.{one.name}"), told(one.have, counts),
        told(one.want, counts), one.points, told(one.got),
    ]  # fmt: skip


def wages(found: Iterable[ManagersYear]) -> Leaf:
    """Pay as on its page, with everything said of the year; only of those whose pay is the reader's to see."""
    rest = [one for one in PERSON if one not in FIRST]
    headings = [
        heading("results.manager"), heading("results.actual", "money"), said_as("planned"),
        heading("results.completion", "money"), heading("results.factor", "money"), said_as("base"), said_as("months"),
        heading("results.standard", "money"), heading("results.score", "money"),
        heading("results.performance", "money"), said_as("all_staff"), heading("results.excess", "money"),
        said_as("margin"), said_as("rate"), heading("results.bonus", "money"), *map(said_as, rest),
        heading("results.last_said_at", "moment"), heading("results.last_said_by"),
    ]  # fmt: skip
    return workbooks.leaf(gettext("results.pay"), headings, [wage(one, rest) for one in found if one.may_see])


def wage(one: ManagersYear, rest: Sequence[str]) -> Sequence[Cell]:
    pay, values = one.pay, one.plan.values

    def input_(name_: str) -> Cell:
        return told(values.get(name_), name_ in COUNTED)

    return [
        named(one.person), results.yuan(one.actual), input_("planned"),
        unknown() if pay is None else results.percent(pay.completion),
        unknown() if pay is None else results.percent(pay.factor), input_("base"), values.get("months", MONTHS),
        told(pay and pay.standard), told(one.score), told(pay and pay.performance), input_("all_staff"),
        told(pay and pay.excess), input_("margin"), input_("rate"), told(pay and pay.bonus), *map(input_, rest),
        local(one.plan.at), named(one.planner),
    ]  # fmt: skip


def behind(what: What, found: Iterable[tuple[PersonName, Sequence[Behind]]]) -> Leaf:
    """The customers that one figure of some people counts; of one whose file is not the reader's no name."""
    amounts: dict[str, str] = {"won": "results.agreed", "revenue": "revenue.amount"}
    headings = [
        heading("results.manager"), heading("measures.column.number"), heading("revenue.customer"),
        heading("results.case"), heading("revenue.month"), heading("results.when", "moment"),
        heading(amounts.get(what, "results.weight"), "money"),
    ]  # fmt: skip
    rows = [
        [
            named(person), one.number, name(one) if one.number else gettext("revenue.veiled"), one.case_number,
            one.month, local(one.at), results.yuan(one.cents),
        ]
        for person, lines in found
        for one in lines
    ]  # fmt: skip
    return workbooks.leaf(gettext(f"results.{what}"), headings, rows)


def told(value: int | None, count: bool = False) -> Cell:
    """A number as it is, everything else out of its hundredths; a word for what nobody said."""
    if value is None:
        return unknown()
    return value if count else results.yuan(value)


def shown(one: ManagersYear, value: int | None) -> Cell:
    """An amount of pay, to those it concerns."""
    return told(value) if one.may_see else gettext("results.hidden")


def unknown() -> str:
    return gettext("results.unknown")


def said_as(name_: str) -> Heading:
    return heading(f"results.in.{name_}", "number" if name_ in COUNTED else "money")


def share(one: float | None) -> Decimal | None:
    """Percent with one place, as the page has it."""
    return None if one is None else Decimal(f"{one * 100:.1f}")


def named(one: PersonName | UnitName | CustomerName | None) -> str:
    return "" if one is None else name(one)


def local(at: datetime | None) -> datetime | None:
    """On the clock of the reader's zone; Excel knows no others."""
    return None if at is None else at.astimezone(zone()).replace(tzinfo=None)


def as_of() -> str:
    """As known when."""
    return gettext("results.as_of", moment=moment(results.at() or now()))
