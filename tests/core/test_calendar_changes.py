"""What differs between two calendars, told by days, by the week, and by what is announced."""

from dataclasses import replace
from datetime import date

import pytest

from tests.support.office import library
from workflow.core.calendar import Calendar, CalendarFault, windows_from
from workflow.core.calendar_changes import Changes, changes, with_days
from workflow.core.calendar_text import calendar_of, text_of
from workflow.core.definition.expressions import Text

WORKING: Calendar = library().calendars["working"]
USUAL = ((540, 720), (810, 1080))
FRIDAY, SATURDAY = date(2026, 3, 6), date(2026, 3, 7)
FEAST = Text(zh="端午", en="Dragon Boat")


def test_days_become_off_working_or_other_hours() -> None:
    after = with_days(WORKING, {FRIDAY: (), SATURDAY: USUAL, date(2026, 3, 9): ((540, 720),)}, {FRIDAY: FEAST})
    found = changes(WORKING, after)

    assert [(one.day, one.kind) for one in found.days] == [
        (FRIDAY, "off"), (SATURDAY, "working"), (date(2026, 3, 9), "hours"),
    ]  # fmt: skip
    assert [found.count(kind) for kind in ("off", "working", "hours")] == [1, 1, 1]
    assert found.since == FRIDAY
    assert after.names[FRIDAY] == FEAST
    assert changes(after, WORKING).count("off") == 1
    assert changes(WORKING, WORKING) == Changes()


def test_a_day_given_back_to_its_week_is_what_it_was() -> None:
    there = with_days(WORKING, {FRIDAY: (), SATURDAY: USUAL}, {FRIDAY: FEAST})
    back = with_days(there, {FRIDAY: None, SATURDAY: None})

    assert back == WORKING
    assert back.names == WORKING.names


def test_another_week_is_told_once_and_not_for_every_day() -> None:
    # Days named by hand with the hours of their week go with it.
    stated = with_days(WORKING, {FRIDAY: USUAL})
    shorter = {**WORKING.windows, 4: ((540, 720),)}
    found = changes(stated, replace(stated, windows=shorter, extra={**stated.extra, FRIDAY: ((540, 720),)}))

    assert found.weekdays == ((4, USUAL, ((540, 720),)),)
    assert found.days == ()
    assert found.since is None


def test_a_year_that_is_announced_counts_from_the_first_day_not_known_before() -> None:
    found = changes(WORKING, replace(WORKING, known_through=date(2027, 12, 31)))

    assert (found.known, found.since) == ((date(2026, 12, 31), date(2027, 12, 31)), date(2027, 1, 1))
    assert changes(WORKING, replace(WORKING, known_through=None)).since is None
    assert changes(WORKING, replace(WORKING, zone="UTC")).zone == ("Asia/Shanghai", "UTC")


def test_names_are_kept_in_both_languages_and_count_for_nothing() -> None:
    named = with_days(WORKING, {}, {FRIDAY: FEAST})

    assert named == WORKING
    assert calendar_of(text_of(named)).names == {**WORKING.names, FRIDAY: FEAST}
    assert WORKING.names[date(2026, 10, 1)] == Text(zh="国庆节", en="National Day")
    make_up = WORKING.names[date(2026, 10, 10)]
    assert make_up == Text(zh="调休上班（换2026年10月7日休息）", en="Make-up working day (7 Oct 2026 is off instead)")
    assert all(WORKING.names[day].zh and WORKING.names[day].en for day in (*WORKING.off, *WORKING.extra))


@pytest.mark.parametrize("text", ["9-12", "09:00-09:00", "09:00-12:00 11:00-13:00", "25:00-26:00", "09:00"])
def test_hours_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises(CalendarFault):
        windows_from(text)


def test_hours_are_typed_with_blanks_or_either_kind_of_comma() -> None:
    assert windows_from("09:00-12:00，13:30-18:00") == windows_from(" 09:00-12:00, 13:30-18:00 ") == USUAL
    assert windows_from("") == ()


@pytest.mark.parametrize("text", ["", "[]", '{"name": "x"}', "{", '{"names": {"2026-01-01": "x"}}'])
def test_what_is_no_calendar_as_text_is_a_fault(text: str) -> None:
    with pytest.raises(CalendarFault):
        calendar_of(text)
