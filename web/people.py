"""Choosing a person by typing: name, login, pinyin or initials; the browser offers who fits, the server decides."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from flask import g, request

from web.context import directory
from web.filters import whole
from web.language import name, now
from workflow.core.directory import Person
from workflow.customers.pinyin import Sound, sound

EVERYBODY = "persons"
"""The list of all active persons; others are called after what they are narrowed to."""


def listed(called: str = EVERYBODY, persons: Iterable[Person] | None = None) -> str:
    """The id of a list of persons that an input names; the page writes it out once, at its end."""
    lists: dict[str, list[Person]] = g.setdefault("person_lists", {})
    if called not in lists:
        lists[called] = sorted(active() if persons is None else persons, key=lambda one: one.login)
    return called


def lists() -> list[tuple[str, list[tuple[str, str]]]]:
    """The lists that were asked for, each with its persons as they are typed and what tells them apart."""
    known = directory()

    def about(one: Person) -> str:
        unit = known.unit(known.home(one.id, now()))
        return " ".join((*((name(unit),) if unit else ()), heard(one.name.zh).initials))

    return [
        (called, [(typed(one), about(one)) for one in found]) for called, found in g.get("person_lists", {}).items()
    ]


def active() -> list[Person]:
    return [one for one in directory().persons.values() if one.active]


def holding(role: str | None) -> list[Person]:
    """The active persons who hold a role anywhere now; everybody for None."""
    return [one for one in active() if role is None or role in directory().role_names(one.id, now())]


def typed(person: Person) -> str:
    """`林晓雨 lin.xiaoyu`."""
    return f"{name(person)} {person.login}"


def spelled(value: object) -> str:
    """A stored person as it is typed; what is no person's number as it stands."""
    found = directory().person(whole(str(value)))
    return typed(found) if found else str(value)


def sent(field: str) -> int:
    """The active person that a field of a form means; 0 for nobody or for several."""
    return meant(request.form.get(field, "")) or 0


def asked(field: str) -> int | None:
    """The person, active or gone, that an address narrows to; None for everybody, 0 for one nobody is."""
    text = request.args.get(field, "").strip()
    return (meant(text, directory().persons.values()) or 0) if text else None


def meant(text: str, persons: Iterable[Person] | None = None) -> int | None:
    """The one whom a text means: by number, by login wherever it stands in it, or as the only one called so."""
    words = text.casefold().split()
    everybody = active() if persons is None else list(persons)
    found = [one for one in everybody if one.login.casefold() in words]
    found = found or [one for one in everybody if "".join(words) in called(one)]
    return whole(text.strip()) or (found[0].id if len(found) == 1 else None)


def fitting(text: str) -> list[Person]:
    """Whom a text that means nobody, or several, may be the beginning of."""
    begun = "".join(text.casefold().split())
    if not begun or meant(text) is not None:
        return []
    return [one for one in active() if any(word.startswith(begun) for word in called(one))]


def called(person: Person) -> tuple[str, ...]:
    """What a person may be called by, without blanks and dots."""
    zh, sounds = person.name.zh.casefold(), heard(person.name.zh)
    english = person.name.en.casefold().split()
    turned = "".join(english[::-1])
    return zh, "".join(english), turned, sounds.full, sounds.initials, person.login.casefold().replace(".", "")


@lru_cache(maxsize=20_000)
def heard(text: str) -> Sound:
    """Names are few and read often."""
    return sound(text)
