"""What people do all day: a manager's morning with the keyboard alone, and a complaint from receipt to confirmation."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import PATIENCE, Enter, Site
from tests.browser.house import PASSWORD

FITS = "document.documentElement.scrollWidth <= window.innerWidth"


def typed(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, target: Locator) -> None:
    """Tab until it has the focus."""
    for _ in range(300):
        if target.evaluate("one => one === document.activeElement"):
            return
        typed(page, "Tab")
    raise AssertionError(f"the keyboard does not reach {target}")


def test_a_managers_morning_by_keyboard_alone(site: Site, enter: Enter) -> None:
    house = site.house
    first = house.complain("keyed", 1, "键盘上的第一件：包裹未到。")
    page = enter(None)
    page.goto("/sign-in")
    tab_to(page, page.locator("#login"))
    page.keyboard.type("lin")
    tab_to(page, page.locator("#password"))
    page.keyboard.type(PASSWORD)
    typed(page, "Enter")
    page.wait_for_url("**/inbox/")

    typed(page, "?")
    expect(page.locator("#keys[open]")).to_contain_text("查找")
    typed(page, "Escape")
    expect(page.locator("#keys[open]")).to_have_count(0)

    # To the new complaint by its customer and number, as people find things; then answered with keys 1 to 9.
    typed(page, "/")
    expect(page.locator("#palette[open]")).to_be_visible()
    number = house.workflow.case(first, house.actor("lin")).case.number
    page.keyboard.type(number)
    expect(page.locator("#offers [aria-selected=true]")).to_contain_text(number)
    typed(page, "Enter")
    page.wait_for_url(f"**/cases/{first}/**")

    typed(page, "g", "i")
    page.wait_for_url("**/inbox/")
    rows = page.locator("[data-keys] > li")
    expect(rows.first).to_be_visible()
    while True:
        typed(page, "j")
        here = page.locator(":focus").get_attribute("href") or ""
        if f"/cases/{first}/" in here:
            break
        assert here != rows.last.locator(".what a").get_attribute("href"), "the task is not in the list"

    # Put off, then looked for among what was put off, and done.
    typed(page, "z", "Tab", "Enter")
    expect(page.get_by_role("status")).to_be_visible()
    page.goto("/inbox/later")
    typed(page, "j", "Enter")
    page.wait_for_url(f"**/cases/{first}/tasks/1/**")
    summary = page.locator("details.action", has=page.locator('form[action*="/complete/answer"]')).locator("summary")
    typed(page, str(summary.get_attribute("data-key")))
    expect(page.locator("#answer-f-reply")).to_be_focused()
    page.keyboard.type("包裹已于今晨送达，谨致歉意。")
    tab_to(page, page.locator('form[action*="/complete/answer"] .button.primary'))
    typed(page, "Enter")
    expect(page.get_by_role("status").first).to_contain_text("已答复待解决")

    # Several at once: picked with x, put off together, and taken back.
    page.goto("/inbox/")
    typed(page, "j", "x", "j", "x")
    expect(page.locator(".pick:checked")).to_have_count(2)
    tab_to(page, page.locator('#bulk button[value="later"]'))
    typed(page, "Enter")
    page.wait_for_url("**/bulk**")
    expect(page.locator(".lines > li")).to_have_count(2)


def do(page: Page, case: int, trigger: str, fields: dict[str, str]) -> None:
    """From a case to one's task, and what is to be done there."""
    page.goto(f"/cases/{case}/")
    way = page.locator(f'form[action*="/complete/{trigger}"], form[action$="/done"]').first
    for link in page.locator(f'main a[href*="/cases/{case}/tasks/"]').evaluate_all("all => all.map(a => a.href)"):
        page.goto(link)
        way = page.locator(f'form[action*="/{trigger}"]').first
        if way.count():
            break
    action = page.locator("details.action", has=page.locator(f'form[action*="/{trigger}"]'))
    if action.get_attribute("open") is None:
        action.locator("summary").click()
    for name, value in fields.items():
        field = way.locator(f'[name="f.{name}"]').first
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        elif field.get_attribute("type") == "radio":
            way.locator(f'[name="f.{name}"][value="{value}"]').check()
        else:
            field.fill(value)
    assert page.evaluate(FITS), page.url
    with page.expect_navigation():
        way.locator(".button.primary").click()
    expect(page.get_by_role("status").first).to_be_visible()
    assert page.evaluate(FITS), page.url


@pytest.mark.parametrize(
    ("language", "width", "script"),
    [("zh-CN", 1440, True), ("en-GB", 390, False)],
)
def test_a_complaint_from_receipt_to_confirmation_across_three_people(
    site: Site, enter: Enter, browser: Browser, language: str, width: int, script: bool
) -> None:
    house = site.house

    def come(login: str) -> Page:
        page = enter(login, language=language, width=width)
        if script:
            return page
        plain = browser.new_context(
            base_url=site.address, locale=language, viewport={"width": width, "height": 900}, java_script_enabled=False
        )
        plain.add_cookies(page.context.cookies())  # type: ignore[arg-type]
        still = plain.new_page()
        still.set_default_timeout(PATIENCE)
        return still

    lin, xu, he = come("lin"), come("xu"), come("he")
    lin.goto(f"/cases/new/complaint?customer={house.customers[3]}")
    form = lin.locator("main form[method=post]").first
    for name, value in (("kind", "complaint"), ("channel", "phone"), ("severity", "normal")):
        field = form.locator(f'[name="f.{name}"]').first
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            form.locator(f'[name="f.{name}"][value="{value}"]').check()
    form.locator('[name="f.text"]').fill("3月5日的包裹外箱破损。")
    form.locator(".button.primary").click()
    lin.wait_for_url(re.compile(r"/cases/\d+/"))
    case = int(re.search(r"/cases/(\d+)/", lin.url)[1])  # type: ignore[index]

    department = {"department": str(house.units["DG-EX"]), "question": "请查明装卸记录。", "told": "phone"}
    do(lin, case, "dispatch", department)
    do(xu, case, "report", {"findings": "装卸时跌落。", "cause": "transport", "cause_note": "未按易碎件处理"})
    do(lin, case, "answer", {"reply": "已查明原因，将予赔偿。"})
    he.goto("/notices/")
    expect(he.locator("main")).to_contain_text(house.workflow.case(case, house.actor("he")).case.number)
    he.goto(f"/cases/{case}/")
    he.locator('form[action$="/comments"] textarea').fill("请跟进赔偿，办结前告知我。")
    he.locator('form[action$="/comments"] button').last.click()
    expect(he.locator("main")).to_contain_text("请跟进赔偿")
    do(xu, case, "done", {"fix": "已培训装卸班组。"})
    do(lin, case, "resolve", {"resolution": "外箱费用已赔付。"})
    do(lin, case, "confirm", {"confirmed_by": "陈经理", "satisfaction": "satisfied"})

    told = house.workflow.history(case, house.actor("he"))
    assert [step.trigger for step in told if step.actor is not None] == [
        "open", "dispatch", "report", "answer", "comment", "put_right", "resolve", "confirm",
    ]  # fmt: skip
    assert house.workflow.case(case, house.actor("lin")).case.closed is not None
    if not script:
        for page in (lin, xu, he):
            page.context.close()
