"""Invented customers: what they are called, what they are worth, who looks after them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import Any

from stdnum.cn import uscc

from workflow.core.step import SYSTEM
from workflow.intake.demo.people import Cast, Person
from workflow.intake.demo.stage import Stage
from workflow.intake.demo.tables import table

CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"
KEPT = 0.85
"""The share of customers that have managers; the others are only known of."""


@dataclass(slots=True)
class Company:
    """A customer as the players know it. `a`, `b`: its managers to be, by person id; `unit`: a unit's code.

    Of those a player follows, `a`, `b`, `unit` and `tier` change as their records do.
    """

    id: int
    name: str
    unit: str
    a: int
    b: int
    tier: str
    revenue: int
    contact: str
    phone: str
    address: str
    industry: str
    kept: bool

    def numbered(self, known: int) -> Company:
        """The same, once it is on file."""
        return replace(self, id=known)


def register(
    stage: Stage, cast: Cast, rng: Random, *, count: int, at: datetime, staff: Mapping[str, Any] | None = None
) -> list[Company]:
    """Register customers, the kept ones with the managers they had in the old books.

    `staff`: how many each manager looks after, and what the places are called; the demonstration's when None.
    """
    companies: list[Company] = []
    staff = table("staff") if staff is None else staff
    names = namer(rng, table("companies")["places"] | staff.get("places", {}))
    tiers = _shuffled(table("companies")["tiers"], rng, count)
    teams = _teams(cast, rng, round(count * KEPT), staff["load"])
    # A sequence of its own: what is drawn here leaves the rest of the organisation as it was.
    chance = Random(f"people {count}")
    for number in range(count):
        tier = tiers[number]
        kept = number < len(teams)
        a, b, unit = teams[number] if kept else _pair(cast, rng)
        if tier == "diamond" and cast.parents[unit] not in ("", "province"):
            unit = cast.parents[unit]  # the city centre keeps the diamonds (002 §9)
        zh, en, industry = names(cast.divisions[unit])
        company = _company(rng, zh, unit, a, b, tier, industry, kept)
        values = _record(cast, company, en, chance) | {"tier": tier}
        if rng.random() < 0.7:
            values["credit_code"] = _credit_code(cast.divisions[unit], rng)
        if kept:
            values |= {"a": a, "b": b}
        known = stage.register_customer(values, actor=SYSTEM, at=at)
        companies.append(company.numbered(known))
    rng.shuffle(companies)
    return companies


def invented(
    cast: Cast, rng: Random, *, zh: str, en: str, unit: str, trade: str, team: tuple[int, int]
) -> tuple[dict[str, Any], Company]:
    """A customer nobody keeps: what its record holds, and what the players know of it. `team`: its managers to be."""
    company = _company(rng, zh, unit, *team, "ordinary", trade, kept=False)
    return _record(cast, company, en, rng), company


def _record(cast: Cast, company: Company, en: str, chance: Random) -> dict[str, Any]:
    return {
        "name_zh": company.name,
        "name_en": en,
        "division": cast.divisions[company.unit],
        "industry": company.industry,
        "address": company.address,
        "contacts": _people(company, chance),
        "unit": cast.units[company.unit],
        **_classes(company, chance),
    }


def _company(rng: Random, zh: str, unit: str, a: int, b: int, tier: str, industry: str, kept: bool) -> Company:
    words = table("companies")
    low, high = words["tiers"][tier]["revenue"]
    contact = rng.choice(words["contacts"]["families"]) + rng.choice(words["contacts"]["titles"])
    return Company(
        id=0,
        name=zh,
        unit=unit,
        a=a,
        b=b,
        tier=tier,
        revenue=int(rng.uniform(low, high)) // 1000 * 1000,
        contact=contact,
        phone=f"0{rng.randint(790, 799)}-{rng.randint(2_000_000, 8_999_999)}",
        address=f"{rng.choice(words['contacts']['streets'])}{rng.randint(1, 399)}号",
        industry=industry,
        kept=kept,
    )


def _people(company: Company, chance: Random) -> list[dict[str, Any]]:
    """The contact known to the players, and of every other customer who decides there, with a birthday."""
    words = table("companies")["contacts"]
    found: list[dict[str, Any]] = [{"name": company.contact, "phone": company.phone}]
    if chance.random() < 0.5:
        born = f"{chance.randint(1962, 1990)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
        name = chance.choice(words["families"]) + chance.choice(words["given"])
        phone = f"13{chance.randint(0, 9)}0000{chance.randint(0, 9999):04}"
        role = chance.choice(words["positions"])
        found.append({"name": name, "role": role, "phone": phone, "birthday": born, "decides": True})
    return found


def _classes(company: Company, chance: Random) -> dict[str, str]:
    """What a customer is classed as (002 §7): by what it brings in, and whom it serves."""
    policy = company.industry == "公共管理和社会组织"
    found = {
        "trade": "comprehensive" if company.tier in ("diamond", "gold") else "specialist",
        "cooperation": "cooperating" if company.kept else "potential",
        "importance": "strategic" if company.tier == "diamond" or policy else "ordinary",
        "nature": "policy" if policy else "commercial",
    }
    if company.kept:
        found["credit_rating"] = chance.choice(("AAA", "AA", "AA", "A", "A", "BBB"))
    if company.tier == "diamond":
        found["confidentiality"] = "confidential"
    return found


def namer(rng: Random, places: Mapping[str, Any], used: Iterable[str] = ()) -> Callable[[str], tuple[str, str, str]]:
    """A function that gives a new name, its English and its industry for a division. `used`: names that are taken."""
    words = table("companies")
    trades = words["trade"]
    taken = set(used)

    def name(division: str) -> tuple[str, str, str]:
        place_zh, place_en = places[division]
        while True:
            trade = rng.choices(trades, [t["share"] for t in trades])[0]
            form_zh, form_en = rng.choice(trade["forms"])
            brand_zh, brand_en = ("", "") if trade.get("policy") else rng.choice(words["brands"])
            if trade.get("policy") and rng.random() < 0.5:
                brand_zh, brand_en = rng.choice((("新城", "Xincheng"), ("东区", "East"), ("西区", "West")))
            zh = f"{place_zh}{brand_zh}{form_zh}"
            if zh not in taken:
                taken.add(zh)
                return zh, " ".join(filter(None, (place_en, brand_en, form_en))), trade["industry"]

    return name


def _shuffled(tiers: Any, rng: Random, count: int) -> list[str]:
    """Tiers in their shares, every one of them at least once."""
    total = sum(tier["share"] for tier in tiers.values())
    found = [name for name, tier in tiers.items() for _ in range(max(1, round(count * tier["share"] / total)))]
    found = (found + ["ordinary"] * count)[:count] if len(found) < count else found[:count]
    rng.shuffle(found)
    return found


def _teams(cast: Cast, rng: Random, count: int, wanted: Mapping[str, int]) -> list[tuple[int, int, str]]:
    """Managers A and B and the unit of each kept customer: B, who will maintain it, as often as the table says."""
    managers = cast.managers()
    loads = [int(wanted.get(person.login, wanted["usual"])) for person in managers]
    places = [person for person, load in zip(managers, loads, strict=True) for _ in range(load)]
    chosen = [places[round(i * (len(places) - 1) / max(1, count - 1))] for i in range(count)]
    rng.shuffle(chosen)
    return [(_partner(cast, b, rng), b.id, b.home) for b in chosen]


def _partner(cast: Cast, person: Person, rng: Random) -> int:
    """Another manager: of the same unit, else of the one above, else anyone."""
    unit = person.home
    while unit:
        others = [p for p in cast.managers(unit) if p.id != person.id]
        if others:
            return rng.choice(others).id
        unit = cast.parents[unit]
    return rng.choice([p for p in cast.managers() if p.id != person.id]).id


def _pair(cast: Cast, rng: Random) -> tuple[int, int, str]:
    a = rng.choice([p for p in cast.managers() if p.pace < 1.5])
    return a.id, _partner(cast, a, rng), a.home


def _credit_code(division: str, rng: Random) -> str:
    body = "91" + division + "MA" + "".join(rng.choice(CODE) for _ in range(7))
    return body + str(uscc.calc_check_digit(body))
