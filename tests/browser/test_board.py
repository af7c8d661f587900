"""A supervisor clears the board, with a browser and without scripts."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Enter, Site


def clear(page: Page) -> None:
    """Acknowledge all, give everything overdue to somebody else, and remind those with what is due soon."""
    page.goto("/supervision/escalations")
    page.get_by_role("link", name="全选本页").click()
    page.locator(".bulk").get_by_role("button", name="确认知悉").click()
    page.get_by_label("说明").fill("已安排")
    page.locator("main").get_by_role("button", name="确认知悉").click()
    expect(page.get_by_role("status")).to_contain_text("操作成功")
    page.get_by_role("link", name="返回督办").click()

    page.goto("/supervision/?by=manager")
    page.locator(".chips").get_by_role("link", name=re.compile("林晓岚")).click()
    page.locator(".pick").first.check()
    page.locator(".bulk").get_by_role("button", name="改派").click()
    page.locator("#to").fill("zwb")
    page.get_by_label("理由").fill("林晓岚外出")
    page.locator("main").get_by_role("button", name="改派").click()
    expect(page.get_by_role("status")).to_contain_text("操作成功1件")
    page.get_by_role("link", name="返回督办").click()

    page.get_by_role("link", name="48小时内", exact=True).click()
    page.get_by_role("link", name="全选本页").click()
    page.locator(".bulk").get_by_role("button", name="提醒办理人").click()
    page.locator("main").get_by_role("button", name="提醒办理人").click()
    expect(page.get_by_role("status")).to_contain_text("操作成功")


def test_a_supervisor_clears_the_board(site: Site, enter: Enter) -> None:
    page = enter("he")
    clear(page)

    page.goto("/supervision/?by=manager")
    expect(page.locator(".chips")).to_contain_text("周文博")
    page.goto("/supervision/escalations")
    mine = page.locator("li", has_text="何立群")
    expect(mine.get_by_text("已确认", exact=True).first).to_be_visible()


def test_without_scripts_everything_is_there_on_a_telephone(site: Site, enter: Enter) -> None:
    page = enter("he")
    browser = page.context.browser
    assert browser is not None
    plain = browser.new_context(
        base_url=site.address, java_script_enabled=False, locale="zh-CN", viewport={"width": 390, "height": 844}
    )
    plain.add_cookies(page.context.cookies())
    still = plain.new_page()
    still.goto("/supervision/soon?pick=all")
    still.locator(".bulk").get_by_role("button", name="留言").click()
    still.get_by_label("内容").fill("今天收尾")
    still.locator("main").get_by_role("button", name="留言").click()

    expect(still.get_by_role("status")).to_contain_text("操作成功")
    plain.close()
