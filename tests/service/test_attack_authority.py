"""Who may not, cannot: by no detour over absence, delegation, another unit, or a role that is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.service.test_two_people import another, finish, together
from tests.support.office import Office
from tests.support.proof import prove, refusals
from workflow.core.errors import (
    CaseNotFound,
    CustomerKnown,
    KeyReused,
    LoginTaken,
    NotASubstitute,
    NotPermitted,
    NotYourTask,
    PersonNotFound,
    Refused,
    TextEmpty,
    UnitNotFound,
)
from workflow.core.step import SYSTEM

DISPATCH = {"question": "邮件现在何处？", "told": "phone"}


def absent(office: Office, who: str, substitute: str, *, days: int = 3) -> int:
    return office.workflow.substitute(
        office.people[who], office.people[substitute], since=office.now, until=office.now + timedelta(days=days),
        reason="休假", actor=SYSTEM,
    )  # fmt: skip


def test_who_stands_outside_can_do_nothing_and_learns_nothing(sqlite_office: Office) -> None:
    office = sqlite_office
    case = office.complaint()
    door, task = office.workflow, case.tasks[0].no
    for login in ("carl", "stranger", "root", "delivery"):
        me = office.actor(login)
        for call in (
            lambda: door.comment(case.id, "文", actor=me),
            lambda: door.perform(case.id, "answer", actor=me, form={"reply": "答"}),
            lambda: door.claim(case.id, task, actor=me),
            lambda: door.reassign(case.id, task, to=me.person or 0, actor=me, reason="因"),
            lambda: door.attach(case.id, "a.txt", b"x", actor=me),
            lambda: door.case(case.id, me),
            lambda: door.history(case.id, me),
            lambda: door.task(case.id, task, me),
            lambda: door.as_of(case.id, office.now, me),
        ):
            with pytest.raises(CaseNotFound):
                call()


@pytest.mark.parametrize("beside", [None, "administrator", "account_manager"])
def test_an_auditor_writes_nothing_in_what_only_auditing_shows(sqlite_office: Office, beside: str | None) -> None:
    office = sqlite_office
    case = office.complaint()
    if beside:
        office.workflow.grant(office.people["auditor"], office.units["other"], beside, actor=SYSTEM)
    assert office.workflow.case(case.id, office.actor("auditor")).row.id == case.id

    with pytest.raises((NotPermitted, CaseNotFound)):
        office.workflow.comment(case.id, "我认为", actor=office.actor("auditor"))

    assert office.stored(case.id).seq == case.seq


def test_an_auditor_does_not_stand_in_for_who_is_audited(sqlite_office: Office) -> None:
    office = sqlite_office
    case = office.complaint()
    absent(office, "anna", "auditor")

    with pytest.raises(NotPermitted):
        office.workflow.perform(
            case.id, "answer", actor=office.actor("auditor", behalf="anna"), form={"reply": "已答复。"}
        )


def test_a_substitute_is_one_only_in_the_period_and_hands_it_to_nobody(sqlite_office: Office) -> None:
    office = sqlite_office
    case = office.complaint()
    number = absent(office, "anna", "ben")
    absent(office, "ben", "carl")

    with pytest.raises(NotASubstitute):
        office.workflow.comment(case.id, "文", actor=office.actor("carl", behalf="anna"))
    with pytest.raises(NotASubstitute):
        office.workflow.comment(case.id, "文", actor=office.actor("anna", behalf="ben"))
    office.workflow.comment(case.id, "文", actor=office.actor("ben", behalf="anna"))
    office.workflow.end_substitution(number, actor=office.actor("anna"))
    with pytest.raises(NotASubstitute):
        office.workflow.comment(case.id, "文", actor=office.actor("ben", behalf="anna"))


def test_a_substitute_cannot_name_a_substitute_for_the_absent(sqlite_office: Office) -> None:
    office = sqlite_office
    absent(office, "anna", "ben")

    with pytest.raises(NotPermitted):
        office.workflow.substitute(
            office.people["anna"], office.people["carl"], since=office.now, until=office.now + timedelta(days=1),
            reason="转", actor=office.actor("ben", behalf="anna"),
        )  # fmt: skip


def test_nobody_acts_without_a_role_or_after_leaving(sqlite_office: Office) -> None:
    office = sqlite_office
    case = office.complaint()
    office.workflow.revoke(office.people["anna"], office.units["city"], "account_manager", actor=SYSTEM)
    with pytest.raises(NotPermitted):
        office.workflow.perform(case.id, "answer", actor=office.actor("anna"), form={"reply": "答"})
    office.workflow.change_person(office.people["ben"], {"active": False}, actor=SYSTEM)
    with pytest.raises(PersonNotFound):
        office.workflow.comment(case.id, "文", actor=office.actor("ben"))


def test_a_role_held_twice_still_gives_one_person_the_task(sqlite_office: Office) -> None:
    office = sqlite_office
    office.workflow.grant(office.people["delivery"], office.units["works"], "department", actor=SYSTEM)
    case = office.complaint()

    after = office.workflow.perform(
        case.id, "dispatch", actor=office.actor("anna"), form=DISPATCH | {"department": office.units["works"]}
    )

    assert [t.assignee for t in after.tasks if t.name == "investigate"] == [office.people["delivery"]]


def test_who_was_lent_a_task_cannot_give_it_away_and_its_owner_takes_it_back(sqlite_office: Office) -> None:
    office = sqlite_office
    case = office.complaint()
    task = case.tasks[0].no
    office.workflow.delegate(case.id, task, to=office.people["ben"], actor=office.actor("anna"))

    with pytest.raises(NotPermitted):
        office.workflow.reassign(case.id, task, to=office.people["carl"], actor=office.actor("ben"), reason="不做")
    back = office.workflow.reassign(case.id, task, to=office.people["anna"], actor=office.actor("anna"), reason="收回")

    assert (back.tasks[0].assignee, back.tasks[0].owner) == (office.people["anna"], None)


def test_a_task_in_other_hands_keeps_its_triggers(sqlite_office: Office) -> None:
    office = sqlite_office
    case = office.complaint()
    office.workflow.reassign(
        case.id, case.tasks[0].no, to=office.people["ben"], actor=office.actor("supervisor"), reason="忙"
    )

    with pytest.raises(NotPermitted):
        office.workflow.perform(case.id, "answer", actor=office.actor("anna"), form={"reply": "答"})
    with pytest.raises(NotYourTask):
        office.workflow.perform(
            case.id, "answer", task=case.tasks[0].no, actor=office.actor("anna"), form={"reply": "答"}
        )


def test_a_person_registers_no_customer_as_anyones_own(sqlite_office: Office) -> None:
    office, clerk = sqlite_office, sqlite_office.actor("clerk")
    new = {"name_zh": "新客户公司", "division": "440106"}
    for owned in (
        {"a": office.people["anna"]}, {"b": office.people["ben"]}, {"stage": "maintained"}, {"until": 1}, {"lead": "b"},
    ):  # fmt: skip
        with pytest.raises(NotPermitted):
            office.workflow.register_customer({**new, **owned}, actor=clerk)
    with pytest.raises(NotPermitted):
        office.workflow.register_customer({**new, "unit": office.units["other"]}, actor=clerk)
    with pytest.raises(UnitNotFound):
        office.workflow.register_customer({**new, "unit": 999_999}, actor=SYSTEM)
    with pytest.raises(PersonNotFound):
        office.workflow.change_customer(office.customer, {"a": 999_999}, actor=SYSTEM)

    customer = office.workflow.register_customer(new, actor=clerk)

    assert office.stored(customer).unit == office.units["city"]


def test_a_key_is_one_persons_for_one_command(office: Office) -> None:
    door, anna, ben = office.workflow, office.actor("anna"), office.actor("ben")
    case, other = office.complaint(), office.complaint()
    new: dict[str, Any] = {"name_zh": "新客户公司", "division": "440106"}
    first = door.comment(case.id, "文", actor=anna, key="k")

    assert door.comment(case.id, "文", actor=anna, key="k").seq == first.seq
    for call in (
        lambda: door.comment(case.id, "文", actor=ben, key="k"),
        lambda: door.comment(other.id, "文", actor=anna, key="k"),
        lambda: door.comment(case.id, "别的", actor=anna, key="k"),
        lambda: door.attach(case.id, "文", b"x", actor=anna, key="k"),
        lambda: door.register_customer(new, actor=anna, key="k"),
    ):
        with pytest.raises(KeyReused):
            call()
    door.register_customer(new, actor=office.actor("clerk"), key="r")
    with pytest.raises(KeyReused):
        door.register_customer(new, actor=office.actor("teller"), key="r")
    with pytest.raises(Refused):
        door.perform(case.id, "answer", actor=anna, form={"reply": ""}, key="again")
    assert door.perform(case.id, "answer", actor=anna, form={"reply": "好"}, key="again").state == "answered"


def test_every_refusal_is_on_record(sqlite_office: Office) -> None:
    office = sqlite_office
    door, root, case = office.workflow, office.actor("root"), office.complaint()
    since, until = office.now, office.now + timedelta(days=1)
    with pytest.raises(TextEmpty):
        door.add_unit(" ", name_zh="局", name_en="U", kind="county", parent=None, actor=root)
    with pytest.raises(TextEmpty):
        door.add_person("x", name_zh=" ", name_en="X", actor=root)
    with pytest.raises(TextEmpty):
        door.substitute(1, 2, since=since, until=until, reason=" ", actor=root)
    with pytest.raises(Refused):
        door.delegate(case.id, 99, to=1, actor=office.actor("anna"), note="x" * 9000)
    with office.database.reading() as connection:
        tried = [attempt for _, attempt, _ in refusals(connection)]
    assert tried == ["add_unit", "add_person", "add_substitution", "delegate"]


def test_a_reason_for_absence_stays_out_of_the_history(sqlite_office: Office) -> None:
    absent(sqlite_office, "anna", "ben")

    with sqlite_office.database.reading() as connection:
        texts = connection.exec_driver_sql("SELECT form, ops FROM steps").all()

    assert not any("休假" in part for row in texts for part in row)


def test_two_administrators_cannot_take_one_login_or_code(office: Office) -> None:
    doors = [another(office), another(office)]
    for n in range(4):
        results = together(*(lambda d=d: d.add_person(f"n{n}", name_zh="名", name_en="N", actor=SYSTEM) for d in doors))
        assert [type(r) for r in results if not isinstance(r, int)] == [LoginTaken], results
        results = together(
            *(
                lambda d=d: d.revoke(office.people["teller"], office.units["county"], "reporter", actor=SYSTEM)
                for d in doors
            )
        )
        assert [isinstance(r, Refused) for r in results].count(True) == 1, results
        office.workflow.grant(office.people["teller"], office.units["county"], "reporter", actor=SYSTEM)
    finish(office, doors)


def test_two_cannot_register_one_customer(office: Office) -> None:
    doors = [another(office), another(office)]
    for n in range(4):
        new = {"name_zh": f"云帆科技{n}", "division": "440106"}
        results = together(*(lambda d=d: d.register_customer(new, actor=SYSTEM) for d in doors))
        assert [type(r) for r in results if not isinstance(r, int)] == [CustomerKnown], results
    finish(office, doors)


def test_the_attacks_left_every_record_whole(sqlite_office: Office) -> None:
    office = sqlite_office
    case = office.complaint()
    absent(office, "anna", "ben")
    office.workflow.comment(case.id, "文 @ben", actor=office.actor("ben", behalf="anna"))
    with office.database.reading() as connection:
        prove(connection, office.workflow.library)
