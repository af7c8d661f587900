"""What auditors look for in all histories is found where it is, and only there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.promises.house import SHANGHAI, House
from tests.promises.paths import complaint, go, maintained, registered, signed
from workflow import SYSTEM
from workflow.audit.archive import StoredArchive
from workflow.audit.controls.course import Course, Subject
from workflow.audit.controls.runs import Controls, Outcome
from workflow.audit.known import Known
from workflow.core.step import Actor, Step
from workflow.service.organisation import BOOK


def looked(house: House, control: str, **period: object) -> Outcome:
    """What a control finds, of a period (`since`, `until`)."""
    chosen = [one for one in house.workflow.library.controls if one.name == control]
    given = {"since": None, "until": house.now + timedelta(microseconds=1), **period}
    found = Controls(house.workflow.database, house.workflow.library, zone=SHANGHAI).look(chosen, **given)
    return found[control]


def altered(house: House, control: str, steps: list[Step]) -> Outcome:
    """What a control finds in a history as somebody might have made it."""
    chosen = next(one for one in house.workflow.library.controls if one.name == control)
    known = Known(StoredArchive(house.workflow.database, house.workflow.library), book=BOOK)
    course = Course(steps, until=house.now, library=house.workflow.library, known=known)
    found = Outcome()
    for subject in course.subjects(chosen):
        found.look(chosen, subject)
    return found


def history(house: House, case: int) -> list[Step]:
    return list(StoredArchive(house.workflow.database, house.workflow.library).steps(case))


def test_a_complaint_answered_late_or_not_at_all_is_an_exception_and_one_in_time_is_not(house: House) -> None:
    in_time, late = complaint(house), complaint(house)
    house.wait(hours=47)
    in_time.do("answer", by="li", reply="已补送")
    house.wait(hours=5)
    late.do("answer", by="li", reply="已补送")
    unanswered = complaint(house)
    house.wait(hours=49)
    complaint(house)

    found = looked(house, "answered_in_time")

    assert found.looked == 4
    assert [(one.case, one.detail["late"], one.detail["open"]) for one in found.kept] == [
        (late.id, 4 * 3600, False), (unanswered.id, 3600, True),
    ]  # fmt: skip
    breach = next(one.seq for one in found.kept if one.case == late.id)
    assert history(house, late.id)[breach - 1].kind == "rung"


def test_a_period_has_what_ended_or_fell_due_in_it(house: House) -> None:
    late = complaint(house)
    house.wait(days=3)
    first = house.now
    late.do("answer", by="li", reply="已补送")
    house.wait(days=30)
    other = complaint(house)
    house.wait(days=3)

    def found(**period: object) -> list[int]:
        return [one.case for one in looked(house, "answered_in_time", **period).kept]

    assert found(until=first) == [late.id]
    assert found(since=first) == [other.id]
    assert found() == [late.id, other.id]
    assert found(until=house.local(3, 3)) == []


def test_who_approves_what_they_submitted_is_found_although_the_rules_refuse_it(house: House) -> None:
    story = registered(house)
    steps = history(house, story.id)
    place = next(n for n, step in enumerate(steps) if step.trigger == "approve")
    before = next(step for step in steps if step.trigger == "precheck").actor

    assert looked(house, "own_work_not_approved").looked == 1
    assert looked(house, "own_work_not_approved").exceptions == 0
    steps[place] = replace(steps[place], actor=before)
    assert [one.seq for one in altered(house, "own_work_not_approved", steps).kept] == [place + 1]
    steps[place] = replace(steps[place], actor=Actor(house.person("dong"), before.person))
    assert [one.seq for one in altered(house, "own_work_not_approved", steps).kept] == [place + 1]


def test_a_substitute_who_had_a_hand_in_the_case_does_not_count_as_a_second_pair_of_eyes(house: House) -> None:
    story = registered(house)
    steps = history(house, story.id)
    place = next(n for n, step in enumerate(steps) if step.trigger == "approve")
    who = steps[place].actor.person

    assert altered(house, "four_eyes_by_substitute", steps).looked == 0
    steps[place] = replace(steps[place], actor=Actor(house.person("du"), who))
    assert altered(house, "four_eyes_by_substitute", steps).exceptions == 0
    steps[place] = replace(steps[place], actor=Actor(house.person("li"), who))
    (found,) = altered(house, "four_eyes_by_substitute", steps).kept
    assert (found.seq, found.detail["person"], found.detail["behalf"]) == (place + 1, house.person("li"), who)


def test_a_handover_with_an_open_complaint_is_found(house: House) -> None:
    story = go(signed(house), "compile", "introduce", "accept")
    open_one = complaint(house)
    house.wait(minutes=1)
    go(story, "confirm_handover")

    found = looked(house, "first_handover_without_complaints")
    assert (found.looked, [one.case for one in found.kept]) == (1, [story.id])
    assert history(house, story.id)[found.kept[0].seq - 1].trigger == "confirm_handover"
    assert open_one.state == "received"


def test_a_handover_after_the_complaint_was_closed_is_no_exception(house: House) -> None:
    story = go(signed(house), "compile", "introduce", "accept")
    complaint(house).do("settle", by="li", reply="已补送")
    house.wait(minutes=1)
    go(story, "confirm_handover")

    found = looked(house, "first_handover_without_complaints")
    assert (found.looked, found.exceptions) == (1, 0)


def test_a_customer_without_an_owner_is_found_with_how_long(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The door refuses it now; what an older one let pass is found all the same."""
    monkeypatch.setattr("workflow.core.stints.unowned", lambda record: False)
    door = house.workflow
    values = {"name_zh": "无主食品有限公司", "division": "441900", "tier": "gold", "stage": "maintained"}
    alone = door.register_customer(values, actor=SYSTEM)
    house.wait(days=2)
    door.change_customer(alone, {"tier": "silver"}, actor=SYSTEM)
    house.wait(days=1)
    door.change_customer(alone, {"a": house.person("li")}, actor=SYSTEM)
    house.wait(days=9)
    maintained(house)

    (found,) = looked(house, "never_without_owner").kept

    assert (found.case, found.seq, found.detail["open"]) == (alone, 1, False)
    assert found.detail["until"] - found.detail["since"] == timedelta(days=3) // timedelta(microseconds=1)
    assert looked(house, "never_without_owner", since=house.now - timedelta(days=8)).exceptions == 0
    (never,) = looked(house, "one_owner_at_every_moment").kept
    assert (never.case, never.seq, never.detail["open"]) == (alone, 1, True), "it is of no unit to this day"
    assert looked(house, "shares_always_whole").exceptions == 0


