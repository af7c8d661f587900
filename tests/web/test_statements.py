"""No page asks the database more often because there is more to show: every page that is read, few rows and many."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import event

from tests.support.office import Office
from tests.web.conftest import Visitor
from tests.web.test_access import address, routes
from web.access import allowed
from workflow.core.errors import Refused
from workflow.core.step import SYSTEM
from workflow.storage.database import Database

FEW, MANY = 5, 50
FURTHER = 1
"""A list that goes on behind its page is counted, which one that ends on it needs not be."""

LOGINS = {
    "anna": "account_manager", "supervisor": "supervisor", "auditor": "auditor", "root": "administrator",
    "director": "director", "clerk": "account_administrator", "delivery": "department",
}  # fmt: skip
EACH = 2
"""A page is asked for by so many of the roles that may read it: those further on in LOGINS see it as the first do."""
ONCE_A_SIZE = {"proofs.step", "proofs.step_json", "proofs.consistency_json", "proofs.checkpoints_json"}
"""A proof climbs a tree: its statements grow with the height of it, which no number of rows on a page decides."""


class Life:
    """An organisation that grows: of everything a list may show there are as many as `to` is told."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.case = office.complaint()
        self.made = 0

    def to(self, count: int) -> None:
        office, door = self.office, self.office.workflow
        for n in range(self.made, count):
            customer = office.register(f"第{n}号客户有限公司")
            form = {"kind": "complaint", "channel": "phone", "text": f"第{n}件", "severity": "normal"}
            door.open("complaint", customer=customer, actor=office.actor("anna"), data=form)
            door.comment(self.case.id, f"第{n}次催问", actor=office.actor("anna"))
            door.attach(self.case.id, f"{n}.txt", str(n).encode(), actor=office.actor("anna"))
            door.open("complaint", customer=office.customer, actor=office.actor("ben"), data=form)
            self._hire(n)
            self._refused()
        self.made = count
        office.later(days=6)
        office.fire()

    def _hire(self, n: int) -> None:
        office, door = self.office, self.office.workflow
        person = door.add_person(f"new-{n}", name_zh=f"新人{n}", name_en=f"New {n}", actor=SYSTEM)
        door.grant(person, office.units["city"], "account_manager", actor=SYSTEM)
        door.substitute(
            office.people["anna"], person, since=office.now + timedelta(days=500 + n),
            until=office.now + timedelta(days=500 + n, hours=5), reason="休假", actor=office.actor("supervisor"),
        )  # fmt: skip

    def _refused(self) -> None:
        try:
            self.office.workflow.comment(self.case.id, "外人的话", actor=self.office.actor("carl"))
        except Refused:
            return
        raise AssertionError("a stranger was let in")


@contextmanager
def asked(database: Database) -> Iterator[list[str]]:
    """The statements sent to the database meanwhile."""
    heard: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        heard.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield heard
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def pages(app: Flask, office: Office, life: Life) -> list[tuple[str, str]]:
    """Who reads what."""
    return [
        (login, address(rule, life.case.id, office.customer))
        for rule, method in routes(app)
        if method == "GET" and rule.endpoint not in ONCE_A_SIZE
        for login in [one for one, role in LOGINS.items() if allowed(rule.endpoint, frozenset({role}))][:EACH]
    ]


def counted(office: Office, visitor: Visitor, path: str) -> list[str]:
    """The statements of a page, the second time it is asked for: what is remembered is remembered by then."""
    visitor.get(path)
    with asked(office.database) as heard:
        answer = visitor.get(path)
    assert answer.status_code < 500, path
    assert not answer.headers.get("Location", "").startswith("/sign-in"), path
    return heard


def test_no_page_asks_more_often_with_fifty_rows_than_with_five(
    app: Flask, sqlite_office: Office, signed_in: Callable[[str], Visitor]
) -> None:
    office, life = sqlite_office, Life(sqlite_office)

    def all_pages() -> dict[tuple[str, str], int]:
        visitors = {login: signed_in(login) for login in LOGINS}
        return {(login, path): len(counted(office, visitors[login], path)) for login, path in pages(app, office, life)}

    life.to(FEW)
    few = all_pages()
    life.to(MANY)
    many = all_pages()

    assert {one: (few[one], count) for one, count in many.items() if count > few[one] + FURTHER} == {}
    assert min(many["anna", "/inbox/"], many["auditor", f"/audit/cases/{life.case.id}/"]) > 0
