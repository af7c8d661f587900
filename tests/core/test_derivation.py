"""Every due time can explain itself, line by line."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from workflow.core.calendar import Calendar
from workflow.core.deadline import due, elapsed, resumed
from workflow.core.definition.expressions import Text
from workflow.core.definition.targets import Target
from workflow.core.derivation import Line, explain

OFFICE = ((9 * 60, 12 * 60), (13 * 60 + 30, 18 * 60))
CHINA = Calendar(
    name="office",
    version=1,
    title=Text(zh="工作日历", en="Working calendar"),
    zone="Asia/Shanghai",
    windows=dict.fromkeys(range(5), OFFICE),
    off=frozenset(date(2026, 10, day) for day in range(1, 8)),
    extra={date(2026, 10, 10): OFFICE},
    known_through=date(2026, 12, 31),
)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)


def test_natural_time_is_one_line_of_counting():
    start, end = at("2026-03-02 10:00"), at("2026-03-04 10:00")

    assert explain(start, Target(48, "h"), (), None, CHINA) == (
        Line("start", since=start, target="48h"),
        Line("elapsed", since=start, until=end, seconds=172_800),
        Line("due", since=end),
    )


def test_working_time_names_windows_days_skipped_and_days_added():
    start = at("2026-09-30 17:00")

    lines = explain(start, Target(21, "wh"), (), None, CHINA)

    assert [line.kind for line in lines] == [
        "start", "counted", "skipped", "counted", "counted",
        "counted", "counted", "added", "counted", "counted", "due",
    ]  # fmt: skip
    assert lines[2] == Line("skipped", first=date(2026, 10, 1), last=date(2026, 10, 7))
    assert lines[7] == Line("added", first=date(2026, 10, 10))
    assert lines[1] == Line("counted", since=start, until=at("2026-09-30 18:00"), seconds=3600)
    assert lines[-1].since == at("2026-10-10 15:30")


def test_a_start_on_a_day_off_waits_for_the_opening():
    start = at("2026-03-07 11:00")

    lines = explain(start, Target(1, "wh"), (), None, CHINA)

    assert lines[1] == Line("waits", since=start, until=at("2026-03-09 09:00"))
    assert lines[2].seconds == 3600


def test_the_end_of_the_day_is_said():
    lines = explain(at("2026-03-02 10:00"), Target(0, "d", end_of_day=True), (), None, CHINA)

    assert [line.kind for line in lines] == ["start", "elapsed", "closing", "due"]
    assert lines[2].until == lines[3].since == at("2026-03-02 18:00")


def test_a_pause_is_said_and_counted_again():
    start = at("2026-03-02 10:00")
    pause = at("2026-03-02 17:00"), at("2026-03-03 10:00")

    lines = explain(start, Target(7, "wh"), [pause], CHINA, CHINA)

    assert lines[-1].since == at("2026-03-03 11:30")
    assert [line for line in lines if line.kind == "paused"] == [
        Line("paused", since=pause[0], until=pause[1], seconds=7200)
    ]


def test_nothing_to_count_is_no_line():
    start = at("2026-03-02 10:00")

    assert explain(start, Target(0, "h"), (), None, CHINA) == (
        Line("start", since=start, target="0h"),
        Line("due", since=start),
    )


def test_a_pause_that_leads_into_an_unknown_year_makes_the_result_provisional():
    start = at("2026-12-31 10:00")
    pause = start, at("2027-01-04 10:00")

    assert not explain(start, Target(2, "wh"), (), CHINA, CHINA)[-1].provisional
    assert explain(start, Target(2, "wh"), [pause], CHINA, CHINA)[-1].provisional


@pytest.mark.parametrize("working", [None, CHINA])
@pytest.mark.parametrize(
    "target",
    [
        Target(90, "m"),
        Target(48, "h"),
        Target(3, "wd"),
        Target(15, "wh"),
        Target(1, "mo"),
        Target(2, "wd", True),
    ],
)
@pytest.mark.parametrize("start", ["2026-03-07 11:00", "2026-09-30 17:00", "2026-10-09 12:30"])
def test_the_lines_add_up(start, target, working):
    moment = at(start)
    pauses = [(moment + timedelta(hours=3), moment + timedelta(hours=30))]

    lines = explain(moment, target, pauses, working, CHINA)

    result = due(moment, target, working, CHINA)
    calendar = None if result.calendar == "natural" else CHINA
    assert lines[-1].since == resumed(result.at, *pauses[0], calendar)
    counted = sum(line.seconds for line in lines if line.kind in ("counted", "elapsed"))
    assert counted == result.seconds + elapsed(*pauses[0], calendar)
