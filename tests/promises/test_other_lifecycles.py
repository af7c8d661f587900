"""What stands beside the two main lifecycles: leads, reports, tiers (domain §4.0, §4.4, §6)."""

import pytest

from tests.promises.house import House
from tests.promises.paths import maintained
from workflow.core.errors import CustomerRequired, FormInvalid, NotPermitted


def test_a_lead_is_declined_with_a_reason_and_the_reporter_is_told(house: House) -> None:
    lead = house.open("lead", by="gui", about=False, name="南方电子", need="每日发货")
    assert isinstance(lead.refused("decline", by="dai"), FormInvalid)
    lead.do("decline", by="dai", why="已是他局客户")
    assert (lead.state, lead.notices("notice")[-1][2]) == ("declined", ("gui",))


def test_a_tier_takes_effect_when_the_director_agrees(house: House) -> None:
    maintained(house)
    review = house.open("tier_review", by="dai", tier="diamond", yearly_revenue="1200000", share="0.4")
    assert house.record()["tier"] == "gold"
    assert isinstance(review.refused("confirm", by="dai"), NotPermitted)
    assert review.do("confirm", by="dong").work() == {"place": "chu"}
    assert house.record()["tier"] == "diamond"


def test_a_tier_below_the_diamond_line_changes_nothing_of_who_keeps_the_customer(house: House) -> None:
    maintained(house)
    review = house.open("tier_review", by="dai", tier="silver", yearly_revenue="300000").do("confirm", by="dong")
    assert (review.state, house.record()["unit"]) == ("confirmed", house.units["east"])


def test_a_complaint_is_always_about_a_customer(house: House) -> None:
    form = {"kind": "complaint", "channel": "phone", "text": "丢失", "severity": "normal"}
    with pytest.raises(CustomerRequired):
        house.open("complaint", by="li", about=False, **form)
