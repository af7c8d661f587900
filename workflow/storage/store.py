"""The only writer: cases, their history and everything derived from them, inside one transaction.

This is the hot path, so it speaks plain SQL to the driver's own connection. Changes are collected and
written together by `flush`, for one step as for a batch of a hundred.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from workflow.core import chain
from workflow.core.case import Case, is_id
from workflow.core.codec import case_body, case_from, dumps
from workflow.core.errors import CaseNotFound
from workflow.core.moments import exact, micros, moment_of
from workflow.core.personal import Secret
from workflow.core.replay import apply
from workflow.core.step import Step
from workflow.core.world import Customer
from workflow.storage import recorded, rows
from workflow.storage.errors import CaseChanged
from workflow.storage.statements import Statements

DERIVED: Mapping[str, Callable[[Case], rows.Rows]] = {
    "tasks": rows.tasks,
    "timers": rows.timers,
    "clocks": rows.clocks,
    "escalations": rows.escalations,
    "links": rows.links,
    "takings": rows.takings,
    "offers": rows.offers,
    "participants": rows.participants,
    "customers": rows.customers,
}
_PARTS = {
    "tasks": ("tasks", "clocks", "customer"),
    "timers": ("timers",),
    "clocks": ("clocks", "unit"),
    "escalations": ("escalations",),
    "links": ("links",),
    "takings": ("takings",),
    "offers": ("offers",),
    "participants": ("people",),
    "customers": ("data",),
}
"""Which parts of a case an index is derived from: unchanged parts keep their identity through the fold."""


_WAITED = 14
"""The column of a loaded row that says whether the case changed while we waited for its lock (PostgreSQL)."""

Mark = tuple[int, int, int, int, int, int, int, int]


@dataclass(slots=True)
class Loaded:
    """A case under lock. `before` is what is stored, `case` what it is by now; `head` the last step's hash."""

    before: Case | None
    case: Case
    head: bytes
    customer: Customer | None = None
    phase: str = ""


