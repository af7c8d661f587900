"""When a message may go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from tests.support.office import library
from workflow.core.calendar import Calendar
from workflow.core.definition.expressions import Text
from workflow.delivery import timing

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""09:00 in Shanghai."""

GATHER = timedelta(seconds=10)


def first_try(created: datetime, at: datetime, *, digest: int | None = None, hours: Calendar | None = None) -> datetime:
    return timing.first_try(created, at, gather=GATHER, digest=digest, hours=hours, zone=SHANGHAI)


def test_a_message_waits_a_moment_for_others_and_an_old_one_does_not() -> None:
    assert first_try(MONDAY, MONDAY) == MONDAY + GATHER
    assert first_try(MONDAY, MONDAY + timedelta(hours=1)) == MONDAY + timedelta(hours=1)


@pytest.mark.parametrize(
    ("hour", "waits"), [(10, timedelta(hours=1)), (9, timedelta(days=1)), (8, timedelta(hours=23))]
)
def test_a_digest_comes_at_the_next_of_its_hours(hour: int, waits: timedelta) -> None:
    assert first_try(MONDAY, MONDAY, digest=hour) == MONDAY + waits


def test_a_digest_comes_every_day_whatever_the_clocks_do() -> None:
    at = datetime(2026, 3, 27, 12, tzinfo=UTC)
    seen = []
    for _ in range(4):
        at = timing.next_hour(at, 2, BERLIN)  # on the 29th this hour is skipped
        seen.append(at.astimezone(BERLIN).date().day)
    assert seen == [28, 29, 30, 31]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-02T09:00+08:00", "2026-03-02T09:00+08:00"),
        ("2026-03-02T11:59+08:00", "2026-03-02T11:59+08:00"),
        ("2026-03-02T12:00+08:00", "2026-03-03T09:00+08:00"),
        ("2026-03-06T18:00+08:00", "2026-03-09T09:00+08:00"),
        ("2026-09-30T18:00+08:00", "2026-10-08T09:00+08:00"),
    ],
)
def test_outside_somebodys_hours_a_message_waits_for_their_opening(at: str, expected: str) -> None:
    hours = library().calendars["mornings"]

    assert timing.within_hours(datetime.fromisoformat(at), hours) == datetime.fromisoformat(expected)


def test_a_digest_keeps_to_the_hours_too() -> None:
    friday = datetime(2026, 3, 6, 10, tzinfo=UTC)

    assert first_try(friday, friday, digest=8, hours=library().calendars["mornings"]) == MONDAY + timedelta(days=7)


def test_hours_that_never_come_again_hold_nothing_back() -> None:
    over = Calendar(
        name="over", version=1, title=Text("过", "Over"), zone="Asia/Shanghai", windows={},
        extra={MONDAY.date() - timedelta(days=1): ((540, 600),)},
    )  # fmt: skip

    assert timing.within_hours(MONDAY, over) == MONDAY


def test_each_failure_doubles_the_wait_up_to_an_hour_and_no_two_are_alike() -> None:
    chance, backoff = Random(7), timedelta(seconds=30)
    waits = [
        [timing.next_try(MONDAY, attempts, backoff=backoff, chance=chance) - MONDAY for _ in range(50)]
        for attempts in (0, 1, 2, 7, 60)
    ]

    for wanted, seen in zip((30, 60, 120, 3600, 3600), waits, strict=True):
        middle = timedelta(seconds=wanted)
        assert all(0.75 * middle <= wait <= 1.25 * middle for wait in seen)
        assert len(set(seen)) == len(seen)
