"""The registry: one record for each customer, found however it is named, read by whom its level lets."""

from __future__ import annotations

from typing import Any

import pytest

from tests.service.test_two_people import another, together
from tests.support.histories import Histories
from tests.support.office import Office
from tests.support.proof import prove
from workflow.core.errors import (
    BranchUnfit,
    CustomerAlike,
    CustomerKnown,
    CustomerNotFound,
    FormInvalid,
    MergeUnfit,
    NotPermitted,
    TextEmpty,
)
from workflow.core.step import SYSTEM, Actor
from workflow.service.views.lists import Filters

CODE = "91440101MA59ABCD83"
PEOPLE = [
    {"name": "赵敏", "role": "采购总监", "phone": "+86 138-0000-1111", "birthday": "1980-02-29", "decides": "yes"},
    {"name": "李响", "phone": "0769-2233 4455 转 8", "email": "li@example.com"},
]


def numbers(office: Office, text: str, reader: Actor = SYSTEM) -> list[str]:
    return [row.number for row in office.workflow.customers(reader, filters=Filters(text=text)).rows]


def test_two_register_one_customer_at_once_and_the_second_is_told_which_it_is(office: Office) -> None:
    """003 §4.3(1)1, domain §4.1(2): a second registration is told at once; seen to fail without `registry.lock`."""
    doors = [another(office) for _ in range(4)]
    for turn in range(5):
        given = {"division": "440106", "name_zh": f"白鹭{turn}号物流有限公司"}
        spelt = {"division": "440106", "name_zh": f"白鹭 {turn} 号物流有限责任公司"}

        results = together(
            *(
                lambda door=door, values=values, login=login: door.register_customer(values, actor=office.actor(login))
                for door, values, login in zip(doors, (given, spelt) * 2, ("anna", "ben", "clerk", "anna"), strict=True)
            )
        )

        won = [one for one in results if isinstance(one, int)]
        lost = [one for one in results if isinstance(one, CustomerKnown)]
        assert (len(won), len(lost)) == (1, 3), results
        held = office.workflow.holding(won[0], office.actor("carl"))
        assert held is not None
        assert {one.facts["number"] for one in lost} == {held.number}
    for door in doors:
        door.database.dispose()


def test_two_register_branches_at_once_and_each_has_a_number(office: Office) -> None:
    doors = [another(office) for _ in range(4)]

    results = together(
        *(
            lambda door=door, n=n: door.register_customer(
                {"division": "440106", "name_zh": f"青云数据第{n}分公司"}, head=office.customer, actor=SYSTEM
            )
            for n, door in enumerate(doors)
        )
    )

    assert all(isinstance(one, int) for one in results), results
    found = sorted(office.stored(one).data["number"] for one in results)
    assert [number[11:] for number in found] == ["001", "002", "003", "004"]
    for door in doors:
        door.database.dispose()


def test_a_branch_stands_under_its_head_office_from_001_on(sqlite_office: Office) -> None:
    """003 §4.2(3): 000 is the head office, branches from 001; a branch may have the head office's credit code."""
    door, clerk = sqlite_office.workflow, sqlite_office.actor("clerk")
    head = sqlite_office.register("蓝鲸制造集团有限公司", credit_code=CODE)
    values = {"name_zh": "蓝鲸制造集团有限公司石龙分公司", "division": "440106", "credit_code": CODE}

    branch = door.register_customer(values, head=head, actor=clerk)

    number = sqlite_office.stored(branch).data["number"]
    assert number == sqlite_office.stored(head).data["number"][:11] + "001"
    assert [row.id for row in door.customer_family(branch, clerk)] == [head, branch]
    with pytest.raises(BranchUnfit):
        door.register_customer({"name_zh": "石龙二部", "division": "440106"}, head=branch, actor=clerk)
    with pytest.raises(CustomerNotFound):
        door.register_customer({"name_zh": "三部", "division": "440106"}, head=head, actor=sqlite_office.actor("carl"))
    with pytest.raises(CustomerKnown, match="credit_code"):
        door.register_customer({**values, "name_zh": "另一家公司"}, actor=clerk)


def test_a_number_an_import_brought_is_not_given_out_again(sqlite_office: Office) -> None:
    door = sqlite_office.workflow
    taken = f"440106{int(sqlite_office.stored(sqlite_office.customer).data['number'][6:11]) + 1:05}000"
    door.register_customer({"name_zh": "旧系统客户", "division": "440106"}, number=taken, actor=SYSTEM)

    fresh = sqlite_office.register("新登记的客户")

    assert sqlite_office.stored(fresh).data["number"] == str(int(taken) + 1000)


