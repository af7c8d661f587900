"""Whoever may write into the database, and has no key: what lies beside the chains is compared as well."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

from sqlalchemy import Connection, text

from bench import tampering
from tests.support.office import Office
from tests.support.sealed import QUOTING, Sealed, touchable
from workflow.audit.log import house, keyfile
from workflow.audit.log.damage import Damage, Report
from workflow.audit.log.verify import examine, verify
from workflow.core import notes
from workflow.core.notes import Signer
from workflow.service.organisation import BOOK
from workflow.storage import journals, log
from workflow.storage.columns import metadata

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
    "UPDATE calendars SET text = replace(text, '18:00', '18:30') WHERE version > 1",
    "DELETE FROM calendars WHERE version > 1",
    "INSERT INTO definitions (name, version, hash, text, stored) VALUES ('x', 1, 'aa', 'b', 0)",
)
UNREAD = ("null", "[" * 100_000, "{}", '{"calendar": [], "version": {}}', '{"calendar": "working", "version": "x"}')
"""What a step of the organisation's record may say that says nothing."""

CASE = (
    ("number = 'TS999999'", "number"), ("kind = 'customer'", "kind"), ("definition = 'lead'", "definition"),
    ("version = version + 1", "version"), ("customer_id = NULL", "customer"), ("parent_id = 1", "parent"),
    ("opened = opened + 1", "opened"), ("state = 'answered'", "state"), ("updated = updated - 1", "updated"),
)  # fmt: skip


JOURNALS = (
    ("reads", "DELETE FROM reads WHERE id = 2"),
    ("reads", "UPDATE reads SET person_id = 4 WHERE id = 1"),
    ("reads", "UPDATE reads SET detail = '{\"n\": 0}' WHERE id = 1"),
    ("reads", "INSERT INTO reads (id, at, kind, detail) VALUES (0, 1, 'x', '{}')"),
    ("refusals", "DELETE FROM refusals"),
    ("refusals", "UPDATE refusals SET at = at + 1 WHERE id = 3"),
    ("control_runs", "UPDATE control_runs SET exceptions = 0 WHERE exceptions = 1"),
    ("control_runs", "DELETE FROM control_runs WHERE exceptions = 0"),
    ("copies", "UPDATE copies SET target = 'folder:y' WHERE id = 1"),
    ("copies", "DELETE FROM copies"),
)
EPOCHS = (
    "INSERT INTO epochs (no, origin, size, began) VALUES (2, 'log.example/2', 3, 0)",
    "UPDATE epochs SET size = 1",
    "UPDATE epochs SET began = began + 1",
    "UPDATE epochs SET follows = (SELECT note FROM checkpoints WHERE no = 1)",
)


def told(connection: Connection, statement: str, *, house_alone: bool = False) -> list[Damage]:
    """What is found once somebody has done this, which is undone again; that triggers are gone is left out."""
    nested = connection.begin_nested()
    assert connection.exec_driver_sql(statement).rowcount > 0, statement
    report = Report()
    if house_alone:
        house.compare(connection, report)
    else:
        report = examine(connection)
    found = [one for one in report.damages if one.kind != "unprotected"]
    nested.rollback()
    return found


def test_whatever_is_written_beside_the_histories_is_found(office: Office, tmp_path: Path) -> None:
    sealed = touchable(office, tmp_path)
    report = verify(office.database, outside=[sealed.outside], key=sealed.settings.key)
    assert report.damages == []
    assert report.own
    said = journals.said(notes.checkpoint(notes.read(sealed.outside).text))
    counts = {one.journal: one.count for one in said}
    assert counts == {"refusals": 3, "reads": 3, "confirmations": 0, "verifications": 0, "control_runs": 2, "copies": 2}
    with tampering.undone(office.database) as connection:
        for statement in HOUSE:
            assert {one.kind for one in told(connection, statement, house_alone=True)} == {"house"}, statement
        assert {one.kind for one in told(connection, HOUSE[0])} == {"house"}
        for form in UNREAD:
            statement = f"UPDATE steps SET form = '{form}' WHERE case_id = {BOOK} AND trigger = 'add_calendar'"
            assert {one.kind for one in told(connection, statement, house_alone=True)} == {"house"}, form[:99]
        for change, what in CASE:
            [found] = told(connection, f"UPDATE cases SET {change} WHERE id = {sealed.long}")
            assert (found.kind, found.case, found.facts["what"]) == ("row", sealed.long, what)
        for table, statement in JOURNALS:
            [found] = told(connection, statement)
            assert (found.kind, found.facts["table"], found.facts["checkpoint"]) == ("journal", table, "1"), statement
        for statement in EPOCHS:
            assert {one.kind for one in told(connection, statement)} == {"epoch"}, statement
        for kind, statement in values(sealed):
            assert {one.kind for one in told(connection, statement)} == {kind}, statement
        _the_line_between_salt_and_value(connection)
        _a_key_of_ones_own(connection, sealed)
    _protection_that_only_looks_like_it(office)


