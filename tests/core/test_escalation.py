"""The life of an escalation is in the history: who was told, who acknowledged it, who acted, and how it ended."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from workflow.core.escalation import lives
from workflow.core.step import SYSTEM, Actor, Step

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
ANNA, BOSS = Actor(11), Actor(22)
RAISED: list[Any] = ["escalation+", {"no": 5, "clock": "answer", "run": 1, "level": 1, "persons": [22]}]
SEEN: list[Any] = ["escalation=", {"no": 5, "clock": "answer", "acknowledged": 1, "acknowledged_by": 22}]


def steps(*made: tuple[str, Actor, list[Any]]) -> list[Step]:
    return [
        Step(
            case=9, seq=seq, kind=kind, trigger="x", actor=actor, effective=NOON, recorded=NOON, from_state="a",
            to_state="a", version=1, task=None, form={}, ops=ops,
        )
        for seq, (kind, actor, ops) in enumerate(made, start=1)
    ]  # fmt: skip


def clock(status: str, name: str = "answer") -> list[Any]:
    return ["clock", {"name": name, "run": 1, "status": status}]


def test_the_first_thing_a_person_does_after_the_acknowledgement_is_the_answer_to_it() -> None:
    told = steps(
        ("rung", SYSTEM, [RAISED]),
        ("claim", ANNA, []),
        ("acknowledge", BOSS, [SEEN]),
        ("comment", BOSS, []),
        ("rung", SYSTEM, []),
        ("reassign", BOSS, []),
        ("trigger", ANNA, [clock("met"), ["escalation-", [5]]]),
    )

    assert lives(told[:1])[5].told == (22,)
    assert lives(told[:2])[5].acted is None
    assert lives(told[:5])[5].acted is None
    life = lives(told)[5]
    assert (life.acknowledged, life.acted, life.ended, life.outcome) == (3, 6, 7, "met")


def test_the_step_that_ends_it_may_be_the_one_that_acts() -> None:
    life = lives(
        steps(
            ("rung", SYSTEM, [RAISED]),
            ("acknowledge", BOSS, [SEEN]),
            ("trigger", ANNA, [clock("met"), ["escalation-", [5]]]),
            ("trigger", ANNA, []),
        )
    )[5]

    assert (life.acted, life.ended) == (3, 3)


@pytest.mark.parametrize(
    ("ops", "outcome"),
    [
        ([clock("met")], "met"),
        ([clock("met", "other")], "withdrawn"),
        ([clock("stopped")], "withdrawn"),
        ([["escalation+", {"no": 8, "clock": "answer", "run": 1, "level": 1, "again": 1}]], "again"),
        ([["escalation+", {"no": 8, "clock": "other", "run": 1, "level": 1, "again": 1}]], "withdrawn"),
    ],
)
def test_how_it_ended_is_told_by_what_ended_it(ops: list[Any], outcome: str) -> None:
    found = lives(steps(("rung", SYSTEM, [RAISED]), ("trigger", ANNA, [["escalation-", [5]], *ops])))

    assert (found[5].outcome, found[5].ended, found[5].acted) == (outcome, 2, None)
