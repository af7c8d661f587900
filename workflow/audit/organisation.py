"""The organisation at every moment of its own history: units, persons, who held which role, who stood in for whom."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from typing import Any

from workflow.audit.past import Timeline
from workflow.core.definition.expressions import Text
from workflow.core.directory import Directory, Membership, Person, Substitution, Unit
from workflow.core.errors import Refused
from workflow.core.groups import Absence, Group, Member
from workflow.core.step import Step

KEPT = 64
"""Directories held at a time; another one is made from the step before it when it is asked for."""


@dataclass(slots=True)
class Book:
    """The organisation while its history is read."""

    units: dict[int, Unit] = field(default_factory=dict)
    persons: dict[int, Person] = field(default_factory=dict)
    memberships: dict[int, Membership] = field(default_factory=dict)
    substitutions: dict[int, Substitution] = field(default_factory=dict)
    groups: dict[int, Group] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    absences: dict[int, Absence] = field(default_factory=dict)
    logins: set[str] = field(default_factory=set)
    _told: Directory | None = field(default=None, init=False, repr=False)

    def read(self, step: Step) -> None:
        """Let one step of the record have happened. Raises KeyError, TypeError, ValueError where it makes no sense."""
        change = _CHANGES.get(step.trigger)
        if change is None or not _matters(step):
            return
        told, self._told = self._told, None
        if told is not None and step.trigger in _GROWN:
            # Whoever is added comes after those there are; so it is told as the look-ups tell it.
            part, grown = _GROWN[step.trigger]
            rows, row = getattr(self, part), step.form["id"]
            last = row > max(rows, default=0)
            change(self, step.form, step.effective)
            self._told = grown(told, told.version, rows[row]) if last else None
        else:
            change(self, step.form, step.effective)

    def copied(self) -> Book:
        return Book(
            dict(self.units), dict(self.persons), dict(self.memberships), dict(self.substitutions),
            dict(self.groups), dict(self.members), dict(self.absences), set(self.logins),
        )  # fmt: skip

    def directory(self, version: int) -> Directory:
        """The organisation as a value, of this version or of an earlier one after which nothing has changed; made anew
        only where something was changed otherwise than by adding to it."""
        if self._told is None:
            memberships = [self.memberships[row] for row in sorted(self.memberships)]
            substitutions = [self.substitutions[row] for row in sorted(self.substitutions)]
            members = [self.members[row] for row in sorted(self.members)]
            self._told = Directory(
                version, self.units.values(), self.persons.values(), memberships, substitutions,
                self.groups.values(), members, self.absences.values(),
            )  # fmt: skip
        return self._told


class Organisations:
    """Directories by moment. Only those asked for are made."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._steps = [step for step in steps if step.trigger in _CHANGES and _matters(step)]
        self.versions: Timeline[int] = Timeline()
        for version, step in enumerate(self._steps, start=1):
            self.versions.add(step.recorded, version)
        self._books: OrderedDict[int, Book] = OrderedDict()
        self._made: OrderedDict[int, Directory] = OrderedDict()

    def directory(self, version: int) -> Directory:
        """The organisation after so many of its changes."""
        made = self._made.get(version)
        if made is None:
            made = self._made[version] = self._book(version).directory(version)
            if len(self._made) > KEPT:
                self._made.popitem(last=False)
        return made

    def at(self, moment: datetime) -> Directory:
        return self.directory(self.versions.at(moment) or 0)

    def else_at(self, moment: datetime) -> Iterable[Directory]:
        return (self.directory(version) for version in self.versions.else_at(moment))

    def against(self, moment: datetime, ask: Callable[[Directory], Refused | None]) -> Refused | None:
        """Why all that may have held at a moment refuse it; None where one lets it pass: nearly always the first."""
        refused = None
        for one in chain((self.at(moment),), self.else_at(moment)):
            found = ask(one)
            if found is None:
                return None
            refused = refused or found
        return refused

    def last(self) -> Directory:
        return self.directory(self.versions.last() or 0)

    def _book(self, version: int) -> Book:
        nearest = max((known for known in self._books if known <= version), default=0)
        book = self._books[nearest].copied() if nearest else Book()
        for step in self._steps[nearest:version]:
            book.read(step)
        self._books[version] = book
        if len(self._books) > KEPT:
            self._books.popitem(last=False)
        return book


def _matters(step: Step) -> bool:
    """Of a person, only whether active counts for the rules."""
    return step.trigger != "change_person" or "active" in step.form


def _add_unit(book: Book, form: Mapping[str, Any], at: datetime) -> None:
    name = Text(form["name_zh"], form["name_en"])
    row = form["id"]
    book.units[row] = Unit(row, form["code"], name, form["kind"], form["parent_id"], form.get("division"))


