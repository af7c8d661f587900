"""Waiting time by department, against sums by hand; a reassignment parts it; every line lists what it counts."""

from __future__ import annotations

import json
from datetime import timedelta

from tests.support.office import Office
from workflow.core.step import SYSTEM
from workflow.service.measures import Span
from workflow.service.views.lists import Filters
from workflow.service.waiting import parts
from workflow.storage.queries.stretches import Stretch
from workflow.storage.queries.waiting import Turn


def test_domain_6_back_office_or_front_line_by_unit_and_role(office: Office) -> None:
    """Domain §6 service_order, §7: whose time it was, by department; 004 §1.4 C."""
    door, anna = office.workflow, office.actor("anna")
    begun = office.now
    order = door.open("service_order", customer=office.customer, data={"request": "专线"}, actor=anna)
    office.later(hours=10)
    plan = {"check": "有资源", "solution": "光纤", "date": (office.now + timedelta(days=9)).date().isoformat()}
    door.perform(order.id, "feasible", form=plan, actor=office.actor("project"))
    office.later(hours=3)
    door.perform(order.id, "agree", actor=anna)
    complaint = office.complaint().id
    office.later(hours=5)
    asked = {"department": office.units["works"], "question": "请查明", "told": "phone"}
    door.perform(complaint, "dispatch", form=asked, actor=anna)
    office.later(hours=2)
    office.later(hours=7)
    told = {"findings": "分拣有误", "cause": "sorting"}
    door.perform(complaint, "report", form=told, actor=office.actor("delivery"))
    office.later(hours=1)
    period = Span((begun - timedelta(days=1), office.now + timedelta(days=1)))

    found = {(one.unit, one.role): (one.side, one.cases, one.spent) for one in door.waits(SYSTEM, period)}

    city, works = office.units["city"], office.units["works"]
    building = timedelta(hours=5 + 2 + 7 + 1)
    assert found == {
        (city, "project_manager"): ("back", 1, timedelta(hours=10) + building),
        (city, "account_manager"): ("front", 2, timedelta(hours=3 + 5 + 1)),
        (works, "department"): ("back", 1, timedelta(hours=2 + 7)),
    }
    for one in door.waits(SYSTEM, period):
        assert door.waits_behind(SYSTEM, period, unit=one.unit, role=one.role).count == one.cases
        assert one.each * one.cases == one.spent
    assert sum((one.spent for one in door.measures(SYSTEM, period).stays), timedelta()) == sum(
        (spent for _, _, spent in found.values()), timedelta()
    )
    assert door.waits(office.actor("stranger"), period) == []
    assert door.waits_behind(office.actor("stranger"), period, unit=works, role="department").count == 0
    assert door.waits(SYSTEM, period, filters=Filters(definition="service_order"))[0].role == "project_manager"


def test_a_task_given_to_another_unit_counts_for_that_one_from_then_on() -> None:
    def task(op: str, no: int, unit: int, role: str) -> list[object]:
        return [op, {"no": no, "unit": unit, "role": role}]

    opened = json.dumps([task("task+", 4, 1, "account_manager"), task("task+", 3, 9, "department")])
    stretch = Stretch(
        case=1, seq=2, unit=1, definition="complaint", state="investigating", begun=100, left=200, again=False
    )
    begins = Turn(seq=2, at=90, ops=opened)
    given = [
        Turn(seq=1, at=80, ops=json.dumps([task("task=", 3, 8, "department")])),
        begins,
        Turn(seq=3, at=120, ops=json.dumps([task("task=", 4, 7, "account_manager")])),
        Turn(seq=4, at=150, ops=json.dumps([task("task=", 3, 2, "department")])),
        Turn(seq=5, at=180, ops=json.dumps([task("task=", 3, 2, "supervisor")])),
        Turn(seq=6, at=200, ops=json.dumps([task("task=", 3, 5, "department")])),
    ]

    assert list(parts(stretch, "department", given)) == [
        (9, "department", 50), (2, "department", 30), (2, "supervisor", 20),
    ]  # fmt: skip
    assert list(parts(stretch, "department", [begins])) == [(9, "department", 100)]
    before = Turn(seq=3, at=95, ops=json.dumps([task("task=", 3, 8, "department")]))
    assert list(parts(stretch, "department", [begins, before])) == [(8, "department", 100)]
    assert list(parts(stretch, "department", ())) == [(None, "department", 100)]
