"""Whatever was refused can be found again: by whom, why, of which lifecycle, by what was tried, when."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from tests.support.office import Office
from workflow.audit.refused import KINDS, Question, RefusalDesk
from workflow.core import errors
from workflow.core.errors import Refused
from workflow.core.step import SYSTEM
from workflow.people.accounts import Accounts


def tried(office: Office) -> int:
    """Attempts of all kinds at one complaint; gives it."""
    door, case = office.workflow, office.complaint()
    with suppress(Refused):
        door.perform(case.id, "settle", actor=office.actor("ben"), form={"reply": "好"})
    office.later(hours=1)
    with suppress(Refused):
        door.perform(case.id, "settle", actor=office.actor("stranger"), form={"reply": "好"})
    office.later(hours=1)
    with suppress(Refused):
        door.perform(case.id, "answer", actor=office.actor("ben"), form={"reply": "好"})
    with suppress(Refused):
        door.perform(case.id, "confirm", actor=office.actor("anna"))
    with suppress(Refused):
        door.perform(case.id, "settle", actor=office.actor("anna"), form={})
    with suppress(Refused):
        door.open("visit", customer=office.customer, actor=office.actor("delivery"), data={"purpose": "拜访"})
    office.later(hours=1)
    with suppress(Refused):
        Accounts(office.database).sign_in("ANNA", "wrong", address="10.1.2.3", agent="test", at=office.now)
    with suppress(Refused):
        Accounts(office.database).sign_in("nobody", "wrong", address="10.1.2.4", agent="test", at=office.now)
    return int(case.id)


def found(office: Office, reader: str | None = None, **asked: Any) -> list[tuple[str, str]]:
    """Who tried what, the last first."""
    actor = SYSTEM if reader is None else office.actor(reader)
    page = RefusalDesk(office.workflow).search(actor, Question(**asked), limit=2)
    rows = list(page.rows)
    while page.next is not None:
        page = RefusalDesk(office.workflow).search(actor, Question(**asked), after=page.next, limit=2)
        rows += page.rows
    assert len(rows) == page.count
    return [(row.actor.name["en"] if row.actor else "-", row.attempt) for row in rows]


def test_who_tried_to_close_a_complaint_they_may_not_close_is_one_question(office: Office) -> None:
    tried(office)

    assert found(office, definition="complaint", action="ends", kind="denied") == [
        ("Stranger", "perform:settle"), ("Ben", "perform:settle"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"kind": "sign_in"}, [("-", "sign_in:nobody"), ("Anna", "sign_in:anna")]),
        ({"kind": "state"}, [("Anna", "perform:confirm")]),
        ({"kind": "form"}, [("Anna", "perform:settle")]),
        ({"action": "answer"}, [("Ben", "perform:answer")]),
        ({"definition": "visit"}, [("Delivery", "open:visit")]),
        ({"text": "10.1.2.4"}, [("-", "sign_in:nobody")]),
        ({"text": "orm:ans", "person": None}, [("Ben", "perform:answer")]),
        ({"definition": "visit", "action": "ends"}, []),
        ({"number": "no such"}, []),
    ],
)  # fmt: skip
def test_it_is_found_by_any_of_its_sides(
    sqlite_office: Office, asked: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    tried(sqlite_office)

    assert found(sqlite_office, **asked) == expected


def test_by_person_and_period_and_unit(office: Office) -> None:
    begun = office.now
    case = tried(office)
    anna = office.people["anna"]

    assert {what for _, what in found(office, person=anna)} == {"sign_in:anna", "perform:settle", "perform:confirm"}
    assert len(found(office, until=begun + timedelta(minutes=30))) == 1
    assert len(found(office, since=begun + timedelta(hours=2, minutes=30))) == 2
    assert len(found(office, unit=office.units["city"])) == 5
    assert found(office, unit=office.units["other"]) == []
    assert len(found(office, number=office.stored(case).number)) == 5


def test_who_does_not_audit_sees_neither_other_units_nor_sign_ins(office: Office) -> None:
    tried(office)

    assert len(found(office, "auditor")) == 8
    assert {who for who, _ in found(office, "stranger")} == {"Stranger"}
    assert not [what for _, what in found(office, "director") if what.startswith("sign_in")]


def test_every_kind_is_of_refusals_there_are() -> None:
    assert all(issubclass(getattr(errors, code), Refused) for codes in KINDS.values() for code in codes)
