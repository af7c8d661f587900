"""Filling forms as people would: the words come from tables, the rest from what is known of the case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from workflow.core.definition.fields import Field, FormField
from workflow.core.definition.lifecycle import Definition
from workflow.intake.demo.part import Part
from workflow.intake.demo.people import Cast
from workflow.intake.demo.tables import table


@dataclass(frozen=True, slots=True)
class Form:
    """A form to fill: by whom, when, and what stands in the case already."""

    rules: Definition
    part: Part
    cast: Cast
    rng: Random
    actor: int
    at: datetime
    data: Mapping[str, Any]
    given: dict[str, Any]

    @property
    def unit(self) -> str:
        """The code of the unit the customer belongs to; of the actor's home without a customer."""
        return self.part.company.unit if self.part.company else self.cast.people[self.actor].home


def fill(form: Form, asked: Iterable[FormField]) -> dict[str, Any]:
    """Answers to what is asked; what may be left out is left out unless the tables know something to say."""
    for one in asked:
        wanted = form.part.wants.get(one.name)
        value = _answer(form, form.rules.fields[one.name], required=one.required) if wanted is None else wanted
        if value is not None:
            form.given[one.name] = value
    return form.given


def _answer(form: Form, field: Field, *, required: bool) -> Any:
    words = table("words")
    name = f"{form.rules.name}.{field.name}"
    recipe = words["recipes"].get(name)
    if recipe is not None:
        if not required and recipe.endswith("?") and form.rng.random() < 0.5:
            return None
        if recipe == "kept":  # as the system has drafted it
            return form.data.get(field.name, 0 if required else None)
        return RECIPES[recipe.rstrip("?")](form)
    shares = words["shares"].get(name)
    if shares is not None:
        known = {choice: share for choice, share in shares.items() if not field.of or choice in field.of}
        return form.rng.choices(list(known), list(known.values()))[0]
    texts = form.part.topic.get(field.name) if name in words["topical"] else None
    texts = texts or words["texts"].get(name) or words["texts"].get(f"any.{field.name}")
    # What people write has chances of its own: another sentence in a table leaves what happens as it was.
    writing = replace(form, rng=Random(f"{form.at.isoformat()} {form.actor} {name}"))
    if texts and (required or name in words["always"] or writing.rng.random() < 0.6):
        # People write in the language of the house; an English sentence is the exception.
        weights = [0.08 if text.isascii() else 1.0 for text in texts]
        return said(writing, writing.rng.choices(texts, weights)[0])
    return _plain(form, field) if required else None


def said(form: Form, text: str) -> str:
    """A text with its gaps filled."""
    company, rng = form.part.company, form.rng
    day = form.at - timedelta(days=rng.randint(1, 6))
    return text.format(
        company=company.name if company else "客户",
        contact=company.contact if company else "联系人",
        number=rng.randint(2, 9),
        many=rng.randint(12, 480),
        item=f"E{rng.choice('ABCKMX')}{rng.randint(100_000_000, 999_999_999)}YL",
        day=f"{day.month}月{day.day}日",
        date=f"{day.day}/{day.month}",
        amount=rng.choice((80, 120, 200, 260, 350, 480, 600)),
        percent=rng.randint(6, 38),
        money=f"{rng.randint(3, 90) * 1000:,}",
    )


def _plain(form: Form, field: Field) -> Any:
    """An answer by nothing but the field's type."""
    rng = form.rng
    match field.type:
        case "number":
            return rng.randint(0, 6)
        case "money":
            return str(rng.randint(200, 4000))
        case "percent":
            return str(rng.randint(5, 60))
        case "date":
            return (form.at + timedelta(days=rng.randint(3, 20))).date().isoformat()
        case "moment":
            return (form.at + timedelta(days=rng.randint(1, 5))).replace(minute=0, second=0, microsecond=0).isoformat()
        case "yesno":
            return rng.random() < 0.2
        case "choice":
            return field.default or rng.choice(list(field.of))
        case "choices":
            return rng.sample(list(field.of), rng.randint(1, 3))
        case "unit":
            return _unit(form)
        case "person":
            return form.part.company.b if form.part.company else form.actor
        case "line" | "text":
            return said(form, rng.choice(table("words")["texts"]["any"]))
        case "rows":
            return [_row(form, field)]
    raise ValueError(f"The tables say nothing about {form.rules.name}.{field.name}.")


def _row(form: Form, field: Field) -> dict[str, Any]:
    """One row: a column that must add up to something is that."""
    sums = {name: f"{total:.2f}" for name, total in field.sums.items()}
    return {column.name: sums.get(column.name) or _plain(form, column) for column in field.columns}


def _company(form: Form) -> Any:
    if form.part.company is None:
        raise ValueError(f"{form.rules.name} has no customer")
    return form.part.company


def _unit(form: Form) -> int:
    return form.cast.units[form.unit]


