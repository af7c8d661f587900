"""What somebody of bad will, or a broken program, may send: answered with a page, and nothing of others is touched."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from io import BytesIO
from urllib.parse import urlencode

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.support.office import Office
from tests.web.conftest import PASSWORD, Visitor, hidden
from web.limits import limiter
from workflow.service.views.lists import Filters

Enter = Callable[[str], Visitor]

NASTY = (
    "", "\0", "a\0b", "\ud800", "😀" * 50, "x" * 10_000, "字" * 10_000, "-1", "0", "99999999999999999999", "1e999",
    "NaN",
    "2026-02-31", "31/02/2026", "0001-01-01T00:00", "9999-12-31T23:59", "2026-03-02T10:00+99:99", "٣", "²",
    "<script>alert(1)</script>", "' OR 1=1 --", "\r\nSet-Cookie: a=b", "{}", "[]", "%s%n", "../../etc/passwd",
)  # fmt: skip
NUMBERS = ("-1", "0", "99999999999999999999", "9223372036854775808", "x", "%00", "1.0", "٣")
PAGES = (
    "/inbox/", "/inbox/queue", "/cases/", "/cases/new", "/customers/", "/customers/new", "/revenue/", "/imports/",
    "/results/", "/results/behind", "/results/scores", "/results/service", "/results/people/3",
    "/supervision/",
    "/supervision/escalations", "/supervision/incidents", "/audit/", "/audit/refusals", "/organisation/",
    "/organisation/units", "/organisation/substitutions", "/notices/", "/settings", "/sessions", "/password",
    "/sign-in", "/organisation/wording/", "/organisation/wording/delegated/", "/audit/log/verification",
    "/calendars/", "/calendars/working/", "/calendars/working/versions/1",
)  # fmt: skip
ASKED = (
    "q",
    "after",
    "unit",
    "definition",
    "state",
    "tier",
    "closed",
    "overdue",
    "customer",
    "at",
    "next",
    "on",
    "year",
    "since",
    "until",
)
FORM = re.compile(r'<form[^>]*method="post"[^>]*action="([^"]*)"[^>]*>(.*?)</form>', re.DOTALL | re.IGNORECASE)
FIELD = re.compile(r'<(?:input|select|textarea)[^>]*\sname="([^"]+)"[^>]*>', re.IGNORECASE)


def forms(page: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Where each form of a page goes, and its fields with what stands in the hidden ones."""
    for action, inside in FORM.findall(page):
        fields = {}
        for found in FIELD.finditer(inside):
            value = re.search(r'value="([^"]*)"', found[0])
            fields[unescape(found[1])] = unescape(value[1]) if value else ""
        yield unescape(action), fields


def send(visitor: Visitor, path: str, fields: dict[str, str]) -> TestResponse:
    """Post as a browser would, and what a browser would not: half a character."""
    body = urlencode(fields, errors="surrogatepass")
    return visitor.client.post(path, data=body, content_type="application/x-www-form-urlencoded")


@pytest.fixture
def pages(sqlite_office: Office) -> list[str]:
    """The addresses of everything there is to fill in, with a case that waits."""
    case = sqlite_office.complaint()
    customer = sqlite_office.customer
    opened = sqlite_office.workflow.actions(case.id, sqlite_office.actor("anna"))
    return [
        *PAGES,
        f"/cases/{case.id}/",
        f"/cases/{case.id}/tasks/1/",
        *(f"/cases/{case.id}/do/{one.trigger}" for one in opened if one.task is None),
        *(f"/cases/new/{name}?customer={customer}" for name in sorted(sqlite_office.workflow.library.latest)),
        f"/customers/{customer}/",
        f"/audit/cases/{case.id}/",
        f"/audit/cases/{case.id}/as-of",
    ]


@pytest.mark.parametrize("login", ["anna", "supervisor", "root"])
def test_whatever_is_typed_into_any_form_a_page_answers(signed_in: Enter, pages: list[str], login: str) -> None:
    visitor = signed_in(login)
    tried = 0
    for path in pages:
        for action, fields in forms(visitor.get(path).text):
            if action in ("/sign-out", "/language") or action.endswith("/end"):
                continue
            names = [name for name in fields if name != "csrf_token"]
            for place, name in enumerate(names):
                # In turns, so that each form sees every value and none takes a minute.
                for value in NASTY[place % 4 :: 4]:
                    limiter.reset()
                    answer = send(visitor, action or path, {**fields, name: value})
                    assert answer.status_code < 500, (action, name, value[:40])
                    tried += 1
    assert tried > 30


