"""Whatever is done to a stored history, verification finds it and says where."""

from __future__ import annotations

import random
from itertools import product
from pathlib import Path

import pytest

from bench import tampering
from tests.support.office import Office
from tests.support.sealed import Sealed
from workflow.audit.log import keyfile
from workflow.audit.log.verify import examine, verify
from workflow.core.notes import Signer

ONLY_THE_LOG = {"case removed", "case inserted"}
"""Where the leaves are changed along, no history is left that could be named: the checkpoint says between which."""


@pytest.fixture
def sealed(office: Office, tmp_path: Path) -> Sealed:
    return Sealed(office, tmp_path, steps=30)


def test_what_was_not_touched_holds(sealed: Sealed) -> None:
    report = verify(sealed.office.database, outside=[sealed.outside])

    assert report.damages == []
    assert report.steps == report.leaves == report.signed == sealed.office.count("steps")
    assert [one.outcome for one in report.outside] == ["holds"]
    assert report.beyond == 0
    assert report.secrets == sealed.office.count("vault") > 30
    assert report.checkpoints == 2


def test_every_attack_is_found_and_located(sealed: Sealed) -> None:
    dice = random.Random(5)
    for attack, clever in product(tampering.ATTACKS, (False, True)):
        case = dice.choice([sealed.long, *sealed.short])
        with tampering.undone(sealed.office.database) as connection:
            tampering.ATTACKS[attack](connection, case, dice, clever=clever)
            report = examine(connection)
        found = [one for one in report.damages if one.kind != "unprotected"]
        assert found, f"{attack} on case {case}"
        if attack in ONLY_THE_LOG and clever:
            assert {one.kind for one in found} >= {"tree"}
        elif attack == "case inserted":
            assert {one.kind for one in found} == {"foreign"}
        else:
            # Beside the history, its case's row and values tell as well.
            named = [one for one in found if one.case is not None and one.kind not in ("row", "secret")]
            assert case in {one.case for one in named}
            assert all(one.seq is not None for one in named if one.kind not in ("case_gone", "case_empty"))


def test_an_insider_with_the_key_is_found_by_any_checkpoint_kept_outside(sealed: Sealed) -> None:
    dice = random.Random(7)
    signer = Signer("log.example/1", keyfile.read(sealed.settings.key))
    outside = [one.note for one in sealed.proofs.checkpoints()]
    assert len(outside) == 2
    for _ in range(4):
        with tampering.undone(sealed.office.database) as connection:
            tampering.insider(connection, sealed.long, dice, signer)
            alone = examine(connection)
            beside = examine(connection, outside[:1])
        # Without anything from outside the forgery is perfect: that is what outside checkpoints are for.
        assert {one.kind for one in alone.damages} == {"unprotected"}
        assert [one.facts["outcome"] for one in beside.damages if one.kind == "outside"] in (["differs"], ["ahead"])


def test_damage_to_the_log_itself_is_found(sealed: Sealed) -> None:
    for statement, kinds in (
        ("UPDATE leaves SET seq = seq + 500 WHERE position = 5", {"leaf_gone", "foreign", "tree"}),
        ("DELETE FROM leaves WHERE position = 5", {"gap", "foreign", "tree"}),
        ("DELETE FROM checkpoints WHERE no = 1", {"checkpoint"}),
        ("UPDATE checkpoints SET size = size - 1 WHERE no = 2", {"checkpoint"}),
        ("UPDATE checkpoints SET at = at - 1 WHERE no = 2", {"checkpoint"}),
        ("UPDATE checkpoints SET note = note || 'x' WHERE no = 1", {"checkpoint"}),
        ("UPDATE log_keys SET public = (SELECT hash FROM leaves WHERE position = 0)", {"checkpoint"}),
        ("INSERT INTO log_keys (no, public, since) SELECT 2, hash, 0 FROM leaves WHERE position = 0", {"key"}),
        ("UPDATE epochs SET origin = 'another/1'", {"checkpoint"}),
        ("INSERT INTO nodes (level, place, hash) SELECT 8, 99, hash FROM leaves WHERE position = 1", {"node"}),
        ("INSERT INTO unsealed (case_id, seq) VALUES (2, 999)", {"waiting_gone"}),
        ("UPDATE vault SET value = '\"other\"' WHERE case_id = 23", {"secret"}),
        ("UPDATE vault SET value = NULL WHERE case_id = 23", {"secret"}),
        ("UPDATE cases SET seq = seq + 1 WHERE id = 23", {"cut"}),
        ("UPDATE cases SET seq = seq - 1 WHERE id = 23", {"surplus"}),
    ):
        with tampering.undone(sealed.office.database) as connection:
            spelt = statement.replace("23", str(sealed.long))
            assert connection.exec_driver_sql(spelt).rowcount > 0
            found = {one.kind for one in examine(connection).damages} - {"unprotected"}
        assert kinds <= found, statement


def test_a_changed_attachment_is_found(sealed: Sealed) -> None:
    office = sealed.office
    file = office.workflow.attach(sealed.long, "信.txt", b"original", actor=office.actor("anna"))
    assert verify(office.database).holds
    for statement in (
        "UPDATE files SET content = 'forged'",
        "UPDATE files SET sha256 = content",
        "DELETE FROM files",
    ):
        with tampering.undone(office.database) as connection:
            spelt = statement.replace("'forged'", "x'00'" if office.database.dialect == "sqlite" else "'forged'")
            connection.exec_driver_sql(spelt)
            [found] = [one for one in examine(connection).damages if one.kind == "file"]
        assert found.facts == {"file": file}


def test_missing_protection_is_found(sealed: Sealed) -> None:
    with tampering.undone(sealed.office.database) as connection:
        found = [one.facts["table"] for one in examine(connection).damages]

    assert {"steps", "refusals", "leaves", "checkpoints", "unsealed"} <= set(found)
