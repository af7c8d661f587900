"""What is announced to everybody: the limits of grants, and bids nobody reads before the end (domain §4.2)."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.promises.house import House, Story
from tests.promises.paths import ANNOUNCED, BEFORE_EXPANSION, FORMS, approve, claim, claimed, expanding, go, registered
from workflow import SYSTEM
from workflow.audit import replays
from workflow.core.errors import CaseNotFound, ConditionNotMet, FileClosed, LimitReached, NotPermitted
from workflow.service.views.names import Masked


def test_a_manager_is_granted_three_customers_a_day_at_most(house: House) -> None:
    """ours: counted for who receives; what is handed back does not give the day's share back, a refused try costs
    nothing, and the sentence says the number and when it begins anew."""
    pools = [pool(house, f"客户{n}有限公司") for n in range(4)]
    house.wait(days=4)
    for one in pools:
        one.do("apply", by="sun", plan="试寄").do("apply", by="zhao", plan="试寄")
    grant(pools[0], to="sun").do("hand_back", by="sun", why="名额让出")
    grant(pools[1], to="sun")
    grant(pools[2], to="sun")
    refused = pools[3].refused("grant", by="chu", **granted(house, "sun"))
    assert (refused.facts["most"], refused.facts["count"]) == (3, 3)
    assert said(refused, "zh") == (
        "该客户经理今日已取得3个客户，每日上限3个，2026年3月7日 00:00起可再授权；交回不恢复当日额度。"
    )
    grant(pools[3], to="zhao", unit="west")
    assert taken(house, "sun", "per_day") == 3


def test_a_manager_holds_five_granted_customers_at_once_and_a_new_day_does_not_help(house: House) -> None:
    """ours; one that is handed back makes room."""
    pools = [pool(house, f"客户{n}有限公司") for n in range(6)]
    for one in pools:
        one.do("apply", by="sun", plan="试寄")
    house.wait(days=4)
    for place, one in enumerate(pools[:5]):
        grant(one, to="sun")
        if place == 2:
            house.wait(days=1)
    house.wait(days=1)
    refused = pools[5].refused("grant", by="chu", **granted(house, "sun"))
    assert (refused.facts["limit"], refused.facts["most"], refused.facts["until"]) == ("per_person", 5, None)
    pools[0].do("hand_back", by="sun", why="名额让出")
    assert grant(pools[5], to="sun").state == "granted"


def test_the_last_holder_waits_thirty_days_and_a_new_announcement_three(house: House) -> None:
    """ours: a cool-down for the last holders, as receivers and as applicants; a freeze for what is newly announced."""
    one = pool(house, "客户有限公司")
    one.do("apply", by="sun", plan="试寄").do("apply", by="zhao", plan="试寄")
    frozen = one.refused("grant", by="chu", **granted(house, "sun"))
    assert (frozen.facts["limit"], frozen.facts["until"]) == ("freeze", house.local(3, 5, 9))
    house.wait(days=3)
    grant(one, to="sun").do("hand_back", by="sun", why="客户不在本地")
    house.wait(days=29)
    cooling = one.refused("apply", by="sun", plan="再试")
    assert (cooling.facts["limit"], cooling.facts["until"]) == ("own_cool_down", house.local(4, 4, 9))
    one.do("apply", by="zhao", plan="再试")
    assert one.refused("grant", by="chu", **granted(house, "sun")).facts["zh"] == "该单位的该客户经理未提出申请。"
    house.wait(days=1)
    one.do("apply", by="sun", plan="再试")
    assert grant(one, to="sun").state == "granted"


def test_a_grant_is_protected_for_its_term_and_a_claim_on_it_is_a_dispute(house: House) -> None:
    """002 §12(6): the customer is the grantee's for the term."""
    one = pool(house, "客户有限公司")
    one.do("apply", by="zhao", plan="试寄")
    house.wait(days=3)
    grant(one, to="zhao", unit="west")
    assert house.workflow.as_of(one.case.customer, house.now, SYSTEM).data["until"] is not None
    east = house.units["east"]
    case = house.workflow.open(
        "account", customer=one.case.customer, actor=house.actor("li"), unit=east, data=claimed(house), at=house.now
    )
    assert (case.state, case.data["held_by"]) == ("disputed", house.person("zhao"))


