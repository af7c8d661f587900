"""For administrators: people, units, roles, passwords and sessions, each change on record and told on the page."""

import re
from collections.abc import Callable

import pytest

from tests.support.office import Office
from tests.web.conftest import Visitor, hidden
from workflow.people.accounts import Accounts

SignIn = Callable[[str], Visitor]


def value(page: str, field: str) -> str:
    found = re.search(rf'id="{field}" value="([^"]*)"', page)
    assert found, field
    return found[1]


def test_a_person_is_added_once_with_a_role_and_a_password_to_change(
    sqlite_office: Office, signed_in: SignIn, visitor: Visitor
) -> None:
    root = signed_in("root")
    form = {
        "login": "New.One", "name_zh": "新人", "name_en": "New One", "email": "new@example.test", "phone": "",
        "unit": str(sqlite_office.units["city"]), "role": "account_manager",
        "key": hidden(root.get("/organisation/people/new").text, "key"),
    }  # fmt: skip
    for _ in range(2):
        given = root.post("/organisation/people/new", form)
        assert given.status_code == 200
    directory = sqlite_office.workflow.directory()
    [added] = [one for one in directory.persons.values() if one.login == "new.one"]
    assert [held.role for held in directory.memberships(added.id)] == ["account_manager"]

    assert visitor.sign_in("new.one", value(given.text, "given")).status_code == 302
    assert visitor.get("/inbox/").headers["Location"] == "/password"
    page = root.get(f"/organisation/people/{added.id}").text
    assert "new@example.test" in page
    assert value(given.text, "given") not in page


def test_an_unknown_role_adds_nobody(sqlite_office: Office, signed_in: SignIn) -> None:
    form = {"login": "x.y", "name_zh": "某", "name_en": "X", "unit": str(sqlite_office.units["city"]), "role": "king"}
    refused = signed_in("root").post("/organisation/people/new", form)

    assert refused.status_code == 422
    assert 'value="x.y"' in refused.text
    assert "x.y" not in {one.login for one in sqlite_office.workflow.directory().persons.values()}


def test_a_change_is_told_with_who_and_what(sqlite_office: Office, signed_in: SignIn) -> None:
    anna, root = sqlite_office.people["anna"], signed_in("root")
    form = {"name_zh": "安娜", "name_en": "Anna B", "email": "a@example.test", "phone": "13800000000"}
    assert root.post(f"/organisation/people/{anna}", form).status_code == 302

    page = signed_in("auditor").get(f"/organisation/people/{anna}").text
    assert "root员更改了人员资料" in page
    assert "Anna B" in page
    assert "13800000000" not in page
    assert "<form" not in page.split("<main")[1].split("</main")[0]


def test_a_role_is_granted_for_days_and_withdrawn(sqlite_office: Office, signed_in: SignIn) -> None:
    anna, root = sqlite_office.people["anna"], signed_in("root")
    city, place = sqlite_office.units["city"], f"/organisation/people/{sqlite_office.people['anna']}"
    form = {"unit": str(city), "role": "supervisor", "since": "2026-03-10", "until": "2026-03-12", "key": "k"}
    for _ in range(2):
        assert root.post(f"{place}/roles", form).status_code == 302
    held = [one for one in sqlite_office.workflow.directory().memberships(anna) if one.role == "supervisor"]
    assert [(one.since.isoformat(), one.until and one.until.isoformat()) for one in held] == [
        ("2026-03-09T16:00:00+00:00", "2026-03-12T16:00:00+00:00")
    ]
    assert root.post(f"{place}/roles", {**form, "key": "l", "until": "2026-03-01"}).status_code == 422

    assert root.post(f"{place}/roles/end", {"unit": str(city), "role": "account_manager"}).status_code == 302
    assert root.post(f"{place}/roles/end", {"unit": str(city), "role": "account_manager"}).status_code == 422
    assert "收回了角色" in root.get(place).text


def test_who_leaves_is_signed_out_and_what_they_had_is_said_before(sqlite_office: Office, signed_in: SignIn) -> None:
    sqlite_office.complaint()
    anna, root = signed_in("anna"), signed_in("root")
    place = f"/organisation/people/{sqlite_office.people['anna']}"
    said = root.get(f"{place}/leave").text
    assert said.count('<dd class="number">1</dd>') == 2

    assert root.post(f"{place}/leave").status_code == 302
    assert anna.get("/inbox/").status_code == 302
    assert root.post(f"{place}/return").status_code == 302
    assert anna.get("/inbox/").status_code == 302, "a session that ended stays ended"
    assert sqlite_office.workflow.directory().persons[sqlite_office.people["anna"]].active


