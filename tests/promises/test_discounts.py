"""Tariff discounts: who decides, until when, and never two for one service (domain §6, 003 §2.2(四)5, 001 §3)."""

import time
from threading import Barrier, Thread
from typing import Any

import pytest

from tests.promises.house import House, Story
from tests.promises.paths import maintained
from workflow.core.errors import ConditionNotMet, FourEyes, NotPermitted, Refused
from workflow.service.unit import Unit

ASKED = {"services": ["express"], "off": "10", "volume": "300000", "starts": "2026-03-09", "ends": "2026-12-31",
         "why": "用邮稳定"}  # fmt: skip


@pytest.fixture
def bureau(house: House) -> House:
    """A house whose bureau has somebody to price discounts."""
    house.grant("fen", "sorting", "director")
    return house


def requested(house: House, **different: Any) -> Story:
    return house.open("discount", by="wang", unit="east", **{**ASKED, "bureau": house.units["sorting"], **different})


def passed_on(house: House, **different: Any) -> Story:
    return requested(house, **different).do("pass_on", by="dong", bureau=house.units["sorting"])


def granted(house: House, **different: Any) -> Story:
    return passed_on(house, **different).do("price", by="fen", cost="保本")


def test_the_centre_checks_the_bureau_prices_and_the_customer_is_told(bureau: House) -> None:
    """003 §2.2(三)1, (四)5."""
    maintained(bureau)
    story = requested(bureau)
    assert (story.work(), story.due("check")) == ({"check": "dong"}, bureau.local(3, 4, 9))
    story.do("pass_on", by="dong", bureau=bureau.units["sorting"])
    assert story.work() == {"price": "fen"}
    assert story.do("price", by="fen", cost="保本").state == "granted"
    bureau.wait_until(bureau.local(3, 9, 0, 1))
    assert (story.state, story.told()) == ("in_force", 1)


@pytest.mark.parametrize(
    ("off", "volume", "state"),
    [
        ("20", "1000000", "granted"),
        ("20.01", "1000000", "coordinating"),
        ("20", "1000000.01", "coordinating"),
    ],
)
def test_above_20_percent_or_1000000_yuan_the_coordination_group_decides(
    bureau: House, off: str, volume: str, state: str
) -> None:
    """001 §3 (a coordination group); the limits are ours."""
    maintained(bureau)
    story = passed_on(bureau, off=off, volume=volume).do("price", by="fen", cost="保本")
    assert story.state == state
    if state == "coordinating":
        assert isinstance(story.refused("grant", by="dong"), NotPermitted)
        assert story.do("grant", by="chu").state == "granted"


def test_nobody_passes_on_and_prices_the_same_discount(bureau: House) -> None:
    """Four eyes: ours."""
    maintained(bureau)
    bureau.grant("dong", "sorting", "director")
    story = passed_on(bureau)
    bureau.workflow.claim(story.id, story.case.tasks[0].no, actor=bureau.actor("dong"), at=bureau.now)
    assert isinstance(story.refused("price", by="dong", cost="保本"), FourEyes)


def test_one_customer_never_holds_two_discounts_for_one_service(bureau: House) -> None:
    """Domain §6 discount; 001 §3 (contracts and discounts of a customer under one hand)."""
    maintained(bureau)
    granted(bureau)
    second = passed_on(bureau, services=["parcels", "express"])
    assert isinstance(second.refused("price", by="fen", cost="保本"), ConditionNotMet)
    assert granted(bureau, services=["parcels"]).state == "granted"


def test_a_renewal_that_is_returned_keeps_its_services_and_its_beginning(bureau: House) -> None:
    """Domain §6 discount: begun before the end of what it renews, it would be a second one for the same service."""
    maintained(bureau)
    first = granted(bureau, ends="2026-06-30")
    bureau.wait_until(bureau.local(5, 31, 0, 0))
    first.do("renew", by="wang", new_starts="2026-07-01", new_ends="2026-12-31", new_off="12", kept="达到承诺")
    renewal = first.linked("renewal").do("return", by="dong", opinion="请补充用邮情况")
    earlier = {"services": ["express"], "starts": "2026-06-15", "off": "12", "volume": "300000", "ends": "2026-12-31"}
    assert isinstance(renewal.refused("resubmit", by="wang", why="用邮稳定", **earlier), ConditionNotMet)
    renewal.do("resubmit_renewal", by="wang", off="11", volume="320000", ends="2027-03-31", why="用邮稳定")
    assert (renewal.case.data["services"], renewal.case.data["starts"]) == (["express"], "2026-07-01")
    assert renewal.state == "requested"


def test_an_ended_discount_makes_room_for_another(bureau: House) -> None:
    """Domain §6 discount: granted with an end date."""
    maintained(bureau)
    first = granted(bureau, ends="2026-03-20")
    bureau.wait_until(bureau.local(3, 20, 18, 1))
    assert (first.state, granted(bureau, starts="2026-03-23").state) == ("expired", "granted")


def test_renewal_opens_30_days_before_the_end_and_follows_without_contradiction(bureau: House) -> None:
    """Domain §6 discount: 30 days."""
    maintained(bureau)
    first = granted(bureau, ends="2026-06-30")
    bureau.wait_until(bureau.local(5, 30, 23, 59))
    assert first.state == "in_force"
    bureau.wait_until(bureau.local(5, 31, 0, 0))
    assert (first.state, first.work()) == ("renewing", {"renew": "wang"})
    again = {"new_ends": "2026-12-31", "new_off": "12", "kept": "达到承诺"}
    assert isinstance(first.refused("renew", by="wang", new_starts="2026-06-30", **again), ConditionNotMet)
    first.do("renew", by="wang", new_starts="2026-07-01", **again)
    next_one = first.linked("renewal").do("pass_on", by="dong", bureau=bureau.units["sorting"])
    next_one.do("price", by="fen", cost="保本")
    bureau.wait_until(bureau.local(6, 30, 12))
    assert (first.state, next_one.state) == ("ending", "granted")
    bureau.wait_until(bureau.local(7, 1, 0, 1))
    assert (first.state, next_one.state) == ("expired", "in_force")


def test_two_discounts_granted_at_once_do_not_contradict_each_other(
    twofold: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two grants in the same moment one is refused: the decision is made under the lock of the customer."""
    twofold.grant("fen", "sorting", "director")
    maintained(twofold)
    both = [passed_on(twofold), passed_on(twofold)]
    ready, came = Barrier(2), []
    keep = Unit.flush

    def slowly(work: Unit) -> None:
        time.sleep(0.2)  # what the other has decided in the meantime would have to be seen
        keep(work)

    monkeypatch.setattr(Unit, "flush", slowly)

    def grant(story: Story) -> None:
        ready.wait()
        try:
            came.append(story.do("price", by="fen", cost="保本").state)
        except Refused as refused:
            came.append(refused.code)

    threads = [Thread(target=grant, args=(story,)) for story in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(came) == ["ConditionNotMet", "granted"]
