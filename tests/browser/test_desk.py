"""The auditor's desk, walked by somebody new to it, in both languages: every question answered in a few clicks."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Enter, Site
from workflow.audit.log.keeper import verified
from workflow.audit.log.sealer import Sealer
from workflow.core.errors import NotPermitted
from workflow.settings import Seal

WORDS = {
    "zh-CN": {
        "go": "查看当时的清单", "replay": "回放", "ran_out": "超时", "refused": "被拒操作", "report": "审计报告",
        "make": "编制报告",
    },
    "en-GB": {
        "go": "Show the lists of then", "replay": "Replay", "ran_out": "ran out", "refused": "Refusals",
        "report": "Report", "make": "Make the report",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def desk(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """With a sealed and verified log, and somebody who tried to close a complaint that is not theirs to close."""
    house = site.house
    settings = Seal(key=tmp_path_factory.mktemp("key") / "seal.key", origin="log.example")
    with pytest.raises(NotPermitted):
        house.workflow.perform(house.cases["late"], "answer", actor=house.actor("fang"), form={"reply": "好"})
    Sealer(house.workflow.database, settings, clock=house.workflow.clock).sign()
    verified(house.workflow)
    return site


@pytest.mark.parametrize("language", WORDS)
def test_what_a_complaint_looked_like_on_3_march_and_who_was_late(desk: Site, enter: Enter, language: str) -> None:
    words, number = WORDS[language], f"TS{desk.house.cases['late']:06d}"
    page = enter("gao", language=language)
    began = time.monotonic()
    page.goto("/audit/")
    page.fill("#then-at", "2026-03-03T18:00")
    page.get_by_role("button", name=words["go"]).click()
    row = page.locator("tr", has_text=number)
    expect(row).to_contain_text("林晓岚" if language == "zh-CN" else "Lin Xiaolan")
    expect(row.locator(".badge.danger")).to_be_visible()
    row.get_by_role("link").first.click()
    expect(page.locator("h1")).to_contain_text(number)
    expect(page.get_by_role("main")).to_contain_text("3" if language == "zh-CN" else "3 Mar")
    page.get_by_role("link", name=words["replay"], exact=True).click()
    page.wait_for_url("**/replay/*")
    expect(page.locator("#happened")).to_contain_text(words["ran_out"])
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("language", WORDS)
def test_refusals_verification_and_the_report_are_a_few_clicks_away(
    desk: Site, enter: Enter, language: str, tmp_path: Path
) -> None:
    words = WORDS[language]
    page = enter("gao", language=language)
    page.goto("/audit/")
    page.get_by_role("link", name=words["refused"]).first.click()
    page.select_option("#kind", "denied")
    page.select_option("#definition", "complaint")
    page.locator("main form.filters button").click()
    expect(page.get_by_role("main")).to_contain_text("方敏" if language == "zh-CN" else "Fang Min")

    page.goto("/audit/")
    page.locator(".figures").get_by_role("link").first.click()
    page.wait_for_url("**/audit/log/verification")
    expect(page.locator(".badge.good").first).to_be_visible()

    tab(page, words["report"])
    page.fill("#since", "2026-03-01")
    page.fill("#until", "2026-03-31")
    page.get_by_role("button", name=words["make"]).click()
    expect(page.locator("section[aria-labelledby=refusals] tr.warn")).to_have_count(1)
    page.locator("section[aria-labelledby=late] tbody tr").last.get_by_role("link").click()
    expect(page.locator("tbody tr").first).to_contain_text(f"TS{desk.house.cases['late']:06d}")
    page.go_back()
    for form, ending in (("Excel", "xlsx"), ("PDF", "pdf")):
        page.wait_for_selector("form[data-file]:not([data-sent])")
        with page.expect_download() as taken:
            page.get_by_role("button", name=form).click()
        assert taken.value.suggested_filename == f"audit-2026-03-01-2026-03-31.{ending}"


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
    stopped = int(page.locator("#film").get_attribute("data-seq") or 0)
    page.go_back()
    page.wait_for_selector(f'#film[data-seq="{stopped - 1}"]')
    page.locator(".marks a").first.click()
    page.wait_for_selector(".strip [aria-current] .badge.danger")
    seq = page.locator("#film").get_attribute("data-seq")
    expect(page.locator("#film a[href*=findings]")).to_have_attribute("href", re.compile(f"seq={seq}&"))
    last = page.locator("#film").get_attribute("data-last")
    page.goto(f"{here}{last}")
    page.locator("h1").click()
    page.keyboard.press(" ")
    page.wait_for_selector('#film[data-seq="1"] [data-play][aria-pressed="true"]')


def tab(page: Page, name: str) -> None:
    page.goto("/audit/")
    page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()
