"""Due times come out as people expect them, in natural and in working time."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from workflow.core.calendar import Calendar, CalendarExhausted
from workflow.core.deadline import Due, due, elapsed, next_nominal, resumed, rung_at, shift, shift_day
from workflow.core.definition.clocks import Rung
from workflow.core.definition.expressions import Text
from workflow.core.definition.targets import Target

OFFICE = ((9 * 60, 12 * 60), (13 * 60 + 30, 18 * 60))
TITLE = Text(zh="工作日历", en="Working calendar")
HOLIDAYS = frozenset(date(2026, 10, day) for day in range(1, 8))
MAKE_UP = {date(2026, 9, 20): OFFICE, date(2026, 10, 10): OFFICE}


def calendar(zone="Asia/Shanghai", windows=None, **rest):
    weekly = dict.fromkeys(range(5), OFFICE) if windows is None else windows
    return Calendar(name="office", version=1, title=TITLE, zone=zone, windows=weekly, **rest)


CHINA = calendar(off=HOLIDAYS, extra=MAKE_UP, known_through=date(2026, 12, 31))
BERLIN = calendar("Europe/Berlin")


def at(text, zone="Asia/Shanghai"):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def wall(moment, zone="Asia/Shanghai"):
    return moment.astimezone(ZoneInfo(zone)).strftime("%m-%d %H:%M:%S").removesuffix(":00")


def target(text):
    length, _, eod = text.partition(" ")
    digits = "".join(character for character in length if character.isdigit())
    return Target(int(digits), length.removeprefix(digits), end_of_day=eod == "eod")


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        ("2026-03-02 10:00", "30m", "03-02 10:30"),
        ("2026-03-06 17:00", "48h", "03-08 17:00"),
        ("2026-03-02 10:00", "2d", "03-04 10:00"),
        ("2026-03-02 10:00", "1w", "03-09 10:00"),
        ("2026-01-31 10:00", "1mo", "02-28 10:00"),
        ("2026-01-31 10:00", "2mo", "03-31 10:00"),
        ("2027-12-31 23:30", "2mo", "02-29 23:30"),
        ("2026-03-02 10:00", "0h", "03-02 10:00"),
        ("2026-03-02 20:00", "1d eod", "03-03 18:00"),
        ("2026-03-02 10:00", "0d eod", "03-02 18:00"),
        ("2026-03-02 20:00", "0d eod", "03-03 18:00"),
        ("2026-03-07 10:00", "0d eod", "03-09 18:00"),
    ],
)
def test_natural_time_passes_by_the_wall_clock(start, length, expected):
    result = due(at(start), target(length), None, CHINA)

    assert wall(result.at) == expected
    assert result.seconds == (result.at - at(start)).total_seconds()
    assert result.calendar == "natural"


@pytest.mark.parametrize(
    ("start", "length", "expected", "hours"),
    [
        ("2026-03-02 10:00", "1wh", "03-02 11:00", 1),
        ("2026-03-02 11:30", "1wh", "03-02 14:00", 1),
        ("2026-03-02 09:00", "3wh", "03-02 12:00", 3),
        ("2026-03-02 13:30", "270wm", "03-02 18:00", 4.5),
        ("2026-03-06 17:30", "1wh", "03-09 09:30", 1),
        ("2026-03-07 11:00", "30wm", "03-09 09:30", 0.5),
        ("2026-09-30 17:00", "2wh", "10-08 10:00", 2),
        ("2026-10-09 17:00", "2wh", "10-10 10:00", 2),
        ("2026-03-02 10:00", "3wd", "03-05 10:00", 22.5),
        ("2026-03-06 10:00", "1wd", "03-09 10:00", 7.5),
        ("2026-03-07 10:00", "1wd", "03-10 09:00", 7.5),
        ("2026-03-02 12:30", "1wd", "03-03 13:30", 7.5),
        ("2026-03-02 19:00", "1wd", "03-04 09:00", 7.5),
        ("2026-03-02 09:00", "1wd", "03-03 09:00", 7.5),
        ("2026-09-30 10:00", "3wd", "10-10 10:00", 22.5),
        ("2026-03-02 10:00", "3wd eod", "03-05 18:00", 29),
        ("2026-03-07 10:00", "1wd eod", "03-10 18:00", 15),
        ("2026-03-02 10:00", "0wd", "03-02 10:00", 0),
        ("2026-03-07 10:00", "0wd", "03-09 09:00", 0),
        ("2026-03-02 18:00", "0wd eod", "03-03 18:00", 7.5),
    ],
)
def test_working_time_passes_in_the_windows(start, length, expected, hours):
    result = due(at(start), target(length), None, CHINA)

    assert wall(result.at) == expected
    assert result.seconds == hours * 3600
    assert result.calendar == "office"


@pytest.mark.parametrize(("plain", "working"), [("90m", "90wm"), ("9h", "9wh"), ("2d", "2wd"), ("2d eod", "2wd eod")])
def test_plain_units_on_a_working_clock_are_working_time(plain, working):
    start = at("2026-03-06 16:30")

    assert due(start, target(plain), CHINA, BERLIN) == due(start, target(working), None, CHINA)


@pytest.mark.parametrize("length", ["1w", "1mo"])
def test_weeks_and_months_pass_over_days_off_but_are_measured_in_working_time(length):
    start = at("2026-09-28 10:00")

    result = due(start, target(length), CHINA, CHINA)

    assert result.at == due(start, target(length), None, CHINA).at
    assert result.seconds == elapsed(start, result.at, CHINA)


def test_working_days_land_in_shorter_days_at_their_closing_before():
    short = dict.fromkeys(range(4), OFFICE) | {4: ((600, 720),)}
    given = calendar(windows=short)

    assert wall(due(at("2026-03-05 15:00"), target("1wd"), None, given).at) == "03-06 12:00"
    assert wall(due(at("2026-03-05 09:30"), target("1wd"), None, given).at) == "03-06 10:00"


def test_a_year_not_announced_gives_a_provisional_due_time():
    start = at("2026-12-30 10:00")

    assert not due(start, target("1wd"), None, CHINA).provisional
    assert due(start, target("2wd"), None, CHINA).provisional
    assert due(start, target("5d eod"), None, CHINA).provisional
    assert not due(start, target("5d"), None, CHINA).provisional


def test_berlin_days_keep_their_time_over_summer_time_and_hours_do_not():
    saturday = at("2026-03-28 10:00", "Europe/Berlin")
    friday = at("2026-03-27 10:00", "Europe/Berlin")

    assert wall(due(saturday, target("24h"), None, BERLIN).at, "Europe/Berlin") == "03-29 11:00"
    assert wall(due(friday, target("1wd"), None, BERLIN).at, "Europe/Berlin") == "03-30 10:00"
    assert wall(due(saturday, target("1mo"), None, BERLIN).at, "Europe/Berlin") == "04-28 10:00"
    night = at("2026-02-28 02:30", "Europe/Berlin")
    assert wall(due(night, target("1mo"), None, BERLIN).at, "Europe/Berlin") == "03-28 02:30"
    skipped = at("2026-01-29 02:30", "Europe/Berlin")
    assert wall(due(skipped, target("2mo"), None, BERLIN).at, "Europe/Berlin") == "03-29 03:30"


def test_shanghai_summer_time_of_1986_makes_a_working_night_shorter():
    night = calendar(windows=dict.fromkeys(range(7), ((0, 360),)))

    assert elapsed(at("1986-05-04 00:00"), at("1986-05-04 06:00"), night) == 5 * 3600
    assert wall(due(at("1986-05-03 23:00"), target("3wh"), None, night).at) == "05-04 04:00"


def test_microseconds_are_kept():
    start = at("2026-03-02 10:00") + timedelta(microseconds=123_457)

    assert due(start, target("48h"), None, CHINA).at - start == timedelta(hours=48)
    assert due(start, target("3wd"), None, CHINA).at.microsecond == 123_457
    assert due(start, target("2mo"), None, CHINA).at.microsecond == 123_457


def test_a_moment_in_another_zone_is_the_same_moment():
    berlin = at("2026-03-28 10:00", "Europe/Berlin").astimezone(ZoneInfo("Europe/Berlin"))

    for length in ("24h", "1mo", "3wd", "5wh"):
        assert due(berlin, target(length), None, BERLIN) == due(berlin.astimezone(UTC), target(length), None, BERLIN)


def test_a_naive_start_is_refused():
    for length in ("48h", "3wd", "1mo"):
        with pytest.raises(ValueError, match="zone"):
            due(datetime(2026, 3, 2), target(length), None, CHINA)  # noqa: DTZ001


def test_shifting_ends_at_a_closing_and_going_back_at_an_opening():
    noon, after_noon = at("2026-03-02 12:00"), at("2026-03-02 13:30")

    assert shift(at("2026-03-02 09:00"), 3 * 3600, CHINA) == noon
    assert shift(at("2026-03-02 18:00"), -4.5 * 3600, CHINA) == after_noon
    assert shift(noon, 0, CHINA) == noon
    assert shift(noon, -90, None) == noon - timedelta(seconds=90)


def test_elapsed_counts_backwards_as_negative():
    friday, monday = at("2026-03-06 17:00"), at("2026-03-09 10:00")

    assert elapsed(friday, monday, CHINA) == 7200
    assert elapsed(monday, friday, CHINA) == -7200
    assert elapsed(monday, monday, CHINA) == 0
    assert elapsed(friday, friday + timedelta(seconds=1.9), None) == 1
    assert elapsed(friday + timedelta(seconds=1.9), friday, None) == -1


def test_a_pause_moves_the_due_moment_by_the_time_it_held():
    deadline = at("2026-03-06 17:00")

    later = resumed(deadline, at("2026-03-05 17:00"), at("2026-03-06 10:00"), CHINA)

    assert wall(later) == "03-09 10:00"
    assert resumed(deadline, deadline, deadline + timedelta(microseconds=7), None) == deadline + timedelta(
        microseconds=7
    )


@pytest.mark.parametrize(
    ("percent", "expected"),
    [("50", "03-03 10:00"), ("75", "03-03 22:00"), ("100", "03-04 10:00"), ("200", "03-06 10:00")],
)
def test_a_ladder_on_natural_time(percent, expected):
    result = due(at("2026-03-02 10:00"), target("48h"), None, CHINA)

    reached = rung_at(result.at, result.seconds, Rung(percent=Decimal(percent)), None, CHINA)

    assert wall(reached) == expected


@pytest.mark.parametrize(
    ("percent", "expected"),
    [("0", "03-06 09:00"), ("50", "03-09 09:00"), ("100", "03-09 18:00"), ("120", "03-10 12:00")],
)
def test_a_ladder_on_working_time(percent, expected):
    result = due(at("2026-03-06 09:00"), target("15wh"), CHINA, CHINA)

    reached = rung_at(result.at, result.seconds, Rung(percent=Decimal(percent)), CHINA, CHINA)

    assert wall(reached) == expected


@pytest.mark.parametrize(
    ("offset", "before", "expected"),
    [
        ("14d", True, "02-23 16:00"),
        ("2h", False, "03-09 18:00"),
        ("1mo", True, "02-09 16:00"),
        ("1wd", True, "03-06 16:00"),
        ("3wh", False, "03-10 10:00"),
        ("8wh", True, "03-06 15:30"),
        ("1wd eod", True, "03-06 18:00"),
        ("1wd eod", False, "03-10 18:00"),
        ("4d eod", True, "03-05 18:00"),
        ("1d eod", True, "03-06 18:00"),
        ("5d eod", False, "03-16 18:00"),
        ("0d eod", True, "03-06 18:00"),
        ("1h eod", True, "03-06 18:00"),
        ("0d eod", False, "03-09 18:00"),
    ],
)
def test_a_rung_at_an_offset_from_due(offset, before, expected):
    rung = Rung(offset=target(offset), before=before)

    assert wall(rung_at(at("2026-03-09 16:00"), 3600, rung, None, CHINA)) == expected


@pytest.mark.parametrize(
    ("moment", "offset", "expected"),
    [
        ("2026-03-08 12:00", "1wd", "03-05 18:00"),
        ("2026-03-09 12:30", "1wd", "03-06 12:00"),
        ("2026-03-08 12:00", "1wh", "03-06 17:00"),
    ],
)
def test_going_back_from_a_day_off_counts_from_the_closing_before(moment, offset, expected):
    rung = Rung(offset=target(offset), before=True)

    assert wall(rung_at(at(moment), 3600, rung, None, CHINA)) == expected


def test_a_rung_that_says_nothing_is_a_fault():
    with pytest.raises(ValueError, match="neither"):
        rung_at(at("2026-03-09 16:00"), 3600, Rung(), None, CHINA)


@pytest.mark.parametrize("length", ["1wh", "1wd", "1wd eod", "0d eod"])
def test_a_calendar_whose_days_are_over_ends_the_search(length):
    given = calendar(windows={}, extra={date(2026, 3, 2): OFFICE})

    with pytest.raises(CalendarExhausted):
        due(at("2026-03-02 19:00"), target(length), None, given)
    with pytest.raises(CalendarExhausted):
        shift(at("2026-03-01 09:00"), -1, given)
    with pytest.raises(CalendarExhausted):
        shift_day(date(2026, 3, 3), "after", given)


@pytest.mark.parametrize("length", ["99999999d", "99999999999999d", "999999mo", "99999999wh", "99999999wd"])
def test_a_target_beyond_every_calendar_ends_the_search(length):
    with pytest.raises(CalendarExhausted):
        due(at("2026-03-02 19:00"), target(length), None, CHINA)
    with pytest.raises(CalendarExhausted):
        rung_at(at("2026-03-02 19:00"), 60, Rung(offset=target(length), before=True), None, CHINA)


def test_the_last_years_there_are_end_the_search():
    with pytest.raises(CalendarExhausted):
        due(at("9998-12-20 09:00"), target("30wd"), None, CHINA)
    with pytest.raises(CalendarExhausted):
        due(at("9999-12-30 09:00"), target("48h"), None, CHINA)


def test_a_monthly_series_does_not_drift():
    anchor, dates = date(2026, 1, 31), [date(2026, 1, 31)]

    while len(dates) < 4:
        dates.append(next_nominal(anchor, target("1mo"), dates[-1]))

    assert dates == [anchor, date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]


@pytest.mark.parametrize(
    ("every", "after", "expected"),
    [
        ("1w", "2026-01-31", "2026-02-07"),
        ("10d", "2026-02-10", "2026-02-20"),
        ("2mo", "2026-02-01", "2026-03-31"),
        ("6mo", "2030-07-31", "2031-01-31"),
        ("1mo", "2026-02-28", "2026-03-31"),
        ("1mo", "2025-06-01", "2026-02-28"),
        ("1w", "2025-06-01", "2026-02-07"),
    ],
)
def test_the_next_date_of_a_series(every, after, expected):
    assert next_nominal(date(2026, 1, 31), target(every), date.fromisoformat(after)) == date.fromisoformat(expected)


@pytest.mark.parametrize("every", ["1h", "3wd", "1wm", "0d", "0mo"])
def test_a_series_needs_days_weeks_or_months(every):
    with pytest.raises(ValueError, match=r"comes? back"):
        next_nominal(date(2026, 1, 31), target(every), date(2026, 1, 31))


def test_a_date_on_a_day_off_moves_as_its_rule_says():
    holiday = date(2026, 10, 3)

    assert shift_day(holiday, "none", CHINA) == holiday
    assert shift_day(holiday, "before", CHINA) == date(2026, 9, 30)
    assert shift_day(holiday, "after", CHINA) == date(2026, 10, 8)
    assert shift_day(date(2026, 10, 10), "before", CHINA) == date(2026, 10, 10)


def test_a_due_time_is_a_value():
    start = at("2026-03-02 10:00")

    assert due(start, target("48h"), None, CHINA) == Due(at("2026-03-04 10:00"), seconds=172_800)