def values(sealed: Sealed) -> list[tuple[str, str]]:
    """Nothing is erased without a step that says so, nothing comes back, and no attachment is another's."""
    none, own = ("''", "x''")[sealed.office.database.dialect == "sqlite"], f"case_id = {sealed.long}"
    return [
        ("secret", f"UPDATE vault SET value = NULL, salt = {none}, erased = 1 WHERE {own}"),
        ("secret", f"DELETE FROM vault WHERE {own}"),
        ("secret", "UPDATE vault SET value = '\"back\"', erased = NULL WHERE erased IS NOT NULL"),
        ("secret", "UPDATE vault SET erased = erased + 1 WHERE erased IS NOT NULL"),
        ("secret", f"INSERT INTO vault (case_id, commitment, salt, value) VALUES ({sealed.long}, 'ab', {none}, '1')"),
        ("file", f"UPDATE files SET {own}"),
        ("file", "UPDATE files SET name = 'other.txt'"),
        ("file", "UPDATE files SET type = 'text/html'"),
        ("file", "UPDATE files SET size = 1"),
        ("file", "UPDATE files SET added = 0"),
        ("file", "UPDATE files SET added_by = NULL"),
        ("file", "UPDATE files SET content = NULL"),
    ]


def _the_line_between_salt_and_value(connection: Connection) -> None:
    """What is hashed is one behind the other: the end of a text that quotes something is a text by itself."""
    query = text("SELECT case_id, commitment, salt, value FROM vault WHERE value = :v")
    case, named, salt, value = connection.execute(query, {"v": json.dumps(QUOTING, ensure_ascii=False)}).one()
    cut = value.index('"同意')
    assert json.loads(value[cut:]) == '同意"'
    nested = connection.begin_nested()
    forged = {"s": bytes(salt) + value[:cut].encode(), "v": value[cut:], "n": named}
    connection.execute(text("UPDATE vault SET salt = :s, value = :v WHERE commitment = :n"), forged)
    found = [one for one in examine(connection).damages if one.kind != "unprotected"]
    assert [(one.kind, one.case, one.seq) for one in found] == [("secret", case, 1)]
    nested.rollback()


def _a_key_of_ones_own(connection: Connection, sealed: Sealed) -> None:
    """Everything is signed anew, with another key, which is put in the place of the right one."""
    forger = Signer("log.example/1", bytes(range(32)))
    connection.execute(text("UPDATE log_keys SET public = :p"), {"p": forger.verifier.public})
    tampering.change(connection, sealed.long, Random(1), clever=True)
    fresh = {(sealed.long, row[1]): row[-1] for row in tampering.history(connection, sealed.long)}
    there = log.places(connection, 0, log.size(connection))
    tampering.relog(connection, [(x.case, x.seq, fresh.get((x.case, x.seq), x.step)) for x in there])
    tampering.resign(connection, forger)
    alone, beside = examine(connection), examine(connection, own=keyfile.own(sealed.settings.key))
    # By the database alone it cannot be told: the public key lies there as well.
    assert {one.kind for one in alone.damages} == {"unprotected"}
    assert {one.kind for one in beside.damages} == {"unprotected", "stranger", "own"}
    assert keyfile.own(sealed.settings.key.with_name("none")) is None


def _protection_that_only_looks_like_it(office: Office) -> None:
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


def test_of_every_table_it_is_written_down_what_is_claimed() -> None:
    said = (Path(__file__).parents[2] / "docs" / "proof.md").read_text(encoding="utf-8")
    told = said[said.index("### Table by table") : said.index("## A restored backup")]
    assert {name for name in metadata.tables if f"`{name}`" not in told} == set()
