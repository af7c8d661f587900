"""What persons, units and words that may be missing are called."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from web import context, language


def person_name(person: int | None) -> str:
    """A person's name; the system's for None; a dash for one that is not known."""
    if person is None:
        return gettext("who.system")
    found = context.directory().person(person)
    return language.name(found) if found else "—"


def unit_name(unit: int | None) -> str:
    found = context.directory().unit(unit)
    return language.name(found) if found else "—"


def known(key: str, otherwise: str) -> str:
    """The words of a key that may not be in the catalogue."""
    found = gettext(key)
    return otherwise if found == key else found


def initials(thing: Any) -> str:
    """What stands in somebody's picture: the last character of a Chinese name, else up to two first letters."""
    words = language.name(thing).split()
    if not words:
        return "?"
    if not words[-1].isascii() or len(words) == 1:
        return words[-1][-1] if not words[-1].isascii() else words[-1][0].upper()
    return (words[0][0] + words[-1][0]).upper()
