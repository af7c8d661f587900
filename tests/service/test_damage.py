"""Damage that the nightly verification finds is an incident auditors are told of, and that one of them closes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import tampering
from tests.support.histories import Histories
from tests.support.office import Office
from workflow.audit.log.keeper import Keeper
from workflow.core.errors import IncidentNotFound, NotPermitted, TextEmpty
from workflow.delivery import items
from workflow.service.organisation import BOOK
from workflow.service.verification import verify
from workflow.settings import Seal, Settings
from workflow.storage import outbox


@pytest.fixture
def keeper(office: Office, tmp_path: Path) -> Keeper:
    return Keeper(office.workflow, Settings(seal=Seal(key=tmp_path / "seal.key")))


def damage(office: Office, case: int) -> None:
    """Another value where one was kept."""
    with office.database.writing() as connection:
        assert connection.exec_driver_sql(f"UPDATE vault SET value = '\"x\"' WHERE case_id = {case}").rowcount == 1


def trigger_of(office: Office) -> list[str]:
    return [step.trigger for step in office.workflow.history(BOOK, office.actor("auditor"))]


def test_damage_opens_an_incident_tells_auditors_and_is_closed_by_one_with_a_reason(
    office: Office, keeper: Keeper
) -> None:
    door, auditor = office.workflow, office.actor("auditor")
    case = office.complaint()
    keeper.verify()
    assert door.incidents(auditor).rows == ()
    damage(office, case.id)
    office.later(days=1)

    found = keeper.verify()

    assert found is not None
    assert not found.holds
    (row,) = door.incidents(auditor).rows
    assert (row.kind, row.case, row.resolved, row.times) == ("damage", None, None, 1)
    assert row.detail["fault"] == "secret 1"
    assert trigger_of(office)[-1] == "report_damage"
    (notice,) = door.notices(auditor).rows
    assert (notice.kind, notice.body["damages"]) == ("damage", len(found.damages))
    assert door.notices(office.actor("director")).rows == ()
    with office.database.reading() as connection:
        (said,) = items.told(
            outbox.contents(connection, [notice.id]), "en", workflow=door, zone=Settings().display.zone, home="http://h"
        )
    assert said.link == "http://h/audit/log/verification"
    assert f"damage in {len(found.damages)} places" in said.sentence

    # The next night with the same damage renews it, without another message; with more of it there is one.
    office.later(days=1)
    keeper.verify()
    assert (len(door.notices(auditor).rows), door.incidents(auditor).rows[0].times) == (1, 2)
    damage(office, office.complaint().id)
    office.later(days=1)
    keeper.verify()
    assert (len(door.notices(auditor).rows), door.incidents(auditor).rows[0].times) == (2, 3)

    for login in ("anna", "director", "supervisor", "root"):
        with pytest.raises(NotPermitted):
            door.close_damage(row.id, "x", actor=office.actor(login))
    with pytest.raises(TextEmpty):
        door.close_damage(row.id, " ", actor=auditor)
    for unfit in (row.id + 1, 0, 10**19):
        with pytest.raises(IncidentNotFound):
            door.close_damage(unfit, "x", actor=auditor)
    with pytest.raises(IncidentNotFound):
        door.retry(row.id, actor=office.actor("root"))

    steps = len(trigger_of(office))
    assert door.close_damage(row.id, "磁盘故障，已由备份恢复", actor=auditor) == steps + 1
    assert door.incidents(auditor).rows == ()
    with pytest.raises(IncidentNotFound):
        door.close_damage(row.id, "又一次", actor=auditor)
    with office.database.reading() as connection:
        by = connection.exec_driver_sql("SELECT resolved_by FROM incidents").scalar_one()
        forms = connection.exec_driver_sql("SELECT form FROM steps WHERE trigger = 'close_damage'").scalars().all()
    assert by == office.people["auditor"]
    assert "磁盘" not in forms[0]
    # What was written down holds, and the rules give it again; who else was told would be seen.
    assert verify(office.database, BOOK).holds
    assert next(one for one in Histories(office).verdicts() if one.case == BOOK).holds
    # It is still damaged.
    office.later(days=1)
    keeper.verify()
    assert [one.times for one in door.incidents(auditor).rows] == [1]


def test_who_was_told_of_damage_is_judged(sqlite_office: Office, tmp_path: Path) -> None:
    office = sqlite_office
    damage(office, office.complaint().id)
    Keeper(office.workflow, Settings(seal=Seal(key=tmp_path / "seal.key"))).verify()
    with office.database.writing() as connection:
        tampering.unprotect(connection)
        where = f"case_id = {BOOK} AND trigger = 'report_damage'"
        ops = json.loads(connection.exec_driver_sql(f"SELECT ops FROM steps WHERE {where}").scalar_one())
        ops[0][1]["to"] = [office.people["anna"]]
        connection.exec_driver_sql(f"UPDATE steps SET ops = ? WHERE {where}", (json.dumps(ops),))

    verdict = next(one for one in Histories(office).verdicts() if one.case == BOOK)

    assert not verdict.holds


def test_a_record_that_cannot_be_read_any_more_keeps_nobody_from_the_incident(
    office: Office, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    damage(office, office.complaint().id)
    with office.database.writing() as connection:
        connection.exec_driver_sql(f"UPDATE cases SET body = '{{' WHERE id = {BOOK}")
    keeper = Keeper(office.workflow, Settings(seal=Seal(key=tmp_path / "seal.key")))
    found = keeper.verify()

    assert found is not None
    assert not found.holds
    with office.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT kind FROM incidents").scalars().all() == ["damage"]
        assert connection.exec_driver_sql("SELECT damages FROM verifications").scalar_one() > 0
    assert "without it" in caplog.text
    assert keeper.verify() is None, "the night's run was made"
