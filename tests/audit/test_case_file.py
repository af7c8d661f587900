"""An outsider with the verifier and the public key: good case files are accepted, damaged ones rejected, by name."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from importlib.util import module_from_spec, spec_from_file_location
from io import BytesIO
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from tests.support.lived import live
from tests.support.office import Office
from workflow.audit.exports import casefile
from workflow.audit.exports.archive import json_of, lines_of
from workflow.audit.exports.casefile import contents, export_case, statement
from workflow.audit.exports.sealed import seal_of, sign_by
from workflow.audit.log.proofs import Proofs
from workflow.audit.log.sealer import Sealer
from workflow.core import chain, notes
from workflow.core.errors import CaseFileTooLarge, CaseNotFound
from workflow.core.notes import Signer
from workflow.core.step import SYSTEM
from workflow.settings import Seal
from workflow.storage.database import Database

PROGRAM = Path(__file__).parents[2] / "tools" / "verify_case_file.py"
ZONE = ZoneInfo("Asia/Shanghai")
Files = dict[str, bytes]


@cache
def verifier() -> ModuleType:
    spec = spec_from_file_location("verify_case_file", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@dataclass
class House:
    """An office whose log is sealed, and what outsiders know of it."""

    office: Office
    settings: Seal
    ids: list[int]
    key: str = ""
    outside: list[Any] = field(default_factory=list)

    def seal(self) -> None:
        Sealer(self.office.database, self.settings, clock=lambda: self.office.now).sign()
        self.key = Proofs(self.office.database, clock=lambda: self.office.now).standing().key
        self.outside = [verifier().Key.read(self.key)]

    def file(self, case: int, path: Path, login: str = "anna", *, personal: bool = True) -> bytes:
        database = self.office.database
        export_case(
            self.office.workflow, case, self.office.actor(login), path, zone=ZONE, seal=seal_of(database, case),
            sign=sign_by(database, self.settings), personal=personal,
        )  # fmt: skip
        return path.read_bytes()

    def sign(self, text: str) -> str:
        """What an insider with the key can do."""
        sign = sign_by(self.office.database, self.settings)
        assert sign is not None
        return sign(text)


@pytest.fixture
def house(sqlite_office: Office, tmp_path: Path) -> House:
    made = House(sqlite_office, Seal(key=tmp_path / "seal.key", origin="baton.example/log"), live(sqlite_office))
    made.seal()
    return made


def packed(files: Files) -> bytes:
    """An archive written as ours are."""
    out = BytesIO()
    with zipfile.ZipFile(out, "x", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 0, 0o600 << 16
            archive.writestr(info, content)
    return out.getvalue()


def unpacked(raw: bytes) -> Files:
    with zipfile.ZipFile(BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def recounted(files: Files) -> Files:
    """With a manifest that is right for what is there."""
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = {
        name: {"bytes": len(content), "sha256": sha256(content).hexdigest()}
        for name, content in files.items()
        if not name.startswith("manifest.")
    }
    return {**files, "manifest.json": json_of(manifest)}


def signed(house: House, files: Files) -> Files:
    """With a manifest that is right, and signed with the house's own key: an insider's work."""
    made = recounted(files)
    number = json.loads(made["manifest.json"])["case"]
    return {**made, "manifest.note": house.sign(statement(number, made["manifest.json"])).encode()}


def rejected(raw: bytes, keys: list[Any]) -> str:
    """Why; fails when it is accepted."""
    module = verifier()
    with pytest.raises(module.Rejected) as caught:
        module.verify(raw, keys)
    return str(caught.value)


def steps_of(files: Files) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files["steps.jsonl"].splitlines()]


def with_steps(files: Files, steps: list[dict[str, Any]]) -> Files:
    return {**files, "steps.jsonl": lines_of(steps)}


def chained(files: Files, steps: list[dict[str, Any]]) -> Files:
    """The history somebody wrote anew, numbered and with hashes that follow, as far as anything in the file can say."""
    previous = chain.GENESIS
    for number, step in enumerate(steps, start=1):
        step["seq"] = number
        columns = [step[name] for name in verifier().COLUMNS]
        step["previous"] = previous.hex()
        previous = chain.link(previous, columns)
        step["hash"] = previous.hex()
    facts = json.loads(files["case.json"])
    facts |= {"head": previous.hex(), "steps": len(steps), "sealed": min(facts["sealed"], len(steps))}
    proofs = files["proofs.jsonl"].splitlines(keepends=True)[: facts["sealed"]]
    return {**with_steps(files, steps), "case.json": json_of(facts), "proofs.jsonl": b"".join(proofs)}


# --- Good ones ---------------------------------------------------------------------------------------------------


def test_a_hundred_good_case_files_are_accepted(
    sqlite_office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two hundred real ones take a minute, and to the verifier a PDF is a file like any other.
    monkeypatch.setattr(casefile.pdf, "pdf", lambda report: f"{report.title} {report.steps}".encode())
    made = House(sqlite_office, Seal(key=tmp_path / "seal.key", origin="baton.example/log"), live(sqlite_office, 50))
    made.seal()
    seen = set()
    for case in made.ids:
        for login, personal in (("anna", True), ("auditor", False)):
            raw = made.file(case, tmp_path / "case.zip", login, personal=personal)
            verdict = verifier().verify(raw, made.outside)
            assert verdict.proven, verdict.notes
            assert verdict.steps == verdict.sealed > 0
            seen.add(raw)
    assert len(seen) == 100


def test_the_same_content_gives_the_same_bytes(house: House, tmp_path: Path) -> None:
    first = house.file(house.ids[0], tmp_path / "one.zip")
    house.office.later(hours=1)

    assert house.file(house.ids[0], tmp_path / "two.zip") == first


def test_a_step_that_is_not_sealed_is_said_to_be(house: House, tmp_path: Path) -> None:
    case = house.ids[1]
    house.office.workflow.comment(case, "later", actor=house.office.actor("anna"))

    verdict = verifier().verify(house.file(case, tmp_path / "case.zip"), house.outside)

    assert not verdict.proven
    assert verdict.steps == verdict.sealed + 1
    assert "not sealed" in verdict.notes[0]


def test_a_house_without_a_key_proves_nothing(sqlite_office: Office, tmp_path: Path) -> None:
    case = live(sqlite_office, 1)[0]
    path = tmp_path / "case.zip"
    export_case(sqlite_office.workflow, case, SYSTEM, path, zone=ZONE, seal=None, sign=None)

    verdict = verifier().verify(path.read_bytes(), [])

    assert not verdict.proven
    assert any("No step is sealed" in one for one in verdict.notes)
    stranger = verifier().Key.read(str(Signer("a", bytes(32)).verifier))
    assert "nobody signed" in rejected(path.read_bytes(), [stranger])


def test_after_the_key_was_changed_both_keys_are_known(house: House, tmp_path: Path) -> None:
    Sealer(house.office.database, house.settings, clock=lambda: house.office.now).rotate()
    old, house.outside = house.outside, []
    house.seal()

    raw = house.file(house.ids[0], tmp_path / "case.zip")

    assert verifier().verify(raw, house.outside).proven
    assert verifier().verify(raw, [*old, *house.outside]).proven
    assert "not signed with a key you gave" in rejected(raw, old)


def test_values_are_in_it_only_for_whom_they_are_shown(house: House, tmp_path: Path) -> None:
    case = house.ids[0]
    whole, masked = (
        unpacked(house.file(case, tmp_path / f"{login}.zip", login, personal=True)) for login in ("anna", "auditor")
    )

    assert b"withheld" not in whole["vault.jsonl"]
    assert [name for name in whole if name.startswith("files/")]
    assert b"value" not in masked["vault.jsonl"]
    assert not [name for name in masked if name.startswith("files/")]
    secret = json.loads(whole["vault.jsonl"].splitlines()[0])["value"].strip('"')
    assert not [name for name, content in masked.items() if secret.encode() in content]


def test_a_case_nobody_may_see_is_not_there(house: House, tmp_path: Path) -> None:
    with pytest.raises(CaseNotFound):
        house.file(house.ids[0], tmp_path / "case.zip", "stranger")
    with pytest.raises(CaseNotFound):
        house.file(house.office.customer, tmp_path / "case.zip", "anna")
    assert not list(tmp_path.glob("*.zip"))


def test_a_case_file_is_recorded(house: House, tmp_path: Path) -> None:
    raw = house.file(house.ids[0], tmp_path / "case.zip")

    with house.office.database.reading() as connection:
        [row] = connection.exec_driver_sql("SELECT person_id, kind, case_id, detail FROM reads").all()
    assert (row.person_id, row.kind, row.case_id) == (house.office.people["anna"], "export.case", house.ids[0])
    assert json.loads(row.detail)["sha256"] == sha256(raw).hexdigest()


def test_more_than_an_archive_holds_is_refused(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflow.audit.exports.archive.MOST_BYTES", 10_000)

    with pytest.raises(CaseFileTooLarge):
        house.file(house.ids[0], tmp_path / "case.zip")
    assert not list(tmp_path.glob("*case.zip*"))


@pytest.mark.parametrize(("language", "title"), [("zh", "事项档案 TS000003"), ("en", "Case file TS000003")])
def test_people_can_read_it_on_screen_and_on_paper(house: House, tmp_path: Path, language: str, title: str) -> None:
    case = house.ids[0]
    house.office.workflow.comment(case, "<script>alert(1)</script>\n第二行 & more", actor=house.office.actor("anna"))
    files = unpacked(house.file(case, tmp_path / "case.zip"))

    page, pdf = files[f"report.{language}.html"].decode(), PdfReader(BytesIO(files[f"report.{language}.pdf"]))
    paper = "".join(one.extract_text() for one in pdf.pages)

    for text in (title, "青云数据有限公司", "2026-03-02 09:00:00"):
        assert text in page
        assert text.replace(" ", "") in paper.replace(" ", "")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "http" not in page.replace("http-equiv", "")
    assert "<script>alert(1)</script>" in paper
    assert "TS000003 · 1" in paper
    assert pdf.metadata is not None
    assert pdf.metadata.title == title


def test_a_very_long_text_goes_on_over_the_page(house: House, tmp_path: Path) -> None:
    case = house.ids[0]
    for _ in range(3):
        house.office.workflow.comment(case, "很长的说明。" * 500, actor=house.office.actor("anna"))

    files = unpacked(house.file(case, tmp_path / "case.zip"))

    assert len(PdfReader(BytesIO(files["report.zh.pdf"])).pages) > 2


# --- Damaged ones ------------------------------------------------------------------------------------------------

Damage = Callable[[House, Files, Random], bytes]


def flipped(raw: bytes, rng: Random) -> bytes:
    place = rng.randrange(len(raw))
    return raw[:place] + bytes([raw[place] ^ 1 << rng.randrange(8)]) + raw[place + 1 :]


def any_byte_of_the_archive(_: House, files: Files, rng: Random) -> bytes:
    return flipped(packed(files), rng)


def any_byte_of_a_file(_: House, files: Files, rng: Random) -> bytes:
    name = rng.choice(sorted(files))
    return packed({**files, name: flipped(files[name], rng)})


def any_byte_with_a_right_manifest(_: House, files: Files, rng: Random) -> bytes:
    name = rng.choice(sorted(set(files) - {"manifest.json", "manifest.note"}))
    return packed(recounted({**files, name: flipped(files[name], rng)}))


def a_step_removed(_: House, files: Files, rng: Random) -> bytes:
    steps = steps_of(files)
    steps.pop(rng.randrange(len(steps)))
    return packed(recounted(with_steps(files, steps)))


def a_step_doubled(house: House, files: Files, rng: Random) -> bytes:
    steps = steps_of(files)
    place = rng.randrange(len(steps))
    return packed(signed(house, with_steps(files, [*steps[: place + 1], *steps[place:]])))


def steps_swapped(house: House, files: Files, rng: Random) -> bytes:
    steps = steps_of(files)
    place = rng.randrange(len(steps) - 1)
    steps[place], steps[place + 1] = steps[place + 1], steps[place]
    return packed(signed(house, with_steps(files, steps)))


def a_history_written_anew_by_an_insider(house: House, files: Files, rng: Random) -> bytes:
    steps = steps_of(files)
    steps[rng.randrange(len(steps))]["recorded"] += 1
    return packed(signed(house, chained(files, steps)))


def a_column_changed_by_an_insider(house: House, files: Files, rng: Random) -> bytes:
    steps = steps_of(files)
    column = rng.choice(["actor_id", "effective", "recorded", "trigger", "form", "ops", "behalf_id"])
    one = steps[rng.randrange(len(steps))]
    one[column] = f"{one[column]} " if isinstance(one[column], str) else (one[column] or 0) + 1
    return packed(signed(house, with_steps(files, steps)))


def a_tail_cut_by_an_insider(house: House, files: Files, rng: Random) -> bytes:
    """All follows, and what is left is in the log: only case.json's state betrays it, unless that is changed too."""
    steps = steps_of(files)
    return packed(signed(house, with_steps(files, steps[: rng.randrange(1, len(steps))])))


