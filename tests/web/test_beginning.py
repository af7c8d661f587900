"""A case begun out of another one in the browser: the customer is chosen, the rest stands there already."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

from tests.support.office import Office
from tests.web.conftest import Visitor

SAID = {"name": "南方电子有限公司", "need": "每日发货，要求次日达", "contact": "周经理", "phone": "13800000000"}


def test_a_manager_registers_the_customer_of_a_lead_that_is_new_to_the_house(
    sqlite_office: Office, signed_in: Callable[[str], Visitor]
) -> None:
    """002 §10(2), 003 §2.1: from the lead's task to the customer, to the registration, without a number typed."""
    lead = assigned(sqlite_office)
    dana = signed_in("dana")
    [task] = [one.no for one in sqlite_office.stored(lead).tasks]
    page = dana.get(f"/cases/{lead}/tasks/{task}/").text
    start = link(page, "/cases/new/account")
    assert start == f"/cases/new/account?of={lead}&trigger=register"
    assert link(dana.get(f"/cases/{lead}/").text, "/cases/new/account") == start

    chooser = dana.get(start).text
    assert 'value="南方电子有限公司"' in chooser
    new = link(chooser, "/customers/new")
    asked = dana.get(new).text
    assert 'value="南方电子有限公司"' in asked
    assert re.search(r'name="division"[^>]*value="440100"', asked), "the division of dana's unit, to be changed"
    sent = dana.post(
        "/customers/new",
        {
            **of(lead),
            "definition": "account",
            "name_zh": SAID["name"],
            "division": "441900",
            "confidentiality": "internal",
        },
        page=new,
    )
    assert sent.status_code == 302, sent.text
    form = sent.headers["Location"]
    assert form.startswith("/cases/new/account?customer=")

    shown = dana.get(form).text
    for said in (SAID["need"], SAID["contact"], SAID["phone"]):
        assert said in shown
    for fixed in ("f.credit_unit", "f.lead_number"):
        assert fixed not in shown
    refused = dana.post("/cases/new/account", {**of(lead), **customer_of(form)}, page=form)
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.text
    assert sqlite_office.stored(lead).state == "assigned"

    done = dana.post("/cases/new/account", {**of(lead), **customer_of(form), **filled(sqlite_office)}, page=form)
    assert done.status_code == 302, done.text
    begun = int(re.findall(r"/cases/(\d+)/", done.headers["Location"])[0])
    account, of_it = sqlite_office.stored(begun), sqlite_office.stored(lead)
    assert (account.definition, account.parent, of_it.state) == ("account", lead, "registered")
    assert account.data["credit_unit"] == sqlite_office.units["county"]
    assert account.number in dana.get(f"/cases/{lead}/").text


def test_a_form_begun_out_of_a_case_is_kept_and_found_again(
    sqlite_office: Office, signed_in: Callable[[str], Visitor]
) -> None:
    lead, dana = assigned(sqlite_office), signed_in("dana")
    customer = sqlite_office.register("南方电子有限公司", a=None, b=None, unit=sqlite_office.units["county"])
    form = f"/cases/new/account?of={lead}&trigger=register&customer={customer}"
    given = {**of(lead), "customer": str(customer), "f.project_plan": "先走访再报价"}
    kept = dana.post("/cases/new/account/draft", given, page=form)
    assert kept.status_code == 302
    assert "先走访再报价" in dana.get(kept.headers["Location"]).text
    assert "先走访再报价" not in dana.get(f"/cases/new/account?customer={customer}").text


def test_nobody_else_begins_anything_out_of_it_nor_another_lifecycle(
    sqlite_office: Office, signed_in: Callable[[str], Visitor]
) -> None:
    lead = assigned(sqlite_office)
    for login, address, status in (
        ("carl", f"/cases/new/account?of={lead}&trigger=register", 404),
        ("teller", f"/cases/new/account?of={lead}&trigger=register", 409),
        ("dana", f"/cases/new/complaint?of={lead}&trigger=register", 404),
        ("dana", f"/cases/new/account?of={lead}&trigger=decline_assigned", 409),
        ("dana", f"/cases/new/account?of={sqlite_office.customer}&trigger=register", 404),
        ("carl", f"/cases/new/account?of={lead}&trigger=register&behalf={sqlite_office.people['dana']}", 404),
    ):
        assert signed_in(login).get(address).status_code == status, (login, address)


