"""The door's part about two records of one customer: looked at first, merged with a step in both books, and undone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workflow.core import book, merging
from workflow.core.case import is_id
from workflow.core.codec import case_from
from workflow.core.errors import CustomerNotFound, MergeUnfit
from workflow.core.step import Actor
from workflow.service import written
from workflow.service.reading import Reading
from workflow.service.registry import Registry
from workflow.service.unit import Unit
from workflow.service.vault import fresh_salt
from workflow.service.views.customers import CustomerRow
from workflow.storage import keys, registry
from workflow.storage.queries import cases, customers
from workflow.storage.store import Loaded

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class MergePreview:
    """What a merge would do. `why`: the code of what stands against it, None: nothing.

    `differing`: the fields of the records that say different things, which stay as the one that is kept has them.
    """

    gone: CustomerRow
    kept: CustomerRow
    why: str | None
    differing: tuple[str, ...]


COMPARED = ("name_zh", "division", "credit_code", "industry", "address", "tier", "stage", "unit", "a", "b")


class Merges(Registry, Reading):
    """Merging is for directors and account administrators of a unit above both."""

    def preview_merge(self, gone: int, kept: int, reader: Actor) -> MergePreview:
        """What merging one customer into another would do. Raises CustomerNotFound for one the reader cannot see."""
        with self._read(reader) as (connection, shown):
            rows = [customers.one(connection, one, shown.reader) if is_id(one) else None for one in (gone, kept)]
            for one, row in zip((gone, kept), rows, strict=True):
                if row is None:
                    raise CustomerNotFound(customer=one)
            bodies = [cases.body(connection, one) for one in (gone, kept)]
            first, second = (case_from(body).data for body in bodies if body is not None)
            at = self.clock()
            units = first.get("unit"), second.get("unit")
            branches = _branches(connection, first["number"])
            why = merging.unfit(first, second, branches=branches, at=at)
            if why is None and not merging.may(shown.reader.directory, reader, units, at):
                why = "apart"
            counts = customers.open_cases(connection, shown.reader, {gone, kept})
            views = [shown.customer_row(row, counts.get(row.id, 0)) for row in rows if row is not None]
            differing = tuple(name for name in COMPARED if first.get(name) != second.get(name))
            return MergePreview(gone=views[0], kept=views[1], why=why, differing=differing)

    def merge_customers(
        self, gone: int, kept: int, *, actor: Actor, reason: str, at: datetime | None = None, key: str | None = None
    ) -> None:
        """One customer turns out to be another: everything leads to that one from now on.

        Raises `MergeUnfit`, `CustomerNotFound`, `TextEmpty`, `Refused`.
        """
        now = at or self.clock()
        with self._refusing(actor, gone if is_id(gone) else None, "merge_customers", now), self._unit() as work:
            payload = ["merge", gone, kept, reason, actor.person, actor.behalf]
            if keys.claim(work.connection, key, payload, now) is not None:
                return
            first, second, now = self._both(work, gone, kept, actor, now)
            branches = _branches(work.connection, first.case.data["number"])
            why = merging.unfit(first.case.data, second.case.data, branches=branches, at=now)
            if why is not None:
                raise MergeUnfit(why=why)
            absorbed = [*second.case.data.get("absorbed", ()), gone]
            self._note_both(
                work,
                ((first, merging.MERGE, {"merged": kept}), (second, merging.ABSORB, {"absorbed": absorbed})),
                reason=reason,
                actor=actor,
                at=now,
            )
            keys.answer(work.connection, key, first.case.id, first.case.seq)
            work.flush()

    def unmerge_customer(
        self, gone: int, *, actor: Actor, reason: str, at: datetime | None = None, key: str | None = None
    ) -> None:
        """They were two customers after all: the one that was merged stands for itself again, as it was.

        Raises `CustomerNotFound` for one that was not merged; `MergeUnfit`, `TextEmpty`, `Refused`.
        """
        now = at or self.clock()
        with self._refusing(actor, gone if is_id(gone) else None, "unmerge_customer", now), self._unit() as work:
            payload = ["unmerge", gone, reason, actor.person, actor.behalf]
            if keys.claim(work.connection, key, payload, now) is not None:
                return
            kept = work.store.load(gone).case.data.get("merged")
            if kept is None or kept == gone:
                raise CustomerNotFound(customer=gone)
            first, second, now = self._both(work, gone, kept, actor, now)
            absorbed = [one for one in second.case.data["absorbed"] if one != gone]
            self._note_both(
                work,
                ((first, merging.SPLIT_OFF, {"merged": None}), (second, merging.GIVE_BACK, {"absorbed": absorbed})),
                reason=reason,
                actor=actor,
                at=now,
            )
            keys.answer(work.connection, key, first.case.id, first.case.seq)
            work.flush()

    def _both(self, work: Unit, gone: int, kept: int, actor: Actor, at: datetime) -> tuple[Loaded, Loaded, datetime]:
        """Both books, locked, the one that goes first: who opens a case about it takes them in this order as well."""
        self._check_actor(work, actor, at)
        registry.lock(work.connection)
        found = []
        for one in (gone, kept):
            loaded = work.store.load(one) if is_id(one) else None
            if loaded is None or loaded.case.kind != "customer" or not self._in_reach(work, loaded.case, actor, at):
                raise CustomerNotFound(customer=one)
            found.append(loaded)
        units = found[0].case.data.get("unit"), found[1].case.data.get("unit")
        if not merging.may(work.directory, actor, units, at):
            raise MergeUnfit(why="apart")
        return found[0], found[1], max(at, *(one.case.written or at for one in found))

    def _note_both(
        self,
        work: Unit,
        changes: tuple[tuple[Loaded, str, dict[str, Any]], ...],
        *,
        reason: str,
        actor: Actor,
        at: datetime,
    ) -> None:
        said = written.text("reason", reason)
        for loaded, trigger, values in changes:
            noted = book.note(
                loaded.case, trigger, values=values, actor=actor, at=at, recorded=at, salt=fresh_salt, reason=said
            )
            work.take(loaded, noted)


def _branches(connection: Connection, number: str) -> int:
    """How many branches a customer has; a branch has none."""
    if not number.endswith("000"):
        return 0
    return sum(1 for row in registry.family(connection, number) if row.number != number)
