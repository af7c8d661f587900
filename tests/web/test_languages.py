"""Every page in both languages, with nothing of the other: no Latin word on a Chinese page but names and terms, no Han
on an English one but what people wrote. What is said to screen readers counts as much.
"""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from flask import Flask

from tests.support.office import STAFF, Office, library
from tests.web.conftest import Visitor
from tests.web.test_statements import LOGINS, Life, pages
from workflow.customers.pinyin import sound

SPOKEN = ("aria-label", "title", "placeholder", "alt", "data-label", "data-confirm")
SILENT = {"script", "style", "svg", "code", "kbd", "samp"}
VOID = {"input", "meta", "link", "br", "img", "hr", "use", "path", "circle", "line", "rect", "source", "col", "wbr"}
HAN = re.compile(r"[\u4e00-\u9fff]+")
WORD = re.compile(r"(?<![\w/.@#-])[A-Za-z][a-z]+(?:[ '’-][A-Za-z][a-z]+)*(?![\w/@#])")


class Text(HTMLParser):
    """What a page says: its texts, and what it tells those who cannot see it."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._silent: list[str] = []
        self._foreign: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if self._foreign:
            self._foreign += [] if tag in VOID else [tag]
        elif "lang" in known and tag != "html":
            self._foreign = [] if tag in VOID else [tag]
        else:
            self.said += [known[name] or "" for name in SPOKEN if known.get(name)]
        if tag in SILENT or self._silent:
            self._silent += [] if tag in VOID else [tag]

    def handle_endtag(self, tag: str) -> None:
        for kept in (self._silent, self._foreign):
            if kept and kept[-1] == tag:
                kept.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent and not self._foreign and data.strip():
            self.said.append(" ".join(data.split()))


def said(page: str) -> list[str]:
    text = Text()
    text.feed(page)
    return text.said


NAMES = {
    *(login for login, _, _ in STAFF), *(sound(f"{login}员").initials for login, _, _ in STAFF), "newy",
    "province", "city", "other", "county", "works", "new",
}  # fmt: skip
"""What people are signed in as and units are called, here and (with a capital) in English; the initials of people."""

DEVELOPERS = ("/styleguide/", "/organisation/settings/")
"""Pages that name parts of the pages and settings as their code and the settings' file do."""

TERMS = {
    "Excel", "ProM", "Disco", "baton", "seal", "verify", *library().calendars,
    "python", "Python", "cryptography",
    *(word for name in library().latest for word in name.split("_")),
}  # fmt: skip
"""Products, commands, and what files, lifecycles and calendars are called."""

KINDS = {"open", "comment", "attach", "rung", "answer"}
"""What auditors' pages call steps and looks by: names of the definition and of the log."""

WRITTEN = (
    "第",
    "号客户有限公司",
    "青云数据有限公司",
    "邮件延误三天",
    "次催问",
    "件",
    "局",
    "员",
    "新人",
    "休假",
    "广东省天河区",
)
"""What people wrote, and the register of divisions, which is Chinese."""


def strange(language: str, text: str) -> set[str]:
    """What a text has of the other language."""
    if language == "en":
        for written in WRITTEN:
            text = text.replace(written, "")
        return set(HAN.findall(text))
    found = {word for words in WORD.findall(text) for word in re.split("[ '’-]", words)}
    return {word for word in found if word not in TERMS | KINDS and word.casefold() not in NAMES and word != "up"}


@pytest.mark.parametrize(("language", "asked"), [("zh", "zh-CN"), ("en", "en-GB")])
def test_no_page_says_anything_in_the_other_language(
    app: Flask, sqlite_office: Office, signed_in: Callable[[str], Visitor], language: str, asked: str
) -> None:
    life, found, seen = Life(sqlite_office), [], 0
    life.to(2)
    visitors = {login: signed_in(login) for login in LOGINS}
    for login, path in pages(app, sqlite_office, life):
        if path.startswith(DEVELOPERS):
            continue
        answer = visitors[login].get(path, headers={"Accept-Language": asked})
        if answer.mimetype == "text/html" and answer.status_code != 302:
            texts = said(answer.text)
            seen += len(texts)
            found += [(path, text) for text in texts if strange(language, text)]

    assert found == []
    assert seen > 1000


def test_a_word_of_the_other_language_is_noticed() -> None:
    assert said('<p title="Save">保存<svg>Icon</svg><i lang="en">Baton</i><br>了</p>') == ["Save", "保存", "了"]
    assert strange("zh", "Save") == {"Save"}
    assert strange("en", "Save 保存") == {"保存"}
    assert not strange("zh", "anna员")
