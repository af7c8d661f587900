"""From the one who won the customer to the one who keeps it, without a moment between (domain §4.3)."""

from datetime import timedelta

from tests.promises.house import MONDAY, House
from tests.promises.paths import FORMS, complaint, go, maintained, signed
from workflow.core.errors import ConditionNotMet, FormInvalid, FourEyes, NotInThisState, ReceiverUnfit
from workflow.core.step import SYSTEM

TO_B = ("compile", "introduce", "accept", "confirm_handover")
MAJOR = "该客户有未办结的重大投诉，暂不能交接。"


def test_the_handover_goes_from_a_over_b_to_the_director(house: House) -> None:
    story = signed(house)
    owners = []
    for trigger in TO_B:
        owners.append(story.work())
        go(story, trigger)
    assert owners == [{"compile": "li"}, {"introduce": "li"}, {"accept": "wang"}, {"confirm": "dong"}]


def test_ten_working_days_to_compile_thirty_days_of_visits_five_working_days_to_accept(house: House) -> None:
    story = signed(house)
    assert story.due("compile") == house.local(3, 16, 9)
    go(story, "compile")
    assert story.due("introduce") == MONDAY + timedelta(days=30)
    go(story, "introduce")
    assert story.due("accept") == house.local(3, 9, 9)


def test_a_late_handover_is_brought_up(house: House) -> None:
    story = signed(house)
    house.wait_until(house.local(3, 17, 9))
    assert story.notices("reminder")[-1] == (house.local(3, 16, 9), "reminder", ("li", "du"))


def test_an_incomplete_file_is_not_handed_in(house: House) -> None:
    story = signed(house)
    assert isinstance(story.refused("compile", by="li"), FormInvalid)
    refused = story.refused("compile", by="li", **{**FORMS["compile"], "file_complete": False})
    assert refused.facts["zh"] == "客户档案尚未齐全。"


def test_the_customers_acknowledgement_is_on_record(house: House) -> None:
    story = go(signed(house), "compile")
    assert isinstance(story.refused("introduce", by="li", visited_on="2026-03-25"), FormInvalid)
    assert go(story, "introduce").case.data["acknowledgement"] == "客户已知悉"


def test_b_returns_the_file_with_the_named_gaps_and_a_fills_them(house: House) -> None:
    story = go(signed(house), "compile", "introduce")
    assert isinstance(story.refused("return_file", by="wang"), FormInvalid)
    story.do("return_file", by="wang", gaps="缺决策人生日")
    assert (story.state, story.work()) == ("compiling", {"compile": "li"})
    assert story.notices("notice")[-1][2] == ("li",)
    assert go(story, *TO_B).state == "active"


def test_the_director_may_return_it_too(house: House) -> None:
    story = go(signed(house), "compile", "introduce", "accept").do("return_file", by="dong", gaps="优惠未列明")
    assert story.state == "compiling"


def test_who_accepted_does_not_confirm(house: House) -> None:
    house.grant("wang", "east", "director")
    story = go(signed(house), "compile", "introduce", "accept")
    house.workflow.claim(story.id, story.case.tasks[0].no, actor=house.actor("wang"), at=house.now)
    refused = story.refused("confirm_handover", by="wang", **FORMS["confirm_handover"])
    assert isinstance(refused, FourEyes)


def test_a_leads_until_the_confirmation_and_b_from_that_moment(house: House) -> None:
    story = go(signed(house), "compile", "introduce", "accept")
    assert house.record()["lead"] == "a"
    go(story, "confirm_handover")
    record = house.record()
    assert (record["lead"], record["stage"]) == ("b", "maintained")
    assert (record["a"], record["b"]) == (house.person("li"), house.person("wang"))
    assert story.work() == {"maintain": "wang"}


def test_no_handover_while_the_customer_has_an_open_major_complaint(house: House) -> None:
    story = go(signed(house), "compile", "introduce")
    trouble = complaint(house, severity="major")
    refused = story.refused("accept", by="wang")
    assert isinstance(refused, ConditionNotMet)
    assert refused.facts["zh"] == MAJOR
    trouble.do("settle", by="li", reply="已赔付")
    assert go(story, "accept").state == "confirming"


