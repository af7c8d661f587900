"""The door's part for linked groups, and for whoever is away without having named anybody (004 §2.2 I)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workflow.core.case import is_id
from workflow.core.directory import Directory
from workflow.core.errors import (
    GroupUnfit,
    NotPermitted,
    PersonNotFound,
    UnitNotFound,
)
from workflow.core.groups import MOST, Group
from workflow.core.step import Actor
from workflow.service import written
from workflow.service.organisation import Organisation, check_period
from workflow.service.unit import Unit

ROLE = "account_manager"


class Groups(Organisation):
    """Administrators keep groups, and the overseers of the unit a group belongs to. Each change is a step."""

    def add_group(
        self,
        *,
        name_zh: str,
        name_en: str,
        unit: int,
        actor: Actor,
        industry: str = "",
        at: datetime | None = None,
        key: str | None = None,
    ) -> int:
        """A new group without members; gives its id. Raises `UnitNotFound`, `NotPermitted`, `Refused`."""

        def check(work: Unit, now: datetime) -> dict[str, Any]:
            if work.directory.unit(unit) is None:
                raise UnitNotFound(unit=unit)
            check_keeper(work.directory, actor, unit, now)
            named = {"name_zh": name_zh, "name_en": name_en, "industry": industry}
            return {**_of_a_group(named), "unit_id": unit}

        payload = [name_zh, name_en, unit, industry]
        return self._add("group", actor, at, check, free=True, key=key, payload=payload)

    def change_group(self, group: int, values: Mapping[str, Any], *, actor: Actor, at: datetime | None = None) -> None:
        """Names, industry, or whether it is `active`. Raises `GroupUnfit`, `NotPermitted`, `Refused`."""

        def check(work: Unit, now: datetime) -> dict[str, Any]:
            check_keeper(work.directory, actor, _known(work.directory, group).unit, now)
            kept = _of_a_group(values)
            if kept.get("active") is False and work.directory.members(group, now):
                raise GroupUnfit(why="members")
            return kept

        self._change("group", group, actor, at, check, free=True)

    def join_group(
        self,
        group: int,
        person: int,
        *,
        actor: Actor,
        since: datetime | None = None,
        at: datetime | None = None,
        key: str | None = None,
    ) -> int:
        """A manager is in the group from now on, or from `since`; gives the membership's id.

        Raises `GroupUnfit` where it has four already or the person cannot be in it, `PersonNotFound`, `NotPermitted`.
        """
        start = since or at or self.clock()

        def check(work: Unit, now: datetime) -> dict[str, Any]:
            known = _known(work.directory, group)
            check_keeper(work.directory, actor, known.unit, now)
            check_member(work.directory, known, person, start)
            return {"group_id": group, "person_id": person, "since": start, "until": None}

        payload = [group, person, since]
        return self._add("group_member", actor, at, check, free=True, key=key, payload=payload)

    def leave_group(self, member: int, *, actor: Actor, at: datetime | None = None) -> None:
        """A membership ends now; it stays on record. Raises `GroupUnfit`, `NotPermitted`."""
        now = at or self.clock()

        def check(work: Unit, moment: datetime) -> dict[str, Any]:
            found = next((one for one in work.directory.group_members if one.id == member and one.until is None), None)
            if found is None or not is_id(member):
                raise GroupUnfit(why="gone")
            check_keeper(work.directory, actor, work.directory.groups[found.group].unit, moment)
            return {"until": max(now, found.since)}

        self._change("group_member", member, actor, now, check, free=True)

    def report_absence(
        self,
        absent: int,
        *,
        since: datetime,
        until: datetime,
        reason: str,
        actor: Actor,
        at: datetime | None = None,
        key: str | None = None,
    ) -> int:
        """Somebody is away and names nobody: the linked group stands in, else the colleagues of the unit.

        Reported by oneself, by an overseer or by an administrator; gives its id. Raises `SubstitutionInvalid`,
        `PersonNotFound`, `NotPermitted`, `Refused`.
        """

        def check(work: Unit, now: datetime) -> dict[str, Any]:
            if work.directory.person(absent) is None:
                raise PersonNotFound(person=absent)
            check_period(since, until, now)
            self._absence(work, absent, actor, now)
            told = written.text("reason", reason, most=500)
            return {"absent_id": absent, "since": since, "until": until, "reason": told}

        payload = [absent, since, until, reason]
        return self._add("absence", actor, at, check, free=True, key=key, payload=payload)

    def end_absence(self, absence: int, *, actor: Actor, at: datetime | None = None, key: str | None = None) -> None:
        """Somebody is back; raises `SubstitutionNotFound` when it is over already."""
        self._end("absence", absence, lambda known: known.absences, actor, at, key=key)


def check_keeper(directory: Directory, actor: Actor, unit: int | None, at: datetime) -> None:
    """Raises `NotPermitted` for whoever keeps no groups of this unit."""
    if actor.person is None or "administrator" in directory.role_names(actor.principal, at):
        return
    if not directory.oversees(actor.principal, unit, at):
        raise NotPermitted(action="keep_group")


def check_member(directory: Directory, group: Group, person: int, since: datetime) -> None:
    """Raises `GroupUnfit` for a group that is closed or full, and for whoever cannot be in it; `PersonNotFound`."""
    if not group.active:
        raise GroupUnfit(why="closed")
    found = directory.person(person)
    if found is None or not found.active:
        raise PersonNotFound(person=person)
    if ROLE not in directory.role_names(person, since):
        raise GroupUnfit(why="role")
    if any(m.person == person and (m.until is None or m.until > since) for m in directory.group_members):
        raise GroupUnfit(why="twice")
    if sum(m.group == group.id and (m.until is None or m.until > since) for m in directory.group_members) >= MOST:
        raise GroupUnfit(why="full")


def _known(directory: Directory, group: int) -> Group:
    found = directory.groups.get(group) if is_id(group) else None
    if found is None:
        raise GroupUnfit(why="unknown")
    return found


def _of_a_group(values: Mapping[str, Any]) -> dict[str, Any]:
    """What may be kept of a group. Raises `TextEmpty`, `TextUnfit`, `NotPermitted`."""
    kept: dict[str, Any] = {}
    for name, value in values.items():
        if name in ("name_zh", "name_en") and isinstance(value, str):
            kept[name] = written.name(name, value)
        elif name == "industry" and isinstance(value, str):
            kept[name] = written.optional(name, value, most=100) or ""
        elif name == "active" and isinstance(value, bool):
            kept[name] = value
        else:
            raise NotPermitted(action="keep_group")
    return kept
