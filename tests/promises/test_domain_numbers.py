"""What the sources ask for in a number or a list and no other story tells: the rest of the domain, line by line."""

from __future__ import annotations

from datetime import timedelta

from tests.promises.house import House, Story
from tests.promises.paths import ANNOUNCED, approve, claim, complaint, expanding, go, maintained, precheck, registered
from workflow import SYSTEM, Actor
from workflow.core.errors import FormInvalid

CHANNELS = ("phone", "visit", "counter", "hotline", "web", "letter")


def test_a_customers_number_has_14_digits_of_three_parts(house: House) -> None:
    """003 §4.2(3): division (6), sequence from 00001 (5), branch (3): 000 for the head office, branches from 001."""
    record = {"name_zh": "南方电子有限公司", "division": "440300"}
    head = house.workflow.register_customer(record, actor=SYSTEM, at=house.now)
    branch = {"name_zh": "南方电子有限公司坪山分公司", "division": "440300"}
    below = house.workflow.register_customer(branch, head=head, actor=SYSTEM, at=house.now)
    numbers = [house.workflow.as_of(one, house.now, SYSTEM).data["number"] for one in (head, below)]
    assert numbers == ["44030000001000", "44030000001001"]


def test_who_reads_a_customers_file_is_recorded(house: House) -> None:
    """001 §4, 003 §3.1: who, when, and that the people in it were shown; once a day for each reader (ours)."""
    maintained(house)
    first = house.now
    house.workflow.look_at_customer(house.customer, house.actor("wang"))
    house.wait(hours=1)
    house.workflow.look_at_customer(house.customer, house.actor("wang"))
    house.workflow.show_contacts(house.customer, house.actor("du"))
    looks = house.workflow.looks_at(house.customer, house.actor("dong"))
    assert [(look.person.id, look.kind, look.at) for look in looks if look.person] == [
        (house.person("du"), "customer.personal", house.now),
        (house.person("wang"), "customer.file", first),
    ]


def test_a_diamond_customer_is_proposed_to_the_city_centre(house: House) -> None:
    """002 §9(1): diamond customers are developed, kept and managed by the city centre; the others by bureau or town."""
    house.regrade("diamond")
    story = claim(house)
    data = story.case.data
    assert (data["proposal"], data["leads_by"], data["proposed_level"]) == ("diamond", "diamond", "city")
    assert data["proposed_unit"] == house.units["city"]
    precheck(story)
    refused = story.refused("approve", by="chu", developing_unit=house.units["east"])
    assert refused.facts["zh"] == "与系统建议的牵头方式或单位不同，请写明理由。"
    assert approve(story, otherwise_why="东区已服务多年").state == "surveying"


def test_a_plan_says_which_services_are_offered(house: House) -> None:
    """002 §12(3): quality and cost held, the services that earn more; the plan names them or is not handed in."""
    story = go(registered(house), "survey", "segment", "prioritise", "position")
    refused = story.refused("submit_plan", by="li", marketing_plan="次日达")
    assert isinstance(refused, FormInvalid)
    assert set(refused.facts["fields"]) == {"offered"}
    story.do("submit_plan", by="li", marketing_plan="次日达", offered="特快专递，不用挂号信")
    assert story.case.data["offered"] == "特快专递，不用挂号信"


def test_bids_are_taken_for_ten_working_days(house: House) -> None:
    """002 §10(1); the ten working days are ours: to the minute, days off left out."""
    bidding = expanding(house).do("give_up", by="li", why="无力开发").linked("bidding")
    end = house.local(3, 16, 9)
    house.wait_until(end - timedelta(minutes=1))
    assert bidding.state == "announced"
    bidding.do("bid", by="xi", plan="同城仓配", share="20", bid_a=house.person("zhao"), bid_b=house.person("qian"))
    house.wait_until(end)
    assert bidding.state == "judging"


