"""An office whose people have addresses, real servers on loopback, and what sends to them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from sqlalchemy import text

from tests.delivery.post import Post
from tests.support.office import Office
from workflow.core.step import SYSTEM
from workflow.delivery import Deliverer
from workflow.settings import Delivery, Mail, Server, Settings, Webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PEOPLE = ("anna", "ben", "supervisor", "director")


@pytest.fixture
def post() -> Iterator[Post]:
    made = Post()
    made.start()
    yield made
    made.stop()


class House:
    """An office and its ways out. `one` makes what sends."""

    def __init__(self, office: Office, port: int) -> None:
        self.office = office
        self.port = port
        for login in PEOPLE:
            office.workflow.change_person(office.people[login], {"email": f"{login}@example.org"}, actor=SYSTEM)
        self.case = office.complaint().id

    def one(
        self, name: str = "one", *, mail: bool = True, webhooks: dict[str, Webhook] | None = None, **given: Any
    ) -> Deliverer:
        letters, resolve, robots = given.pop("letters", None), given.pop("resolve", None), given.pop("robots", None)
        settings = Settings(
            server=Server(public_url="https://baton.example.org"),
            mail=Mail(host="127.0.0.1", port=self.port, tls="none", sender="baton@example.org") if mail else Mail(),
            delivery=Delivery(**{"gather": 0.0, "timeout": 5.0, **given}),
            webhooks=webhooks or {},
            robots=robots or {},
        )
        more = {"resolve": resolve} if resolve else {}
        return Deliverer(self.office.workflow, settings, name=name, letters=letters, **more)

    def mention(self, login: str = "ben", case: int | None = None) -> None:
        """Something a person is told of."""
        self.office.workflow.comment(case or self.case, f"@{login} 请看", actor=self.office.actor("anna"))

    def choose(self, login: str, **values: Any) -> None:
        self.office.workflow.change_person(self.office.people[login], values, actor=self.office.actor(login))

    def rows(self, query: str) -> list[Any]:
        with self.office.database.reading() as connection:
            return list(connection.execute(text(query)))

    def outcomes(self) -> list[str]:
        return [row.outcome for row in self.rows("SELECT outcome FROM deliveries ORDER BY id")]

    def sent(self) -> list[list[int]]:
        """The messages of each delivery that went out."""
        query = "SELECT messages FROM deliveries WHERE outcome = 'sent' ORDER BY id"
        return [json.loads(row.messages) for row in self.rows(query)]


@pytest.fixture
def house(sqlite_office: Office, post: Post) -> House:
    return House(sqlite_office, post.port)


@pytest.fixture
def either_house(office: Office, post: Post) -> House:
    """The same on each kind of database."""
    return House(office, post.port)


@pytest.fixture
def httpserver() -> Iterator[HTTPServer]:
    """A web server of this test's own that answers several at once."""
    with HTTPServer(host="127.0.0.1", threaded=True) as server:
        yield server


@pytest.fixture
def hook(httpserver: HTTPServer) -> Callable[..., Webhook]:
    """A webhook at a path of the server of this test."""

    def made(path: str = "/hook", **given: Any) -> Webhook:
        return Webhook(**{"url": httpserver.url_for(path), "secret": SECRET, "private": True, **given})

    return made
