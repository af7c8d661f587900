"""What a lifecycle fixes about revenue holds from its month on, in the customer's own book."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from tests.promises.house import House
from tests.promises.paths import approve, maintained, pre_checked
from tests.support.proof import prove
from workflow.core.splits import Share, in_force, read
from workflow.core.step import SYSTEM


def shares(house: House, month: str) -> set[tuple[str | None, str | None, int]]:
    units = {number: name for name, number in house.units.items()} | {None: None}
    people = {number: name for name, number in house.people.items()} | {None: None}
    found = in_force(read(house.record().get("splits", ())), month)
    return {(units[one.unit], people[one.person], one.hundredths) for one in found}


def test_000_3_2_3_a_handover_starts_the_schedule_for_the_developer(house: House) -> None:
    """000 §3.2.3: in year 1 all counts for the developer, then less each year; 100/60/30/0 are ours."""
    maintained(house)

    month = f"{house.now:%Y-%m}"
    year = int(month[:4])
    assert shares(house, month) == {("east", "li", 10_000)}
    assert shares(house, f"{year + 1}{month[4:]}") == {("east", "li", 6_000), (None, None, 4_000)}
    assert shares(house, f"{year + 2}{month[4:]}") == {("east", "li", 3_000), (None, None, 7_000)}
    assert shares(house, f"{year + 3}{month[4:]}") == {(None, None, 10_000)}


def test_a_change_of_manager_or_tier_keeps_the_schedule_running(house: House) -> None:
    """Domain §4.3(4)."""
    maintained(house)
    before = house.record()["splits"]

    house.workflow.change_customer(house.customer, {"tier": "diamond", "unit": house.units["city"]}, actor=SYSTEM)
    house.workflow.change_customer(house.customer, {"b": house.person("sun")}, actor=SYSTEM)

    assert house.record()["splits"] == before


def test_002_12_2_a_split_fixed_with_the_approval_holds_from_its_month(house: House) -> None:
    rows: list[dict[str, Any]] = [
        {"unit": house.units["east"], "percent": "66.67"},
        {"unit": house.units["west"], "percent": "33.33"},
    ]
    approve(pre_checked(house, arises_in=house.units["west"]), split=rows)

    assert shares(house, "2026-03") == {("east", None, 6_667), ("west", None, 3_333)}
    assert in_force(read(house.record()["splits"]), "2026-02") == (Share(None, None, 10_000),)
    with house.workflow.database.reading() as connection:
        told = connection.execute(text("SELECT month, share, case_id FROM splits ORDER BY place")).all()
        prove(connection, house.workflow.library)
    assert [tuple(row)[:2] for row in told] == [("2026-03", 6_667), ("2026-03", 3_333)]
    assert all(row.case_id is not None for row in told)
