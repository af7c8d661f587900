"""Working days, ends of days and calendar months agree with somebody who goes through the calendar with a finger."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.test_calendar import calendar as calendar_of_shanghai
from tests.core.test_deadline_properties import MINUTE, STARTS, calendars, counted, counts
from workflow.core.deadline import due, elapsed, reach, rung_at
from workflow.core.definition.clocks import Rung
from workflow.core.definition.targets import Target

DAY = timedelta(days=1)
FAR = timedelta(days=21)


def worked(day, calendar):
    """The minutes of a local day that count, each as the UTC moment at which it begins."""
    zone = ZoneInfo(calendar.zone)
    # Noon is never skipped; a day and a half either way holds the local day in every zone.
    noon = datetime.combine(day, time(12), tzinfo=zone).astimezone(UTC)
    around = (noon + n * MINUTE for n in range(-18 * 60, 18 * 60))
    return [at for at in around if at.astimezone(zone).date() == day and counts(at, calendar)]


def first_minute(start, calendar):
    """The first minute at or after the start that counts; None where there is none for weeks."""
    at = start
    while at - start < FAR:
        if counts(at, calendar):
            return at
        at += MINUTE
    return None


def placed(day, clock, calendar):
    """The moment of that time of day: inside working time, else the closing before, else the day's first opening."""
    zone = ZoneInfo(calendar.zone)
    at = datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)
    minutes = worked(day, calendar)
    before = [one for one in minutes if one < at]
    if at in minutes or not before:
        return at if at in minutes else minutes[0]
    return before[-1] + MINUTE


def working_days_on(start, amount, calendar):
    """So many working days after the start, by going from day to day; None where that leads too far."""
    opening = first_minute(start, calendar)
    if opening is None:
        return None
    local = opening.astimezone(ZoneInfo(calendar.zone))
    day, left = local.date(), amount
    while left:
        day += DAY
        if day - local.date() > timedelta(days=40):
            return None
        left -= bool(worked(day, calendar))
    return placed(day, local.time(), calendar)


def closing_after(at, start, calendar):
    """The end of that day's work, or of the next day's that has work after the start."""
    day = at.astimezone(ZoneInfo(calendar.zone)).date()
    for _ in range(40):
        minutes = worked(day, calendar)
        if minutes and minutes[-1] + MINUTE > start:
            return minutes[-1] + MINUTE
        day += DAY
    return None


@settings(max_examples=40, deadline=None)
@given(STARTS, st.integers(0, 4), calendars())
def test_working_days_keep_the_time_of_day(start, amount, calendar):
    expected = working_days_on(start, amount, calendar)

    if expected is not None:
        assert due(start, Target(amount, "wd"), None, calendar).at == expected


@settings(max_examples=40, deadline=None)
@given(STARTS, st.integers(0, 3), calendars())
def test_working_days_until_the_end_of_the_day(start, amount, calendar):
    reached = working_days_on(start, amount, calendar)
    expected = None if reached is None else closing_after(reached, start, calendar)

    if expected is not None:
        assert due(start, Target(amount, "wd", end_of_day=True), None, calendar).at == expected


@settings(max_examples=40, deadline=None)
@given(STARTS, st.integers(0, 5), calendars())
def test_natural_days_until_the_end_of_the_working_day(start, amount, calendar):
    expected = closing_after(start + amount * DAY, start, calendar)

    if expected is not None:
        assert due(start, Target(amount, "d", end_of_day=True), None, calendar).at == expected


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 28_900_000).map(lambda n: datetime(1985, 1, 1, tzinfo=UTC) + n * MINUTE),
    st.integers(0, 30),
    calendars(),
)
def test_a_month_later_is_the_same_day_or_the_months_last(start, months, calendar):
    zone = ZoneInfo(calendar.zone)
    local = start.astimezone(zone)
    day = date(local.year, local.month, 1)
    for _ in range(months):
        day += timedelta(days=monthrange(day.year, day.month)[1])
    day = day.replace(day=min(local.day, monthrange(day.year, day.month)[1]))
    found = reach(start, Target(months, "mo"), None, calendar).at

    # A time of day that the zone leaves out in spring lies as much later by the wall as was left out.
    kept = datetime.combine(day, local.time(), tzinfo=zone).astimezone(UTC)
    assert found == kept


@settings(max_examples=40, deadline=None)
@given(STARTS, st.integers(10, 300), st.sampled_from([25, 50, 75, 125, 200]), calendars())
def test_a_step_of_a_ladder_lies_where_the_minute_counter_has_its_share(start, minutes, percent, calendar):
    found = due(start, Target(minutes * 4, "wm"), None, calendar)
    if found.at - start > FAR:
        return
    at = rung_at(found.at, found.seconds, Rung(percent=Decimal(percent)), calendar, calendar)

    if at - start <= FAR:
        assert counted(start, at, calendar) == minutes * 4 * percent // 100


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 2_892_000).map(lambda n: datetime(1986, 4, 1, tzinfo=UTC) + n * MINUTE),
    st.integers(1, 2000),
)
def test_shanghai_of_1986_to_1991_loses_and_gains_its_hours(start, minutes):
    """Summer time was kept in these six years; an hour is an hour, whatever the wall says."""
    nights = calendar_of_shanghai(windows=dict.fromkeys(range(7), ((0, 1440),)))
    found = due(start, Target(minutes, "wm"), None, nights)

    assert found.at - start == minutes * MINUTE
    assert elapsed(start, found.at, nights) == minutes * 60
