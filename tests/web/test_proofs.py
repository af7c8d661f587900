"""The auditor's pages of the log: what is shown to be kept, compared, and proved."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

from bench import tampering
from tests.support.office import Office
from tests.support.sealed import Sealed
from tests.web.conftest import Visitor
from workflow.audit.log.keeper import verified
from workflow.core import merkle, notes

SignIn = Callable[[str], Visitor]


@pytest.fixture
def sealed(sqlite_office: Office, tmp_path: Path) -> Sealed:
    return Sealed(sqlite_office, tmp_path, steps=6)


def test_the_page_shows_the_checkpoint_as_text_and_as_a_code(sealed: Sealed, signed_in: SignIn) -> None:
    auditor = signed_in("auditor")

    page = auditor.get("/audit/log/")

    assert page.status_code == 200
    assert sealed.outside in unescape(page.text)
    assert sealed.proofs.standing().key in unescape(page.text)
    [code] = re.findall(r'<svg class="qr".*?</svg>', page.text, re.DOTALL)
    assert code.count("M") > 300
    kept = auditor.get("/audit/log/checkpoints/2.txt")
    assert kept.text == sealed.outside
    assert kept.headers["Content-Disposition"] == "attachment; filename=checkpoint-1-000002.txt"
    assert auditor.get("/audit/log/checkpoints/2").status_code == 200
    assert auditor.get("/audit/log/checkpoints/3").status_code == 404


def test_a_kept_checkpoint_is_compared_and_the_page_says_how_old_it_is(sealed: Sealed, signed_in: SignIn) -> None:
    auditor = signed_in("auditor")
    pasted = {"note": sealed.outside.replace("\n", "\r\n")}

    good = auditor.post("/audit/log/confirmations", pasted)
    assert good.status_code == 200
    assert "成立" in good.text
    assert sealed.proofs.standing().confirmed is not None
    assert "从未" not in auditor.get("/audit/log/").text

    bad = auditor.post("/audit/log/confirmations", {"note": sealed.outside[:-9]})
    assert bad.status_code == 422
    assert "aria-invalid" in bad.text
    other = auditor.post("/audit/log/confirmations", {"note": sealed.outside.replace("log.example", "other.example")})
    assert "属于另一个日志" in other.text


def test_the_proof_of_a_step_as_page_and_as_json(sealed: Sealed, signed_in: SignIn) -> None:
    auditor = signed_in("auditor")

    assert auditor.get(f"/audit/log/steps/{sealed.long}/3").status_code == 200
    told = auditor.get(f"/audit/log/steps/{sealed.long}/3.json").json
    said = notes.checkpoint(notes.read(told["checkpoint"]["note"]).text)
    leaf = merkle.leaf_hash(merkle.leaf_data(sealed.long, 3, bytes.fromhex(told["step"])))
    assert merkle.includes(
        leaf, index=told["position"], size=said.size, proof=notes.hashes(told["proof"]), root=said.root
    )  # fmt: skip
    grown = auditor.get("/audit/log/consistency/1/2.json").json
    assert grown["second"]["size"] == said.size
    assert [one["no"] for one in auditor.get("/audit/log/checkpoints.json").json] == [2, 1]
    assert auditor.get("/audit/log/consistency/2/1.json").status_code == 422
    assert auditor.get(f"/audit/log/steps/{sealed.long}/99").status_code == 404
    # The organisation's own record is the auditor's to prove, and nobody else's.
    assert auditor.get("/audit/log/steps/1/1.json").status_code == 200
    assert signed_in("director").get("/audit/log/steps/1/1.json").status_code == 403


def test_what_the_night_found_is_shown_with_case_and_step(sealed: Sealed, signed_in: SignIn) -> None:
    auditor, office = signed_in("auditor"), sealed.office
    assert "尚未进行" in auditor.get("/audit/log/verification").text
    verified(office.workflow)
    assert "完好" in auditor.get("/audit/log/verification").text
    with office.database.writing() as connection:
        tampering.unprotect(connection)
        connection.exec_driver_sql(f"UPDATE steps SET form = '{{}}' WHERE case_id = {sealed.long} AND seq = 4")
    office.later(hours=1)
    verified(office.workflow)

    page = auditor.get("/audit/log/verification").text

    assert f"/audit/cases/{sealed.long}/#step-4" in page
    assert "第4步所存内容与其散列不符" in page
    assert "已被去除" in page