def another_value_by_an_insider(house: House, files: Files, rng: Random) -> bytes:
    lines = [json.loads(line) for line in files["vault.jsonl"].splitlines()]
    lines[rng.randrange(len(lines))]["value"] = '"something else"'
    return packed(signed(house, {**files, "vault.jsonl": lines_of(lines)}))


def a_value_left_out_by_an_insider(house: House, files: Files, rng: Random) -> bytes:
    lines = files["vault.jsonl"].splitlines(keepends=True)
    lines.pop(rng.randrange(len(lines)))
    return packed(signed(house, {**files, "vault.jsonl": b"".join(lines)}))


def another_attachment_by_an_insider(house: House, files: Files, rng: Random) -> bytes:
    name = rng.choice([one for one in files if one.startswith("files/")])
    return packed(signed(house, {**files, name: flipped(files[name], rng)}))


def an_attachment_described_otherwise(house: House, files: Files, rng: Random) -> bytes:
    listed = json.loads(files["files.json"])
    listed[0]["name"] = "other.txt"
    return packed(signed(house, {**files, "files.json": json_of(listed)}))


def another_lifecycle(house: House, files: Files, rng: Random) -> bytes:
    name = next(one for one in files if one.startswith("definitions/"))
    return packed(signed(house, {**files, name: flipped(files[name], rng)}))


