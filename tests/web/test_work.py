"""A day's work through the pages: done once, kept when refused, and never lost."""

import re
from collections.abc import Callable
from html import unescape
from io import BytesIO
from typing import Any

import pytest

from tests.support.office import Office
from tests.web.conftest import Visitor, hidden
from workflow.core.step import SYSTEM

Enter = Callable[[str], Visitor]


def sent(page: str, **form: str) -> dict[str, str]:
    return {"key": hidden(page, "key"), "seen": hidden(page, "seen"), **form}


def test_a_task_is_completed_and_the_next_one_appears(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    anna = signed_in("anna")
    assert "答复客户或转责任部门" in anna.get("/inbox/").text
    page = f"/cases/{case.id}/tasks/1/"

    answer = anna.post(f"{page}complete/answer", sent(anna.get(page).text, **{"f.reply": "已致歉。"}), page=page)

    assert answer.headers["Location"] == f"/cases/{case.id}/"
    shown = anna.get(f"/cases/{case.id}/").text
    assert "已答复待解决" in shown
    assert "已致歉。" in shown
    inbox = anna.get("/inbox/").text
    assert "跟进解决并告知客户" in inbox
    assert "答复客户或转责任部门" not in inbox


def test_a_form_sent_twice_is_done_once_and_answered_twice(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    anna = signed_in("anna")
    page = f"/cases/{case.id}/tasks/1/"
    form = sent(anna.get(page).text, **{"f.reply": "已致歉。"})

    first = anna.post(f"{page}complete/answer", form)
    steps = len(sqlite_office.workflow.history(case.id, sqlite_office.actor("anna")))
    second = anna.post(f"{page}complete/answer", form)

    assert first.headers["Location"] == second.headers["Location"]
    assert len(sqlite_office.workflow.history(case.id, sqlite_office.actor("anna"))) == steps


def test_a_case_opened_twice_by_one_form_is_one_case(sqlite_office: Office, signed_in: Enter) -> None:
    anna = signed_in("anna")
    page = f"/cases/new/complaint?customer={sqlite_office.customer}"
    form = {
        "key": hidden(anna.get(page).text, "key"),
        "customer": str(sqlite_office.customer),
        "f.kind": "complaint",
        "f.channel": "phone",
        "f.text": "外箱破损 📦",
        "f.severity": "normal",
    }

    first, second = (anna.post("/cases/new/complaint", form) for _ in range(2))

    assert first.status_code == 302
    assert first.headers["Location"] == second.headers["Location"]
    assert "外箱破损 📦" in anna.get(first.headers["Location"]).text


def test_who_comes_too_late_is_told_who_was_quicker(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    anna, ben = signed_in("anna"), signed_in("ben")
    page = f"/cases/{case.id}/tasks/1/"
    sqlite_office.workflow.delegate(
        case.id, 1, to=sqlite_office.people["ben"], actor=sqlite_office.actor("anna"), note=""
    )
    late = sent(ben.get(page).text, **{"f.reply": "我来答复"})
    sqlite_office.workflow.release(case.id, 1, actor=sqlite_office.actor("ben"))
    anna.post(f"{page}complete/answer", sent(anna.get(page).text, **{"f.reply": "已答复"}))

    answer = ben.post(f"{page}complete/answer", late)

    assert answer.status_code == 409
    assert "anna员" in answer.text
    assert "2026年3月2日" in answer.text


def test_who_wanted_a_task_of_the_queue_too_late_is_told_who_was_quicker(
    sqlite_office: Office, signed_in: Enter
) -> None:
    office = sqlite_office
    office.workflow.grant(office.people["carl"], office.units["works"], "department", actor=SYSTEM)
    case = office.complaint()
    form = {"department": office.units["works"], "question": "邮件现在何处？", "told": "phone"}
    office.workflow.perform(case.id, "dispatch", actor=office.actor("anna"), form=form)
    no = next(one.no for one in office.stored(case.id).tasks if one.role == "department")
    page = f"/cases/{case.id}/tasks/{no}/"
    delivery, carl = signed_in("delivery"), signed_in("carl")
    findings = {"f.findings": "分拣格口有误。", "f.cause": "sorting"}
    late = sent(carl.get(page).text, **findings)
    delivery.post(f"{page}complete/report", sent(delivery.get(page).text, **findings))

    for answer in (carl.post(f"{page}complete/report", late), carl.get(page)):
        assert answer.status_code == 409
        assert "delivery员" in answer.text
        assert "2026年3月2日" in answer.text
    assert signed_in("stranger").get(page).status_code == 404


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "请填写"),
        ("a\0b", "字符"),
        ("长" * 10_000, "5000"),
    ],
)
def test_what_was_typed_stands_beside_what_is_wrong_with_it(
    sqlite_office: Office, signed_in: Enter, text: str, words: str
) -> None:
    case = sqlite_office.complaint()
    anna = signed_in("anna")
    page = f"/cases/{case.id}/tasks/1/"

    form = sent(anna.get(page).text, **{"f.reply": text, "f.cause_note": "面单模糊"})
    answer = anna.post(f"{page}complete/answer", form)

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert words in answer.text
    assert "面单模糊" in answer.text
    assert "已受理" in anna.get(f"/cases/{case.id}/").text


