"""Addresses of pages told apart by numbers alone, as the rows of a list have them: worked out once, then filled in."""

from __future__ import annotations

from flask import request, url_for

MARK = 7_000_000_000_000_000
"""Stands for a number while an address is worked out: none of ours is that large."""

_known: dict[tuple[str, ...], str] = {}
"""By where the application is mounted, endpoint and names of the numbers: as many as templates ask for."""


def page_of(endpoint: str, **numbers: int) -> str:
    """The address of a page, as `url_for` gives it."""
    key = (request.script_root, endpoint, *numbers)
    known = _known.get(key)
    if known is None:
        known = _known[key] = _worked_out(endpoint, tuple(numbers))
    return known.format_map(numbers)


def _worked_out(endpoint: str, names: tuple[str, ...]) -> str:
    marks = {name: MARK + place for place, name in enumerate(names)}
    found = url_for(endpoint, **marks)
    for name, mark in marks.items():
        found = found.replace(str(mark), f"{{{name}}}")
    return found
