"""What is personal stays in the vault; what moves back in time leaves histories that do not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.office import Office
from tests.support.proof import prove
from workflow.core.errors import Refused

SECRET = "绝密"


def test_nothing_personal_is_found_outside_the_vault(sqlite_office: Office) -> None:
    office, door = sqlite_office, sqlite_office.workflow
    anna = office.actor("anna")
    said = {"text": f"{SECRET}甲", "contact": f"{SECRET}乙", "phone": f"{SECRET}丙", "wanted": f"{SECRET}丁"}
    case = office.complaint(**said)
    task = case.tasks[0].no
    door.comment(case.id, f"@ben {SECRET}戊", actor=anna, key="one")
    door.delegate(case.id, task, to=office.people["ben"], actor=anna, note=f"{SECRET}己")
    door.release(case.id, task, actor=office.actor("ben"))
    door.reassign(case.id, task, to=office.people["ben"], actor=office.actor("supervisor"), reason=f"{SECRET}庚")
    ben = office.actor("ben")
    door.perform(case.id, "mark_major", actor=office.actor("supervisor"), form={"major_reason": "影响大"})
    for bad in ({"reply": f"{SECRET}辛", "cause": 5}, {"reply": f"{SECRET}壬" * 3000}, {"reply": ""}):
        with pytest.raises(Refused):
            door.perform(case.id, "answer", actor=ben, form=bad, key="two")
    with pytest.raises(Refused):
        door.comment(case.id, f"{SECRET}\x00", actor=anna)
    door.perform(case.id, "answer", actor=ben, form={"reply": f"{SECRET}癸"}, key="two")
    follow = office.stored(case.id).tasks[0]
    door.perform(case.id, "reopen", task=follow.no, actor=anna, form={"objection": f"{SECRET}子"})
    office.later(days=5)
    office.fire()
    level = office.stored(case.id).escalations[0]
    door.acknowledge(case.id, level.no, actor=office.actor("supervisor"), note=f"{SECRET}丑")
    door.change_customer(office.customer, {"contacts": f"{SECRET}寅"}, actor=anna)
    door.change_person(office.people["ben"], {"email": f"{SECRET}卯", "phone": SECRET}, actor=office.actor("root"))

    with office.database.reading() as connection:
        tables = [row[0] for row in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")]
        leaky = {
            table: str(row)[:200]
            for table in tables
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}").all()
            if SECRET in str(row)
        }
        prove(connection, office.workflow.library)
    assert set(leaky) == {"vault", "persons"}, leaky


def test_a_clock_that_jumps_back_turns_no_history_back(office: Office) -> None:
    door, anna = office.workflow, office.actor("anna")
    case = office.complaint()
    office.later(hours=30)
    office.fire()
    door.comment(case.id, "第二天", actor=anna)
    office.now -= timedelta(hours=20)

    assert door.fire_due().timers == 0
    door.comment(case.id, "时钟退回", actor=anna)
    early = office.complaint()
    door.perform(early.id, "mark_major", actor=office.actor("supervisor"), form={"major_reason": "影响大"})
    door.perform(case.id, "answer", actor=anna, form={"reply": "已答复。"}, at=office.now - timedelta(hours=5))
    door.change_customer(office.customer, {"industry": "物流"}, actor=anna)
    door.grant(office.people["ben"], office.units["county"], "account_manager", actor=office.actor("root"))
    office.later(days=120)
    office.fire()

    assert office.stored(case.id).clock("answer").status == "met"
    with office.database.reading() as connection:
        prove(connection, office.workflow.library)
