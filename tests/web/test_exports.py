"""What people take along from the pages is what they see there, and it is on record."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from collections.abc import Callable
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from flask import Flask

import web
from tests.support.lived import live
from tests.support.office import Office
from tests.web.conftest import Visitor

SignedIn = Callable[[str], Visitor]


def table(raw: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(raw.decode("utf-8-sig"), newline="")))


def reads(office: Office) -> list[tuple[int | None, str, int | None]]:
    with office.database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT person_id, kind, case_id FROM reads ORDER BY id").all()
    return [tuple(row) for row in rows]


def test_the_list_of_cases_is_taken_as_it_is_narrowed(sqlite_office: Office, signed_in: SignedIn) -> None:
    live(sqlite_office)
    anna = signed_in("anna")
    page = anna.get("/cases/?definition=complaint&q=TS000004")
    hidden = dict(re.findall(r'<input type="hidden" name="(q|definition|closed)" value="([^"]*)"', page.text))

    answer = anna.post("/exports/cases", {**hidden, "form": "csv"})

    assert hidden["q"] == "TS000004"
    assert [row[0] for row in table(answer.data)[1:]] == ["TS000004"]
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=cases-")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert reads(sqlite_office) == [(sqlite_office.people["anna"], "export.csv", None)]


def test_the_list_of_customers_is_taken(sqlite_office: Office, signed_in: SignedIn) -> None:
    answer = signed_in("clerk").post("/exports/customers", {"form": "csv", "q": "青云"})

    assert [row[1] for row in table(answer.data)[1:]] == ["青云数据有限公司"]


def test_who_sees_nothing_takes_nothing(sqlite_office: Office, signed_in: SignedIn) -> None:
    live(sqlite_office, 2)

    assert len(table(signed_in("carl").post("/exports/cases", {"form": "csv"}).data)) == 1


@pytest.mark.parametrize(
    ("form", "begin"), [("xes", b"<?xml"), ("ocel", b'{"events"'), ("xlsx", b"PK"), ("", b"<?xml")]
)
def test_an_auditor_takes_whole_histories(sqlite_office: Office, signed_in: SignedIn, form: str, begin: bytes) -> None:
    live(sqlite_office, 2)

    answer = signed_in("auditor").post("/exports/log", {"form": form, "definition": "complaint", "since": "2026-02-30"})

    assert answer.status_code == 200
    assert answer.data.startswith(begin)


def test_a_period_and_numbers_narrow_histories(sqlite_office: Office, signed_in: SignedIn) -> None:
    live(sqlite_office)
    auditor = signed_in("auditor")

    def cases(**form: str) -> int:
        return len(json.loads(auditor.post("/exports/log", {"form": "ocel", **form}).data)["events"])

    assert cases(since="2026-03-03") == cases(until="2026-03-01") == cases(numbers="TS9") == 0
    assert 0 < cases(numbers="TS000003, TS000004") < cases(since="2026-03-02", until="2026-03-02") == cases()


def test_a_case_file_is_taken_from_the_audit_page(sqlite_office: Office, signed_in: SignedIn) -> None:
    case = live(sqlite_office, 1)[0]
    auditor, director = signed_in("auditor"), signed_in("director")
    assert f"/exports/cases/{case}" in auditor.get(f"/audit/cases/{case}/").text

    answers = [one.post(f"/exports/cases/{case}", {"personal": "1"}) for one in (auditor, director)]

    for answer, values in zip(answers, (False, True), strict=True):
        assert "TS000003.zip" in answer.headers["Content-Disposition"]
        with zipfile.ZipFile(BytesIO(answer.data)) as archive:
            assert (b"value" in archive.read("vault.jsonl")) is values
    assert reads(sqlite_office) == [
        (sqlite_office.people[login], "export.case", case) for login in ("auditor", "director")
    ]


def test_every_workbook_of_a_page_is_written_where_it_is_put_on_record() -> None:
    pages = Path(web.__file__).parent.rglob("*.py")
    assert [page.name for page in pages if "write_xlsx" in page.read_text(encoding="utf-8")] == ["workbooks.py"]


def test_nobody_takes_the_file_of_a_case_they_may_not_see(sqlite_office: Office, signed_in: SignedIn) -> None:
    case = live(sqlite_office, 1)[0]

    assert signed_in("head").post(f"/exports/cases/{case}").status_code == 404
    assert signed_in("anna").post(f"/exports/cases/{case}").status_code == 403
    assert signed_in("director").post("/exports/cases/999999").status_code == 404
    assert reads(sqlite_office) == []


def test_a_form_without_its_token_takes_nothing(app: Flask, sqlite_office: Office, signed_in: SignedIn) -> None:
    anna = signed_in("anna")

    assert anna.client.post("/exports/cases", data={"form": "csv"}).status_code == 400
    assert reads(sqlite_office) == []


def test_what_follows_what_is_drawn_with_a_table_behind(sqlite_office: Office, signed_in: SignedIn) -> None:
    live(sqlite_office)
    page = signed_in("supervisor").get("/mining/?definition=complaint").text

    assert '<svg xmlns="http://www.w3.org/2000/svg" class="lifecycle flow"' in page
    assert "答复客户" in page
    assert page.count("<td>") >= 4
    assert "style=" not in page


def test_conformance_names_the_cases_that_deviate(
    sqlite_office: Office, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = sqlite_office
    case = live(office, 2)[1]
    director = signed_in("director")
    assert "全部符合" in director.get("/mining/conformance").text
    monkeypatch.setattr("workflow.audit.conformance.deviation", lambda *_: "version")

    page = director.get("/mining/conformance").text

    assert "该版本不存在" in page
    assert f'href="/audit/cases/{case}/#step-1"' in page


def test_too_much_is_not_counted_but_said(
    sqlite_office: Office, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    live(sqlite_office, 2)
    monkeypatch.setattr("web.mining.MOST_STEPS", 3)
    director = signed_in("director")

    for address in ("/mining/?definition=complaint", "/mining/conformance"):
        page = director.get(address).text
        assert "选取的范围太大" in page
        assert "<svg xmlns" not in page.split("<main")[1]
