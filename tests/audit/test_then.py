"""Every list at a past moment is what it showed then: captured live while things happened, compared afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.crowd import Crowd
from tests.support.office import Office
from workflow.audit.then import Moments
from workflow.core.errors import Refused
from workflow.core.step import SYSTEM, Actor
from workflow.service.reads import Reads
from workflow.service.views.lists import Filters

READERS = ("supervisor", "anna", "ben", "auditor", "chief", "dana", "head", "stranger")


@pytest.fixture
def moments(office: Office) -> Iterator[Moments]:
    made = Moments(office.workflow)
    yield made
    made.close()


def board(door: Reads, actor: Actor) -> dict[str, Any]:
    """Everything a person's lists show, page after page, with their totals."""
    lists = {
        "overdue": door.overdue, "escalations": door.escalations, "inbox": door.inbox, "queue": door.queue,
        "cases": door.cases, "customers": door.customers,
    }  # fmt: skip
    found: dict[str, Any] = {}
    for name, ask in lists.items():
        page = ask(actor, limit=7)
        rows, count = list(page.rows), page.count
        while page.next is not None:
            page = ask(actor, limit=7, after=page.next)
            rows += page.rows
        found[name] = (count, rows)
    found["ended"] = [told(row) for row in door.escalations(actor, filters=Filters(closed=True)).rows]
    found["late gold"] = door.overdue(actor, filters=Filters(tier="gold")).rows
    found["open complaints"] = door.cases(actor, filters=Filters(definition="complaint", closed=False)).rows
    return found


def told(row: Any) -> Any:
    """Of an escalation that is over, not what its life became known to be later in the same step."""
    return replace(row, acted=None)


def everybody(office: Office, door: Reads) -> dict[str, Any]:
    found = {"the system": board(door, SYSTEM)}
    for login in READERS:
        try:
            found[login] = board(door, office.actor(login))
        except Refused as refused:
            found[login] = refused.code
    return found


def test_the_board_at_many_moments_is_what_it_showed_then(office: Office, moments: Moments) -> None:
    crowd = Crowd(office, seed=17)
    captured: dict[datetime, dict[str, Any]] = {}
    for turn in range(8):
        crowd.live(14)
        if turn == 3:
            office.workflow.revoke(office.people["ben"], office.units["city"], "account_manager", actor=SYSTEM)
            office.workflow.grant(office.people["dana"], office.units["city"], "supervisor", actor=SYSTEM)
        if turn == 5:
            office.workflow.substitute(
                office.people["anna"], office.people["dana"], since=office.now, until=office.now + timedelta(days=4),
                reason="休假", actor=office.actor("director"),
            )  # fmt: skip
            office.workflow.change_person(office.people["stranger"], {"active": False}, actor=office.actor("root"))
        office.later(seconds=1)
        captured[office.now] = everybody(office, office.workflow)
        office.later(hours=20)
    office.later(days=30)
    office.fire()

    for at, live in captured.items():
        assert everybody(office, moments.at(at)) == live, at
    assert sum(found["the system"]["overdue"][0] for found in captured.values()) > 10
    assert sum(found["the system"]["escalations"][0] for found in captured.values()) > 5
    assert captured[max(captured)]["stranger"] == "PersonNotFound"


def test_names_and_units_and_roles_are_those_of_the_moment(office: Office, moments: Moments) -> None:
    before = office.now
    office.later(days=1)
    unit = office.workflow.add_unit(
        "new", name_zh="新设中心", name_en="New", kind="county", parent=office.units["city"], actor=SYSTEM
    )
    office.workflow.grant(office.people["carl"], unit, "supervisor", actor=SYSTEM)
    office.later(days=1)

    assert moments.at(before).directory().unit(unit) is None
    assert moments.at(office.now).directory().holders("supervisor", unit, office.now) == (office.people["carl"],)
    assert moments.at(before).directory().holders("supervisor", unit, before) == ()


def test_who_may_see_what_is_decided_by_the_rights_of_today(office: Office, moments: Moments) -> None:
    office.complaint()
    office.later(days=3)
    office.fire()
    then = office.now
    office.later(days=1)
    office.workflow.revoke(office.people["clerk"], office.units["city"], "account_administrator", actor=SYSTEM)
    office.workflow.grant(office.people["stranger"], office.units["city"], "supervisor", actor=SYSTEM)
    office.later(days=1)

    office.workflow.change_customer(office.customer, {"confidentiality": "restricted"}, actor=SYSTEM)
    office.later(days=1)

    at_the_time, today = moments.at(then), moments.for_reader(then)
    # A file that was closed since is not opened by going back.
    assert [at_the_time.customers(office.actor(one)).count for one in ("supervisor", "director")] == [1, 1]
    assert [today.customers(office.actor(one)).count for one in ("supervisor", "director")] == [0, 1]
    assert [at_the_time.overdue(office.actor(one)).count for one in ("clerk", "stranger")] == [1, 0]
    assert [today.overdue(office.actor(one)).count for one in ("clerk", "stranger")] == [0, 1]


def test_a_moment_to_come_is_now_and_what_happens_later_changes_no_past_one(office: Office, moments: Moments) -> None:
    office.complaint()
    office.later(hours=1)
    before = office.now
    assert moments.at(before + timedelta(days=900)).at == before
    assert moments.at(before).cases(SYSTEM).count == 1
    office.later(hours=1)
    office.complaint()
    moments.close()
    assert moments.at(before).cases(SYSTEM).count == 1
    assert moments.at(office.now).cases(SYSTEM).count == 2


def test_a_persons_tasks_and_everybodys_load_are_counted_as_they_were(office: Office, moments: Moments) -> None:
    first = office.complaint()
    office.later(days=3)
    office.fire()
    office.complaint()
    then = office.now
    office.later(hours=1)
    office.workflow.reassign(
        first.id, first.tasks[0].no, to=office.people["ben"], actor=office.actor("supervisor"), reason="负荷过重"
    )
    office.later(hours=1)

    def load(at: datetime) -> list[tuple[str, int, int]]:
        rows = moments.for_reader(at).load(office.actor("auditor"))
        return [(row.person.name["en"], row.tasks, row.overdue) for row in rows]

    assert load(then) == [("Anna", 2, 1)]
    assert load(office.now) == [("Ben", 1, 1), ("Anna", 1, 0)]
    held = moments.for_reader(then).tasks_of(office.people["anna"], office.actor("auditor"))
    assert (held.count, held.rows[0].case, held.rows[0].overdue) == (2, first.id, True)
    # Of another city nobody sees anything.
    assert moments.for_reader(then).tasks_of(office.people["anna"], office.actor("stranger")).count == 0
    assert moments.for_reader(then).load(office.actor("stranger")) == []
