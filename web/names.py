"""What persons, units and words that may be missing are called."""

from __future__ import annotations

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
