"""A tier is decided as published, and the parts it is made of add up (003 §4.2(4), 002 §8-9)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.customers.tiers import TIERS, RevenueScheme, SchemeFault, ScoreScheme, by_revenue, by_score

SCORE = ScoreScheme()
REVENUE = RevenueScheme()
MONEY = st.decimals(0, 10_000_000, places=2)


@pytest.mark.parametrize(
    ("revenue", "unit", "tier", "told"),
    [
        (1_000_000, 100_000_000, "diamond", "100 = 60 + 40"),
        (Decimal("853333.34"), 364_672_367, "gold", "82.4 = 51.2 + 31.2"),
        (5_000_000, 100_000_000, "diamond", "100 = 60 + 40"),
        (853_333, 364_672_000, "gold", "82.39 = 51.19 + 31.2"),
        (1_000_000, 444_444_445, "gold", "89.99 = 60 + 29.99"),
        (1_000_000, 444_444_444, "diamond", "90 = 60 + 30"),
        (1_000_000, 600_000_000, "gold", "82.22 = 60 + 22.22"),
        (1_000_000, 666_666_666, "gold", "80 = 60 + 20"),
        (1_000_000, 666_666_667, "silver", "79.99 = 60 + 19.99"),
        (500_000, 500_000_000, "ordinary", "43.33 = 30 + 13.33"),
        (500_000, 0, "ordinary", "30 = 30 + 0"),
        (700_000, 250_000_000, "silver", "79.33 = 42 + 37.33"),
        (0, 100_000_000, "ordinary", "0 = 0 + 0"),
        (-20_000, 100_000_000, "ordinary", "0 = 0 + 0"),
    ],
)
def test_the_score_is_revenue_and_share(revenue, unit, tier, told):
    grade = by_score(revenue, unit_revenue=unit, scheme=SCORE)

    assert grade.tier == tier
    assert str(grade) == told


def test_a_grade_tells_what_it_was_made_of():
    grade = by_score(Decimal("640000.50"), unit_revenue=400_000_000, scheme=SCORE)

    assert [part.name for part in grade.parts] == ["revenue", "share"]
    assert grade.parts[0].given == Decimal("640000.50")
    assert grade.parts[1].given == Decimal("1.60")
    assert grade.parts[1].full == 3
    assert grade.tier == "ordinary"
    assert grade.missing == 70 - grade.figure


@given(MONEY, MONEY)
def test_the_parts_of_a_score_add_up_and_stay_in_their_range(revenue, unit):
    grade = by_score(revenue, unit_revenue=unit, scheme=SCORE)

    assert sum(part.points for part in grade.parts) == grade.figure
    assert all(0 <= part.points <= part.most for part in grade.parts)
    assert grade.figure >= grade.line
    assert (grade.missing is None) is (grade.tier == "diamond")


@given(MONEY, MONEY, MONEY)
def test_more_revenue_never_means_a_lower_tier(revenue, more, unit):
    lower = by_score(revenue, unit_revenue=unit, scheme=SCORE)
    higher = by_score(revenue + more, unit_revenue=unit, scheme=SCORE)

    assert TIERS.index(higher.tier) <= TIERS.index(lower.tier)


@pytest.mark.parametrize(
    ("revenue", "quarter", "tier", "missing"),
    [
        (1_000_000, 4, "diamond", None),
        (Decimal("999999.99"), 4, "gold", Decimal("0.01")),
        (250_000, 1, "diamond", None),
        (249_999, 1, "gold", 1),
        (250_000, 2, "gold", 250_000),
        (150_000, 3, "silver", 225_000),
        (149_999, 3, "ordinary", 1),
        (-5, 4, "ordinary", 200_005),
    ],
)
def test_revenue_is_held_against_the_part_of_the_year(revenue, quarter, tier, missing):
    grade = by_revenue(revenue, scheme=REVENUE, quarter=quarter)

    assert (grade.tier, grade.missing, grade.quarter) == (tier, missing, quarter)
    assert grade.parts == ()


@given(MONEY, st.integers(1, 4))
def test_a_quarter_of_the_revenue_is_judged_like_the_whole_of_a_year(revenue, quarter):
    part = by_revenue(revenue * quarter, scheme=REVENUE, quarter=quarter)

    assert part.tier == by_revenue(revenue * 4, scheme=REVENUE).tier


def test_a_revenue_is_told_plainly():
    assert str(by_revenue(Decimal("1234500.00"), scheme=REVENUE)) == "1234500"


def test_the_lines_below_diamond_are_the_units_own():
    own = RevenueScheme(gold=300_000, silver=100_000)

    assert by_revenue(350_000, scheme=own).tier == "gold"
    assert by_score(1_000_000, unit_revenue=0, scheme=ScoreScheme(silver=60)).tier == "silver"
    assert by_revenue(0, scheme=RevenueScheme(silver=0)).tier == "silver"
    assert by_revenue(350_000, scheme=own).quarter == 4
    assert by_score(0, unit_revenue=1, scheme=SCORE).quarter == 4


@pytest.mark.parametrize(
    "lines", [{"gold": 1_000_000}, {"silver": 600_000}, {"silver": -1}, {"diamond": 100}, {"gold": 200_000}]
)
def test_lines_that_do_not_fall_make_no_scheme(lines):
    with pytest.raises(SchemeFault):
        RevenueScheme(**lines)


@pytest.mark.parametrize("change", [{"full_revenue": 0}, {"full_share": Decimal(0)}, {"diamond": 70}])
def test_a_score_of_nothing_makes_no_scheme(change):
    with pytest.raises(SchemeFault):
        ScoreScheme(**change)


@pytest.mark.parametrize("revenue", [1.5, Decimal("NaN"), Decimal("Infinity")])
def test_what_is_no_money_is_not_graded(revenue):
    with pytest.raises(SchemeFault):
        by_revenue(revenue, scheme=REVENUE)


@pytest.mark.parametrize("quarter", [0, 5])
def test_a_year_has_four_quarters(quarter):
    with pytest.raises(SchemeFault):
        by_revenue(1, scheme=REVENUE, quarter=quarter)
