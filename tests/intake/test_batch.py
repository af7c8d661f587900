"""Many commands in one transaction behave as if each had its own."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import pytest

from tests.intake.conftest import Desk
from tests.support.proof import refusals
from workflow import SYSTEM
from workflow.core import unasked
from workflow.core.errors import CustomerKnown, FormInvalid, LoginTaken, NotInThisState
from workflow.intake.demo.stage import Stage
from workflow.service.batch import Batch
from workflow.storage import organisation

MONDAY = datetime(2020, 3, 2, 1, 0, tzinfo=UTC)
FORM: dict[str, Any] = {"kind": "complaint", "channel": "phone", "text": "邮件延误", "severity": "normal"}


def opened(desk: Desk, batch: Batch, at: datetime, **form: Any) -> int:
    customer = batch.customer_of(name="青云", division="440106") or batch.register_customer(
        {"name_zh": "青云", "division": "440106", "unit": desk.unit}, actor=SYSTEM, at=MONDAY
    )
    return batch.open("complaint", customer=customer, actor=desk.actor("desk"), data=FORM | form, at=at).id


def test_a_refused_command_leaves_its_refusal_and_nothing_else(desk: Desk) -> None:
    actor = desk.actor("desk")
    with desk.workflow.batch() as batch:
        case = opened(desk, batch, MONDAY)
        with pytest.raises(NotInThisState):
            batch.perform(case, "resolve", actor=actor, form={"resolution": "x"}, at=MONDAY)
        before = batch.current(case)
        with pytest.raises(FormInvalid):
            batch.perform(case, "answer", actor=actor, at=MONDAY)
        assert batch.current(case) == before
        batch.perform(case, "answer", actor=actor, form={"reply": "已答复"}, at=MONDAY)

    assert desk.sql(f"SELECT kind, trigger FROM steps WHERE case_id = {case} ORDER BY seq") == [
        ("open", "open"),
        ("trigger", "answer"),
    ]
    with desk.database.reading() as connection:
        assert [(code, attempt) for code, attempt, _ in refusals(connection)] == [
            ("NotInThisState", "perform:resolve"),
            ("FormInvalid", "perform:answer"),
        ]
    assert desk.prove()


def test_a_command_that_fails_half_way_is_taken_back_whole(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk.workflow.batch() as batch:
        case = opened(desk, batch, MONDAY)
        before = batch.current(case)
        with monkeypatch.context() as patch:
            patch.setattr("workflow.service.unit.Unit._open", broken)
            with pytest.raises(ZeroDivisionError):
                opened(desk, batch, MONDAY, severity="major")
            with pytest.raises(ZeroDivisionError):
                batch.perform(case, "mark_major", actor=desk.actor("desk"), form={"major_reason": "x"}, at=MONDAY)
        assert batch.current(case) == before
        batch.perform(case, "answer", actor=desk.actor("desk"), form={"reply": "已答复"}, at=MONDAY)

    assert desk.sql("SELECT count(*) FROM cases WHERE kind = 'case'") == [(1,)]
    assert desk.prove()


def broken(*_: Any, **__: Any) -> None:
    raise ZeroDivisionError


def test_an_error_undoes_what_was_done_since_the_last_commit(desk: Desk) -> None:
    with suppress(ZeroDivisionError), desk.workflow.batch() as batch:
        kept = opened(desk, batch, MONDAY)
        batch.commit()
        opened(desk, batch, MONDAY)
        broken()

    assert desk.sql("SELECT id FROM cases WHERE kind = 'case'") == [(kept,)]
    assert desk.prove()


def test_what_is_due_happens_in_due_order_over_all_cases(desk: Desk) -> None:
    with desk.workflow.batch() as batch:
        first = opened(desk, batch, MONDAY)
        second = opened(desk, batch, MONDAY + timedelta(hours=1))
        batch.commit()
        fired = batch.fire_due(MONDAY + timedelta(hours=50))

    # 24 h, 36 h and 48 h after each: the cases take turns.
    assert (fired.timers, fired.failed, fired.next_due) == (6, 0, MONDAY + timedelta(hours=72))
    told = [
        case for (case,) in desk.sql("SELECT case_id FROM outbox WHERE kind IN ('reminder', 'escalation') ORDER BY id")
    ]
    assert [case for case, _ in groupby(told)] == [first, second] * 3
    assert desk.prove()


def test_a_timer_that_fails_becomes_an_incident_and_holds_up_no_other(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    fire = unasked.fire
    with desk.workflow.batch() as batch:
        sick = opened(desk, batch, MONDAY)
        sound = opened(desk, batch, MONDAY)

        def fail(definition: Any, case: Any, *rest: Any, **more: Any) -> Any:
            return broken() if case.id == sick else fire(definition, case, *rest, **more)

        monkeypatch.setattr(unasked, "fire", fail)
        fired = batch.fire_due(MONDAY + timedelta(hours=30))

    assert (fired.timers, fired.cases, fired.failed) == (1, 2, 1)
    assert desk.sql("SELECT case_id, kind FROM incidents") == [(sick, "timer")]
    assert desk.sql("SELECT case_id FROM steps WHERE kind = 'rung'") == [(sound,)]
    assert desk.prove()


def test_an_escalation_raised_and_over_within_one_commit_keeps_its_row(desk: Desk) -> None:
    with desk.workflow.batch() as batch:
        case = opened(desk, batch, MONDAY)
        late = MONDAY + timedelta(hours=49)
        batch.fire_due(late)
        batch.perform(case, "answer", actor=desk.actor("desk"), form={"reply": "已答复"}, at=late)

    assert desk.sql("SELECT level, ended - raised FROM escalations") == [(1, 3_600_000_000)]


def test_a_late_command_keeps_the_row_of_the_escalation_it_ends_at_the_open_door_too(desk: Desk) -> None:
    with desk.workflow.batch() as batch:
        case = opened(desk, batch, MONDAY)

    late = MONDAY + timedelta(hours=49)
    desk.workflow.perform(case, "answer", actor=desk.actor("desk"), form={"reply": "已答复"}, at=late)

    assert desk.sql("SELECT level, ended - raised FROM escalations") == [(1, 3_600_000_000)]


def test_word_from_a_linked_case_arrives_within_the_batch(desk: Desk) -> None:
    with desk.workflow.batch() as batch:
        case = opened(desk, batch, MONDAY, severity="major")
        [link] = batch.current(case).links
        batch.perform(link.case, "arrange", actor=desk.actor("director"), form={"arrangement": "立即处理"}, at=MONDAY)
        batch.fire_due(MONDAY)

    steps = desk.sql(f"SELECT kind, trigger FROM steps WHERE case_id = {case} ORDER BY seq")
    assert steps[-1] == ("linked", "arranged")
    assert desk.sql("SELECT count(*) FROM timers WHERE kind = 'linked'") == [(0,)]
    assert desk.prove()


def test_a_twin_registered_in_the_same_batch_is_known(desk: Desk) -> None:
    values = {"name_zh": "青云有限公司", "division": "440106"}
    with desk.workflow.batch() as batch:
        batch.register_customer(values, actor=SYSTEM, at=MONDAY)
        with pytest.raises(CustomerKnown):
            batch.register_customer(values | {"name_zh": "青云"}, actor=SYSTEM, at=MONDAY)

    assert desk.sql("SELECT count(*) FROM customers") == [(1,)]


def test_persons_added_in_a_batch_may_act_in_it_and_are_gone_when_it_fails(desk: Desk) -> None:
    with suppress(ZeroDivisionError), desk.workflow.batch() as batch:
        person = batch.add_person("eva", name_zh="伊娃", name_en="Eva", actor=SYSTEM, at=MONDAY)
        batch.grant(person, desk.unit, "reporter", actor=SYSTEM, at=MONDAY)
        assert batch.holds(person, desk.unit, "reporter", MONDAY)
        with pytest.raises(LoginTaken):
            batch.add_person("eva", name_zh="伊娃", name_en="Eva", actor=SYSTEM, at=MONDAY)
        broken()

    desk.workflow.add_person("ida", name_zh="艾达", name_en="Ida", actor=SYSTEM)
    assert desk.sql("SELECT login FROM persons WHERE login IN ('eva', 'ida')") == [("ida",)]
    with pytest.raises(LoginTaken):
        desk.workflow.add_person("ida", name_zh="艾达", name_en="Ida", actor=SYSTEM)


def test_what_a_batch_knows_of_persons_is_what_is_stored(desk: Desk) -> None:
    with desk.workflow.batch() as batch:
        for number in range(3):
            person = batch.add_person(f"p{number}", name_zh="新人", name_en="New", actor=SYSTEM, at=MONDAY)
            for role in ("reporter", "account_manager"):
                batch.grant(person, desk.unit, role, actor=SYSTEM, at=MONDAY)
        until = MONDAY + timedelta(days=3)
        batch.substitute(
            person, desk.people["desk"], since=MONDAY, until=until, reason="年休假", actor=SYSTEM, at=MONDAY
        )
        known = batch._work().directory
        stored = organisation.load(batch._work().connection, known.version)

        assert known.version == organisation.version(batch._work().connection)
        assert known.persons == stored.persons
        assert known.substitutions == stored.substitutions
        assert known.substituting(desk.people["desk"], MONDAY) == (person,)
        assert known.stands_in(desk.people["desk"], person, MONDAY)
        for person in stored.persons:
            assert known.roles_of(person, MONDAY) == stored.roles_of(person, MONDAY)
        for role in ("reporter", "account_manager", "supervisor"):
            assert known.holders(role, desk.unit, MONDAY) == stored.holders(role, desk.unit, MONDAY)


def test_a_case_whose_opening_was_taken_back_is_nobodys_news(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with Stage(desk.workflow) as stage:
        kept = opened(desk, stage, MONDAY)
        stage.moved()
        with monkeypatch.context() as patch:
            patch.setattr("workflow.service.unit.Unit._open", broken)
            with pytest.raises(ZeroDivisionError):
                opened(desk, stage, MONDAY, severity="major")
        stage.perform(kept, "answer", actor=desk.actor("desk"), form={"reply": "已答复"}, at=MONDAY)

        assert [case for case in stage.moved() if stage.current(case).kind == "case"] == [kept]


def test_a_draft_counts_what_the_batch_has_not_committed_yet(desk: Desk) -> None:
    with desk.workflow.batch() as batch:
        case = opened(desk, batch, MONDAY)
        answers = {"reply": "已答复", "satisfaction": "satisfied"}
        batch.perform(case, "settle", actor=desk.actor("desk"), form=answers, at=MONDAY)
        week = {"kind": "weekly", "period": "第10周", "since": "2020-03-02", "until": "2020-03-08"}
        week["manager"] = desk.people["desk"]
        report = batch.open("report", customer=None, actor=desk.actor("desk"), data=week, at=MONDAY).id
        month = {"period": "3月", "since": "2020-03-01", "until": "2020-03-31"}
        analysis = batch.open("analysis", customer=None, actor=SYSTEM, unit=desk.unit, data=month, at=MONDAY).id
        batch.fire_due(MONDAY + timedelta(minutes=2))

        for one in (report, analysis):
            assert (batch.current(one).state, batch.current(one).data["satisfied"]) == ("drafted", 1)
