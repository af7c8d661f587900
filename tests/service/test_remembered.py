"""A figure may be half a minute old, and no older; a moment before it was counted it is not known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.support.office import Office
from workflow.service.remembered import MOST, Remembered

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_it_is_counted_again_when_it_has_lasted_and_for_another_key() -> None:
    remembered: Remembered[int] = Remembered(lasts=timedelta(seconds=30))
    made = iter(range(10))

    def get(key: str, seconds: float) -> int:
        return remembered.get(key, NOON + timedelta(seconds=seconds), lambda: next(made))

    assert [get("a", 0), get("a", 29.9), get("a", 30), get("b", 30), get("a", 31), get("a", -1)] == [0, 0, 1, 2, 1, 3]


def test_it_does_not_remember_for_ever() -> None:
    remembered: Remembered[int] = Remembered(lasts=timedelta(seconds=30))
    for key in range(MOST + 1):
        remembered.get(key, NOON, lambda: 0)
    assert len(remembered._known) == 1


def test_breaches_above_the_board_are_each_readers_own(office: Office) -> None:
    door = office.workflow
    office.complaint()
    office.later(hours=60)
    office.fire()
    for login, count in (("stranger", 0), ("supervisor", 1), ("stranger", 0)):
        assert door.breaches(office.actor(login)).count == count
    assert door.breaches(office.actor("supervisor"), days=1).count == 1
    office.complaint()
    office.later(hours=60)
    office.fire()
    assert door.breaches(office.actor("supervisor")).count == 2
