"""What leaves the house in the organisation's own words, and keeps them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.delivery.conftest import House
from tests.delivery.post import Post, body
from workflow.messages.wordings import Texts, defaults
from workflow.settings import Webhook


def worded(name: str, **lines: str) -> dict[str, dict[str, Any]]:
    """The product's words with others, the same in both languages, for some parts."""
    plain: Texts = defaults(name)
    return {
        language: {part: [lines[part]] if part in lines else said for part, said in parts.items()}
        for language, parts in plain.items()
    }


def test_letters_and_webhooks_say_it_in_the_words_of_their_moment_also_when_sent_again(
    either_house: House, post: Post, httpserver: HTTPServer, hook: Callable[..., Webhook]
) -> None:
    house, office, told = either_house, either_house.office, []

    def take(request: Request) -> Response:
        told.append(json.loads(request.get_data())["data"]["text"])
        return Response(status=204)

    httpserver.expect_request("/hook").respond_with_handler(take)
    root, door, one = office.actor("root"), office.workflow, house.one(webhooks={"it": hook()})
    door.word("mentioned", worded("mentioned", sentence="请看留言"), reason="x", actor=root)
    door.word("letter", worded("letter", greeting="{name}同志："), reason="x", actor=root)
    office.later(minutes=1)
    house.mention()
    post.answer = "451 later"
    assert one.run().failed == 1
    office.later(minutes=1)
    door.word("mentioned", worded("mentioned", sentence="有留言"), reason="x", actor=root)
    door.restore_wording("letter", reason="x", actor=root)

    post.answer = "250 OK"
    office.later(hours=3)
    one.run()
    house.mention()
    office.later(minutes=5)
    one.run()

    letters = post.to("ben@example.org")
    assert [str(letter["Subject"]).partition("（")[0] for letter in letters] == ["请看留言", "有留言"]
    assert body(letters[0]).startswith("ben员同志：\n\n请看留言\n")
    assert body(letters[1]).startswith("ben员，您好！\n\n有留言\n")
    assert [text["zh"] for text in told if "留言" in text["zh"]] == ["请看留言", "有留言"]
    assert timedelta() < office.now - door.wording("letter", root).versions[0].at
