"""The first page of the day, with everything it brings along, is small."""

import re
from collections.abc import Callable

from tests.support.office import Office
from tests.web.conftest import Visitor

MOST = 60_000
"""Bytes on the line: the page, its style sheets, scripts and pictures."""

BROUGHT = re.compile(r'(?:href|src)="(/static/[^"#]+)')


def test_a_full_inbox_with_all_it_needs_stays_below_sixty_kilobytes(
    sqlite_office: Office, signed_in: Callable[[str], Visitor]
) -> None:
    for _ in range(50):
        sqlite_office.complaint()
    anna, packed = signed_in("anna"), {"Accept-Encoding": "gzip"}
    page = anna.get("/inbox/")
    brought = sorted(set(BROUGHT.findall(page.text)))

    assert page.text.count('id="task-') == 50
    assert {path.rpartition(".")[2].partition("?")[0] for path in brought} == {"css", "js", "svg"}
    sizes = {path: len(anna.get(path.replace("&amp;", "&"), headers=packed).data) for path in ["/inbox/", *brought]}
    assert sum(sizes.values()) < MOST, sizes
