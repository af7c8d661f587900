"""Who a comment names: `@login`, or `@` and the name in either language."""

from __future__ import annotations

import re
from datetime import datetime

from workflow.core import standing
from workflow.core.case import Case
from workflow.core.directory import Directory, Person
from workflow.core.errors import MentionUnfit
from workflow.core.step import Actor

_AT = re.compile(r"(?<![A-Za-z0-9_@.-])[@＠]")
_LOGIN = re.compile(r"[A-Za-z0-9._-]*[A-Za-z0-9]", re.ASCII)


def of(text: str, case: Case, directory: Directory, at: datetime) -> tuple[int, ...]:
    """The persons a comment names, each once. Of several with one name those who may see the case are meant.

    Raises `MentionUnfit` for somebody who may not see it; what names nobody is only text.
    """
    found: dict[int, None] = {}
    for mark in _AT.finditer(text):
        named = _named(text[mark.end() :], directory)
        fit = [person for person in named if may_see(person.id, case, directory, at)]
        if named and not fit:
            raise MentionUnfit(person=named[0].id)
        found.update(dict.fromkeys(person.id for person in fit))
    return tuple(found)


def may_see(person: int, case: Case, directory: Directory, at: datetime) -> bool:
    """Whether somebody may see a case, also only to look on."""
    return standing.sees(directory, case, Actor(person), at) or case.unit in directory.scope(person, at).units


def _named(text: str, directory: Directory) -> list[Person]:
    """Whom the beginning of a text names: a login as a whole word, else those with the longest name it begins with."""
    active = [person for person in directory.persons.values() if person.active]
    word = _LOGIN.match(text)
    logins = [person for person in active if word is not None and person.login == word[0]]
    if logins:
        return logins
    names = [(name, person) for person in active for name in {person.name.zh, person.name.en} if _begins(text, name)]
    longest = max((len(name) for name, _ in names), default=0)
    return [person for name, person in names if len(name) == longest]


def _begins(text: str, name: str) -> bool:
    """Whether a text begins with a name, and not with a longer word in letters of the same kind as `Linda` is."""
    after = text[len(name) : len(name) + 1]
    return bool(name) and text.startswith(name) and not (name[-1].isascii() and after.isascii() and after.isalnum())
