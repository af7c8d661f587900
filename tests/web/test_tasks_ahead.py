"""A form judged while it is filled in, and what would follow: nothing of it is written."""

import re
from collections.abc import Callable
from typing import Any

from tests.support.office import Office
from tests.web.conftest import Visitor, hidden

Enter = Callable[[str], Visitor]
TABLES = ("steps", "refusals", "tasks", "cases", "drafts", "outbox", "idempotency", "timers", "vault")


def check(visitor: Visitor, page: str, name: str, **form: Any) -> Any:
    sent = {"csrf_token": hidden(visitor.get(page).text, "csrf_token"), **form}
    answer = visitor.client.post(f"{page}drafts/{name}/check", data=sent)
    assert answer.status_code == 200
    return answer.get_json()


def lines(html: str) -> list[str]:
    return [re.sub(r"\s+", " ", one) for one in re.findall(r"<li>(.*?)</li>", html)]


def test_every_field_is_judged_as_it_will_be_when_sent(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    anna = signed_in("anna")
    page = f"/cases/{case.id}/tasks/1/"
    before = [sqlite_office.count(table) for table in TABLES]

    wrong = check(anna, page, "trigger-answer", **{"f.reply": "", "f.cause_note": "字" * 2001})
    right = check(anna, page, "trigger-answer", **{"f.reply": "已答复", "f.cause_note": "面单模糊"})

    assert set(wrong["faults"]) == {"reply", "cause_note"}
    assert "2000" in wrong["faults"]["cause_note"][0]
    assert right["faults"] == {}
    assert [sqlite_office.count(table) for table in TABLES] == before
    refused = anna.post(f"{page}complete/answer", {"f.reply": "", "f.cause_note": "字" * 2001})
    assert all(sentence in refused.text for said in wrong["faults"].values() for sentence in said)


def test_the_page_says_before_what_follows_and_that_is_what_happens(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    anna = signed_in("anna")
    page = f"/cases/{case.id}/tasks/1/"
    foretold = lines(check(anna, page, "trigger-answer", **{"f.reply": "已答复"})["next"])

    task = "跟进解决并告知客户"
    assert [one for one in foretold if task in one] != []
    assert any("达成时限" in one for one in foretold)
    shown = anna.get(page).text
    assert "接下来会怎样" in shown
    assert all(one in shown for one in foretold)

    anna.post(f"{page}complete/answer", {"f.reply": "已答复"})
    [opened] = sqlite_office.stored(case.id).tasks
    assert sqlite_office.workflow.task(case.id, opened.no, sqlite_office.actor("anna")).row.name == "follow_up"
    assert [one for one in foretold if task in one and "anna员" in one] != []


def test_who_gets_the_task_depends_on_what_is_chosen_and_is_told_once_it_is(
    sqlite_office: Office, signed_in: Enter
) -> None:
    case = sqlite_office.complaint()
    anna = signed_in("anna")
    page = f"/cases/{case.id}/tasks/1/"

    before = lines(check(anna, page, "trigger-dispatch", **{"f.question": "何处？"})["next"])
    chosen = check(anna, page, "trigger-dispatch", **{"f.department": str(sqlite_office.units["works"])})
    after = lines(chosen["next"])

    assert any("您在表单中选定" in one for one in before)
    assert not any("您在表单中选定" in one for one in after)
    assert any("delivery员" in one for one in after)


def test_a_linked_case_that_would_open_is_foretold_and_not_opened(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint(severity="major")
    cases = sqlite_office.count("cases")
    anna = signed_in("anna")
    [task] = sqlite_office.stored(case.id).tasks
    page = anna.get(f"/cases/{case.id}/tasks/{task.no}/")
    assert page.status_code == 200
    assert sqlite_office.count("cases") == cases


def test_the_form_of_a_task_of_somebody_else_is_judged_for_nobody(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    path = f"/cases/{case.id}/tasks/1/drafts/trigger-answer/check"

    assert signed_in("supervisor").post(path, {"f.reply": "x"}).status_code == 404
    assert signed_in("carl").post(path, {"f.reply": "x"}).status_code == 404
    assert signed_in("anna").post(path.replace("trigger-answer", "x"), {"f.reply": "x"}).status_code == 404
