"""The page of what the product says: each kind in both languages, where it is sent, and the letters as they go out."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

from tests.support.office import library
from tests.web.conftest import Visitor
from workflow.core.definition import Notify
from workflow.messages.notices import kinds

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
