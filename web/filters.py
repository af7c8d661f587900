"""What a list is narrowed to and where it goes on, out of the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import request, url_for

from web.language import now, zone
from workflow.service.views.lists import Filters

LONGEST = 100
NONE = "none"
"""In an address: of none of them, which is a group too."""

MARKS = {"open": False, "closed": True}
SPANS = {"h": timedelta(hours=1), "d": timedelta(days=1)}
MOST_SPANS = 1000
NARROWING = ("q", "definition", "state", "phase", "task", "unit", "tier", "clock", "due", "overdue", "closed", "person")
"""What in an address narrows a list; the rest says how it is shown."""


def filters(**fixed: Any) -> Filters:
    """The filters in the address; what makes no sense there narrows nothing."""
    return narrowing(request.args, **fixed)


def narrowing(args: Mapping[str, str], **fixed: Any) -> Filters:
    """The same for anything that says it as an address does: a saved view, a standing queue."""
    return Filters(
        definition=_text(args, "definition"),
        state=_text(args, "state"),
        phase=_text(args, "phase"),
        task=_text(args, "task"),
        clock=_text(args, "clock"),
        unit=whole(args.get("unit", "")),
        tier=_text(args, "tier"),
        overdue=args.get("overdue") == "1" or args.get("due") == "overdue",
        due_before=due_before(args.get("due", "")),
        closed=MARKS.get(args.get("closed", "")),
        text=_text(args, "q"),
        **fixed,
    )


def due_before(said: str) -> datetime | None:
    """`today`: the end of it where the reader is; `8h`, `14d`: so long from now. None for what is neither."""
    if said == "today":
        here = now().astimezone(zone())
        return datetime.combine(here.date() + timedelta(days=1), time(), tzinfo=zone())
    amount, span = said[:-1], SPANS.get(said[-1:])
    if span is None or not (amount.isascii() and amount.isdigit()) or len(amount) > len(str(MOST_SPANS)):
        return None
    return now() + min(int(amount), MOST_SPANS) * span


def narrowed() -> bool:
    """Whether the address narrows the list at all."""
    return any(request.args.get(name) for name in NARROWING)


def _text(args: Mapping[str, str], name: str) -> str | None:
    return args.get(name, "").replace("\0", "").strip()[:LONGEST] or None


def whole(said: str) -> int | None:
    """A whole number that can be an id, else None."""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 16 else None


def one_or_none(name: str) -> int | None:
    """Which one an address asks for: None where it says NONE, and -1, which nothing is, where it says no number."""
    said = request.args.get(name, "")
    if said == NONE:
        return None
    found = whole(said)
    return -1 if found is None else found


def text(name: str) -> str | None:
    return _text(request.args, name)


def number(name: str) -> int | None:
    return whole(request.args.get(name, ""))


def midnight(typed: str, *, after: int = 0) -> datetime | None:
    """When a day begins in the display zone, or one some days `after` it; None for what is no day."""
    try:
        found = date.fromisoformat(typed) + timedelta(days=after)
    except (ValueError, OverflowError):
        return None
    return datetime.combine(found, time(), zone())


def chosen(orders: Sequence[str]) -> str:
    """The order the address asks for; the first where it asks for none of them."""
    asked = request.args.get("order", "")
    return asked if asked in orders else orders[0]


def after() -> str | None:
    return text("after")


def next_page(cursor: str | None) -> str | None:
    """The address of the next page of this list; None on the last."""
    if cursor is None or request.endpoint is None:
        return None
    args: dict[str, Any] = {**request.args.to_dict(flat=False), **(request.view_args or {}), "after": cursor}
    return url_for(request.endpoint, **args)


def first_page() -> str | None:
    """The address of the list's beginning; None when this is it."""
    if request.endpoint is None or not after():
        return None
    args: dict[str, Any] = {**request.args.to_dict(flat=False), **(request.view_args or {})}
    args.pop("after", None)
    return url_for(request.endpoint, **args)
