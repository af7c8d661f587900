"""Whoever may write into the database, and has no key: what lies beside the chains is compared as well."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text

from bench import tampering
from tests.support.office import Office
from tests.support.sealed import Sealed
from workflow.audit.log import keyfile
from workflow.audit.log.copies import Copies
from workflow.audit.log.damage import Damage
from workflow.audit.log.keeper import Keeper
from workflow.audit.log.verify import examine, verify
from workflow.audit.replays import Replays
from workflow.audit.rounds import nightly
from workflow.core import notes
from workflow.core.errors import LogRolledBack, Refused
from workflow.core.notes import Checkpoint, Signer
from workflow.core.step import SYSTEM
from workflow.service import verification
from workflow.settings import Settings
from workflow.storage import journals, log, reads
from workflow.storage import log_tables as t
from workflow.storage.columns import metadata


@pytest.fixture
def sealed(office: Office, tmp_path: Path) -> Sealed:
    """With everything that can be touched: absences, an attachment, something erased, something refused and read."""
    door = office.workflow
    case = office.complaint(text='他不同意，客户却说"同意"')
    door.attach(case.id, "信.txt", b"original", actor=office.actor("anna"))
    door.erase(case.id, actor=office.actor("root"), reason="本人要求", fields=["text"])
    door.substitute(
        office.people["anna"], office.people["ben"], since=office.now, until=office.now + timedelta(days=3),
        reason="住院", actor=office.actor("director"),
    )  # fmt: skip
    door.change_person(office.people["ben"], {"email": "ben@example.org", "phone": "139"}, actor=office.actor("root"))
    door.revoke(office.people["carl"], office.units["other"], "account_manager", actor=SYSTEM)
    for n in range(3):
        door.note_read("export.csv", office.actor("anna"), detail={"n": n})
        with pytest.raises(Refused):
            door.perform(case.id, "close", actor=office.actor("stranger"))
    return Sealed(office, tmp_path, steps=6)


def told(sealed: Sealed, *statements: str, rows: int | None = None) -> list[Damage]:
    """What is found once somebody has done this; that triggers are gone is left out."""
    with tampering.undone(sealed.office.database) as connection:
        for statement in statements:
            spelt = statement if sealed.office.database.dialect == "postgresql" else statement.replace("true", "1")
            assert connection.exec_driver_sql(spelt).rowcount > 0, statement
        return [one for one in examine(connection).damages if one.kind != "unprotected"]


def test_what_nobody_touched_holds_also_beside_its_key(sealed: Sealed) -> None:
    report = verify(sealed.office.database, outside=[sealed.outside], key=sealed.settings.key)

    assert report.damages == []
    assert report.own
    assert not verify(sealed.office.database, key=sealed.settings.key.with_name("none")).own
    said = journals.said(notes.checkpoint(notes.read(sealed.outside).text))
    assert {one.journal: one.count for one in said} == {
        "refusals": 3, "reads": 3, "confirmations": 0, "verifications": 0,
    }  # fmt: skip


HOUSE = (
    "INSERT INTO memberships (id, person_id, unit_id, role, since) SELECT 999, 3, 1, 'director', 0",
    "UPDATE memberships SET role = 'director' WHERE id = 3",
    "UPDATE memberships SET until = NULL WHERE until IS NOT NULL",
    "UPDATE memberships SET unit_id = 1 WHERE id = 3",
    "DELETE FROM memberships WHERE id = 3",
    "UPDATE substitutions SET until = until + 86400000000",
    "DELETE FROM substitutions",
    "UPDATE substitutions SET reason = '出差'",
    "UPDATE persons SET email = 'elsewhere@example.org' WHERE login = 'ben'",
    "UPDATE persons SET phone = NULL WHERE login = 'ben'",
    "UPDATE persons SET login = 'ben2' WHERE login = 'ben'",
    "UPDATE persons SET name_zh = '别人' WHERE login = 'ben'",
    "UPDATE persons SET mail = 'none' WHERE login = 'ben'",
    "UPDATE units SET parent_id = NULL WHERE code = 'city'",
    "UPDATE units SET name_en = 'Elsewhere' WHERE code = 'city'",
    "INSERT INTO linked_groups (id, name_zh, name_en, unit_id, industry) VALUES (1, 'x', 'x', 1, '')",
    "INSERT INTO absences (id, absent_id, since, until, reason) VALUES (1, 3, 0, 9, 'x')",
    "INSERT INTO wordings (seq, name, since) VALUES (1, 'mentioned', 0)",
    "INSERT INTO calendars (name, version, text, stored) VALUES ('office', 1, '{}', 0), ('office', 2, '{}', 0)",
    "INSERT INTO definitions (name, version, hash, text, stored) VALUES ('x', 1, 'aa', 'b', 0)",
)
CASE = (
    ("number = 'TS999999'", "number"), ("kind = 'customer'", "kind"), ("definition = 'lead'", "definition"),
    ("version = version + 1", "version"), ("customer_id = NULL", "customer"), ("parent_id = 1", "parent"),
    ("opened = opened + 1", "opened"), ("state = 'answered'", "state"), ("updated = updated - 1", "updated"),
)  # fmt: skip


def test_rows_beside_the_histories_are_what_the_histories_say(sealed: Sealed) -> None:
    for statement in HOUSE:
        assert {one.kind for one in told(sealed, statement)} == {"house"}, statement
    for change, what in CASE:
        [found] = told(sealed, f"UPDATE cases SET {change} WHERE id = {sealed.long}")
        assert (found.kind, found.case, found.facts["what"]) == ("row", sealed.long, what)


def test_personal_values_and_attachments_are_those_of_their_steps(sealed: Sealed) -> None:
    """Nothing is erased without a step that says so, nothing comes back, and nothing is made shorter."""
    own = f"case_id = {sealed.long}"
    for kind, statement in (
        ("secret", f"UPDATE vault SET value = NULL, salt = '', erased = 1 WHERE {own}"),
        ("secret", f"DELETE FROM vault WHERE {own}"),
        ("secret", "UPDATE vault SET value = '\"back\"', erased = NULL WHERE erased IS NOT NULL"),
        ("secret", "UPDATE vault SET erased = erased + 1 WHERE erased IS NOT NULL"),
        ("secret", f"INSERT INTO vault (case_id, commitment, salt, value) VALUES ({sealed.long}, 'ab', '', '1')"),
        ("file", f"UPDATE files SET case_id = {sealed.long}"),
        ("file", "UPDATE files SET name = 'other.txt'"),
        ("file", "UPDATE files SET type = 'text/html'"),
        ("file", "UPDATE files SET size = 1"),
        ("file", "UPDATE files SET added = 0"),
        ("file", "UPDATE files SET added_by = NULL"),
        ("file", "UPDATE files SET content = NULL"),
    ):
        spelt = (
            statement
            if sealed.office.database.dialect == "postgresql"
            else statement.replace("salt = ''", "salt = x''")
        )
        spelt = spelt.replace(", '', '1')", ", x'', '1')") if sealed.office.database.dialect == "sqlite" else spelt
        assert {one.kind for one in told(sealed, spelt)} == {kind}, statement


def test_the_line_between_salt_and_value_cannot_be_moved(sealed: Sealed) -> None:
    """What is hashed is one behind the other: the end of a text that quotes something is a text by itself."""
    office = sealed.office
    case = office.complaint(text='他不同意，客户却说"同意"')
    with tampering.undone(office.database) as connection:
        query = "SELECT commitment, salt, value FROM vault WHERE case_id = :c"
        named, salt, value = connection.execute(text(query), {"c": case.id}).one()
        cut = value.index('"同意')
        assert json.loads(value[cut:]) == '同意"'
        forged = {"s": bytes(salt) + value[:cut].encode(), "v": value[cut:], "n": named}
        connection.execute(text("UPDATE vault SET salt = :s, value = :v WHERE commitment = :n"), forged)
        found = [one for one in examine(connection).damages if one.kind != "unprotected"]
    assert [(one.kind, one.case, one.seq) for one in found] == [("secret", case.id, 1)]


def test_refusals_and_reads_that_a_checkpoint_covers_neither_go_nor_change(sealed: Sealed) -> None:
    office = sealed.office
    office.workflow.note_read("export.csv", office.actor("ben"), detail={"later": 1})
    for table, statement in (
        ("reads", "DELETE FROM reads WHERE id = 2"),
        ("reads", "UPDATE reads SET person_id = 4 WHERE id = 1"),
        ("reads", "UPDATE reads SET detail = '{\"n\": 0}' WHERE id = 1"),
        ("reads", "INSERT INTO reads (id, at, kind, detail) VALUES (0, 1, 'x', '{}')"),
        ("refusals", "DELETE FROM refusals"),
        ("refusals", "UPDATE refusals SET at = at + 1 WHERE id = 3"),
    ):
        [found] = told(sealed, statement)
        assert (found.kind, found.facts["table"], found.facts["checkpoint"]) == ("journal", table, "1"), statement
    # What no checkpoint covers yet can go; the next one is signed for it, though no history went on.
    assert told(sealed, "DELETE FROM reads WHERE id = 4") == []
    office.later(minutes=11)
    assert sealed.sealer.run().signed == 3
    [found] = told(sealed, "DELETE FROM reads WHERE id = 4")
    assert found.facts["checkpoint"] == "3"
    assert sealed.sealer.sign().signed is None
    outside = sealed.outside
    # Who signs everything anew is found by a checkpoint that was kept outside.
    with tampering.undone(office.database) as connection:
        connection.exec_driver_sql("DELETE FROM reads WHERE id = 4")
        connection.exec_driver_sql("DELETE FROM checkpoints WHERE no = 3")
        assert [one.kind for one in examine(connection).damages if one.kind != "unprotected"] == []
        [found] = [one for one in examine(connection, [outside]).damages if one.kind == "journal"]
    assert found.facts["table"] == "reads"


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


def test_protection_that_only_looks_like_it_is_found(sealed: Sealed) -> None:
    office = sealed.office
    lite = office.database.dialect == "sqlite"
    idle = "CREATE TRIGGER {0} BEFORE UPDATE ON {1} BEGIN SELECT 1; END" if lite else (
        "CREATE TRIGGER {0} BEFORE UPDATE ON {1} FOR EACH STATEMENT EXECUTE FUNCTION idle()"
    )  # fmt: skip
    begin = [] if lite else ["CREATE FUNCTION idle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"]
    drop = "DROP TRIGGER {0}" if lite else "DROP TRIGGER {0} ON {1}"
    always = [] if lite else ["ALTER TABLE {1} ENABLE ALWAYS TRIGGER {0}"]
    for table in ("steps", "reads", "refusals", "control_runs", "wordings", "checkpoints"):
        name = f"{table}_update"
        done = [one.format(name, table) for one in (*begin, drop, idle, *always)]
        assert _shape(office, done) == [("unprotected", table)], table
    assert _shape(office, [*begin, idle.format("another", "memberships")]) == [("planted", "memberships")]
    if lite:
        swallow = "CREATE TRIGGER x BEFORE INSERT ON reads BEGIN SELECT RAISE(IGNORE); END"
        hide = ["ALTER TABLE reads RENAME TO hidden", "CREATE VIEW reads AS SELECT * FROM hidden WHERE id <> 2"]
        wide = ["ALTER TABLE refusals ADD COLUMN more INTEGER GENERATED ALWAYS AS (id + 1)"]
        assert _shape(office, [swallow]) == [("planted", "reads")]
        assert ("reshaped", "reads") in _shape(office, hide)
        assert _shape(office, wide) == [("reshaped", "refusals")]
    else:
        hide = ["ALTER TABLE reads ENABLE ROW LEVEL SECURITY"]
        rule = ["CREATE RULE quiet AS ON INSERT TO reads DO INSTEAD NOTHING"]
        empty = [
            "CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
        ]
        assert _shape(office, hide) == [("reshaped", "reads")]
        assert ("reshaped", "reads") in _shape(office, rule)
        assert ("unprotected", "steps") in _shape(office, empty)


def _shape(office: Office, statements: list[str]) -> list[tuple[str, str]]:
    with office.database.engine.connect() as connection:
        transaction = connection.begin()
        for statement in statements:
            connection.exec_driver_sql(statement)
        found = examine(connection).damages
        transaction.rollback()
    return [(one.kind, one.facts["table"]) for one in found if "table" in one.facts]


def test_a_key_of_ones_own_is_not_the_house_s(sealed: Sealed) -> None:
    """Everything is signed anew, with another key, which is put in the place of the right one."""
    forger = Signer("log.example/1", bytes(range(32)))
    with tampering.undone(sealed.office.database) as connection:
        connection.execute(text("UPDATE log_keys SET public = :p"), {"p": forger.verifier.public})
        tampering.change(connection, sealed.long, Random(1), clever=True)
        fresh = {(sealed.long, row[1]): row[-1] for row in tampering.history(connection, sealed.long)}
        there = log.places(connection, 0, log.size(connection))
        tampering.relog(connection, [(x.case, x.seq, fresh.get((x.case, x.seq), x.step)) for x in there])
        tampering.resign(connection, forger)
        own = keyfile.own(sealed.settings.key)
        alone, beside = examine(connection), examine(connection, own=own)
    # By the database alone it cannot be told: the public key lies there as well.
    assert {one.kind for one in alone.damages} == {"unprotected"}
    assert {one.kind for one in beside.damages} == {"unprotected", "stranger", "own"}


def test_an_epoch_that_nobody_signed_begins_nothing(sealed: Sealed) -> None:
    """A row would be enough to have a log that was cut signed as the one of a restored backup."""
    office = sealed.office
    for statement in (
        "INSERT INTO epochs (no, origin, size, began) VALUES (2, 'log.example/2', 3, 0)",
        "UPDATE epochs SET size = 1",
        "UPDATE epochs SET began = began + 1",
        "UPDATE epochs SET follows = (SELECT note FROM checkpoints WHERE no = 1)",
    ):
        assert {one.kind for one in told(sealed, statement)} == {"epoch"}, statement
    office.complaint()
    with office.database.writing() as connection:
        log.add(connection, t.epochs, no=2, origin="log.example/2", size=3, began=office.now, follows=None)
    office.later(minutes=20)
    with pytest.raises(LogRolledBack):
        sealed.sealer.run()
    stranger = Signer("log.example/2", bytes(32))
    with office.database.writing() as connection:
        root = log.root(connection, 3)
        note = notes.signed(Checkpoint("log.example/2", 3, root, ("follows none",)).text, [stranger])
        log.add(connection, t.checkpoints, no=3, epoch=2, size=3, at=office.now, note=str(note))
    with pytest.raises(LogRolledBack):
        sealed.sealer.sign()


def test_what_is_said_of_a_moment_to_come_keeps_no_night_and_no_copy_from_happening(
    sealed: Sealed, tmp_path: Path
) -> None:
    office, ahead = sealed.office, 4_000_000_000_000_000
    settings = Settings(seal=sealed.settings)
    with office.database.writing() as connection:
        for statement in (
            f"INSERT INTO verifications (began, ended, steps, damages, report) VALUES ({ahead}, {ahead}, 1, 0, '{{}}')",
            f"INSERT INTO replays (scope, started, ended) VALUES ('all', {ahead}, {ahead})",
            f"INSERT INTO copies (checkpoint, target, at, outcome, detail)"
            f" VALUES (999, 'folder:{sealed.settings.folder}', 1, 'sent', ''),"
            f" (1, 'folder:{sealed.settings.folder}', {ahead}, 'failed', '')",
        ):
            connection.exec_driver_sql(statement)
    assert Keeper(office.workflow, settings).verify() is not None
    zone = settings.display.zone
    assert nightly(office.database, office.workflow.library, now=lambda: office.now, zone=zone) is not None
    assert Copies(office.database, settings, clock=lambda: office.now).run() == 1


def test_each_night_a_share_of_the_cases_is_looked_for_in_the_lists(sealed: Sealed) -> None:
    office, ben = sealed.office, sealed.office.people["delivery"]
    keeper = Keeper(office.workflow, Settings(seal=sealed.settings))
    case = sealed.long
    for changes in (
        (f"INSERT INTO participants (person_id, case_id) VALUES ({ben}, {case})", "participants"),
        (f"UPDATE tasks SET assignee_id = {ben} WHERE case_id = {case}", "participants, tasks"),
        (f"UPDATE clocks SET due = due + 1 WHERE case_id = {case}", "clocks, participants, tasks"),
        (f"UPDATE cases SET marks = 'public' WHERE id = {case}", "cases, clocks, participants, tasks"),
        (f"UPDATE cases SET body = '{{}}' WHERE id = {case}", "body, cases, clocks, participants, tasks"),
    ):  # fmt: skip
        with office.database.writing() as connection:
            assert connection.exec_driver_sql(changes[0]).rowcount == 1
        while office.now.toordinal() % 7 != case % 7:
            office.later(days=1)
        report = keeper.verify()
        assert report is not None
        [found] = report.damages
        assert (found.kind, found.case, found.facts["what"]) == ("lists", case, changes[1])
        office.later(days=7)
    with office.database.writing() as connection:
        connection.exec_driver_sql(f"UPDATE stints SET person_id = {ben} WHERE role = 'a'")
    assert verification.verify(office.database, office.customer).differs == ("stints",)


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


def test_of_every_table_it_is_written_down_what_is_claimed() -> None:
    said = (Path(__file__).parents[2] / "docs" / "proof.md").read_text(encoding="utf-8")
    told = said[said.index("### Table by table") : said.index("## A restored backup")]
    assert {name for name in metadata.tables if f"`{name}`" not in told} == set()