def a_foreign_checkpoint(house: House, files: Files, rng: Random) -> bytes:
    """Of another log, with a key of the same name: everything fits, but nobody knows the key."""
    text = notes.read(files["checkpoint.note"].decode()).text
    stranger = Signer(notes.checkpoint(text).origin, rng.randbytes(32))
    return packed(signed(house, {**files, "checkpoint.note": str(notes.signed(text, [stranger])).encode()}))


def another_checkpoint_of_the_house(house: House, files: Files, rng: Random) -> bytes:
    said = notes.checkpoint(notes.read(files["checkpoint.note"].decode()).text)
    made = notes.Checkpoint(said.origin, said.size, rng.randbytes(32), said.more)
    return packed(signed(house, {**files, "checkpoint.note": house.sign(made.text).encode()}))


def a_proof_of_another_step(house: House, files: Files, rng: Random) -> bytes:
    proofs = [json.loads(line) for line in files["proofs.jsonl"].splitlines()]
    one, other = rng.sample(range(len(proofs)), 2)
    proofs[one]["path"], proofs[one]["index"] = proofs[other]["path"], proofs[other]["index"]
    return packed(signed(house, {**files, "proofs.jsonl": lines_of(proofs)}))


def the_signature_of_another(_: House, files: Files, rng: Random) -> bytes:
    made = recounted({**files, "report.en.html": files["report.en.html"] + b"<!-- x -->"})
    text = statement(json.loads(made["manifest.json"])["case"], made["manifest.json"])
    name = notes.read(files["manifest.note"].decode()).signatures[0].name
    return packed({**made, "manifest.note": str(notes.signed(text, [Signer(name, rng.randbytes(32))])).encode()})


