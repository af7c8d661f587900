"""What people find when they sit down: their work, what is late, and why something cannot be done yet."""

from datetime import timedelta

import pytest

from tests.promises.house import MONDAY, House, Story
from tests.promises.paths import (
    BEFORE_EXPANSION,
    approve,
    claim,
    complaint,
    dispatched,
    go,
    maintained,
    precheck,
    registered,
    signed,
)
from workflow import SYSTEM, Actor
from workflow.core.errors import NotASubstitute


def names(house: House, login: str) -> list[str]:
    return [row.name for row in house.workflow.inbox(house.actor(login)).rows]


def test_everybody_finds_their_own_work_and_the_first_due_first(house: House) -> None:
    signed(house)
    dispatched(complaint(house))
    assert names(house, "li") == ["call", "chase", "compile", "call"]
    assert names(house, "fen") == ["investigate"]
    assert names(house, "wang") == []


def test_when_the_case_moves_the_work_moves_from_desk_to_desk(house: House) -> None:
    story = go(signed(house), "compile", "introduce")
    assert "accept" in names(house, "wang")
    go(story, "accept")
    assert ("accept" in names(house, "wang"), names(house, "dong")) == (False, ["confirm"])


def test_a_supervisor_sees_what_is_overdue_and_who_it_waits_for(house: House) -> None:
    registered(house)
    story = dispatched(complaint(house))
    house.wait(hours=49)
    (late,) = house.workflow.overdue(house.actor("du")).rows
    assert (late.case, late.name, late.due) == (story.id, "answer", MONDAY + timedelta(hours=48))
    assert {person.id for person in late.assignees} == {house.person("fen"), house.person("li")}


def test_a_supervisor_sees_an_escalation_until_the_answer_is_given(house: House) -> None:
    registered(house)
    story = complaint(house)
    house.wait(hours=49)
    (raised,) = house.workflow.escalations(house.actor("du")).rows
    assert (raised.case, raised.level, raised.mine) == (story.id, 1, True)
    story.do("answer", by="li", reply="抱歉久等")
    assert house.workflow.escalations(house.actor("du")).rows == ()


def test_the_reason_against_a_handover_is_shown_before_anybody_tries(house: House) -> None:
    story = go(signed(house), "compile", "introduce")
    complaint(house, severity="major")
    (accept,) = [a for a in house.workflow.actions(story.id, house.actor("wang")) if a.trigger == "accept"]
    assert accept.against is not None
    assert accept.against.facts["en"] == "The customer has an open major complaint; no handover until it is closed."


def test_a_substitute_answers_for_an_absent_manager_and_both_names_are_kept(house: House) -> None:
    maintained(house)
    story = complaint(house)
    both = Actor(house.person("sun"), behalf=house.person("wang"))
    with pytest.raises(NotASubstitute):
        house.workflow.perform(story.id, "answer", actor=both, form={"reply": "已查到"}, at=house.now)
    house.workflow.substitute(
        house.person("wang"),
        house.person("sun"),
        since=house.now,
        until=house.now + timedelta(days=5),
        reason="休假",
        actor=house.actor("wang"),
        at=house.now,
    )
    assert "triage" in names(house, "sun")
    house.workflow.perform(story.id, "answer", actor=both, form={"reply": "已查到"}, at=house.now)
    step = house.workflow.history(story.id, house.actor("du"))[-1]
    assert step.actor is not None
    assert step.behalf is not None
    assert (step.actor.id, step.behalf.id) == (house.person("sun"), house.person("wang"))


def test_who_worked_straight_from_a_queue_sees_the_case_also_when_the_role_is_gone(house: House) -> None:
    """Whoever acts takes part, with whom the work goes on to; who could have acted and did not does not."""
    house.grant("dai", "city", "account_administrator")
    story = claim(house)
    assert story.work() == {"precheck": None}
    before = story.case.people
    precheck(story)
    assert story.case.people == (*before, house.person("cheng"), house.person("chu"))
    for login, unit in (("cheng", "city"), ("dai", "city"), ("dai", "east")):
        house.workflow.revoke(house.person(login), house.units[unit], "account_administrator", actor=SYSTEM)
    seen = {login: [row.id for row in house.workflow.cases(house.actor(login)).rows] for login in ("cheng", "dai")}
    assert seen == {"cheng": [story.id], "dai": []}


def test_a_customer_without_a_manager_still_has_somebody_who_answers(house: House) -> None:
    story = complaint(house)
    rows = house.workflow.queue(house.actor("sun")).rows
    assert [(row.case, row.name) for row in rows] == [(story.id, "triage")]


def test_every_task_on_the_way_of_a_customer_opens_for_its_owner_and_offers_what_finishes_it(house: House) -> None:
    story = claim(house)
    finished = check_tasks(story)
    finished += check_tasks(precheck(story))
    finished += check_tasks(approve(story))
    for trigger in (*BEFORE_EXPANSION, "sign", "compile", "introduce", "accept", "confirm_handover"):
        finished += check_tasks(go(story, trigger))
    assert (story.state, finished) == ("active", 15)


def check_tasks(story: Story) -> int:
    """Open every open task as its owner; gives their number."""
    workflow, case = story.house.workflow, story.case
    rules = {rule.name: rule for rule in workflow.library.get(case.definition).states[case.state].tasks}
    for task in case.tasks:
        assert task.assignee is not None
        view = workflow.task(case.id, task.no, Actor(task.assignee))
        assert view.mine
        assert {action.trigger for action in view.actions} >= set(rules[task.name].triggers)
    return len(case.tasks)
