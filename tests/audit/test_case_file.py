"""An outsider with the verifier and the public key: good case files are accepted, and hold what they ought to."""

from __future__ import annotations

import json
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import text

from tests.support.case_files import ZONE, House, rejected, unpacked, verifier
from tests.support.lived import live
from tests.support.office import Office
from workflow.audit.exports import casefile
from workflow.audit.exports.casefile import contents, export_case
from workflow.audit.log.sealer import Sealer
from workflow.core.errors import CaseDamaged, CaseFileTooLarge, CaseNotFound
from workflow.core.notes import Signer
from workflow.core.step import SYSTEM
from workflow.settings import Seal


@pytest.fixture
def house(sqlite_office: Office, tmp_path: Path) -> House:
    made = House(sqlite_office, Seal(key=tmp_path / "seal.key", origin="baton.example/log"), live(sqlite_office))
    made.seal()
    return made


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


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE cases SET body = json_set(body, '$.opener', 1) WHERE id = :case",
        "UPDATE customers SET name_zh = '别家' WHERE id = (SELECT customer_id FROM cases WHERE id = :case)",
    ],
)
def test_no_report_is_signed_that_the_history_does_not_say(house: House, tmp_path: Path, change: str) -> None:
    """The report is read from what is stored of the case and its customer, which no chain covers."""
    case = house.ids[0]
    with house.office.database.writing() as connection:
        connection.execute(text(change), {"case": case})

    with pytest.raises(CaseDamaged):
        house.file(case, tmp_path / "case.zip")
    assert not list(tmp_path.glob("*case.zip*"))


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

    for said in (title, "青云数据有限公司", "2026-03-02 09:00:00"):
        assert said in page
        assert said.replace(" ", "") in paper.replace(" ", "")
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


def test_erased_values_are_gone_and_the_file_still_holds(house: House, tmp_path: Path) -> None:
    with house.office.database.writing() as connection:
        connection.exec_driver_sql(f"UPDATE vault SET value = NULL, erased = 1 WHERE case_id = {house.ids[0]}")

    raw = house.file(house.ids[0], tmp_path / "case.zip")

    assert verifier().verify(raw, house.outside).proven
    assert all("erased" in json.loads(line) for line in unpacked(raw)["vault.jsonl"].splitlines())


def test_every_file_of_a_case_file_is_one_the_verifier_knows(house: House) -> None:
    door = house.office.workflow
    stored = door.stored(house.ids[0], house.office.actor("anna"), personal=True)
    names = {name for name, _ in contents(door, stored, house.office.actor("anna"), zone=ZONE, seal=None)}

    assert names >= verifier().ALWAYS
