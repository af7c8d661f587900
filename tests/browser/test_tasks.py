"""Working a task in a browser: drafts that outlive the server, two people on one task, a visit report on a phone."""

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from waitress.server import create_server

from tests.browser.conftest import PATIENCE, Enter, Site
from tests.browser.house import House
from tests.browser.test_accessibility import VIEWS, faults
from web import create_app
from workflow.config import make_secret_key
from workflow.settings import Security, Settings

FITS = "document.documentElement.scrollWidth <= window.innerWidth"
TARGETS = """() => [...document.querySelectorAll('main :is(button, input:not([type=hidden]), textarea, summary)')]
  .filter(one => one.checkVisibility()).map(one => one.closest('label') || one)
  .map(one => [one.outerHTML.slice(0, 80), one.getBoundingClientRect().height]).filter(([, height]) => height < 24)"""


class Server:
    """The site's pages at another address, where they may be killed and come back without harm to other tests."""

    def __init__(self, house: House, folder: Path) -> None:
        settings = Settings(security=replace(Security(), secret_key_file=folder / "secret.key"))
        make_secret_key(settings)
        self.app = create_app(house.workflow, settings, house.accounts)
        self.port = 0
        self.start()

    def start(self) -> None:
        self.server = create_server(
            self.app, host="127.0.0.1", port=self.port, threads=2, clear_untrusted_proxy_headers=True
        )
        self.port = int(self.server.effective_port)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()

    def kill(self) -> None:
        self.server.maintenance(0)
        for channel in list(self.server.active_channels.values()):
            channel.handle_close()
        self.server.close()
        self.thread.join(timeout=10)


@pytest.fixture
def server(site: Site, tmp_path: Path) -> Iterator[Server]:
    made = Server(site.house, tmp_path)
    yield made
    made.kill()


def opened(page: Page, title: str) -> None:
    page.locator("details.action", has=page.get_by_text(title, exact=True)).locator("summary").click()


def test_a_draft_outlives_a_killed_server(site: Site, enter: Enter, server: Server) -> None:
    page = enter("lin")  # A cookie holds for every port of a host.
    address = f"http://127.0.0.1:{server.port}"
    case = site.house.complain("killed", 1, "回单迟迟未到。")
    path = f"{address}/cases/{case}/tasks/1/"
    page.goto(path)
    opened(page, "答复客户")
    reply = page.locator("#answer-f-reply")
    reply.fill("第一句")
    said = page.locator("details[open] [data-said]")
    expect(said).to_contain_text("草稿已于")

    server.kill()
    reply.fill("第一句，第二句")
    expect(said).to_contain_text("连不上服务器")
    page.get_by_role("button", name="答复客户").click()
    expect(said).to_contain_text("尚未提交")
    expect(reply).to_have_value("第一句，第二句")
    server.start()

    expect(page.get_by_role("status").first).to_contain_text("已答复待解决")
    answered = [step for step in site.house.workflow.history(case, site.house.actor("lin")) if step.trigger == "answer"]
    assert [step.form["reply"] for step in answered] == ["第一句，第二句"]
    site.problems = [one for one in site.problems if "ERR_CONNECTION" not in one]


def test_a_draft_is_there_after_the_page_was_closed(site: Site, enter: Enter) -> None:
    case = site.house.complain("closed page", 2, "对账单有误。")
    page = enter("lin")
    page.goto(f"/cases/{case}/tasks/1/")
    opened(page, "答复客户")
    page.locator("#answer-f-reply").fill("写到一半")
    expect(page.locator("details[open] [data-said]")).to_contain_text("草稿已于")
    page.goto("/inbox/")
    page.goto(f"/cases/{case}/tasks/1/")

    expect(page.locator("#answer-f-reply")).to_have_value("写到一半")
    page.get_by_role("button", name="舍弃草稿").click()
    opened(page, "答复客户")
    expect(page.locator("#answer-f-reply")).to_have_value("")

    customer = site.house.workflow.case(case, site.house.actor("lin")).row.customer
    assert customer is not None
    page.goto(f"/cases/new/complaint?customer={customer.id}")
    form = page.locator("form[data-draft]")
    expect(form.locator("input[type=radio]:checked")).not_to_have_count(0)
    form.evaluate("form => { form.noValidate = true; }")
    form.get_by_role("button", name="建立事项").click()
    expect(page.locator(".fault").first).to_be_visible()
    page.goto(f"/cases/new/complaint?customer={customer.id}")
    expect(page.get_by_text("尚未提交")).to_have_count(0)


