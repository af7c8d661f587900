"""Choosing a person by typing: name, login (which is the pinyin), or unit; the browser offers who fits."""

from __future__ import annotations

from flask import request

from web.context import directory
from web.filters import whole
from web.language import name, now
from workflow.core.directory import Person


def offered() -> list[tuple[str, str]]:
    """Every active person as it is typed, and where they work, for the list the browser looks in."""
    known = directory()
    found = [one for one in known.persons.values() if one.active]
    return [
        (typed(one), name(unit) if (unit := known.unit(known.home(one.id, now()))) else "")
        for one in sorted(found, key=lambda one: one.login)
    ]


def typed(person: Person) -> str:
    """`林晓雨 lin.xiaoyu`."""
    return f"{name(person)} {person.login}"


def sent(field: str) -> int:
    """The person a form means: by id, by login wherever it stands, or by a name that only one has; 0 for nobody."""
    text = request.form.get(field, "").strip().casefold()
    persons = [one for one in directory().persons.values() if one.active]
    if (number := whole(text)) is not None:
        return number
    words = set(text.split())
    found = [one for one in persons if one.login in words]
    if not found:
        found = [one for one in persons if text in (one.name.zh.casefold(), one.name.en.casefold())]
    return found[0].id if len(found) == 1 else 0
