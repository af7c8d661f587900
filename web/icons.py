"""Icons by what they mean here, drawn by heroicons. They only accompany words and are hidden from screen readers."""

import hashlib
from functools import cache
from pathlib import Path

from flask import url_for
from heroicons.jinja import heroicon_outline
from markupsafe import Markup

STATIC = Path(__file__).parent / "static"

NAMES = {
    "inbox": "inbox-stack",
    "day": "sun",
    "cases": "arrow-path-rounded-square",
    "customers": "building-office-2",
    "offers": "megaphone",
    "supervision": "bell-alert",
    "audit": "document-magnifying-glass",
    "organisation": "user-group",
    "calendars": "calendar-days",
    "notices": "bell",
    "settings": "cog-6-tooth",
    "sign_out": "arrow-right-start-on-rectangle",
    "open": "plus",
    "next": "chevron-right",
    "back": "chevron-left",
    "to": "arrow-right",
    "warn": "exclamation-triangle",
    "late": "exclamation-circle",
    "good": "check-circle",
    "info": "information-circle",
    "file": "paper-clip",
    "download": "arrow-down-tray",
    "search": "magnifying-glass",
    "comment": "chat-bubble-left",
    "clock": "clock",
    "person": "user",
    "system": "cpu-chip",
    "hand_over": "arrows-right-left",
    "link": "link",
    "edit": "pencil-square",
    "timer": "bolt",
    "check": "check",
    "eye": "eye",
    "more": "ellipsis-horizontal",
    "follow": "bookmark",
    "followed": "bookmark-slash",
}


SPRITE = "icons.svg"
"""The small ones in one file, so that a page full of them names them and carries none."""

SMALL = 20


@cache
def mark(name: str) -> str:
    """What tells a static file of this content from one of another."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]


@cache
def icon(meaning: str, size: int = SMALL) -> Markup:
    """The picture for a meaning in `NAMES`, in the colour of the text around it."""
    if size > SMALL:
        return Markup(heroicon_outline(NAMES[meaning], size=size, **LOOKS))  # noqa: S704 - of the library's making
    place = url_for("static", filename=SPRITE, v=mark(SPRITE), _anchor=known(meaning))
    return Markup('<svg class="icon" width="{0}" height="{0}" aria-hidden="true"><use href="{1}"/></svg>').format(
        size, place
    )


def known(meaning: str) -> str:
    """The meaning itself. Raises KeyError for one that has no picture."""
    return meaning if meaning in NAMES else NAMES[meaning]


LOOKS = {"class": "icon", "aria-hidden": "true"}
