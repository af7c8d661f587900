"""Nobody comes to read a customer's file by opening a case about it."""

from __future__ import annotations

import pytest

from tests.support.office import Office
from workflow.core.errors import CustomerNotFound, FileClosed
from workflow.core.step import SYSTEM
from workflow.messages import sentence
from workflow.service.views.lists import Filters

CLAIM = {
    "services": ["express"], "expected_revenue": "800000", "kind": "regular", "project_plan": "账单外包",
    "industry": "金融保险", "contact": "陈主任",
}  # fmt: skip


def reads(office: Office, login: str) -> bool:
    """Whether somebody may read the office's customer's file, by every way a page asks."""
    reader = office.actor(login)
    listed = {one.id for one in office.workflow.customers(reader, filters=Filters()).rows}
    try:
        office.workflow.look_at_customer(office.customer, reader)
    except CustomerNotFound:
        assert office.customer not in listed
        return False
    assert office.customer in listed
    return True


@pytest.mark.parametrize("level", ["internal", "confidential", "restricted"])
def test_a_case_is_not_opened_about_a_customer_whose_file_is_closed(sqlite_office: Office, level: str) -> None:
    office = sqlite_office
    office.workflow.change_customer(office.customer, {"confidentiality": level}, actor=SYSTEM)
    before, refused = office.count("cases"), office.count("refusals")

    with pytest.raises(FileClosed) as caught:
        office.workflow.open(
            "visit", customer=office.customer, data={"purpose": "看看档案"}, actor=office.actor("carl")
        )

    assert office.count("cases") == before
    assert office.count("refusals") == refused + 1
    assert "归口单位" in sentence(caught.value, "zh")
    assert not reads(office, "carl")
    insider = office.workflow.open(
        "visit", customer=office.customer, data={"purpose": "季度走访"}, actor=office.actor("anna")
    )
    assert insider.customer == office.customer


def test_what_anybody_may_open_does_not_open_the_file(office: Office) -> None:
    """A complaint is filed by whoever hears it, a claim made by whoever wants the customer; colleagues look in."""
    assert not reads(office, "carl")
    claim = CLAIM | {
        "a": office.people["carl"], "b": office.people["anna"], "developing_unit": office.units["other"],
        "signed_in": office.units["other"], "arises_in": office.units["other"],
    }  # fmt: skip
    heard = office.complaint("carl")
    claimed = office.workflow.open("account", customer=office.customer, data=claim, actor=office.actor("carl"))
    for case in (heard, claimed):
        office.workflow.comment(case.id, "请看档案", actor=office.actor("carl"))

    assert office.people["carl"] in office.stored(claimed.id).people
    assert office.workflow.case(claimed.id, office.actor("carl")).row.id == claimed.id
    assert not reads(office, "carl")
    with pytest.raises(FileClosed):
        office.workflow.open("visit", customer=office.customer, data={"purpose": "看"}, actor=office.actor("carl"))


def test_who_was_given_work_on_the_customer_reads_the_file_and_begins_more(sqlite_office: Office) -> None:
    office = sqlite_office
    visit = office.workflow.open(
        "visit", customer=office.customer, data={"purpose": "走访"}, actor=office.actor("anna")
    )
    task = visit.tasks[0].no
    office.workflow.reassign(
        visit.id, task, to=office.people["carl"], reason="代为走访", actor=office.actor("supervisor")
    )

    assert reads(office, "carl")
    assert office.workflow.open("visit", customer=office.customer, data={"purpose": "再访"}, actor=office.actor("carl"))
    office.workflow.change_customer(office.customer, {"confidentiality": "restricted"}, actor=SYSTEM)
    assert not reads(office, "carl")
