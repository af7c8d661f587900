"""A change to a calendar is told before it is kept, and afterwards what it moved."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support.office import Office
from tests.support.timed import timed
from workflow.core.calendar import Calendar
from workflow.core.calendar_changes import with_days
from workflow.core.errors import CalendarUnfit, CalendarUnknown
from workflow.core.moments import micros
from workflow.core.step import SYSTEM
from workflow.service import calendar_reads
from workflow.storage.database import Database

TUESDAY = date(2026, 3, 3)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)


@pytest.fixture
def place(database: Database) -> Office:
    office = Office(database, timed())
    office.workflow.adopt_calendars()
    return office


def opened(place: Office) -> int:
    data = {"priority": "high"}
    return place.workflow.open("timed", customer=place.customer, actor=place.actor("anna"), data=data).id


def working(place: Office) -> Calendar:
    return place.workflow.calendars()["working"]


def recounted(place: Office) -> None:
    while place.count("recounts"):
        place.workflow.recount()


def amendments(place: Office, cases: list[int]) -> list[Any]:
    return [s for case in cases for s in place.workflow.history(case, SYSTEM) if s.kind == "amend"]


def test_a_preview_says_exactly_how_many_due_times_will_move(place: Office) -> None:
    cases = [opened(place) for _ in range(3)]
    done = opened(place)
    place.workflow.perform(done, "finish", actor=place.actor("anna"))
    place.workflow.perform(done, "close", actor=place.actor("anna"))
    fresh = with_days(working(place), {TUESDAY: ()})
    told = place.workflow.preview_calendar(fresh, place.actor("root"))

    assert (told.changes.count("off"), told.exact) == (1, True)
    assert place.count("recounts") == 0
    assert amendments(place, cases) == []
    place.workflow.bring_calendar(fresh, actor=place.actor("root"), seen=1)
    recounted(place)
    moved = amendments(place, [*cases, done])
    assert (told.moved, len(moved)) == (9, 9)
    assert {(step.form["cause"], step.form["calendar"], step.form["version"]) for step in moved} == {
        ("calendar", "working", 2)
    }


def test_days_nothing_is_due_by_move_nothing(place: Office) -> None:
    opened(place)
    far = with_days(working(place), {date(2026, 11, 3): ()})
    weekly = replace(working(place), windows={**working(place).windows, 5: ((540, 720),)})

    assert place.workflow.preview_calendar(far, SYSTEM).moved == 0
    assert place.workflow.preview_calendar(weekly, SYSTEM).moved == 1


def test_a_preview_of_very_many_cases_says_at_least(place: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        opened(place)
    monkeypatch.setattr(calendar_reads, "MOST_TRIED", 2)
    told = place.workflow.preview_calendar(with_days(working(place), {TUESDAY: ()}), SYSTEM)

    assert (told.moved, told.exact) == (6, False)


def test_what_a_version_moved_is_shown_to_those_who_may_see_the_cases(place: Office) -> None:
    case = opened(place)
    place.workflow.bring_calendar(with_days(working(place), {TUESDAY: ()}), actor=place.actor("root"))
    recounted(place)
    door = place.workflow
    anna, carl = (door.calendar("working", place.actor(login)) for login in ("anna", "carl"))
    first = door.calendar("working", place.actor("anna"), version=1)

    assert [(row.calendar.version, row.moved) for row in anna.versions] == [(2, 3), (1, 0)]
    assert anna.asked.by is not None
    assert anna.asked.by.name.en == "Root"
    assert anna.asked.changes is not None
    assert [one.day for one in anna.asked.changes.days] == [TUESDAY]
    [clock] = [row for row in anna.moved if row.what == "clock"]
    assert (clock.case.id, clock.name) == (case, "office")
    assert (clock.old, clock.new) == (at("2026-03-03 09:30"), at("2026-03-04 09:30"))
    assert (carl.asked.moved, carl.moved) == (3, ())
    assert (first.asked.changes, first.moved) == (None, ())
    with pytest.raises(CalendarUnknown):
        door.calendar("lunar", place.actor("anna"))
    with pytest.raises(CalendarUnknown):
        door.calendar("working", place.actor("anna"), version=9)


def test_a_priority_that_changes_is_not_put_down_to_the_calendar(place: Office) -> None:
    case = opened(place)
    place.workflow.bring_calendar(with_days(working(place), {date(2026, 11, 3): ()}), actor=SYSTEM)
    recounted(place)
    place.workflow.perform(case, "rate", form={"priority": "low"}, actor=place.actor("anna"))
    place.workflow.change_customer(place.customer, {"tier": "silver"}, actor=SYSTEM)
    recounted(place)

    assert [step.form["cause"] for step in amendments(place, [case])] == ["data", "customer"]
    assert place.workflow.calendar("working", SYSTEM).asked.moved == 0
    assert amendments(place, [case])[0].form["old"] == micros(at("2026-03-03 09:30"))


def test_of_two_who_change_a_calendar_the_second_is_told(place: Office) -> None:
    first, second = (with_days(working(place), {date(2026, 3, day): ()}) for day in (3, 4))
    place.workflow.bring_calendar(first, actor=SYSTEM, seen=1)
    with pytest.raises(CalendarUnfit) as refused:
        place.workflow.bring_calendar(second, actor=SYSTEM, seen=1)
    with pytest.raises(CalendarUnfit) as taken:
        place.workflow.bring_calendar(second, actor=SYSTEM, seen=0)

    assert (refused.value.facts, taken.value.facts) == ({"why": "moved"}, {"why": "taken"})
    assert place.count("refusals") == 2
    assert working(place).version == 2


def test_a_calendar_of_single_days_alone_is_refused_before_it_can_run_out(place: Office) -> None:
    opened(place)
    spent = replace(working(place), windows={}, extra={date(2026, 3, 2): ((540, 1080),)})

    for act in (
        lambda: place.workflow.bring_calendar(spent, actor=SYSTEM),
        lambda: place.workflow.preview_calendar(spent, SYSTEM),
    ):
        with pytest.raises(CalendarUnfit) as refused:
            act()
        assert refused.value.facts == {"why": "no_window"}


FILES_THAT_ARE_NONE = (
    (b"", "empty"),
    ('{"year": 2027, "days": [{"name": "元'.encode(), "half"),
    ("{“year”: 2027}".encode(), "format"),
    (json.dumps({"year": 2027, "days": []}).encode(), "empty"),
    (
        '{"year": 2027, "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": true}]}'.encode("gbk"),
        "encoding",
    ),
    (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20270101\r\n", "half"),
    (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR", "format"),
)


def test_a_file_that_is_none_is_named_for_what_it_is(place: Office) -> None:
    for content, why in FILES_THAT_ARE_NONE:
        with pytest.raises(CalendarUnfit) as refused:
            place.workflow.read_calendar("working", content)
        assert refused.value.facts == {"why": why}


def test_days_brought_in_by_a_list_have_their_names(place: Office) -> None:
    content = json.dumps(
        {
            "year": 2027,
            "days": [
                {"name": "国庆节、中秋节", "date": "2027-10-01", "isOffDay": True},
                {"name": "春节", "date": "2027-01-31", "isOffDay": False},
                {"name": "店庆", "date": "2027-05-05", "isOffDay": True},
            ],
        }
    ).encode()
    names = place.workflow.read_calendar("working", content).names

    assert names[date(2027, 10, 1)].en == "National Day, Mid-Autumn Festival"
    assert names[date(2027, 1, 31)].zh == "春节调休上班"
    assert names[date(2027, 1, 31)].en == "Make-up working day for Chinese New Year (Spring Festival)"
    assert (names[date(2027, 5, 5)].zh, names[date(2027, 5, 5)].en) == ("店庆", "店庆")
    with pytest.raises(CalendarUnknown):
        place.workflow.read_calendar("lunar", content)
