"""An outsider with the verifier and the public key: damaged and forged case files are rejected, by name."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from tests.support.case_files import PROGRAM, Files, House, packed, rejected, signed, unpacked, verifier
from tests.support.damaged_case_files import DAMAGES, Damage, a_step_doubled
from tests.support.lived import live
from tests.support.office import Office
from workflow.audit.exports.archive import lines_of
from workflow.audit.log.proofs import Proofs
from workflow.core import merkle, notes
from workflow.core.notes import Signer
from workflow.settings import Seal
from workflow.storage.database import Database

EACH = 8


@pytest.fixture(scope="module")
def standing(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house for those who only damage what it gave out."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copyfile(sqlite_template, folder / "baton.db")
    database = Database(f"sqlite:///{folder / 'baton.db'}")
    office = Office(database)
    made = House(office, Seal(key=folder / "seal.key", origin="baton.example/log"), live(office, 3))
    made.seal()
    yield made
    database.dispose()


@pytest.fixture(scope="module")
def good(standing: House, tmp_path_factory: pytest.TempPathFactory) -> Files:
    """A file with everything in it: values, an attachment, several steps."""
    files = unpacked(standing.file(standing.ids[0], tmp_path_factory.mktemp("good") / "case.zip"))
    assert verifier().verify(packed(files), standing.outside).proven
    assert any(name.startswith("files/") for name in files)
    return files


@pytest.mark.parametrize(("damage", "says"), DAMAGES, ids=[damage.__name__ for damage, _ in DAMAGES])
def test_every_damaged_case_file_is_rejected_by_name(standing: House, good: Files, damage: Damage, says: str) -> None:
    """Thirty-one kinds, eight of each."""
    for seed in range(EACH):
        assert says in rejected(damage(standing, good, Random(seed)), standing.outside), seed


def test_another_house_s_key_accepts_nothing(standing: House, good: Files) -> None:
    stranger = verifier().Key.read(str(Signer("baton.example/log/1", bytes(32)).verifier))

    assert "not signed with a key you gave" in rejected(packed(good), [stranger])


def test_a_checkpoint_kept_outside_shows_two_logs(standing: House, good: Files) -> None:
    said = notes.checkpoint(notes.read(good["checkpoint.note"].decode()).text)
    other = notes.Checkpoint(said.origin, said.size, bytes(32), said.more)
    module = verifier()

    assert module.verify(packed(good), standing.outside, [good["checkpoint.note"]]).proven
    with pytest.raises(module.Rejected, match="the house showed two logs"):
        module.verify(packed(good), standing.outside, [standing.sign(other.text).encode()])


def test_the_verifier_needs_nothing_of_ours() -> None:
    tree = ast.parse(PROGRAM.read_text(encoding="utf-8"))
    names = {one.module or "" for one in ast.walk(tree) if isinstance(one, ast.ImportFrom)}
    names |= {alias.name for one in ast.walk(tree) if isinstance(one, ast.Import) for alias in one.names}

    assert {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names) == {"cryptography"}


def test_the_program_says_and_ends_as_it_should(standing: House, good: Files, tmp_path: Path) -> None:
    def run(raw: bytes, *arguments: str) -> tuple[int, str]:
        path = tmp_path / "given.zip"
        path.write_bytes(raw)
        done = subprocess.run(
            [sys.executable, "-I", str(PROGRAM), str(path), *arguments],
            cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    assert run(packed(good), "--key", standing.key) == (0, "ACCEPTED TS000003: 4 steps, 4 of them sealed.\n")
    code, text = run(a_step_doubled(standing, good, Random(1)), "--key", standing.key)
    assert code == 1
    assert text.startswith("REJECTED given.zip: Step ")
    assert run(packed(good), "--key", "nonsense")[0] == 2
    assert run(packed(good))[0] == 3
    assert run(b"")[0] == 1
    assert sorted(one.name for one in tmp_path.iterdir() if one.suffix == ".zip") == ["given.zip"]


def test_a_checkpoint_of_another_size_is_proven_to_be_of_the_same_log_or_said_not_to_be(
    sqlite_office: Office, tmp_path: Path
) -> None:
    made = House(sqlite_office, Seal(key=tmp_path / "seal.key", origin="baton.example/log"), live(sqlite_office, 2))
    module, office, kept = verifier(), sqlite_office, []
    for _ in range(3):
        made.seal()
        kept.append(Proofs(office.database, clock=lambda: office.now).checkpoint().note.encode())
        office.later(hours=1)
        office.workflow.comment(made.ids[1], "再联系", actor=office.actor("anna"))
    raw = made.file(made.ids[0], tmp_path / "case.zip")
    sizes = [json.loads(line)["size"] for line in unpacked(raw)["consistency.jsonl"].splitlines()]
    assert len(sizes) == 2

    # Earlier ones by what the file carries, later ones by what the house gives out.
    total = len(unpacked(raw)["steps.jsonl"].splitlines())
    for one in kept[:2]:
        (note,) = module.verify(raw, made.outside, [one]).notes
        assert f"proven to be of the same log; it covers {total} of the {total} steps" in note
    # Through the mail, and of the log before its first step.
    assert module.verify(raw, made.outside, [b"\xef\xbb\xbf" + kept[0].replace(b"\n", b"\r\n") + b"\r\n"]).proven
    begun = notes.Checkpoint(notes.checkpoint(notes.read(kept[0].decode()).text).origin, 0, sha256(b"").digest())
    verdict = module.verify(raw, made.outside, [made.sign(begun.text).encode()])
    assert verdict.proven
    assert f"it covers 0 of the {total} steps" in verdict.notes[0]
    made.seal()
    proofs = Proofs(office.database, clock=lambda: office.now)
    later = proofs.checkpoint().note.encode()
    verdict = module.verify(raw, made.outside, [later])
    assert "no proof was given" in verdict.notes[0]
    assert not verdict.proven, "who asked about a checkpoint has no answer"
    said = proofs.consistency(3, 4)
    given = {"first": {"size": said.first.size}, "second": {"size": said.second.size}, "proof": list(said.proof)}
    (note,) = module.verify(raw, made.outside, [later], [json.dumps(given).encode()]).notes
    assert "proven to be of the same log" in note

    # Another root, another path, a path cut or lengthened: every one is rejected.
    files = unpacked(raw)
    told = notes.checkpoint(notes.read(kept[0].decode()).text)
    forged = made.sign(notes.Checkpoint(told.origin, told.size, bytes(32), told.more).text).encode()
    with pytest.raises(module.Rejected, match="is not the beginning"):
        module.verify(raw, made.outside, [forged])
    lines = [json.loads(line) for line in files["consistency.jsonl"].splitlines()]
    for path in (lines[0]["path"][1:], [*lines[0]["path"], lines[0]["path"][0]], lines[0]["path"][::-1]):
        other = {**files, "consistency.jsonl": lines_of([{**lines[0], "path": path}])}
        with pytest.raises(module.Rejected, match="is not the beginning"):
            module.verify(packed(signed(made, other)), made.outside, [kept[0]])
    for broken in (b"{}", b"[]", json.dumps({**given, "proof": [1]}).encode(), b"x"):
        with pytest.raises(module.Rejected):
            module.verify(raw, made.outside, [later], [broken])


def test_the_proof_between_checkpoints_is_the_one_of_the_house() -> None:
    """For all sizes to 40, and each of them mutated."""
    module = verifier()
    leaves = [sha256(bytes([n])).digest() for n in range(40)]
    node = merkle.nodes_of(leaves)
    for second in range(1, 41):
        for first in range(1, second + 1):
            path = merkle.consistency(first, second, node)
            before, after = merkle.root_of(leaves[:first]), merkle.root_of(leaves[:second])
            assert module.extends(first, second, before, after, path), (first, second)
            assert not module.extends(first, second, before, bytes(32), path)
            assert not module.extends(first, second, bytes(32), after, path)
            assert not module.extends(first, second, before, after, [*path, bytes(32)])
            assert not path or not module.extends(first, second, before, after, path[:-1])
