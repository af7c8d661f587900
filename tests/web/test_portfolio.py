"""A manager's customers go to another one: each by its own lifecycle, what is in the way is said."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.promises.conftest import founded, house, library  # noqa: F401 - fixtures
from tests.promises.house import House
from tests.promises.paths import complaint, maintained
from tests.web.conftest import PASSWORD, Visitor
from web import create_app
from web.limits import limiter
from workflow.config import make_secret_key
from workflow.core.step import SYSTEM
from workflow.people.accounts import Accounts
from workflow.settings import Security, Settings


@pytest.fixture
def enter(house: House, tmp_path: Path) -> Callable[[str], Visitor]:  # noqa: F811 - the fixture
    """Somebody of the house comes with a browser of their own."""

    def come(login: str) -> Visitor:
        settings = Settings(security=replace(Security(), secret_key_file=tmp_path / "secret.key"))
        make_secret_key(settings)
        accounts = Accounts(house.workflow.database)
        accounts.set_password(house.person(login), PASSWORD, at=house.now, must_change=False)
        app = create_app(house.workflow, settings, accounts)
        limiter.reset()
        came = Visitor(app.test_client(), login)
        assert came.sign_in(login).status_code == 302
        return came

    return come


@pytest.fixture
def supervisor(enter: Callable[[str], Visitor]) -> Callable[[], Visitor]:
    return lambda: enter("du")


def test_a_customer_goes_by_its_own_handover(house: House, supervisor: Callable[[], Visitor]) -> None:  # noqa: F811
    story = maintained(house)
    path, sun = f"/supervision/load/{house.person('wang')}", str(house.person("sun"))
    visitor = supervisor()
    shown = visitor.post(path, {"to": sun, "reason": "调岗"}).text
    form = {"to": sun, "reason": "调岗", "customer": str(house.customer), "f.change_reason": "leaves", "key": "p1"}
    answer = visitor.post(f"{path}/do", form).text
    visitor.post(f"{path}/do", form)

    assert 'name="f.change_reason"' in shown
    assert "将开始交接" in shown
    assert "随客户交接办理" in shown
    assert "已开始交接1个客户" in answer
    assert story.state == "changing_hands"
    assert story.linked("staff_handover").case.data["b"] == house.person("sun")
    assert story.linked("staff_handover").case.data["a"] == house.person("li")
    assert story.work() == {"maintain": "wang"}
    [changed] = [one for one in house.workflow.history(story.id, SYSTEM) if one.trigger == "change_managers"]
    assert (changed.form["new_a"], changed.form["new_b"]) == (None, house.person("sun"))  # nobody of an earlier change


def test_what_is_in_the_way_is_said(house: House, supervisor: Callable[[], Visitor]) -> None:  # noqa: F811
    story = maintained(house)
    complaint(house, severity="major")
    path, sun = f"/supervision/load/{house.person('wang')}", str(house.person("sun"))
    visitor = supervisor()
    assert "重大投诉" in visitor.post(path, {"to": sun, "reason": "调岗"}).text
    form = {"to": sun, "reason": "调岗", "customer": str(house.customer), "f.change_reason": "leaves", "key": "p2"}
    answer = visitor.post(f"{path}/do", form).text
    assert "重大投诉" in answer
    assert "已开始交接0个客户" in answer
    other = visitor.post(path, {"to": str(house.person("li")), "reason": "调岗"}).text
    assert "接手人已是该客户的另一位经理" in other
    assert story.state == "active"


def test_a_receiver_is_proposed_for_each_customer_and_may_be_changed(
    house: House,  # noqa: F811
    supervisor: Callable[[], Visitor],
) -> None:
    """Of the customer's unit, with room, who has the fewest (003 §3.2: 15 at most to lead; 004 §2.2 I: by the unit)."""
    story = maintained(house)
    path, sun = f"/supervision/load/{house.person('wang')}", house.person("sun")
    visitor = supervisor()
    assert (
        f'name="to-{house.customer}" list="persons-receivers" value="sun sun"'
        in visitor.post(path, {"to": "", "reason": "离职"}).text
    )
    none = visitor.post(path, {"to": "", "reason": "负荷过重", "pick": "none"}).text
    assert "全选" in none
    assert 'class="pick" type="checkbox" name="customer"' in none
    assert not re.search(r'class="pick"[^>]* checked', none), "of somebody who only has too much, some are picked"
    assert "没有找到这位接手人" in visitor.post(path, {"to": "无此人", "reason": "负荷过重"}).text
    assert "请填写理由" in visitor.post(path, {"to": "", "reason": " "}).text
    owner = {"unit": house.units["east"], "a": sun, "stage": "maintained", "division": "441900"}
    for number in range(15):
        house.workflow.register_customer({**owner, "name_zh": f"客户{number}号厂"}, actor=SYSTEM, at=house.now)
    full = visitor.post(path, {"to": "", "reason": "离职"}).text
    assert f'name="to-{house.customer}" list="persons-receivers" value=""' in full
    assisted = house.workflow.register_customer(
        {**owner, "a": house.person("wang"), "b": house.person("li"), "lead": "b", "name_zh": "协助的厂"},
        actor=SYSTEM, at=house.now,
    )  # fmt: skip
    plan = visitor.get(f"/supervision/plans/new/{house.person('wang')}").text
    assert f'name="to-{house.customer}" list="persons-receivers" value=""' in plan
    assert f'name="to-{assisted}" list="persons-receivers" value="sun sun"' in plan
    assert "只作配合，不计户数" in plan
    form = {"to": "", "reason": "离职", "customer": str(house.customer), "f.change_reason": "leaves", "key": "p3"}
    assert "请指定接手人" in visitor.post(f"{path}/do", {**form, f"to-{house.customer}": ""}).text
    beyond = visitor.post(f"{path}/do", {**form, f"to-{house.customer}": "sun", "key": "p4"}).text
    assert "已主责15户" in beyond
    assert story.state == "active"
