"""The supervisor's board as the door shows it: its three lists, and what they come to by groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from workflow.core.definition.expressions import Text
from workflow.core.moments import micros
from workflow.core.step import Actor
from workflow.service.reads import Reads
from workflow.service.views.clocks import ClockRow, EscalationRow
from workflow.service.views.lists import Filters, Page
from workflow.storage.queries import board, history
from workflow.storage.queries.board import By, Of
from workflow.storage.queries.paging import AnyRow

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from workflow.service.shown import Shown

SOON = timedelta(hours=48)
"""How far ahead the list of what will be late looks."""


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of a list that have something in common. `key` None: no unit, nobody; `name`: of a unit or a person."""

    by: By
    key: int | str | None
    count: int
    name: Text | None = None


class Board(Reads):
    def board(
        self,
        of: Of,
        reader: Actor,
        *,
        filters: Filters | None = None,
        group: tuple[By, int | str | None] | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Any]:
        """A list of the board, whole or one `group` of it: rows of clocks, or of escalations."""
        with self._read(reader) as (connection, shown):
            query = self._listed(of, shown, filters)
            if group is not None:
                query = board.only(query, of, group[0], group[1], shown.reader.at)
            raised = of == "escalations"
            return self._paged(
                connection,
                query,
                lambda rows, key, *, limit: board.page(of, rows, key, limit=limit),
                like=(0, 0, 0, 0) if raised else (0, 0, "", 0),
                key=_raised if raised else _late,
                shown=lambda rows: self._shown(of, connection, shown, rows),
                after=after,
                limit=limit,
            )

    def groups(self, of: Of, by: By, reader: Actor, *, filters: Filters | None = None) -> list[Group]:
        """What a list comes to by groups, the largest first; of levels the highest."""
        with self._read(reader) as (connection, shown):
            found = board.counts(connection, self._listed(of, shown, filters), of, by, shown.reader.at)
            made = [Group(by, key, count, _name(shown, by, key)) for key, count in found]
        if by == "level":
            return sorted(made, key=lambda one: -int(one.key or 0))
        if by == "age":
            order = [name for name, _ in (board.AHEAD if of == "soon" else reversed(board.AGES))]
            order = [*order, "later"] if of == "soon" else ["older", *order]
            return sorted(made, key=lambda one: order.index(str(one.key)))
        return sorted(made, key=lambda one: (-one.count, str(one.key)))

    def _listed(self, of: Of, shown: Shown, filters: Filters | None) -> Select[Any]:
        narrower = replace(filters or Filters(), due_before=None, closed=None)
        return board.listed(of, shown.reader, narrower, until=shown.reader.at + SOON)

    def _shown(
        self, of: Of, connection: Connection, shown: Shown, rows: Sequence[AnyRow]
    ) -> Iterable[ClockRow | EscalationRow]:
        if of == "escalations":
            return shown.escalations(rows, None, history.of_cases(connection, (row.case_id for row in rows)))
        beside = self._beside(connection, {row.case_id for row in rows})
        return [shown.clock(row, row, beside) for row in rows]


def _late(row: AnyRow) -> tuple[int | str, ...]:
    return micros(row.due), row.case_id, row.name, row.run


def _raised(row: AnyRow) -> tuple[int | str, ...]:
    return -row.level, micros(row.raised), row.case_id, row.no


def _name(shown: Shown, by: By, key: int | str | None) -> Text | None:
    if not isinstance(key, int):
        return None
    found = shown.unit(key) if by == "unit" else shown.person(key) if by == "manager" else None
    return found.name if found is not None else None
