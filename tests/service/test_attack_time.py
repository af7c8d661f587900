"""Timers that come twice, fail, or meet a person at the same moment; cases that hear from each other; two at once."""

from __future__ import annotations

from threading import Event, Thread
from typing import Any

import pytest

from tests.service.test_two_people import another, finish, together
from tests.support.office import Office, library
from tests.support.proof import prove
from workflow.core.errors import ConditionNotMet
from workflow.core.step import SYSTEM
from workflow.definitions.library import Library
from workflow.definitions.load import loads
from workflow.service.door import Workflow
from workflow.service.sweep import Fired
from workflow.storage.database import Database
from workflow.storage.errors import StorageUnavailable
from workflow.storage.store import Store

CHILD = """\
# A small case of its own.
definition: child
version: 1
title: {zh: 子, en: Child}
prefix: ZI
phases: {all: {zh: 全部, en: All}}
roles: {worker: {role: account_manager, of: customer.a}}
initial: open
states:
  open:
    phase: all
    title: {zh: 进行, en: Open}
    tasks: {work: {title: {zh: 办理, en: Work}, role: worker, triggers: [finish]}}
  over: {phase: all, title: {zh: 办结, en: Over}, final: true}
transitions:
  - {trigger: finish, title: {zh: 办结, en: Finish}, from: open, to: over, by: worker}
  - {trigger: again, title: {zh: 重办, en: Again}, from: over, to: open, by: worker}
"""

PARENT = """\
# A timer that may fail, a linked case.
definition: parent
version: 1
title: {zh: 母, en: Parent}
prefix: MU
opened_by: [account_manager]
start: [part]
data:
  part: {type: number, title: {zh: 份数, en: Part}}
  share: {type: number, title: {zh: 份额, en: Share}}
phases: {all: {zh: 全部, en: All}}
roles:
  worker: {role: account_manager, of: customer.a}
  boss: {role: supervisor, of: unit}
initial: open
states:
  open:
    phase: all
    title: {zh: 进行, en: Open}
    tasks: {work: {title: {zh: 办理, en: Work}, role: worker, triggers: [finish, ask, divide]}}
  dividing:
    phase: all
    title: {zh: 分配, en: Dividing}
    tasks: {wait: {title: {zh: 等待, en: Wait}, role: worker, triggers: [back]}}
    timers: [{name: split, after: 1h, trigger: split}]
  late:
    phase: all
    title: {zh: 逾期, en: Late}
    tasks: {see: {title: {zh: 查看, en: See}, role: worker, triggers: [finish]}}
  over: {phase: all, title: {zh: 办结, en: Over}, final: true}
transitions:
  - {trigger: finish, title: {zh: 办结, en: Finish}, from: [open, late], to: over, by: worker}
  - {trigger: divide, title: {zh: 分, en: Divide}, from: open, to: dividing, by: worker}
  - trigger: split
    title: {zh: 拆, en: Split}
    from: dividing
    to: open
    effects: [{set: {share: "= 100 / data.part"}}]
  - {trigger: back, title: {zh: 回, en: Back}, from: dividing, to: open, by: worker}
  - {trigger: ask, title: {zh: 问, en: Ask}, from: open, by: worker, effects: [{open: child}]}
  - {trigger: too_late, title: {zh: 迟, en: Too late}, from: open, to: late, auto: true, when: clocks.term.breached}
clocks:
  term:
    title: {zh: 期限, en: Term}
    runs_in: [open]
    pauses_in: [dividing]
    met_on: over
    target: 200d
    ladder: [{at: 100%, escalate: boss, level: 1}]
links:
  child: {definition: child, title: {zh: 子, en: Child}}
"""


