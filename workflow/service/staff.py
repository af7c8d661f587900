"""The door's part for administrators: units that change, passwords handed out, and what the record says of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workflow.core.case import is_id
from workflow.core.errors import NotPermitted, PersonNotFound, UnitNotFound, UnitUnfit
from workflow.core.step import Actor
from workflow.service import written
from workflow.service.organisation import Organisation
from workflow.service.unit import Unit
from workflow.storage import recounts, usage


class Staff(Organisation):
    """What administrators do beyond adding: each a step of the organisation's record."""

    def change_unit(self, unit: int, values: Mapping[str, Any], *, actor: Actor, at: datetime | None = None) -> None:
        """Names, division, the unit above (`parent_id`), or whether it is in use (`active`).

        A unit is closed when nobody and nothing is in it any more. Raises `UnitUnfit`, `UnitNotFound`, `Refused`.
        """

        def check(work: Unit, now: datetime) -> dict[str, Any]:
            if work.directory.unit(unit) is None:
                raise UnitNotFound(unit=unit)
            kept = _of_a_unit(values)
            if kept.get("parent_id") is not None:
                _may_come_under(work, unit, kept["parent_id"])
            if kept.get("active") is False:
                _may_close(work, unit, now)
            if "parent_id" in kept:
                # It may have another working calendar there.
                recounts.ask(work.connection, now)
            return kept

        self._change("unit", unit, actor, at, check, free=False)

    def note_password(self, person: int, *, actor: Actor, at: datetime | None = None) -> None:
        """Write down that a person is given a new password. Raises `PersonNotFound`, `NotPermitted`."""
        self._note_of("set_password", person, actor, at)

    def note_sessions_ended(self, person: int, *, actor: Actor, at: datetime | None = None) -> None:
        """Write down that somebody else ended a person's sessions. Raises `PersonNotFound`, `NotPermitted`."""
        self._note_of("end_sessions", person, actor, at)

    def _note_of(self, trigger: str, person: int, actor: Actor, at: datetime | None) -> None:
        now = at or self.clock()
        with self._refusing(actor, None, trigger, now), self._unit() as work:
            self._locked(work)
            self._administrator(work, actor, now)
            if work.directory.person(person) is None:
                raise PersonNotFound(person=person)
            self._note(work, trigger, {"person_id": person}, actor, now)
            work.flush()


def _of_a_unit(values: Mapping[str, Any]) -> dict[str, Any]:
    """What may be kept of a unit. Raises `TextEmpty`, `TextUnfit`, `NotPermitted`."""
    kept: dict[str, Any] = {}
    for name, value in values.items():
        if name in ("name_zh", "name_en") and isinstance(value, str):
            kept[name] = written.name(name, value)
        elif name == "division" and isinstance(value, str | None):
            kept[name] = written.optional(name, value, most=40)
        elif (name == "parent_id" and (value is None or is_id(value))) or (
            name == "active" and isinstance(value, bool)
        ):
            kept[name] = value
        else:
            raise NotPermitted(action="administer")
    return kept


def _may_come_under(work: Unit, unit: int, parent: int) -> None:
    """Raises `UnitNotFound` for one that is not there or closed, `UnitUnfit` where units would go in a ring."""
    above = work.directory.unit(parent)
    if above is None or not above.active:
        raise UnitNotFound(unit=parent)
    if parent in work.directory.below(unit):
        raise UnitUnfit(why="loop")


def _may_close(work: Unit, unit: int, now: datetime) -> None:
    """Raises `UnitUnfit` while anybody or anything is in the unit."""
    known = work.directory
    if any(known.units[one].active for one in known.below(unit) - {unit}):
        raise UnitUnfit(why="below")
    if any(
        held.unit == unit and (held.until is None or held.until > now)
        for person in known.persons.values()
        if person.active
        for held in known.memberships(person.id)
    ):
        raise UnitUnfit(why="people")
    for why, found in usage.of_unit(work.connection, unit).items():
        if found:
            raise UnitUnfit(why=why)
