"""The auditor's pages of the log: what is shown to be kept, compared, and proved."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from bench import tampering
from tests.support.office import Office
from tests.support.sealed import Sealed
from tests.web.conftest import Visitor
from workflow.audit.log import keeper as keeping
from workflow.audit.log.keeper import Keeper, verified
from workflow.core import merkle, notes
from workflow.core.step import SYSTEM
from workflow.settings import Settings
from workflow.storage import housekeeping

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
    # An auditor of one unit proves nothing of another's cases: not their numbers, and not that there are any.
    door, office = sealed.office.workflow, sealed.office
    door.grant(office.people["carl"], office.units["other"], "auditor", actor=SYSTEM)
    elsewhere = signed_in("carl")
    for address in (f"steps/{sealed.long}/3", f"steps/{sealed.long}/3.json", f"steps/{office.customer}/1.json"):
        assert elsewhere.get(f"/audit/log/{address}").status_code == 403, address


def test_any_two_checkpoints_are_compared_on_a_page_that_checks_the_proof(sealed: Sealed, signed_in: SignIn) -> None:
    auditor = signed_in("auditor")
    assert "/audit/log/consistency?first=1&amp;second=2" in auditor.get("/audit/log/").text
    shown = auditor.get("/audit/log/consistency?first=2&second=1").text
    proof = sealed.proofs.consistency(1, 2)
    assert "证明成立" in shown
    assert all(one in shown for one in proof.proof)
    assert auditor.get("/audit/log/consistency").status_code == 200
    assert auditor.get("/audit/log/consistency?first=1&second=9").status_code == 404
    # A log that was written anew is seen by the page itself: it works the proof out.
    with sealed.office.database.writing() as connection:
        tampering.unprotect(connection)
        connection.exec_driver_sql("UPDATE leaves SET hash = zeroblob(32) WHERE position = 0")
    assert "证明不成立" in auditor.get("/audit/log/consistency?first=1&second=2").text


def test_damage_is_closed_on_the_page_of_incidents_with_a_reason(sealed: Sealed, signed_in: SignIn) -> None:
    auditor, office = signed_in("auditor"), sealed.office
    with office.database.writing() as connection:
        connection.exec_driver_sql("UPDATE vault SET value = '\"x\"' WHERE case_id > 2")
    verified(office.workflow)
    page = auditor.get("/supervision/incidents").text
    assert "校验发现损坏" in page
    assert "说明原因并关闭" not in signed_in("root").get("/supervision/incidents").text
    assert "/audit/log/verification" in auditor.get("/notices/").text
    assert auditor.post("/audit/log/incidents/1", {"reason": " "}).status_code == 422
    assert auditor.post("/audit/log/incidents/1", {"reason": "磁盘故障"}).status_code == 302
    assert "校验发现损坏" not in auditor.get("/supervision/incidents").text
    assert auditor.post("/audit/log/incidents/1", {"reason": "又一次"}).status_code == 404


def test_who_read_of_a_case_and_its_customer_is_beside_it(sealed: Sealed, signed_in: SignIn) -> None:
    auditor, office = signed_in("auditor"), sealed.office
    beside = f"/audit/cases/{sealed.long}/"
    assert "没有人查阅" in auditor.get(beside).text
    office.workflow.look_at_customer(office.customer, office.actor("director"))
    office.workflow.note_read("export.case", office.actor("anna"), case=sealed.long, detail={})
    office.workflow.note_read("export.case", office.actor("ben"), case=sealed.short[0], detail={})
    page = auditor.get(beside).text
    assert "director员" in page
    assert "导出事项档案" in page
    assert "ben员" not in page[page.index('class="panel looked"') : page.index('<ol class="stack">')]
    listed = auditor.get(f"/audit/looks/?case=TS{sealed.short[0]:06d}").text
    assert listed.count("<tr><td") == 1
    assert auditor.get(f"/audit/looks/?unit={office.units['other']}").text.count("<tr><td") == 0


def test_everything_is_verified_now_and_the_page_says_how_far_it_is(
    sealed: Sealed, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    auditor, office = signed_in("auditor"), sealed.office
    page = "/audit/log/verification"
    shown = auditor.get(page).text
    assert "立即全面校验" in shown
    assert "还没有调度程序运行过" in shown
    assert "正在进行的校验" not in shown

    asked = auditor.post(page)

    assert (asked.status_code, asked.headers["Location"]) == (302, page)
    waits = auditor.get(page).text
    assert "已要求全面校验" in waits
    assert "等待调度程序开始" in waits
    assert "由auditor员要求" in waits
    assert "立即全面校验" not in waits
    assert "data-again" not in waits, "nobody is alive who would do it"
    director = signed_in("director")
    assert director.post(page).status_code == 302
    assert "全面校验已在等待或正在进行" in director.get(page).text
    assert office.count("verifying") == 1
    office.later(minutes=1)
    with office.database.writing() as connection:
        housekeeping.beat(connection, "one", started=office.now, at=office.now, gap=timedelta(seconds=30))
    keeper = Keeper(office.workflow, Settings(seal=sealed.settings), name="one")
    seen: list[str] = []
    monkeypatch.setattr(keeping, "_lists", lambda *_, told, **__: seen.append(auditor.get(page).text))
    found = keeper.verify(nights=False)
    assert found is not None
    assert "正在核对检查点" in seen[0]
    assert '<progress aria-label="正在进行的校验">' in seen[0]
    assert 'id="run" data-again="2000"' in seen[0]

    done = auditor.get(page).text

    assert "由auditor员要求" in done[done.index('id="runs"') :]
    assert "正在进行的校验" not in done
    assert "完好" in done
    assert "没有调度程序" not in done
    # One that died is not under way for ever, and with no other alive the page says so instead of waiting.
    auditor.post(page)
    with office.database.writing() as connection:
        connection.exec_driver_sql("UPDATE verifying SET began = 0, scheduler = 'one', stage = 'steps'")
    office.later(minutes=5)
    left = auditor.get(page).text
    assert "做这次校验的调度程序已停止" in left
    assert "没有调度程序在运行，最近一次迹象在" in left
    assert "<progress" not in left


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
