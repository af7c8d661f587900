"""The door's part about duplicates before they are born: who holds a customer much like the one to be registered.

Domain §4.1(2): a second claim for the same customer is told at once who holds it, since when and until when. Who may
not read the file sees it masked: the unit, the beginnings of names, and the moments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workflow.core.case import is_id
from workflow.core.definition.expressions import Text
from workflow.core.errors import NumberInvalid
from workflow.core.step import Actor
from workflow.customers import contacts, divisions, names
from workflow.customers.credit import credit_code
from workflow.customers.number import parse
from workflow.service.reading import Reading
from workflow.service.registry import KEEPERS
from workflow.service.shown import Shown
from workflow.service.views.names import PersonName, UnitName
from workflow.storage import phones, registry
from workflow.storage.queries import customers
from workflow.storage.queries.paging import AnyRow

if TYPE_CHECKING:
    from sqlalchemy import Connection

WAYS = {"numbered": "number", "coded": "credit_code", "named": "name", "branched": "branch", "phoned": "phone"}
"""Column of `registry.alike` → by what a customer is alike."""

MASK = "＊＊"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A customer that is there, and who holds it. `by`: number, credit_code, name, branch, phone; the surest first.

    `same`: it would be refused as the same customer. `since`: when who holds it began to; `until`: the exclusive
    window's end. `readable`: the reader may read the file; otherwise names are masked.
    """

    id: int
    number: str
    name: Text
    by: tuple[str, ...]
    same: bool
    unit: UnitName | None
    holder: PersonName | None
    stage: str
    since: datetime | None
    until: datetime | None
    readable: bool


class Likeness(Reading):
    """Asked on the form of a new customer, and where a case about one is opened."""

    def alike(self, values: Mapping[str, Any], reader: Actor, *, but: int | None = None) -> list[Holding]:
        """Customers like what was typed so far; `values` as for `register_customer`, and `phone`. What is not right
        yet finds nothing. Only for those who register customers."""
        with self._read(reader) as (connection, shown):
            held = frozenset(role for _, role in shown.reader.queues)
            if not shown.reader.everything and not held & KEEPERS:
                return []
            name = str(values.get("name_zh") or "").strip()
            key = names.normalised(name) if len(name) > 1 else None
            numbers = contacts.phones(values.get("contacts") or "")
            if (typed := contacts.normalised_phone(str(values.get("phone") or ""))) is not None:
                numbers.add(typed)
            rows = registry.alike(
                connection,
                key=key,
                heads=names.heads_of(key) if key else (),
                endings=names.ENDINGS,
                credit_code=_code(str(values.get("credit_code") or "")),
                number=_number(str(values.get("number") or "")),
                digests=phones.digests(connection, numbers) if numbers else (),
                but=but,
            )
            places = divisions.alike(str(values.get("division") or ""))
            return self._holdings(connection, shown, rows, places)

    def holding(self, customer: int, reader: Actor) -> Holding | None:
        """Who holds a customer now, for somebody who is about to open a case about it; None for no such customer."""
        with self._read(reader) as (connection, shown):
            rows = registry.numbered(connection, customer) if is_id(customer) else []
            return next(iter(self._holdings(connection, shown, rows, frozenset())), None)

    def _holdings(
        self, connection: Connection, shown: Shown, rows: Sequence[AnyRow], places: frozenset[str]
    ) -> list[Holding]:
        """Each customer once: its record and others that were merged into it may all be alike."""
        ids = {row.id for row in rows}
        readable = customers.readable_of(connection, ids, shown.reader)
        since = registry.held_since(connection, ids)
        found: dict[int, Holding] = {}
        for row in rows:
            if row.id not in found:
                found[row.id] = self._holding(shown, row, places, readable=row.id in readable, since=since.get(row.id))
        return list(found.values())

    def _holding(
        self, shown: Shown, row: AnyRow, places: frozenset[str], *, readable: bool, since: datetime | None
    ) -> Holding:
        fields = row._mapping
        by = tuple(name for column, name in WAYS.items() if fields.get(column))
        leading = row.b_id if row.lead == "b" and row.b_id is not None else row.a_id or row.b_id
        name, holder = Text(row.name_zh, row.name_en), shown.person(leading)
        return Holding(
            id=row.id,
            number=row.number,
            name=name if readable else _masked(name),
            by=by,
            same=bool({"number", "credit_code"} & set(by)) or ("name" in by and row.division in places),
            unit=shown.unit(row.unit_id),
            holder=holder if readable or holder is None else PersonName(holder.id, _masked(holder.name, keep=1)),
            stage=row.stage,
            since=since,
            until=row.until,
            readable=readable,
        )


def _masked(name: Text, *, keep: int = 2) -> Text:
    return Text(name.zh[:keep] + MASK, name.en[:keep] + MASK)


def _code(text: str) -> str | None:
    try:
        return credit_code(text) if text.strip() else None
    except NumberInvalid:
        return None


def _number(text: str) -> str | None:
    try:
        return str(parse(text)) if text.strip() else None
    except NumberInvalid:
        return None
