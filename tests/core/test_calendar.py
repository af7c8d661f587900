"""A calendar says which minutes of a day are working time, in every zone and through every clock change."""

from datetime import UTC, date, datetime, time
from itertools import pairwise

import pytest

from workflow.core.calendar import Calendar, CalendarEmpty, CalendarFault, calendar_from
from workflow.core.definition.expressions import Text
from workflow.core.moments import micros, moment_of

OFFICE = ((9 * 60, 12 * 60), (13 * 60 + 30, 18 * 60))
TITLE = Text(zh="工作日历", en="Working calendar")
SPEC = {
    "name": "working",
    "version": 1,
    "title": {"zh": "工作日历", "en": "Working calendar"},
    "zone": "Asia/Shanghai",
    "windows": {"mon-fri": ["09:00-12:00", "13:30-18:00"]},
}


def calendar(zone="Asia/Shanghai", windows=None, **rest):
    weekly = dict.fromkeys(range(5), OFFICE) if windows is None else windows
    return Calendar(name="working", version=1, title=TITLE, zone=zone, windows=weekly, **rest)


def spans(given, day):
    return [(moment_of(opening), moment_of(closing)) for opening, closing in given.spans(day)]


def test_a_weekday_has_its_windows_and_a_weekend_none():
    given = calendar()

    assert given.windows_on(date(2026, 3, 2)) == OFFICE
    assert not given.is_working_day(date(2026, 3, 1))


def test_a_make_up_day_wins_over_a_day_off():
    sunday = date(2026, 3, 1)
    given = calendar(off=frozenset({sunday, date(2026, 3, 2)}), extra={sunday: ((600, 660),)})

    assert given.windows_on(sunday) == ((600, 660),)
    assert not given.is_working_day(date(2026, 3, 2))


def test_windows_are_told_in_utc():
    assert spans(calendar(), date(2026, 3, 2)) == [
        (datetime(2026, 3, 2, 1, tzinfo=UTC), datetime(2026, 3, 2, 4, tzinfo=UTC)),
        (datetime(2026, 3, 2, 5, 30, tzinfo=UTC), datetime(2026, 3, 2, 10, tzinfo=UTC)),
    ]


def test_china_kept_summer_time_from_1986_to_1991():
    winter = spans(calendar(), date(1986, 5, 2))[0][0]
    summer = spans(calendar(), date(1986, 5, 5))[0][0]

    assert (winter.time(), summer.time()) == (time(1), time(0))


@pytest.mark.parametrize(
    ("day", "windows", "hours"),
    [
        (date(2026, 3, 29), ((0, 1440),), 23),
        (date(2026, 10, 25), ((0, 1440),), 25),
        (date(2026, 3, 29), ((120, 180),), 0),
        (date(2026, 3, 29), ((60, 150), (180, 240)), 2),
        (date(2026, 10, 25), ((120, 180),), 2),
        (date(2026, 10, 25), ((60, 150), (180, 240)), 3),
    ],
)
def test_a_window_over_a_clock_change_holds_the_hours_that_really_pass(day, windows, hours):
    given = calendar("Europe/Berlin", {day.weekday(): windows})

    parts = given.spans(day)

    assert sum(closing - opening for opening, closing in parts) == hours * 3_600_000_000
    assert all(left[1] <= right[0] for left, right in pairwise(parts))


def test_a_day_that_a_zone_left_out_has_no_working_time():
    given = calendar("Pacific/Apia", dict.fromkeys(range(7), ((0, 1440),)))

    assert given.spans(date(2011, 12, 30)) == ()
    assert len(given.spans(date(2011, 12, 29))) == 1
    assert given.spans(date(2011, 12, 29))[0][1] == given.spans(date(2011, 12, 31))[0][0]


def test_many_days_are_remembered_without_growing_for_ever():
    given = calendar()

    for ordinal in range(700_000, 709_000):
        given.spans(date.fromordinal(ordinal))

    assert len(given._days) <= 8192


def test_calendars_are_values():
    assert calendar() == calendar()
    assert len({calendar(), calendar(), calendar("Europe/Berlin")}) == 2