def test_a_day_that_does_not_exist_is_named_beside_its_field(sqlite_office: Office, signed_in: Enter) -> None:
    anna = signed_in("anna")
    form = {
        "customer": str(sqlite_office.customer),
        "f.kind": "complaint",
        "f.channel": "phone",
        "f.text": "延误",
        "f.severity": "normal",
        "f.received_at": "2026-02-31T09:00",
    }

    answer = anna.post("/cases/new/complaint", form)

    assert answer.status_code == 422
    assert "2026-02-31T09:00" in answer.text
    assert 'id="f-received_at-fault"' in answer.text


def test_another_row_is_asked_for_without_sending_anything(sqlite_office: Office, signed_in: Enter) -> None:
    form: dict[str, Any] = {"customer": str(sqlite_office.customer), "f.contact": "陈经理", "more": "f.split"}

    answer = signed_in("anna").post("/cases/new/account", form)

    assert answer.status_code == 200
    assert "陈经理" in answer.text


def test_a_new_customer_is_put_on_file_once(sqlite_office: Office, signed_in: Enter) -> None:
    anna = signed_in("anna")
    form = {"name_zh": "新澜物流有限公司", "division": "440106", "key": hidden(anna.get("/customers/new").text, "key")}

    first = anna.post("/customers/new", form)
    assert first.status_code == 302
    assert anna.post("/customers/new", form).headers["Location"] == first.headers["Location"]
    assert "新澜物流有限公司" in anna.get(first.headers["Location"]).text
    twin = anna.post("/customers/new", {**form, "key": "another"})
    assert twin.status_code == 409
    assert "新澜物流有限公司" in twin.text


def test_a_customer_without_a_division_is_sent_back_with_the_field_marked(signed_in: Enter) -> None:
    answer = signed_in("anna").post("/customers/new", {"name_zh": "新澜物流有限公司", "division": "12"})

    assert answer.status_code == 422
    assert 'id="division-fault"' in answer.text


