"""Nothing inline, nothing from elsewhere, nothing kept by others: on every answer, whatever it is."""

import re
from collections.abc import Callable

import pytest

from tests.support.office import Office
from tests.web.conftest import Visitor

INLINE = re.compile(r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)


def test_every_answer_carries_the_headers(visitor: Visitor, signed_in: Callable[[str], Visitor]) -> None:
    anna = signed_in("anna")
    answers = [visitor.get(path) for path in ("/sign-in", "/nowhere", "/inbox/", "/health", "/static/base.css")]
    answers += [anna.get("/inbox/"), anna.get("/organisation/"), anna.client.post("/settings")]
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "same-origin"


def test_pages_are_kept_by_no_cache_and_named_files_for_ever(
    visitor: Visitor, signed_in: Callable[[str], Visitor]
) -> None:
    assert signed_in("anna").get("/inbox/").headers["Cache-Control"] == "no-store"
    assert visitor.get("/sign-in").headers["Cache-Control"] == "no-store"
    assert "immutable" in visitor.get("/static/base.css?v=1").headers["Cache-Control"]
    assert visitor.get("/static/base.css").headers["Cache-Control"] == "no-cache"


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(signed_in: Callable[[str], Visitor]) -> None:
    visitor = signed_in("anna")
    visitor.post("/sign-out")
    answer = visitor.sign_in("anna")
    cookies = answer.headers.getlist("Set-Cookie")

    assert any(cookie.startswith("baton_session=") for cookie in cookies)
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie


@pytest.mark.parametrize("login", ["anna", "supervisor", "auditor", "root"])
def test_no_page_holds_anything_inline(sqlite_office: Office, signed_in: Callable[[str], Visitor], login: str) -> None:
    case = sqlite_office.complaint()
    visitor = signed_in(login)
    for path in (
        "/inbox/", "/inbox/queue", "/cases/", f"/cases/{case.id}/", f"/cases/{case.id}/tasks/1/", "/cases/new",
        f"/cases/new/account?customer={sqlite_office.customer}", "/customers/", f"/customers/{sqlite_office.customer}/",
        "/supervision/", "/supervision/escalations", "/audit/", f"/audit/cases/{case.id}/", "/audit/refusals",
        "/organisation/", "/organisation/substitutions", "/notices/", "/settings", "/sessions", "/password",
    ):  # fmt: skip
        assert not INLINE.search(visitor.get(path).text), path
