"""Two people on one task, ten sweeps on one deadline: one of them does it, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest

from tests.support.office import Office
from tests.support.proof import prove
from workflow.core.errors import CaseNotFound, KeyReused, NotYourTask, TaskClosed
from workflow.core.step import SYSTEM
from workflow.service.door import Workflow
from workflow.storage.database import Database

DISPATCH = {"question": "邮件现在何处？", "told": "phone"}


def together(*jobs: Callable[[], Any]) -> list[Any]:
    """Run the jobs at the same moment; gives what each returned or raised."""
    barrier = Barrier(len(jobs))
    results: list[Any] = [None] * len(jobs)

    def run(place: int, job: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            results[place] = job()
        except Exception as error:  # noqa: BLE001 - what went wrong is what the test looks at
            results[place] = error

    threads = [Thread(target=run, args=(place, job)) for place, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def another(office: Office) -> Workflow:
    """A second process's door, as far as the database can tell."""
    database = Database(office.database.url.render_as_string(hide_password=False))
    return Workflow(database, office.workflow.library, clock=lambda: office.now)


def test_eight_people_finish_one_task_and_one_of_them_did(office: Office) -> None:
    doors = [another(office) for _ in range(4)]
    for _ in range(5):
        case = office.complaint()
        task = case.tasks[0].no
        actor = office.actor("anna")

        results = together(
            *(
                lambda door=door: door.perform(case.id, "answer", task=task, actor=actor, form={"reply": "已经找到。"})
                for door in doors * 2
            )
        )

        losers = [r for r in results if isinstance(r, TaskClosed)]
        assert len(losers) == 7, results
        assert {r.facts["who"] for r in losers} == {office.people["anna"]}
        assert office.stored(case.id).counts["answer"] == 1
    finish(office, doors)


def test_a_queue_task_claimed_twice_belongs_to_one(office: Office) -> None:
    doors = [another(office), another(office)]
    office.workflow.grant(office.people["ben"], office.units["works"], "department", actor=SYSTEM)
    case = office.complaint()
    office.workflow.perform(
        case.id, "dispatch", actor=office.actor("anna"), form=DISPATCH | {"department": office.units["works"]}
    )
    task = office.stored(case.id).tasks[0]
    assert task.assignee is None

    results = together(
        lambda: doors[0].claim(case.id, task.no, actor=office.actor("ben")),
        lambda: doors[1].claim(case.id, task.no, actor=office.actor("delivery")),
    )

    assert Counter(type(r) for r in results)[NotYourTask] == 1
    finish(office, doors)


def test_who_wanted_a_task_of_the_queue_is_told_who_was_quicker_and_when(office: Office) -> None:
    """With the task the case goes out of their sight; that it was finished, and by whom, they may know all the same."""
    office.workflow.grant(office.people["carl"], office.units["works"], "department", actor=SYSTEM)
    case = office.complaint()
    department = {"department": office.units["works"]}
    office.workflow.perform(case.id, "dispatch", actor=office.actor("anna"), form=DISPATCH | department)
    task = next(one.no for one in office.stored(case.id).tasks if one.role == "department")
    report = {"findings": "分拣格口有误。", "cause": "sorting"}
    office.workflow.perform(case.id, "report", task=task, actor=office.actor("delivery"), form=report)
    at = office.workflow.history(case.id, SYSTEM)[-1].recorded

    for ask in (
        lambda: office.workflow.perform(case.id, "report", task=task, actor=office.actor("carl"), form=report),
        lambda: office.workflow.claim(case.id, task, actor=office.actor("carl")),
        lambda: office.workflow.task(case.id, task, office.actor("carl")),
    ):
        with pytest.raises(TaskClosed) as told:
            ask()
        assert told.value.facts == {"who": office.people["delivery"], "at": at}
    with pytest.raises(CaseNotFound):
        office.workflow.perform(case.id, "report", task=task, actor=office.actor("stranger"), form=report)


def test_the_same_key_from_everywhere_is_one_step_and_one_answer(office: Office) -> None:
    doors = [another(office) for _ in range(4)]
    case = office.complaint()

    results = together(
        *(
            lambda door=door: door.comment(case.id, "客户再次来电", actor=office.actor("anna"), key="again")
            for door in doors * 2
        )
    )

    assert len({r.seq for r in results}) == 1
    assert office.stored(case.id).seq == case.seq + 1
    with pytest.raises(KeyReused, match="again"):
        office.workflow.comment(case.id, "另一句话", actor=office.actor("anna"), key="again")
    finish(office, doors)


def test_four_sweeps_fire_each_deadline_once(office: Office) -> None:
    doors = [another(office) for _ in range(4)]
    cases = [office.complaint().id for _ in range(40)]
    office.later(hours=200)

    def sweep(door: Workflow) -> int:
        fired, empty = 0, 0
        while empty < 3:
            now = door.fire_due(limit=7).timers
            fired += now
            empty = 0 if now else empty + 1
        return fired

    results = together(*(lambda door=door: sweep(door) for door in doors))

    assert sum(results) == 40 * 5, results
    for case in cases:
        assert [e.level for e in office.stored(case).escalations] == [1, 2, 3]
    finish(office, doors)


def test_a_sweep_and_a_person_do_not_wait_for_each_other_in_a_ring(office: Office) -> None:
    doors = [another(office) for _ in range(3)]
    cases = [office.complaint().id for _ in range(20)]
    office.later(hours=49)

    def write(door: Workflow, order: list[int]) -> int:
        for case in order:
            door.comment(case, "催办", actor=office.actor("anna"))
        return len(order)

    def sweep() -> int:
        return sum(doors[0].fire_due(limit=10).timers for _ in range(20))

    results = together(sweep, lambda: write(doors[1], cases), lambda: write(doors[2], cases[::-1]))

    assert not [r for r in results if isinstance(r, Exception)], results
    finish(office, doors)


def test_a_linked_case_that_ends_while_its_parent_moves_is_heard_once(office: Office) -> None:
    doors = [another(office), another(office)]
    actor = office.actor("anna")
    for _ in range(4):
        case = office.complaint()
        opened = office.workflow.perform(
            case.id,
            "propose_compensation",
            actor=actor,
            form={"amount": "5000", "amount_reason": "邮件丢失，按保价赔偿"},
        )
        child = opened.links[-1].case

        together(
            lambda: doors[0].perform(child, "grant", actor=office.actor("director"), form={"decision": "同意"}),
            lambda: doors[1].comment(case.id, "客户催问", actor=actor),
        )
        office.fire()

        assert [x.outcome for x in office.stored(case.id).links if x.case == child] == ["granted"]
    finish(office, doors)


def finish(office: Office, doors: list[Workflow]) -> None:
    for door in doors:
        door.database.dispose()
    with office.database.reading() as connection:
        prove(connection, office.workflow.library)
