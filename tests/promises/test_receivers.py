"""Whoever gets a customer has room for it, and A and B may swap (003 §3.2, 002 §11(1))."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest

from tests.promises.house import House, Story
from tests.promises.paths import complaint, go, maintained, signed
from workflow.audit.rounds import Rounds
from workflow.core.carrying import Carrying
from workflow.core.errors import LimitReached, LoadReached, Refused
from workflow.core.step import SYSTEM
from workflow.messages import sentence
from workflow.storage.store import Store

MOST = 15
"""Key accounts a manager leads at most (003 §3.2)."""


def give(house: House, login: str, count: int, *, half: str = "a") -> None:
    """Let somebody have so many customers, led by their A."""
    owner = {"unit": house.units["east"], half: house.person(login), "stage": "maintained", "division": "441900"}
    owner |= {} if half == "a" else {"a": house.person("zhao")}
    for number in range(count):
        house.workflow.register_customer(
            {**owner, "name_zh": f"{login}的客户{half}{number}号厂"}, actor=SYSTEM, at=house.now
        )


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
    assert [(one.limit, one.count) for one in handover.case.takings] == [("leads", MOST - 1)]
    assert Rounds(house.workflow.database, house.workflow.library).one(handover.id).differences == ()


def test_counted_is_who_leads_and_not_who_assists(house: House) -> None:
    """003 §3.2 gives one manager to 8 to 15 customers, and two have each: counted is who leads (002 §11(1))."""
    story = maintained(house)
    sun = house.person("sun")
    give(house, "sun", MOST, half="b")
    story.do("change_managers", by="du", new_b=sun, change_reason="overloaded")
    handover = story.linked("staff_handover")
    assert (handover.case.data["leader"], [one.count for one in handover.case.takings]) == (sun, [0])
    held = house.workflow.load(sun, house.actor("du"))
    assert (held.leads, held.coming, held.customers, held.held) == (0, 1, MOST, 1)
    handover.do("call_off", by="du", called_off_for="另定")
    house.wait(seconds=1)
    assert story.case.data["new_b"] is None  # else the next change would name them again
    give(house, "sun", MOST)
    assert story.refused("change_managers", by="du", new_b=sun, change_reason="overloaded").code == "LimitReached"
    story.do("change_managers", by="du", new_a=sun, change_reason="overloaded")
    handover = story.linked("staff_handover")
    assert (handover.case.data["leader"], handover.case.takings) == (house.person("wang"), ())
    assert Rounds(house.workflow.database, house.workflow.library).one(handover.id).differences == ()


def test_success_and_a_swap_give_a_sixteenth_by_the_directors_word_and_it_is_seen(house: House) -> None:
    """003 §3.2 says "in principle": who won a customer keeps it (002 §11(1)); the load page shows who has too many."""
    story = signed(house)
    for login in ("wang", "li"):
        give(house, login, MOST)
    go(story, "compile", "introduce", "accept", "confirm_handover")

    def loads() -> dict[str, tuple[int, int, str]]:
        found = {login: house.workflow.load(house.person(login), house.actor("du")) for login in ("wang", "li")}
        return {login: (one.leads, one.customers, one.judged) for login, one in found.items()}

    assert loads() == {"wang": (16, 16, "many"), "li": (15, 16, "fair")}
    story.do("swap", by="dong", swap_why="B角驻外")
    assert loads() == {"wang": (15, 16, "fair"), "li": (16, 16, "many")}


def test_of_two_customers_that_go_to_one_manager_at_once_the_last_place_is_taken_once(
    twofold: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """003 §3.2, on both databases."""
    house = twofold
    first = maintained(house)
    house.customer = house.workflow.register_customer(
        {"name_zh": "南方纸业有限公司", "division": "441900", "tier": "gold", "stage": "potential"},
        actor=SYSTEM, at=house.now,
    )  # fmt: skip
    second = maintained(house)
    give(house, "sun", MOST - 1)

    def go(story: Story) -> str:
        try:
            story.do("change_managers", by="du", new_b=house.person("sun"), change_reason="leaves")
        except Refused as refusal:
            return refusal.code
        return "done"

    # Whoever has counted waits a moment for the other to have counted too: only the lock keeps them apart.
    counted, met = Store.led, Barrier(2)

    def led(store: Store, person: int, but: int) -> int:
        found = counted(store, person, but)
        with suppress(BrokenBarrierError):
            met.wait(0.3)
        return found

    monkeypatch.setattr(Store, "led", led)
    with ThreadPoolExecutor(2) as both:
        said = list(both.map(go, (first, second)))
    assert sorted(said) == ["LimitReached", "done"]


def test_a_and_b_swap_at_once_and_open_work_of_who_leads_goes_along(house: House) -> None:
    """002 §11(1)."""
    story = maintained(house)
    trouble = complaint(house, by="wang")
    visit = house.open("visit", by="wang", unit="east", purpose="月度走访")
    assert story.refused("swap", by="du", swap_why="B角驻外").code == "NotPermitted"
    story.do("swap", by="dong", swap_why="B角驻外")
    house.wait(seconds=1)
    record = house.record()
    assert (record["a"], record["b"], record["lead"]) == (house.person("wang"), house.person("li"), "b")
    assert story.work() == {"maintain": "li"}
    assert set(trouble.work().values()) == {"li"}
    assert set(visit.work().values()) == {"wang"}  # their own appointment, and they still are one of the two


def test_nobody_swaps_while_a_major_complaint_is_open(house: House) -> None:
    story = maintained(house)
    complaint(house, severity="major")
    assert "重大投诉" in story.refused("swap", by="dong", swap_why="驻外").facts["zh"]


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
    assert [(one.limit, one.count) for one in handover.case.takings] == [("leads", 1)]
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