def test_a_substitute_begins_it_for_who_is_away(sqlite_office: Office, signed_in: Callable[[str], Visitor]) -> None:
    """004 §1.4 I: absence is covered, and both names are on record."""
    lead, people, now = assigned(sqlite_office), sqlite_office.people, sqlite_office.now
    away, head = (people["dana"], people["ben"]), sqlite_office.actor("head")
    sqlite_office.workflow.substitute(*away, since=now, until=now.replace(day=20), reason="休假", actor=head)
    ben = signed_in("ben")
    [task] = [one.no for one in sqlite_office.stored(lead).tasks]
    form = link(ben.get(f"/cases/{lead}/tasks/{task}/").text, "/cases/new/account")
    assert form.endswith(f"&behalf={people['dana']}")
    form = f"{form}&customer={sqlite_office.register('南方电子有限公司', a=None, b=None, unit=None)}"
    given = {**of(lead), "behalf": str(people["dana"]), **customer_of(form), **filled(sqlite_office)}
    assert ben.post("/cases/new/account", given, page=form).status_code == 302
    last = sqlite_office.workflow.history(lead, head)[-1]
    assert (last.trigger, last.actor.id, last.behalf.id) == ("register", people["ben"], people["dana"])


def test_a_director_announces_a_customer_from_the_list_of_what_is_on_offer(
    sqlite_office: Office, signed_in: Callable[[str], Visitor]
) -> None:
    """002 §12(6): the centre announces; managers, who only apply, are not asked."""
    county = sqlite_office.units["county"]
    customer = sqlite_office.register("东湖食品有限公司", stage="potential", a=None, b=None, unit=county)
    assert "/cases/new/pool_grant" not in signed_in("dana").get("/offers/").text
    director = signed_in("director")
    start = link(director.get("/offers/").text, "/cases/new/pool_grant")
    form = f"{start}?customer={customer}"
    given = {
        "customer": str(customer), "f.services": "express", "f.expected_revenue": "600000", "f.kind": "regular",
        "f.need": "展会寄递",
    }  # fmt: skip
    done = director.post(start, given, page=form)
    assert done.status_code == 302
    assert "东湖食品有限公司" in signed_in("dana").get("/offers/").text
    again = director.post(start, given, page=form)
    assert again.status_code == 422
    assert "该客户已在潜在客户公告中。" in again.text


def assigned(office: Office) -> int:
    lead = office.workflow.open("lead", customer=None, actor=office.actor("teller"), data=SAID)
    clerk, county = office.people["clerk"], office.units["county"]
    office.workflow.grant(clerk, county, "account_administrator", actor=office.actor("root"))
    form = {"developer": office.people["dana"]}
    return office.workflow.perform(lead.id, "assign", actor=office.actor("clerk"), form=form).id


def of(lead: int) -> dict[str, str]:
    return {"of": str(lead), "trigger": "register"}


def customer_of(form: str) -> dict[str, str]:
    return {"customer": re.findall(r"customer=(\d+)", form)[0]}


def filled(office: Office) -> dict[str, str]:
    place = str(office.units["county"])
    return {
        "f.services": "express", "f.expected_revenue": "600000", "f.kind": "regular", "f.project_plan": "仓配",
        "f.a": str(office.people["dana"]), "f.b": str(office.people["ben"]), "f.developing_unit": place,
        "f.signed_in": place, "f.arises_in": place, "f.contact": "周经理",
    }  # fmt: skip


def link(page: str, path: str) -> str:
    """The first address on a page that begins so."""
    return unescape(re.findall(rf'href="({re.escape(path)}[^"]*)"', page)[0])
