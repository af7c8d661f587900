"""What the door tells administrators: who changed what of the organisation, and what is in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflow.core.case import is_id
from workflow.core.errors import NotPermitted, PersonNotFound
from workflow.core.step import Actor
from workflow.definitions.faults import DefinitionErrors
from workflow.definitions.load import loads
from workflow.service.organisation import BOOK
from workflow.service.reads import Reads
from workflow.service.views.steps import StepRow
from workflow.storage import organisation, usage
from workflow.storage.queries import history

ABOUT: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "person": {
        "add_person": ("id",), "change_person": ("id",), "add_membership": ("person_id",), "revoke": ("person_id",),
        "set_password": ("person_id",), "end_sessions": ("person_id",), "erase": ("person_id",),
        "add_substitution": ("absent_id", "substitute_id"), "add_absence": ("absent_id",),
        "add_group_member": ("person_id",),
    },
    "unit": {
        "add_unit": ("id", "parent_id"), "change_unit": ("id", "parent_id"), "set_calendar": ("id",),
        "add_membership": ("unit_id",), "revoke": ("unit_id",), "add_group": ("unit_id",),
    },
    "group": {"add_group": ("id",), "change_group": ("id",), "add_group_member": ("group_id",)},
}  # fmt: skip
"""Which steps of the organisation's record are about a person or a unit, and which of their values says so."""

MOST_CHANGES = 50


@dataclass(frozen=True, slots=True)
class Contact:
    """Empty where there is none."""

    email: str
    phone: str


class OrganisationReads(Reads):
    """For those who look after the organisation or audit it: everybody else is refused."""

    def changes(self, kind: str, row: int, reader: Actor) -> list[StepRow]:
        """The newest changes of a `person` or a `unit`, the last first. Raises `NotPermitted`."""
        with self._read(reader) as (connection, shown):
            if not (shown.reader.book or shown.reader.everything):
                raise NotPermitted(action="administer")
            if not is_id(row):
                return []
            about = ABOUT[kind]
            found = history.naming(connection, BOOK, row, triggers=about, limit=4 * MOST_CHANGES)
            told = [shown.step(one, None) for one in found]
            return [one for one in told if _says(one, about[one.trigger], row)][:MOST_CHANGES]

    def contact(self, person: int, reader: Actor) -> Contact:
        """How a person is reached, for administrators. Raises `NotPermitted`, `PersonNotFound`."""
        with self._read(reader) as (connection, shown):
            roles = shown.reader.directory.role_names(reader.person, shown.reader.at)
            if "administrator" not in roles and not shown.reader.everything:
                raise NotPermitted(action="administer")
            found = organisation.contact(connection, person) if is_id(person) else None
        if found is None:
            raise PersonNotFound(person=person)
        return Contact(found.email or "", found.phone or "")

    def in_use(self, person: int, reader: Actor) -> Mapping[str, int]:
        """How many open `tasks` a person has, and how many `customers`. Raises `NotPermitted`."""
        with self._read(reader) as (connection, shown):
            if not (shown.reader.book or shown.reader.everything):
                raise NotPermitted(action="administer")
            return usage.of_person(connection, person) if is_id(person) else {}

    def versions_in_use(self, reader: Actor) -> Mapping[tuple[str, int], tuple[int, int]]:
        """(lifecycle, version) → how many cases are on it, and how many are open; no case itself.

        Raises `NotPermitted`.
        """
        with self._read(reader) as (connection, shown):
            if not (shown.reader.book or shown.reader.everything):
                raise NotPermitted(action="administer")
            return usage.of_versions(connection)

    def faults(self, name: str, version: int, reader: Actor) -> list[str]:
        """What the checks find in a version of a lifecycle today; nothing when it is sound. Raises `NotPermitted`,
        `DefinitionUnknown`.
        """
        with self._read(reader) as (_, shown):
            if not (shown.reader.book or shown.reader.everything):
                raise NotPermitted(action="administer")
        rules = self.library.get(name, version)
        try:
            loads(rules.text, file=f"{name}.yaml", calendars=self.library.calendars)
        except DefinitionErrors as errors:
            return [str(fault) for fault in errors.faults]
        return []


def _says(step: Any, names: tuple[str, ...], row: int) -> bool:
    return any(step.form.get(name) == row for name in names)
