"""The small icons are in one file, each under what it means."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.web.conftest import Visitor
from web.icons import NAMES, SPRITE, STATIC, icon
from web.sprite import sprite


def test_the_file_holds_what_the_names_say() -> None:
    assert (STATIC / SPRITE).read_text(encoding="utf-8") == sprite(), "run python -m web.sprite"


def test_every_icon_of_a_page_is_in_the_file(signed_in: Callable[[str], Visitor]) -> None:
    anna = signed_in("anna")
    named = re.findall(r'<use href="(/static/icons\.svg\?v=\w+)#(\w+)"', anna.get("/inbox/").text)

    assert {meaning for _, meaning in named} >= {"inbox", "cases", "customers"}
    assert {meaning for _, meaning in named} <= set(NAMES)
    drawn = anna.get(named[0][0])
    assert drawn.mimetype == "image/svg+xml"
    assert all(f'<symbol id="{meaning}" ' in drawn.text for _, meaning in named)


def test_an_icon_that_is_not_there_is_no_icon(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(KeyError):
        icon("unicorn")
