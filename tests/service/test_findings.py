"""Findings, sign-off notes and samples are steps in the log, written by auditors, judged like everything else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.histories import Histories
from tests.support.office import Office
from workflow.core.errors import (
    FindingClosed,
    FindingNotFound,
    NotPermitted,
    PeriodUnfit,
    SampleUnfit,
    StepNotFound,
    TextEmpty,
)
from workflow.service.findings import drawn
from workflow.service.organisation import BOOK
from workflow.service.verification import verify


def test_a_finding_is_raised_answered_and_closed_as_steps_that_join_the_chain(office: Office) -> None:
    door, case = office.workflow, office.complaint()
    before = office.stored(case.id)
    no = door.add_finding("未按时答复", severity="high", case=case.id, seq=1, actor=office.actor("auditor"))
    office.later(days=1)
    door.answer_finding(no, "已补办", actor=office.actor("director"))
    office.later(days=1)
    door.close_finding(no, "认可", actor=office.actor("auditor"))

    (found,) = door.findings(office.actor("auditor"))
    assert (found.no, found.text, found.severity, found.case, found.seq, found.state) == (
        no, "未按时答复", "high", case.id, 1, "closed",
    )  # fmt: skip
    assert [(note.kind, note.text) for note in found.notes] == [
        ("answer_finding", "已补办"), ("close_finding", "认可"),
    ]  # fmt: skip
    # The case is as it was, the chain holds, and the rules give these steps again.
    assert office.stored(case.id) == before
    assert verify(office.database, BOOK).holds
    verdict = next(one for one in Histories(office).verdicts() if one.case == BOOK)
    assert (verdict.holds, verdict.reproduced) == (True, verdict.steps)
    with pytest.raises(FindingClosed):
        door.answer_finding(no, "还有", actor=office.actor("auditor"))


def test_what_was_written_is_kept_out_of_the_history_and_can_be_erased(office: Office) -> None:
    office.workflow.add_finding("客户张三的电话外泄", severity="low", actor=office.actor("auditor"))

    with office.database.reading() as connection:
        forms = connection.exec_driver_sql("SELECT form FROM steps WHERE trigger = 'add_finding'").scalars().all()
    assert "张三" not in forms[0]


@pytest.mark.parametrize("login", ["anna", "director", "supervisor", "root"])
def test_only_auditors_raise_close_and_sign(sqlite_office: Office, login: str) -> None:
    door, actor = sqlite_office.workflow, sqlite_office.actor(login)
    no = door.add_finding("记录不全", severity="low", actor=sqlite_office.actor("auditor"))
    for attempt in (
        lambda: door.add_finding("x", severity="low", actor=actor),
        lambda: door.close_finding(no, "x", actor=actor),
        lambda: door.sign_off("2026-03-01", "2026-03-31", "x", actor=actor),
        lambda: door.draw_sample(1, seed=1, of="cases", actor=actor),
    ):
        with pytest.raises(NotPermitted):
            attempt()
    assert sqlite_office.count("refusals") == 4
    assert door.findings(sqlite_office.actor("auditor"))[0].state == "open"


def test_a_finding_about_what_one_may_not_see_is_not_there(office: Office) -> None:
    door, case = office.workflow, office.complaint()
    no = door.add_finding("未按时答复", severity="high", case=case.id, actor=office.actor("auditor"))

    assert door.findings(office.actor("stranger")) == []
    with pytest.raises(FindingNotFound):
        door.answer_finding(no, "x", actor=office.actor("stranger"))
    for about in ({"case": 99_999}, {"case": case.id, "seq": 99}):
        with pytest.raises(StepNotFound):
            door.add_finding("x", severity="low", actor=office.actor("auditor"), **about)
    with pytest.raises(TextEmpty):
        door.add_finding("  ", severity="low", actor=office.actor("auditor"))


def test_a_period_is_signed_off(office: Office) -> None:
    office.workflow.sign_off("2026-03-01", "2026-03-31", "已核查", actor=office.actor("auditor"))

    (found,) = office.workflow.sign_offs(office.actor("auditor"))
    assert (found.since, found.until, found.text) == ("2026-03-01", "2026-03-31", "已核查")
    for period in (("2026-03-02", "2026-03-01"), ("", "2026-03-01"), ("2026-03-01", "soon")):
        with pytest.raises(PeriodUnfit):
            office.workflow.sign_off(*period, "已核查", actor=office.actor("auditor"))


def test_a_sample_is_drawn_again_by_its_seed_however_much_came_since(office: Office) -> None:
    door, auditor = office.workflow, office.actor("auditor")
    for _ in range(12):
        office.complaint()
    office.later(minutes=1)
    end = office.now
    first = door.draw_sample(5, seed=7, of="cases", until=end, actor=auditor)
    office.later(days=1)
    for _ in range(5):
        office.complaint()
    again = door.draw_sample(5, seed=7, of="cases", until=end, actor=auditor)
    other = door.draw_sample(5, seed=8, of="cases", until=end, actor=auditor)

    samples = {one.no: one for one in door.samples(auditor)}
    assert samples[first].chosen == samples[again].chosen != samples[other].chosen
    assert (samples[first].seed, samples[first].among, len(samples[first].chosen)) == (7, 12, 5)
    assert {case for case, _ in samples[first].chosen} <= samples[first].numbers.keys()
    later = door.draw_sample(5, seed=7, of="cases", since=end + timedelta(seconds=1), actor=auditor)
    assert {one.no: one for one in door.samples(auditor)}[later].among == 0
    for count, seed in ((0, 1), (201, 1), (1, -1)):
        with pytest.raises(SampleUnfit):
            door.draw_sample(count, seed=seed, of="cases", actor=auditor)


def test_everything_is_as_likely_to_be_drawn() -> None:
    times = [0] * 20
    for seed in range(2000):
        total, chosen = drawn(((n, 1) for n in range(20)), 5, seed)
        assert total == 20
        for case, _ in chosen:
            times[case] += 1
    assert all(400 < one < 600 for one in times)
