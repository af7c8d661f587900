"""Whoever gets a customer has room for it, and A and B may swap (003 §3.2, 002 §11(1))."""

from concurrent.futures import ThreadPoolExecutor

from tests.promises.house import House, Story
from tests.promises.paths import complaint, maintained
from workflow.audit.rounds import Rounds
from workflow.core.carrying import Carrying
from workflow.core.errors import LimitReached, LoadReached, Refused
from workflow.core.step import SYSTEM
from workflow.messages import sentence

MOST = 15
"""Key accounts a manager carries at most (003 §3.2)."""


def give(house: House, login: str, count: int) -> None:
    """Let somebody have so many customers."""
    owner = {"unit": house.units["east"], "a": house.person(login), "stage": "maintained", "division": "441900"}
    for number in range(count):
        house.workflow.register_customer({**owner, "name_zh": f"客户{number}号厂"}, actor=SYSTEM, at=house.now)


def test_a_manager_carries_at_most_15_customers_and_the_director_may_go_beyond_with_a_reason(house: House) -> None:
    """003 §3.2; that the director may is ours."""
    story = maintained(house)
    give(house, "sun", MOST)
    change = {"new_b": house.person("sun"), "change_reason": "overloaded"}
    refused = story.refused("change_managers", by="du", **change)
    assert isinstance(refused, LimitReached)
    assert (refused.facts["count"], refused.facts["most"]) == (MOST, MOST)
    assert story.refused("change_beyond_limit", by="du", **change, overload_why="无人可接").code == "NotPermitted"
    assert story.refused("change_beyond_limit", by="dong", **change).code == "FormInvalid"
    story.do("change_beyond_limit", by="dong", **change, overload_why="无人可接")
    assert (story.state, story.linked("staff_handover").case.data["b"]) == ("changing_hands", house.person("sun"))


def test_fourteen_leave_room_for_one_more_and_the_auditor_counts_the_same(house: House) -> None:
    """003 §3.2."""
    story = maintained(house)
    give(house, "sun", MOST - 1)
    story.do("change_managers", by="du", new_b=house.person("sun"), change_reason="overloaded")
    handover = story.linked("staff_handover")
    assert [(one.limit, one.count) for one in handover.case.takings] == [("carries_b", MOST - 1)]
    assert Rounds(house.workflow.database, house.workflow.library).one(handover.id).differences == ()


def test_of_two_customers_that_go_to_one_manager_at_once_the_last_place_is_taken_once(twofold: House) -> None:
    """003 §3.2, on both databases; one as A and one as B."""
    house = twofold
    first = maintained(house)
    house.customer = house.workflow.register_customer(
        {"name_zh": "南方纸业有限公司", "division": "441900", "tier": "gold", "stage": "potential"},
        actor=SYSTEM, at=house.now,
    )  # fmt: skip
    second = maintained(house)
    give(house, "sun", MOST - 1)

    def go(story: Story, half: str) -> str:
        try:
            story.do("change_managers", by="du", **{half: house.person("sun")}, change_reason="leaves")
        except Refused as refusal:
            return refusal.code
        return "done"

    with ThreadPoolExecutor(2) as both:
        said = list(both.map(go, (first, second), ("new_a", "new_b")))
    assert sorted(said) == ["LimitReached", "done"]


def test_a_and_b_swap_at_once_and_open_work_of_who_leads_goes_along(house: House) -> None:
    """002 §11(1)."""
    story = maintained(house)
    trouble = complaint(house, by="wang")
    visit = house.open("visit", by="wang", unit="east", purpose="月度走访")
    story.do("swap", by="du", swap_why="B角驻外")
    house.wait(seconds=1)
    record = house.record()
    assert (record["a"], record["b"], record["lead"]) == (house.person("wang"), house.person("li"), "b")
    assert story.work() == {"maintain": "li"}
    assert set(trouble.work().values()) == {"li"}
    assert set(visit.work().values()) == {"wang"}  # their own appointment, and they still are one of the two


def test_nobody_swaps_while_a_major_complaint_is_open(house: House) -> None:
    story = maintained(house)
    complaint(house, severity="major")
    assert "重大投诉" in story.refused("swap", by="du", swap_why="驻外").facts["zh"]


def spend(house: House, customer: int, yuan: int) -> None:
    """Let a customer bring in so much in each of the last three months."""
    months = [(month, "express", yuan * 100) for month in ("2025-12", "2026-01", "2026-02")]
    house.workflow.say_revenue({customer: months}, actor=SYSTEM, at=house.now)


def test_by_spend_a_customer_of_200000_a_month_has_a_manager_of_its_own(twofold: House) -> None:
    """004 §1.3 C(1), where the deployment has chosen it; on both databases."""
    house = twofold
    story = maintained(house)
    house.workflow.carrying = Carrying(below=5)
    give(house, "sun", 1)
    spend(house, house.customer, 210_000)
    change = {"new_b": house.person("sun"), "change_reason": "overloaded"}

    refused = story.refused("change_managers", by="du", **change)

    assert isinstance(refused, LoadReached)
    assert (refused.facts["others"], refused.facts["percent"], refused.facts["adds"]) == (1, 20, 100)
    assert "20%" in sentence(refused, "zh")
    spend(house, house.customer, 90_000)
    story.do("change_managers", by="du", **change)
    handover = story.linked("staff_handover")
    assert [(one.limit, one.count) for one in handover.case.takings] == [("carries_b", 1)]
    assert Rounds(house.workflow.database, house.workflow.library).one(handover.id).differences == ()


def test_what_is_on_its_way_counts_and_the_director_may_go_beyond_by_spend_too(house: House) -> None:
    """004 §1.3 C(1); that the director may is ours."""
    first = maintained(house)
    house.customer = house.workflow.register_customer(
        {"name_zh": "南方纸业有限公司", "division": "441900", "tier": "gold", "stage": "potential"},
        actor=SYSTEM, at=house.now,
    )  # fmt: skip
    second = maintained(house)
    house.workflow.carrying = Carrying(below=5)
    for story in (first, second):
        spend(house, story.case.customer or 0, 110_000)
    change = {"change_reason": "overloaded", "new_b": house.person("sun")}
    give(house, "sun", 1)
    first.do("change_managers", by="du", **change)

    refused = second.refused("change_managers", by="du", **change)

    assert isinstance(refused, LoadReached)
    assert (refused.facts["twos"], refused.facts["others"], refused.facts["percent"]) == (1, 1, 70)
    second.do("change_beyond_limit", by="dong", **change, overload_why="无人可接")
    assert second.state == "changing_hands"