def test_a_customer_of_an_abolished_division_is_the_same_in_the_one_that_followed(sqlite_office: Office) -> None:
    """003 §4.2(3): numbers of abolished divisions stay: 增城市 (440183) is 增城区 (440118) since 2014."""
    sqlite_office.register("荔枝冷链有限公司", division="440183")

    with pytest.raises(CustomerKnown, match="name"):
        sqlite_office.register("荔枝冷链股份有限公司", division="440118")

    sqlite_office.register("荔枝冷链股份有限公司", division="440117")


def test_what_is_much_alike_is_looked_at_before_it_is_registered(office: Office) -> None:
    """Domain §4.1(2): by number, credit code, name, branch words and the phone of a contact, masked for strangers."""
    door = office.workflow
    office.later(days=1)
    office.register("海棠旅行社有限公司", credit_code=CODE, contacts=PEOPLE, until=None)
    carl, anna = office.actor("carl"), office.actor("anna")

    def by(reader: Actor = carl, **values: Any) -> list[tuple[str, ...]]:
        return [one.by for one in door.alike({"division": "440106", **values}, reader)]

    assert by(name_zh="海棠旅行社股份有限公司") == [("name",)]
    assert by(name_zh="海棠旅行社（东莞）分公司") == [("branch",)]
    assert by(name_zh="海棠旅行社", credit_code=CODE.lower(), phone="13800001111") == [("credit_code", "name", "phone")]
    assert by(contacts="王五 076922334455") == [("phone",)]
    assert by(name_zh="海", credit_code="12", number="x", phone="1") == []
    assert by(name_zh="海棠旅行社", reader=office.actor("auditor")) == []

    [masked] = door.alike({"name_zh": "海棠旅行社", "division": "440106"}, carl)
    [shown] = door.alike({"name_zh": "海棠旅行社", "division": "440106"}, anna)
    assert (masked.name.zh, masked.readable, masked.same) == ("海棠＊＊", False, True)
    assert masked.holder is not None
    assert masked.holder.name.zh == "a＊＊"
    assert masked.since == office.now
    assert masked.unit is not None
    assert (shown.name.zh, shown.readable) == ("海棠旅行社有限公司", True)
    [elsewhere] = door.alike({"name_zh": "海棠旅行社", "division": "440300"}, carl)
    assert not elsewhere.same

    far = {"name_zh": "海棠旅行社有限公司", "division": "440300"}
    with pytest.raises(CustomerAlike):
        door.register_customer(far, despite=False, actor=carl)
    assert door.register_customer(far, despite=True, actor=carl)


def test_contacts_are_people_with_birthdays_and_what_is_wrong_is_told_by_row(sqlite_office: Office) -> None:
    """001 §4, 003 annex 2: contacts and decision-makers; domain §3: with birthday."""
    door, anna = sqlite_office.workflow, sqlite_office.actor("anna")
    door.change_customer(sqlite_office.customer, {"contacts": PEOPLE}, actor=SYSTEM)

    held = door.show_contacts(sqlite_office.customer, anna)

    assert [(one.name, one.decides) for one in held] == [("赵敏", True), ("李响", False)]
    with sqlite_office.database.reading() as connection:
        steps = connection.exec_driver_sql("SELECT group_concat(ops || form) FROM steps").scalar_one()
        phones = connection.exec_driver_sql("SELECT digest FROM customer_phones").scalars().all()
    assert "赵敏" not in steps
    assert not any(b"13800001111" in bytes(one) for one in phones)
    for wrong, code in (
        ([{"name": ""}], "cell"),
        ([{"name": "x" * 61}], "cell_longer"),
        ([{"name": "x", "birthday": "1980-02-30"}], "cell_unfit"),
        ([{"name": "x", "email": "x@y"}], "cell_unfit"),
        ([{"name": "x", "salary": "1"}], "rows"),
        ([{"name": "x"}] * 31, "more"),
        (7, "rows"),
        ("\x00", "unfit"),
    ):
        with pytest.raises(FormInvalid) as refused:
            door.change_customer(sqlite_office.customer, {"contacts": wrong}, actor=SYSTEM)
        assert refused.value.facts["fields"]["contacts"][0][0] == code, wrong


def test_an_erased_contact_is_no_longer_found_by_the_number(sqlite_office: Office) -> None:
    door = sqlite_office.workflow
    door.change_customer(sqlite_office.customer, {"contacts": PEOPLE}, actor=SYSTEM)
    assert numbers(sqlite_office, "138 0000 1111")

    door.erase(sqlite_office.customer, actor=SYSTEM, reason="本人要求", fields=["contacts"])

    assert numbers(sqlite_office, "138 0000 1111") == []
    assert sqlite_office.count("customer_phones") == 0


