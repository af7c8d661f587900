"""A history walked through with the keyboard, and played as a film."""

from __future__ import annotations

from tests.browser.conftest import Enter, Site


def test_arrows_walk_and_the_space_bar_plays(site: Site, enter: Enter) -> None:
    page = enter("gao")
    here = f"/audit{site.path('late')}replay/"
    page.goto(f"{here}1")

    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**{here}2")
    page.wait_for_selector('#film[data-seq="2"]')
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector('#film[data-seq="1"]')
    page.select_option("[data-speed]", "500")
    page.locator("h1").click()
    page.keyboard.press(" ")
    page.wait_for_selector('#film[data-seq="3"] [data-play][aria-pressed="true"]')
    page.keyboard.press(" ")
    page.wait_for_selector('[data-play][aria-pressed="false"]')
    page.go_back()
    page.wait_for_selector('#film[data-seq="2"]')
