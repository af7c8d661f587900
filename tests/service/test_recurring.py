"""Recurring work: once a nominal date, moved by a stated rule, late when it is, at the pace of the tier."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from tests.support.office import Office, library
from tests.support.proof import prove
from workflow.core.step import SYSTEM
from workflow.definitions.library import Library
from workflow.definitions.load import loads
from workflow.messages import Names, story
from workflow.storage import tables
from workflow.storage.database import Database

YEARLY = """\
# Work that comes back in five ways.
definition: yearly
version: 1
title: {zh: 常年, en: Yearly}
prefix: CN
opened_by: [account_manager]
start: [about]
data: {about: {type: line, title: {zh: 关于, en: About}}}
phases: {all: {zh: 全部, en: All}}
roles: {worker: {role: account_manager, of: unit}}
initial: active
states:
  active:
    phase: all
    title: {zh: 进行, en: Active}
    tasks: {stop: {title: {zh: 停止, en: Stop}, role: worker, triggers: [stop, again]}}
  over: {phase: all, title: {zh: 结束, en: Over}, final: true}
transitions:
  - {trigger: stop, title: {zh: 停止, en: Stop}, from: active, to: over, by: worker}
  - {trigger: again, title: {zh: 重排, en: Again}, from: active, by: worker, effects: [{start: round}]}
links:
  before: {definition: meeting, title: {zh: 前移, en: Before}}
  after: {definition: meeting, title: {zh: 后移, en: After}}
  exact: {definition: meeting, title: {zh: 不移, en: Exact}}
  paced: {definition: meeting, title: {zh: 按等级, en: Paced}}
  round: {definition: meeting, title: {zh: 轮, en: Round}}
recurring:
  before: {title: {zh: 前移, en: Before}, while: active, every: 1mo, shift: before, opens: before}
  after: {title: {zh: 后移, en: After}, while: active, every: 1mo, shift: after, opens: after}
  exact: {title: {zh: 不移, en: Exact}, while: active, every: 1mo, opens: exact}
  paced: {title: {zh: 按等级, en: Paced}, while: active, every: {by: customer.tier, gold: 2mo, silver: 1mo},
          opens: paced}
  round: {title: {zh: 每月, en: Monthly}, while: active, every: 1mo, anchor: month, shift: before, opens: round,
          with: {about: "= data.about"}}
"""
MEETING = """\
# One meeting.
definition: meeting
version: 1
title: {zh: 会议, en: Meeting}
prefix: HY
opened_by: [account_manager]
data: {about: {type: line, title: {zh: 关于, en: About}, max: 5}}
phases: {all: {zh: 全部, en: All}}
roles: {worker: {role: account_manager, of: unit}}
initial: planned
states:
  planned:
    phase: all
    title: {zh: 计划, en: Planned}
    tasks: {hold: {title: {zh: 开会, en: Hold}, role: worker, triggers: [hold]}}
  held: {phase: all, title: {zh: 已开, en: Held}, final: true}
transitions:
  - {trigger: hold, title: {zh: 开会, en: Hold}, from: planned, to: held, by: worker}
