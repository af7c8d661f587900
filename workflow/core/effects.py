"""What a transition does beside moving the case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from workflow.core import clocks, forms, proposals, roles, splits, stations, stints
from workflow.core.case import Link
from workflow.core.definition.effects import (
    ChangeCustomer,
    Effect,
    Extend,
    Move,
    Notify,
    Open,
    Pause,
    Propose,
    Resume,
    Set,
    Signal,
    SplitEnds,
    SplitRows,
    SplitYears,
    Start,
    Stop,
    Tell,
)
from workflow.core.definition.expressions import Expression, Text
from workflow.core.definition.fields import FormField
from workflow.core.errors import CustomerRequired, CustomerUnowned, ExtensionRefused, ReceiverUnfit
from workflow.core.moments import micros
from workflow.core.personal import reveal
from workflow.core.work import Opening, Work
from workflow.core.world import typed


def run(work: Work, effects: tuple[Effect, ...], finishing: int | None = None) -> None:
    """Carry out the effects in order. Raises `Refused` where one of them cannot be."""
    for effect in effects:
        facts = work.situation(finishing=finishing)
        match effect:
            case Set(values):
                names = tuple(FormField(name) for name in values)
                work.add("set", forms.check(work.definition, names, _computed(values, facts)))
            case Notify(names, text):
                persons = roles.resolve_all(names, work.definition, work.case, work.world, at=work.at)
                work.notice("notice", persons, **_text(text))
            case Tell(whom, text):
                work.add("notice", {"kind": "tell", "to": [], "whom": whom, **_text(text)})
            case Open(link, data, unit, each, about, form):
                for row in rows_of(work, each):
                    one = work.situation(finishing=finishing, row=row)
                    other = None if about is None else str(about.value(one))
                    open_link(work, link, _computed(data, one), unit=unit, about=other, asks=form is not None)
            case Start(name):
                stations.stop(work, name)
                stations.start(work, work.definition.recurring[name])
            case Stop(name):
                stations.stop(work, name)
            case Extend(name, days, at_most):
                if not clocks.extend(work, name, int(days.value(facts)), at_most):
                    raise ExtensionRefused(clock=name, most=clocks.most_days(work, name, at_most))
            case Pause(name):
                clocks.stand_still(work, name)
            case Resume(name):
                clocks.go_on(work, name)
            case Signal(trigger, other):
                work.add("signal", {"trigger": trigger, "to": other})
                work.decision.signals.append((other, trigger))
            case Propose(name):
                proposals.propose(work, work.definition.proposals[name])
            case ChangeCustomer(values):
                _change_customer(work, _computed(values, facts))
            case SplitRows(name, unit, percent):
                rows = work.case.data.get(name)
                if rows:
                    named = [{"unit": row[unit], "percent": row[percent]} for row in rows]
                    _split(work, splits.fixed(_month(work), named))
            case SplitYears(years, of_unit, of_person):
                _split_by_year(work, [year.value(facts) for year in years], of_unit, of_person)
            case SplitEnds(when):
                if when is None or when.holds(facts):
                    _split(work, splits.ended(_month(work)))
            case Move(of):
                place = roles.unit_of(of, work.definition, work.case, work.world, at=work.at)
                if place is not None and place != work.case.unit:
                    work.relocate(place)


def open_link(
    work: Work,
    link: str,
    data: Mapping[str, Any],
    *,
    unit: str | None = None,
    nominal: str | None = None,
    late: bool = False,
    about: str | None = None,
    asks: bool = False,
) -> None:
    """Order a linked case; its id stands in this step already. `asks`: a person fills in its start form."""
    rule = work.definition.links[link]
    home = work.world.directory.home(work.actor.principal, work.at) if asks else None
    place = work.case.unit if home is None else home
    if unit is not None:
        place = roles.unit_of(unit, work.definition, work.case, work.world, at=work.at) or place
    child = work.world.new_id()
    work.put("link", Link(name=link, case=child, definition=rule.definition, nominal=nominal, late=late))
    work.decision.openings.append(
        Opening(
            id=child, link=link, definition=rule.definition, unit=place, data=data, nominal=nominal, about=about,
            asks=asks,
        )
    )  # fmt: skip


def rows_of(work: Work, each: str | None) -> tuple[Mapping[str, Any], ...]:
    """What linked cases are opened for, one each: rows of a field, people a role leads to; one for nothing."""
    if each is None:
        return ({},)
    field = work.definition.fields.get(each.removeprefix("data."))
    if field is None or not each.startswith("data."):
        persons = roles.resolve_all((each,), work.definition, work.case, work.world, at=work.at)
        return tuple({"person": person} for person in persons)
    kinds = {column.name: column.type for column in field.columns}
    rows = reveal(work.case.data.get(field.name), work.world.vault) or []
    return tuple({name: typed(kinds[name], value) for name, value in row.items()} for row in rows)


_MAY_BE_NOBODY = frozenset({"a", "b", "unit", "until"})


def _change_customer(work: Work, values: Mapping[str, Any]) -> None:
    if work.case.customer is None:
        raise CustomerRequired()
    changes = {name: micros(v) if hasattr(v, "tzinfo") else v for name, v in values.items()}
    changes = {name: None if name in _MAY_BE_NOBODY and v in (0, "") else v for name, v in changes.items()}
    work.add("customer", changes)
    work.decision.customer.update(changes)
    before = work.world.customer
    work.see_customer(changes)
    customer = work.world.customer
    if customer is not None and {"a", "b", "lead", "stage", "unit"} & changes.keys():
        record = {name: getattr(customer, name) for name in ("a", "b", "lead", "stage", "unit")}
        if stints.unowned(record):
            raise CustomerUnowned(stage=customer.stage)
        # Who was named weeks ago may have left since (000 §2.2: nothing is left with nobody).
        for role in ("a", "b"):
            person = getattr(customer, role)
            known = work.world.directory.person(person)
            if known is not None and not known.active and person != getattr(before, role):
                raise ReceiverUnfit(person=person)


def _split_by_year(work: Work, years: list[Any], of_unit: str, of_person: str | None) -> None:
    unit = roles.unit_of(of_unit, work.definition, work.case, work.world, at=work.at)
    if unit is None:
        raise CustomerUnowned(stage=work.world.customer.stage if work.world.customer else "")
    person = None if of_person is None else roles.person_of(of_person, work.definition, work.case, work.world)
    _split(work, splits.by_year(_month(work), years, unit=unit, person=person))


def _split(work: Work, order: dict[str, Any]) -> None:
    if work.case.customer is None:
        raise CustomerRequired()
    work.add("customer", {"split": order})
    work.decision.customer["split"] = order


def _month(work: Work) -> str:
    """The month of the step where the unit is: from its first day on a split holds."""
    return splits.month_of(work.at, ZoneInfo(work.world.working.zone))


def _computed(values: Mapping[str, Expression], facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: expression.value(facts) for name, expression in values.items()}


def _text(text: Text | None) -> dict[str, Any]:
    return {"text": {"zh": text.zh, "en": text.en}} if text else {}
