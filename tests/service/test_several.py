"""Cases are compared a portion at a time: one that cannot be read any more hides no other, and none is left out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from bench import tampering
from tests.support.office import Office
from workflow.audit.log.keeper import Keeper
from workflow.audit.rounds import at_once
from workflow.audit.verdict import Verdict
from workflow.core.errors import CaseNotFound
from workflow.service import verification
from workflow.service.organisation import BOOK
from workflow.service.verification import several, verify
from workflow.settings import Seal, Settings
from workflow.storage import proof
from workflow.storage.due import WORDS

DEEP = "[" * 100_000
STEPS = (
    ("ops", DEEP), ("ops", DEEP), ("ops", ""), ("ops", "[1.5]"), ("ops", '[["set", {"x": "\\ud800"}]]'),
    ("ops", '[["close", 1e308]]'), ("ops", '[["set"]]'), ("ops", "[[[], 1]]"), ("form", DEEP), ("form", "null"),
    ("effective", 2**62), ("recorded", -(2**62)),
)  # fmt: skip
"""What somebody may write into the last step of a case, which then cannot be folded."""

ROWS = (("body", DEEP, "body"), ("body", "{", "body"), ("unit_id", 1, "cases"))
"""The same of a case's row, and the part of it that differs."""

LAST = "case_id = :case AND seq = (SELECT max(seq) FROM steps WHERE case_id = :case)"


def write(connection: Connection, case: int, statement: str, value: object = None) -> None:
    assert connection.execute(text(statement), {"case": case, "value": value}).rowcount > 0


def add(connection: Connection, case: int, fact: list[object]) -> None:
    """One more fact in the first step of a case."""
    first = "case_id = :case AND seq = 1"
    ops = json.loads(connection.scalar(text(f"SELECT ops FROM steps WHERE {first}"), {"case": case}) or "")
    write(connection, case, f"UPDATE steps SET ops = :value WHERE {first}", json.dumps([*ops, fact]))


def test_one_case_of_a_portion_hides_no_other(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = [office.complaint().id for _ in range(len(STEPS) + len(ROWS) + 3)]
    good = office.complaint().id
    with office.database.reading() as connection:
        cases, lengths = proof.ids(connection), proof.lengths(connection, bad)
    assert [(one.case, one.holds) for one in several(office.database, cases)] == [(case, True) for case in cases]
    with pytest.raises(CaseNotFound):
        verify(office.database, 10**9)
    expected: dict[int, tuple[int | None, tuple[str, ...]]] = {}
    with office.database.writing() as connection:
        tampering.unprotect(connection)
        for case, (column, value) in zip(bad, STEPS, strict=False):
            write(connection, case, f"UPDATE steps SET {column} = :value WHERE {LAST}", value)
            expected[case] = lengths[case], ()
        # Of files that came and of what was erased the walk through the chains reads more than of other steps.
        write(connection, bad[0], f"UPDATE steps SET kind = 'attach' WHERE {LAST}")
        write(connection, bad[1], f"UPDATE steps SET kind = 'admin', trigger = 'erase' WHERE {LAST}")
        for case, (column, value, part) in zip(bad[len(STEPS) :], ROWS, strict=False):
            write(connection, case, f"UPDATE cases SET {column} = :value WHERE id = :case", value)
            expected[case] = None, (part,)
        for no, word in enumerate(WORDS):
            values = f"(:case, -1 - {no}, '{word}', 'x', 9, 9, 0)"
            write(
                connection, good, f"INSERT INTO timers (case_id, no, kind, name, due, retry, attempts) VALUES {values}"
            )
        write(connection, office.customer, f"UPDATE steps SET seq = seq + 1 WHERE {LAST}")
        expected[office.customer] = 1, ()
        unlisted, unsayable, unmade = bad[-3:]
        write(connection, unlisted, "DELETE FROM participants WHERE case_id = :case")
        expected[unlisted] = None, ("participants",)
        add(connection, unsayable, ["\ud800", 1])
        expected[unsayable] = 1, ()
        # Its history can be folded, and gives what no list can hold.
        add(connection, unmade, ["unit", {"x": 1}])
        expected[unmade] = None, ("unit", "cases", "clocks")

    together = list(several(office.database, [*cases, 10**9]))

    assert [one.case for one in together] == cases
    assert {one.case: (one.stuck, one.differs) for one in together if not one.holds} == expected
    assert together == [verify(office.database, case) for case in cases]
    with monkeypatch.context() as small:
        small.setattr(verification, "TOGETHER", max(lengths.values()) + 1)
        assert list(several(office.database, cases)) == together
    # Neither the night's run nor who decides all of it again is stopped by any of them.
    report = Keeper(office.workflow, Settings(seal=Seal(key=tmp_path / "seal.key"))).verify()
    assert report is not None
    assert {one.case for one in report.damages} >= {*bad[: len(STEPS)], unsayable, unmade, office.customer}
    verdicts: list[Verdict] = []
    at_once(office.database, office.workflow.library, now=office.workflow.clock, each=verdicts.append)
    assert {one.case for one in verdicts if not one.holds} >= {*bad[: len(STEPS)], unsayable, unmade, office.customer}
    assert next(one for one in verdicts if one.case == BOOK).holds
