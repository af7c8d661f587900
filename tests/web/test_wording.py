"""The page of what the product says: each kind in both languages, where it is sent, and the letters as they go out."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

from tests.support.office import Office, library
from tests.web.conftest import Visitor
from workflow.core.definition.effects import Notify
from workflow.messages.notices import kinds
from workflow.messages.wordings import defaults

Enter = Callable[[str], Visitor]
PATH = "/organisation/wording/"


def test_every_kind_of_message_is_shown_in_both_languages_with_where_it_is_sent(signed_in: Enter) -> None:
    page = unescape(signed_in("root").get(PATH).text)
    sections = dict(re.findall(r'id="kind-(\w+)">(.*?)</section>', page, re.DOTALL))

    assert set(sections) == set(kinds())
    for text in sections.values():
        assert len(re.findall(r'<p lang="zh-CN">[^<]+[\u4e00-\u9fff]', text)) >= 1
        assert len(re.findall(r'<p lang="en">[A-Z][^<]+', text)) >= 1
    told = [
        effect
        for rules in library().latest.values()
        for way in rules.transitions
        for effect in way.effects
        if isinstance(effect, Notify)
    ]
    assert sections["notice"].count("<tr>") == len(told) + 1
    for effect in told:
        assert effect.text is None or (effect.text.zh in sections["notice"] and effect.text.en in sections["notice"])
    assert "用时达100%，1级升级" in sections["escalation"]
    assert "<table" not in sections["mentioned"]


def test_the_letters_are_those_that_go_out(signed_in: Enter) -> None:
    page = unescape(signed_in("auditor").get(PATH).text)
    assert signed_in("anna").get(PATH).status_code == 403

    assert "Dear Auditor," in page
    assert "auditor员，您好！" in page
    assert "Baton: 3 messages, 1 of them an escalation" in page
    assert page.count("http://localhost/settings") == 4
    assert "示例贸易有限公司" not in page.partition('id="sample-robot"')[2]


OWN = {
    "zh.sentence.0": "请办“{task}”", "en.sentence.0": "Please do “{task}”",
    "zh.sentence.1": "请办一项任务", "en.sentence.1": "Please do a task",
    "reason": "公文用语", "seen": "0",
}  # fmt: skip
DELEGATED = f"{PATH}delegated/"


def test_an_administrator_tries_words_keeps_them_and_goes_back(sqlite_office: Office, signed_in: Enter) -> None:
    office, root = sqlite_office, signed_in("root")
    case = office.complaint().id
    office.workflow.delegate(case, 1, to=office.people["ben"], actor=office.actor("anna"), note="请代办")
    wrong = {**OWN, "en.sentence.0": "Please do <b>{work}</b>"}

    tried = root.post(f"{DELEGATED}preview", wrong, page=DELEGATED)
    assert tried.status_code == 200
    assert tried.text.count("请办“") == 3
    assert "{work}" in tried.text.partition('class="fault"')[2]
    assert "Delegated to you: “" in tried.text
    assert "&lt;b&gt;{work}" in tried.text
    assert "<b>{work}" not in tried.text
    refused = root.post(DELEGATED, wrong, page=DELEGATED)
    assert refused.status_code == 422
    assert "不能这样改：请更正标出的说法。" in refused.text
    assert office.count("wordings") == 0

    office.later(hours=1)
    assert root.post(DELEGATED, OWN, page=DELEGATED).status_code == 302
    page = root.get(DELEGATED).text
    assert "公文用语" in page
    assert "请办“" in root.get(PATH).text.partition('id="kind-delegated"')[2].partition("</section>")[0]
    before = root.get(PATH, query_string={"at": "2026-03-02T09:30"}).text
    assert "请办“" not in before
    assert "有任务委托给您：“" in before
    assert root.post(DELEGATED, {**OWN, "zh.sentence.1": "又一种"}, page=DELEGATED).status_code == 409

    ben = signed_in("ben")
    assert "有任务委托给您：“" in ben.get("/notices/").text
    office.later(minutes=1)
    again = office.complaint().id
    office.workflow.delegate(again, 1, to=office.people["ben"], actor=office.actor("anna"), note="请代办")
    both = ben.get("/notices/").text
    assert "请办“" in both
    assert "有任务委托给您：“" in both
    office.later(minutes=1)
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen
    back = {"reason": "恢复", "seen": seen[1]}
    assert root.post(f"{DELEGATED}restore", back, page=DELEGATED).status_code == 302
    assert "请办“" not in root.get(PATH).text
    assert "请办“" in ben.get("/notices/").text


def test_an_auditor_sees_every_version_and_no_form(sqlite_office: Office, signed_in: Enter) -> None:
    sqlite_office.workflow.word(
        "robot",
        {
            language: {part: [f"新{line}" for line in lines] for part, lines in parts.items()}
            for language, parts in defaults("robot").items()
        },
        reason="群里要简短",
        actor=sqlite_office.actor("root"),
    )
    page = signed_in("auditor").get(f"{PATH}robot/").text
    main = page.partition("<main")[2].partition("</main")[0]

    assert "群里要简短" in main
    assert "新接力：2条消息，其中1条超时升级" in main
    assert "<form" not in main
    assert signed_in("auditor").get(f"{PATH}nothing/").status_code == 404
    assert signed_in("anna").get(f"{PATH}robot/").status_code == 403
