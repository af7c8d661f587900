"""Linked groups stand in for each other: absence is covered by the group, then by the unit (004 §2.2 I, domain §2)."""

from datetime import timedelta

import pytest

from tests.promises.house import House
from tests.promises.paths import complaint, maintained
from workflow import Actor
from workflow.audit.rounds import Rounds
from workflow.core.errors import GroupUnfit, NotPermitted, Refused
from workflow.core.step import SYSTEM

GROUP = {"name_zh": "金融行业组", "name_en": "Banking", "industry": "金融"}


def grouped(house: House, *logins: str, by: str = "cao") -> int:
    door = house.workflow
    group = door.add_group(**GROUP, unit=house.units["city"], actor=house.actor(by), at=house.now)
    for login in logins:
        door.join_group(group, house.person(login), actor=house.actor(by), at=house.now)
    return group


def away(house: House, login: str, *, days: float, by: str | None = None) -> int:
    until = house.now + timedelta(days=days)
    return house.workflow.report_absence(
        house.person(login), since=house.now, until=until, reason="年休假", actor=house.actor(by or login), at=house.now
    )


def answered(house: House, trouble: object, login: str, absent: str) -> None:
    who = Actor(house.person(login), house.person(absent))
    house.workflow.perform(
        trouble.id,
        "settle",
        actor=who,
        form={"reply": "已找回"},
        at=house.now,  # type: ignore[attr-defined]
    )


def covers(house: House, absent: str) -> set[str]:
    directory = house.workflow.directory()
    return {login for login, one in house.people.items() if directory.stands_in(one, house.person(absent), house.now)}


def test_an_absence_without_a_name_falls_to_the_group_and_both_names_are_on_record(house: House) -> None:
    """004 §2.2 I."""
    maintained(house)
    trouble = complaint(house, by="wang")
    grouped(house, "wang", "zhao", "qian")
    away(house, "wang", days=5)
    house.wait(hours=1)
    assert covers(house, "wang") == {"zhao", "qian"}
    waiting = house.workflow.inbox(house.actor("zhao")).rows
    assert [(row.case, row.behalf.id) for row in waiting if row.behalf] != []
    assert trouble.id in {row.case for row in waiting}
    answered(house, trouble, "zhao", "wang")
    last = [s for s in house.workflow.history(trouble.id, SYSTEM) if s.trigger == "settle"][-1]
    assert (last.actor.id, last.behalf.id) == (house.person("zhao"), house.person("wang"))
    rounds = Rounds(house.workflow.database, house.workflow.library)
    assert [rounds.one(case).differences for case in (trouble.id, 1)] == [(), ()]
    house.wait(days=6)
    assert covers(house, "wang") == set()
    assert trouble.id not in {row.case for row in house.workflow.inbox(house.actor("zhao")).rows}


def test_who_is_named_comes_first_then_the_group_then_the_unit(house: House) -> None:
    """Domain §2: by the group, then by the unit."""
    group = grouped(house, "wang", "zhao")
    away(house, "wang", days=5)
    away(house, "zhao", days=1)
    assert covers(house, "wang") == {"li", "sun"}  # of the group nobody is there: the colleagues of the unit
    house.wait(days=2)
    assert covers(house, "wang") == {"zhao"}
    house.workflow.substitute(
        house.person("wang"), house.person("sun"), since=house.now, until=house.now + timedelta(days=1),
        reason="指定", actor=house.actor("wang"), at=house.now,
    )  # fmt: skip
    assert covers(house, "wang") == {"sun"}
    house.wait(days=2)
    assert covers(house, "wang") == {"zhao"}
    [zhao] = [m.id for m in house.workflow.directory().group_members if m.person == house.person("zhao")]
    house.workflow.leave_group(zhao, actor=house.actor("cao"), at=house.now)
    assert covers(house, "wang") == {"li", "sun"}
    directory, before = house.workflow.directory(), house.now - timedelta(minutes=1)
    assert set(directory.members(group, before)) == {house.person("wang"), house.person("zhao")}
    assert Rounds(house.workflow.database, house.workflow.library).one(1).differences == ()


@pytest.mark.parametrize(
    ("person", "by", "refusal"),
    [
        ("pan", "cao", "role"),
        ("wang", "cao", "twice"),
        ("sun", "xi", NotPermitted),
        ("sun", "wang", NotPermitted),
    ],
)
def test_who_cannot_be_in_a_group_and_who_cannot_keep_it(
    house: House, person: str, by: str, refusal: str | type[Refused]
) -> None:
    group = grouped(house, "wang")
    with pytest.raises(Refused) as said:
        house.workflow.join_group(group, house.person(person), actor=house.actor(by), at=house.now)
    assert said.value.facts.get("why") == refusal if isinstance(refusal, str) else isinstance(said.value, refusal)


def test_a_group_has_four_members_at_most_and_closes_when_nobody_is_in_it(house: House) -> None:
    """004 §2.2 I: three or four."""
    group = grouped(house, "li", "wang", "zhao", "qian")
    with pytest.raises(GroupUnfit) as full:
        house.workflow.join_group(group, house.person("sun"), actor=house.actor("cao"), at=house.now)
    assert full.value.facts["why"] == "full"
    with pytest.raises(GroupUnfit) as kept:
        house.workflow.change_group(group, {"active": False}, actor=house.actor("cao"), at=house.now)
    assert kept.value.facts["why"] == "members"