TAKER = """\
# Whoever comes first takes the customer over.
definition: taker
version: 1
title: {zh: 接手, en: Taker}
prefix: JS
opened_by: [account_manager]
phases: {all: {zh: 全部, en: All}}
roles: {worker: {role: account_manager, of: customer.a}, boss: {role: supervisor, of: unit}}
conditions: {still_a: {if: "customer.lead == 'a'", zh: 已被接手。, en: It was taken over.}}
initial: open
states:
  open:
    phase: all
    title: {zh: 进行, en: Open}
    tasks: {work: {title: {zh: 办理, en: Work}, role: worker, triggers: [take, leave]}}
  over: {phase: all, title: {zh: 办结, en: Over}, final: true}
transitions:
  - trigger: take
    title: {zh: 接手, en: Take}
    from: open
    to: over
    by: worker
    when: still_a
    effects: [{customer: {lead: b}}]
  - trigger: longer
    title: {zh: 延期, en: Longer}
    from: open
    by: worker
    effects: [{extend: term, days: "= 5", at_most: 50%}]
  - {trigger: leave, title: {zh: 放弃, en: Leave}, from: open, to: over, by: worker}
clocks:
  term:
    title: {zh: 期限, en: Term}
    runs_in: [open]
    met_on: over
    target: 10d
    ladder: [{at: 100%, escalate: boss, level: 1}]
"""


@pytest.fixture
def world(database: Database) -> Office:
    """The small organisation, with two small lifecycles beside the product's own."""
    calendars = library().calendars
    small = {
        name: loads(text, calendars=calendars)
        for name, text in (("child", CHILD), ("parent", PARENT), ("taker", TAKER))
    }
    return Office(database, Library({**library().latest, **small}, calendars))


def begin(office: Office, **data: Any) -> int:
    return office.workflow.open("parent", customer=office.customer, actor=office.actor("anna"), data=data).id


def pull(office: Office, case: int, trigger: str, **form: Any) -> Any:
    return office.workflow.perform(case, trigger, actor=office.actor("anna"), form=form)


def whole(office: Office) -> None:
    with office.database.reading() as connection:
        prove(connection, office.workflow.library)


def incidents(office: Office) -> list[tuple[int, bool]]:
    """Case, and whether the incident is over."""
    with office.database.reading() as connection:
        found = connection.exec_driver_sql("SELECT case_id, resolved FROM incidents ORDER BY id").all()
    return [(case, resolved is not None) for case, resolved in found]


def test_a_timer_that_cannot_work_stops_neither_people_nor_other_cases(world: Office) -> None:
    ill, well = begin(world, part=0), begin(world, part=2)
    for case in (ill, well):
        pull(world, case, "divide")
    world.later(hours=2)

    fired = world.workflow.fire_due()
    assert (fired.timers, fired.failed) == (1, 1)
    assert world.stored(well).data["share"] == 50
    assert incidents(world) == [(ill, False)]
    world.workflow.comment(ill, "我来处理", actor=world.actor("anna"))
    assert world.workflow.fire_due().failed == 0
    world.later(minutes=2)
    assert world.workflow.fire_due().failed == 1
    assert incidents(world) == [(ill, False)]

    pull(world, ill, "back")
    world.later(minutes=10)
    world.workflow.fire_due()

    assert incidents(world) == [(ill, True)]
    whole(world)


def test_many_that_fail_do_not_keep_the_sweep_from_one_that_works(world: Office) -> None:
    for _ in range(6):
        pull(world, begin(world, part=0), "divide")
    world.later(seconds=1)
    well = begin(world, part=4)
    pull(world, well, "divide")
    world.later(hours=2)

    for _ in range(4):
        world.workflow.fire_due(limit=2)

    assert world.stored(well).data["share"] == 25
    assert len(incidents(world)) == 6


def test_an_escalation_raised_and_over_in_one_go_is_kept_in_the_list(world: Office) -> None:
    case = begin(world)
    world.later(days=201)
    world.fire()

    assert world.stored(case).state == "late"
    with world.database.reading() as connection:
        found = connection.exec_driver_sql("SELECT level, ended IS NULL FROM escalations").all()
    assert [(level, bool(still)) for level, still in found] == [(1, False)]
    whole(world)


def test_a_linked_case_that_opens_again_is_open_above_too(world: Office) -> None:
    case = begin(world)
    child = pull(world, case, "ask").links[0].case
    pull(world, child, "finish")
    assert world.stored(case).links[0].outcome == "over"

    pull(world, child, "again")
    assert world.stored(case).links[0].outcome is None
    pull(world, child, "finish")

    assert world.stored(case).links[0].outcome == "over"
    whole(world)