def test_what_is_typed_before_a_slow_line_brought_the_rest_is_kept(site: Site, enter: Enter) -> None:
    case = site.house.complain("slow line", 2, "包裹没有跟踪信息。")
    page = enter("lin")
    held: list[Route] = []
    page.route(re.compile("drafts[^/]*js|/places$"), lambda route: held.append(route))

    page.goto(f"/cases/{case}/tasks/1/", wait_until="commit")
    opened(page, "答复客户")
    page.locator("#answer-f-reply").fill("脚本还没到")
    held.pop().continue_()
    expect(page.locator("details[open] [data-said]")).to_contain_text("草稿已于")
    page.keyboard.press("Control+k")
    page.locator("#palette input").fill("海砺")
    expect(page.locator("#offers [role=option]").first).to_be_visible()
    held.pop().continue_()
    expect(page.locator("#offers [role=option]").first).to_be_visible()
    assert held == []


def test_a_fault_stands_beside_its_field_and_goes_when_it_is_mended(site: Site, enter: Enter) -> None:
    page = enter("lin", language="en-GB")
    page.goto(f"{site.path('soon')}tasks/1/")
    opened(page, "Dispatch to a department")
    form = page.locator("details[open] form")
    question = form.get_by_label("What is to be found out")
    question.fill("x" * 2001)
    expect(form.locator(".fault")).to_have_count(0)
    question.blur()
    expect(form.locator(".fault")).to_contain_text("2000")
    expect(question).to_have_attribute("aria-invalid", "true")
    question.fill("Who loaded it?")
    expect(form.locator(".fault")).to_have_count(0)
    expect(form.locator(".ahead")).to_contain_text("whom you choose in the form")
    form.locator("select").first.select_option(str(site.house.units["DG-EX"]))
    expect(form.locator(".ahead")).to_contain_text("Xu Zhiqiang")


def test_two_people_on_one_task_lose_nothing(site: Site, enter: Enter) -> None:
    case = site.house.complain("both", 3, "投递到错误地址。")
    door = site.house.workflow
    lin, he = enter("lin"), enter("he")
    he.goto(f"/cases/{case}/tasks/1/")
    lin.goto(f"/cases/{case}/tasks/1/?from=mine")
    opened(lin, "答复客户")
    lin.locator("#answer-f-reply").fill("我写了很久的答复")
    he.get_by_label("交给").last.fill("zhouwenbo")
    he.get_by_label("理由").fill("林在外地")
    he.get_by_role("button", name="改派").click()
    door.perform(case, "answer", actor=site.house.actor("zhou"), form={"reply": "周已答复客户"}, task=1)

    lin.get_by_role("button", name="答复客户").click()

    expect(lin.get_by_role("heading", level=1)).to_have_text("没有提交：有人先办了")
    expect(lin.locator("#since")).to_contain_text("周文博")
    expect(lin.locator("#since")).to_contain_text("周已答复客户")
    expect(lin.get_by_label("如仍有用")).to_have_value("答复内容：我写了很久的答复\n")
    lin.get_by_role("button", name="发表留言").click()
    expect(lin.locator("main")).to_contain_text("我写了很久的答复")


