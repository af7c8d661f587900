"""A task beside the list it was opened from: the way through it, and the next one when it is done."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

from sqlalchemy import event

from tests.support.office import Office
from tests.web.conftest import Visitor, hidden

Enter = Callable[[str], Visitor]


def beside(page: str) -> list[str]:
    """The cases' addresses in the list, in order; the current one with a star."""
    found = re.search(r'<nav class="panel list-beside".*?</nav>', page, re.DOTALL)
    assert found is not None
    links = re.findall(r'<a href="([^"?]+)[^"]*"( aria-current="page")?', found[0])
    return [path + ("*" if current else "") for path, current in links]


def ways(page: str) -> dict[str, str]:
    found = re.search(r'<div class="row ways">.*?</div>', page, re.DOTALL)
    assert found is not None
    return {key: unescape(url) for url, key in re.findall(r'href="([^"]+)" data-key="(\w)"', found[0])}


def test_a_task_shows_the_list_it_was_opened_from(sqlite_office: Office, signed_in: Enter) -> None:
    cases = [sqlite_office.complaint() for _ in range(3)]
    sqlite_office.complaint(severity="normal")
    anna = signed_in("anna")
    [opened] = [
        unescape(url)
        for url in re.findall(r'<a href="(/cases/[^"]+)"', anna.get("/inbox/?tier=gold&evil=1").text)
        if url.startswith(f"/cases/{cases[1].id}/tasks/")
    ]
    assert opened == f"/cases/{cases[1].id}/tasks/1/?from=mine&tier=gold"

    page = anna.get(opened).text

    shown = beside(page)
    assert len(shown) == 4
    assert shown[:3] == [f"/cases/{one.id}/tasks/1/" + ("*" if one is cases[1] else "") for one in cases]
    assert ways(page) == {
        "b": f"/inbox/?tier=gold#task-{cases[1].id}-1",
        "p": f"/cases/{cases[0].id}/tasks/1/?from=mine&tier=gold",
        "n": f"/cases/{cases[2].id}/tasks/1/?from=mine&tier=gold",
    }
    assert f'id="task-{cases[1].id}-1"' in anna.get("/inbox/?tier=gold").text


def test_a_task_opened_from_nowhere_stands_alone(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    anna = signed_in("anna")
    for said in ("", "?from=nothing", "?from=done"):
        page = anna.get(f"/cases/{case.id}/tasks/1/{said}")
        assert page.status_code == 200
        assert "list-beside" not in page.text


def test_the_next_task_of_the_list_follows_with_a_way_back_to_the_case(sqlite_office: Office, signed_in: Enter) -> None:
    first, second = sqlite_office.complaint(), sqlite_office.complaint()
    anna = signed_in("anna")
    listed = "?from=mine&task=triage"
    page = anna.get(f"/cases/{first.id}/tasks/1/{listed}").text
    names = ("key", "seen", "then", "draft")
    [action] = re.findall(r'action="([^"]+complete/answer[^"]*)"', page)

    form = {name: hidden(page, name) for name in names}
    answer = anna.post(unescape(action), {**form, "f.reply": "已答复"})

    assert answer.headers["Location"] == f"/cases/{second.id}/tasks/1/{listed}"
    then = anna.get(answer.headers["Location"]).text
    assert f'<a href="/cases/{first.id}/">{first.number}</a>' in then
    assert "已答复待解决" in then
    last = anna.post(f"/cases/{second.id}/tasks/1/complete/answer{listed}", {"f.reply": "已答复"})
    assert last.headers["Location"] == "/inbox/?task=triage"


def test_what_is_taken_from_a_queue_keeps_the_queue_beside_it(sqlite_office: Office, signed_in: Enter) -> None:
    case, other = sqlite_office.complaint(), sqlite_office.complaint()
    for one in (case, other):
        sqlite_office.workflow.release(one.id, 1, actor=sqlite_office.actor("anna"))
    anna = signed_in("anna")
    [claim] = [url for url in re.findall(r'action="([^"]+)"', anna.get("/inbox/queue").text) if f"/{case.id}/1" in url]

    answer = anna.post(unescape(claim))

    assert answer.headers["Location"] == f"/cases/{case.id}/tasks/1/?from=queue"
    assert beside(anna.get(answer.headers["Location"]).text) == [f"/cases/{other.id}/tasks/1/"]
    assert anna.post(f"/cases/{case.id}/tasks/1/release?from=queue").headers["Location"] == "/inbox/queue"


def test_the_list_beside_costs_the_same_however_long_it_is(sqlite_office: Office, signed_in: Enter) -> None:
    anna, case = signed_in("anna"), sqlite_office.complaint()
    engine = sqlite_office.database.engine
    asked: list[str] = []

    def note(*given: Any) -> None:
        asked.append(given[2])

    def statements() -> int:
        anna.get(f"/cases/{case.id}/tasks/1/?from=mine")
        asked.clear()
        event.listen(engine, "before_cursor_execute", note)
        anna.get(f"/cases/{case.id}/tasks/1/?from=mine")
        event.remove(engine, "before_cursor_execute", note)
        return len(asked)

    few = statements()
    for _ in range(8):
        sqlite_office.complaint()

    assert few > 5
    assert statements() == few
