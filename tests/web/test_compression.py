"""Pages travel small, and no size tells another site what is in them."""

import gzip
from collections.abc import Callable

import pytest

from tests.support.office import Office
from tests.web.conftest import Visitor

GZIP = {"Accept-Encoding": "gzip, br"}


@pytest.mark.parametrize(
    ("headers", "packed"),
    [
        ({}, False),
        (GZIP, True),
        ({**GZIP, "Sec-Fetch-Site": "cross-site"}, True),
    ],
)
def test_a_page_is_packed_for_who_can_unpack_it(
    sqlite_office: Office, signed_in: Callable[[str], Visitor], headers: dict[str, str], packed: bool
) -> None:
    page = signed_in("anna").get("/inbox/", headers=headers)

    assert (page.headers.get("Content-Encoding") == "gzip") is packed
    text = gzip.decompress(page.data) if packed else page.data
    assert text.startswith(b"<!doctype html>")
    assert int(page.headers["Content-Length"]) == len(page.data)
    assert {"Accept-Encoding", "Sec-Fetch-Site"} <= set(page.vary.as_set(preserve_casing=True))


@pytest.mark.parametrize(
    ("site", "packed"),
    [("same-origin", True), ("none", True), ("cross-site", False), ("same-site", False), ("", False)],
)
def test_over_an_encrypted_line_only_our_own_pages_requests_are(visitor: Visitor, site: str, packed: bool) -> None:
    said = {"Sec-Fetch-Site": site} if site else {}
    page = visitor.get("/sign-in", headers={**GZIP, **said}, base_url="https://localhost")

    assert page.status_code == 200
    assert (page.headers.get("Content-Encoding") == "gzip") is packed


def test_static_files_are_always_packed_and_known_again(visitor: Visitor) -> None:
    sheet = visitor.get("/static/parts.css", headers={**GZIP, "Sec-Fetch-Site": "cross-site"})
    plain = visitor.get("/static/parts.css")

    assert sheet.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(sheet.data) == plain.data
    assert len(sheet.data) < len(plain.data) / 2
    again = visitor.get("/static/parts.css", headers={**GZIP, "If-None-Match": sheet.headers["ETag"]})
    assert again.status_code == 304
