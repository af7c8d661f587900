"""The door's part about tables of customers: whom rows may mean, and what stands in records, very many at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from workflow.core import confidence
from workflow.core.codec import case_from
from workflow.core.directory import Directory
from workflow.core.step import Actor
from workflow.service.likeness import Holding, Likeness
from workflow.storage import registry
from workflow.storage.queries import cases, customers
from workflow.storage.queries.paging import AnyRow

PORTION = 500
"""Values asked for by one query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A customer that is there. `data`: its record at step `seq`, None where the actor may not change it."""

    id: int
    number: str
    key: str
    division: str
    credit_code: str | None
    seq: int
    data: Mapping[str, Any] | None
    holding: Holding


class Matching(Likeness):
    """Asked while a table is checked or written; nothing is kept."""

    def matching(
        self, *, numbers: Iterable[str], codes: Iterable[str], keys: Iterable[str], actor: Actor
    ) -> list[Match]:
        """Customers with one of these numbers, credit codes or normalised names; of one merged into another, none."""
        at = self.clock()
        found: dict[int, Match] = {}
        with self._read(actor) as (connection, shown):
            may = _Reach(shown.reader.directory, actor, at)
            for column, wanted in (("number", numbers), ("credit_code", codes), ("key", keys)):
                rest = iter(dict.fromkeys(wanted))
                while some := list(islice(rest, PORTION)):
                    rows = [row for row in registry.matching(connection, column, some) if row.id not in found]
                    holdings = {one.id: one for one in self._holdings(connection, shown, rows, frozenset())}
                    bodies = cases.bodies(connection, [row.id for row in rows])
                    found.update(_matches(rows, bodies, holdings, may))
        return list(found.values())

    def records(self, ids: Iterable[int], reader: Actor) -> dict[int, Mapping[str, Any]]:
        """Of some customers the records of those whose files the reader may read; what is personal stays committed."""
        with self._read(reader) as (connection, shown):
            some = sorted(customers.readable_of(connection, ids, shown.reader))
            return {one: case_from(body).data for one, body in cases.bodies(connection, some).items()}


class _Reach:
    """Which records somebody may change."""

    def __init__(self, directory: Directory, actor: Actor, at: Any) -> None:
        self.actor = actor
        self.everything = actor.person is None
        if not self.everything:
            self.everything = directory.scope(actor.principal, at, writing=True).organisation
            self.reach = confidence.reach(directory, actor.principal, at, writing=True)

    def __call__(self, data: Mapping[str, Any]) -> bool:
        if self.everything or self.actor.principal in (data.get("a"), data.get("b")):
            return True
        return data.get("unit") in self.reach.of(confidence.level_of(data))


def _matches(
    rows: Sequence[AnyRow], bodies: Mapping[int, str], holdings: Mapping[int, Holding], may: _Reach
) -> dict[int, Match]:
    found = {}
    for row in rows:
        record = case_from(bodies[row.id])
        found[row.id] = Match(
            id=row.id,
            number=row.number,
            key=row.key,
            division=row.division,
            credit_code=row.credit_code,
            seq=record.seq,
            data=record.data if may(record.data) else None,
            holding=holdings[row.id],
        )
    return found
