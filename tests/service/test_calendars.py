"""Calendars are brought in on record, kept in versions, and what is open is computed again."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support.office import Office
from tests.support.proof import prove
from tests.support.timed import timed
from workflow.core import unasked
from workflow.core.calendar_text import calendar_of, text_of
from workflow.core.errors import CalendarUnfit, CalendarUnknown, NotPermitted
from workflow.core.step import SYSTEM
from workflow.definitions.calendar_imports import imported
from workflow.definitions.library import Library
from workflow.service.organisation import BOOK
from workflow.service.recounts import PORTION
from workflow.storage.database import Database

WORKING = timed().calendars["working"]
LAST_WORKING_DAY = "2026-12-31 16:00"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)


def announced(*days: str, make_up: tuple[str, ...] = ()) -> bytes:
    """2027 as the State Council might announce it, in the form of holiday-cn."""
    off = [{"name": "元旦", "date": day, "isOffDay": True} for day in days]
    on = [{"name": "元旦", "date": day, "isOffDay": False} for day in make_up]
    return json.dumps({"year": 2027, "days": [*off, *on]}).encode()


@pytest.fixture
def place(database: Database) -> Office:
    office = Office(database, timed())
    office.now = at(LAST_WORKING_DAY)
    return office


def opened(place: Office, **data: Any) -> int:
    return place.workflow.open("timed", customer=place.customer, actor=place.actor("anna"), data=data).id


def bring(place: Office, content: bytes) -> None:
    fresh = imported(place.workflow.calendars()["working"], content)
    place.workflow.bring_calendar(fresh, actor=SYSTEM)


def amendments(place: Office, case: int) -> list[Any]:
    return [step for step in place.workflow.history(case, SYSTEM) if step.kind == "amend"]


def test_the_year_that_is_announced_amends_what_was_provisional(place: Office) -> None:
    case, done = opened(place, priority="high"), opened(place, priority="high")
    place.workflow.perform(done, "finish", actor=place.actor("anna"))
    before, met = place.stored(case), place.stored(done).clock("office")
    bring(place, announced("2027-01-01", "2027-01-02", "2027-01-03"))
    place.fire()
    after = place.stored(case)

    assert before.clock("office").provisional
    assert before.tasks[0].provisional
    assert [timer.provisional for timer in before.timers if timer.kind == "state"] == [True]
    # Two hours of eight are done on the last day of the year; six are left.
    assert before.clock("office").due == at("2027-01-01 16:30")
    assert after.clock("office").due == at("2027-01-04 16:30")
    assert after.tasks[0].due == at("2027-01-06 16:00")
    assert not after.clock("office").provisional
    assert not after.tasks[0].provisional
    assert (before.clock("office").version, after.clock("office").version) == (1, 2)
    assert {step.form["what"] for step in amendments(place, case)} == {"clock", "task", "state"}
    assert place.stored(done).clock("office") == met
    with place.database.reading() as connection:
        prove(connection, timed())


def test_what_has_passed_by_the_change_is_breached_then_and_not_before(place: Office) -> None:
    place.now = at("2026-12-25 09:00")
    case = opened(place, priority="high")
    place.now = at("2026-12-26 12:00")
    # Saturday turns out to have been a working day.
    working = place.workflow.calendars()["working"]
    make_up = replace(working, extra={**working.extra, date(2026, 12, 26): ((540, 720),)})
    place.workflow.bring_calendar(make_up, actor=SYSTEM)
    place.fire()

    clock = place.stored(case).clock("office")
    assert clock.due == at("2026-12-26 09:30")
    assert clock.breached == at("2026-12-26 12:00")
    assert place.stored(case).escalations[0].raised == at("2026-12-26 12:00")


def test_a_unit_works_by_its_own_calendar_and_those_below_it_too(place: Office) -> None:
    working = place.workflow.calendars()["working"]
    early = replace(working, windows=dict.fromkeys(range(5), ((480, 960),))).renamed("early")
    place.workflow.bring_calendar(early, actor=SYSTEM)
    place.now = at("2026-03-02 09:00")
    before = opened(place, priority="high")
    place.workflow.set_calendar(place.units["province"], "early", actor=place.actor("root"))
    after = opened(place, priority="high")
    place.fire()

    assert place.stored(after).clock("office").calendar == "early"
    assert place.stored(after).clock("office").due == at("2026-03-03 09:00")
    assert place.stored(before).clock("office").due == at("2026-03-03 09:00")
    assert amendments(place, before)[0].form["old"] == int(at("2026-03-03 09:30").timestamp() * 1_000_000)
    last = place.workflow.history(BOOK, SYSTEM)[-1]
    assert (last.trigger, last.form) == ("set_calendar", {"id": place.units["province"], "calendar": "early"})


def test_who_may_change_calendars_and_what_is_none(place: Office) -> None:
    working = place.workflow.calendars()["working"]
    with pytest.raises(NotPermitted):
        place.workflow.bring_calendar(working, actor=place.actor("director"))
    with pytest.raises(NotPermitted):
        place.workflow.set_calendar(place.units["city"], "working", actor=place.actor("director"))
    with pytest.raises(CalendarUnknown):
        place.workflow.set_calendar(place.units["city"], "lunar", actor=place.actor("root"))
    with pytest.raises(CalendarUnfit):
        place.workflow.bring_calendar(working, actor=place.actor("root"))
    assert place.count("calendars") == 0


def test_files_are_adopted_once_and_a_raised_version_counts_from_then_on(place: Office) -> None:
    place.workflow.adopt_calendars()
    place.workflow.adopt_calendars()
    assert place.count("calendars") == 2
    assert place.count("recounts") == 0

    raised = replace(WORKING, version=2, off=WORKING.off | {date(2026, 12, 31)})
    door = Office.__new__(Office)
    door.workflow = type(place.workflow)(
        place.database, Library(timed().latest, {**timed().calendars, "working": raised}), clock=lambda: place.now
    )
    door.workflow.adopt_calendars()
    assert place.count("calendars") == 3
    assert place.count("recounts") == 1

    changed = replace(raised, off=WORKING.off)
    door.workflow.library = Library(timed().latest, {"working": changed})
    with pytest.raises(CalendarUnfit):
        door.workflow.adopt_calendars()


def test_another_process_counts_with_the_new_calendar_from_its_next_command(place: Office) -> None:
    other = type(place.workflow)(place.database, timed(), clock=lambda: place.now)
    opened(place)
    bring(place, announced("2027-01-01"))
    case = other.open("timed", customer=place.customer, actor=place.actor("anna"), data={"priority": "high"})

    assert case.clock("office").version == 2
    assert case.clock("office").due == at("2027-01-04 16:30")


def test_a_recount_goes_through_all_cases_in_portions_and_ends(place: Office) -> None:
    cases = [opened(place, priority="high") for _ in range(5)]
    bring(place, announced("2027-01-01"))
    changed = [place.workflow.recount(limit=2) for _ in range(4)]

    assert sum(changed) == 5
    assert place.count("recounts") == 0
    assert all(place.stored(case).clock("office").due == at("2027-01-04 16:30") for case in cases)
    assert place.workflow.recount(limit=PORTION) == 0


def test_every_calendar_is_the_same_after_being_written_down() -> None:
    for calendar in timed().calendars.values():
        assert calendar_of(text_of(calendar)) == calendar


ICAL = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:1
SUMMARY:元旦
DTSTART;VALUE=DATE:20270101
DTEND;VALUE=DATE:20270104
END:VEVENT
BEGIN:VEVENT
UID:2
SUMMARY:元旦调休 班
DTSTART;VALUE=DATE:20270109
END:VEVENT
BEGIN:VEVENT
UID:3
SUMMARY:Special opening
DTSTART;TZID=Asia/Shanghai:20270110T090000
DTEND;TZID=Asia/Shanghai:20270110T113000
END:VEVENT
END:VCALENDAR
"""


