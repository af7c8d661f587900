"""Whoever may write into the database has nothing signed, sent or looked at otherwise; and what is left is found."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from bench import tampering
from tests.support.office import Office
from tests.support.sealed import Sealed, touchable
from workflow.audit.log.copies import Copies
from workflow.audit.log.damage import Damage
from workflow.audit.log.keeper import Keeper
from workflow.audit.log.verify import examine, verify
from workflow.audit.replays import Replays
from workflow.audit.rounds import nightly
from workflow.core import notes
from workflow.core.errors import LogRolledBack
from workflow.core.notes import Checkpoint, Signer
from workflow.core.step import SYSTEM
from workflow.service import verification
from workflow.settings import Settings
from workflow.storage import log, reads
from workflow.storage import log_tables as t


def lacking(office: Office, statement: str, *outside: str) -> list[Damage]:
    """What is found once somebody has done this; that triggers are gone is left out."""
    with tampering.undone(office.database) as connection:
        for one in statement.split(";"):
            assert connection.exec_driver_sql(one).rowcount > 0, one
        return [one for one in examine(connection, outside).damages if one.kind != "unprotected"]


def test_what_is_read_is_signed_and_what_is_said_of_a_moment_to_come_keeps_nothing_from_happening(
    office: Office, tmp_path: Path
) -> None:
    sealed = touchable(office, tmp_path)
    _reads(sealed)
    _moments(sealed)
    _nights(sealed)
    _epochs(sealed)


def _reads(sealed: Sealed) -> None:
    """What no checkpoint covers yet can go; the next one is signed for it, though no history goes on."""
    office = sealed.office
    office.workflow.note_read("export.csv", office.actor("ben"), detail={"later": 1})
    gone = "DELETE FROM reads WHERE id = 4"
    assert lacking(office, gone) == []
    office.later(minutes=11)
    assert sealed.sealer.run().signed == 3
    [found] = lacking(office, gone)
    assert (found.kind, found.facts["checkpoint"]) == ("journal", "3")
    assert sealed.sealer.sign().signed is None
    # Who signs everything anew is found by a checkpoint that was kept outside.
    assert lacking(office, f"{gone};DELETE FROM checkpoints WHERE no = 3") == []
    [found] = lacking(office, f"{gone};DELETE FROM checkpoints WHERE no = 3", sealed.outside)
    assert (found.kind, found.facts["table"]) == ("journal", "reads")


def _moments(sealed: Sealed) -> None:
    office, ahead, folder = sealed.office, 4_000_000_000_000_000, sealed.settings.folder
    settings = Settings(seal=sealed.settings)
    with office.database.writing() as connection:
        for statement in (
            f"INSERT INTO verifications (began, ended, steps, damages, report) VALUES ({ahead}, {ahead}, 1, 0, '{{}}')",
            f"INSERT INTO replays (scope, started, ended) VALUES ('all', {ahead}, {ahead})",
            "INSERT INTO copies (checkpoint, target, at, outcome, detail)"
            f" VALUES (999, 'folder:{folder}', 1, 'sent', ''), (1, 'folder:{folder}', {ahead}, 'failed', '')",
        ):
            connection.exec_driver_sql(statement)
    assert Keeper(office.workflow, settings).verify() is not None
    zone = settings.display.zone
    assert nightly(office.database, office.workflow.library, now=lambda: office.now, zone=zone) is not None
    assert Copies(office.database, settings, clock=lambda: office.now).run() == 1


def _nights(sealed: Sealed) -> None:
    """Each night a seventh of the cases is looked for in the lists."""
    office, who, case = sealed.office, sealed.office.people["delivery"], sealed.long
    keeper = Keeper(office.workflow, Settings(seal=sealed.settings))
    for statement, what in (
        (f"INSERT INTO participants (person_id, case_id) VALUES ({who}, {case})", "participants"),
        (f"UPDATE tasks SET assignee_id = {who} WHERE case_id = {case}", "participants, tasks"),
        (f"UPDATE cases SET marks = 'public' WHERE id = {case}", "cases, participants, tasks"),
        (f"UPDATE cases SET body = '{{}}' WHERE id = {case}", "body, cases, participants, tasks"),
    ):
        with office.database.writing() as connection:
            assert connection.exec_driver_sql(statement).rowcount == 1
        office.later(days=7)
        while office.now.toordinal() % 7 != case % 7:
            office.later(days=1)
        report = keeper.verify()
        assert report is not None
        [found] = report.damages
        assert (found.kind, found.case, found.facts["what"]) == ("lists", case, what)
    with office.database.writing() as connection:
        connection.exec_driver_sql(f"UPDATE stints SET person_id = {who} WHERE role = 'a'")
    assert verification.verify(office.database, office.customer).differs == ("stints",)


def _epochs(sealed: Sealed) -> None:
    """A row would be enough to have a log that was cut signed as the one of a restored backup."""
    office = sealed.office
    office.complaint()
    with office.database.writing() as connection:
        log.add(connection, t.epochs, no=2, origin="log.example/2", size=3, began=office.now, follows=None)
    office.later(minutes=20)
    with pytest.raises(LogRolledBack):
        sealed.sealer.run()
    stranger = Signer("log.example/2", bytes(32))
    with office.database.writing() as connection:
        said = Checkpoint("log.example/2", 3, log.root(connection, 3), ("follows none",))
        note = str(notes.signed(said.text, [stranger]))
        log.add(connection, t.checkpoints, no=9, epoch=2, size=3, at=office.now, note=note)
    with pytest.raises(LogRolledBack):
        sealed.sealer.sign()


def test_nobody_signs_over_a_journal_that_somebody_is_adding_to(office: Office, tmp_path: Path) -> None:
    """On PostgreSQL a row may come in behind one with a higher id: none may turn up in what was signed."""
    sealed = Sealed(office, tmp_path, steps=3)
    office.complaint()
    begun, go, signed = threading.Event(), threading.Event(), threading.Event()

    def read() -> None:
        with office.database.writing() as connection:
            reads.note(connection, "slow", reader=SYSTEM, case=None, detail={}, at=office.now)
            begun.set()
            go.wait(2)

    def sign() -> None:
        sealed.sealer.sign()
        signed.set()

    threads = [threading.Thread(target=read), threading.Thread(target=sign)]
    threads[0].start()
    begun.wait(2)
    if office.database.dialect == "postgresql":
        office.workflow.note_read("quick", office.actor("anna"), detail={})
    threads[1].start()
    signed.wait(0.3)
    go.set()
    for one in threads:
        one.join()
    assert signed.is_set()
    assert verify(office.database).damages == []


def test_the_page_s_verdict_is_of_what_is_stored_now(sqlite_office: Office) -> None:
    office = sqlite_office
    case = office.complaint()
    office.workflow.comment(case.id, "x", actor=office.actor("anna"))
    replays, auditor = Replays(office.workflow), office.actor("auditor")
    assert replays.film(case.id, auditor).verdict.holds
    with office.database.writing() as connection:
        tampering.unprotect(connection)
        connection.exec_driver_sql(f"UPDATE steps SET version = version + 1 WHERE case_id = {case.id} AND seq = 2")
    assert replays.film(case.id, auditor).verdict.differs == 2
