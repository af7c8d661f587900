"""The log by command: seal, checkpoints, proofs, verification."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from bench import tampering
from tests.cli.conftest import Baton, runner, url_of, write_settings
from tests.support.office import Office
from workflow.core import merkle, notes


@pytest.fixture
def baton(office: Office, tmp_path: Path) -> Baton:
    more = f'[seal]\nkey = "{tmp_path / "seal.key"}"\nfolder = "{tmp_path / "out"}"\norigin = "log.example"\n'
    return runner(write_settings(tmp_path, url_of(office.database), more))


def test_the_log_from_the_first_seal_to_a_check_from_outside(baton: Baton, office: Office, tmp_path: Path) -> None:
    case = office.complaint()

    sealed = baton("seal")
    assert sealed.exit_code == 0
    steps = office.count("steps")
    assert sealed.output == f"{steps} steps were sealed, {steps} are in the log; checkpoint 1 is signed.\n"
    assert json.loads(baton("seal", "--json").output) == {"added": 0, "size": steps, "checkpoint": None}

    note = baton("checkpoint", "show").output
    assert notes.checkpoint(notes.read(note).text).size == steps
    assert [file.read_text(encoding="utf-8") for file in (tmp_path / "out").iterdir()] == [note]
    outside = tmp_path / "kept.txt"
    outside.write_text(note, encoding="utf-8")
    key = notes.Verifier.read(baton("checkpoint", "key").output.strip())
    assert notes.verify(notes.read(note), [key]) == (key,)

    office.workflow.comment(case.id, "x", actor=office.actor("anna"))
    assert baton("seal").exit_code == 0
    assert baton("checkpoint", "rotate").exit_code == 0
    listed = [json.loads(line) for line in baton("checkpoint", "list", "--json").output.splitlines()]
    assert [(one["no"], one["keys"]) for one in listed] == [(3, 2), (2, 1), (1, 1)]
    checked = baton("checkpoint", "check", str(outside))
    assert checked.exit_code == 0
    assert "it holds" in checked.output

    verified = baton("verify", "--outside", str(outside))
    assert verified.exit_code == 0
    assert "Nothing is damaged." in verified.output
    assert "the 1 steps after the last checkpoint given" in verified.output
    assert json.loads(baton("verify", "--json").output)["beyond"] == steps + 1


def test_a_proof_by_command_can_be_followed(baton: Baton, office: Office) -> None:
    case = office.complaint()
    baton("seal")
    office.complaint()
    baton("seal")

    told = json.loads(baton("proof", case.number, "1", "--json").output)
    said = notes.checkpoint(notes.read(told["checkpoint"]["note"]).text)
    leaf = merkle.leaf_hash(merkle.leaf_data(told["case"], told["seq"], bytes.fromhex(told["step"])))
    assert merkle.includes(
        leaf, index=told["position"], size=said.size, proof=notes.hashes(told["proof"]), root=said.root
    )  # fmt: skip
    grown = json.loads(baton("proof", "--from", "1", "--json").output)
    assert merkle.extends(
        first=grown["first"]["size"],
        second=grown["second"]["size"],
        before=base64.b64decode(grown["first"]["root"]),
        after=said.root,
        proof=notes.hashes(grown["proof"]),
    )
    assert "is leaf" in baton("proof", case.number, "1").output
    for wrong, code in (
        (("proof", case.number, "9"), 1),
        (("proof", "nobody", "1"), 1),
        (("proof", "--from", "7"), 1),
        (("proof",), 2),
        (("checkpoint", "show", "9"), 1),
        (("seal", "--after", __file__), 2),
    ):
        assert baton(*wrong).exit_code == code, wrong


def test_damage_is_told_with_case_and_step_and_makes_the_exit_code(
    baton: Baton, office: Office, tmp_path: Path
) -> None:
    case = office.complaint()
    office.workflow.comment(case.id, "x", actor=office.actor("anna"))
    baton("seal")
    outside = tmp_path / "kept.txt"
    outside.write_text(baton("checkpoint", "show").output.replace("log.example/1", "other.example/1"), encoding="utf-8")
    with office.database.writing() as connection:
        tampering.unprotect(connection)
        connection.exec_driver_sql(f"UPDATE steps SET form = '{{}}' WHERE case_id = {case.id} AND seq = 1")

    found = baton("verify")

    assert found.exit_code == 1
    assert f"{case.number}: what is stored of step 1 is not what its hash was made of." in found.output
    assert "their protection is gone" in found.output
    checked = baton("checkpoint", "check", str(outside))
    assert checked.exit_code == 1
    assert "it is another log's" in checked.output
    assert baton("checkpoint", "check", "-", input="nonsense").exit_code == 1


def test_a_restored_backup_is_told_and_declared(baton: Baton, office: Office, tmp_path: Path) -> None:
    office.complaint()
    baton("seal")
    last = tmp_path / "seal.key.last"
    said = notes.checkpoint(notes.read(last.read_text(encoding="utf-8")).text)
    ahead = notes.Checkpoint(said.origin, said.size + 5, said.root, said.more)
    from workflow.audit.log import keyfile

    signer = notes.Signer(said.origin, keyfile.read(tmp_path / "seal.key"))
    last.write_text(str(notes.signed(ahead.text, [signer])), encoding="utf-8")
    office.complaint()

    refused = baton("seal")
    assert refused.exit_code == 1
    assert "a backup was restored" in refused.output
    declared = baton("seal", "--new-epoch")
    assert declared.exit_code == 0
    note = notes.checkpoint(notes.read(baton("checkpoint", "show").output).text)
    assert note.origin == "log.example/2"
    assert note.value("follows") == f"log.example/1 {ahead.size} {notes.written([said.root])[0]}"
