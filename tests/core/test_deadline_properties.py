"""Working time agrees with somebody who counts every minute on the wall clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from workflow.core.calendar import Calendar
from workflow.core.deadline import add_months, due, elapsed, next_nominal, resumed, shift
from workflow.core.definition.expressions import Text
from workflow.core.definition.targets import Target

TITLE = Text(zh="日历", en="Calendar")
MINUTE = timedelta(minutes=1)

WINDOWS = st.sampled_from(
    [
        ((540, 720), (810, 1080)),
        ((0, 1440),),
        ((0, 90), (150, 210), (1380, 1440)),
        ((60, 150), (165, 240)),
        ((600, 601),),
        (),
    ]
)
STARTS = st.one_of(
    *(
        st.integers(0, 8 * 1440).map(lambda minutes, first=first: first + minutes * MINUTE)
        for first in (
            datetime(1986, 5, 1, tzinfo=UTC),
            datetime(1991, 9, 10, tzinfo=UTC),
            datetime(2026, 3, 25, tzinfo=UTC),
            datetime(2026, 10, 20, tzinfo=UTC),
            datetime(2026, 1, 28, tzinfo=UTC),
        )
    )
)


@st.composite
def calendars(draw):
    weekly = {day: draw(WINDOWS) for day in range(7)}
    if not any(weekly.values()):
        weekly[draw(st.integers(0, 6))] = ((540, 720), (810, 1080))
    near = st.dates(date(2026, 3, 24), date(2026, 4, 8))
    return Calendar(
        name="drawn",
        version=1,
        title=TITLE,
        zone=draw(st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "Australia/Lord_Howe", "UTC"])),
        windows=weekly,
        off=draw(st.frozensets(near, max_size=4)),
        extra=draw(st.dictionaries(near, WINDOWS, max_size=2)),
    )


def counts(moment, calendar):
    """Whether the minute that begins here is working time, told from the wall clock alone."""
    local = moment.astimezone(ZoneInfo(calendar.zone))
    minute = local.hour * 60 + local.minute
    windows = calendar.extra.get(local.date())
    if windows is None:
        windows = () if local.date() in calendar.off else calendar.windows.get(local.weekday(), ())
    return any(opening <= minute < closing for opening, closing in windows)


def counted(since, until, calendar):
    return sum(counts(since + n * MINUTE, calendar) for n in range((until - since) // MINUTE))


@settings(max_examples=60, deadline=None)
@given(STARTS, st.integers(0, 4 * 1440), calendars())
def test_elapsed_is_what_a_minute_counter_counts(since, minutes, calendar):
    until = since + minutes * MINUTE

    assert elapsed(since, until, calendar) == counted(since, until, calendar) * 60


@settings(max_examples=60, deadline=None)
@given(STARTS, st.integers(1, 400), calendars())
def test_a_target_is_due_when_the_minute_counter_has_counted_it(start, minutes, calendar):
    at, left = start, minutes
    while left and at - start < timedelta(days=12):
        left -= counts(at, calendar)
        at += MINUTE

    result = due(start, Target(minutes, "wm"), None, calendar)

    assert result.seconds == minutes * 60
    if left == 0:
        assert result.at == at
    else:
        assert result.at > at


@settings(max_examples=60, deadline=None)
@given(STARTS, st.integers(1, 400), calendars())
def test_going_back_is_the_mirror_of_going_forward(moment, minutes, calendar):
    back = shift(moment, -minutes * 60, calendar)

    assert elapsed(back, moment, calendar) == minutes * 60
    assert counts(back, calendar)
    forward = shift(back, minutes * 60, calendar)
    assert forward <= moment
    assert elapsed(forward, moment, calendar) == 0


@settings(max_examples=60, deadline=None)
@given(STARTS, st.integers(0, 3_000_000), st.integers(0, 3_000_000), calendars())
def test_shifts_add_up(moment, first, second, calendar):
    both = shift(moment, first + second, calendar)

    assert shift(shift(moment, first, calendar), second, calendar) == both
    assert elapsed(moment, both, calendar) == first + second


@settings(max_examples=60, deadline=None)
@given(STARTS, st.integers(0, 2000), st.sampled_from(["m", "h", "d", "wm", "wh", "wd"]), calendars())
def test_a_later_start_is_never_due_earlier(start, minutes, unit, calendar):
    target = Target(3, unit)

    earlier, later = (due(at, target, None, calendar) for at in (start, start + minutes * MINUTE))

    assert start <= earlier.at <= later.at


@settings(max_examples=40, deadline=None)
@given(STARTS, st.integers(0, 15), calendars())
def test_working_days_are_counted_on_the_calendar_of_the_wall(start, amount, calendar):
    result = due(start, Target(amount, "wd"), None, calendar)

    opening = due(start, Target(0, "wd"), None, calendar).at
    days = (calendar.local_day(opening), calendar.local_day(result.at))
    between = [
        days[0] + timedelta(days=n)
        for n in range(1, (days[1] - days[0]).days + 1)
        if calendar.spans(days[0] + timedelta(days=n))
    ]
    assert len(between) == amount
    assert result.seconds == elapsed(start, result.at, calendar)


@settings(max_examples=40, deadline=None)
@given(STARTS, st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 3000)), max_size=4), calendars())
def test_pauses_give_back_exactly_what_they_held(start, lengths, calendar):
    first = due(start, Target(300, "wm"), None, calendar)
    at, now, held = first.at, start, 0
    for running, paused in lengths:
        since, until = now + running * MINUTE, now + (running + paused) * MINUTE
        at, now = resumed(at, since, until, calendar), until
        held += elapsed(since, until, calendar)

    assert elapsed(start, at, calendar) == 300 * 60 + held


@settings(max_examples=100)
@given(
    st.dates(date(1990, 1, 1), date(2060, 1, 1)),
    st.integers(1, 40),
    st.integers(0, 4000),
    st.sampled_from("dw"),
)
def test_a_series_of_days_hits_every_date_once(anchor, amount, later, unit):
    after = anchor + timedelta(days=later)
    step = amount * (7 if unit == "w" else 1)

    nominal = next_nominal(anchor, Target(amount, unit), after)

    assert (nominal - anchor).days % step == 0
    assert 0 < (nominal - after).days <= step


@settings(max_examples=100)
@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.integers(1, 24), st.integers(0, 4000))
def test_a_series_of_months_hits_every_date_once(anchor, amount, later):
    after = anchor + timedelta(days=later)
    times = next(n for n in range(1, 200_000) if add_months(anchor, n * amount) > after)

    assert next_nominal(anchor, Target(amount, "mo"), after) == add_months(anchor, times * amount)
