"""Many people, many cases, all lifecycles, through the real door: afterwards everything must hold."""

from __future__ import annotations

from tests.support.crowd import Crowd
from tests.support.office import Office
from tests.support.proof import prove, refusals
from workflow.core.errors import Refused
from workflow.storage.queries import history


def test_after_any_crowd_every_history_gives_its_case(office: Office) -> None:
    crowd = Crowd(office, seed=7)

    crowd.live(260)

    with office.database.reading() as connection:
        assert prove(connection, office.workflow.library) > 150
        assert len(refusals(connection)) == crowd.refused > 0


def test_a_refused_command_changes_nothing_but_the_record_of_the_refusal(office: Office) -> None:
    case = office.complaint()
    office.later(hours=30)
    before = {t: office.count(t) for t in ("cases", "steps", "tasks", "timers", "clocks", "outbox", "idempotency")}

    for attempt in (
        lambda: office.workflow.perform(case.id, "confirm", actor=office.actor("anna"), key="a"),
        lambda: office.workflow.perform(case.id, "answer", actor=office.actor("stranger"), form={"reply": "x"}),
        lambda: office.workflow.perform(case.id, "answer", actor=office.actor("anna"), form={"reply": ""}),
        lambda: office.workflow.claim(case.id, 99, actor=office.actor("anna")),
        lambda: office.workflow.comment(case.id, "  ", actor=office.actor("anna")),
        lambda: office.workflow.comment(case.id, "ok", actor=office.actor("auditor")),
        lambda: office.workflow.perform(case.id, "answer", actor=office.actor("ben", "anna"), form={"reply": "x"}),
    ):
        try:
            attempt()
        except Refused:
            continue
        raise AssertionError("a command that had to be refused was not")

    assert office.stored(case.id) == case
    assert {t: office.count(t) for t in before} == before
    with office.database.reading() as connection:
        codes = [code for code, _, _ in refusals(connection)]
    assert codes == ["NotInThisState", "CaseNotFound", "FormInvalid", "TaskNotFound", "TextEmpty", "NotPermitted",
                     "NotASubstitute"]  # fmt: skip


def test_a_command_that_comes_late_finds_the_breach_already_there(office: Office) -> None:
    case = office.complaint()
    office.later(hours=48, seconds=1)

    office.workflow.perform(case.id, "answer", actor=office.actor("anna"), form={"reply": "对不起，已找到邮件。"})

    clock = office.stored(case.id).clock("answer")
    assert clock.breached == clock.due
    assert clock.status == "met"
    with office.database.reading() as connection:
        kinds = [(r.kind, r.effective, r.recorded) for r in history.rows(connection, case.id)]
    assert [k for k, _, _ in kinds][-4:] == ["rung", "rung", "rung", "trigger"]
    assert kinds[-2][1] == clock.due
    assert kinds[-2][2] == office.now