@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without"])
def test_a_visit_is_reported_on_a_phone(site: Site, browser: Browser, enter: Enter, script: bool) -> None:
    house = site.house
    case = house.workflow.open(
        "visit", customer=house.customers[2], actor=house.actor("lin"), data={"purpose": "旺季运力"}
    )
    form = {"appointment": "2026-03-06T01:00:00+00:00", "prepared": "已看档案"}
    house.workflow.perform(case.id, "agree", actor=house.actor("lin"), form=form)
    cookies = enter("lin", width=390).context.cookies()
    context = browser.new_context(
        base_url=site.address, locale="zh-CN", viewport={"width": 390, "height": 844}, has_touch=True,
        java_script_enabled=script,
    )  # fmt: skip
    context.add_cookies(cookies)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto("/inbox/")
    with page.expect_navigation():
        page.locator(".lines li", has_text=case.number).locator(".what a").tap()
    page.locator("details.action", has=page.get_by_text("已走访", exact=True)).locator("summary").tap()
    if script:
        assert page.evaluate(FITS)
        assert page.evaluate(TARGETS) == []
    page.get_by_label("会见人").fill("陈经理")
    page.get_by_role("button", name="已走访").tap()
    expect(page.get_by_role("status").first).to_contain_text(case.number)
    page.get_by_role("link", name=case.number).first.tap()
    page.get_by_role("link", name="填写走访表").first.tap()
    page.locator("details.action", has=page.get_by_text("登记走访表", exact=True)).locator("summary").tap()
    page.locator("#file-f-notes").fill("客户四月起日均发货两百件，希望周六揽收。")
    if script:
        expect(page.locator("details[open] [data-said]")).to_contain_text("草稿已于")
        assert page.evaluate(FITS)
    else:
        page.locator("details[open]").get_by_role("button", name="存为草稿").tap()
        expect(page.locator("#file-f-notes")).to_have_value("客户四月起日均发货两百件，希望周六揽收。")
    page.locator("details[open]").get_by_role("button", name="登记走访表").tap()
    expect(page.get_by_role("status").first).to_contain_text("已登记")

    assert house.workflow.case(case.id, house.actor("lin")).row.state == "filed"
    context.close()


def test_a_task_beside_its_list_is_for_everybody(site: Site, enter: Enter) -> None:
    page = enter("lin", language="en-GB")
    case = site.house.complain("read by all", 1, "Two parcels are missing.")
    page.goto(f"/cases/{case}/tasks/1/?from=mine")
    opened(page, "Answer the customer")
    page.locator("#answer-f-reply").fill("They are on their way.")
    expect(page.locator("details[open] [data-said]")).to_contain_text("Draft kept")
    for theme, width in VIEWS[0]:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 900})
        assert faults(page) == [], (theme, width)
        assert page.evaluate(FITS), width
        assert page.locator(".list-beside").is_visible() is (width > 1200)


def test_files_are_dropped_and_too_many_bytes_are_said_before_sending(site: Site, enter: Enter) -> None:
    page = enter("lin")
    page.goto(f"{site.path('soon')}tasks/1/")
    drop = """(names) => {
      const kept = new DataTransfer();
      for (const name of names) kept.items.add(new File(["证明"], name, { type: "text/plain" }));
      document.querySelector(".drop").dispatchEvent(new DragEvent("drop", { dataTransfer: kept, bubbles: true }));
    }"""
    page.evaluate(drop, ["甲.txt", "乙.txt"])
    expect(page.locator(".drop .chosen li")).to_have_text(["甲.txt · 6 B", "乙.txt · 6 B"])
    page.locator("#file").evaluate("input => { input.dataset.most = 10; input.dispatchEvent(new Event('change')); }")
    expect(page.locator(".drop .fault")).to_contain_text("上限")
    page.locator("#file").evaluate("input => { input.dataset.most = 12; input.dispatchEvent(new Event('change')); }")
    page.get_by_role("button", name="上传").click()

    expect(page.locator(".notice.good")).to_contain_text("2个文件")
    expect(page.locator("#files")).to_contain_text("乙.txt")


def test_who_may_be_mentioned_is_suggested(site: Site, enter: Enter) -> None:
    page = enter("lin")
    page.goto(site.path("soon"))
    area = page.get_by_label("留言", exact=True)
    area.press_sequentially("请@周")
    expect(page.get_by_role("option")).to_have_count(1)
    area.press("Enter")
    expect(area).to_have_value("请@周文博 ")
    page.get_by_role("button", name="发表留言").click()

    expect(page.get_by_role("status").first).to_be_visible()
    kinds = [row.kind for row in site.house.workflow.notices(site.house.actor("zhou")).rows]
    assert "mentioned" in kinds, json.dumps(kinds)
