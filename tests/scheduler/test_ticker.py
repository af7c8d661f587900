"""Time passes by itself: what is due happens, lateness is told apart from outage, and a stop is a stop."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.office import MONDAY, Office
from workflow.scheduler import Ticker
from workflow.service.sweep import Fired
from workflow.settings import Scheduler, Settings
from workflow.storage import housekeeping
from workflow.storage.errors import StorageUnavailable

QUICK = Settings(scheduler=Scheduler(tick=0.05, batch=7))
PATIENCE = 20.0


def until(holds: Callable[[], bool]) -> None:
    """Wait for what other threads do."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def outages(office: Office) -> list[tuple[datetime, datetime]]:
    with office.database.reading() as connection:
        return housekeeping.outages(connection)


def overdue(office: Office, count: int) -> list[int]:
    """Complaints whose 48 hours have all passed."""
    cases = [office.complaint().id for _ in range(count)]
    office.later(hours=49)
    return cases


def breached(office: Office, case: int) -> bool:
    return office.stored(case).clock("answer").breached is not None


def test_deadlines_pass_without_anybody(office: Office) -> None:
    cases = overdue(office, 12)
    ticker = Ticker(office.workflow, QUICK)

    ticker.start()
    until(lambda: all(breached(office, case) for case in cases))
    ticker.stop()

    for case in cases:
        assert office.stored(case).clock("answer").breached == MONDAY + timedelta(hours=48)


def test_two_schedulers_are_the_same_as_one(office: Office) -> None:
    cases = overdue(office, 12)
    tickers = [Ticker(office.workflow, QUICK, name=f"scheduler-{one}") for one in range(2)]

    for ticker in tickers:
        ticker.start()
    until(lambda: all(breached(office, case) for case in cases))
    for ticker in tickers:
        ticker.stop()

    raised = [len([e for e in office.stored(case).escalations if e.clock == "answer"]) for case in cases]
    assert raised == [1] * len(cases)


def test_a_ticker_comes_sooner_when_something_is_due_sooner(sqlite_office: Office) -> None:
    office = sqlite_office
    case = office.complaint().id
    # From here on the simulated clock runs, and has a second and a half to go.
    begun = time.monotonic()
    start = MONDAY + timedelta(hours=48, seconds=-1.5)
    office.workflow.clock = lambda: start + timedelta(seconds=time.monotonic() - begun)
    ticker = Ticker(office.workflow, Settings(scheduler=Scheduler(tick=600)))

    ticker.start()
    until(lambda: breached(office, case))
    ticker.stop()

    assert time.monotonic() - begun >= 1.5


def test_a_stop_ends_the_threads_and_may_be_asked_for_twice(sqlite_office: Office) -> None:
    before = set(threading.enumerate())
    ticker = Ticker(sqlite_office.workflow, QUICK)

    ticker.start()
    until(lambda: ticker._beaten is not None)
    ticker.stop()
    ticker.stop()

    assert set(threading.enumerate()) <= before