@pytest.mark.parametrize("windows", [{}, {0: ()}, dict.fromkeys(range(7), ())])
def test_a_calendar_without_any_window_is_refused(windows):
    with pytest.raises(CalendarEmpty):
        calendar(windows=windows)


@pytest.mark.parametrize(
    ("windows", "path"),
    [
        ({0: ((600, 600),)}, ("windows", "mon")),
        ({1: ((600, 540),)}, ("windows", "tue")),
        ({2: ((0, 1441),)}, ("windows", "wed")),
        ({3: ((-1, 60),)}, ("windows", "thu")),
        ({4: ((540, 720), (700, 800))}, ("windows", "fri")),
        ({4: ((540, 720), (720, 800))}, ("windows", "fri")),
        ({7: ((540, 720),)}, ("windows",)),
    ],
)
def test_windows_that_cannot_be_are_refused(windows, path):
    with pytest.raises(CalendarFault) as fault:
        calendar(windows=windows)

    assert fault.value.path == path


@pytest.mark.parametrize("zone", ["Asia/Beijing", "", "../etc", "+08:00"])
def test_an_unknown_zone_is_refused(zone):
    with pytest.raises(CalendarFault) as fault:
        calendar(zone)

    assert fault.value.path == ("zone",)


def test_a_naive_moment_is_refused():
    with pytest.raises(ValueError, match="zone"):
        micros(datetime(2026, 3, 2))  # noqa: DTZ001


def test_a_file_gives_a_calendar():
    holiday, make_up = date(2026, 10, 1), date(2026, 10, 10)
    spec = SPEC | {
        "known_through": 2026,
        "add": {date(2026, 3, 1): True, "2026-03-08": ["10:00-11:00"]},
        "remove": [date(2026, 3, 2), "2026-03-03"],
    }

    given = calendar_from(spec, off={holiday}, added={make_up})

    assert not given.is_working_day(holiday)
    assert given.windows_on(make_up) == OFFICE
    assert given.windows_on(date(2026, 3, 1)) == OFFICE
    assert given.windows_on(date(2026, 3, 8)) == ((600, 660),)
    assert not given.is_working_day(date(2026, 3, 2))
    assert not given.is_working_day(date(2026, 3, 3))
    assert given.is_known(date(2026, 12, 31))
    assert not given.is_known(date(2027, 1, 1))


def test_the_organisation_has_the_last_word_on_a_make_up_day_and_a_holiday():
    holiday, make_up = date(2026, 10, 1), date(2026, 10, 10)

    given = calendar_from(SPEC | {"add": {holiday: True}, "remove": [make_up]}, off={holiday}, added={make_up})

    assert given.is_working_day(holiday)
    assert not given.is_working_day(make_up)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"name": None}, ("name",)),
        ({"version": "one"}, ("version",)),
        ({"title": {"zh": "工作日历"}}, ("title", "en")),
        ({"title": "Working"}, ("title",)),
        ({"zone": None}, ("zone",)),
        ({"known_through": 20260}, ("known_through",)),
        ({"windows": {"monday": ["09:00-12:00"]}}, ("windows", "monday")),
        ({"windows": {"fri-mon": ["09:00-12:00"]}}, ("windows", "fri-mon")),
        ({"windows": {"mon": "09:00-12:00"}}, ("windows", "mon")),
        ({"windows": {"mon": ["9-12"]}}, ("windows", "mon")),
        ({"windows": {"mon": ["09:00-25:00"]}}, ("windows", "mon")),
        ({"windows": {}}, ("windows",)),
        ({"add": {"31/02": True}}, ("add",)),
        ({"add": {"2026-02-30": True}}, ("add",)),
        ({"add": {datetime(2026, 2, 3, 4, tzinfo=UTC): True}}, ("add",)),
        ({"add": {"2026-02-28": False}}, ("add", "2026-02-28")),
        ({"add": {"2026-02-28": True}, "remove": ["2026-02-28"]}, ("add", "2026-02-28")),
        ({"remove": ["2026-2-28"]}, ("remove",)),
        ({"remove": 2026}, ("remove",)),
    ],
)
def test_a_fault_in_a_file_says_where(change, path):
    with pytest.raises(CalendarFault) as fault:
        calendar_from(SPEC | change)

    assert fault.value.path == path
