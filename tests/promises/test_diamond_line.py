"""Across the diamond line the managing unit changes by a handover, once it is confirmed (002 §8-9, domain §4.4)."""

from tests.promises.house import House, Story
from tests.promises.paths import FORMS, maintained
from workflow.audit.rounds import Rounds
from workflow.core.step import SYSTEM


def crossed(house: House) -> Story:
    """A gold customer of east is found to be diamond: the city takes it, with two managers of its own."""
    for login in ("zhao", "qian"):
        house.grant(login, "city", "account_manager")
    review = house.open("tier_review", by="dai", tier="diamond", yearly_revenue="1200000").do("confirm", by="dong")
    review.do("place", by="chu", unit=house.units["city"], a=house.person("zhao"), b=house.person("qian"))
    return review


def splits(house: House) -> object:
    """The revenue schedule as the customer's record holds it: from which month whose share is what."""
    with house.workflow.database.reading() as connection:
        return connection.exec_driver_sql(
            "SELECT month, unit_id, person_id, share FROM splits ORDER BY seq, month, place"
        ).all()  # fmt: skip


def test_the_city_takes_a_diamond_customer_when_the_handover_is_confirmed_and_the_schedule_goes_on(
    house: House,
) -> None:
    """002 §9(1)-(2); a change of manager or tier keeps the schedule running (000 §3.2.3)."""
    account = maintained(house)
    schedule = splits(house)
    review = crossed(house)
    house.wait(seconds=1)
    record = house.record()
    assert (record["tier"], record["unit"], record["b"]) == ("diamond", house.units["east"], house.person("wang"))
    assert (review.state, account.state, account.work()) == ("handing_over", "changing_hands", {"maintain": "wang"})
    handover = review.linked("handover")
    handover.do("compile", by="wang", **FORMS["compile"])
    handover.do("introduce", by="wang", visited_on="2026-03-20", acknowledgement="已知悉")
    assert handover.work() == {"accept_a": "zhao", "accept_b": "qian", "accept_unit": "chu"}
    handover.done("accept_a", by="zhao", accepted_by_a="接收").done("accept_b", by="qian", accepted_by_b="接收")
    assert (handover.state, house.record()["unit"]) == ("accepting", house.units["east"])
    handover.done("accept_unit", by="chu", accepted_by_unit="接收").do("confirm", by="dong")
    house.wait(seconds=1)
    record = house.record()
    assert (record["unit"], record["a"], record["b"]) == (
        house.units["city"], house.person("zhao"), house.person("qian"),
    )  # fmt: skip
    assert (review.state, account.state, account.case.unit) == ("confirmed", "active", house.units["city"])
    assert schedule
    assert splits(house) == schedule
    rounds = Rounds(house.workflow.database, house.workflow.library)
    assert [rounds.one(story.id).differences for story in (review, handover, account)] == [(), (), ()]


def test_a_handover_that_is_called_off_leaves_the_unit_and_asks_again_and_the_same_unit_needs_none(
    house: House,
) -> None:
    owners = {"unit": house.units["east"], "a": house.person("li"), "b": house.person("wang"), "stage": "maintained"}
    house.workflow.change_customer(house.customer, owners, actor=SYSTEM, at=house.now)
    review = crossed(house)
    review.linked("handover").do("call_off", by="dong", called_off_for="客户不同意")
    house.wait(seconds=1)
    assert (review.state, review.work(), house.record()["unit"]) == ("placing", {"place": "chu"}, house.units["east"])
    review.do("place", by="chu", unit=house.units["east"], a=house.person("li"), b=house.person("wang"))
    assert (review.state, review.linked_count("handover")) == ("confirmed", 1)
