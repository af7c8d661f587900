"""One case as the door shows it: the work, what can be done, and what stands against it."""

from datetime import timedelta

import pytest

from tests.support.office import Office
from workflow.core.codec import dumps
from workflow.core.errors import CaseNotFound, CustomerNotFound, FileNotFound, NotInThisState, TaskNotFound
from workflow.core.step import SYSTEM
from workflow.service.views.actions import Action
from workflow.service.views.lists import Filters
from workflow.service.views.names import Masked
from workflow.storage.tables import incidents


def offered(actions: tuple[Action, ...] | list[Action]) -> dict[str, Action]:
    return {action.trigger: action for action in actions}


def test_a_task_says_what_can_be_done_with_it(office: Office) -> None:
    case = office.complaint()
    [task] = case.tasks

    view = office.workflow.task(case.id, task.no, office.actor("anna"))

    assert (view.mine, view.claimable, view.row.name, view.case.involved) == (True, False, "triage", True)
    actions = offered(view.actions)
    assert list(actions) == ["settle", "answer", "dispatch"], "in the order in which the task names them"
    answer = actions["answer"]
    assert (answer.kind, answer.task, answer.targets, answer.against) == ("trigger", task.no, ("answered",), None)
    assert next((f.field.name, f.required) for f in answer.fields) == ("reply", True)
    assert answer.title.en == "Answer the customer"


def test_who_may_not_work_on_a_task_is_offered_nothing_of_it(office: Office) -> None:
    case = office.complaint()
    [task] = case.tasks
    for login in ("supervisor", "auditor"):
        view = office.workflow.task(case.id, task.no, office.actor(login))
        assert (view.mine, view.claimable, view.actions) == (False, False, ())
    assert office.workflow.actions(case.id, office.actor("auditor")) == []
    assert "mark_major" in offered(office.workflow.actions(case.id, office.actor("supervisor")))
    with pytest.raises(CaseNotFound):
        office.workflow.task(case.id, task.no, office.actor("stranger"))
    with pytest.raises(TaskNotFound):
        office.workflow.task(case.id, 999, office.actor("anna"))


def test_a_substitute_is_offered_what_the_absent_person_could_do(office: Office) -> None:
    case = office.complaint()
    [task] = case.tasks
    office.workflow.substitute(
        office.people["anna"],
        office.people["carl"],
        since=office.now,
        until=office.now + timedelta(days=3),
        reason="休假",
        actor=office.actor("supervisor"),
    )
    view = office.workflow.task(case.id, task.no, office.actor("carl"))
    assert view.mine
    assert view.row.behalf is not None
    assert view.row.behalf.id == office.people["anna"]
    assert set(offered(view.actions)) == {"settle", "answer", "dispatch"}


def test_what_stands_against_an_action_is_said_before_it_is_tried(office: Office) -> None:
    case = office.complaint(severity="major")
    against = {action.trigger: action.against for action in office.workflow.actions(case.id, office.actor("anna"))}
    refused = against["mark_major"]
    assert refused is not None
    assert refused.facts["en"] == "It is a major complaint already."


def test_one_of_several_tasks_can_be_done(office: Office) -> None:
    case = office.complaint()
    dispatch = {"department": office.units["works"], "question": "延误在哪一段？", "told": "yes"}
    told = office.workflow.task(case.id, case.tasks[0].no, office.actor("anna"))
    [field] = [f.field for f in offered(told.actions)["dispatch"].fields if f.field.name == "told"]
    dispatch["told"] = next(iter(field.of), "yes")
    office.workflow.perform(case.id, "dispatch", actor=office.actor("anna"), form=dispatch)
    moved = office.workflow.perform(case.id, "answer", actor=office.actor("anna"), form={"reply": "正在查"})
    work = next(t for t in moved.tasks if t.name == "put_right")

    view = office.workflow.task(case.id, work.no, office.actor("delivery"))

    [action] = view.actions
    assert (action.kind, action.trigger, action.targets) == ("done", "put_right", ())
    assert [f.field.name for f in action.fields] == ["fix"]


def test_personal_words_are_for_those_involved(office: Office) -> None:
    case = office.complaint(contact="张三")
    for login, words in {"anna": "邮件延误三天", "supervisor": "邮件延误三天", "auditor": Masked("withheld")}.items():
        assert office.workflow.case(case.id, office.actor(login)).data["text"] == words
        steps = office.workflow.history(case.id, office.actor(login))
        assert steps[0].form["text"] == words
        told = "张三" in dumps([[step.form, step.ops] for step in steps if login != "auditor"])
        assert told is (login != "auditor")


