"""On PostgreSQL a page is of one moment; on both databases it holds nothing once it is sent."""

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text

from tests.support.office import Office
from tests.web.conftest import PASSWORD, Visitor
from tests.web.test_statements import asked
from web import create_app
from workflow.core.step import SYSTEM
from workflow.people.accounts import Accounts
from workflow.settings import Settings


@pytest.fixture
def app(office: Office, settings: Settings) -> Flask:
    made = create_app(office.workflow, settings, Accounts(office.database))
    made.testing = True
    made.config["PROPAGATE_EXCEPTIONS"] = False
    return made


@pytest.fixture
def anna(app: Flask, office: Office) -> Visitor:
    Accounts(office.database).set_password(office.people["anna"], PASSWORD, at=office.now, must_change=False)
    came = Visitor(app.test_client())
    assert came.sign_in("anna").status_code == 302
    return came


def held(office: Office) -> int:
    """How many connections somebody has."""
    return int(office.database.engine.pool.checkedout())  # type: ignore[attr-defined]


def once(office: Office, do: Callable[[], object]) -> None:
    """Have somebody else do it between two questions of the next page."""
    done: list[threading.Thread] = []

    def between(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not done and "FROM tasks" in statement:
            done.append(threading.Thread(target=do))
            done[0].start()
            done[0].join()

    event.listen(office.database.engine, "after_cursor_execute", between)


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_page_is_of_one_moment_and_keeps_no_connection(app: Flask, office: Office, anna: Visitor) -> None:
    first, mine = office.complaint(), threading.get_ident()
    begun: list[int] = []
    event.listen(office.database.engine, "begin", lambda _: begun.append(threading.get_ident()))
    with asked(office.database) as heard:
        assert counted(anna.get("/inbox/").text) == 1
    assert begun == [mine]
    assert sum("FROM facts" in statement for statement in heard) == 1

    def changed() -> None:
        office.complaint()
        office.workflow.add_person("new", name_zh="新人", name_en="New", actor=SYSTEM)
        office.workflow.directory()

    once(office, changed)
    inbox = anna.client.get("/inbox/", buffered=False)

    assert held(office) == 0
    assert begun.count(mine) == 2
    assert (first.number in inbox.text, counted(inbox.text)) == (True, 1)
    # The page was begun before the change, but nobody else is to decide by what it saw.
    kept = office.workflow.directories.kept
    assert kept is office.workflow.directory()
    assert counted(anna.get("/inbox/").text) == 2


def counted(inbox: str) -> int:
    """How many tasks the inbox says are mine."""
    return int(re.findall(r'data-count="mine"[^>]*>(\d+)<', inbox)[0])


def test_what_fails_on_a_page_spoils_neither_it_nor_the_next(app: Flask, office: Office, anna: Visitor) -> None:
    case = office.complaint()

    def fail() -> None:
        with office.database.reading() as connection:
            connection.execute(text("SELECT nothing FROM nowhere"))

    usual, app.view_functions["inbox.mine"] = app.view_functions["inbox.mine"], fail
    broken = anna.client.get("/inbox/", buffered=False)
    assert (broken.status_code, held(office)) == (500, 0)
    app.view_functions["inbox.mine"] = usual

    assert case.number in anna.get("/inbox/").text
    assert anna.get(f"/cases/{case.id + 1000}/").status_code == 404
    taken = anna.post("/exports/cases", {"form": "csv"})
    assert (taken.status_code, held(office)) == (200, 0)
