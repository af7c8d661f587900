"""100 points and what they are made of: 004 §1.3 C(2), 001 §2(3); the weights and rules are ours."""

from decimal import Decimal

import pytest

from tests.support.office import library
from workflow.core.scores import RULES, WHOLE, score, scored
from workflow.definitions.measures import CENTRE, MANAGER


def got(name: str, have: int | None, want: int | None, points: int = 10) -> int | None:
    [part] = scored({name: points}, {name: (have, want)}, limit=Decimal(10))
    return part.got


@pytest.mark.parametrize(
    ("name", "have", "want", "points"),
    [
        ("revenue", 90, 100, 9_00), ("revenue", 200, 100, 10_00), ("revenue", -5, 100, 0), ("revenue", 1, 3, 3_33),
        ("cost", 0, 0, 10_00), ("cost", 100, 100, 10_00), ("cost", 125, 100, 8_00), ("cost", 5, 0, 0),
        ("churn", 0, 0, 10_00), ("churn", 1, 8, 8_75), ("churn", 3, 3, 0),
        ("forecast", 100, 100, 10_00), ("forecast", 110, 100, 9_00), ("forecast", 90, 100, 9_00),
        ("forecast", 900, 100, 0),
        ("products", 3, 4, 7_50),
        ("receivables", 0, 0, 10_00), ("receivables", 5, 100, 5_00), ("receivables", 10, 100, 0),
        ("receivables", 1, 0, 0),
        ("satisfaction", 92_50, WHOLE, 9_25),
        ("customers", 9, 10, 9_00), ("files", 0, 0, 10_00), ("files", 1, 4, 2_50), ("reports", 2, 3, 6_67),
    ],
)  # fmt: skip
def test_points_of_a_measure(name: str, have: int, want: int, points: int) -> None:
    assert got(name, have, want) == points


def test_every_measure_of_the_sources_has_a_rule() -> None:
    assert {*MANAGER, *CENTRE} == set(RULES)


def test_a_score_is_the_sum_of_what_is_shown_and_none_where_something_is_not_known() -> None:
    points = library().standards.manager
    facts: dict[str, tuple[int | None, int | None]] = dict.fromkeys(points, (1, 3))
    parts = scored(points, facts, limit=Decimal(10))
    assert score(parts) == sum(part.got or 0 for part in parts)
    assert [(part.name, part.points) for part in parts] == list(points.items())
    assert score(scored(points, {**facts, "forecast": (1, None)}, limit=Decimal(10))) is None
    assert score(()) is None
