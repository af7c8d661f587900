"""Nobody comes to a page that the table does not open to them: every route, every role, every method, near and far."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.support.office import STAFF, Office
from tests.web.conftest import Visitor
from web.access import ACCESS, EVERYONE, PUBLIC, allowed
from web.places import BELONGS, PLACES
from workflow.core.directory import BUSINESS_ROLES

ROLES = {login: frozenset({role}) for login, role, _ in STAFF}
ONE_OF_EACH = {role: login for login, role, _ in reversed(STAFF)}
FAR = {"carl", "stranger"}
CASE_PAGES = (
    "clocks.show",
    "clocks.pause",
    "clocks.resume",
    "dues.show",
    "cases.show",
    "cases.comment",
    "tasks.show",
    "tasks.complete",
    "audit.case",
    "audit.as_of",
    "replay.begin",
    "replay.show",
    "replay.against",
    "proofs.step",
    "proofs.step_json",
)


def routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method


def address(rule: Rule, case: int, customer: int) -> str:
    known = {
        "case": case, "no": 1, "customer": customer, "definition": "complaint", "trigger": "answer", "file": 1,
        "notice": 1, "substitution": 1, "incident": 1, "mark": "0" * 16, "view": 1, "filename": "tokens.css",
        "token": "none", "person": 1, "unit": 1, "name": "answer", "table": "clock",
        "calendar": "working", "version": 1, "seq": 1, "first": 1, "second": 1, "kind": "revenue", "upload": 1,
        "wording": "mentioned", "absence": 1, "group": 1, "member": 1,
    }  # fmt: skip
    path = rule.rule
    for name in rule.arguments:
        for form in (f"<int:{name}>", f"<path:{name}>", f"<{name}>"):
            path = path.replace(form, str(known[name]))
    return path


def ask(visitor: Visitor, method: str, path: str) -> int:
    return (visitor.get(path) if method == "GET" else visitor.post(path)).status_code


def test_every_route_is_in_the_table_and_every_line_of_it_is_a_route(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(ACCESS)


def test_the_table_names_business_roles_only() -> None:
    assert all(needed is PUBLIC or needed <= set(BUSINESS_ROLES) for needed in ACCESS.values())


def test_every_page_stands_under_a_place_of_the_navigation(app: Flask, signed_in: Callable[[str], Visitor]) -> None:
    own = {"absence", "auth", "health", "home", "profile", "search", "static", "styleguide"}
    families = {endpoint.partition(".")[0] for endpoint in ACCESS} - own
    pages = {rule.endpoint for rule, method in routes(app) if method == "GET"}
    shown = {family for family in families if any(one.startswith(f"{family}.") for one in pages)}

    assert shown - {endpoint.partition(".")[0] for endpoint, _ in PLACES} - BELONGS.keys() == set()
    assert set(BELONGS.values()) <= {endpoint.partition(".")[0] for endpoint, _ in PLACES}
    page = signed_in("root").get("/organisation/wording/").text
    assert re.search(r'<a href="/organisation/"[^>]* aria-current="true"', page)


def test_a_page_the_table_does_not_know_is_closed(app: Flask, signed_in: Callable[[str], Visitor]) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")

    assert not allowed("forgotten", EVERYONE)
    assert signed_in("director").get("/forgotten").status_code == 404
    assert Visitor(app.test_client()).get("/forgotten").status_code == 302


def test_who_is_not_signed_in_sees_public_pages_only(app: Flask, sqlite_office: Office, visitor: Visitor) -> None:
    case = sqlite_office.complaint()
    for rule, method in routes(app):
        status = ask(visitor, method, address(rule, case.id, sqlite_office.customer))

        if rule.endpoint == "day.feed":
            assert status == 404, "an address nobody was told"
        elif ACCESS[rule.endpoint] is PUBLIC:
            assert status in (200, 302, 401), rule
        else:
            assert status == (302 if method == "GET" else 401), rule


@pytest.mark.parametrize("role", sorted(ONE_OF_EACH))
def test_a_role_comes_to_the_pages_of_the_table_and_no_others(
    app: Flask, sqlite_office: Office, signed_in: Callable[[str], Visitor], role: str
) -> None:
    case = sqlite_office.complaint()
    visitor = signed_in(ONE_OF_EACH[role])
    for rule, method in routes(app):
        if rule.endpoint == "auth.sign_out":
            continue
        refusals = sqlite_office.count("refusals")
        status = ask(visitor, method, address(rule, case.id, sqlite_office.customer))

        if not allowed(rule.endpoint, frozenset({role})):
            assert status == 403, (rule, method)
            assert sqlite_office.count("refusals") == refusals, (rule, method)
        else:
            assert status < 500, (rule, method)
            assert status != 403 or sqlite_office.count("refusals") > refusals, (rule, method)


@pytest.mark.parametrize("login", sorted(FAR))
@pytest.mark.parametrize("endpoint", CASE_PAGES)
def test_anothers_case_looks_like_one_that_never_was(
    app: Flask, sqlite_office: Office, signed_in: Callable[[str], Visitor], login: str, endpoint: str
) -> None:
    case = sqlite_office.complaint()
    visitor = signed_in(login)
    [(rule, method)] = [one for one in routes(app) if one[0].endpoint == endpoint]
    if not allowed(endpoint, ROLES[login]):
        assert ask(visitor, method, address(rule, case.id, 2)) == 403
        return
    if method == "POST":
        form = {"comment": "hello", "f.reply": "hello"}
        theirs, none = (visitor.post(address(rule, one, 2), form) for one in (case.id, 99_999))
    else:
        theirs, none = (visitor.get(address(rule, one, 2)) for one in (case.id, 99_999))

    assert theirs.status_code == none.status_code == 404


def test_no_page_changes_anything_when_it_is_only_looked_at(
    app: Flask, sqlite_office: Office, signed_in: Callable[[str], Visitor]
) -> None:
    case = sqlite_office.complaint()
    visitors = [signed_in(login) for login in ("anna", "supervisor", "auditor", "root")]
    tables = ("steps", "refusals", "tasks", "timers", "persons", "substitutions", "idempotency", "files")
    before = [sqlite_office.count(table) for table in tables]
    for rule, method in routes(app):
        if method == "GET":
            for visitor in visitors:
                visitor.get(address(rule, case.id, sqlite_office.customer))

    assert [sqlite_office.count(table) for table in tables] == before
