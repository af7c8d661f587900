"""The door's part about taking back what a file did to customers' records, one customer at a time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from workflow.core import book, merging
from workflow.core.errors import CaseMovedOn, CustomerNotFound
from workflow.core.step import Actor, Step
from workflow.service import written
from workflow.service.registry import Registry
from workflow.service.vault import fresh_salt
from workflow.storage import recounts, registry
from workflow.storage.queries import history

RESTORE = "restore"


class Withdrawing(Registry):
    """What somebody did since is never undone with it."""

    def take_back_customer(
        self, customer: int, seq: int, *, actor: Actor, reason: str, at: datetime | None = None
    ) -> int:
        """Undo one step of a customer's record; gives the number of the step that does.

        What was changed becomes what it was. A customer whom the step put on file is withdrawn: nothing finds it any
        more, and its number is not given again. Raises `CaseMovedOn` where something came of it since: other changes
        to the same values, to a new customer any step, case or branch; `CustomerKnown` where another has its former
        name or credit code by now; `Refused`.
        """
        now = at or self.clock()
        with self._refusing(actor, customer, "take_back", now), self._unit() as work:
            registry.lock(work.connection)
            loaded = work.store.load(customer)
            now = max(now, loaded.case.written or now)
            self._keeper(work, actor, now)
            record = loaded.case
            if record.kind != "customer" or not self._in_reach(work, record, actor, now):
                raise CustomerNotFound(customer=customer)
            if seq == 1:
                if record.seq != seq or registry.is_used(work.connection, customer, str(record.data["number"])):
                    raise CaseMovedOn
                trigger = merging.WITHDRAW
                values: dict[str, Any] = {"merged": customer}
            else:
                steps = [history.step(row) for row in history.rows(work.connection, customer, last=seq)]
                said = _set(steps[-1:])
                if any(record.data.get(name) != value for name, value in said.items()):
                    raise CaseMovedOn
                was = _set(steps[:-1])
                trigger, values = RESTORE, {name: was.get(name) for name in said}
                self._alone(work, record, values)
            noted = book.note(
                record,
                trigger,
                values=values,
                reason=written.text("reason", reason),
                actor=actor,
                at=now,
                recorded=now,
                salt=fresh_salt,
            )
            after = work.take(loaded, noted)
            if {f"customer.{name}" for name in values} & self.library.chosen_by:
                recounts.ask(work.connection, now, customer=customer)
            work.flush()
            return after.seq


def _set(steps: Iterable[Step]) -> dict[str, Any]:
    """What steps of a record set in it, the last of each."""
    found: dict[str, Any] = {}
    for step in steps:
        for op, body in step.ops:
            if op == "set":
                found.update(body)
    return found
