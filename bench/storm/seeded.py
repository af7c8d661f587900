"""Faults put into the product on purpose: each the mistake of a house we know, as a small change of the real code.

Every one is a context; what is forked inside has the fault, and nothing has it afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection, select

from workflow.core import chain, unasked
from workflow.core.codec import case_from
from workflow.delivery import webhook
from workflow.delivery.deliverer import Deliverer
from workflow.service import recounts as recounting
from workflow.service import unit
from workflow.service.batch import Batch
from workflow.service.door import Workflow
from workflow.service.sweep import Sweep
from workflow.storage import due, imports, keys, outbox, recounts, store
from workflow.storage import tables as t
from workflow.storage.database import Database
from workflow.storage.sqlite import driver as sqlite_driver
from workflow.storage.statements import Statements
from workflow.storage.store import Store


def _commit(connection: Any) -> None:
    """Keep what there is and go on in another transaction, as a unit does that is none."""
    connection.commit()
    if isinstance(connection, sqlite_driver.Connection):
        connection.execute("BEGIN IMMEDIATE")


@contextmanager
def two_transactions() -> Iterator[None]:
    """The case and its step are kept first, its tasks and timers after."""
    whole = Store._index

    def index(self: Store, cases: Any) -> None:
        _commit(self._driver)
        whole(self, cases)

    with patch.object(Store, "_index", index):
        yield


@contextmanager
def claimed_first() -> Iterator[None]:
    """A sweep takes the due rows away in a transaction of its own, and acts in the next."""
    whole = Sweep._batch

    def batch(self: Any, ids: Sequence[int], at: datetime, **named: Any) -> Any:
        with self.database.writing() as connection:
            connection.execute(t.timers.delete().where(t.timers.c.case_id.in_(list(ids)), t.timers.c.due <= at))
        return whole(self, ids, at, **named)

    with patch.object(Sweep, "_batch", batch):
        yield


@contextmanager
def key_after_effect() -> Iterator[None]:
    """The key is looked for before, and kept when everything is done."""
    whole = Workflow._run

    def claim(connection: Connection, key: str | None, payload: Any, at: datetime) -> Any:
        c = t.idempotency.c
        found = connection.execute(select(c.case_id, c.seq).where(c.key == (key or ""))).one_or_none()
        return None if found is None else (int(found.case_id), int(found.seq))

    def run(self: Any, *given: Any, **named: Any) -> Any:
        after = whole(self, *given, **named)
        with self.database.writing() as connection:
            known = select(t.idempotency.c.key).where(t.idempotency.c.key == named["key"])
            if connection.scalar(known) is None:
                values = {
                    "key": named["key"],
                    "payload": b"",
                    "case_id": after.id,
                    "seq": after.seq,
                    "at": self.clock(),
                }
                connection.execute(t.idempotency.insert().values(**values))
        return after

    with (
        patch.object(keys, "claim", claim),
        patch.object(keys, "answer", lambda *_: None),
        patch.object(Workflow, "_run", run),
    ):
        yield


@contextmanager
def outbox_after_commit() -> Iterator[None]:
    """Messages are written when the step is safe."""
    whole = Store.flush

    def flush(self: Store, phases: Any) -> None:
        held, self._outbox = self._outbox, []
        whole(self, phases)
        if held:
            _commit(self._driver)
            self._many(self._sql.insert_outbox, held)

    with patch.object(Store, "flush", flush):
        yield


@contextmanager
def answered_first() -> Iterator[None]:
    """Who asked hears that it is done, and the commit comes when there is time."""
    open_ones: dict[int, ExitStack] = {}
    writing, dispose = Database.writing, Database.dispose

    def finish(self: Database) -> None:
        if stack := open_ones.pop(id(self), None):
            stack.close()

    @contextmanager
    def later(self: Database) -> Iterator[Connection]:
        finish(self)
        with ExitStack() as stack:
            yield stack.enter_context(writing(self))
            open_ones[id(self)] = stack.pop_all()

    def close(self: Database) -> None:
        finish(self)
        dispose(self)

    with patch.object(Database, "writing", later), patch.object(Database, "dispose", close):
        yield


@contextmanager
def spelt(change: Callable[[Statements], Statements]) -> Iterator[None]:
    """The store speaks other statements."""
    whole = Statements.of

    def of(dialect: str) -> Statements:
        return change(whole(dialect))

    with patch.object(Statements, "of", staticmethod(of)):
        yield


@contextmanager
def no_version_check() -> Iterator[None]:
    """Neither the lock of the case nor its version; what a second one writes of the history is passed over."""

    def change(known: Statements) -> Statements:
        return replace(
            known,
            load=known.load.replace(" FOR NO KEY UPDATE OF c", ""),
            update_case=known.update_case.replace(" AND seq = %s", " AND %s IS NOT NULL"),
            insert_step=known.insert_step + " ON CONFLICT DO NOTHING",
            insert_outbox=known.insert_outbox + " ON CONFLICT DO NOTHING",
        )

    with spelt(change):
        yield


@contextmanager
def no_lock() -> Iterator[None]:
    """The lock of the case alone is gone: what stands behind it speaks, in a language no person reads."""
    with spelt(lambda known: replace(known, load=known.load.replace(" FOR NO KEY UPDATE OF c", ""))):
        yield


@contextmanager
def begin_as_reader() -> Iterator[None]:
    """SQLite: writers begin as readers do."""
    whole = Database.__init__

    def init(self: Database, *given: Any, **named: Any) -> None:
        whole(self, *given, **named)
        self._writer = self.engine

    with patch.object(Database, "__init__", init):
        yield


@contextmanager
def not_looked_at_again() -> Iterator[None]:
    """What was due before the lock is fired under it, whoever was quicker."""
    found: dict[int, list[Any]] = {}
    whole, choose = due.due, unit._next

    def read(connection: Connection, at: datetime, **named: Any) -> Any:
        rows = whole(connection, at, **named)
        for case in {row.case for row in rows}:
            body = connection.scalar(select(t.cases.c.body).where(t.cases.c.id == case))
            found[case] = sorted(
                (timer for timer in case_from(str(body)).timers if timer.due <= at), key=lambda one: one.due
            )
        return rows

    def next_one(case: Any, at: datetime) -> Any:
        waiting = found.get(case.id)
        return waiting.pop(0) if waiting else choose(case, at)

    with patch.object(due, "due", read), patch.object(unit, "_next", next_one):
        yield


@contextmanager
def polled_by_id() -> Iterator[None]:
    """Messages are looked for behind the last one seen."""
    last = 0
    whole = outbox.waiting

    def waiting(connection: Connection, limit: int) -> Any:
        nonlocal last
        found = [one for one in whole(connection, limit) if one.id > last]
        last = max([last, *(one.id for one in found)])
        return found

    with patch.object(outbox, "waiting", waiting):
        yield


@contextmanager
def hashed_again() -> Iterator[None]:
    """The chain goes over values that were parsed and written anew."""

    def link(previous: bytes, columns: Sequence[Any]) -> bytes:
        again = [
            json.dumps(json.loads(one), sort_keys=True) if isinstance(one, str) and one[:1] in "{[" and one else one
            for one in columns
        ]
        return chain.link(previous, again)

    with patch.object(store, "chain", SimpleNamespace(link=link, GENESIS=chain.GENESIS)):
        yield


@contextmanager
def next_rung_in_memory() -> Iterator[None]:
    """The ladder's next rung is not kept: the program knows it."""

    def change(known: Statements) -> Statements:
        same = "case_id = ? AND no = ? AND kind = ? AND name = ? AND due = ? AND retry = ?"
        nothing = f"UPDATE timers SET due = due WHERE {same}"
        spelt_out = nothing if known.dialect == "sqlite" else nothing.replace("?", "%s")
        return replace(known, upsert={**known.upsert, "timers": spelt_out})

    with spelt(change):
        yield


