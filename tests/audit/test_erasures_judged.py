"""A step that says values were erased is judged too: by whom, and whether they are gone."""

import pytest

from tests.support.office import Office, library
from workflow.audit.rounds import Rounds
from workflow.core.step import SYSTEM, Actor
from workflow.messages import verdicts
from workflow.service.organisation import BOOK
from workflow.storage import tables as t


def judged(office: Office, record: int) -> list[tuple[int, str]]:
    verdict = Rounds(office.database, library()).one(record)
    return [(one.seq, one.what) for one in verdict.differences]


@pytest.mark.parametrize("by", ["root", None])
def test_an_erasure_of_a_case_a_customer_and_a_person_is_reproduced(office: Office, by: str | None) -> None:
    door, actor = office.workflow, office.actor(by) if by else SYSTEM
    case = office.complaint()
    assert door.erase(case.id, actor=actor, reason="客户要求") > 0
    door.erase(office.customer, actor=actor, reason="客户要求")
    door.erase_person(office.people["ben"], actor=actor, reason="离职")
    for record in (case.id, office.customer, BOOK):
        assert judged(office, record) == []


def test_an_erasure_by_somebody_who_may_not_is_found(sqlite_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office = sqlite_office
    case = office.complaint()
    monkeypatch.setattr("workflow.service.erasure.Erasure._administrator", lambda *_: None)
    office.workflow.erase(case.id, actor=Actor(office.people["anna"]), reason="自己想删")
    assert judged(office, case.id) == [(2, "refused")]


def test_a_value_that_is_still_there_is_found(sqlite_office: Office) -> None:
    office = sqlite_office
    case = office.complaint()
    office.workflow.erase(case.id, actor=office.actor("root"), reason="客户要求")
    with office.database.writing() as connection:
        connection.execute(t.vault.update().where(t.vault.c.case_id == case.id).values(value='"又有了"', salt=b"x"))
    found = Rounds(office.database, library()).one(case.id)
    assert (2, "erased") in [(one.seq, one.what) for one in found.differences]
    told = next(one for one in found.differences if one.what == "erased")
    assert "still there" in verdicts.difference(told, "en")
    assert "尚在" in verdicts.difference(told, "zh")