def test_an_icalendar_file_brings_days_off_working_days_and_hours() -> None:
    content = ICAL.replace("\n", "\r\n").encode()
    calendar = imported(WORKING, content, known_through=2027)

    assert [calendar.windows_on(date(2027, 1, day)) for day in (1, 2, 3)] == [(), (), ()]
    assert calendar.windows_on(date(2027, 1, 9)) == WORKING.windows[0]
    assert calendar.windows_on(date(2027, 1, 10)) == ((540, 690),)
    assert calendar.known_through == date(2027, 12, 31)
    assert imported(WORKING, content).known_through == WORKING.known_through


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"hello", "format"),
        (b"{}", "format"),
        (b'{"year": 2027, "days": []}', "empty"),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "empty"),
        (ICAL.replace("SUMMARY:Special", "RRULE:FREQ=YEARLY\nSUMMARY:Special").encode(), "repeats"),
        (ICAL.replace("20270110T113000", "20270111T113000").encode(), "window"),
    ],
)
def test_what_cannot_be_read_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(CalendarUnfit) as refused:
        imported(WORKING, content)
    assert refused.value.facts == {"why": why}


def test_two_sweeps_at_once_amend_every_case_once(place: Office) -> None:
    cases = [opened(place, priority="high") for _ in range(6)]
    bring(place, announced("2027-01-01"))
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: [place.workflow.recount(limit=3) for _ in range(4)], range(2)))

    assert sum(map(sum, done)) == 6
    assert place.count("recounts") == 0
    assert {tuple(step.form["what"] for step in amendments(place, case)) for case in cases} == {
        ("clock", "task", "state")
    }
    with place.database.reading() as connection:
        prove(connection, timed())


def test_a_case_that_will_not_be_computed_is_an_incident_and_does_not_hold_up_the_others(
    place: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = opened(place, priority="high"), opened(place, priority="high")
    bring(place, announced("2027-01-01"))
    recount = unasked.recount

    def fails(rules: Any, case: Any, *rest: Any, **more: Any) -> Any:
        if case.id == broken:
            raise RuntimeError("no such day")
        return recount(rules, case, *rest, **more)

    with monkeypatch.context() as patched:
        patched.setattr(unasked, "recount", fails)
        place.fire()
    [incident] = place.workflow.incidents(place.actor("supervisor")).rows
    assert (incident.case, incident.kind) == (broken, "recount")
    assert place.stored(sound).clock("office").due == at("2027-01-04 16:30")
    assert place.count("recounts") == 0

    place.workflow.retry(incident.id)
    assert place.stored(broken).clock("office").due == at("2027-01-04 16:30")
    assert place.workflow.incidents(place.actor("supervisor")).rows == ()
