"""The people of the province: units, persons with their roles and absences, as the demonstration's staff is written."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt
from random import Random
from typing import Any

from workflow.intake.simulate.tables import table

TOP = "369900"
"""The division of the province's own bodies; no such province exists."""

FEWEST_COUNTIES = 3
FEWEST_CITIES = 2
LEAST = 2
"""Managers wherever customers are looked after: one alone could hand over to nobody."""


def staffed(scale: float, rng: Random, *, days: int) -> dict[str, Any]:
    """The organisation at a scale; 1.0 is the whole province. `days`: how long the history is, for the absences."""
    units = list(_units(scale))
    names = _names(rng)
    people: list[list[Any]] = []
    load: dict[str, int] = {"usual": table("province")["work"]["load"][0]}
    managers = _managers(units, scale)
    for unit in units:
        crew = [person(next(names), unit["code"], "account_manager", rng) for _ in range(managers.get(unit["code"], 0))]
        load |= {row[0]: _load(rng) for row in crew}
        for role, wanted in table("province")["staff"].get(unit["kind"], {}).items():
            count = max(wanted["least"], round(len(crew) / wanted["per"]))
            crew += [person(next(names), unit["code"], role, rng) for _ in range(count)]
        people += crew
    return {
        "unit": units,
        "people": {"rows": people},
        "load": load,
        "absences": {"rows": list(_absences(people, rng, days=days))},
        "places": {unit["division"]: unit["place"] for unit in units if "place" in unit},
    }


def newcomers(rng: Random) -> Iterator[list[Any]]:
    """People who join later: login, names; no login twice, and none of the first ones'."""
    for number, (login, zh, en) in enumerate(_names(rng), start=1):
        yield [f"{login}.n{number}", zh, en]


def person(name: tuple[str, str, str], unit: str, role: str, rng: Random) -> list[Any]:
    """A row of the staff: login, names, what is held, pace."""
    work = table("province")["work"]
    pace = work["slow"]["pace"] if rng.random() < work["slow"]["share"] else rng.uniform(*work["pace"])
    return [*name, [f"{unit}:{role}"], round(pace, 2)]


def _units(scale: float) -> Iterator[dict[str, Any]]:
    sizes, names = table("province")["sizes"], table("names")
    cities = min(sizes["cities"], max(FEWEST_CITIES, round(sizes["cities"] * sqrt(scale))))
    counties = min(sizes["counties"], max(FEWEST_COUNTIES, round(sizes["counties"] * sqrt(scale))))
    yield _unit("province", "province", None, TOP, ["云岭", "Yunling"], "省大客户中心", "Province Key-Account Centre")
    for number, place in enumerate(names["cities"][:cities], start=1):
        code = place[1].lower()
        yield _unit(code, "city", "province", f"369{number}00", place, "市大客户中心", "City Centre")
    for number, place in enumerate(names["counties"][:counties]):
        city, code = number % cities, place[1].lower()
        division = f"369{city + 1}{number // cities + 21:02}"
        yield _unit(code, "county", names["cities"][city][1].lower(), division, place, "县局", "County")
        yield _unit(f"{code}-gate", "branch", code, division, place, "城关支局", "Towngate Branch")
    for code, zh, en in (
        ("mail", "函件集邮局", "Mail and Philately Bureau"),
        ("express", "速递物流局", "Express and Logistics Bureau"),
    ):
        yield {"code": code, "kind": "bureau", "parent": "province", "division": TOP, "zh": zh, "en": en}


def _unit(
    code: str, kind: str, parent: str | None, division: str, place: list[str], zh: str, en: str
) -> dict[str, Any]:
    row = {
        "code": code,
        "kind": kind,
        "division": division,
        "zh": place[0] + zh,
        "en": f"{place[1]} {en}",
        "place": place,
    }
    return row if parent is None else row | {"parent": parent}


def _managers(units: list[dict[str, Any]], scale: float) -> dict[str, int]:
    """How many managers each unit has, by its code."""
    found = {}
    for kind, share in table("province")["spread"].items():
        codes = [unit["code"] for unit in units if unit["kind"] == kind]
        wanted = table("province")["sizes"]["managers"] * scale * share
        for place, code in enumerate(codes):
            found[code] = max(LEAST, round(wanted * (place + 1) / len(codes)) - round(wanted * place / len(codes)))
    return found


def _load(rng: Random) -> int:
    work = table("province")["work"]
    if rng.random() < work["overloaded"]["share"]:
        return int(work["overloaded"]["load"])
    return rng.randint(*work["load"])


def _names(rng: Random) -> Iterator[tuple[str, str, str]]:
    """Login, Chinese and English name of one person after another; a name that comes again gets a number."""
    names = table("names")
    seen: dict[str, int] = {}
    while True:
        (zh_family, family), (zh_given, given) = rng.choice(names["families"]), rng.choice(names["given"])
        login = f"{family}.{given}"
        seen[login] = seen.get(login, 0) + 1
        again = str(seen[login]) if seen[login] > 1 else ""
        yield login + again, zh_family + zh_given, f"{family.title()} {given.title()}"


def _absences(people: list[list[Any]], rng: Random, *, days: int) -> Iterator[list[Any]]:
    """Everybody is away a few times a year; a colleague of the same unit stands in."""
    absences = table("province")["work"]["absences"]
    by_unit: dict[str, list[str]] = {}
    for login, _, _, held, _ in people:
        by_unit.setdefault(held[0].partition(":")[0], []).append(login)
    for login, _, _, held, _ in people:
        others = [one for one in by_unit[held[0].partition(":")[0]] if one != login]
        ago = float(days)
        while others:
            ago -= rng.expovariate(absences["a_year"] / 365)
            if ago < 1:
                break
            yield [login, rng.choice(others), round(ago, 2), rng.randint(*absences["days"]),
                   rng.choice(table("province")["work"]["reasons"])]  # fmt: skip
