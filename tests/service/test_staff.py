"""What administrators change: each a step, each refused to others, and nothing twice when a form comes twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.histories import Histories
from tests.support.office import Office
from workflow.core.errors import KeyReused, NotPermitted, PeriodUnfit, SubstitutionInvalid, UnitUnfit
from workflow.core.step import SYSTEM


def substitute(office: Office, who: str, *, by: str, key: str | None = None) -> int:
    since = office.now
    return office.workflow.substitute(
        office.people["anna"], office.people[who], since=since, until=since + timedelta(days=2), reason="休假",
        actor=office.actor(by), key=key,
    )  # fmt: skip


def test_a_substitution_sent_twice_is_made_once_and_ended_once(office: Office) -> None:
    first = substitute(office, "ben", by="anna", key="k1")
    assert substitute(office, "ben", by="anna", key="k1") == first
    assert office.count("substitutions") == 1
    with pytest.raises(KeyReused):
        substitute(office, "dana", by="anna", key="k1")

    steps = office.count("steps")
    for _ in range(2):
        office.workflow.end_substitution(first, actor=office.actor("anna"), key="k2")
    assert office.count("steps") == steps + 1


def test_persons_units_and_roles_sent_twice_are_made_once(sqlite_office: Office) -> None:
    office, door = sqlite_office, sqlite_office.workflow
    root, city = office.actor("root"), office.units["city"]

    def person() -> int:
        return door.add_person("new.one", name_zh="新人", name_en="New One", actor=root, key="p")

    def unit() -> int:
        return door.add_unit("new", name_zh="新", name_en="New", kind="county", parent=city, actor=root, key="u")

    def role() -> int:
        return door.grant(office.people["anna"], city, "supervisor", actor=root, key="g")

    for made in (person, unit, role):
        first = made()
        assert made() == first

    assert office.count("refusals") == 0


def test_oneself_names_a_colleague_and_others_anybody(sqlite_office: Office) -> None:
    office = sqlite_office
    with pytest.raises(SubstitutionInvalid) as refused:
        substitute(office, "dana", by="anna")
    assert refused.value.facts["why"] == "colleague"
    assert office.count("refusals") == 1

    assert substitute(office, "ben", by="anna")
    assert substitute(office, "dana", by="supervisor")


def test_a_unit_is_renamed_moved_and_closed_only_when_empty(sqlite_office: Office) -> None:
    office, door = sqlite_office, sqlite_office.workflow
    root, units = office.actor("root"), office.units
    door.change_unit(units["works"], {"name_zh": "工程局", "parent_id": units["province"]}, actor=root)
    moved = door.directory().units[units["works"]]
    assert (moved.name.zh, moved.name.en, moved.parent) == ("工程局", "Works", units["province"])

    def why(unit: str, **values: object) -> object:
        with pytest.raises(UnitUnfit) as refused:
            door.change_unit(units[unit], values, actor=root)
        return refused.value.facts["why"]

    assert why("province", parent_id=units["county"]) == "loop"
    assert why("city", active=False) == "below"
    assert why("works", active=False) == "people"
    empty = door.add_unit("empty", name_zh="空", name_en="Empty", kind="county", parent=units["city"], actor=root)
    units["empty"] = empty
    registered = office.register("空客户", unit=empty)
    assert why("empty", active=False) == "customers"
    office.workflow.change_customer(registered, {"unit": units["city"]}, actor=SYSTEM)
    door.change_unit(empty, {"active": False}, actor=root)
    assert not door.directory().units[empty].active

    with pytest.raises(NotPermitted):
        door.change_unit(empty, {"active": True}, actor=office.actor("supervisor"))
    verdicts = [one for one in Histories(office).verdicts() if not one.holds]
    assert verdicts == []


def test_a_role_does_not_end_before_it_begins(sqlite_office: Office) -> None:
    office = sqlite_office
    with pytest.raises(PeriodUnfit):
        office.workflow.grant(office.people["anna"], office.units["city"], "supervisor", actor=SYSTEM, until=office.now)


def test_passwords_and_ended_sessions_are_on_record_without_the_password(sqlite_office: Office) -> None:
    office, door = sqlite_office, sqlite_office.workflow
    anna, root = office.people["anna"], office.actor("root")
    for note in (door.note_password, door.note_sessions_ended):
        note(anna, actor=root)
        with pytest.raises(NotPermitted):
            note(anna, actor=office.actor("supervisor"))

    told = door.changes("person", anna, root)
    assert [step.trigger for step in told] == ["end_sessions", "set_password", "add_membership", "add_person"]
    assert told[0].actor is not None
    assert told[0].actor.id == office.people["root"]


def test_only_those_who_look_after_the_organisation_are_told_its_changes(sqlite_office: Office) -> None:
    office, door = sqlite_office, sqlite_office.workflow
    case = office.complaint()
    city = door.changes("unit", office.units["city"], office.actor("auditor"))
    assert {step.trigger for step in city} == {"add_unit", "add_membership"}
    assert door.in_use(office.people["anna"], office.actor("root"))["customers"] == 1
    assert door.versions_in_use(office.actor("root"))[case.definition, case.version] == (1, 1)
    for ask in (
        lambda: door.changes("person", 1, office.actor("anna")),
        lambda: door.in_use(1, office.actor("anna")),
        lambda: door.versions_in_use(office.actor("anna")),
    ):
        with pytest.raises(NotPermitted):
            ask()
