"""The lists beside the inbox: standing queues and saved views, each with its address and its count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qs, urlencode

from flask import g, request, url_for
from flask_babel import gettext

from web import filters, language
from web.context import person, reader, workflow
from workflow.service.views import Filters
from workflow.service.workplace_views import Count, SavedView

LISTS = ("mine", "queue", "delegated", "watched", "later", "done")
"""The lists of the inbox, as their tabs stand."""

PLACES = {**{name: f"inbox.{name}" for name in LISTS}, "cases": "cases.index"}
"""A list → its page."""

COUNTED = ("mine", "queue", "delegated", "watched", "later")
SHOWN = ("columns",)
"""What of an address is kept with a view besides what narrows it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A list on the shelf. `key`: its name among the counts; `view`: the saved one it is, None for a standing queue."""

    key: str
    title: str
    url: str
    current: bool
    count: Count | None = None
    urgent: bool = False
    source: str | None = None
    view: SavedView | None = None


def entries() -> list[Entry]:
    """Everything on the reader's shelf, with counts."""
    found = counts()
    return [_entry(key, of, args, found) for key, of, args in _wanted()]


def counts() -> dict[str, Count]:
    """The counts of the tabs (by the list's name) and of the shelf, in one reading for the whole page."""
    if "counts" in g:
        known: dict[str, Count] = g.counts
        return known
    asked = {name: (name, filters.narrowing({})) for name in COUNTED}
    asked |= {key: (of, _filters(args)) for key, of, args in _wanted()}
    g.counts = workflow().counts(reader(), asked)
    return dict(g.counts)


Args = dict[str, list[str]]
"""What an address says: each name with its values."""


def _wanted() -> list[tuple[str, str, Args]]:
    """(key, list, what its address says) of everything on the shelf."""
    standing = [(f"queue-{one.name}", one.list, _open_only(one.list, one.where)) for one in workflow().library.queues]
    return standing + [(f"view-{one.id}", one.list, parse_qs(one.query)) for one in _views() if one.pinned]


def _open_only(of: str, where: Mapping[str, str]) -> Args:
    said = {**where, "closed": "open"} if of == "cases" else where
    return {name: [value] for name, value in said.items()}


def _filters(args: Args) -> Filters:
    first = {name: values[0] for name, values in args.items()}
    mine = {"person": person().id} if first.get("person") == "me" else {}
    return filters.narrowing(first, **mine)


def _views() -> list[SavedView]:
    if "views" not in g:
        g.views = workflow().views(reader())
    found: list[SavedView] = g.views
    return found


def saved() -> list[Entry]:
    """Every saved view, pinned or not, without counts."""
    return [_entry(f"view-{one.id}", one.list, parse_qs(one.query), {}) for one in _views()]


def _entry(key: str, of: str, args: Args, found: dict[str, Count]) -> Entry:
    queue = next((one for one in workflow().library.queues if key == f"queue-{one.name}"), None)
    view = next((one for one in _views() if key == f"view-{one.id}"), None)
    title = language.title(queue.title) if queue else view.name if view else key
    return Entry(
        key=key,
        title=title,
        url=url_for(PLACES.get(of, "inbox.mine"), **cast(Any, args)),
        current=request.endpoint == PLACES.get(of) and address() == urlencode(sorted(args.items()), doseq=True),
        count=found.get(key),
        urgent=args.get("overdue") == ["1"] or args.get("due") == ["overdue"],
        source=gettext("source", source=queue.source) if queue and queue.source else None,
        view=view,
    )


def address() -> str:
    """What the present address narrows its list to and how it shows it, in one order: what a view keeps."""
    kept = {name: request.args.getlist(name) for name in (*filters.NARROWING, *SHOWN) if request.args.get(name)}
    return urlencode(sorted(kept.items()), doseq=True)
