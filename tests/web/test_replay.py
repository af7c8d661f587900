"""The auditor walks through a history, and sees at the desk what the night found."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape

from sqlalchemy import update

from tests.support.office import Office, library
from tests.web.conftest import Visitor
from workflow.audit.rounds import at_once
from workflow.definitions.load import loads
from workflow.storage import tables as t

Enter = Callable[[str], Visitor]


def answered(office: Office) -> int:
    """A complaint that was answered late: opened, reminded, escalated, answered."""
    case = office.complaint()
    office.later(hours=60)
    office.fire()
    office.workflow.perform(case.id, "answer", actor=office.actor("anna"), form={"reply": "已查明，今日补送"})
    return int(case.id)


def test_a_step_shows_what_happened_by_which_rule_and_who_could_act(sqlite_office: Office, signed_in: Enter) -> None:
    case = answered(sqlite_office)
    auditor = signed_in("auditor")

    page = unescape(auditor.get(f"/audit/cases/{case}/replay/1").text)
    assert "第1步，共" in page
    assert "重现" in page
    assert "48小时答复" in page
    assert "剩余" in page
    late = unescape(auditor.get(f"/audit/cases/{case}/replay/4").text)
    assert "004 §2.2 E(1)⑤" in late
    assert "超时" in late
    assert f'href="/audit/cases/{case}/replay/3"' in late
    assert f'href="/audit/cases/{case}/replay/5"' in late
    film = late[late.index('id="film"') :]
    marked = r'replay/(\d+)"[^>]*><span class="number">[^/]*/span><span>[^/]*<span class="badge danger">'
    assert re.findall(r"48小时答复：第(\d+)步超时", film) == re.findall(marked, film) != []
    assert "seq=4&number=" in film, "a finding is about the step the film is at, wherever that was begun"
    assert "<svg" in late


def test_without_a_script_every_step_is_a_page_and_a_moment_leads_to_one(
    sqlite_office: Office, signed_in: Enter
) -> None:
    case = answered(sqlite_office)
    auditor = signed_in("auditor")

    def led(at: str) -> str:
        return str(auditor.get(f"/audit/cases/{case}/replay/?at={at}").headers["Location"])

    last = sqlite_office.stored(case).seq
    assert led("2026-03-02T09:30").endswith("/replay/1")
    assert led("2026-03-09T09:30").endswith(f"/replay/{last}")
    assert led("31/02").endswith("/replay/1")
    assert auditor.get(f"/audit/cases/{case}/replay/{last + 1}").status_code == 404
    for seq in range(1, last + 1):
        assert auditor.get(f"/audit/cases/{case}/replay/{seq}").status_code == 200
    record = sqlite_office.customer
    assert auditor.get(f"/audit/cases/{record}/replay/1").status_code == 200


def test_personal_words_stay_covered_for_the_auditor(sqlite_office: Office, signed_in: Enter) -> None:
    case = answered(sqlite_office)
    last = sqlite_office.stored(case).seq

    for seq in (1, last):
        page = signed_in("auditor").get(f"/audit/cases/{case}/replay/{seq}").text
        assert "邮件延误三天" not in page
        assert "今日补送" not in page
    assert "邮件延误三天" in signed_in("director").get(f"/audit/cases/{case}/replay/1").text


def test_a_history_of_another_unit_is_not_there(sqlite_office: Office, signed_in: Enter) -> None:
    case = answered(sqlite_office)

    for path in ("replay/", "replay/1", "against/1"):
        assert signed_in("head").get(f"/audit/cases/{case}/{path}").status_code == 404


def test_what_differs_stands_at_its_step_and_on_the_front_page(sqlite_office: Office, signed_in: Enter) -> None:
    case = answered(sqlite_office)
    with sqlite_office.database.writing() as connection:
        for what in ("update", "delete"):
            connection.exec_driver_sql(f"DROP TRIGGER steps_{what}")
        connection.execute(
            update(t.steps).where(t.steps.c.case_id == case, t.steps.c.seq == 2).values(to_state="closed")
        )
    assert "尚未回放全部历史" in signed_in("auditor").get("/audit/").text
    at_once(sqlite_office.database, library(), now=lambda: sqlite_office.now)

    front = unescape(signed_in("auditor").get("/audit/").text)
    assert "1 份不一致" in front
    assert "第 2 步不一致：状态：记录为 已办结，计算为 已受理" in front
    step = unescape(signed_in("auditor").get(f"/audit/cases/{case}/replay/2").text)
    assert "状态：记录为 已办结，计算为 已受理" in step
    # Whose unit it is not is told that there is one, and not which.
    other = unescape(signed_in("head").get("/audit/").text)
    assert "1 份不一致" in other
    assert "第 2 步不一致" not in other


def test_another_version_says_what_it_would_have_done(sqlite_office: Office, signed_in: Enter) -> None:
    case = answered(sqlite_office)
    door = sqlite_office.workflow
    text = library().get("complaint").text.replace("version: 3", "version: 4", 1).replace("target: 48h", "target: 24h")
    # In the other version a reply is not enough: nobody may answer before the department has looked into it.
    text = text.replace("from: [received, investigating, investigated]\n    to: answered",
                        "from: [investigating, investigated]\n    to: answered")  # fmt: skip
    other = loads(text, file="complaint.yaml", calendars=library().calendars, sound=False)
    door.library = replace(door.library, versions={**door.library.versions, ("complaint", 4): other})

    page = unescape(signed_in("auditor").get(f"/audit/cases/{case}/against/4").text)

    assert "2026年3月4日 09:00，计算为 2026年3月3日 09:00" in page
    assert "规则不允许“答复客户”：事项处于“已受理”，不能“答复客户”。" in page
    assert signed_in("auditor").get(f"/audit/cases/{case}/against/9").status_code == 404
    same = unescape(signed_in("auditor").get(f"/audit/cases/{case}/against/3").text)
    assert "没有任何不同" in same
