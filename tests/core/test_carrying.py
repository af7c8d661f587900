"""How much of a manager customers take up by what they spend a month (004 §1.3 C(1))."""

from __future__ import annotations

import pytest

from workflow.core.carrying import WHOLE, Carrying, Room

YUAN = 100


@pytest.mark.parametrize(
    ("yuan", "below", "of_one_manager"),
    [
        (200_000, 5, 1), (350_000, 5, 1), (199_999, 5, 2), (100_000, 5, 2), (99_999, 5, 5), (0, 5, 5),
        (99_999, 3, 3), (99_999, 10, 10), (200_000, 10, 1), (100_000, 3, 2),
    ],
)  # fmt: skip
def test_004_1_3_c_1_from_200000_yuan_one_manager_from_100000_for_two_below_for_3_5_or_10(
    yuan: int, below: int, of_one_manager: int
) -> None:
    """004 §1.3 C(1)."""
    rule = Carrying(below=below)

    assert WHOLE // rule.part(yuan * YUAN) == of_one_manager
    assert rule.part(yuan * YUAN) * of_one_manager == WHOLE
    full = rule.carried([yuan * YUAN] * of_one_manager)
    assert (full.parts, full.percent, full.judged) == (WHOLE, 100, "fair")
    assert not Room(full, rule.part(0)).enough
    assert rule.carried([yuan * YUAN] * (of_one_manager + 1)).judged == "many"


def test_what_a_manager_carries_is_told_by_kind() -> None:
    rule = Carrying()
    mixed = rule.carried([120_000 * YUAN, 5_000 * YUAN, 0])

    assert (mixed.ones, mixed.twos, mixed.others, mixed.percent) == (0, 1, 2, 90)
    assert rule.carried([]).judged == "few"
    assert rule.carried([120_000 * YUAN]).judged == "few"
    assert mixed.judged == "fair"
    assert Room(mixed, 3).enough
    assert not Room(mixed, rule.part(0)).enough
