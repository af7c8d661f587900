"""Every kind of page, light and dark, wide and narrow: axe finds nothing, and nothing runs out of the page."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import Enter, Site

VIEWS = ((("light", 1440), ("dark", 390)), (("dark", 1440), ("light", 390)))
"""A page is looked at in one theme wide and in the other on a phone, by turns: all four of every page take too long."""

OPEN_ALL = "document.querySelectorAll('main details').forEach(d => { d.removeAttribute('name'); d.open = true })"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def pages(site: Site, login: str | None) -> list[str]:
    late, answered = site.path("late"), site.path("answered")
    soon = f"{site.path('soon')}tasks/1/"
    return {
        None: ["/sign-in", "/nowhere"],
        "lin": [
            "/inbox/", "/inbox/queue", soon, "/cases/", "/cases/?q=zzzz", late, answered, "/cases/new",
            "/cases/new/complaint", f"/cases/new/account?customer={site.house.customers[0]}",
            f"{late}do/propose_compensation", "/customers/", "/customers/new", f"/customers/{site.house.customers[0]}/",
            f"/customers/{site.house.customers[0]}/edit", "/notices/", "/settings", "/password", "/sessions",
        ],
        "he": [
            "/supervision/?by=manager", "/supervision/soon?pick=all", "/supervision/escalations",
            "/supervision/incidents", "/supervision/load/", f"/supervision/load/{site.house.people['lin']}",
            "/supervision/performance/", "/supervision/performance/runs", f"{late}tasks/3/",
        ],
        "gao": ["/audit/", f"/audit{late}", f"/audit{late}as-of", f"/audit{late}replay/2", "/audit/refusals"],
        "admin": ["/organisation/", "/organisation/units", "/organisation/substitutions", "/cases/", "/styleguide/"],
    }[login]  # fmt: skip


def faults(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{v['id']}: {node['target']} {node['html'][:160]}" for v in found for node in v["nodes"]]


@pytest.mark.parametrize(
    ("login", "language"), [(None, "zh-CN"), ("lin", "zh-CN"), ("he", "en-GB"), ("gao", "zh-CN"), ("admin", "en-GB")]
)
def test_axe_finds_nothing(site: Site, enter: Enter, login: str | None, language: str) -> None:
    page = enter(login, language=language)
    for place, path in enumerate(pages(site, login)):
        page.goto(path)
        page.evaluate(OPEN_ALL)
        for theme, width in VIEWS[place % 2]:
            page.emulate_media(color_scheme=theme)
            page.set_viewport_size({"width": width, "height": 900})

            assert faults(page) == [], (path, theme, width)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (path, width)


def test_a_page_at_twice_the_size_still_fits(site: Site, enter: Enter) -> None:
    page = enter("lin", width=720)
    for path in ("/inbox/", site.path("late"), f"{site.path('soon')}tasks/1/", "/cases/"):
        page.goto(path)
        page.evaluate("document.documentElement.style.fontSize = '200%'")

        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path


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
