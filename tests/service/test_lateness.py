"""How late what happens by itself was is counted once, whoever did it, and outages are told apart."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from tests.support.office import MONDAY, Office
from workflow.core.errors import NotPermitted
from workflow.core.step import SYSTEM
from workflow.messages import Names, story
from workflow.scheduler import Ticker
from workflow.service.punctuality import LatenessView
from workflow.settings import Settings
from workflow.storage import lateness
from workflow.storage.database import Database
from workflow.storage.errors import StorageUnavailable
from workflow.storage.lateness import Measured

SHANGHAI = ZoneInfo("Asia/Shanghai")


def counts(view: LatenessView, kind: str = "") -> dict[tuple[str, str], int]:
    """(stage, cause) → how many."""
    return {(row.stage, row.cause): row.spread.count for row in view.total if row.kind == kind}


def longest(view: LatenessView, stage: str, cause: str) -> float:
    [row] = [row for row in view.total if (row.stage, row.cause, row.kind) == (stage, cause, "")]
    return row.spread.longest.total_seconds()


def beat(office: Office, name: str = "one") -> None:
    ticker = Ticker(office.workflow, Settings(), name=name)
    ticker._started = MONDAY
    ticker.tick()


def seen(office: Office, **given: Any) -> LatenessView:
    return office.workflow.lateness(SYSTEM, **given)


def test_everything_that_fired_is_counted_once_as_fired_and_as_kept(office: Office) -> None:
    office.complaint()
    office.later(hours=23, minutes=59, seconds=50)
    beat(office)
    office.later(seconds=13)
    fired = office.fire()
    office.later(seconds=6)
    beat(office)

    view = seen(office)

    assert fired == 1
    assert counts(view) == {("fired", "busy"): 1, ("committed", "busy"): 1}
    assert longest(view, "fired", "busy") == longest(view, "committed", "busy") == 3.0
    assert counts(view, "rung") == counts(view)
    beat(office, "two")
    assert counts(seen(office)) == counts(view)


def test_what_was_due_while_no_scheduler_was_alive_is_told_apart(office: Office) -> None:
    beat(office)
    case = office.complaint()
    office.later(hours=60)

    beat(office)
    office.later(seconds=6)
    beat(office)

    view = seen(office)
    steps = [step for step in office.workflow.history(case.id, SYSTEM) if step.kind == "rung"]
    assert set(counts(view)) == {("fired", "down"), ("committed", "down")}
    assert counts(view)["fired", "down"] == len(steps) > 2
    assert longest(view, "committed", "down") == 36 * 3600
    # The history says so as well, and so does the overview of breaches.
    assert all(step.outage for step in steps)
    names = Names(definition=office.workflow.library.get("complaint"), zone=SHANGHAI)
    assert "当时没有调度程序在运行，于2026年3月4日 21:00补记" in story(steps[0], "zh", names=names)
    assert "No scheduler was running then; it was found at 4 Mar 2026, 21:00" in story(steps[0], "en", names=names)
    breaches = office.workflow.breaches(office.actor("supervisor"))
    assert (breaches.count, breaches.outage, breaches.people) == (1, 1, 0)
    assert office.workflow.breaches(office.actor("stranger")).count == 0


def test_a_step_that_came_in_time_and_a_breach_of_people_are_not_blamed_on_an_outage(office: Office) -> None:
    case = office.complaint()
    for _ in range(49):
        office.later(hours=1)
        office.fire()
    office.workflow.comment(case.id, "还在查", actor=office.actor("anna"))
    # An outage that nothing was due in.
    beat(office)
    office.later(minutes=30)
    beat(office)

    assert not any(step.outage for step in office.workflow.history(case.id, SYSTEM))
    breaches = office.workflow.breaches(office.actor("supervisor"))
    assert (breaches.count, breaches.outage, breaches.people) == (1, 0, 1)


def test_before_the_first_scheduler_there_was_none(office: Office) -> None:
    office.complaint()
    office.later(hours=60)
    ticker = Ticker(office.workflow, Settings(), name="first")
    ticker.tick()
    office.later(seconds=6)
    ticker.tick()

    assert {cause for _, cause in counts(seen(office))} == {"down"}


def test_a_clock_that_a_command_finds_late_is_counted_and_written_by_a_later_one(office: Office) -> None:
    case = office.complaint()
    office.later(hours=24, seconds=2)

    office.workflow.comment(case.id, "一", actor=office.actor("anna"))
    assert counts(seen(office)) == {}
    office.later(seconds=11)
    office.workflow.comment(case.id, "二", actor=office.actor("anna"))

    assert counts(seen(office)) == {("fired", "busy"): 1, ("committed", "busy"): 1}
    assert longest(seen(office), "fired", "busy") == 2.0


def test_a_timer_that_had_failed_is_told_apart(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    case = office.complaint()
    office.later(hours=24)
    from workflow.core import unasked

    with monkeypatch.context() as broken:
        broken.setattr(unasked, "fire", lambda *_, **__: 1 / 0)
        assert office.workflow.fire_due().failed == 1
    office.later(minutes=2)
    office.fire()
    beat(office)

    assert case.id
    assert set(counts(seen(office))) == {("fired", "failed"), ("committed", "failed")}


def test_moments_that_an_import_gives_are_no_figures_of_the_running_system(office: Office) -> None:
    at = office.now
    office.later(days=900)
    with office.workflow.batch() as batch:
        batch.open(
            "complaint",
            customer=office.customer,
            actor=office.actor("anna"),
            data={"kind": "complaint", "channel": "phone", "text": "延误", "severity": "normal"},
            at=at,
        )
        batch.fire_due(at + timedelta(days=30))
    beat(office)

    assert office.count("steps") > 5
    assert counts(seen(office)) == {}


def test_what_could_not_be_written_is_written_later(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.complaint()
    office.later(hours=24)
    office.fire()

    def away(*_: Any) -> None:
        raise StorageUnavailable(reason="lost", detail="gone")

    with monkeypatch.context() as broken:
        broken.setattr(lateness, "add", away)
        beat(office)
    assert office.count("lateness") == 0
    beat(office)

    assert counts(seen(office))["fired", "busy"] == 1


def test_many_programs_add_to_one_another(database: Database) -> None:
    at = datetime(2026, 3, 2, 1, tzinfo=UTC)
    measured = [
        Measured(stage, kind, at, at + timedelta(milliseconds=7 * many))
        for stage in ("fired", "committed")
        for kind in ("rung", "state")
        for many in range(25)
    ]
    gate = threading.Barrier(4)

    def write(order: list[Measured]) -> None:
        gate.wait()
        for _ in range(10):
            with database.writing() as connection:
                lateness.add(connection, order)

    writers = [threading.Thread(target=write, args=(measured[:: (-1) ** one],)) for one in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    with database.reading() as connection:
        total = connection.scalar(text("SELECT sum(count) FROM lateness"))
        most = connection.scalar(text("SELECT max(longest) FROM lateness"))
    assert (total, most) == (4 * 10 * len(measured), 7 * 24 * 1000)


def test_days_are_those_of_the_zone(office: Office) -> None:
    late = datetime(2026, 3, 1, 15, 59, tzinfo=UTC)
    with office.database.writing() as connection:
        lateness.add(
            connection,
            [
                Measured("fired", "rung", late, late + timedelta(seconds=30), "busy"),
                Measured("fired", "rung", late, late + timedelta(seconds=90), "busy"),
            ],
        )

    days = {
        day.day.isoformat(): sum(row.spread.count for row in day.rows if not row.kind)
        for day in seen(office, days=3, zone=SHANGHAI).days
    }

    assert days == {"2026-02-28": 0, "2026-03-01": 1, "2026-03-02": 1}
    assert len(seen(office, days=10_000).days) == 92


def test_only_those_who_watch_over_the_house_are_told(office: Office) -> None:
    for login in ("supervisor", "director", "clerk", "auditor", "root"):
        assert office.workflow.lateness(office.actor(login)).total == ()
    for login in ("anna", "delivery", "teller"):
        with pytest.raises(NotPermitted):
            office.workflow.lateness(office.actor(login))


def test_a_ticker_that_stops_leaves_nothing_unwritten(sqlite_office: Office) -> None:
    office = sqlite_office
    office.complaint()
    office.later(hours=24)
    ticker = Ticker(office.workflow, Settings())
    ticker.start()
    while not office.workflow.tally.oldest():
        threading.Event().wait(0.01)
    ticker.stop()

    assert counts(seen(office))["committed", "busy" if not office.count("outages") else "down"] >= 1


def test_moments_that_somebody_else_gives_are_not_counted_either(sqlite_office: Office) -> None:
    office = sqlite_office
    case = office.complaint()

    fired = office.workflow.fire_due(office.now + timedelta(hours=30)).timers
    office.workflow.comment(case.id, "推演", actor=office.actor("anna"), at=office.now + timedelta(hours=40))
    beat(office)

    assert fired == 1
    assert len([step for step in office.workflow.history(case.id, SYSTEM) if step.kind == "rung"]) == 2
    assert counts(seen(office)) == {}
