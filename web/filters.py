"""What a list is narrowed to and where it goes on, out of the address."""

from __future__ import annotations

from typing import Any

from flask import request, url_for

from workflow.service.views import Filters

LONGEST = 100
MARKS = {"open": False, "closed": True}


def filters(**fixed: Any) -> Filters:
    """The filters in the address; what makes no sense there narrows nothing."""
    args = request.args
    return Filters(
        definition=text("definition"),
        state=text("state"),
        unit=number("unit"),
        tier=text("tier"),
        overdue=args.get("overdue") == "1",
        closed=MARKS.get(args.get("closed", "")),
        text=text("q"),
        **fixed,
    )


def text(name: str) -> str | None:
    return request.args.get(name, "").replace("\0", "").strip()[:LONGEST] or None


def number(name: str) -> int | None:
    """A whole number that can be an id, else None."""
    given = request.args.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 16 else None


def after() -> str | None:
    return text("after")


def next_page(cursor: str | None) -> str | None:
    """The address of the next page of this list; None on the last."""
    if cursor is None or request.endpoint is None:
        return None
    args: dict[str, Any] = {**request.args.to_dict(), **(request.view_args or {}), "after": cursor}
    return url_for(request.endpoint, **args)


def first_page() -> str | None:
    """The address of the list's beginning; None when this is it."""
    if request.endpoint is None or not after():
        return None
    args: dict[str, Any] = {**request.args.to_dict(), **(request.view_args or {})}
    args.pop("after", None)
    return url_for(request.endpoint, **args)
