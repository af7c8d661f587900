"""Lengths that end with a date or a moment of the case."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.core.test_deadline import CHINA, at, wall
from workflow.core.deadline import due
from workflow.core.definition.targets import Target, TargetDate, target_from
from workflow.core.moments import EPOCH


def reached(length: TargetDate, facts: Mapping[str, Any], *, start: str) -> str:
    target = length.pick(facts)
    assert target is not None
    return wall(due(at(start), target, None, CHINA).at)


@pytest.mark.parametrize(
    ("length", "start", "expected"),
    [
        (TargetDate("data.ends", end_of_day=True), "2026-09-01 10:00", "09-30 18:00"),
        (TargetDate("data.ends", end_of_day=False), "2026-09-01 10:00", "09-30 00:00"),
        (TargetDate("data.ends", end_of_day=False, less=14), "2026-09-01 10:00", "09-16 00:00"),
        # the day has passed: at once, or with the next closing
        (TargetDate("data.ends", end_of_day=False), "2026-10-12 10:00", "10-12 10:00"),
        (TargetDate("data.ends", end_of_day=True), "2026-10-12 10:00", "10-12 18:00"),
    ],
)
def test_a_date_ends_a_length(length: TargetDate, start: str, expected: str) -> None:
    assert reached(length, {"data.ends": "2026-09-30"}, start=start) == expected


def test_a_day_off_gives_way_to_the_next_working_days_closing() -> None:
    assert reached(TargetDate("data.ends", end_of_day=True), {"data.ends": "2026-10-01"}, start="2026-09-01 10:00") == (
        "10-08 18:00"
    )


def test_a_moment_is_meant_to_the_second_and_one_that_has_passed_is_now() -> None:
    call = TargetDate("data.next_at", end_of_day=False, less=1)
    assert reached(call, {"data.next_at": at("2026-09-30 16:05")}, start="2026-09-01 10:00") == "09-29 16:05"
    assert reached(call, {"data.next_at": at("2026-08-30 16:05")}, start="2026-09-01 10:00") == "09-01 10:00"


@pytest.mark.parametrize(
    ("born", "today", "expected"),
    [
        ("1970-05-20", date(2026, 5, 19), date(2026, 5, 20)),
        ("1970-05-20", date(2026, 5, 20), date(2026, 5, 20)),
        ("1970-05-20", date(2026, 5, 21), date(2027, 5, 20)),
        ("2000-02-29", date(2027, 1, 1), date(2027, 2, 28)),
        ("2000-02-29", date(2027, 3, 1), date(2028, 2, 28)),
    ],
)
def test_a_day_of_the_year_returns(born: str, today: date, expected: date) -> None:
    now = datetime(today.year, today.month, today.day, 4, tzinfo=UTC)
    yearly = TargetDate("data.day", end_of_day=False, yearly=True)
    assert yearly.pick({"data.day": born, "now": now}) == Target(expected.toordinal(), "on")


@pytest.mark.parametrize("empty", ["", EPOCH, None])
def test_an_empty_field_gives_no_length(empty: Any) -> None:
    assert TargetDate("data.ends", end_of_day=True).pick({"data.ends": empty}) is None


@pytest.mark.parametrize("written", ["on 2026-03-20", "on 2026-03-20 eod", "at 2026-03-20T02:00:00+00:00", "3wd eod"])
def test_it_is_read_as_it_is_written(written: str) -> None:
    assert str(target_from(written)) == written
