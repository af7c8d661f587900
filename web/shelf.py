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
from workflow.service.views.lists import Filters
from workflow.service.workplace_views import Count, SavedView

LISTS = ("mine", "queue", "delegated", "watched", "later", "done")
"""The lists of the inbox, as their tabs stand."""

PLACES = {**{name: f"inbox.{name}" for name in LISTS}, "cases": "cases.index"}
"""A list → its page."""

COUNTED = ("mine", "queue", "delegated", "watched", "later")
SHOWN = ("columns",)
"""What of an address is kept with a view besides what narrows it."""


Args = dict[str, list[str]]
"""What an address says: each name with its values."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list somebody may want to see again. `key`: its name among the counts; `of`: one of PLACES; `args`: what its
    address says; `view`: the saved one it is, None for a standing queue."""

    key: str
    title: str
    of: str
    args: Args
    source: str | None = None
    view: SavedView | None = None

    @property
    def url(self) -> str:
        return url_for(PLACES.get(self.of, "inbox.mine"), **cast(Any, self.args))

    @property
    def current(self) -> bool:
        said = urlencode(sorted(self.args.items()), doseq=True)
        return request.endpoint == PLACES.get(self.of) and address() == said

    @property
    def urgent(self) -> bool:
        return self.args.get("overdue") == ["1"] or self.args.get("due") == ["overdue"]


def standing() -> list[Listed]:
    """The queues everybody has."""
    return [
        Listed(
            key=f"queue-{one.name}",
            title=language.title(one.title),
            of=one.list,
            args=_open_only(one.list, one.where),
            source=gettext("source", source=language.sourced(one.source)) if one.source else None,
        )
        for one in workflow().library.queues
    ]


def saved() -> list[Listed]:
    """Every saved view of the reader, pinned or not."""
    if "saved" not in g:
        g.saved = [
            Listed(key=f"view-{one.id}", title=one.name, of=one.list, args=parse_qs(one.query), view=one)
            for one in workflow().views(reader())
        ]
    return cast("list[Listed]", g.saved)


def entries() -> list[Listed]:
    """What stands beside the inbox: the standing queues, and the views that are pinned."""
    return standing() + [one for one in saved() if one.view and one.view.pinned]


def counts() -> dict[str, Count]:
    """The counts of the tabs (by the list's name) and of the shelf, in one reading for the whole page."""
    if "counts" not in g:
        asked = {name: (name, filters.narrowing({})) for name in COUNTED}
        asked |= {one.key: (one.of, _filters(one.args)) for one in entries()}
        g.counts = workflow().counts(reader(), asked)
    return cast("dict[str, Count]", g.counts)


def _open_only(of: str, where: Mapping[str, str]) -> Args:
    said = {**where, "closed": "open"} if of == "cases" else where
    return {name: [value] for name, value in said.items()}


def _filters(args: Args) -> Filters:
    first = {name: values[0] for name, values in args.items()}
    mine = {"person": person().id} if first.get("person") == "me" else {}
    return filters.narrowing(first, **mine)


def address() -> str:
    """What the present address narrows its list to and how it shows it, in one order: what a view keeps."""
    kept = {name: request.args.getlist(name) for name in (*filters.NARROWING, *SHOWN) if request.args.get(name)}
    return urlencode(sorted(kept.items()), doseq=True)
