"""What another version of a lifecycle would have done with a history."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tests.support.crowd import Crowd
from tests.support.histories import Histories
from tests.support.office import Office, library
from workflow.audit.against import Beside, against
from workflow.core.definition.lifecycle import Definition
from workflow.definitions.load import loads

HOUR = 3_600_000_000


def other(old: str, new: str) -> Definition:
    """Complaints as another version, with a piece of the text replaced."""
    text = re.sub(r"(?m)^version: \d+$", "version: 99", library().get("complaint").text)
    assert old in text
    return loads(text.replace(old, new), file="complaint.yaml", calendars=library().calendars, sound=False)


def beside(histories: Histories, case: int, definition: Definition) -> Sequence[Beside]:
    return list(against(histories.steps[case], histories.secrets[case], definition, histories.judge.known))


def test_under_its_own_version_nothing_would_have_been_otherwise(sqlite_office: Office) -> None:
    Crowd(sqlite_office, seed=7).live(200)
    histories = Histories(sqlite_office)

    for case in histories.cases:
        opened = histories.steps[case][0]
        rows = beside(histories, case, library().get(opened.ops[0][1]["definition"]))
        assert [row for row in rows if row.step is None or not row.same] == []


def test_a_shorter_time_limit_is_breached_and_escalated_earlier(sqlite_office: Office) -> None:
    office = sqlite_office
    case = office.complaint()
    office.later(hours=30)
    office.fire()
    office.workflow.perform(case.id, "answer", actor=office.actor("anna"), form={"reply": "已查明"})
    shorter = other("target: 48h", "target: 24h")

    rows = beside(Histories(office), case.id, shorter)

    first, last = rows[0], rows[-1]
    due = next(one for one in first.news if one.what == "due")
    assert due.recorded - due.computed == 24 * HOUR
    assert last.recorded is not None
    assert last.computed is not None
    assert (last.recorded.state, last.computed.state) == ("answered", "answered")
    assert last.recorded.clock("answer").breached is None  # type: ignore[union-attr]
    assert last.computed.clock("answer").breached is not None  # type: ignore[union-attr]
    raised = [op for row in rows for step in row.made for op, _ in step.ops if op == "escalation+"]
    assert raised, "the other version hands the breach upwards; the history never did"


def test_a_refused_command_is_named_and_the_case_goes_on_without_it(sqlite_office: Office) -> None:
    office = sqlite_office
    case = office.complaint()
    office.workflow.perform(case.id, "answer", actor=office.actor("anna"), form={"reply": "已查明"})
    office.later(hours=1)
    office.workflow.comment(case.id, "客户已知悉", actor=office.actor("anna"))
    stricter = other(
        "from: [received, investigating, investigated]\n    to: answered",
        "from: [investigating, investigated]\n    to: answered",
    )

    rows = [row for row in beside(Histories(office), case.id, stricter) if row.step is not None]

    refused = next(row for row in rows if row.step is not None and row.step.trigger == "answer")
    assert refused.refused is not None
    assert (refused.refused.code, refused.refused.facts) == (
        "NotInThisState", {"trigger": "answer", "state": "received"},
    )  # fmt: skip
    last = rows[-1]
    assert last.refused is None
    assert [step.kind for step in last.made] == ["comment"]
    assert last.computed is not None
    assert last.computed.state == "received"
