"""The words of an e-mail."""

from __future__ import annotations

from datetime import UTC, datetime
from email.policy import SMTP

import pytest
from jinja2 import DictLoader

from workflow.delivery import mail
from workflow.delivery.failed import Failed
from workflow.delivery.letters import SHOWN, Item, Letters, TemplateFailed

LETTERS = Letters("https://h")


def item(sentence: str = "有人在留言中提到您", *, level: int = 0, customer: str = "青云") -> Item:
    return Item(
        sentence=sentence, number="TS1", lifecycle="客户投诉", customer=customer, link="https://h/cases/1/", level=level
    )


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("count", [1, 2, SHOWN, SHOWN + 1, SHOWN + 2])
def test_what_is_not_written_out_is_counted(language: str, count: int) -> None:
    letter = LETTERS.write([item()] * count, name="李梅", language=language)

    assert letter.body.count("https://h/cases/1/") == min(count, SHOWN)
    assert ("https://h/notices/" in letter.body) == (count > SHOWN)
    assert count == 1 or str(count) in letter.subject
    assert "\n\n\n" not in letter.body


def test_what_ran_out_stands_first_and_the_highest_level_before_the_others() -> None:
    letter = LETTERS.write(
        [item("mention"), item("first level", level=1), item("second level", level=2)], name="Li", language="en"
    )

    places = [letter.body.index(one) for one in ("second level", "first level", "mention")]
    assert places == sorted(places)
    assert letter.subject.strip() == "Baton: 3 messages, 2 of them escalations"


def test_a_customer_that_looks_like_a_template_or_like_html_is_only_a_name() -> None:
    letter = LETTERS.write([item(customer="{{ name }} <b>&")], name="Li", language="en")

    assert "{{ name }} <b>&" in letter.body


@pytest.mark.parametrize("text", ["{{ items[0].__class__ }}", "{{ missing }}", "{% if %}", "{{ 1 / 0 }}"])
def test_a_template_that_fails_says_which(text: str) -> None:
    letters = Letters("https://h", DictLoader({"body.txt": text}))

    with pytest.raises(TemplateFailed) as caught:
        letters.write([item()], name="Li", language="zh")
    assert caught.value.language == "zh"


def made(**given: str) -> bytes:
    values = {"to": "li@example.org", "name": "李梅", "subject": "题", "body": "文\n", **given}
    return mail.letter(
        key=mail.key_of(7, "baton@example.org"),
        sender="baton@example.org",
        at=datetime(2026, 3, 2, 1, tzinfo=UTC),
        **values,  # type: ignore[arg-type]
    ).as_bytes(policy=SMTP)


def test_nothing_a_person_wrote_becomes_a_header() -> None:
    text = made(subject="a\r\nBcc: x@y.z", name="b\nBcc: x@y.z").decode()

    assert not any(line.lower().startswith("bcc") for line in text.split("\r\n"))
    assert "Message-ID: <baton-7@example.org>" in text


@pytest.mark.parametrize("address", ["", "nobody", "a b@c", "a@b\r\nBcc: x@y.z", "<a@b>"])
def test_what_is_no_address_is_refused_for_good(address: str) -> None:
    with pytest.raises(Failed) as caught:
        made(to=address)
    assert caught.value.permanent