def test_a_case_shows_what_it_opened_and_what_opened_it(office: Office) -> None:
    case = office.complaint(severity="major")
    view = office.workflow.case(case.id, office.actor("director"))
    [link] = view.links
    assert (link.name, link.outcome, link.readable) == ("arrangement", None, True)
    child = office.workflow.case(link.case, office.actor("director"))
    assert child.parent is not None
    assert (child.parent.case, child.parent.number) == (case.id, case.number)


def test_a_case_as_of_any_moment_is_what_it_was(office: Office) -> None:
    case = office.complaint()
    before = office.now
    office.later(hours=3)
    after = office.workflow.perform(case.id, "answer", actor=office.actor("anna"), form={"reply": "已补投"})
    then = office.workflow.as_of(case.id, before, office.actor("auditor"))
    now = office.workflow.as_of(case.id, office.now, office.actor("auditor"))
    assert then is not None
    assert (then.state, then.seq) == ("received", 1)
    assert now == after == office.stored(case.id)


def test_files_are_for_those_involved(office: Office) -> None:
    case = office.complaint()
    kept = office.workflow.attach(case.id, "照片.png", b"png", actor=office.actor("anna"))
    found = office.workflow.file(case.id, kept, office.actor("supervisor"))
    assert (found.row.name, found.content, found.row.size) == ("照片.png", b"png", 3)
    assert [file.id for file in office.workflow.case(case.id, office.actor("auditor")).files] == [kept]
    for login, number in (("auditor", kept), ("anna", kept + 1), ("anna", 10**30)):
        with pytest.raises(FileNotFound):
            office.workflow.file(case.id, number, office.actor(login))


def test_a_customer_is_shown_with_its_cases(office: Office) -> None:
    case = office.complaint()
    view = office.workflow.customer(office.customer, office.actor("anna"))
    assert (view.row.name.zh, view.row.open_cases, view.case.row.kind) == ("青云数据有限公司", 1, "customer")
    assert [row.id for row in view.cases] == [case.id]
    for customer, login in ((office.customer, "stranger"), (case.id, "anna"), (10**30, "anna")):
        with pytest.raises(CustomerNotFound):
            office.workflow.customer(customer, office.actor(login))


def test_notices_come_to_whom_they_are_for(office: Office) -> None:
    case = office.complaint()
    office.workflow.perform(case.id, "answer", actor=office.actor("anna"), form={"reply": "已补投"})
    notice = office.workflow.notices(office.actor("supervisor"), unread=True).rows[0]
    assert (notice.case, notice.number, notice.read) == (case.id, case.number, None)
    assert notice.customer is not None
    assert "text" in notice.body
    assert office.workflow.notices(office.actor("stranger")).rows == ()
    assert office.workflow.notices(SYSTEM).rows == ()


def test_refusals_are_seen_by_the_refused_their_supervisor_and_the_auditor(office: Office) -> None:
    case = office.complaint()
    with pytest.raises(NotInThisState):
        office.workflow.perform(case.id, "confirm", actor=office.actor("anna"))

    for login in ("anna", "supervisor", "auditor"):
        [row] = office.workflow.refusals(office.actor(login)).rows
        assert (row.code, row.case, row.number, row.actor and row.actor.id) == (
            "NotInThisState", case.id, case.number, office.people["anna"],
        )  # fmt: skip
        assert row.facts["trigger"] == "confirm"
    for login in ("ben", "stranger"):
        assert office.workflow.refusals(office.actor(login)).rows == ()
    only = Filters(person=office.people["ben"])
    assert office.workflow.refusals(office.actor("auditor"), filters=only).rows == ()


def test_incidents_are_the_supervisors(office: Office) -> None:
    case = office.complaint()
    row = {"timer": 3, "kind": "timer", "raised": office.now, "last": office.now, "detail": dumps({"fault": "boom"})}
    with office.database.writing() as connection:
        connection.execute(incidents.insert().values(case_id=case.id, **row))
        connection.execute(incidents.insert().values(case_id=None, **row))
        connection.execute(incidents.insert().values(case_id=case.id, **row, resolved=office.now))

    seen = {login: office.workflow.incidents(office.actor(login)).rows for login in ("supervisor", "anna", "root")}

    assert [one.number for one in seen["supervisor"]] == [None, case.number]
    assert seen["supervisor"][0].detail == {"fault": "boom"}
    assert seen["anna"] == ()
    assert [one.number for one in seen["root"]] == [None]