def test_a_stop_does_not_wait_for_a_long_backlog(sqlite_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office = sqlite_office
    ticker = Ticker(office.workflow, QUICK)
    rounds: list[int] = []

    def endless(*, limit: int, most: int) -> Fired:
        rounds.append(limit)
        time.sleep(0.05)
        return Fired(timers=limit, cases=limit, failed=0, next_due=None)

    monkeypatch.setattr(office.workflow, "fire_due", endless)
    ticker.start()
    until(lambda: len(rounds) > 2)
    ticker.stop()
    done = len(rounds)
    time.sleep(0.3)

    assert len(rounds) == done
    assert set(rounds) == {7}


def test_when_nobody_was_alive_the_outage_is_on_record(office: Office) -> None:
    Ticker(office.workflow, QUICK, name="first").tick()
    died = office.now
    office.later(hours=3)

    Ticker(office.workflow, QUICK, name="second").tick()
    Ticker(office.workflow, QUICK, name="third").tick()

    assert outages(office) == [(died, office.now)]


def test_a_sign_that_a_wrong_clock_left_in_the_future_hides_no_outage(office: Office) -> None:
    Ticker(office.workflow, QUICK, name="right").tick()
    died = office.now
    office.later(days=30)
    Ticker(office.workflow, QUICK, name="ahead").tick()
    ahead = office.now
    office.now = died + timedelta(hours=3)

    Ticker(office.workflow, QUICK, name="back").tick()

    assert sorted(outages(office)) == [(died, died + timedelta(hours=3)), (died, ahead)]


def test_what_others_hold_is_asked_for_less_and_less_often(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = sqlite_office
    ticker = Ticker(office.workflow, Settings(scheduler=Scheduler(tick=1)))
    waits: list[float] = []
    monkeypatch.setattr(ticker, "_again_in", lambda wait: waits.append(wait.total_seconds()))
    due = office.now - timedelta(minutes=1)
    found = [Fired(0, 0, 0, due)] * 8 + [Fired(3, 1, 0, due), Fired(0, 0, 0, due)] * 2
    given = iter(found)
    monkeypatch.setattr(office.workflow, "fire_due", lambda **_: next(given))

    for _ in range(10):
        ticker.tick()

    # Up to what a tick is by itself, which needs no asking; as soon as something was done it begins anew.
    assert waits == [0.04, 0.08, 0.16, 0.32, 0.64, 0.04, 0.04]


def test_the_first_start_and_a_quick_restart_are_no_outage(office: Office) -> None:
    Ticker(office.workflow, QUICK, name="first").tick()
    office.later(seconds=10)

    Ticker(office.workflow, QUICK, name="second").tick()

    assert outages(office) == []


def test_a_machine_that_slept_has_an_outage_too(sqlite_office: Office) -> None:
    ticker = Ticker(sqlite_office.workflow, QUICK)
    ticker.tick()
    slept = sqlite_office.now
    sqlite_office.later(hours=8)

    ticker.tick()

    assert outages(sqlite_office) == [(slept, sqlite_office.now)]


@pytest.mark.parametrize("starters", [4])
def test_schedulers_that_start_together_record_one_outage(office: Office, starters: int) -> None:
    Ticker(office.workflow, QUICK, name="old").tick()
    office.later(hours=1)
    tickers = [Ticker(office.workflow, QUICK, name=f"new-{one}") for one in range(starters)]
    gate = threading.Barrier(starters)

    def begin(ticker: Ticker) -> None:
        gate.wait()
        ticker.tick()

    threads = [threading.Thread(target=begin, args=(ticker,)) for ticker in tickers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(outages(office)) == 1


def test_a_database_that_is_away_costs_one_line_and_a_pause(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    office = sqlite_office
    cases = overdue(office, 2)
    fire = office.workflow.fire_due
    tries: list[float] = []

    def sometimes(**given: Any) -> Fired:
        tries.append(time.monotonic())
        if len(tries) <= 3:
            raise StorageUnavailable(reason="lost", detail="the server is gone")
        return fire(**given)

    monkeypatch.setattr(office.workflow, "fire_due", sometimes)
    ticker = Ticker(office.workflow, QUICK)
    with caplog.at_level(logging.WARNING):
        ticker.start()
        until(lambda: all(breached(office, case) for case in cases))
        ticker.stop()

    lines = [record for record in caplog.records if "the server is gone" in record.getMessage()]
    assert len(lines) == 3
    assert all(record.exc_info is None for record in lines)
    assert tries[2] - tries[1] > tries[1] - tries[0] >= 0.1


def test_a_clock_that_was_set_back_does_not_silence_a_scheduler(sqlite_office: Office) -> None:
    ticker = Ticker(sqlite_office.workflow, QUICK)
    ticker.tick()
    sqlite_office.later(hours=-1)

    ticker.tick()

    with sqlite_office.database.reading() as connection:
        assert housekeeping.last_beat(connection) == sqlite_office.now


def test_a_long_backlog_is_no_outage(sqlite_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office = sqlite_office
    rounds: list[int] = []

    def slowly(*, limit: int) -> Fired:
        rounds.append(limit)
        office.later(seconds=20)
        return Fired(timers=limit if len(rounds) < 5 else 0, cases=limit, failed=0, next_due=None)

    monkeypatch.setattr(office.workflow, "fire_due", slowly)
    Ticker(office.workflow, QUICK, name="busy").tick()
    Ticker(office.workflow, QUICK, name="other").tick()

    assert outages(office) == []


def test_a_database_that_is_away_for_a_day_is_still_asked_for(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(**_: Any) -> Fired:
        raise StorageUnavailable(reason="lost", detail="the server is gone")

    monkeypatch.setattr(sqlite_office.workflow, "fire_due", away)
    ticker = Ticker(sqlite_office.workflow, QUICK)

    for _ in range(1500):
        ticker.tick()

    assert caplog.records[-1].getMessage().endswith("Trying again in 60 seconds.")


def test_a_transaction_of_a_sweep_ends_after_so_many_timers_not_so_many_cases(office: Office) -> None:
    cases = [office.complaint().id for _ in range(12)]
    office.later(hours=73)

    fired = office.workflow.fire_due(limit=8)

    assert 8 <= fired.timers < 8 + 4
    while office.workflow.fire_due(limit=8).timers:
        pass
    assert all(breached(office, case) for case in cases)


def test_a_sweep_goes_on_while_nobody_waits_to_write(sqlite_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office = sqlite_office
    cases = [office.complaint().id for _ in range(30)]
    office.later(hours=73)
    waited = iter([False] * 3 + [True])
    monkeypatch.setattr(office.workflow.database, "wanted", lambda: next(waited))

    first = office.workflow.fire_due(limit=8, most=1000)
    monkeypatch.undo()
    rest = office.workflow.fire_due(limit=8, most=1000)

    # Two cases or more are a batch; three times nobody waited, then somebody did.
    assert first.cases < len(cases)
    assert 8 + 3 <= first.timers < 8 + 4 * 4
    assert first.cases + rest.cases == len(cases)
    assert office.workflow.fire_due().timers == 0
    assert all(breached(office, case) for case in cases)


def test_where_it_cannot_be_known_who_waits_a_batch_is_all(office: Office) -> None:
    for _ in range(12):
        office.complaint()
    office.later(hours=73)

    fired = office.workflow.fire_due(limit=8, most=1000)

    assert fired.cases == 12 if office.workflow.database.dialect == "sqlite" else fired.timers < 8 + 4


def test_a_fault_in_one_tick_is_logged_and_the_next_one_comes(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    office = sqlite_office
    [case] = overdue(office, 1)
    fire = office.workflow.fire_due
    tries: list[int] = []

    def once(**given: Any) -> Fired:
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("a fault of ours")
        return fire(**given)

    monkeypatch.setattr(office.workflow, "fire_due", once)
    ticker = Ticker(office.workflow, QUICK)
    with caplog.at_level(logging.ERROR):
        ticker.start()
        until(lambda: breached(office, case))
        ticker.stop()

    [record] = [one for one in caplog.records if one.name == "workflow.scheduler.ticker"]
    assert record.exc_info is not None


def test_housekeeping_runs_from_the_start(sqlite_office: Office) -> None:
    office = sqlite_office
    office.workflow.open(
        "complaint",
        customer=office.customer,
        actor=office.actor("anna"),
        data={"kind": "complaint", "channel": "phone", "text": "邮件延误", "severity": "normal"},
        key="once",
    )
    office.later(days=31)
    ticker = Ticker(office.workflow, QUICK)

    ticker.start()
    until(lambda: office.count("idempotency") == 0)
    ticker.stop()


def test_moments_of_heartbeats_are_those_of_the_door(sqlite_office: Office) -> None:
    Ticker(sqlite_office.workflow, QUICK).tick()

    with sqlite_office.database.reading() as connection:
        assert housekeeping.last_beat(connection) == datetime(2026, 3, 2, 1, tzinfo=UTC)
