"""What messages say in an organisation's own words: who may change it, what it must be like, and from when it holds."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest

from tests.support.office import Office
from workflow import messages
from workflow.core.errors import (
    NotPermitted,
    Refused,
    TextEmpty,
    WordingMoved,
    WordingUnfit,
    WordingUnknown,
)
from workflow.core.step import SYSTEM
from workflow.messages.wordings import Texts, defaults, flaws, names

MENTIONED = {"zh": {"sentence": ["请看留言：有人提到您"]}, "en": {"sentence": ["Please look: a comment names you"]}}


def said(office: Office, kind: str, at: Any, language: str = "zh") -> str:
    return messages.notice(kind, {}, language, own=office.workflow.wordings().own(kind, language, at))


def test_words_hold_from_their_moment_on_and_each_change_is_on_record(office: Office) -> None:
    door, root = office.workflow, office.actor("root")
    before, steps = office.now, office.count("steps")
    office.later(hours=1)
    first = door.word("mentioned", MENTIONED, reason="公文用语", actor=root, seen=0)
    worded = office.now
    office.later(hours=1)
    last = door.restore_wording("mentioned", reason="恢复", actor=root, seen=first)

    assert said(office, "mentioned", before) == "有人在留言中提到您"
    assert said(office, "mentioned", worded) == said(office, "mentioned", office.now - timedelta(seconds=1))
    assert said(office, "mentioned", worded) == "请看留言：有人提到您"
    assert said(office, "mentioned", worded, "en") == "Please look: a comment names you"
    assert said(office, "mentioned", office.now) == "有人在留言中提到您"
    view = door.wording("mentioned", office.actor("auditor"))
    assert view.texts is None
    assert [(row.no, row.at, row.by and row.by.name.en, row.reason) for row in view.versions] == [
        (last, office.now, "Root", "恢复"),
        (first, worded, "Root", "公文用语"),
    ]
    assert view.versions[1].texts == {
        language: {part: tuple(lines) for part, lines in parts.items()} for language, parts in MENTIONED.items()
    }
    assert office.count("steps") == steps + 2
    with office.database.reading() as connection:
        [form] = connection.exec_driver_sql(f"SELECT form FROM steps WHERE case_id = 1 AND seq = {first}").scalars()
    assert "请看留言" in form
    assert "公文用语" not in form
    other = type(door)(office.database, door.library, clock=lambda: office.now)
    assert other.wordings().texts("mentioned", worded) == view.versions[1].texts


def test_only_administrators_word_and_whoever_is_refused_leaves_a_row(office: Office) -> None:
    door = office.workflow
    for login in ("anna", "supervisor", "auditor", "chief", "clerk-up"):
        with pytest.raises(NotPermitted):
            door.word("mentioned", MENTIONED, reason="x", actor=office.actor(login), seen=0)
        with pytest.raises(NotPermitted):
            door.restore_wording("mentioned", reason="x", actor=office.actor(login))
    with pytest.raises(NotPermitted):
        door.wording("mentioned", office.actor("anna"))
    root = office.actor("root")
    with pytest.raises(TextEmpty):
        door.word("mentioned", MENTIONED, reason=" ", actor=root)
    with pytest.raises(WordingUnknown):
        door.word("nothing", MENTIONED, reason="x", actor=root)
    with pytest.raises(WordingUnfit, match="same"):
        door.restore_wording("mentioned", reason="x", actor=root)
    with pytest.raises(WordingUnfit, match="same"):
        door.word("mentioned", defaults("mentioned"), reason="x", actor=root)
    with pytest.raises(WordingUnfit):
        door.word("mentioned", {"zh": {"sentence": ["好"]}}, reason="x", actor=root)

    assert office.count("refusals") == 15
    assert office.count("wordings") == 0
    assert door.wordings().texts("mentioned", office.now) is None


def test_of_two_who_looked_at_the_same_one_is_told_and_a_form_sent_twice_is_kept_once(office: Office) -> None:
    door, root = office.workflow, office.actor("root")
    barrier, told = Barrier(2), []

    def word(text: str) -> None:
        texts = {language: {"sentence": [text]} for language in ("zh", "en")}
        barrier.wait()
        try:
            door.word("mentioned", texts, reason="x", actor=root, seen=0)
        except Refused as refusal:
            told.append(refusal)

    threads = [Thread(target=word, args=(text,)) for text in ("甲", "乙")]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert [type(one) for one in told] == [WordingMoved]
    assert told[0].facts["who"] == root.person
    assert office.count("wordings") == 1
    twice = [
        door.word("mentioned", MENTIONED, reason="x", actor=root, seen=door.wording("mentioned", SYSTEM).seen, key="k")
        for _ in range(2)
    ]
    assert twice[0] == twice[1]
    assert office.count("wordings") == 2


def worded(line: str, name: str = "escalation", part: str = "sentence") -> Texts:
    """The product's words with another first wording in English."""
    plain = defaults(name)
    lines = (line, *plain["en"][part][1:])
    return {**plain, "en": {**plain["en"], part: lines}}


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        ("L{level} {clock} {due}", []),
        ("", ["empty"]),
        ("  \n", ["empty"]),
        ("{level} {clock}", ["missing due"]),
        ("{level} {clock} {due} {customer}", ["unknown customer"]),
        ("{level} {clock} {due} {{ 7 * 7 }}", ["braces"]),
        ("{level} {clock} {due} {% for x in y %}", ["braces"]),
        ("{level} {clock} {due} {", ["braces"]),
        ("{level.__class__} {clock} {due}", ["braces", "missing level"]),
        ("{level!r} {clock} {due:>999999999}", ["braces", "missing due", "missing level"]),
        ("{0} {level} {clock} {due}", ["braces"]),
        ("{level} {clock} {due} <at user_id='all'>", ["markup"]),
        ("{level} {clock} {due} <script>", ["markup"]),
        ("{level} {clock} {due} a < b", []),
        ("{level} {clock} {due}\nBcc: x@y.z", ["broken"]),
        ("{level} {clock} {due}\rBcc: x@y.z", ["unfit"]),
        ("{level} {clock} {due} \x07", ["unfit"]),
        ("{level} {clock} {due} \u202etxt", ["unfit"]),
        ("{level} {clock} {due} " + "x" * 200, ["longer 200"]),
    ],
)
def test_words_are_plain_text_that_tells_what_the_products_tell(line: str, codes: list[str]) -> None:
    found = flaws("escalation", worded(line))

    assert [f"{one.code} {one.what}".strip() for one in found] == codes
    assert {(one.language, one.part, one.place) for one in found} <= {("en", "sentence", 0)}


def test_a_closing_may_have_several_lines_and_every_message_of_the_product_is_fit_itself() -> None:
    assert flaws("letter", worded("Kind regards\nThe centre\n{settings}", "letter", "closing")) == []
    assert [one.code for one in flaws("letter", worded("Dear\n{name}", "letter", "greeting"))] == ["broken"]
    assert [one for name in names() for one in flaws(name, defaults(name))] == []