def test_a_diamond_customer_without_its_meeting_is_found_by_month(house: House) -> None:
    house.regrade("diamond")
    maintained(house)
    house.wait_until(house.local(4, 3))
    meeting = house.workflow.open("review_meeting", customer=house.customer, actor=SYSTEM, unit=house.units["city"])
    house.workflow.perform(
        meeting.id, "hold", actor=house.actor("chu"), form={"held_on": "2026-04-03", "movement": "平稳"}
    )
    house.wait_until(house.local(6, 2))

    found = looked(house, "monthly_meeting")

    assert found.looked == 2
    assert [(one.case, one.detail["month"]) for one in found.kept] == [(house.customer, "2026-05")]


def test_a_window_extended_twice_is_found_although_the_rules_refuse_it(house: House) -> None:
    story = registered(house)
    story.do("extend", by="dong", extension_days=10, why="客户换了联系人")
    steps = history(house, story.id)
    assert altered(house, "window_extended_once", steps).exceptions == 0

    def twice(step: Step) -> Step:
        ops = [
            [op, {**body, "delays": body["delays"] * 2}] if op == "clock" and body.get("delays") else [op, body]
            for op, body in step.ops
        ]
        return replace(step, ops=ops)

    (found,) = altered(house, "window_extended_once", [twice(step) for step in steps]).kept
    assert found.detail["extended"] == 2


def test_what_cannot_be_asked_is_an_exception_that_says_so(house: House) -> None:
    control = next(one for one in house.workflow.library.controls if one.name == "answered_in_time")
    subject = Subject(1, 1, house.now, {"clock.breached": "perhaps"}, {}, None)
    outcome = Outcome()

    outcome.look(control, subject)

    assert (outcome.exceptions, outcome.undecided) == (1, 1)
    assert outcome.kept[0].detail == {
        "fault": "INVALID_ARGUMENT: Unexpected value type for 'clock.breached': str. (Expected BOOL)"
    }
