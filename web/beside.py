"""The list a task was opened from, shown beside it. The address carries it, so that every link knows the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import g, request, url_for

from web import filters
from web.context import person, reader, workflow
from web.shelf import PLACES, SHOWN
from workflow.service.views.tasks import TaskRow

LISTS = ("mine", "queue", "delegated", "later")
"""Lists of tasks."""

CARRIED = (*filters.NARROWING, *SHOWN, "after")


@dataclass(frozen=True, slots=True)
class Beside:
    """`of`: which list; `at`: the task's place in it, None when it is not (or no longer) there. `back`: its page."""

    of: str
    rows: tuple[TaskRow, ...]
    at: int | None
    back: str

    @property
    def before(self) -> TaskRow | None:
        return self.rows[self.at - 1] if self.at else None

    @property
    def next(self) -> TaskRow | None:
        """The one after the task; the first of the list for a task that is not in it."""
        place = 0 if self.at is None else self.at + 1
        return self.rows[place] if place < len(self.rows) else None


def kept() -> dict[str, Any]:
    """What links and forms carry on: the list and its place, as `from` and what narrows it; empty without a list."""
    of = carried()
    if of is None:
        return {}
    said = {name: request.args.getlist(name) for name in CARRIED if request.args.get(name)}
    return {"from": of, **said}


def trail() -> str:
    """The same at the end of an address; empty without a list."""
    known: str | None = g.get("trail")
    if known is None:
        said = kept()
        known = g.trail = f"?{urlencode(said, doseq=True)}" if said else ""
    return known


def carried() -> str | None:
    """The list this page is, or was opened from."""
    page = (request.endpoint or "").removeprefix("inbox.")
    of = page if request.endpoint == PLACES.get(page) else request.args.get("from")
    return of if of in LISTS else None


def shown(case: int, no: int) -> Beside | None:
    """The list of the address with the place of a task in it; None when the address carries none."""
    of = carried()
    if of is None:
        return None
    rows = listed(of)
    at = next((place for place, row in enumerate(rows) if (row.case, row.no) == (case, no)), None)
    return Beside(of=of, rows=rows, at=at, back=back(case, no))


def listed(of: str) -> tuple[TaskRow, ...]:
    mine = {"person": person().id} if request.args.get("person") == "me" else {}
    door = workflow()
    ask = {"mine": door.inbox, "queue": door.queue, "delegated": door.delegated, "later": door.put_off}[of]
    return ask(reader(), filters=filters.filters(**mine), after=filters.after()).rows


def back(case: int | None = None, no: int | None = None) -> str:
    """The list's page, at the place of a task where one is named; the inbox when the address carries none."""
    args = kept()
    of = args.pop("from", "mine")
    return url_for(PLACES[of], **args, _anchor=None if case is None else f"task-{case}-{no}")


def onward(otherwise: str) -> str:
    """Where to go when a task is done: to the next of its list, to the list when that was the last, and `otherwise`
    where there was no list."""
    of = carried()
    if of is None:
        return otherwise
    rows = listed(of)
    then = next((row for row in rows if f"{row.case}-{row.no}" == request.form.get("then")), rows[0] if rows else None)
    return back() if then is None else url_for("tasks.show", case=then.case, no=then.no, **kept())
