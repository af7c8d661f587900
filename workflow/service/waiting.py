"""Waiting time by department: which unit, in which role, had the cases for how long (domain §6, §7).

"Back office or front line?" The time a case is with the back office counts for the unit whose task it was, and from a
reassignment on for the next one; with the front line and with those who decide, for the unit of the case. As on the
list of states, only states in which something is due are counted.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from workflow.core.definition import Text
from workflow.core.moments import micros
from workflow.core.step import Actor
from workflow.service.measures import SIDES, Side, limited, side
from workflow.service.reads import Reads
from workflow.service.views import CaseRow, Filters, Page
from workflow.storage.queries import cases, measures, waiting
from workflow.storage.queries.measures import Span
from workflow.storage.queries.waiting import Change, State, Stretch

if TYPE_CHECKING:
    from sqlalchemy import Connection, Subquery

Whose = tuple[int | None, str]
"""Unit and role."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """`unit` None, and no `name`: nobody's. `role` "": whoever has no role of the business, like a date to come."""

    unit: int | None
    name: Text | None
    role: str
    side: Side
    cases: int
    spent: timedelta

    @property
    def each(self) -> timedelta:
        return self.spent / self.cases


@dataclass(slots=True)
class _Sum:
    cases: set[int] = field(default_factory=set)
    spent: int = 0

    def add(self, case: int, spent: int) -> None:
        self.cases.add(case)
        self.spent += spent


class Waiting(Reads):
    def waits(self, reader: Actor, span: Span, *, filters: Filters | None = None) -> list[Wait]:
        """Over the cases the reader may see, the longest first."""
        front, back = self._sides()
        with self._read(reader) as (connection, shown):
            stays = measures.stays(shown.reader, filters, span)
            sums = self._of_departments(connection, stays, back)
            for unit, role, case, spent in waiting.by_unit(connection, stays, front):
                sums[unit, role].add(case, spent)
            made = [
                Wait(
                    unit=unit,
                    name=name.name if (name := shown.unit(unit)) is not None else None,
                    role=role,
                    side=SIDES.get(role, "other"),
                    cases=len(one.cases),
                    spent=timedelta(microseconds=one.spent),
                )
                for (unit, role), one in sums.items()
            ]
        return sorted(made, key=lambda one: (-one.spent, one.role, one.unit or 0))

    def waits_behind(
        self, reader: Actor, span: Span, *, unit: int | None, role: str, filters: Filters | None = None,
        after: str | None = None, limit: int = 50,
    ) -> Page[CaseRow]:  # fmt: skip
        """The cases a `Wait` counts."""
        front, back = self._sides()
        with self._read(reader) as (connection, shown):
            stays = measures.stays(shown.reader, filters, span)
            ids = self._of_departments(connection, stays, back)[unit, role].cases
            return self._paged(
                connection,
                waiting.behind(stays, front, unit=unit, role=role, ids=ids),
                cases.newest,
                like=(0, 0),
                key=lambda row: (micros(row.updated), row.id),
                shown=lambda rows: self._case_rows(connection, shown, rows),
                after=after,
                limit=limit,
            )

    def _of_departments(self, connection: Connection, stays: Subquery, back: Mapping[State, str]) -> dict[Whose, _Sum]:
        """By unit and role; of others there is nothing yet."""
        changed: dict[int, list[Change]] = defaultdict(list)
        for change in waiting.changes(connection, stays, back):
            changed[change.case].append(change)
        found: dict[Whose, _Sum] = defaultdict(_Sum)
        for stretch in waiting.stretches(connection, stays, back):
            waits_for = back[stretch.definition, stretch.state]
            for unit, role, length in parts(stretch, waits_for, changed[stretch.case]):
                found[unit, role].add(stretch.case, length)
        return found

    def _sides(self) -> tuple[dict[State, str], dict[State, str]]:
        """The states in which something is due, with the role they wait for: of all others, and of the back office."""
        front: dict[State, str] = {}
        back: dict[State, str] = {}
        for _, rules in sorted(self.library.versions.items()):
            for name, state in rules.states.items():
                if limited(rules, name):
                    role = rules.roles[state.tasks[0].role].role if state.tasks else ""
                    for held in (front, back):
                        held.pop((rules.name, name), None)
                    (back if side(rules, name) == "back" else front)[rules.name, name] = role
        return front, back


def parts(stretch: Stretch, role: str, changed: Sequence[Change]) -> Iterator[tuple[int | None, str, int]]:
    """Unit, role, length: of a stretch, parted where its task was given to another unit or role.

    The task is that of the `role` the state waits for; where none was opened, the first that was.
    """
    opened = sorted(_tasks(stretch.ops, "task+"), key=lambda body: body["role"] != role)
    if not opened:
        yield None, role, stretch.left - stretch.begun
        return
    no, whose, begun = opened[0]["no"], (opened[0]["unit"], opened[0]["role"]), stretch.begun
    for change in changed:
        given = next((body for body in _tasks(change.ops, "task=") if body["no"] == no), None)
        if given is None or change.at >= stretch.left or (given["unit"], given["role"]) == whose:
            continue
        if change.at > begun:
            yield *whose, change.at - begun
            begun = change.at
        whose = given["unit"], given["role"]
    yield *whose, stretch.left - begun


def _tasks(ops: str, kind: str) -> Iterator[Mapping[str, Any]]:
    return (body for op, body in json.loads(ops) if op == kind)