@pytest.mark.parametrize(
    ("level", "readers"),
    [
        ("internal", {"director", "supervisor", "anna", "ben", "clerk", "project", "chief", "overseer", "clerk-up"}),
        ("confidential", {"director", "supervisor", "anna", "ben", "clerk", "chief", "overseer", "clerk-up"}),
        ("restricted", {"director", "anna", "ben", "clerk", "chief", "clerk-up"}),
    ],
)
def test_each_level_of_confidentiality_is_read_by_whom_it_names(
    sqlite_office: Office, level: str, readers: set[str]
) -> None:
    """001 §4, 003 §3.1: a file has a confidentiality level; which there are is ours (core.confidence)."""
    door = sqlite_office.workflow
    door.change_customer(sqlite_office.customer, {"confidentiality": level}, actor=SYSTEM)

    seen = {who for who in sqlite_office.people if numbers(sqlite_office, "青云", sqlite_office.actor(who))}
    opened = set()
    for who in sqlite_office.people:
        try:
            door.customer(sqlite_office.customer, sqlite_office.actor(who))
            opened.add(who)
        except CustomerNotFound:
            continue

    assert seen == opened == readers | {"auditor"}
    if level == "restricted":
        with pytest.raises(CustomerNotFound):
            door.change_customer(sqlite_office.customer, {"industry": "x"}, actor=sqlite_office.actor("supervisor"))


def test_who_took_part_reads_a_confidential_file_and_no_restricted_one(sqlite_office: Office) -> None:
    door, project = sqlite_office.workflow, sqlite_office.actor("project")
    case = sqlite_office.complaint()
    task = sqlite_office.stored(case.id).tasks[0].no
    door.reassign(case.id, task, to=sqlite_office.people["ben"], actor=sqlite_office.actor("supervisor"), reason="轮岗")
    other = sqlite_office.actor("supervisor")
    for level, visible in (("confidential", True), ("restricted", False)):
        door.change_customer(sqlite_office.customer, {"confidentiality": level}, actor=SYSTEM)
        assert bool(numbers(sqlite_office, "青云", other)) is visible
        assert not numbers(sqlite_office, "青云", project)


@pytest.mark.parametrize(
    "text",
    [
        "青云",
        "qysj",
        "qingyunshuju",
        "Qing Yun",
        "青云数据股份有限公司",
        "440106 00001 000",
        "440106-00001",
        "１３８００００1111",
        CODE,
        CODE.lower(),
    ],
)
def test_a_customer_is_found_by_whatever_people_call_it(sqlite_office: Office, text: str) -> None:
    values = {"contacts": PEOPLE, "credit_code": CODE}
    sqlite_office.workflow.change_customer(sqlite_office.customer, values, actor=SYSTEM)
    sqlite_office.register("无关客户", credit_code="")

    assert numbers(sqlite_office, text, sqlite_office.actor("anna")) == ["44010600001000"]
    assert numbers(sqlite_office, text, sqlite_office.actor("carl")) == []


def test_a_telephone_number_finds_only_for_those_who_are_shown_the_contacts(sqlite_office: Office) -> None:
    sqlite_office.workflow.change_customer(sqlite_office.customer, {"contacts": PEOPLE}, actor=SYSTEM)

    assert numbers(sqlite_office, "13800001111", sqlite_office.actor("director"))
    assert numbers(sqlite_office, "13800001111", sqlite_office.actor("auditor")) == []
    assert numbers(sqlite_office, "青云", sqlite_office.actor("auditor"))


def test_two_records_of_one_customer_are_merged_and_taken_apart_again(office: Office) -> None:
    """Ours: recorded in both books, reversible, nothing moved; everything leads to the one that is kept."""
    door, clerk = office.workflow, office.actor("clerk")
    team = {"a": office.people["anna"], "b": office.people["ben"]}
    gone = office.register("晴云数据技术公司", division="440183", contacts=PEOPLE, **team)
    case = door.open("complaint", customer=gone, actor=office.actor("anna"), data=_complaint())
    number, before = office.stored(gone).data["number"], office.stored(gone).data
    kept = office.stored(office.customer).data["number"]

    preview = door.preview_merge(gone, office.customer, clerk)
    assert (preview.why, preview.gone.open_cases) == (None, 1)
    assert set(preview.differing) == {"name_zh", "division"}
    with pytest.raises(TextEmpty):
        door.merge_customers(gone, office.customer, actor=clerk, reason=" ")
    assert office.stored(gone).data == before
    door.merge_customers(gone, office.customer, actor=clerk, reason="同一公司更名", key="once")
    door.merge_customers(gone, office.customer, actor=clerk, reason="同一公司更名", key="once")

    for text in (number, "晴云", "qysjjs", "13800001111", kept):
        assert numbers(office, text, clerk) == [kept], text
    view = door.customer(office.customer, clerk)
    assert [one.id for one in view.cases] == [case.id]
    assert view.row.open_cases == 1
    assert door.customer(gone, clerk).row.merged == office.customer
    opened = door.open("complaint", customer=gone, actor=office.actor("anna"), data=_complaint())
    assert opened.customer == office.customer
    with pytest.raises(CustomerKnown, match=kept):
        office.register("晴云数据技术有限公司", division="440118")
    assert office.stored(gone).data["merged"] == office.customer
    assert office.stored(office.customer).data["absorbed"] == [gone]

    door.unmerge_customer(gone, actor=office.actor("director"), reason="实为两家")

    assert office.stored(gone).data == {**before, "merged": None}
    assert numbers(office, "晴云", clerk) == [number]
    assert [one.id for one in door.customer(gone, clerk).cases] == [case.id]
    triggers = [step.trigger for step in door.history(gone, clerk)]
    assert triggers == ["register", "merge", "unmerge"]
    with pytest.raises(CustomerNotFound):
        door.unmerge_customer(gone, actor=clerk, reason="再来一次")
    with office.database.reading() as connection:
        prove(connection, door.library)
    assert [one for one in Histories(office).verdicts() if not one.holds or one.unchecked] == []