def test_sessions_of_others_are_listed_and_ended(sqlite_office: Office, signed_in: SignIn, accounts: Accounts) -> None:
    anna, root = signed_in("anna"), signed_in("root")
    assert "anna员" in root.get("/organisation/sessions").text

    place = f"/organisation/people/{sqlite_office.people['anna']}"
    assert root.post(f"{place}/sessions/end").status_code == 302
    assert anna.get("/inbox/").headers["Location"].startswith("/sign-in")
    assert "结束了人员的登录" in root.get(place).text
    assert len(accounts.everyones(sqlite_office.now)) == 1


def test_a_unit_is_added_renamed_moved_and_closed(sqlite_office: Office, signed_in: SignIn) -> None:
    root, units = signed_in("root"), sqlite_office.units
    form = {
        "code": "NEW",
        "name_zh": "新局",
        "name_en": "New",
        "kind": "county",
        "parent": str(units["city"]),
        "key": "u",
    }
    places = {root.post("/organisation/units/new", form).headers["Location"] for _ in range(2)}
    [place] = places
    changed = {"name_zh": "新新局", "name_en": "Newer", "division": "440100", "parent": str(units["other"])}
    assert root.post(place, changed).status_code == 302
    page = root.get(place).text
    assert "更改了单位" in page
    assert "新新局" in page

    assert root.post(f"{place}/close").status_code == 302
    assert "新新局" in root.get("/organisation/units").text
    assert root.post(f"/organisation/units/{units['city']}/close").status_code == 409


def test_people_are_found_by_name_login_and_unit(signed_in: SignIn) -> None:
    root = signed_in("root")
    for asked, found in (("anna员", "anna员"), ("ANN", "anna员"), ("County", "dana员")):
        page = root.get(f"/organisation/?q={asked}").text
        assert found in page
        assert "director员" not in page
    assert "anna员" not in root.get("/organisation/?q=zzz").text


@pytest.mark.parametrize("login", ["anna", "director", "supervisor"])
def test_nobody_else_comes_here(sqlite_office: Office, signed_in: SignIn, login: str) -> None:
    somebody, ben = signed_in(login), sqlite_office.people["ben"]
    for path in (f"people/{ben}", "people/new", "sessions", f"units/{sqlite_office.units['city']}", "units/new"):
        assert somebody.get(f"/organisation/{path}").status_code == 403
    for path in (f"people/{ben}", f"people/{ben}/password", f"people/{ben}/leave", f"people/{ben}/roles"):
        assert somebody.post(f"/organisation/{path}").status_code == 403


@pytest.mark.parametrize("said", ["ben员 ben", "BEN", "ben员", "Ben", "{id}", "benyuan", "BenY"])
def test_a_person_is_chosen_by_what_is_typed(sqlite_office: Office, signed_in: SignIn, said: str) -> None:
    people, root = sqlite_office.people, signed_in("root")
    page = root.get("/organisation/substitutions").text
    assert '<option value="ben员 ben">city局 beny</option>' in page
    form = {
        "absent": "anna员 anna", "substitute": said.format(id=people["ben"]), "since": "2026-03-03T09:00",
        "until": "2026-03-06T18:00", "reason": "休假", "key": hidden(page, "key"),
    }  # fmt: skip
    for _ in range(2):
        assert root.post("/organisation/substitutions", form).status_code == 302
    [kept] = sqlite_office.workflow.directory().substitutions
    assert (kept.absent, kept.substitute) == (people["anna"], people["ben"])


def test_somebody_nobody_knows_is_not_guessed(sqlite_office: Office, signed_in: SignIn) -> None:
    form = {
        "absent": "anna",
        "substitute": "c",
        "since": "2026-03-03T09:00",
        "until": "2026-03-06T18:00",
        "reason": "x",
    }
    refused = signed_in("root").post("/organisation/substitutions", form)

    assert refused.status_code == 404
    assert "4人相符，包括" in refused.text
    assert sqlite_office.count("substitutions") == 0


def test_what_does_not_go_together_is_said(sqlite_office: Office, signed_in: SignIn) -> None:
    root = signed_in("root")
    form = {"since": "2026-03-03T09:00", "until": "2026-03-06T18:00", "reason": "休假"}
    assert root.post("/organisation/substitutions", {**form, "absent": "anna", "substitute": "ben"}).status_code == 302
    assert "badge warn" not in root.get("/organisation/substitutions").text
    assert root.post("/organisation/substitutions", {**form, "absent": "ben", "substitute": "dana"}).status_code == 302

    assert "ben员同期也缺勤" in root.get("/organisation/substitutions").text