class Store:
    """The cases, as seen from inside one writing unit."""

    def __init__(self, connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        self._dialect = connection.dialect.name
        self._driver = driver
        self._sql = Statements.of(self._dialect)
        self._loaded: dict[int, Loaded] = {}
        self._steps: list[tuple[object, ...]] = []
        self._secrets: list[tuple[object, ...]] = []
        self._outbox: list[tuple[object, ...]] = []
        self._signals: list[tuple[object, ...]] = []
        self._ended: list[rows.Row] = []
        self._records: list[recorded.Change] = []
        self._unsealed: list[tuple[int]] = []
        self._was: list[tuple[int, tuple[Case, bytes, Customer | None] | None]] = []

    def load(self, case: int) -> Loaded:
        """A case, locked, so that decisions about it queue up.

        The case is the one thing every writer locks, and always first; its customer's record comes after.
        Locking its tasks or timers instead makes two writers wait for each other. Raises `CaseNotFound`.
        """
        if case not in self._loaded or not is_id(case):
            row = self._one(self._sql.load, (case,)) if is_id(case) else None
            if row is not None and row[_WAITED:] == (True,):
                # PostgreSQL gives who waited the new case, but its customer as of before: now that it is ours, again.
                row = self._one(self._sql.load, (case,))
            if row is None:
                raise CaseNotFound(case=case)
            self._loaded[case] = _loaded(row)
        return self._loaded[case]

    def load_free(self, cases: Sequence[int]) -> list[Loaded]:
        """Those of the cases nobody else has locked, in id order."""
        found = []
        for row in self._all(self._sql.load_free(len(cases)), self._sql.many(cases)):
            loaded = _loaded(row)
            self._loaded[loaded.case.id] = loaded
            found.append(loaded)
        return found

    def new_id(self) -> int:
        """An id for a case that will be opened in this unit."""
        row = self._one(self._sql.new_id, ())
        assert row is not None  # noqa: S101 - both statements always give a row
        return int(row[0])

    def directory_version(self) -> int:
        row = self._one(self._sql.directory_version, ())
        return int(row[0]) if row is not None else 0

    def append(
        self,
        before: Case | None,
        after: Case,
        steps: Iterable[Step],
        secrets: Iterable[Secret] = (),
        *,
        sealed: Collection[str] = (),
    ) -> None:
        """Add steps to a case, new (`before` None) or loaded. Written by `flush`.

        `sealed`: commitments among the secrets that nobody may read yet.
        """
        loaded = self._loaded.get(after.id)
        steps = tuple(steps)
        if loaded is not None and (loaded.case.escalations or len(steps) > 1):
            # Here, not in `flush`: one may be raised and over between two flushes, or between two of these steps.
            self._ended.extend(rows.ended_escalations(loaded.case, after, steps))
        self._was.append((after.id, (loaded.case, loaded.head, loaded.customer) if loaded is not None else None))
        if loaded is None:
            loaded = self._loaded[after.id] = Loaded(before=before, case=after, head=chain.GENESIS)
        for step in steps:
            columns = _columns(step)
            own = chain.link(loaded.head, columns)
            self._steps.append((*columns, loaded.head, own))
            self._outbox.extend(rows.outbox(step))
            loaded.head = own
        self._secrets.extend((after.id, digest, salt, value, digest in sealed) for digest, salt, value in secrets)
        if after.kind == "customer" and steps:
            self._records.extend(_changes(None if steps[0].seq == 1 else loaded.case, steps))
        loaded.case = after

    def holds(self, case: int) -> bool:
        """Whether the case is in this unit already."""
        return case in self._loaded

    def mark(self) -> Mark:
        """The place up to which `back` undoes. It is void after the next `flush`."""
        return (
            len(self._steps), len(self._secrets), len(self._outbox), len(self._signals), len(self._ended),
            len(self._records), len(self._unsealed), len(self._was),
        )  # fmt: skip

    def back(self, mark: Mark) -> set[int]:
        """Forget what was appended since the mark, so that one command leaves no trace among many; gives the cases."""
        steps, secrets, outbox, signals, ended, records, unsealed, was = mark
        del self._steps[steps:], self._secrets[secrets:], self._outbox[outbox:], self._signals[signals:]
        del self._ended[ended:], self._records[records:], self._unsealed[unsealed:]
        undone = self._was[was:]
        for case, before in reversed(undone):
            if before is None:
                del self._loaded[case]
            else:
                loaded = self._loaded[case]
                loaded.case, loaded.head, loaded.customer = before
        del self._was[was:]
        return {case for case, _ in undone}

    def signal(self, parent: int, child: int, outcome: str, at: int) -> None:
        """Leave word on the case that opened this one: due at once, taken by the sweep."""
        self._signals.append((parent, -child, "linked", outcome, at, at))

    def word(self, case: int, sender: int, trigger: str, at: int) -> None:
        """Leave word on another case of the customer to pull a trigger: due at once, taken by the sweep."""
        # A number of its own: one case may say several things to another before it is heard.
        self._signals.append((case, -self.new_id(), "signal", f"{sender}:{trigger}", at, at))

    def handed(self, case: int, said: str, at: int) -> None:
        """Leave word on an open case of a customer that changed hands: due at once, taken by the sweep."""
        self._signals.append((case, -self.new_id(), "hands", said, at, at))

    def unseal(self, case: int) -> None:
        """Let what was sealed in a case be read."""
        self._unsealed.append((case,))

    def others_of(self, customer: int, definition: str, but: int) -> list[int]:
        """The customer's open cases of a definition, without one; those of this unit as they are by now."""
        found = {int(row[0]) for row in self._all(self._sql.others_of, (customer, definition, but))}
        for case, x in self._loaded.items():
            mine = x.case.customer == customer and x.case.definition == definition and x.case.kind == "case"
            if mine and case != but:
                (found.discard if x.case.closed is not None else found.add)(case)
        return sorted(found)

    def definition_of(self, case: int) -> str:
        """What lifecycle a case is of; empty for a record. It is not locked."""
        if case in self._loaded:
            return self._loaded[case].case.definition
        found = self._one(self._sql.definition_of, (case,))
        return str(found[0]) if found else ""

    def taken(self, name: str, receiver: int, since: datetime | None) -> int:
        """How often a receiver took what a limit counts since a moment; None: how many are held now.

        Whoever counts for a receiver keeps others from counting until this unit is committed: of two that would take
        the last one at once the second finds it taken. SQLite has one writer at a time anyway.
        """
        if self._dialect == "postgresql":
            self._execute("SELECT pg_advisory_xact_lock(%s)", (_lock_of(name, receiver),))
        stored = self._all(self._sql.takings, (name, receiver))
        found: list[tuple[Any, ...]] = [row for row in stored if row[0] not in self._loaded]
        for x in self._loaded.values():
            found.extend((row[0], *row[4:]) for row in rows.takings(x.case).values() if row[2:4] == (name, receiver))
        if since is None:
            return sum(1 for *_, until in found if until is None)
        return sum(1 for _, begun, _ in found if begun >= micros(since))

    def led(self, person: int, but: int) -> int:
        """How many customers somebody leads, one left out."""
        return int(self._all(self._sql.led, (person, person, but, person))[0][0])

    def flush(self, phases: Callable[[Case], str]) -> None:
        """Write everything collected. Raises `CaseChanged` if a case moved on under us, which the lock prevents."""
        fresh = [x for x in self._loaded.values() if x.before is None]
        changed = [x for x in self._loaded.values() if x.before is not None and x.case is not x.before]
        with self._together():
            self._many(self._sql.insert_case, [_case_row(x, phases(x.case)) for x in fresh])
            updates = [
                (*_case_row(x, phases(x.case))[4:], x.case.id, x.before.seq) for x in changed if x.before is not None
            ]
            expected = self._counted(self._sql.update_case, updates)
            self._many(self._sql.insert_step, self._steps)
            self._many(self._sql.insert_secret, self._secrets)
            self._many(self._sql.unseal, self._unsealed)
            self._index(fresh + changed)
            for name, written in recorded.writes(self._records):
                self._many(self._sql.recorded[name], written)
            self._many(self._sql.insert_outbox, self._outbox)
            self._many(self._sql.upsert["timers"], self._signals)
        if expected() != len(updates):
            raise CaseChanged()
        for x in fresh + changed:
            x.before = x.case
        self._steps, self._secrets, self._outbox, self._signals, self._ended, self._was = [], [], [], [], [], []
        self._records, self._unsealed = [], []

    def vault(self, case: int) -> dict[str, str | None]:
        """Commitment → JSON text of the case's personal values; None for an erased one."""
        found = {row[0]: row[1] for row in self._all(self._sql.vault, (case,))}
        found |= {row[1]: row[3] for row in self._secrets if row[0] == case}
        return found

    def open_of(self, customer: int, but: int) -> list[str]:
        """Definitions with an open case of the customer, and `definition:mark` for each of its marks."""
        names: dict[str, None] = {}
        stored = self._all(self._sql.open_of, (customer, but))
        found = [(definition, marks.split()) for case, definition, marks in stored if case not in self._loaded]
        found += [
            (x.case.definition, x.case.marks)
            for x in self._loaded.values()
            if x.case.customer == customer and x.case.id != but and x.case.kind == "case" and x.case.closed is None
        ]
        for definition, marks in found:
            names[definition] = None
            names.update(dict.fromkeys(f"{definition}:{mark}" for mark in marks))
        return list(names)

    def cases_of(self, customer: int, but: int) -> list[dict[str, Any]]:
        """The customer's open cases but one, as rules see them, the first one opened first."""
        stored = self._all(self._sql.cases_of, (customer, but))
        found = {row[0]: row[1:] for row in stored if row[0] not in self._loaded}
        for x in self._loaded.values():
            c = x.case
            if c.customer == customer and c.id != but and c.kind == "case" and c.closed is None:
                found[c.id] = (c.definition, c.number, micros(c.opened), c.unit, " ".join(c.marks))
        return [presented(case, *row) for case, row in sorted(found.items(), key=lambda one: (one[1][2], one[0]))]

    def took_part(self, customer: int, person: int, but: str) -> bool:
        """Whether somebody took part in a case about a customer that is not marked so."""
        stored = self._all(self._sql.took_part, (person, customer))
        marks = [said.split() for case, said in stored if case not in self._loaded]
        loaded = (x.case for x in self._loaded.values())
        marks += [list(one.marks) for one in loaded if one.customer == customer and person in one.people]
        return any(but not in said for said in marks)

    def drop_timer(self, case: int, no: int) -> None:
        """Remove a timer that is not part of a case: word from a linked one, once it was taken."""
        self._execute(self._sql.delete["timers"], (case, no))

    def _index(self, cases: Sequence[Loaded]) -> None:
        for table, derive in DERIVED.items():
            gone: list[rows.Row] = []
            written: list[rows.Row] = []
            for x in cases:
                before, case = x.before, x.case
                old: rows.Rows = {}
                if before is not None:
                    for part in _PARTS[table]:
                        if getattr(before, part) is not getattr(case, part):
                            break
                    else:
                        continue
                    old = derive(before)
                new = derive(case)
                if table != "escalations":
                    gone.extend(key for key in old if key not in new)
                written.extend(row for key, row in new.items() if old.get(key) != row)
            self._many(self._sql.delete[table], gone)
            self._many(self._sql.upsert[table], written)
        self._many(self._sql.upsert["escalations"], self._ended)

    def _together(self) -> Any:
        """PostgreSQL: send the statements without waiting for each answer."""
        return self._driver.pipeline() if self._dialect == "postgresql" else nullcontext()

    def _counted(self, statement: str, parameters: Sequence[tuple[object, ...]]) -> Callable[[], int]:
        """Run an update; the answer, known after the pipeline, says how many rows it found."""
        cursors = [self._execute(statement, one) for one in parameters]
        return lambda: sum(cursor.rowcount for cursor in cursors)

    def _many(self, statement: str, parameters: Sequence[tuple[object, ...]]) -> None:
        if len(parameters) == 1:
            self._execute(statement, parameters[0])
        elif parameters:
            self._driver.cursor().executemany(statement, parameters)

    def _execute(self, statement: str, parameters: tuple[object, ...]) -> Any:
        return self._driver.cursor().execute(statement, parameters)

    def _one(self, statement: str, parameters: tuple[object, ...]) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._execute(statement, parameters).fetchone()
        return row

    def _all(self, statement: str, parameters: tuple[object, ...]) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self._execute(statement, parameters).fetchall()
        return found


def _changes(before: Case | None, steps: Sequence[Step]) -> Iterator[recorded.Change]:
    """A record before and after each of its steps."""
    for step in steps:
        after = apply(before, step)
        yield before, after, step
        before = after


def presented(case: int, definition: str, number: str, opened: int, unit: int | None, marks: str) -> dict[str, Any]:
    """A case as the rules of another one see it."""
    return {
        "id": case, "definition": definition, "number": number, "opened": exact(moment_of(opened)), "unit": unit or 0,
        "marks": marks.split(),
    }  # fmt: skip


def _lock_of(name: str, receiver: int) -> int:
    return int.from_bytes(sha256(f"taking {name} {receiver}".encode()).digest()[:8], "big", signed=True)


def _loaded(row: tuple[Any, ...]) -> Loaded:
    case = case_from(row[0])
    customer = None
    if row[2] is not None:
        (number, name, tier, stage, lead, industry, unit, a, b, until, classes) = row[3:_WAITED]
        of_class = dict(one.split(":", 1) for one in classes.split())
        customer = Customer(
            id=row[2], number=number, name=name, tier=tier, stage=stage, lead=lead, industry=industry,
            unit=unit, a=a, b=b, until=None if until is None else moment_of(until),
            trade=of_class.get("trade", ""), nature=of_class.get("nature", ""),
        )  # fmt: skip
    return Loaded(before=case, case=case, head=bytes(row[1]), customer=customer)


def _columns(step: Step) -> tuple[Any, ...]:
    """A step's columns as they are stored and hashed, in the table's order."""
    return (
        step.case, step.seq, step.kind, step.trigger, step.actor.person, step.actor.behalf, micros(step.effective),
        micros(step.recorded), step.from_state, step.to_state, step.version, step.task, dumps(step.form),
        dumps(step.ops),
    )  # fmt: skip


def _case_row(loaded: Loaded, phase: str) -> tuple[object, ...]:
    case = loaded.case
    return (
        case.id, case.kind, case.number, micros(case.opened), case.definition, case.version, case.customer, case.unit,
        case.parent, case.state, phase, " ".join(case.marks), micros(case.written or case.opened),
        None if case.closed is None else micros(case.closed), case.seq, loaded.head, case_body(case),
    )  # fmt: skip