def _complaint() -> dict[str, Any]:
    return {"kind": "complaint", "channel": "phone", "text": "邮件延误三天", "severity": "normal"}


def test_who_does_not_answer_for_both_units_cannot_merge(sqlite_office: Office) -> None:
    door, units = sqlite_office.workflow, sqlite_office.units
    far = sqlite_office.register("远方客户", unit=units["other"], a=None, b=None)
    near = sqlite_office.register("近处客户", unit=units["county"], a=None, b=None)

    for login, gone, kept, why in (
        ("director", near, sqlite_office.customer, None),
        ("head", near, sqlite_office.customer, CustomerNotFound),
        ("anna", near, sqlite_office.customer, CustomerNotFound),
        ("supervisor", near, sqlite_office.customer, "apart"),
        ("chief", far, near, None),
        ("overseer", far, near, "apart"),
        ("director", far, near, CustomerNotFound),
    ):
        actor = sqlite_office.actor(login)
        if why is None:
            assert door.preview_merge(gone, kept, actor).why is None
            door.merge_customers(gone, kept, actor=actor, reason="重复")
            door.unmerge_customer(gone, actor=actor, reason="试过")
        elif why == "apart":
            with pytest.raises(MergeUnfit) as refused:
                door.merge_customers(gone, kept, actor=actor, reason="重复")
            assert refused.value.facts["why"] == why, login
        else:
            with pytest.raises(CustomerNotFound):
                door.merge_customers(gone, kept, actor=actor, reason="重复")
    with pytest.raises(NotPermitted):
        door.merge_customers(near, sqlite_office.customer, actor=sqlite_office.actor("auditor"), reason="重复")


@pytest.mark.parametrize(
    ("gone", "why"),
    [
        ({"a": "dana", "stage": "maintained"}, "owners"),
        ({"stage": "developing", "a": "anna"}, "held"),
        ({"until": 4_000_000_000_000_000}, "held"),
        ({"head": True}, "family"),
        ({"branches": True}, "branches"),
        ({"absorbs": True}, "absorbed"),
        ({"merged": True}, "merged"),
        ({"itself": True}, "itself"),
    ],
)
def test_a_merge_that_would_leave_two_owners_or_a_knot_is_refused(
    sqlite_office: Office, gone: dict[str, Any], why: str
) -> None:
    office, door = sqlite_office, sqlite_office.workflow
    values: dict[str, Any] = {"a": None, "b": None} | {k: v for k, v in gone.items() if k in ("stage", "until")}
    if "a" in gone:
        values["a"] = office.people[gone["a"]]
    if "head" in gone:
        made = {"name_zh": "青云分部", "division": "440106", "unit": office.units["city"]}
        one = door.register_customer(made, head=office.customer, actor=SYSTEM)
    else:
        one = office.customer if "itself" in gone else office.register("重复的客户", **values)
    other = office.register("第三家客户", a=None, b=None)
    if "branches" in gone:
        door.register_customer({"name_zh": "重复分部", "division": "440106"}, head=one, actor=SYSTEM)
    if "absorbs" in gone:
        door.merge_customers(other, one, actor=SYSTEM, reason="先并")
    if "merged" in gone:
        door.merge_customers(one, other, actor=SYSTEM, reason="先并")

    with pytest.raises(MergeUnfit) as refused:
        door.merge_customers(one, office.customer, actor=SYSTEM, reason="重复")

    assert refused.value.facts["why"] == why
    assert door.preview_merge(one, office.customer, SYSTEM).why == why