"""


@cache
def recurring() -> Library:
    calendars = library().calendars
    made = [loads(text, calendars=calendars) for text in (YEARLY, MEETING)]
    return Library({one.name: one for one in made}, calendars)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)


@pytest.fixture
def place(database: Database) -> Office:
    """Friday, 31 July 2026."""
    office = Office(database, recurring())
    office.now = at("2026-07-31 10:00")
    return office


def opened(place: Office, **data: Any) -> int:
    return place.workflow.open("yearly", customer=place.customer, actor=place.actor("anna"), data=data).id


def links(place: Office, case: int, name: str) -> list[Any]:
    return [one for one in place.stored(case).links if one.name == name]


def days(place: Office, case: int, name: str) -> list[tuple[str, date]]:
    """Nominal date and day of opening, by the wall clock."""
    found = []
    for link in links(place, case, name):
        moment = place.stored(link.case).opened.astimezone(ZoneInfo("Asia/Shanghai"))
        found.append((link.nominal, moment.date()))
    return found


def day_by_day(place: Office, until: str) -> None:
    while place.now < at(until):
        place.later(days=1)
        place.fire()


def test_month_ends_do_not_drift_and_days_off_move_by_the_rule(place: Office) -> None:
    case = opened(place)
    place.later(seconds=1)
    place.fire()
    day_by_day(place, "2026-12-02 10:00")

    def opening(name: str) -> list[str]:
        return [day.isoformat() for _, day in days(place, case, name)]

    ends = ["2026-08-31", "2026-09-30", "2026-10-31", "2026-11-30"]
    assert [nominal for nominal, _ in days(place, case, "exact")] == ends
    # 31 October 2026 is a Saturday.
    assert opening("before") == ["2026-08-31", "2026-09-30", "2026-10-30", "2026-11-30"]
    assert opening("after") == ["2026-08-31", "2026-09-30", "2026-11-02", "2026-11-30"]
    assert opening("exact") == ends
    assert not any(link.late for link in place.stored(case).links)
    with place.database.reading() as connection:
        prove(connection, recurring())


def test_what_was_missed_in_an_outage_is_opened_once_each_and_marked_late(place: Office) -> None:
    case = opened(place)
    place.now = at("2026-10-15 10:00")
    place.fire()
    place.fire()
    shown = {(one.name, one.nominal): one.late for one in place.workflow.case(case, SYSTEM).links}
    day_by_day(place, "2026-11-01 10:00")

    assert [link.nominal for link in links(place, case, "exact")] == ["2026-08-31", "2026-09-30", "2026-10-31"]
    assert [link.late for link in links(place, case, "exact")] == [True, True, False]
    assert shown["exact", "2026-09-30"] is True
    names = Names(definition=recurring().get("yearly"))
    told = [story(step, "en", names=names) for step in place.workflow.history(case, SYSTEM)]
    assert "Recurring work: Exact, opened late: it was for 30 Sep 2026" in told
    assert "Recurring work: Exact" in told
    told = [story(step, "zh", names=names) for step in place.workflow.history(case, SYSTEM)]
    assert "定期工作：不移（应于2026年9月30日，补开）" in told


def test_another_tier_changes_the_pace_from_the_next_one_on(place: Office) -> None:
    case = opened(place)
    place.workflow.change_customer(place.customer, {"tier": "silver"}, actor=SYSTEM)
    day_by_day(place, "2026-12-02 10:00")

    # The one already planned stays, two months after the beginning; then it is every month.
    assert [nominal for nominal, _ in days(place, case, "paced")] == ["2026-09-30", "2026-10-31", "2026-11-30"]


def test_the_same_nominal_date_cannot_be_opened_twice(place: Office) -> None:
    case = opened(place)
    day_by_day(place, "2026-09-02 10:00")
    link = links(place, case, "exact")[0]
    other = place.workflow.open("meeting", customer=place.customer, actor=place.actor("anna")).id

    with pytest.raises(IntegrityError), place.database.writing() as connection:
        connection.execute(
            insert(tables.links).values(parent_id=case, child_id=other, name="exact", nominal=link.nominal)
        )
    assert len(links(place, case, "exact")) == 1


def test_work_that_comes_back_ends_with_its_state(place: Office) -> None:
    case = opened(place)
    place.workflow.perform(case, "stop", actor=place.actor("anna"))
    day_by_day(place, "2026-09-02 10:00")

    assert place.stored(case).links == ()
    assert place.stored(case).timers == ()


def test_a_schedule_begun_anew_on_the_day_of_a_date_brought_forward_opens_its_work_once(place: Office) -> None:
    """1 August 2026 is a Saturday, so that month's work is opened on Friday 31 July."""
    case = opened(place)
    place.later(hours=1)
    place.fire()
    assert [link.nominal for link in links(place, case, "round")] == ["2026-08-01"]

    place.workflow.perform(case, "again", actor=place.actor("anna"))
    place.later(hours=1)
    place.fire()

    assert [link.nominal for link in links(place, case, "round")] == ["2026-08-01"]
    assert place.count("incidents") == 0
    day_by_day(place, "2026-09-02 10:00")
    assert [link.nominal for link in links(place, case, "round")] == ["2026-08-01", "2026-09-01"]
    with place.database.reading() as connection:
        prove(connection, recurring())


def test_work_that_cannot_be_opened_is_an_incident_and_not_the_persons_fault(place: Office) -> None:
    case = opened(place, about="太长的一个题目")
    place.later(hours=1)

    place.workflow.comment(case, "我只是写一句", actor=place.actor("anna"))
    fired = place.workflow.fire_due()

    assert fired.failed == 1
    assert [incident.case for incident in place.workflow.incidents(place.actor("supervisor")).rows] == [case]
    assert place.stored(case).links == ()
    assert place.workflow.perform(case, "stop", actor=place.actor("anna")).state == "over"
    with place.database.reading() as connection:
        prove(connection, recurring())


def test_the_next_date_of_a_series_says_how_it_came_about(place: Office) -> None:
    case = opened(place)
    place.later(hours=1)
    place.fire()
    door, anna = place.workflow, place.actor("anna")
    timers = {timer.name: timer for timer in place.stored(case).timers}
    told = {name: door.explain_due(case, timer.no, anna) for name, timer in timers.items()}

    assert {view.kind for view in told.values()} == {"recurring"}
    assert all(view.lines[-1].since == view.due == timers[name].due for name, view in told.items())
    assert [line.kind for line in told["exact"].lines] == ["anchor", "nominal", "due"]
    assert (told["round"].lines[0].first, told["round"].lines[0].target) == (date(2026, 7, 1), "1mo")
    assert told["paced"].lines[0].target == "2mo"
    day_by_day(place, "2026-10-05 10:00")
    shifted = {timer.name: door.explain_due(case, timer.no, anna).lines for timer in place.stored(case).timers}
    # 31 October 2026 is a Saturday.
    assert [(line.kind, line.first, line.last) for line in shifted["before"][1:4]] == [
        ("nominal", date(2026, 10, 31), None),
        ("skipped", date(2026, 10, 31), date(2026, 10, 31)),
        ("moved", date(2026, 10, 31), date(2026, 10, 30)),
    ]
    assert [(line.kind, line.first, line.last) for line in shifted["after"][2:4]] == [
        ("skipped", date(2026, 10, 31), date(2026, 11, 1)),
        ("moved", date(2026, 10, 31), date(2026, 11, 2)),
    ]
