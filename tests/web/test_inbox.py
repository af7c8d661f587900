"""The inbox through its pages: lists, counts, standing queues, saved views."""

import json
import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask

from tests.support.office import Office
from tests.web.conftest import Visitor, hidden
from web import titles

Enter = Callable[[str], Visitor]
LISTS = ("", "queue", "delegated", "watched", "later", "done")


@pytest.mark.parametrize("of", LISTS)
def test_an_empty_list_says_what_comes_there(signed_in: Enter, of: str) -> None:
    page = signed_in("anna").get(f"/inbox/{of}")
    assert page.status_code == 200
    assert 'class="empty"' in page.text
    assert "inbox." not in re.sub(r'(href|action|data-counts|src)="[^"]*"', "", page.text)


def test_a_task_is_put_off_and_brought_back_by_its_menu(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    anna = signed_in("anna")
    inbox = anna.get("/inbox/").text
    form = {"key": hidden(inbox, "key"), "until": "tomorrow", "next": "/inbox/?due=7d"}
    assert anna.post(f"/inbox/{case.id}/1/snooze", form).headers["Location"] == "/inbox/?due=7d"
    assert case.number not in anna.get("/inbox/").text
    later = anna.get("/inbox/later").text
    assert case.number in later
    assert "3月3日 09:00再提醒" in later
    anna.post(f"/inbox/{case.id}/1/snooze", {"next": "//elsewhere.example"})
    assert case.number in anna.get("/inbox/").text


def test_a_page_elsewhere_is_never_gone_to(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    answer = signed_in("anna").post(f"/inbox/{case.id}/1/snooze", {"until": "week", "next": "//elsewhere.example"})
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize(
    ("narrowed", "there"),
    [
        ("q=青云", True), ("q=qysj", True), ("q=TS", True), ("q=nobody", False),
        ("definition=complaint", True), ("definition=visit", False), ("tier=gold", True), ("tier=diamond", False),
        ("due=3d", True), ("due=today", False), ("due=overdue", False), ("task=triage", True), ("task=file", False),
        ("definition=complaint&state=received", True), ("definition=complaint&state=answered", False),
        ("due=99999999999d", True), ("due=-1d", True), ("due=٣d", True),
    ],
)  # fmt: skip
def test_the_address_narrows_the_list(sqlite_office: Office, signed_in: Enter, narrowed: str, there: bool) -> None:
    case = sqlite_office.complaint()
    page = signed_in("anna").get(f"/inbox/?{narrowed}")
    assert page.status_code == 200
    assert (case.number in page.text) is there


def test_every_list_and_queue_says_how_much_is_in_it(sqlite_office: Office, signed_in: Enter) -> None:
    sqlite_office.complaint()
    sqlite_office.later(hours=49)
    anna = signed_in("anna")
    page = anna.get("/inbox/").text
    shown = dict(re.findall(r'data-count="([^"]+)">(\d+)', page))
    counted = {name: str(count) for name, (count, _) in json.loads(anna.get("/inbox/counts").text).items()}
    assert shown == counted
    assert (shown["mine"], shown["queue-overdue"], shown["queue-complaints"]) == ("1", "1", "1")


def test_counts_are_asked_for_again_without_being_sent_again(sqlite_office: Office, signed_in: Enter) -> None:
    anna = signed_in("anna")
    first = anna.get("/inbox/counts")
    mark = first.headers["ETag"]
    assert anna.get("/inbox/counts", headers={"If-None-Match": mark}).status_code == 304
    sqlite_office.complaint()
    assert anna.get("/inbox/counts", headers={"If-None-Match": mark}).status_code == 200


def test_a_view_is_the_list_as_it_was_narrowed(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    anna = signed_in("anna")
    page = anna.get("/inbox/?tier=gold&columns=unit&columns=opened&after=xx&evil=1").text
    kept = {name: hidden(page, name) for name in ("list", "query")}
    assert kept == {"list": "mine", "query": "columns=unit&columns=opened&tier=gold"}
    form = {**kept, "name": "黄金", "pinned": "1", "next": "/inbox/"}
    assert anna.post("/inbox/views", form).status_code == 302
    shown = anna.get("/inbox/?columns=unit&columns=opened&tier=gold").text
    chip = re.search(r'<a class="chip" href="([^"]+)" aria-current="page">\s*黄金\s*<span[^>]*>(\d)', shown)
    assert chip is not None
    assert chip.groups() == ("/inbox/?columns=unit&amp;columns=opened&amp;tier=gold", "1")
    assert "city局" in shown
    assert case.number in shown
    drop = re.search(r'action="(/inbox/views/\d+/drop)"', shown)
    assert drop is not None
    anna.post(drop[1])
    assert "黄金</a>" not in anna.get("/inbox/").text


def test_a_standing_queue_is_marked_where_one_is_in_it(sqlite_office: Office, signed_in: Enter) -> None:
    sqlite_office.complaint()
    anna = signed_in("anna")
    addresses = re.findall(r'<a class="chip[^"]*" href="([^"]+)"', anna.get("/inbox/").text)
    assert len(addresses) == len(sqlite_office.workflow.library.queues)
    for address in addresses:
        page = anna.get(address.replace("&amp;", "&")).text
        if address.startswith("/inbox"):
            assert f'href="{address}" aria-current="page"' in page


def test_a_case_is_followed_from_its_page(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    clerk = signed_in("clerk")
    assert f'action="/inbox/watch/{case.id}"' in clerk.get(f"/cases/{case.id}/").text
    clerk.post(f"/inbox/watch/{case.id}")
    assert case.number in clerk.get("/inbox/watched").text
    assert f'action="/inbox/unwatch/{case.id}"' in clerk.get(f"/cases/{case.id}/").text
    clerk.post(f"/inbox/unwatch/{case.id}")
    assert case.number not in clerk.get("/inbox/watched").text


def test_a_task_that_was_done_and_moved_nothing_is_called_by_its_title(app: Flask, sqlite_office: Office) -> None:
    newest = sqlite_office.workflow.library.latest["account"]
    row = SimpleNamespace(definition="account", version=newest.version, state="negotiation")
    with app.test_request_context():
        assert titles.trigger(row, "assist") == "配合A角拓展（B角）"
        assert titles.trigger(row, "unheard_of") == "unheard_of"
