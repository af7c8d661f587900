"""A leaver's plan on its pages, and the groups that stand in."""

from collections.abc import Callable

from tests.promises.conftest import founded, house, library  # noqa: F401 - fixtures
from tests.promises.house import House, Story
from tests.promises.paths import FORMS, complaint, maintained
from tests.support.office import Office
from tests.web.conftest import Visitor
from tests.web.test_portfolio import enter, supervisor  # noqa: F401 - fixtures
from workflow.core.step import SYSTEM

PLANS = "/supervision/plans"


def test_a_plan_is_made_begun_and_followed_and_says_what_blocks_it(
    house: House,  # noqa: F811
    supervisor: Callable[[], Visitor],  # noqa: F811
) -> None:
    """000 §2.2, 004 §1.4 I; a receiver with room is proposed (003 §3.2)."""
    maintained(house)
    number, wang, sun = house.record()["number"], house.person("wang"), house.person("sun")
    visitor = supervisor()
    offered = visitor.get(f"{PLANS}/new/{wang}").text
    assert (number in offered, "sun sun" in offered, "现主责0户，上限15户" in offered) == (True, True, True)
    typed = {"f.why": "leaves", "f.last_day": "2026-04-30", "f.stand_in": "zhao", "key": "a"}
    form = {**typed, "customer": str(house.customer), f"to-{house.customer}": "sun"}
    missing = visitor.post(f"{PLANS}/new/{wang}", {**form, "f.last_day": ""})
    assert (missing.status_code, "sun" in missing.text) == (422, True)
    at = visitor.post(f"{PLANS}/new/{wang}", form).headers["Location"]
    plan = Story(house, int(at.rpartition("/")[2]))
    assert plan.state == "planned"
    assert "启动移交" in visitor.get(at).text
    nobody = visitor.post(f"{at}/begin", {"way": "begin", f"to-{number}": "", "key": "b"})
    assert (nobody.status_code, "第1行" in nobody.text, plan.linked_count("handover")) == (422, True, 0)
    assert visitor.post(f"{at}/begin", {"way": "begin", f"to-{number}": "sun", "key": "c"}).status_code == 302
    handover = plan.linked("handover")
    assert (handover.case.data["b"], handover.work()) == (sun, {"compile": "wang"})
    [named] = house.workflow.directory().substitutions
    assert (named.absent, named.substitute, named.since) == (wang, house.person("zhao"), house.local(5, 1, 0))
    handover.do("compile", by="wang", **FORMS["compile"])
    complaint(house, by="wang", severity="major")
    house.wait(seconds=1)
    shown = visitor.get(at).text
    assert "该客户有未办结的重大投诉" in shown
    assert '<dt>受阻</dt><dd>1<span class="small soft"> / 1</span>' in shown
    assert "编制交接档案：已完成" in shown
    assert plan.case.number in visitor.get(f"{PLANS}/").text
    again = visitor.get(f"{PLANS}/new/{wang}").text
    assert "交接已在进行" in again
    assert visitor.get(f"{PLANS}/{handover.id}").status_code == 404


def test_what_is_known_of_a_customer_stands_in_the_form_and_is_not_kept_unsent(
    house: House,  # noqa: F811
    supervisor: Callable[[], Visitor],  # noqa: F811
) -> None:
    """000 §3.2.3: the file is compiled; what the system knows it fills in."""
    story = maintained(house)
    house.grant("du", "east", "account_manager")
    house.workflow.change_customer(
        house.customer,
        {"contacts": [{"name": "周经理", "role": "总经理", "decides": True}]}, actor=SYSTEM, at=house.now,
    )  # fmt: skip
    trouble = complaint(house, by="wang")
    story.do("change_managers", by="du", new_b=house.person("sun"), change_reason="leaves")
    handover = story.linked("staff_handover")
    no = handover.case.tasks[0].no
    house.workflow.reassign(
        handover.id, no, to=house.person("du"), reason="代办", actor=house.actor("du"), at=house.now
    )  # fmt: skip
    page = supervisor().get(f"/cases/{handover.id}/tasks/{no}/").text
    assert ("周经理、总经理、决策人" in page, "协议YZ-7：特快" in page, trouble.case.number in page) == (
        True,
        True,
        True,
    )
    assert "已按系统记录带出" in page
    assert "in_force" not in handover.case.data


def test_a_group_is_kept_on_its_pages_and_stands_in(sqlite_office: Office, signed_in: Callable[[str], Visitor]) -> None:
    """004 §2.2 I."""
    boss, people = signed_in("supervisor"), sqlite_office.people
    home = sqlite_office.workflow.load(people["anna"], sqlite_office.actor("supervisor")).unit
    assert home is not None
    unit = str(home.id)
    made = boss.post("/organisation/groups/", {"name_zh": "金融组", "name_en": "Banking", "unit": unit, "key": "g"})
    at = made.headers["Location"]
    for login in ("anna", "ben"):
        assert boss.post(f"{at}/members", {"person": login, "key": login}).status_code == 302
    assert "此人已在一个小组中" in boss.post(f"{at}/members", {"person": "anna", "key": "x"}).text
    anna = signed_in("anna")
    away = {"since": "2026-01-01T00:00", "until": "2099-01-01T00:00", "reason": "休假", "key": "w"}
    assert anna.post("/absence/unnamed", away).status_code == 302
    assert "由“金融组”小组代办" in anna.get("/absence/").text
    assert sqlite_office.workflow.directory().stands_in(people["ben"], people["anna"], sqlite_office.now)
    assert "缺勤" in boss.get(at).text
    [member] = [m.id for m in sqlite_office.workflow.directory().group_members if m.person == people["ben"]]
    assert boss.post(f"{at}/members/{member}/end", {}).status_code == 302
    assert "以前的成员" in boss.get(at).text
    assert "没有成员" in boss.get("/organisation/groups/?on=2020-01-01").text
    [absence] = sqlite_office.workflow.directory().absences
    assert anna.post(f"/absence/unnamed/{absence.id}/end", {"key": "e"}).status_code == 302
    assert anna.post("/organisation/groups/", {"name_zh": "x", "name_en": "x", "unit": unit}).status_code == 403
