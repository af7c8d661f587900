"""What is typed into a task's form is never lost: drafts, and what others did meanwhile."""

import re
from collections.abc import Callable
from html import unescape

from tests.support.office import Office
from tests.web.conftest import Visitor, hidden

Enter = Callable[[str], Visitor]
SCRIPT = {"Accept": "application/json"}


def sent(page: str, **form: str) -> dict[str, str]:
    return {"csrf_token": hidden(page, "csrf_token"), "key": hidden(page, "key"), "seen": hidden(page, "seen"), **form}


def test_what_was_typed_is_kept_and_shown_again(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    anna = signed_in("anna")
    page = f"/cases/{case.id}/tasks/1/"
    form = sent(anna.get(page).text, **{"f.reply": "已致歉，正在核实", "f.cause_note": "面单模糊"})

    answer = anna.client.post(f"{page}drafts/trigger-answer/", data=form, headers=SCRIPT)

    assert answer.get_json() == {"said": "草稿已于3月2日 09:00保存"}
    shown = anna.get(page).text
    assert "这是您3月2日 09:00的草稿" in shown
    assert "已致歉，正在核实</textarea>" in shown
    assert "面单模糊</textarea>" in shown
    assert sqlite_office.stored(case.id).data.get("reply") is None
    assert "已致歉" not in signed_in("supervisor").get(page).text


def test_without_a_script_a_button_keeps_the_draft_and_another_drops_it(
    sqlite_office: Office, signed_in: Enter
) -> None:
    case = sqlite_office.complaint()
    anna = signed_in("anna")
    page = f"/cases/{case.id}/tasks/1/"
    [keep] = re.findall(r'formaction="([^"]+trigger-answer/)"', anna.get(page).text)

    assert anna.post(keep, sent(anna.get(page).text, **{"f.reply": "明日再写"})).headers["Location"] == f"{page}#todo"
    shown = anna.get(page).text
    assert "明日再写" in shown
    [drop] = re.findall(r'formaction="([^"]+/drop)"', shown)
    anna.post(drop)
    assert "明日再写" not in anna.get(page).text

    anna.post(keep, sent(anna.get(page).text, **{"f.reply": "写了又删"}))
    anna.post(keep, sent(anna.get(page).text, **{"f.reply": " \r\n ", "f.cause_note": ""}))
    shown = anna.get(page).text
    assert "还没有填写，没有保存草稿。" in shown
    assert "的草稿，尚未提交" not in shown
    assert sqlite_office.count("drafts") == 0


def test_a_draft_goes_when_its_form_is_done_and_not_when_it_is_refused(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    anna = signed_in("anna")
    page = f"/cases/{case.id}/tasks/1/"
    form = sent(anna.get(page).text, draft="trigger-answer", **{"f.cause_note": "面单模糊"})
    anna.post(f"{page}drafts/trigger-answer/", form)

    assert anna.post(f"{page}complete/answer", form).status_code == 422
    assert set(sqlite_office.workflow.drafts(case.id, sqlite_office.actor("anna"))) == {"1-trigger-answer"}
    assert anna.post(f"{page}complete/answer", {**form, "f.reply": "已答复"}).status_code == 302
    assert sqlite_office.workflow.drafts(case.id, sqlite_office.actor("anna")) == {}


def test_a_draft_of_no_form_of_the_lifecycle_is_not_kept(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    anna = signed_in("anna")

    assert anna.post(f"/cases/{case.id}/tasks/1/drafts/anything/", {"f.x": "y"}).status_code == 404
    assert signed_in("carl").post(f"/cases/{case.id}/tasks/1/drafts/trigger-answer/", {}).status_code == 404
    assert sqlite_office.count("drafts") == 0


def test_a_draft_says_what_others_did_since(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    anna = signed_in("anna")
    page = f"/cases/{case.id}/tasks/1/"
    anna.post(f"{page}drafts/trigger-answer/", sent(anna.get(page).text, **{"f.reply": "草稿"}))
    assert 'id="since"' not in anna.get(page).text
    sqlite_office.later(minutes=5)
    sqlite_office.workflow.comment(case.id, "客户又来电了", actor=sqlite_office.actor("supervisor"))
    sqlite_office.workflow.comment(case.id, "我自己写的", actor=sqlite_office.actor("anna"))

    shown = anna.get(page).text
    since = shown[shown.index('id="since"') : shown.index("</ol>", shown.index('id="since"'))]
    assert "supervisor员" in since
    assert "客户又来电了" in since
    assert "我自己写的" not in since


def test_who_was_overtaken_sees_what_was_done_and_loses_nothing(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    anna, ben = signed_in("anna"), signed_in("ben")
    page = f"/cases/{case.id}/tasks/1/"
    sqlite_office.workflow.delegate(case.id, 1, to=sqlite_office.people["ben"], actor=sqlite_office.actor("anna"))
    late = sent(ben.get(page).text, **{"f.reply": "我来答复\n第二行", "f.cause_note": "面单模糊"})
    sqlite_office.workflow.release(case.id, 1, actor=sqlite_office.actor("ben"))
    anna.post(f"{page}complete/answer", sent(anna.get(page).text, **{"f.reply": "已由我答复"}))

    answer = ben.post(f"{page}complete/answer", late)

    assert answer.status_code == 409
    meanwhile, typed = answer.text.split('id="typed"')
    assert "anna员" in meanwhile[meanwhile.index('id="since"') :]
    assert "我来答复\n第二行" in typed
    assert "面单模糊" in typed
    [comment] = re.findall(r'<textarea[^>]+id="comment"[^>]*>([^<]*)<', typed)
    assert ben.post(f"/cases/{case.id}/comments", {"comment": unescape(comment)}).status_code == 302
    assert "我来答复" in ben.get(f"/cases/{case.id}/").text


def test_a_form_of_a_case_that_moved_while_its_task_is_there_comes_back_with_what_happened(
    sqlite_office: Office, signed_in: Enter
) -> None:
    case = sqlite_office.complaint()
    anna, ben = signed_in("anna"), sqlite_office.actor("ben")
    sqlite_office.workflow.delegate(case.id, 1, to=sqlite_office.people["ben"], actor=sqlite_office.actor("anna"))
    sqlite_office.workflow.perform(case.id, "answer", actor=ben, form={"reply": "ben已答复"}, task=1)
    [task] = sqlite_office.stored(case.id).tasks
    page = f"/cases/{case.id}/tasks/{task.no}/"
    form = sent(anna.get(page).text, **{"f.resolution": "已换货", "seen": "1"})

    answer = anna.post(f"{page}complete/resolve", form)

    assert answer.status_code == 409
    assert "ben已答复" in answer.text[answer.text.index('id="since"') : answer.text.index('class="actions"')]
    assert "已换货" in answer.text
    assert hidden(answer.text, "seen") == str(sqlite_office.stored(case.id).seq)