def test_a_comment_that_is_empty_is_refused_on_the_page(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    answer = signed_in("anna").post(f"/cases/{case.id}/comments", {"comment": "  "})

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert case.number in answer.text


def test_a_file_comes_back_as_it_was_and_is_never_shown_by_the_browser(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    anna = signed_in("anna")
    content = b"<script>alert(1)</script>"

    anna.post(f"/cases/{case.id}/files", {"file": (BytesIO(content), "../证明 1.html")})
    [file] = sqlite_office.workflow.case(case.id, sqlite_office.actor("anna")).files
    answer = anna.get(f"/cases/{case.id}/files/{file.id}")

    assert answer.data == content
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "filename*=UTF-8''%E8%AF%81%E6%98%8E%201.html" in answer.headers["Content-Disposition"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_file_sent_twice_is_kept_once(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    anna = signed_in("anna")
    key = hidden(anna.get(f"/cases/{case.id}/").text, "key")

    answers = [
        anna.post(f"/cases/{case.id}/files", {"key": key, "file": (BytesIO(b"proof"), "证明.txt")}) for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [302, 302]
    [file] = sqlite_office.workflow.case(case.id, sqlite_office.actor("anna")).files
    assert file.name == "证明.txt"


def test_a_task_is_taken_from_the_queue_and_put_back(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    anna = signed_in("anna")
    page = f"/cases/{case.id}/tasks/1/"

    anna.post(f"{page}release")
    assert "领取" in anna.get("/inbox/queue").text
    answer = anna.post(f"/inbox/{case.id}/1/claim")

    assert answer.headers["Location"] == page
    assert "答复客户或转责任部门" in anna.get("/inbox/").text


def test_a_supervisor_gives_a_task_to_somebody_else(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    supervisor, ben = signed_in("supervisor"), signed_in("ben")
    form = {"to": str(sqlite_office.people["ben"]), "reason": "林请假"}

    assert supervisor.post(f"/cases/{case.id}/tasks/1/reassign", form).status_code == 302
    assert case.number in ben.get("/inbox/").text


def test_a_delegated_task_comes_back(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    anna, ben = signed_in("anna"), signed_in("ben")
    page = f"/cases/{case.id}/tasks/1/"

    anna.post(f"{page}delegate", {"to": str(sqlite_office.people["ben"]), "note": "请代办"})
    assert case.number in ben.get("/inbox/").text
    ben.post(f"{page}release")
    assert case.number in anna.get("/inbox/").text


def test_a_substitute_acts_and_the_record_names_both(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    supervisor, ben = signed_in("supervisor"), signed_in("ben")
    form = {
        "absent": str(sqlite_office.people["anna"]),
        "substitute": str(sqlite_office.people["ben"]),
        "since": "2026-03-02T08:00",
        "until": "2026-03-09T18:00",
        "reason": "休假",
    }
    assert supervisor.post("/organisation/substitutions", form).status_code == 302
    page = ben.get(f"/cases/{case.id}/tasks/1/").text

    answer = ben.post(
        f"/cases/{case.id}/tasks/1/complete/answer",
        sent(page, behalf=hidden(page, "behalf"), **{"f.reply": "代为答复"}),
    )

    assert answer.status_code == 302
    assert "ben员（代anna员）" in ben.get(f"/cases/{case.id}/").text


def test_a_substitution_that_makes_no_sense_is_refused_with_what_was_typed(signed_in: Enter) -> None:
    answer = signed_in("supervisor").post(
        "/organisation/substitutions", {"reason": "写好的理由", "since": "2026-02-31"}
    )

    assert answer.status_code == 422
    assert "写好的理由" in answer.text


def test_overdue_work_is_seen_and_acknowledged(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    sqlite_office.later(hours=49)
    sqlite_office.fire()
    supervisor = signed_in("supervisor")

    assert case.number in supervisor.get("/supervision/").text
    [row] = sqlite_office.workflow.escalations(sqlite_office.actor("supervisor")).rows
    supervisor.post(f"/supervision/escalations/{case.id}/{row.no}")

    [row] = sqlite_office.workflow.escalations(sqlite_office.actor("supervisor")).rows
    assert row.acknowledged is not None
    again = supervisor.post(f"/supervision/escalations/{case.id}/{row.no}")
    assert again.status_code == 409
    assert "supervisor员" in again.text


def test_the_auditor_reads_the_steps_and_the_case_as_it_was(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    sqlite_office.later(hours=1)
    sqlite_office.workflow.perform(
        case.id, "answer", task=1, form={"reply": "已答复"}, actor=sqlite_office.actor("anna")
    )
    auditor = signed_in("auditor")
    steps = sqlite_office.workflow.history(case.id, sqlite_office.actor("auditor"))

    page = auditor.get(f"/audit/cases/{case.id}/").text
    assert all(step.hash in page for step in steps)
    assert "09:00:00.000000" in page
    assert "已受理" in auditor.get(f"/audit/cases/{case.id}/as-of?at=2026-03-02T09:30").text
    assert "已答复待解决" in auditor.get(f"/audit/cases/{case.id}/as-of?at=2026-03-02T10:30").text
    assert "那时还没有此事项" in auditor.get(f"/audit/cases/{case.id}/as-of?at=2026-03-01T09:30").text
    assert auditor.get(f"/audit/cases/{case.id}/as-of?at=31/02").status_code == 200


def test_what_was_refused_is_shown_to_the_auditor_with_its_reason(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    anna = signed_in("anna")
    anna.post(f"/cases/{case.id}/comments", {"comment": ""})
    anna.post(f"/cases/{case.id}/tasks/1/complete/dispatch", {"f.department": "999999"})

    page = signed_in("auditor").get("/audit/refusals").text

    assert "anna员" in page
    assert case.number in page
    assert "留言" in page
    rules = sqlite_office.workflow.library.latest["complaint"]
    [dispatch] = [way for way in rules.transitions if way.trigger == "dispatch" and "received" in way.sources]
    assert dispatch.title["zh"] in page
    assert "perform" not in page
    assert "dispatch" not in page


def test_a_notice_is_read_by_whom_it_was_sent_to_and_nobody_else(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    sqlite_office.workflow.comment(case.id, "@ben 请看", actor=sqlite_office.actor("anna"))
    anna, ben = signed_in("anna"), signed_in("ben")
    [notice] = sqlite_office.workflow.notices(sqlite_office.actor("ben")).rows

    assert anna.post(f"/notices/{notice.id}/read").status_code == 404
    assert ben.post(f"/notices/{notice.id}/read").status_code == 302
    [notice] = sqlite_office.workflow.notices(sqlite_office.actor("ben")).rows
    assert notice.read is not None


@pytest.mark.parametrize("login", ["anna", "auditor"])
def test_a_chosen_language_and_theme_stay_chosen(signed_in: Enter, login: str) -> None:
    visitor = signed_in(login)

    assert visitor.post("/settings", {"language": "en", "theme": "dark"}).status_code == 302
    page = visitor.get("/settings", headers={"Accept-Language": "zh"}).text

    assert '<html lang="en"' in page
    assert 'data-theme="dark"' in page


def test_a_language_may_be_chosen_before_signing_in(visitor: Visitor) -> None:
    visitor.post("/language", {"language": "en", "next": "/sign-in"}, page="/sign-in")

    assert "User name" in visitor.get("/sign-in", headers={"Accept-Language": "zh"}).text


def test_moments_are_told_in_the_zone_and_the_way_of_each_language(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    anna = signed_in("anna")

    assert "3月4日 09:00到期" in anna.get("/inbox/", headers={"Accept-Language": "zh"}).text
    assert "due 4 Mar, 09:00" in anna.get("/inbox/", headers={"Accept-Language": "en"}).text
    assert 'datetime="2026-03-02T01:00:00+00:00"' in anna.get(f"/cases/{case.id}/").text


def test_a_long_list_goes_on_where_the_page_before_ended(sqlite_office: Office, signed_in: Enter) -> None:
    numbers = {sqlite_office.complaint().number for _ in range(53)}
    anna = signed_in("anna")

    first = anna.get("/inbox/").text
    onward = re.search(r'href="([^"]+)" rel="next"', first)
    assert onward
    second = anna.get(unescape(onward[1])).text

    shown = [set(re.findall(r"TS\d+", page)) for page in (first, second)]
    assert shown[0] | shown[1] == numbers
    assert not shown[0] & shown[1]
    assert 'rel="next"' not in second


@pytest.mark.parametrize(
    ("login", "path", "words"),
    [
        ("anna", "/inbox/", "没有待办任务"),
        ("anna", "/inbox/queue", "没有待领的任务"),
        ("anna", "/cases/", "还没有事项"),
        ("anna", "/cases/?q=zzz", "没有找到"),
        ("anna", "/notices/", "没有通知"),
        ("supervisor", "/supervision/", "没有超时的事项"),
        ("supervisor", "/supervision/escalations", "没有升级事项"),
        ("supervisor", "/supervision/incidents", "没有系统异常"),
        ("auditor", "/audit/refusals", "没有被拒的操作"),
        ("root", "/organisation/substitutions", "现在没有代班"),
    ],
)
def test_an_empty_list_says_what_it_is_for(signed_in: Enter, login: str, path: str, words: str) -> None:
    assert words in signed_in(login).get(path).text
