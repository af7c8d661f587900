"""What is on a page stays where it is while the page is loaded, wide and on a phone; and after it, too."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Enter, Site

MOST = 0.01
"""Of the screen, times how far it moved, summed up: a tenth of what counts as good on the web."""

LISTEN = """
window.moved = [];
new PerformanceObserver((list) => window.moved.push(...list.getEntries().filter((one) => !one.hadRecentInput)))
  .observe({ type: 'layout-shift', buffered: true });
"""
MOVED = """() => window.moved.map(
  (one) => [one.value, ...one.sources.map((source) => source.node?.outerHTML?.slice(0, 80))])"""
SETTLED = 300
"""Milliseconds in which a script has asked for what changed by itself, and shown it."""


def moved(page: Page, path: str) -> list[list[object]]:
    page.goto(path)
    page.wait_for_timeout(SETTLED)
    return list(page.evaluate(MOVED))


def pages(site: Site, login: str) -> list[str]:
    return {
        "lin": [
            "/inbox/", site.path("late"), f"{site.path('soon')}tasks/1/?from=mine", "/cases/new/complaint?customer=2",
            "/customers/", f"/customers/{site.house.customers[0]}/", "/day", "/notices/",
        ],
        "he": ["/supervision/", "/supervision/escalations", "/supervision/performance/", "/supervision/load/"],
    }[login]  # fmt: skip


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_moves_while_a_page_comes(site: Site, enter: Enter, width: int) -> None:
    found = {}
    for login in ("lin", "he"):
        page = enter(login, width=width)
        page.context.add_init_script(LISTEN)
        for path in pages(site, login):
            shifts = moved(page, path)
            if sum(float(str(one[0])) for one in shifts) >= MOST:
                found[path] = shifts

    assert found == {}


def test_a_page_that_moves_is_noticed(site: Site, enter: Enter) -> None:
    page = enter("lin")
    page.context.add_init_script(LISTEN)
    page.context.add_init_script(
        """setTimeout(() => {
          const late = Object.assign(document.createElement('div'), { innerHTML: '<p>late</p>'.repeat(9) });
          document.querySelector('main').prepend(late);
        }, 100)"""
    )

    assert sum(float(str(one[0])) for one in moved(page, "/inbox/")) > MOST