@contextmanager
def ladder_not_stored() -> Iterator[None]:
    """The step of a rung is kept, and the place on the ladder is not: it is there to be fired again."""
    whole = Store.flush

    def flush(self: Store, phases: Any) -> None:
        if "rung" in {step[2] for step in self._steps}:
            for loaded in self._loaded.values():
                loaded.case = loaded.before or loaded.case
        whole(self, phases)

    with patch.object(Store, "flush", flush):
        yield


@contextmanager
def recorded_before_sent() -> Iterator[None]:
    """What leaves is put on record first."""

    def tell_one(self: Any, lease: Any) -> None:
        key = webhook.key_of(lease.bundle)
        self._done(lease, key, recipient=lease.target)
        webhook.post(
            self.settings.webhooks[lease.target], b"", {"webhook-id": key}, timeout=1, at=self.workflow.clock()
        )

    with patch.object(Deliverer, "_tell_one", tell_one):
        yield


@contextmanager
def stamped_now() -> Iterator[None]:
    """What was due takes effect when somebody noticed."""
    whole = unasked.fire

    def fire(definition: Any, case: Any, world: Any, timer: Any, *, recorded: datetime) -> Any:
        return whole(definition, case, world, replace(timer, due=recorded), recorded=recorded)

    with patch.object(unasked, "fire", fire):
        yield


