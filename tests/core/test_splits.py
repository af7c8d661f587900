"""Shares of revenue: always 100.00 %, whatever is fixed in whatever order, and to the cent when money is divided."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workflow.core.errors import SplitUneven
from workflow.core.splits import (
    KEPT,
    WHOLE,
    Share,
    by_year,
    ended,
    fixed,
    hundredths,
    in_force,
    later,
    parts,
    read,
    taken,
)


@st.composite
def fixed_orders(draw: Any) -> dict[str, Any]:
    """Rows of units with percents of two places that sum to 100."""
    cuts = sorted(draw(st.lists(st.integers(0, WHOLE), max_size=3)))
    shares = [b - a for a, b in zip([0, *cuts], [*cuts, WHOLE], strict=True)]
    rows = [{"unit": draw(st.integers(1, 4)), "percent": f"{Decimal(share) / 100}"} for share in shares]
    return fixed(draw(MONTHS), rows)


@st.composite
def yearly_orders(draw: Any) -> dict[str, Any]:
    years = draw(st.lists(st.decimals(0, 100, places=2), min_size=1, max_size=5))
    return by_year(draw(MONTHS), years, unit=draw(st.integers(1, 4)), person=draw(st.sampled_from([None, 9])))


MONTHS = st.builds(lambda year, month: f"{year}-{month:02}", st.integers(2024, 2030), st.integers(1, 12))
ORDERS = st.lists(st.one_of(fixed_orders(), yearly_orders(), MONTHS.map(ended)), max_size=8)


@given(orders=ORDERS, month=MONTHS)
def test_splits_sum_to_100_percent_whatever_the_sequence(orders: list[dict[str, Any]], month: str) -> None:
    """002 §10(2), §12(2): shares between cooperating units are always a whole."""
    held: list[Any] = []
    for order in sorted(orders, key=lambda one: one["since"]):
        held = taken(held, order)
        for split in read(held):
            assert sum(share.hundredths for share in split.shares) == WHOLE
        assert [split.since for split in read(held)] == sorted(split.since for split in read(held))
    assert sum(share.hundredths for share in in_force(read(held), month)) == WHOLE


def test_000_3_2_3_the_developers_share_falls_100_60_30_0_by_year() -> None:
    """000 §3.2.3; the percentages are ours (domain §4.3(4)). Each year takes effect by its month, without a step."""
    splits = read(taken([], by_year("2026-03", [100, 60, 30, 0], unit=7, person=5)))

    def developers(month: str) -> int:
        return sum(share.hundredths for share in in_force(splits, month) if share.unit == 7)

    assert in_force(splits, "2026-02") == KEPT
    assert [developers(month) for month in ("2026-03", "2027-02", "2027-03", "2028-03", "2029-02", "2029-03")] == [
        10_000, 10_000, 6_000, 3_000, 3_000, 0,
    ]  # fmt: skip
    assert in_force(splits, "2031-01") == KEPT


def test_002_11_1_an_immediate_swap_is_a_schedule_of_one_step() -> None:
    splits = read(taken([], by_year("2026-03", [0], unit=7, person=5)))
    assert in_force(splits, "2026-03") == KEPT


def test_what_was_fixed_for_others_stays_while_a_schedule_runs() -> None:
    """003 §4.3(1)6: who serves shares; the developer and the keeper divide the rest between them."""
    held = taken([], fixed("2026-01", [{"unit": 7, "percent": "70"}, {"unit": 8, "percent": "30"}]))
    splits = read(taken(held, by_year("2026-03", ["60", "0"], unit=7, person=5)))

    assert in_force(splits, "2026-02") == (Share(7, None, 7_000), Share(8, None, 3_000))
    assert in_force(splits, "2026-03") == (Share(7, 5, 4_200), Share(None, None, 2_800), Share(8, None, 3_000))
    assert in_force(splits, "2027-03") == (Share(None, None, 7_000), Share(8, None, 3_000))


def test_a_later_decision_replaces_the_years_that_were_still_to_come() -> None:
    held = taken([], by_year("2026-03", [100, 60, 30, 0], unit=7, person=5))
    splits = read(taken(held, fixed("2027-06", [{"unit": 8, "percent": 100}])))

    assert in_force(splits, "2027-05")[0] == Share(7, 5, 6_000)
    assert {in_force(splits, month) for month in ("2027-06", "2028-03", "2035-01")} == {(Share(8, None, WHOLE),)}


@given(orders=ORDERS, month=MONTHS)
@example(orders=[by_year("2024-01", [60, 0], unit=7, person=5)], month="2025-01")  # it runs out in that very month
def test_from_the_month_of_an_end_on_all_is_the_keepers_and_before_it_nothing_changes(
    orders: list[dict[str, Any]], month: str
) -> None:
    held: list[Any] = []
    for order in sorted((one for one in orders if one["since"] <= month), key=lambda one: one["since"]):
        held = taken(held, order)
    before, after = read(held), read(taken(held, ended(month)))

    assert {in_force(after, later(month, months)) for months in range(61)} == {KEPT}
    assert in_force(after, later(month, -1)) == in_force(before, later(month, -1))
    if all(split.shares == KEPT for split in before):
        assert after == before  # nothing is there to end


@pytest.mark.parametrize("rows", [[("1", "99.99")], [("1", "60"), ("2", "40.01")], [("1", "100.001")], []])
def test_shares_that_are_no_whole_are_refused(rows: list[tuple[str, str]]) -> None:
    with pytest.raises(SplitUneven):
        fixed("2026-03", [{"unit": unit, "percent": percent} for unit, percent in rows])


@pytest.mark.parametrize("percent", ["-1", "100.01", "33.333"])
def test_a_share_is_between_nothing_and_all_in_hundredths_of_a_percent(percent: str) -> None:
    with pytest.raises(SplitUneven):
        hundredths(percent)


@given(cents=st.integers(-(10**12), 10**12), shares=st.lists(st.integers(0, WHOLE), min_size=1, max_size=6))
def test_money_divided_by_shares_adds_up_to_the_cent(cents: int, shares: list[int]) -> None:
    shares[0] += 1
    divided = parts(cents, shares)

    assert sum(divided) == cents
    for part, share in zip(divided, shares, strict=True):
        assert abs(part - Decimal(cents) * share / sum(shares)) < 1


def test_the_largest_remainder_gets_the_cent() -> None:
    assert parts(100, [3_333, 3_333, 3_334]) == [33, 33, 34]
    assert parts(1, [5_000, 5_000]) == [1, 0]
    assert parts(-1, [5_000, 5_000]) == [-1, 0]
    assert parts(10_001, [2_550, 7_450]) == [2_550, 7_451]


@given(month=MONTHS, months=st.integers(0, 60))
def test_months_are_counted_through_the_years(month: str, months: int) -> None:
    found = later(month, months)
    assert (int(found[:4]) - int(month[:4])) * 12 + int(found[5:]) - int(month[5:]) == months
