"""Icons by what they mean here, drawn by heroicons. They only accompany words and are hidden from screen readers."""

from functools import cache

from heroicons.jinja import heroicon_mini, heroicon_outline

NAMES = {
    "inbox": "inbox-stack",
    "day": "sun",
    "cases": "arrow-path-rounded-square",
    "customers": "building-office-2",
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


@cache
def icon(meaning: str, size: int = 20) -> str:
    """The picture for a meaning in `NAMES`, in the colour of the text around it; safe as it is."""
    draw = heroicon_mini if size <= 20 else heroicon_outline
    return draw(NAMES[meaning], size=size, **{"class": "icon", "aria-hidden": "true"})