@contextmanager
def word_after_commit() -> Iterator[None]:
    """Word to the case above is left when the linked case is safely over."""
    words: list[tuple[int, int, str, int]] = []
    whole = Workflow._follow

    def signal(_: Store, parent: int, child: int, outcome: str, at: int) -> None:
        words.append((parent, child, outcome, at))

    def follow(self: Any, *given: Any, **named: Any) -> None:
        with self.database.writing() as connection:
            for parent, child, outcome, at in words:
                row = {"case_id": parent, "no": -child, "kind": "linked", "name": outcome, "due": at, "retry": at}
                columns = ", ".join(row)
                values = ", ".join(repr(one) for one in row.values())
                connection.exec_driver_sql(f"INSERT INTO timers ({columns}) VALUES ({values})")
        words.clear()
        whole(self, *given, **named)

    with patch.object(Store, "signal", signal), patch.object(Workflow, "_follow", follow):
        yield


@contextmanager
def place_noted_first() -> Iterator[None]:
    """How far the recount has come is kept before it has come there."""

    def recount(self: Any, at: datetime | None = None, *, limit: int = 100) -> int:
        now = at or self.clock()
        with self.database.writing() as connection:
            asked = recounts.first(connection)
            ids = [] if asked is None else recounts.next_cases(connection, asked, limit=limit)
            if asked is not None:
                recounts.advance(connection, asked, ids[-1] if len(ids) == limit else None)
        return sum(bool(self._recounted(case, now)) for case in ids)

    with patch.object(recounting.Recounts, "recount", recount):
        yield


@contextmanager
def import_noted_after() -> Iterator[None]:
    """How far an import has come is kept when what it did is safe."""
    whole = Batch.commit

    def commit(self: Any) -> None:
        noted, self._noted = self._noted, {}
        whole(self)
        if noted:
            with self.database.writing() as connection:
                for (source, _), one in noted.items():
                    imports.note(connection, source, [one])

    with patch.object(Batch, "commit", commit):
        yield


@contextmanager
def full_disk_swallowed() -> Iterator[None]:
    """An error of the database is logged, and work goes on."""
    many = Store._many

    def swallow(self: Store, statement: str, parameters: Any) -> None:
        try:
            many(self, statement, parameters)
        except sqlite_driver.Error:
            return

    with patch.object(Store, "_many", swallow):
        yield