def test_an_answer_at_the_due_moment_itself_is_in_time(office: Office) -> None:
    case = office.complaint()
    office.now = case.clock("answer").due
    after = office.workflow.perform(case.id, "answer", actor=office.actor("anna"), form={"reply": "已答复。"})

    assert (after.clock("answer").status, after.clock("answer").breached) == ("met", None)


def test_word_upwards_that_meets_a_busy_database_does_not_undo_what_was_kept(
    world: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = begin(world)
    child = pull(world, case, "ask").links[0].case

    def busy(self: Workflow, *_: Any, **__: Any) -> Fired:
        raise StorageUnavailable(reason="busy", detail="")

    with monkeypatch.context() as patched:
        patched.setattr(Workflow, "sweep", busy)
        assert pull(world, child, "finish").state == "over"
    world.fire()

    assert world.stored(case).links[0].outcome == "over"
    whole(world)


def test_who_waited_for_a_case_sees_its_customer_as_it_is_then(office: Office) -> None:
    """PostgreSQL gives who waited for a lock the new case, but what was joined to it as it was before."""
    if office.database.dialect == "sqlite":
        # One writer at a time: nobody reads before the other has committed.
        office.workflow.change_customer(office.customer, {"tier": "diamond"}, actor=SYSTEM)
        assert office.workflow.customer(office.customer, office.actor("anna")).row.tier == "diamond"
        return
    case = office.complaint().id
    second = another(office).database
    locked, seen = Event(), []

    def wait() -> None:
        locked.wait()
        with second.writing() as connection:
            seen.append(Store(connection).load(case).customer)

    waiting = Thread(target=wait)
    waiting.start()
    with office.database.writing() as connection:
        Store(connection).load(case)
        locked.set()
        waiting.join(timeout=0.5)
        connection.exec_driver_sql(f"UPDATE customers SET lead = 'b' WHERE id = {office.customer}")
        connection.exec_driver_sql(f"UPDATE cases SET seq = seq + 1 WHERE id = {case}")
    waiting.join()

    assert [customer.lead for customer in seen] == ["b"]
    second.dispose()


def test_an_extension_after_the_breach_leaves_nobody_answering_twice(world: Office) -> None:
    case = world.workflow.open("taker", customer=world.customer, actor=world.actor("anna")).id
    world.later(days=11)
    world.fire()
    assert [e.level for e in world.stored(case).escalations] == [1]

    assert pull(world, case, "longer").escalations == ()
    world.later(days=3)
    world.fire()
    assert world.stored(case).escalations == ()
    world.later(days=3)
    world.fire()

    clock = world.stored(case).clock("term")
    assert [e.level for e in world.stored(case).escalations] == [1]
    assert (clock.breached - clock.started).days == 10
    whole(world)


def test_of_two_cases_that_take_one_customer_over_at_once_one_does(world: Office) -> None:
    doors = [another(world), another(world)]
    anna = world.actor("anna")
    for n in range(5):
        customer = world.register(f"云海{n}有限公司")
        cases = [world.workflow.open("taker", customer=customer, actor=anna).id for _ in doors]

        results = together(
            *(lambda d=d, c=c: d.perform(c, "take", actor=anna) for d, c in zip(doors, cases, strict=True))
        )

        assert [type(r) for r in results if isinstance(r, Exception)] == [ConditionNotMet], results
    whole(world)
    finish(world, doors)


def test_two_ended_linked_cases_are_both_heard_of(world: Office) -> None:
    case = begin(world)
    for _ in range(2):
        pull(world, case, "ask")
    children = [x.case for x in world.stored(case).links]
    doors = [another(world), another(world)]
    threads = [
        Thread(target=lambda d=door, c=child: d.perform(c, "finish", actor=world.actor("anna")))
        for door, child in zip(doors, children, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.fire()

    assert [x.outcome for x in world.stored(case).links] == ["over", "over"]
    whole(world)
    finish(world, doors)