def test_a_major_complaint_that_comes_at_the_last_moment_stops_the_confirmation_too(house: House) -> None:
    story = go(signed(house), "compile", "introduce", "accept")
    complaint(house).do("mark_major", by="li", major_reason="媒体关注")
    assert story.refused("confirm_handover", by="dong", **FORMS["confirm_handover"]).facts["zh"] == MAJOR


def test_an_ordinary_complaint_does_not_stop_a_handover(house: House) -> None:
    story = go(signed(house), "compile", "introduce")
    complaint(house)
    assert go(story, "accept", "confirm_handover").state == "active"


def test_the_developers_share_is_100_60_30_0_unless_said_otherwise_and_never_rises(house: House) -> None:
    story = go(signed(house), "compile", "introduce", "accept")
    assert [story.case.data[f"share_{year}"] for year in (1, 2, 3, 4)] == ["100.00", "60.00", "30.00", "0.00"]
    rising = story.refused("confirm_handover", by="dong", share_1="50", share_2="60", share_3="30", share_4="0")
    assert rising.facts["en"] == "The developer's share falls year by year."


def test_when_a_manager_leaves_the_customer_changes_hands_and_is_never_without_an_owner(house: House) -> None:
    story = maintained(house)
    story.do("change_managers", by="du", new_b=house.person("sun"), change_reason="leaves")
    handover = story.linked("staff_handover")
    assert (story.state, story.work()) == ("changing_hands", {"maintain": "wang"})
    assert handover.work() == {"compile": "wang"}
    handover.do("compile", by="wang", **FORMS["compile"])
    handover.do("introduce", by="wang", visited_on="2026-03-20", acknowledgement="已知悉")
    assert handover.work() == {"accept_a": "li", "accept_b": "sun"}
    handover.done("accept_a", by="li", accepted_by_a="同意")
    assert handover.state == "accepting"
    handover.done("accept_b", by="sun", accepted_by_b="接收")
    assert (handover.state, story.work()) == ("confirming", {"maintain": "wang"})
    handover.do("confirm", by="dong")
    assert (story.state, story.work()) == ("active", {"maintain": "sun"})
    record = house.record()
    assert (record["a"], record["b"], record["lead"]) == (house.person("li"), house.person("sun"), "b")


def test_a_change_of_managers_may_be_called_off_and_the_owner_stays(house: House) -> None:
    story = maintained(house)
    story.do("change_managers", by="du", new_b=house.person("sun"), change_reason="overloaded")
    story.linked("staff_handover").do("call_off", by="dong", called_off_for="经理留任")
    assert (story.state, story.work()) == ("active", {"maintain": "wang"})


def test_no_customer_is_given_to_somebody_who_has_left_meanwhile(house: House) -> None:
    story = maintained(house)
    story.do("change_managers", by="du", new_b=house.person("sun"), change_reason="overloaded")
    handover = story.linked("staff_handover")
    handover.do("compile", by="wang", **FORMS["compile"])
    handover.do("introduce", by="wang", visited_on="2026-03-20", acknowledgement="已知悉")
    handover.done("accept_a", by="li", accepted_by_a="同意")
    handover.done("accept_b", by="sun", accepted_by_b="接收")
    house.workflow.change_person(house.person("sun"), {"active": False}, actor=SYSTEM)
    assert isinstance(handover.refused("confirm", by="dong"), ReceiverUnfit)
    assert (house.record()["b"], story.work()) == (house.person("wang"), {"maintain": "wang"})


def test_managers_do_not_change_while_a_major_complaint_is_open(house: House) -> None:
    story = maintained(house)
    complaint(house, severity="major")
    refused = story.refused("change_managers", by="du", new_b=house.person("sun"), change_reason="moves")
    assert refused.facts["zh"] == MAJOR


def test_the_new_pair_is_two_people(house: House) -> None:
    story = maintained(house)
    refused = story.refused("change_managers", by="du", new_b=house.person("li"), change_reason="moves")
    assert refused.facts["en"] == "A and B must be two people."


def test_a_handover_is_confirmed_once(house: House) -> None:
    story = maintained(house)
    assert isinstance(story.refused("confirm_handover", by="dong", **FORMS["confirm_handover"]), NotInThisState)
