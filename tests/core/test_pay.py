"""The pay formula of 004 §3.2, number by number."""

from fractions import Fraction
from typing import Any

import pytest

from workflow.core.pay import Inputs, paid


def pay(actual: int, **more: Any) -> Any:
    return paid(Inputs(**{"actual": actual, "planned": 100_000, "base": 60_000, "score": 80_00, **more}))


def test_004_3_2_5_1_from_100_percent_on_it_is_base_times_score() -> None:
    """004 §3.2(5)①: r ≥ 1 → base × score / 100."""
    assert pay(100_000).performance == pay(250_000).performance == 48_000


def test_004_3_2_5_2_from_85_percent_on_it_is_base_times_completion_times_score() -> None:
    """004 §3.2(5)②: 0.85 ≤ r < 1 → base × r × score / 100."""
    assert (pay(85_000).performance, pay(99_999).performance) == (40_800, 48_000)
    assert pay(99_000).performance == 47_520


def test_004_3_2_5_3_below_85_percent_it_is_40_percent_of_base_times_score() -> None:
    """004 §3.2(5)③: r < 0.85 → base × 0.4 × score / 100."""
    assert pay(84_999).performance == pay(0).performance == pay(-5).performance == 19_200


BONUS: dict[str, Any] = {"all_staff": 10_000, "margin": 33_00, "rate": 5_00}


def test_004_3_2_6_the_bonus_is_5_to_10_percent_of_what_is_above_plan_and_not_sold_by_all_staff() -> None:
    """004 §3.2(6): (actual − planned − all-staff sales) × 5-10 %."""
    found = pay(150_000, **BONUS)
    assert (found.excess, found.bonus) == (40_000, 2_000)
    assert pay(150_000, **{**BONUS, "rate": 10_00}).bonus == 4_000
    assert pay(105_000, **BONUS).bonus == 0, "all of it sold by all staff, and nobody owes anything"


def test_004_3_2_6_a_bonus_wants_a_gross_margin_of_33_percent() -> None:
    """004 §3.2(6): 毛利率达到33%."""
    assert pay(150_000, **{**BONUS, "margin": 32_99}).bonus == 0


def test_004_3_2_6_a_bonus_wants_more_than_the_plan() -> None:
    """004 §3.2(6): 完成率>100%."""
    assert pay(100_000, **{**BONUS, "all_staff": -1_000}).bonus == 0
    assert pay(100_001, **{**BONUS, "all_staff": -19}).bonus == 1


def test_004_3_2_9_1_who_began_within_the_year_is_paid_for_the_months_worked() -> None:
    """004 §3.2(9)①: base / 12 × months."""
    assert (pay(100_000, months=5).standard, pay(100_000, months=5).performance) == (25_000, 20_000)


def test_what_nobody_said_leaves_the_bonus_open_and_the_performance_pay_known() -> None:
    for name in BONUS:
        found = pay(150_000, **{key: value for key, value in BONUS.items() if key != name})
        assert (found.bonus, found.performance) == (None, 48_000)
    assert pay(90_000).bonus == 0, "below plan there is none, whatever else"


@pytest.mark.parametrize(("base", "cents"), [(125, 1), (124, 1), (37, 0), (38, 0), (63, 1), (62, 0)])
def test_a_result_is_rounded_once_to_the_cent_halves_up(base: int, cents: int) -> None:
    assert pay(100_000, base=base, score=80).performance == cents
    assert pay(90_000).completion == Fraction(9, 10)


def test_nothing_planned_is_no_completion() -> None:
    with pytest.raises(ValueError, match="0"):
        pay(1, planned=0)