@pytest.mark.parametrize("login", ["supervisor", "auditor"])
def test_whatever_stands_in_an_address_a_page_answers(signed_in: Enter, pages: list[str], login: str) -> None:
    visitor = signed_in(login)
    for place, path in enumerate(dict.fromkeys(page.split("?")[0] for page in pages)):
        for value in ("99999999999999999999", *NASTY[place % 4 :: 4]):
            asked = urlencode(dict.fromkeys(ASKED, value[:2_000]), errors="surrogatepass")
            assert visitor.get(path, query_string=asked).status_code < 500, (path, value[:40])


@pytest.mark.parametrize("login", ["anna", "supervisor", "auditor", "root"])
def test_a_number_that_is_none_leads_to_no_fault(app: Flask, signed_in: Enter, login: str) -> None:
    visitor = signed_in(login)
    csrf = hidden(visitor.get("/settings").text, "csrf_token")
    rules: list[Rule] = [rule for rule in app.url_map.iter_rules() if "<" in rule.rule and rule.endpoint != "static"]
    assert len(rules) > 10
    for rule in rules:
        for number in NUMBERS:
            path = re.sub(r"<int:\w+>", number, rule.rule)
            path = re.sub(r"<\w+>", "%F0%9F%98%80", path)
            for method in ("GET", "POST"):
                answer = visitor.client.open(
                    path, method=method, data={"csrf_token": csrf} if method == "POST" else None
                )
                assert answer.status_code < 500, (method, path)


def test_a_form_without_its_token_goes_nowhere(app: Flask, sqlite_office: Office, signed_in: Enter) -> None:
    visitors = [signed_in(login) for login in ("anna", "supervisor", "root")]
    steps = sqlite_office.count("steps")
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()):
            continue
        path = re.sub(r"<\w+>", "x", re.sub(r"<int:\w+>", "1", rule.rule))
        for visitor in visitors:
            assert visitor.client.post(path, data={"csrf_token": "x"}).status_code in (400, 403, 404), path
    assert sqlite_office.count("steps") == steps


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
def test_other_methods_are_not_allowed(signed_in: Enter, sqlite_office: Office, method: str) -> None:
    anna = signed_in("anna")
    for path in ("/inbox/", "/settings", "/sign-in", f"/customers/{sqlite_office.customer}/"):
        assert anna.client.open(path, method=method).status_code in (400, 405)


def test_a_cookie_put_into_a_browser_beforehand_opens_nothing_afterwards(
    app: Flask, visitor: Visitor, signed_in: Enter
) -> None:
    signed_in("anna")
    visitor.client.set_cookie("baton_session", "planted-by-somebody")
    assert visitor.sign_in("anna").status_code == 302
    given = visitor.client.get_cookie("baton_session")
    assert given is not None
    assert given.value != "planted-by-somebody"
    thief = app.test_client()
    thief.set_cookie("baton_session", "planted-by-somebody")
    assert thief.get("/inbox/").status_code == 302


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "/%0d%0aX: y", "/\t/evil"]
)
def test_choosing_a_language_leads_to_no_other_site(visitor: Visitor, target: str) -> None:
    where = visitor.post("/language", {"language": "en", "next": target}, page="/sign-in").headers["Location"]

    assert where == "/" or where.startswith("/%0d%0a")


def test_a_file_is_read_through_its_own_case_only(sqlite_office: Office, signed_in: Enter) -> None:
    mine, other = sqlite_office.complaint(), sqlite_office.complaint()
    anna = signed_in("anna")
    anna.post(f"/cases/{mine.id}/files", {"file": (BytesIO(b"abc"), "a.txt")})
    [file] = sqlite_office.workflow.case(mine.id, sqlite_office.actor("anna")).files

    assert anna.get(f"/cases/{mine.id}/files/{file.id}").status_code == 200
    assert anna.get(f"/cases/{other.id}/files/{file.id}").status_code == 404
    assert signed_in("carl").get(f"/cases/{mine.id}/files/{file.id}").status_code == 404
    assert signed_in("root").get(f"/cases/{mine.id}/files/{file.id}").status_code == 403


@pytest.mark.parametrize(
    "name",
    [
        'a"; filename="evil.html',
        "a\r\nSet-Cookie: x=y.txt",
        "..\\..\\x.svg",
        "x" * 5_000 + ".html",
        "😀.svg",
        "\0.txt",
        ";",
        " ",
    ],
)
def test_the_name_of_a_file_does_no_harm(sqlite_office: Office, signed_in: Enter, name: str) -> None:
    case = sqlite_office.complaint()
    anna = signed_in("anna")

    sent = anna.post(f"/cases/{case.id}/files", {"file": (BytesIO(b"<svg onload=alert(1)/>"), name, "image/svg+xml")})

    assert sent.status_code < 500
    for file in sqlite_office.workflow.case(case.id, sqlite_office.actor("anna")).files:
        answer = anna.get(f"/cases/{case.id}/files/{file.id}")
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "x=y" not in answer.headers.getlist("Set-Cookie")
    assert "<svg onload" not in anna.get(f"/cases/{case.id}/").text