def test_what_is_announced_is_open_to_every_unit_and_to_nobody_else(house: House) -> None:
    """002 §12(6), §10(1): the centre announces to all units; other roles do not see it."""
    one, other = pool(house, "客户有限公司"), bidding(house)
    workflow = house.workflow
    for login, seen in (("zhao", [one.id]), ("sun", [one.id]), ("xi", [other.id]), ("dong", [other.id]), ("pan", [])):
        found = workflow.offers(house.actor(login), limit=10)
        assert [row.case.id for row in found.rows] == seen
        for row in found.rows:
            assert workflow.case(row.case.id, house.actor(login)).row.id == row.case.id
            assert row.way is not None
            assert row.against is None
    with pytest.raises(CaseNotFound):
        workflow.case(one.id, house.actor("pan"))
    left = {each.limit.name: each.left for each in workflow.limits_left(house.actor("zhao"))}
    assert left == {"per_day": 3, "per_person": 5, "per_unit": 30}
    one.do("close", by="chu", why="客户迁出")
    assert workflow.offers(house.actor("zhao")).rows == ()


def test_a_second_application_and_a_waiting_holder_are_told_so_in_the_list(house: House) -> None:
    one = pool(house, "客户有限公司")
    one.do("apply", by="sun", plan="试寄")
    [row] = house.workflow.offers(house.actor("sun")).rows
    assert row.against is not None
    assert row.against.facts["zh"] == "您已提出申请。"
    house.wait(days=3)
    grant(one, to="sun").do("hand_back", by="sun", why="让出")
    [row] = house.workflow.offers(house.actor("sun")).rows
    assert isinstance(row.against, LimitReached)


def test_nobody_reads_a_bid_before_the_end_and_everybody_in_the_case_after_it(house: House) -> None:
    """002 §10(1); sealed until the end: ours. Not the centre's director, not the bidder, not the auditor."""
    house.grant("cheng", "province", "auditor")
    case = bidding(house)
    case.do("bid", by="xi", **offer(house))
    readers = [house.actor(login) for login in ("chu", "shen", "xi", "dong", "cheng")] + [SYSTEM]
    for reader in readers:
        view = house.workflow.case(case.id, reader)
        assert isinstance(view.data["bids"], Masked)
        assert view.data["bidders"] == [{"unit": house.units["west"]}]
        for step in house.workflow.history(case.id, reader):
            assert "同城仓配" not in repr((step.form, step.ops))
    assert house.workflow.case(case.id, house.actor("xi")).data["bids"] == Masked("sealed")
    assert "同城仓配" not in repr(house.workflow.as_of(case.id, house.now, SYSTEM))
    house.wait(days=20)
    assert case.state == "judging"
    for login in ("chu", "xi"):
        [seen] = house.workflow.case(case.id, house.actor(login)).data["bids"]
        assert (seen["unit"], seen["plan"], seen["percent"]) == (house.units["west"], "同城仓配", "20.00")


def test_sealed_bids_are_in_no_export_and_the_case_file_says_withheld(house: House) -> None:
    from workflow.storage.queries import exports, past

    case = bidding(house)
    case.do("bid", by="xi", **offer(house))
    with house.workflow.database.reading() as connection:
        stored = exports.vault_of(connection, case.id)
        assert stored
        assert all(row.value is None and row.salt is None for row in stored)
        assert exports.secrets_of(connection, [case.id])[case.id] == {}
        assert all(value is None for _, value in past.secrets(connection, [case.id])[case.id].values())


def test_the_history_of_limits_seals_and_signals_is_reproduced(house: House) -> None:
    """Judged again from what is on record: grants with their counts, opened bids, a clock another case stopped."""
    window = expanding(house)
    claim(house, by="zhao", unit="west").linked("dispute")
    granted_one, bids = pool(house, "客户有限公司"), bidding(house)
    granted_one.do("apply", by="sun", plan="试寄")
    bids.do("bid", by="xi", **offer(house))
    house.wait(days=20)
    grant(granted_one, to="sun")
    desk = replays.Replays(house.workflow)
    for case in (window, granted_one, bids):
        verdict = desk.film(case.id, SYSTEM).verdict
        assert (verdict.differences, verdict.unchecked, verdict.erased) == ((), (), ())
        assert verdict.reproduced == verdict.steps


