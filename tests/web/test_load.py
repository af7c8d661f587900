"""Who carries how much, and a portfolio that goes to somebody else: shown first, done one by one."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.support.office import Office
from tests.web.conftest import Visitor
from workflow.core.carrying import Carried, Carrying
from workflow.core.errors import PersonNotFound
from workflow.core.step import SYSTEM

Enter = Callable[[str], Visitor]


def test_customers_and_work_are_counted_for_each_person(office: Office) -> None:
    office.register("云帆纺织", b=None)
    office.register("晨曦服饰", a=office.people["ben"], b=None)
    first = office.complaint().id
    office.later(days=3)
    office.complaint()
    by_login = {
        login: next(one for one in office.workflow.loads(office.actor("supervisor")) if one.person.id == person)
        for login, person in office.people.items()
        if login in ("anna", "ben", "project")
    }
    anna, ben = by_login["anna"], by_login["ben"]

    assert (anna.leads, anna.customers, anna.tasks, anna.overdue, anna.judged) == (2, 2, 2, 1, "few")
    assert (ben.leads, ben.customers, ben.tasks, ben.late) == (1, 2, 0, None)
    assert by_login["project"].judged == ""
    held = office.workflow.held_by(office.people["anna"], office.actor("supervisor")).rows
    assert {row.case for row in held} >= {first}
    assert len(held) == anna.tasks


def test_the_rule_is_8_to_15(sqlite_office: Office) -> None:
    def judged() -> str:
        return sqlite_office.workflow.load(sqlite_office.people["anna"], sqlite_office.actor("supervisor")).judged

    found = [judged()]
    for number in range(2, 17):
        sqlite_office.register(f"第{number}家公司")
        found.append(judged())
    assert found == ["few"] * 7 + ["fair"] * 8 + ["many"]


def test_who_is_away_and_who_stands_in(sqlite_office: Office, signed_in: Enter) -> None:
    people, now = sqlite_office.people, sqlite_office.now
    sqlite_office.workflow.substitute(
        people["anna"], people["ben"], since=now, until=now + timedelta(days=3), reason="休假", actor=SYSTEM
    )
    sqlite_office.later(hours=1)
    load = sqlite_office.workflow.load(people["anna"], sqlite_office.actor("supervisor"))
    assert load.away == now + timedelta(days=3)
    assert [one.id for one in load.substitutes] == [people["ben"]]
    assert "由ben员代办" in signed_in("supervisor").get("/supervision/load/").text


def test_people_of_elsewhere_are_not_there(sqlite_office: Office, signed_in: Enter) -> None:
    carl = sqlite_office.people["carl"]
    with pytest.raises(PersonNotFound):
        sqlite_office.workflow.load(carl, sqlite_office.actor("supervisor"))
    with pytest.raises(PersonNotFound):
        sqlite_office.workflow.held_by(carl, sqlite_office.actor("supervisor"))
    assert signed_in("supervisor").get(f"/supervision/load/{carl}").status_code == 404
    assert signed_in("anna").get("/supervision/load/").status_code == 403


def test_looking_at_what_would_move_writes_nothing(sqlite_office: Office, signed_in: Enter) -> None:
    people = sqlite_office.people
    sqlite_office.complaint()
    before = sqlite_office.count("steps"), sqlite_office.count("refusals")
    path = f"/supervision/load/{people['anna']}"
    shown = signed_in("supervisor").post(path, {"to": str(people["dana"]), "reason": "调岗"}).text

    assert "目前没有可以更换客户经理的事项" in shown
    assert "将改派" in shown
    assert (sqlite_office.count("steps"), sqlite_office.count("refusals")) == before


def test_tasks_go_one_by_one_and_once(sqlite_office: Office, signed_in: Enter) -> None:
    people = sqlite_office.people
    first, second = sqlite_office.complaint().id, sqlite_office.complaint().id
    form = {"to": str(people["dana"]), "reason": "调岗", "task": [f"{first}-1", f"{second}-1", "999-1"], "key": "h1"}
    supervisor = signed_in("supervisor")
    shown = supervisor.post(f"/supervision/load/{people['anna']}/do", form).text
    steps = sqlite_office.count("steps")
    supervisor.post(f"/supervision/load/{people['anna']}/do", form)

    assert "已改派2项任务" in shown
    assert "1项在此期间已变动" in shown
    assert {task.assignee for case in (first, second) for task in sqlite_office.stored(case).tasks} == {people["dana"]}
    assert sqlite_office.count("steps") == steps


def test_what_a_receiver_may_not_have_is_said_for_each(sqlite_office: Office, signed_in: Enter) -> None:
    people = sqlite_office.people
    case = sqlite_office.complaint().id
    form = {"to": str(people["root"]), "reason": "调岗", "task": f"{case}-1", "key": "h2"}
    shown = signed_in("supervisor").post(f"/supervision/load/{people['anna']}/do", form).text
    assert "没有相应的角色" in shown
    assert {task.assignee for task in sqlite_office.stored(case).tasks} == {people["anna"]}


def test_004_1_3_c_1_the_page_judges_by_spend_where_that_is_the_rule(sqlite_office: Office, signed_in: Enter) -> None:
    """From 200,000 CNY a month a manager of its own; the page says how it adds up, and proposes who has room."""
    office = sqlite_office
    office.workflow.carrying = Carrying(below=5)
    months = [(month, "express", 210_000_00) for month in ("2026-01", "2026-02")]
    office.workflow.say_revenue({office.customer: months}, actor=SYSTEM)
    office.register("小客户有限公司", b=None)

    anna = office.workflow.load(office.people["anna"], office.actor("supervisor"))
    page = signed_in("supervisor").get("/supervision/load/").text

    assert anna.carried == Carried(ones=1, twos=0, others=1, parts=36)
    assert anna.judged == "many"
    ben = office.workflow.load(office.people["ben"], office.actor("supervisor"))
    assert (ben.customers, ben.leads, ben.carried, ben.judged) == (1, 0, Carried(0, 0, 0, 0), "few")
    assert "200,000元及以上的专人服务" in page
    assert "占用120%：专人1户，一人两户0户，其他1户" in page
    assert office.workflow.taken_up([office.customer], office.actor("supervisor")) == {office.customer: 30}
