"""Guessing is slow, and nobody can lock somebody else out."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.people.throttle import FIRST_WAIT, SHARED_WAIT, Limits, Try, wait

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOME, CAFE = "192.0.2.1", "198.51.100.7"
LIMITS = Limits(attempts=5, window=timedelta(minutes=15))


def failures(count, *, login="chen", address=HOME, ago=0, succeeded=False):
    """The last one `ago` seconds before now, the others a second apart before it."""
    return [Try(NOW - timedelta(seconds=ago + n), login, address, succeeded) for n in range(count)]


def seconds(tries, *, login="chen", address=HOME, known=False, limits=LIMITS):
    return wait(tries, login=login, address=address, at=NOW, known=known, limits=limits)


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, 0), (4, 0), (5, 10), (6, 20), (7, 40), (8, 80), (11, 640), (12, 900), (500, 900)],
)
def test_each_failure_doubles_the_wait_up_to_the_window(count, expected):
    assert seconds(failures(count)) == expected


def test_the_wait_runs_from_the_last_failure():
    assert seconds(failures(5, ago=7)) == 3
    assert seconds(failures(5, ago=10)) == 0


def test_failures_older_than_the_window_are_forgotten():
    assert seconds(failures(5, ago=900)) == 0


def test_a_success_from_the_same_address_clears_the_failures_before_it():
    assert seconds([*failures(5, ago=5), *failures(1, succeeded=True)]) == 0
    assert seconds([*failures(5), *failures(1, ago=30, succeeded=True)]) == 10
    assert seconds([*failures(5, ago=5), *failures(1, address=CAFE, succeeded=True)]) == 5
    successes = [*failures(1, succeeded=True), *failures(1, ago=600, succeeded=True)]
    assert seconds([*successes, *failures(5, ago=5)]) == 0


def test_five_failures_are_free_in_a_quarter_of_an_hour_unless_said_otherwise():
    assert Limits() == LIMITS


def test_upper_and_lower_case_are_one_login():
    assert seconds(failures(5, login="CHEN")) == 10


def test_a_stranger_elsewhere_does_not_hold_up_the_owner_at_a_known_address():
    assert seconds(failures(500, address=CAFE), known=True) == 0
    assert seconds(failures(500, address=CAFE), address=CAFE) == 900


def test_a_colleague_at_the_same_address_does_not_hold_up_the_others():
    assert seconds(failures(49, login="wang")) == 0
    assert seconds(failures(500, login="wang"), known=True) == 0


def test_guessing_from_many_addresses_is_slowed_down_for_a_minute_at_most():
    spread = [Try(NOW - timedelta(seconds=n), "chen", f"203.0.113.{n}", succeeded=False) for n in range(200)]

    assert seconds(spread[:19]) == 0
    assert seconds(spread[:20]) == FIRST_WAIT.total_seconds()
    assert seconds(spread) == SHARED_WAIT.total_seconds()


def test_guessing_many_names_from_one_address_is_slowed_down():
    names = [Try(NOW - timedelta(seconds=n), f"name{n}", HOME, succeeded=False) for n in range(60)]

    assert seconds(names[:49]) == 0
    assert seconds(names) == SHARED_WAIT.total_seconds()
    assert seconds(names, address=CAFE) == 0


def test_tries_after_the_moment_do_not_count():
    assert seconds(failures(5, ago=-60)) == 0


TRIES = st.lists(
    st.builds(
        Try,
        at=st.integers(-60, 2000).map(lambda ago: NOW - timedelta(seconds=ago)),
        login=st.sampled_from(["chen", "wang"]),
        address=st.sampled_from([HOME, CAFE]),
        succeeded=st.booleans(),
    ),
    max_size=80,
)


@given(TRIES, st.booleans())
def test_waiting_as_long_as_told_is_enough(tries, known):
    told = seconds(tries, known=known)
    later = NOW + timedelta(seconds=told)

    assert 0 <= told <= LIMITS.window.total_seconds()
    past = [t for t in tries if t.at <= NOW]
    assert wait(past, login="chen", address=HOME, at=later, known=known, limits=LIMITS) == 0


@given(TRIES)
def test_tries_of_others_elsewhere_change_nothing(tries):
    mine = [t for t in tries if t.login == "chen" and t.address == HOME]

    assert seconds(tries, known=True) == seconds(mine, known=True)