def test_002_12_6_the_centre_announces_a_potential_customer_by_hand_and_a_grant_won_goes_on(house: House) -> None:
    """002 §12(6): announced by the centre, applied for, granted for a term; won in it, the customer has a registration,
    a handover to go on to, and one owner at every moment."""
    customer = potential(house, "新客户有限公司")
    one = announce(house, customer, need="电商仓配，月均两万件")
    assert (one.state, one.case.unit, one.work()) == ("announced", house.units["city"], {"grant": "chu"})
    assert set(one.notices("notice")[0][2]) == {"li", "wang", "sun", "zhao", "qian"}
    one.do("apply", by="zhao", plan="先行试寄，一月内签约")
    assert one.refused("grant", by="chu", **granted(house, "zhao", "west")).facts["limit"] == "freeze"
    house.wait(days=3)
    grant(one, to="zhao", unit="west")
    record = house.workflow.as_of(customer, house.now, SYSTEM).data
    assert (record["a"], record["unit"], record["stage"]) == (house.person("zhao"), house.units["west"], "developing")
    assert record["until"] is not None
    form = {"contract_number": "YZ-9", "contract_date": "2026-03-20", "products": "特快", "yearly_value": "700000"}

    one.do("win", by="zhao", contact="周经理", contract_end="2027-03-20", **form)

    year: dict[str, Any] = {"since": "2026-01", "until": "2026-12", "zone": ZoneInfo("Asia/Shanghai")}
    results = house.workflow.results(house.actor("shen"), **year)
    [zhao] = [found for found in results if found.person.id == house.person("zhao")]
    assert (zhao.won, zhao.agreed) == (1, 700_000_00)
    account = one.linked("registration")
    assert (account.state, account.work(), account.case.unit) == ("compiling", {"compile": "zhao"}, house.units["west"])
    data = account.case.data
    assert (data["project_plan"], data["grant_number"]) == ("先行试寄，一月内签约", one.case.number)
    assert (data["developing_unit"], data["expected_revenue"]) == (house.units["west"], "600000.00")
    for login in ("xi", "shen"):  # the one sees the registration, the other the grant as well
        found = house.workflow.contracts_of(customer, house.actor(login))
        assert [(one.number, one.case, one.ends) for one in found] == [("YZ-9", account.id, "2027-03-20")]
    assert account.linked_count("first_contact") == account.linked_count("first_bill") == 1
    handed = {"compile": "zhao", "introduce": "zhao", "accept": "wang", "confirm_handover": "xi"}
    for trigger, by in handed.items():
        account.do(trigger, by=by, **FORMS[trigger])
    record = house.workflow.as_of(customer, house.now, SYSTEM).data
    assert (account.state, record["stage"], record["lead"]) == ("active", "maintained", "b")
    desk = replays.Replays(house.workflow)
    for story in (one, account):
        verdict = desk.film(story.id, SYSTEM).verdict
        assert (verdict.differences, verdict.unchecked, verdict.reproduced) == ((), (), verdict.steps)


def test_002_12_6_only_a_customer_nobody_develops_is_announced_and_only_once(house: House) -> None:
    """002 §11(2), §12(6), §10(1): who has it in its window, in dispute, open to bids or kept is told in a sentence."""
    customer = potential(house, "已公告有限公司")
    announce(house, customer)
    assert not_announced(house, customer) == "该客户已在潜在客户公告中。"
    first = registered(house)
    assert not_announced(house, house.customer) == "该客户已有申报或正由单位开发、维护，不能公告。"
    go(first, *BEFORE_EXPANSION)
    claim(house, by="zhao", unit="west")
    assert not_announced(house, house.customer) == "该客户的开发权有争议，裁定前不能公告。"
    bids = bidding(house)
    assert not_announced(house, bids.case.customer) == "该客户正在公开竞标，不能公告。"
    kept = potential(house, "维护中有限公司")
    house.workflow.change_customer(
        kept, {"stage": "maintained", "a": house.person("li"), "unit": house.units["east"]}, actor=SYSTEM, at=house.now
    )
    assert not_announced(house, kept) == "该客户正由单位开发或维护，不能公告。"


