"""`baton asof`: a list of the product as it stood at a past moment."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from workflow import SYSTEM
from workflow.audit.then import Moments, Then
from workflow.cli.desk import Desk
from workflow.cli.trouble import Trouble
from workflow.service.views.lists import Filters, Page

PAGE = 200
LISTS = ("overdue", "escalations", "tasks", "cases", "customers", "load")


@click.command()
@click.argument("list_", metavar="LIST", type=click.Choice(LISTS))
@click.argument("moment")
@click.option("--person", metavar="LOGIN", help="Only what this person had to do.")
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON, one a line.")
@click.pass_obj
def asof(desk: Desk, list_: str, moment: str, *, person: str | None, as_json: bool) -> None:
    """Print LIST (overdue, escalations, tasks, cases, customers or load) as of MOMENT (2026-03-31T18:00)."""
    zone = desk.settings.display.zone
    moments = Moments(desk.workflow(looks_only=True))
    try:
        then = moments.at(_moment(moment, desk))
        who = _person(then, person)
        rows, count = _rows(then, list_, who)
        for row in rows:
            if as_json:
                click.echo(json.dumps(asdict(row), ensure_ascii=False, default=str))
            else:
                click.echo(_told(row, desk))
        click.echo(f"{count}, as of {then.at.astimezone(zone):%Y-%m-%d %H:%M}", err=True)
    finally:
        moments.close()


def _rows(then: Then, chosen: str, person: int | None) -> tuple[list[Any], str]:
    if chosen == "load":
        found = then.load(SYSTEM)
        return found, f"{len(found)}"
    narrowed = Filters(person=person)
    ask: dict[str, Callable[[str | None], Page[Any]]] = {
        "overdue": lambda after: then.overdue(SYSTEM, filters=narrowed, after=after, limit=PAGE),
        "escalations": lambda after: then.escalations(SYSTEM, filters=narrowed, after=after, limit=PAGE),
        "tasks": lambda after: then.tasks_of(person, SYSTEM, after=after, limit=PAGE),
        "cases": lambda after: then.cases(SYSTEM, filters=narrowed, after=after, limit=PAGE),
        "customers": lambda after: then.customers(SYSTEM, filters=narrowed, after=after, limit=PAGE),
    }
    page = ask[chosen](None)
    rows = list(page.rows)
    while page.next is not None:
        page = ask[chosen](page.next)
        rows += page.rows
    return rows, f"{len(rows)}"


def _told(row: Any, desk: Desk) -> str:
    """The parts of a row that it has, in one line."""
    zone = desk.settings.display.zone
    due = getattr(row, "due", None) or getattr(row, "raised", None)
    who = getattr(row, "assignee", None) or getattr(row, "person", None)
    several = [who] if who is not None else list(getattr(row, "assignees", ()) or getattr(row, "persons", ()))
    parts = [
        getattr(row, "number", ""),
        f"{due.astimezone(zone):%Y-%m-%d %H:%M}" if due is not None else "",
        getattr(row, "state", "") or getattr(row, "tier", ""),
        ", ".join(one.name["en"] for one in several),
        f"{row.tasks} tasks, {row.overdue} overdue" if hasattr(row, "tasks") else "",
    ]
    return "  ".join(part for part in parts if part)


def _person(then: Then, login: str | None) -> int | None:
    if login is None:
        return None
    found = [one.id for one in then.directory().persons.values() if one.login == login]
    if not found:
        raise Trouble(f"There was nobody called {login!r}.")
    return found[0]


def _moment(text: str, desk: Desk) -> datetime:
    """A moment as a person writes it, in the zone of the house where it names none. Raises `Trouble`."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Trouble(f"{text!r} is no moment; write it like 2026-03-31T18:00.") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=desk.settings.display.zone)