def test_what_a_form_does_not_ask_for_is_not_taken_from_it(sqlite_office: Office, signed_in: Enter) -> None:
    anna = signed_in("anna")
    people = sqlite_office.workflow.directory().persons
    before = people[sqlite_office.people["anna"]]

    anna.post("/settings", {"language": "en", "active": "", "login": "root", "name_zh": "x", "role": "administrator"})
    anna.post("/customers/new", {"name_zh": "新客户", "division": "440106", "tier": "diamond", "a": "1", "number": "1"})

    after = sqlite_office.workflow.directory().persons[before.id]
    assert (after.login, after.active, after.name) == (before.login, True, before.name)
    assert anna.get("/organisation/").status_code == 403
    [row] = sqlite_office.workflow.customers(sqlite_office.actor("anna"), filters=Filters(text="新客户")).rows
    assert row.tier != "diamond"
    assert row.number != "1"


@pytest.mark.parametrize("behalf", ["1", "-1", "0", "99999999999999999999", "x"])
def test_nobody_acts_for_a_person_they_do_not_stand_in_for(
    sqlite_office: Office, signed_in: Enter, behalf: str
) -> None:
    case = sqlite_office.complaint()
    answer = signed_in("anna").post(f"/cases/{case.id}/comments", {"comment": "hello", "behalf": behalf})

    assert answer.status_code in (302, 403, 404)
    for step in sqlite_office.workflow.history(case.id, sqlite_office.actor("anna"))[1:]:
        assert step.behalf is None
        assert behalf == "x"


def test_the_key_of_somebody_elses_form_opens_nothing_of_theirs(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    for login in ("anna", "ben"):
        signed_in(login).post(f"/cases/{case.id}/comments", {"comment": f"of {login}", "key": "same"})
    steps = sqlite_office.workflow.history(case.id, sqlite_office.actor("anna"))

    assert [step.actor.id for step in steps[1:] if step.actor] == [sqlite_office.people[x] for x in ("anna", "ben")]


def test_personal_words_reach_no_auditor_not_even_by_searching(sqlite_office: Office, signed_in: Enter) -> None:
    secret = "邮件延误三天"
    case = sqlite_office.complaint()
    customer = sqlite_office.register("玉兰食品厂", contacts="王女士 13800138000")
    anna, auditor = signed_in("anna"), signed_in("auditor")
    assert secret in anna.get(f"/cases/{case.id}/").text

    for path in (
        f"/cases/{case.id}/", f"/cases/{case.id}/tasks/1/", f"/audit/cases/{case.id}/",
        f"/audit/cases/{case.id}/as-of", "/audit/", "/cases/", "/audit/refusals", f"/customers/{customer}/",
        f"/audit/cases/{customer}/", f"/audit/cases/{customer}/as-of", f"/cases/{customer}/",
    ):  # fmt: skip
        shown = auditor.get(path)
        assert shown.status_code in (200, 404), path
        assert secret not in shown.text, path
        assert "13800138000" not in shown.text, path
    assert case.number in auditor.get("/audit/").text
    assert case.number not in auditor.get("/audit/", query_string={"q": secret}).text
    assert case.number not in auditor.get("/cases/", query_string={"q": secret}).text
    assert f'/customers/{customer}/"' not in auditor.get("/customers/", query_string={"q": "13800138000"}).text


def test_guessing_at_one_place_locks_nobody_out_at_another(
    app: Flask, sqlite_office: Office, visitor: Visitor, signed_in: Enter
) -> None:
    signed_in("anna")
    sqlite_office.later(seconds=1)
    for _ in range(8):
        visitor.sign_in("anna", "wrong")
        limiter.reset()
    assert visitor.sign_in("anna").status_code == 429
    elsewhere = Visitor(app.test_client())
    csrf = hidden(elsewhere.get("/sign-in").text, "csrf_token")
    form = {"csrf_token": csrf, "login": "anna", "password": PASSWORD}

    answer = elsewhere.client.post("/sign-in", data=form, environ_overrides={"REMOTE_ADDR": "192.0.2.77"})
    assert answer.status_code == 302
    assert visitor.sign_in("ben", "wrong").status_code == 401


def test_an_open_session_is_no_place_to_guess_the_password_at(sqlite_office: Office, signed_in: Enter) -> None:
    anna = signed_in("anna")
    sqlite_office.later(seconds=1)
    form = {"current": "wrong", "fresh": "quiet-meadow-4471", "repeat": "quiet-meadow-4471"}
    for _ in range(5):
        assert anna.post("/password", form, page="/password").status_code == 401

    answer = anna.post("/password", {**form, "current": PASSWORD}, page="/password")
    assert answer.status_code == 429
    assert 'role="alert"' in answer.text
    assert anna.get("/inbox/").status_code == 200