def test_a_unit_holds_thirty_granted_customers_at_once(house: House) -> None:
    """Ours: whoever of the unit receives it; what one gives back makes room, and another unit has its own thirty."""
    managers = [house.workflow.add_person(f"m{n}", name_zh=f"m{n}", name_en=f"m{n}", actor=SYSTEM) for n in range(11)]
    for person in managers:
        house.workflow.grant(person, house.units["east"], "account_manager", actor=SYSTEM, at=house.now)
    pools = [_announced(house, f"客户{n}有限公司") for n in range(31)]
    house.wait(days=4)
    for n, one in enumerate(pools):
        house.workflow.perform(one.id, "apply", actor=Actor(managers[n // 3]), form={"plan": "试寄"}, at=house.now)
    for n, one in enumerate(pools[:30]):
        one.do("grant", by="chu", **_granted(house, managers[n // 3]))
    refused = pools[30].refused("grant", by="chu", **_granted(house, managers[10]))
    assert (refused.facts["limit"], refused.facts["most"], refused.facts["count"]) == ("per_unit", 30, 30)
    house.workflow.perform(pools[0].id, "hand_back", actor=Actor(managers[0]), form={"why": "让出"}, at=house.now)
    assert pools[30].do("grant", by="chu", **_granted(house, managers[10])).state == "granted"


def test_a_complaint_comes_by_any_of_six_channels(house: House) -> None:
    """004 §2.2 E(1)⑤, domain §5(1): recorded in full on any channel; a query that can be answered is, at once."""
    maintained(house)
    for channel in CHANNELS:
        story = complaint(house, by="wang", kind="query", channel=channel, text="邮件查询")
        told = house.workflow.case(story.id, house.actor("wang")).data
        assert (told["channel"], told["text"], story.state) == (channel, "邮件查询", "received")
        assert story.do("settle", by="wang", reply="已投递").state == "closed"
        assert story.clock("answer").breached is None


def test_a_call_recommends_services_and_a_visit_takes_something_along(house: House) -> None:
    """004 §2.2 E(1)⑨, E(2)①③: services recommended on every call; a visit prepared, with material and presents."""
    story = maintained(house).do("alert", by="dai", alert="drop")
    call = story.linked("alert")
    call.do("reached", by="wang", result="已通话", cause="季节性", recommended="账单函件，客户有意")
    story.do("plan_visit", by="wang", visit_purpose="季度走访")
    visit = story.linked("visit")
    refused = visit.refused("agree", by="wang", appointment=house.now.isoformat(), brought="新资费表、邮册")
    assert set(refused.facts["fields"]) == {"prepared"}
    visit.do("agree", by="wang", appointment=house.now.isoformat(), prepared="档案已查", brought="新资费表、邮册")
    assert (call.case.data["recommended"], visit.case.data["brought"]) == ("账单函件，客户有意", "新资费表、邮册")


def test_a_lead_is_judged_in_two_working_days_and_registered_in_five(house: House) -> None:
    """002 §10(2), 003 §2.1; the limits are ours: who judges is reminded, and so is who was sent."""
    lead = house.open("lead", by="gui", about=False, name="南方电子", need="每日发货")
    assert lead.due("judge") == house.local(3, 4, 9)
    house.wait_until(house.local(3, 4, 9))
    assert lead.notices("reminder")[-1][2] == ("dai",)
    lead.do("assign", by="dai", developer=house.person("sun"))
    assert lead.due("register") == house.local(3, 11, 9)
    house.wait_until(house.local(3, 11, 9))
    assert lead.notices("reminder")[-1][2] == ("sun", "dai")


def test_a_report_counts_the_services_newly_opened(house: House) -> None:
    """004 §2.2 E(3)②: value-added services newly opened in the period, and their use."""
    order = maintained(house).do("order_service", by="wang", request="专线一条").linked("service_order")
    order.do("feasible", by="pan", check="有资源", solution="直连", date="2026-03-06").do("agree", by="wang")
    order.do("built", by="pan", works="已敷设").do("accept", by="wang", acceptance="合格")
    report = house.open("report", by="wang", about=False, manager=house.person("wang"), kind="weekly", period="第10周",
                        since="2026-03-02", until="2026-03-08")  # fmt: skip
    house.wait(minutes=1)
    assert report.case.data["opened_services"] == 1


def _announced(house: House, name: str) -> Story:
    record = {"name_zh": name, "division": "441900", "stage": "potential"}
    customer = house.workflow.register_customer(record, actor=SYSTEM, at=house.now)
    city = house.units["city"]
    case = house.workflow.open("pool_grant", customer=customer, actor=SYSTEM, unit=city, data=ANNOUNCED, at=house.now)
    return Story(house, case.id)


def _granted(house: House, to: int) -> dict[str, object]:
    return {"unit": house.units["east"], "a": to, "b": house.person("wang"), "term": "two"}