def test_002_12_6_a_centre_announces_its_own_customers(house: House) -> None:
    """002 §12(6): the centre; who directs another unit, and who directs none, does not."""
    customer = potential(house, "东区客户有限公司")
    with pytest.raises(FileClosed):
        announce(house, customer, by="xi")
    with pytest.raises(NotPermitted):
        announce(house, customer, by="li")
    assert announce(house, customer, by="dong").work() == {"grant": "dong"}


def test_a_registration_approved_by_a_disputes_decision_ends_the_grant_it_was_won_from(house: House) -> None:
    """003 §4.3(1)9: who won the dispute develops; nobody else can go on to win the customer."""
    house.workflow.change_customer(house.customer, {"unit": house.units["east"]}, actor=SYSTEM, at=house.now)
    one = announce(house, house.customer)
    one.do("apply", by="zhao", plan="试寄")
    house.wait(days=3)
    grant(one, to="zhao", unit="west")
    story = claim(house)
    story.linked("dispute").do(
        "uphold", by="chu", earlier_says="open", earlier_why="同日", territory_says="claim", territory_why="签约地",
        winner=house.units["east"], grounds="属地", split=[{"unit": house.units["east"], "percent": "100"}],
    )  # fmt: skip
    approve(story)
    assert (story.state, one.state) == ("surveying", "closed")
    assert house.record()["a"] == house.person("li")


def potential(house: House, name: str) -> int:
    record = {"name_zh": name, "division": "441900", "stage": "potential", "unit": house.units["east"]}
    return house.workflow.register_customer(record, actor=SYSTEM, at=house.now)


def announce(house: House, customer: int, *, by: str = "chu", **more: Any) -> Story:
    data = {**ANNOUNCED, **more}
    case = house.workflow.open("pool_grant", customer=customer, actor=house.actor(by), data=data, at=house.now)
    return Story(house, case.id)


def not_announced(house: House, customer: int | None) -> str:
    """What the centre is told that cannot announce a customer."""
    assert customer is not None
    if house.workflow.as_of(customer, house.now, SYSTEM).data["unit"] is None:
        house.workflow.change_customer(customer, {"unit": house.units["city"]}, actor=SYSTEM, at=house.now)
    with pytest.raises(ConditionNotMet) as refused:
        announce(house, customer)
    return said(refused.value, "zh")


def pool(house: House, name: str) -> Story:
    return Story(house, opened(house, "pool_grant", name))


def bidding(house: House) -> Story:
    return Story(house, opened(house, "bidding", "竞标有限公司"))


def opened(house: House, definition: str, name: str) -> int:
    customer = house.workflow.register_customer(
        {"name_zh": name, "division": "441900", "stage": "potential"}, actor=SYSTEM, at=house.now
    )
    data = ANNOUNCED if definition == "pool_grant" else {}
    city = house.units["city"]
    return house.workflow.open(definition, customer=customer, actor=SYSTEM, unit=city, data=data, at=house.now).id


def granted(house: House, to: str, unit: str = "east") -> dict[str, Any]:
    return {"unit": house.units[unit], "a": house.person(to), "b": house.person("wang"), "term": "two"}


def grant(one: Story, *, to: str, unit: str = "east") -> Story:
    return one.do("grant", by="chu", **granted(one.house, to, unit))


def offer(house: House) -> dict[str, Any]:
    return {"plan": "同城仓配", "share": "20", "bid_a": house.person("zhao"), "bid_b": house.person("qian")}


def taken(house: House, login: str, limit: str) -> int:
    with house.workflow.database.reading() as connection:
        found = connection.exec_driver_sql(
            "SELECT count(*) FROM takings WHERE name = ? AND of_id = ?", (f"pool_grant.{limit}", house.person(login))
        )
        return int(found.scalar_one())


def said(refused: Any, language: str) -> str:
    from zoneinfo import ZoneInfo

    from workflow import messages
    from workflow.messages.names import Names

    return messages.sentence(refused, language, names=Names(zone=ZoneInfo("Asia/Shanghai")))
