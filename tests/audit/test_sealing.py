"""Every step is sealed once, whoever seals and whenever they are killed; and what was signed is never signed over."""

from __future__ import annotations

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from bench import tampering
from tests.support.office import Office
from tests.support.sealed import Sealed
from workflow.audit.log import keyfile, sealer
from workflow.audit.log.sealer import Sealer
from workflow.audit.log.verify import verify
from workflow.core import merkle, notes
from workflow.core.errors import LogForked, LogRolledBack, SealKeyUnfit, SizesUnfit, StepNotFound, StepNotSealed
from workflow.core.notes import Verifier
from workflow.storage import log
from workflow.storage.database import Database


@pytest.fixture
def sealed(office: Office, tmp_path: Path) -> Sealed:
    return Sealed(office, tmp_path, steps=10)


def leaves(office: Office) -> list[tuple[int, int, int]]:
    with office.database.reading() as connection:
        return [(one.position, one.case, one.seq) for one in log.places(connection, 0, 10**6)]


def test_who_makes_the_first_key_at_once_makes_one(tmp_path: Path) -> None:
    """Threads of one process, each of which finds none."""
    for n in range(50):
        file, start = tmp_path / f"{n}.key", threading.Barrier(4)

        def first(file: Path = file, start: threading.Barrier = start) -> bytes:
            start.wait()
            return keyfile.make(file)

        with ThreadPoolExecutor(4) as pool:
            assert len({one.result() for one in [pool.submit(first) for _ in range(4)]}) == 1
    assert {one.suffix for one in tmp_path.iterdir()} == {".key"}


def test_every_step_is_sealed_once_with_several_sealers_and_writers(office: Office, tmp_path: Path) -> None:
    """Customers, the organisation and cases alike, while four write and three seal."""
    cases = [office.complaint().id for _ in range(4)]
    faults: list[BaseException] = []
    writing = threading.Event()
    writing.set()

    def write(case: int) -> None:
        try:
            for n in range(12):
                office.workflow.comment(case, f"第{n}次", actor=office.actor("anna"))
        except BaseException as fault:
            faults.append(fault)
            raise

    def seal() -> None:
        mine = Sealer(office.database, replace(SETTINGS, key=tmp_path / "seal.key"), clock=lambda: office.now)
        try:
            while writing.is_set():
                mine.run()
        except BaseException as fault:
            faults.append(fault)
            raise

    writers = [threading.Thread(target=write, args=(case,)) for case in cases]
    sealers = [threading.Thread(target=seal) for _ in range(3)]
    for one in (*writers, *sealers):
        one.start()
    for one in writers:
        one.join()
    writing.clear()
    for one in sealers:
        one.join()
    Sealer(office.database, replace(SETTINGS, key=tmp_path / "seal.key"), clock=lambda: office.now).sign()

    assert faults == []
    found = leaves(office)
    assert [position for position, _, _ in found] == list(range(len(found)))
    assert len({(case, seq) for _, case, seq in found}) == len(found) == office.count("steps")
    for case in {case for _, case, _ in found}:
        mine = [seq for _, one, seq in found if one == case]
        assert mine == sorted(mine)
    assert verify(office.database).damages == []


SETTINGS = sealer.Seal(origin="log.example", steps=5)