def a_mangled_signature(_: House, files: Files, rng: Random) -> bytes:
    note = notes.read(files["manifest.note"].decode())
    [one] = note.signatures
    other = notes.Note(note.text, (notes.Signature(one.name, one.key, flipped(one.raw, rng)),))
    return packed({**files, "manifest.note": str(other).encode()})


def no_signature(_: House, files: Files, rng: Random) -> bytes:
    return packed(recounted({name: held for name, held in files.items() if name != "manifest.note"}))


def a_file_removed(_: House, files: Files, rng: Random) -> bytes:
    name = rng.choice(sorted(files))
    return packed({one: held for one, held in files.items() if one != name})


def a_file_added(_: House, files: Files, rng: Random) -> bytes:
    return packed({**files, rng.choice(["extra.txt", "files/9999", "a/b"]): b"x"})


def a_name_that_leads_out(_: House, files: Files, rng: Random) -> bytes:
    name = rng.choice(["../../etc/passwd", "/etc/passwd", "a/../../b", "C:\\x", "..", "x\\..\\y", "files/../../x"])
    return packed({**files, name: b"x"})


def a_compressed_entry(_: House, files: Files, rng: Random) -> bytes:
    """What a bomb is made of: a few bytes that would swell."""
    out = BytesIO(packed(files))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.txt", b"0" * 5_000_000)
    return out.getvalue()