def _others(form: Form) -> list[int]:
    """Managers other than the customer's own, those of its unit or the one above first."""
    company = _company(form)
    near = [p.id for p in form.cast.managers(company.unit)]
    upper = [p.id for p in form.cast.managers(form.cast.parents[company.unit])]
    found = [p for p in dict.fromkeys(near + upper) if p not in (company.a, company.b)]
    return found or [p.id for p in form.cast.managers() if p.id not in (company.a, company.b)]


def _new_b(form: Form) -> int:
    return form.rng.choice(_others(form))


def _department(form: Form) -> int:
    wanted = form.part.topic.get("department", "local")
    unit = form.unit
    if wanted in form.cast.units:
        return form.cast.units[wanted]
    while unit and not any(p.home == unit and p.holds("department") for p in form.cast.people.values()):
        unit = form.cast.parents[unit]
    return form.cast.units[unit or "lanchuan"]


def _bidding_pair(form: Form) -> tuple[int, int]:
    """Two managers, of the bidder's own unit where it has so many."""
    own = [p.id for p in form.cast.managers(form.cast.people[form.actor].home)]
    more = [p.id for p in form.cast.managers() if p.id not in own]
    first, second = [*own, *more][:2]
    return first, second


def _territory(form: Form) -> str | None:
    """What the second argument of a dispute says; it is not asked where the first one settles it."""
    return form.rng.choice(("claim", "other")) if form.given.get("earlier_says") == "open" else None


def _because_of_territory(form: Form) -> str | None:
    if not form.given.get("territory_says"):
        return None
    return said(form, form.rng.choice(table("words")["texts"]["territory"]))


def _judged(form: Form) -> int:
    """Who develops by what was said."""
    said_last = form.given.get("territory_says") or form.given.get("earlier_says")
    for_the_claim = said_last == "claim"
    claim, other = form.data.get("claim_unit"), form.data.get("held_unit")
    found = claim if for_the_claim else other
    return int(found or next(unit for unit in form.cast.units.values() if unit != claim))


def _winner(form: Form) -> Any:
    bidders = form.data.get("bidders")
    return bidders[0]["unit"] if bidders else None


