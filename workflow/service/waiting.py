"""Waiting time by department: which unit, in which role, had the cases for how long (domain §6, §7).

"Back office or front line?" The time a case is with the back office counts for the unit whose task it was, and from a
reassignment on for the next one; with the front line and with those who decide, for the unit of the case. As on the
list of states, only states in which something is due are counted.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from workflow.core.definition.expressions import Text
from workflow.core.moments import micros
from workflow.core.step import Actor
from workflow.service.reads import Reads
from workflow.service.shown import Shown
from workflow.service.spent import SIDES, Side, Spent, Sum, limited, side
from workflow.service.views.cases import CaseRow
from workflow.service.views.lists import Filters, Page
from workflow.storage.queries import cases, stretches, waiting
from workflow.storage.queries.measures import Span
from workflow.storage.queries.stretches import State, Stretch
from workflow.storage.queries.waiting import Turn

if TYPE_CHECKING:
    from sqlalchemy import Connection

Whose = tuple[int | None, str]
"""Unit and role."""

Sides = tuple[Mapping[State, str], Mapping[State, str]]
"""The states in which something is due, with the role they wait for: of all others, and of the back office."""


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


class Waiting(Reads):
    def waits(self, reader: Actor, span: Span, *, filters: Filters | None = None) -> list[Wait]:
        """Over the cases the reader may see, the longest first."""
        with self._read(reader) as (connection, shown):
            sides = self._sides()
            spent = self._spent(connection, shown, filters, span, sides)
            return self._waits(connection, shown, spent, sides)

    def _spent(
        self,
        connection: Connection,
        shown: Shown,
        wanted: Filters | None,
        span: Span,
        sides: Sides,
        ends: Collection[State] = (),
    ) -> Spent:
        """Where the time went; with the back office stretch by stretch, for it is parted where a task is given on."""
        front, back = sides
        return Spent(
            *stretches.gathered(
                connection, shown.reader, wanted, span, states={*front, *back}, apart=back.keys(), ends=ends
            )
        )

    def _waits(self, connection: Connection, shown: Shown, spent: Spent, sides: Sides) -> list[Wait]:
        made = [
            Wait(
                unit=unit,
                name=name.name if (name := shown.unit(unit)) is not None else None,
                role=role,
                side=SIDES.get(role, "other"),
                cases=len(one.cases),
                spent=timedelta(microseconds=one.spent),
            )
            for (unit, role), one in _of_departments(connection, spent, sides).items()
        ]
        return sorted(made, key=lambda one: (-one.spent, one.role, one.unit or 0))

    def waits_behind(
        self, reader: Actor, span: Span, *, unit: int | None, role: str, filters: Filters | None = None,
        after: str | None = None, limit: int = 50,
    ) -> Page[CaseRow]:  # fmt: skip
        """The cases a `Wait` counts."""
        front, back = self._sides()
        with self._read(reader) as (connection, shown):
            spent = self._spent(connection, shown, filters, span, ({}, back))
            ids = _of_departments(connection, spent, ({}, back))[unit, role].cases
            states = [state for state, one in front.items() if one == role]
            return self._paged(
                connection,
                waiting.behind(stretches.stays(shown.reader, filters, span, states), unit=unit, ids=ids),
                cases.newest,
                like=(0, 0),
                key=lambda row: (micros(row.updated), row.id),
                shown=lambda rows: self._case_rows(connection, shown, rows),
                after=after,
                limit=limit,
            )

    def _sides(self) -> Sides:
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


def _of_departments(connection: Connection, spent: Spent, sides: Sides) -> dict[Whose, Sum]:
    """By unit and role; of others there is nothing yet."""
    front, back = sides
    sums: dict[Whose, Sum] = defaultdict(Sum)
    for some in spent.together:
        if some.cases and (some.definition, some.state) in front:
            sums[some.unit, front[some.definition, some.state]].add(some.cases, some.spent)
    others = [one for one in spent.single if one.left > one.begun]
    turns = waiting.turns(connection, {one.case for one in others})
    for one in others:
        for unit, role, length in parts(one, back[one.definition, one.state], turns.get(one.case, ())):
            sums[unit, role].add((one.case,), length)
    return sums


def parts(stretch: Stretch, role: str, turns: Sequence[Turn]) -> Iterator[tuple[int | None, str, int]]:
    """Unit, role, length: of a stretch, parted where its task was given to another unit or role.

    The task is that of the `role` the state waits for; where none was opened, the first that was. `turns` of its case.
    """
    first = next((one for one in turns if one.seq == stretch.seq), None)
    opened = [] if first is None else sorted(_tasks(first.ops, "task+"), key=lambda body: body["role"] != role)
    if not opened:
        yield None, role, stretch.left - stretch.begun
        return
    no, whose, begun = opened[0]["no"], (opened[0]["unit"], opened[0]["role"]), stretch.begun
    for turn in turns:
        if turn.seq <= stretch.seq or turn.at >= stretch.left:
            continue
        given = next((body for body in _tasks(turn.ops, "task=") if body["no"] == no), None)
        if given is None or (given["unit"], given["role"]) == whose:
            continue
        if turn.at > begun:
            yield *whose, turn.at - begun
            begun = turn.at
        whose = given["unit"], given["role"]
    yield *whose, stretch.left - begun


def _tasks(ops: str, kind: str) -> Iterator[Mapping[str, Any]]:
    return (body for op, body in json.loads(ops) if op == kind)