def test_a_sealer_killed_in_the_middle_loses_and_doubles_nothing(
    sealed: Sealed, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = sealed.office
    for n in range(5):
        office.workflow.comment(sealed.long, f"{n}", actor=office.actor("anna"))
    before, statements = leaves(office), []
    many = log._many

    def killed(connection: object, statement: str, rows: object) -> None:
        statements.append(statement)
        if len(statements) == 3:
            raise KeyboardInterrupt
        many(connection, statement, rows)  # type: ignore[arg-type]

    monkeypatch.setattr(log, "_many", killed)
    with pytest.raises(KeyboardInterrupt):
        sealed.sealer.seal()
    monkeypatch.undo()

    assert leaves(office) == before
    assert sealed.sealer.seal() == 5
    assert verify(office.database).damages == []


def test_steps_written_before_there_was_a_log_are_sealed(sqlite_office: Office, tmp_path: Path) -> None:
    with sqlite_office.database.writing() as connection:
        connection.execute(text("DELETE FROM unsealed"))
        connection.execute(text("INSERT INTO unsealed (case_id, seq) SELECT case_id, seq FROM steps"))

    assert Sealed(sqlite_office, tmp_path, steps=5).proofs.standing().size == sqlite_office.count("steps")


def test_checkpoints_are_signed_by_time_or_by_number(sealed: Sealed) -> None:
    office, signing = sealed.office, sealed.sealer

    assert signing.run().signed is None
    office.workflow.comment(sealed.long, "x", actor=office.actor("anna"))
    assert signing.run().signed is None
    office.later(minutes=10)
    assert signing.run().signed == 3
    eager = Sealer(office.database, replace(sealed.settings, steps=2), clock=lambda: office.now)
    office.workflow.comment(sealed.long, "y", actor=office.actor("anna"))
    assert eager.run().signed is None
    office.workflow.comment(sealed.long, "z", actor=office.actor("anna"))
    assert eager.run().signed == 4


def test_every_step_has_a_proof_that_an_outsider_can_follow(sealed: Sealed) -> None:
    key = Verifier.read(sealed.proofs.standing().key)
    for seq in range(1, 11):
        shown = sealed.proofs.inclusion(sealed.long, seq)
        note = notes.read(shown.checkpoint.note)
        notes.verify(note, [key])
        said = notes.checkpoint(note.text)
        leaf = merkle.leaf_hash(merkle.leaf_data(sealed.long, seq, bytes.fromhex(shown.step)))
        [path] = [notes.hashes(shown.proof)]
        assert merkle.includes(leaf, index=shown.position, size=said.size, proof=path, root=said.root)
    both = sealed.proofs.consistency(1, 2)
    one, two = (notes.checkpoint(notes.read(x.note).text) for x in (both.first, both.second))
    assert merkle.extends(
        first=one.size, second=two.size, before=one.root, after=two.root, proof=notes.hashes(both.proof)
    )  # fmt: skip


def test_there_is_no_proof_of_what_no_checkpoint_covers(sealed: Sealed) -> None:
    sealed.office.workflow.comment(sealed.long, "x", actor=sealed.office.actor("anna"))

    with pytest.raises(StepNotSealed):
        sealed.proofs.inclusion(sealed.long, 11)
    sealed.sealer.seal()
    with pytest.raises(StepNotSealed):
        sealed.proofs.inclusion(sealed.long, 11)
    with pytest.raises(StepNotFound):
        sealed.proofs.inclusion(sealed.long, 12)
    with pytest.raises(SizesUnfit):
        sealed.proofs.consistency(2, 1)


def test_another_key_follows_with_two_signatures_even_if_killed_in_between(
    sealed: Sealed, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = keyfile.read(sealed.settings.key)

    def killed(file: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(keyfile, "follow", killed)
    with pytest.raises(KeyboardInterrupt):
        sealed.sealer.rotate()
    monkeypatch.undo()
    sealed.office.complaint()
    assert sealed.sealer.sign().signed == 4

    assert keyfile.read(sealed.settings.key) != old
    assert sealed.proofs.checkpoint(3).keys == 2
    assert sealed.sealer.rotate() == 5
    assert sealed.settings.key.stat().st_mode & 0o777 == 0o600
    report = verify(sealed.office.database, outside=[one.note for one in sealed.proofs.checkpoints()])
    assert report.damages == []
    assert len(report.outside) == 5


def test_a_key_that_is_not_the_logs_signs_nothing(sealed: Sealed) -> None:
    sealed.office.complaint()
    key = sealed.settings.key
    kept = key.read_text(encoding="ascii")
    for prepare, why in (
        (lambda: key.chmod(0o644), "open"),
        (lambda: key.write_text("nonsense", encoding="ascii"), "form"),
        (key.unlink, "missing"),
        (lambda: (key.unlink(), keyfile.make(key)), "other"),
    ):
        prepare()
        with pytest.raises(SealKeyUnfit) as fault:
            sealed.sealer.sign()
        assert fault.value.facts["why"] == why
        key.unlink(missing_ok=True)
        key.touch(mode=0o600)
        key.write_text(kept, encoding="ascii")
    assert sealed.sealer.sign().signed == 3


def test_a_restored_backup_is_noticed_and_begins_an_epoch_that_commits_to_what_was_signed(
    sqlite_office: Office, tmp_path: Path
) -> None:
    sealed = Sealed(sqlite_office, tmp_path, steps=5)
    office = sealed.office
    office.database.dispose()
    shutil.copyfile(tmp_path / "baton.db", tmp_path / "backup.db")
    office.complaint()
    office.complaint()
    sealed.sealer.sign()
    outside = sealed.outside
    office.database.dispose()
    for left in tmp_path.glob("baton.db*"):
        left.unlink()
    shutil.copyfile(tmp_path / "backup.db", tmp_path / "baton.db")

    # Whoever only looks at what is there finds nothing; a checkpoint from outside shows it, and so does signing.
    assert verify(office.database).damages == []
    [found] = verify(office.database, outside=[outside]).damages
    assert (found.kind, found.facts["outcome"]) == ("outside", "ahead")
    office.complaint()
    with pytest.raises(LogRolledBack):
        sealed.sealer.sign()
    sealed.sealer.begin_epoch()

    report = verify(office.database, outside=[outside])
    assert [one.kind for one in report.damages] == ["outside"]
    assert report.outside[0].outcome == "lost"
    begun = notes.checkpoint(notes.read(sealed.outside).text)
    said = notes.checkpoint(notes.read(outside).text)
    assert begun.origin == "log.example/2"
    assert begun.value("follows") == f"{said.origin} {said.size} {notes.written([said.root])[0]}"
    office.complaint()
    sealed.sealer.sign()
    assert verify(office.database, outside=[sealed.outside, sealed.proofs.checkpoint(1).note]).damages == []


def test_a_log_that_was_changed_is_not_signed_again(sealed: Sealed) -> None:
    sealed.office.complaint()
    with sealed.office.database.writing() as connection:
        tampering.unprotect(connection)
        connection.exec_driver_sql("UPDATE leaves SET seq = seq + 1000 WHERE position = 3")

    with pytest.raises(LogForked):
        sealed.sealer.sign()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE leaves SET hash = hash",
        "DELETE FROM leaves",
        "DELETE FROM checkpoints",
        "UPDATE log_keys SET since = 0",
        "DELETE FROM epochs",
        "REPLACE INTO leaves SELECT * FROM leaves",
        "REPLACE INTO leaves SELECT position + 1000000, case_id, seq, hash FROM leaves",
        "INSERT OR REPLACE INTO checkpoints SELECT * FROM checkpoints",
        "REPLACE INTO log_keys SELECT no + 1, public, since FROM log_keys",
        "TRUNCATE leaves",
        "TRUNCATE checkpoints, nodes",
    ],
)
def test_the_log_is_only_ever_added_to(sealed: Sealed, statement: str) -> None:
    if sealed.office.database.dialect == "sqlite":
        statement = statement.replace("TRUNCATE leaves", "DELETE FROM leaves WHERE 1")
        statement = statement.replace("TRUNCATE checkpoints, nodes", "DELETE FROM checkpoints WHERE no = 1")
    elif "REPLACE" in statement:
        statement = "UPDATE checkpoints SET size = 1"
    database: Database = sealed.office.database
    with pytest.raises(Exception, match="only ever inserted"), database.writing() as connection:
        connection.exec_driver_sql(statement)
