"""A day's work as people do it, in a real browser against a real server."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter, Site
from workflow.core.step import SYSTEM


def test_a_manager_completes_a_task_and_sees_the_next_one(site: Site, enter: Enter) -> None:
    page = enter("lin", language="en-GB")
    page.goto("/inbox/")
    page.get_by_role("link", name="Answer the customer or dispatch").last.click()
    action = page.locator("details", has=page.get_by_text("Answer the customer", exact=True))
    expect(action.locator(".leads").first).to_contain_text("Answered, not yet resolved")
    action.locator("summary").click()
    action.get_by_label("Reply").fill("The hotline is staffed on Saturdays from now on.")
    action.get_by_role("button", name="Answer the customer").click()

    expect(page.get_by_role("status")).to_contain_text("Answered, not yet resolved")
    page.get_by_role("status").get_by_role("link").first.click()
    expect(page.locator(".steps")).to_contain_text("The hotline is staffed")
    page.goto("/inbox/")
    expect(page.locator("[data-keys]")).to_contain_text("See it resolved and tell the customer")


def test_everything_works_without_javascript(site: Site, browser: object, enter: Enter) -> None:
    page = enter("lin")
    cookies = page.context.cookies()
    plain = page.context.browser.new_context(base_url=site.address, java_script_enabled=False, locale="zh-CN")
    plain.add_cookies(cookies)
    still = plain.new_page()
    still.goto(site.path("late too"))
    still.get_by_label("留言").fill("没有脚本也能留言")
    still.get_by_role("button", name="发表留言").click()

    expect(still.locator(".steps").first).to_contain_text("没有脚本也能留言")
    plain.close()


def test_a_refused_form_keeps_what_was_typed(site: Site, enter: Enter) -> None:
    page = enter("lin")
    page.goto(f"{site.path('late too')}tasks/1/")
    page.locator("details", has=page.get_by_text("转责任部门", exact=True)).locator("summary").click()
    page.get_by_label("需查明的事项").fill("请核对三笔差额")
    page.locator("#dispatch-f-department").evaluate("select => select.removeAttribute('required')")
    page.get_by_role("button", name="转责任部门").click()

    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("需查明的事项")).to_have_value("请核对三笔差额")
    expect(page.locator("#dispatch-f-department-fault")).to_be_visible()


def test_the_supervisor_sees_what_is_overdue_and_acknowledges_an_escalation(site: Site, enter: Enter) -> None:
    page = enter("he")
    page.goto("/supervision/")
    expect(page.locator("[data-keys] > li")).to_have_count(2)
    expect(page.locator("[data-keys] > li").first).to_contain_text("东莞市海砺机电有限公司")
    page.get_by_role("link", name="升级").click()
    expect(page.get_by_role("heading", name=re.compile("[123]级升级"))).to_have_count(3)
    page.wait_for_url("**/supervision/escalations**")
    waiting = page.get_by_role("button", name=re.compile("确认知悉"))
    before = waiting.count()
    waiting.first.click()

    expect(page.get_by_role("status")).to_contain_text("已确认")
    expect(waiting).to_have_count(before - 1)


def test_the_auditor_reads_the_steps_of_a_case_in_order(site: Site, enter: Enter) -> None:
    page = enter("gao", language="en-GB")
    page.goto("/audit/")
    page.get_by_label("Customer or number").fill("Haili")
    page.get_by_role("button", name="Search").click()
    with page.expect_navigation():
        page.get_by_role("link", name="Haili Electromechanics").first.click()

    steps = page.get_by_role("heading", level=2).all_inner_texts()
    assert [int(text.split()[1]) for text in steps] == list(range(1, len(steps) + 1))
    assert "Lin Xiaolan opened" in steps[0]
    hashes = page.locator(".hash p").all_inner_texts()
    for (own, _), (_, previous) in zip(
        zip(hashes[::2], hashes[1::2], strict=True), list(zip(hashes[::2], hashes[1::2], strict=True))[1:], strict=False
    ):
        assert own.split()[-1] == previous.split()[-1]


def test_who_cannot_sign_in_is_told_so_and_keeps_the_name(site: Site, enter: Enter) -> None:
    page = enter(None, language="en-GB")
    page.goto("/inbox/")
    page.get_by_label("User name").fill("lin")
    page.get_by_label("Password").fill("not the password")
    page.locator("main").get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("alert")).to_contain_text("wrong")
    expect(page.get_by_label("User name")).to_have_value("lin")


@pytest.mark.parametrize(("language", "lang", "words"), [("zh-CN", "zh-CN", "待办"), ("en-GB", "en", "Inbox")])
def test_the_pages_speak_the_language_of_the_browser(
    site: Site, enter: Enter, language: str, lang: str, words: str
) -> None:
    page = enter("zhou", language=language)

    assert page.locator("html").get_attribute("lang") == lang
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def test_a_chosen_theme_holds_whatever_the_device_prefers(site: Site, enter: Enter) -> None:
    page = enter("zhou", theme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.goto("/settings")
    page.get_by_label("深色").check()
    with page.expect_navigation():
        page.locator("form").filter(has_text="深色").get_by_role("button", name="保存").click()

    assert page.evaluate(ground) != light


def test_a_form_cannot_be_sent_twice_by_an_impatient_hand(site: Site, enter: Enter) -> None:
    page = enter("lin")
    page.goto(site.path("answered"))
    before = page.locator(".steps > li").count()
    page.get_by_label("留言").fill("点了两次")
    page.get_by_role("button", name="发表留言").dblclick()

    expect(page.locator(".steps > li")).to_have_count(before + 1)


def test_a_message_is_judged_and_shown_while_it_is_worded(site: Site, enter: Enter) -> None:
    page = enter("admin")
    page.goto("/organisation/wording/delegated/")
    words, fault = page.locator("#zh-sentence-0"), page.locator("#zh-sentence-0-fault")

    words.fill("请办<b>{task}</b>{due}")
    expect(fault).to_contain_text("{due}")
    expect(words).to_have_attribute("aria-invalid", "true")
    words.fill("请办“{task}”")
    expect(fault).to_have_count(0)
    expect(page.locator("#examples .subject").first).to_contain_text("请办“")
    expect(words).to_be_focused()
    assert site.house.workflow.wording("delegated", SYSTEM).versions == ()