def _change_unit(book: Book, form: Mapping[str, Any], at: datetime) -> None:
    unit = book.units[form["id"]]
    name = Text(form.get("name_zh", unit.name.zh), form.get("name_en", unit.name.en))
    book.units[unit.id] = replace(
        unit,
        name=name,
        parent=form.get("parent_id", unit.parent),
        division=form.get("division", unit.division),
        active=form.get("active", unit.active),
    )


def _add_person(book: Book, form: Mapping[str, Any], at: datetime) -> None:
    row = form["id"]
    book.persons[row] = Person(row, form["login"], Text(form["name_zh"], form["name_en"]))
    book.logins.add(form["login"])


def _change_person(book: Book, form: Mapping[str, Any], at: datetime) -> None:
    book.persons[form["id"]] = replace(book.persons[form["id"]], active=form["active"])


def _add_membership(book: Book, form: Mapping[str, Any], at: datetime) -> None:
    book.memberships[form["id"]] = Membership(
        form["person_id"], form["unit_id"], form["role"], _moment(form["since"]), _moment_or_none(form.get("until"))
    )


def _revoke(book: Book, form: Mapping[str, Any], at: datetime) -> None:
    asked = (form["person_id"], form["unit_id"], form["role"])
    for row, held in book.memberships.items():
        if (held.person, held.unit, held.role) == asked and held.holds(at):
            book.memberships[row] = replace(held, until=at)


def _add_substitution(book: Book, form: Mapping[str, Any], at: datetime) -> None:
    row = form["id"]
    since, until = _moment(form["since"]), _moment(form["until"])
    book.substitutions[row] = Substitution(row, form["absent_id"], form["substitute_id"], since, until)


def _change_substitution(book: Book, form: Mapping[str, Any], at: datetime) -> None:
    found = book.substitutions[form["id"]]
    book.substitutions[form["id"]] = replace(found, until=_moment(form["until"]))


def _add_group(book: Book, form: Mapping[str, Any], at: datetime) -> None:
    row, name = form["id"], Text(form["name_zh"], form["name_en"])
    book.groups[row] = Group(row, name, form["unit_id"], form["industry"])


def _change_group(book: Book, form: Mapping[str, Any], at: datetime) -> None:
    group = book.groups[form["id"]]
    book.groups[group.id] = replace(
        group,
        name=Text(form.get("name_zh", group.name.zh), form.get("name_en", group.name.en)),
        industry=form.get("industry", group.industry),
        active=form.get("active", group.active),
    )


def _add_group_member(book: Book, form: Mapping[str, Any], at: datetime) -> None:
    row = form["id"]
    book.members[row] = Member(row, form["group_id"], form["person_id"], _moment(form["since"]))


def _change_group_member(book: Book, form: Mapping[str, Any], at: datetime) -> None:
    book.members[form["id"]] = replace(book.members[form["id"]], until=_moment(form["until"]))


def _add_absence(book: Book, form: Mapping[str, Any], at: datetime) -> None:
    row = form["id"]
    book.absences[row] = Absence(row, form["absent_id"], _moment(form["since"]), _moment(form["until"]))


def _change_absence(book: Book, form: Mapping[str, Any], at: datetime) -> None:
    book.absences[form["id"]] = replace(book.absences[form["id"]], until=_moment(form["until"]))


def _set_calendar(book: Book, form: Mapping[str, Any], at: datetime) -> None:
    book.units[form["id"]] = replace(book.units[form["id"]], calendar=form["calendar"])


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _moment_or_none(text: str | None) -> datetime | None:
    return None if text is None else _moment(text)


_CHANGES: Mapping[str, Callable[[Book, Mapping[str, Any], datetime], None]] = {
    "add_unit": _add_unit,
    "change_unit": _change_unit,
    "add_person": _add_person,
    "change_person": _change_person,
    "add_membership": _add_membership,
    "revoke": _revoke,
    "add_substitution": _add_substitution,
    "change_substitution": _change_substitution,
    "add_group": _add_group,
    "change_group": _change_group,
    "add_group_member": _add_group_member,
    "change_group_member": _change_group_member,
    "add_absence": _add_absence,
    "change_absence": _change_absence,
    "set_calendar": _set_calendar,
}

_GROWN: Mapping[str, tuple[str, Callable[[Directory, int, Any], Directory]]] = {
    "add_person": ("persons", Directory.joined),
    "add_membership": ("memberships", Directory.granted),
    "add_substitution": ("substitutions", Directory.stood_in),
}
"""What is added very often: where it is kept, and the organisation with one more of it."""