def _split(form: Form) -> list[dict[str, Any]]:
    own, winner = form.cast.units[form.unit], form.given.get("winner")
    first = own if winner is None else int(winner)
    others = list(dict.fromkeys(unit for unit in (own, form.data.get("credit_unit")) if unit not in (first, None)))
    parts = [form.rng.choice((20, 30, 40)) // len(others)] * len(others) if others else []
    rows = zip([first, *others], [100 - sum(parts), *parts], strict=True)
    return [{"unit": unit, "percent": str(part)} for unit, part in rows]


def _credited(form: Form) -> list[dict[str, Any]] | None:
    """What was fixed before, or what a branch that reported the customer is due; nothing where none did."""
    return form.data.get("split") or (_split(form) if form.data.get("credit_unit") else None)


def _granted(form: Form) -> list[dict[str, Any]] | None:
    """What a branch that reported the customer is due of who develops it under a grant; nothing where none did."""
    unit, branch = form.given["unit"], form.data.get("credit_unit")
    if branch in (unit, None):
        return None
    part = form.rng.choice((20, 30, 40))
    return [{"unit": unit, "percent": str(100 - part)}, {"unit": branch, "percent": str(part)}]


def _applicant(form: Form) -> Any:
    applied = form.data.get("applications") or [{"manager": form.cast.managers()[0].id}]
    return applied[0]["manager"]


def _applicants_partner(form: Form) -> int:
    first = _applicant(form)
    return form.rng.choice([p.id for p in form.cast.managers() if p.id != first])


def _applicants_unit(form: Form) -> int:
    applied = form.data.get("applications")
    return int(applied[0]["unit"]) if applied else form.cast.units[form.cast.people[_applicant(form)].home]


def _points(form: Form) -> list[dict[str, Any]]:
    """What was agreed or left open: who sees to it, by when."""
    company, rng = _company(form), form.rng
    whats = rng.sample(table("words")["texts"]["points"], rng.randint(1, 2))
    return [
        {"what": said(form, what), "owner": rng.choice((company.b, company.a)), "until": _day(form, rng.randint(5, 28))}
        for what in whats
    ]


def _care_day(form: Form) -> str:
    """A day of the coming months; a birthday's is of some year past."""
    day = (form.at + timedelta(days=form.rng.randint(3, 150))).date()
    born = form.given.get("kind") == "birthday"
    return day.replace(year=form.rng.randint(1964, 1988), day=min(day.day, 28)).isoformat() if born else day.isoformat()


def _cause(form: Form) -> str:
    """What was found before, else one of those the complaint's topic may have."""
    return str(form.data.get("cause") or form.rng.choice(list(form.part.topic.get("cause", {"other": ()}))))


def _cause_note(form: Form) -> str | None:
    """The cause just given, in words."""
    if "cause" not in form.given:
        return None
    words = form.part.topic.get("cause", {}).get(form.given["cause"])
    return said(form, form.rng.choice(words or table("words")["texts"]["any"]))


def _bureau(form: Form) -> int:
    """A bureau that somebody directs."""
    bureaus = [code for code in form.cast.units if code in {p.home for p in form.cast.of("director")}]
    found = [code for code in bureaus if form.cast.kinds.get(code) == "bureau"]
    return form.cast.units[form.rng.choice(found)]


def _keeper(form: Form) -> str:
    """Where a customer of the tier belongs (002 §9): diamond ones to the city centre, others below it."""
    cast, unit = form.cast, form.unit
    city = unit if cast.kinds[unit] == "city" else cast.parents[unit]
    if not city:  # the province keeps it
        return unit
    if form.data.get("tier") == "diamond" or cast.kinds[city] != "city":
        return city
    below = [code for code, parent in cast.parents.items() if parent == city and len(cast.managers(code)) > 1]
    return unit if unit != city or not below else form.rng.choice(below)


def _keepers(form: Form) -> list[int]:
    """Two managers of the unit that a customer goes to."""
    found = form.cast.code(form.given.get("unit")) or form.unit
    near = [p.id for p in form.cast.managers(found)]
    return [*near, *(p.id for p in form.cast.managers() if p.id not in near)][:2]


def _day(form: Form, days: int) -> str:
    return (form.at + timedelta(days=days)).date().isoformat()


def _shortly(form: Form) -> str:
    return (form.at - timedelta(days=form.rng.randint(0, 3))).date().isoformat()


RECIPES: Mapping[str, Callable[[Form], Any]] = {
    "unit": _unit,
    "a": lambda form: _company(form).a,
    "b": lambda form: _company(form).b,
    "another_manager": _new_b,
    "some_manager": lambda form: form.rng.choice([p.id for p in form.cast.managers(form.unit) or form.cast.managers()]),
    "department": _department,
    "revenue": lambda form: str(_company(form).revenue),
    "contact": lambda form: _company(form).contact,
    "phone": lambda form: _company(form).phone,
    "address": lambda form: _company(form).address,
    "industry": lambda form: _company(form).industry,
    "category": lambda form: form.part.topic.get("title", "其他"),
    "proposed_lead": lambda form: form.data.get("proposal") or "territory",
    "bid_a": lambda form: _bidding_pair(form)[0],
    "bid_b": lambda form: _bidding_pair(form)[1],
    "offered_share": lambda form: str(form.rng.choice((10, 15, 20, 25, 30))),
    "winner": _winner,
    "territory": _territory,
    "because_of_territory": _because_of_territory,
    "judged": _judged,
    "split": _split,
    "credited": _credited,
    "granted": _granted,
    "applicant": _applicant,
    "applicants_partner": _applicants_partner,
    "applicants_unit": _applicants_unit,
    "yes": lambda form: True,
    "today": lambda form: form.at.date().isoformat(),
    "shortly": _shortly,
    "in_a_year": lambda form: (form.at + timedelta(days=365)).date().isoformat(),
    "contract": lambda form: f"YL-{form.at.year}-{form.rng.randint(1000, 9999)}",
    "days": lambda form: form.rng.randint(7, 25),
    "cause": _cause,
    "cause_note": _cause_note,
    "compensation": lambda form: str(form.rng.choice((120, 260, 380, 600, 900, 1600, 2400, 4800))),
    "prospect": lambda form: form.part.prospect,
    "points": _points,
    "in_hours": lambda form: (form.at + timedelta(hours=form.rng.randint(3, 26))).replace(second=0).isoformat(),
    "in_weeks": lambda form: _day(form, form.rng.randint(10, 24)),
    "bureau": _bureau,
    "keeper": lambda form: form.cast.units[_keeper(form)],
    "keeper_a": lambda form: _keepers(form)[0],
    "keeper_b": lambda form: _keepers(form)[1],
    "off": lambda form: str(form.rng.choice((5, 8, 8, 10, 10, 12, 15, 18, 22, 28))),
    "soon": lambda form: _day(form, form.rng.randint(5, 20)),
    "in_months": lambda form: _day(form, form.rng.choice((60, 90, 120, 180, 270, 360))),
    "day_after_end": lambda form: (date.fromisoformat(form.data["ends"]) + timedelta(days=1)).isoformat(),
    "care_day": _care_day,
    "care_again": lambda form: None if form.data["kind"] == "birthday" else _day(form, form.rng.randint(350, 380)),
    "study_title": lambda form: said(form, form.rng.choice(table("words")["texts"]["study_titles"])),
    "stars": lambda form: str(form.rng.choice((3, 4, 4, 5, 5))),
    "nothing": lambda form: None,
}  # fmt: skip
"""How a field is filled whose answer follows from the case. In the table a `?` behind one leaves it out at times."""