def a_byte_of_content(_: House, files: Files, rng: Random) -> bytes:
    name = rng.choice(sorted(files))
    raw = packed(files)
    place = raw.index(files[name]) + rng.randrange(len(files[name]))
    return raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]


def another_date(_: House, files: Files, rng: Random) -> bytes:
    """As any other program would pack it."""
    out = BytesIO()
    with zipfile.ZipFile(out, "x", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, rng.randrange(2, 28), 1, 2, 4)), content)
    return out.getvalue()


def a_comment(_: House, files: Files, rng: Random) -> bytes:
    out = BytesIO(packed(files))
    with zipfile.ZipFile(out, "a") as archive:
        archive.comment = b"x"
    return out.getvalue()


def something_before_or_behind(_: House, files: Files, rng: Random) -> bytes:
    return rng.choice([lambda raw: b"MZ" + raw, lambda raw: raw + b"\x00", lambda raw: raw + raw])(packed(files))


def cut_off(_: House, files: Files, rng: Random) -> bytes:
    raw = packed(files)
    return raw[: rng.randrange(1, len(raw))]


def an_entry_twice(_: House, files: Files, rng: Random) -> bytes:
    import warnings

    out = BytesIO(packed(files))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(out, "a") as archive:
            info = zipfile.ZipInfo("case.json", (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 0, 0o600 << 16
            archive.writestr(info, files["case.json"])
    return out.getvalue()


DAMAGES: list[tuple[Damage, str]] = [
    (any_byte_of_the_archive, ""),
    (any_byte_of_a_file, ""),
    (any_byte_with_a_right_manifest, "manifest.note: what was signed is not this manifest"),
    (a_step_removed, "manifest.note: what was signed is not this manifest"),
    (a_step_doubled, "a step was removed, added, doubled or moved"),
    (steps_swapped, "a step was removed, added, doubled or moved"),
    (a_history_written_anew_by_an_insider, "is not in the log that the checkpoint signs"),
    (a_column_changed_by_an_insider, "its columns do not give its hash"),
    (a_tail_cut_by_an_insider, "steps.jsonl: there are"),
    (another_value_by_an_insider, "do not keep the commitment of step"),
    (a_value_left_out_by_an_insider, "nothing is said of the commitment"),
    (another_attachment_by_an_insider, "its SHA-256 is not the one in the history"),
    (an_attachment_described_otherwise, "is not what the history says"),
    (another_lifecycle, "its SHA-256 is not the one in case.json"),
    (a_foreign_checkpoint, "checkpoint.note: it is not signed with a key you gave"),
    (another_checkpoint_of_the_house, "is not in the log that the checkpoint signs"),
    (a_proof_of_another_step, "is not in the log that the checkpoint signs"),
    (the_signature_of_another, "manifest.note: it is not signed with a key you gave"),
    (a_mangled_signature, "does not hold"),
    (no_signature, "nobody signed this file"),
    (a_file_removed, ""),
    (a_file_added, "was added: the manifest does not name it"),
    (a_name_that_leads_out, "which no case file has"),
    (a_compressed_entry, "is not written as in a case file"),
    (a_byte_of_content, "is damaged: its checksum in the archive"),
    (another_date, "is not written as in a case file"),
    (a_comment, "The archive's directory"),
    (something_before_or_behind, "archive"),
    (cut_off, "archive"),
    (an_entry_twice, "twice"),
]
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
    """Thirty kinds, eight of each."""
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


def test_erased_values_are_gone_and_the_file_still_holds(house: House, tmp_path: Path) -> None:
    with house.office.database.writing() as connection:
        connection.exec_driver_sql(f"UPDATE vault SET value = NULL, erased = 1 WHERE case_id = {house.ids[0]}")

    raw = house.file(house.ids[0], tmp_path / "case.zip")

    assert verifier().verify(raw, house.outside).proven
    assert all("erased" in json.loads(line) for line in unpacked(raw)["vault.jsonl"].splitlines())


# --- The program ---------------------------------------------------------------------------------------------------


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


def test_every_file_of_a_case_file_is_one_the_verifier_knows(house: House) -> None:
    door = house.office.workflow
    stored = door.stored(house.ids[0], house.office.actor("anna"), personal=True)
    names = {name for name, _ in contents(door, stored, house.office.actor("anna"), zone=ZONE, seal=None)}

    assert names >= verifier().ALWAYS
