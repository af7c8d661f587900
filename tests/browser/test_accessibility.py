"""Every page of the product, in both languages, light and dark, wide and on a phone: axe finds nothing, and it fits.

What there is to look at is read from the application's routes, so that a new page is looked at the day it is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import Enter, Site
from tests.browser.filled import ROLES, Filled
from tests.browser.house import PASSWORD
from web.gate import COOKIE

VIEWS = ((("light", 1440), ("dark", 390)), (("dark", 1440), ("light", 390)))
"""Each page is seen in Chinese in the first view of a pair and in English in the second, or, by turns, the other way
round: each in both languages, in both themes, wide and on a phone."""

LANGUAGES = ("zh-CN", "en-GB")
ZOOMED = 720
"""The width, in CSS pixels, that a page of 1440 has when it is shown at twice its size."""

FITS = "document.documentElement.scrollWidth <= window.innerWidth"
OPEN_ALL = "document.querySelectorAll('main details').forEach(d => { d.removeAttribute('name'); d.open = true })"
ALL = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AGAIN = [
    "color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable", "html-has-lang",
    "html-lang-valid", "document-title", "button-name", "link-name", "label", "select-name", "input-button-name",
]  # fmt: skip
"""What another theme, width or language can change; the first look at a page judges everything."""

BEGIN = """([rules, main]) => {
  const where = { include: main ? 'main' : 'html', exclude: 'svg[role="img"] > *' };
  const how = { runOnly: rules, resultTypes: ['violations'], preload: false };
  window.looked = new Promise((done) => setTimeout(done)).then(() => axe.run(where, how));
}"""
FOUND = "() => window.looked.then(all => all.violations)"
ORDER = """() => {
  const kinds = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]';
  const all = [...document.querySelectorAll(kinds)].filter(one => one.tabIndex >= 0 && one.checkVisibility());
  const jumps = all.filter(one => one.tabIndex > 0).length;
  return [all[0].getAttribute('href'), jumps, document.querySelectorAll('h1').length];
}"""


@pytest.fixture(scope="module")
def filled(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    return Filled(site.house, tmp_path_factory.mktemp("filled"))


class Tab:
    """A page in one language. Axe looks at it while another tab is asked for the next page."""

    def __init__(self, page: Page, *, rules: list[str]) -> None:
        self.page = page
        self.rules = rules
        self.widths: tuple[int, ...] = ()
        self.shell = False
        self.looking = False
        page.context.add_init_script(Axe().axe_script)

    def seen_in(self, theme: Any, width: int) -> None:
        """From the next page on. The first in a view is judged with what stands around its `main`."""
        self.page.emulate_media(color_scheme=theme)
        self.page.set_viewport_size({"width": width, "height": 900})
        self.widths = (width, ZOOMED) if width > ZOOMED else (width,)
        self.shell = True

    def look(self, path: str, *, status: int, first: str | None) -> Iterator[str]:
        """Begin to look at a page; what can be said at once."""
        answer = self.page.goto(path)
        if answer is None or answer.status != status:
            yield f"{path} answers {answer and answer.status}"
            return
        self.page.evaluate(OPEN_ALL)
        order = self.page.evaluate(ORDER)
        if order[1:] != [0, 1] or first not in (None, order[0]):
            yield f"{path}: first link, jumps of the focus, headings: {order}"
        if not self.page.evaluate(FITS):
            yield f"{path}: runs out of {self.widths[0]}"
        if len(self.widths) > 1:
            # The next page comes at this width, and is then seen at the other.
            self.widths = self.widths[::-1]
            self.page.set_viewport_size({"width": self.widths[0], "height": 900})
            if not self.page.evaluate(FITS):
                yield f"{path}: runs out of {self.widths[0]}"
        self.page.evaluate(BEGIN, [self.rules, self.rules is AGAIN and not self.shell])
        self.looking, self.shell = True, False

    def found(self) -> Iterator[str]:
        """What axe found on the page looked at last; nothing without one."""
        if self.looking:
            self.looking = False
            yield from told(self.page.url, self.page.evaluate(FOUND))


def told(url: str, violations: list[Any]) -> Iterator[str]:
    for one in violations:
        for node in one["nodes"]:
            yield f"{url}: {one['id']}: {node['target']} {node['html'][:160]}"


def faults(page: Page) -> list[str]:
    """What axe finds on a page as it stands."""
    page.evaluate(f"() => {{ {Axe().axe_script} }}")
    page.evaluate(BEGIN, [ALL, False])
    return list(told(page.url, page.evaluate(FOUND)))


def come(site: Site, enter: Enter, login: str | None, language: str) -> Page:
    """A page of somebody signed in, without the way through the form."""
    page = enter(None, language=language)
    if login is not None:
        at = site.house.workflow.clock()
        secret = site.house.accounts.sign_in(login, PASSWORD, address="127.0.0.1", agent="axe", at=at)
        page.context.add_cookies([{"name": COOKIE, "value": secret, "url": site.address}])
    return page


@pytest.mark.parametrize("login", [None, *ROLES])
def test_axe_finds_nothing_on_any_page(site: Site, filled: Filled, enter: Enter, login: str | None) -> None:
    pages = filled.pages(site.app)[login]
    tabs = [
        Tab(come(site, enter, login, language), rules=rules)
        for language, rules in zip(LANGUAGES, (ALL, AGAIN), strict=True)
    ]
    bad: list[str] = []
    for turn, views in enumerate(VIEWS):
        for tab, view in zip(tabs, views, strict=True):
            bad += tab.found()
            tab.seen_in(*view)
        for path, status in pages[turn::2]:
            for tab in tabs:
                bad += tab.found()
                bad += tab.look(path, status=status, first="#main" if login else None)
    for tab in tabs:
        bad += tab.found()

    assert pages
    assert "\n".join(bad) == ""


def test_what_is_no_page_is_none(site: Site, filled: Filled, enter: Enter) -> None:
    for login, paths in filled.others(site.app).items():
        page = come(site, enter, login, "zh-CN")
        for path in paths:
            answer = page.request.get(path, max_redirects=0)
            assert answer.status in (200, 302, 304), path
            assert answer.status == 302 or "text/html" not in answer.headers["content-type"], path


def test_a_page_at_twice_the_size_still_fits(site: Site, enter: Enter) -> None:
    page = enter("lin", width=720)
    for path in ("/inbox/", site.path("late"), f"{site.path('soon')}tasks/1/", "/cases/"):
        page.goto(path)
        page.evaluate("document.documentElement.style.fontSize = '200%'")

        assert page.evaluate(FITS), path


def test_the_keyboard_reaches_the_work_first(site: Site, enter: Enter) -> None:
    page = enter("lin")
    page.goto("/inbox/")
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("href") == "#main"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"

    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator("[data-keys] .what a").nth(1)
    assert second.evaluate("link => link === document.activeElement")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tasks/**")
