"""Whole histories for one reader, in bulk: what exports and figures over many cases are made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workflow.core.case import Case
from workflow.core.chain import Column
from workflow.core.codec import case_from
from workflow.core.errors import CaseNotFound
from workflow.core.step import Actor, Op
from workflow.service.case_reads import CaseReads
from workflow.service.shown import Beside, Shown, unveiled
from workflow.service.views.cases import CaseRow, CaseView
from workflow.service.views.lists import Filters
from workflow.service.views.steps import StepRow
from workflow.storage import reads
from workflow.storage.queries import exports
from workflow.storage.queries.paging import AnyRow

if TYPE_CHECKING:
    from sqlalchemy import Connection

MANY = 20_000
"""Steps in short that are read at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which cases. `since`, `until`: opened then (`until` excluded); `numbers`: these and no others, if any."""

    filters: Filters = field(default_factory=Filters)
    since: datetime | None = None
    until: datetime | None = None
    numbers: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """What of it narrows anything, as JSON."""
        found = {name: getattr(self.filters, name) for name in Filters.__slots__}
        found |= {"since": self.since, "until": self.until, "numbers": list(self.numbers)}
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in found.items()
            if value not in (None, False, []) or (name == "closed" and value is False)
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A case with its whole history. `data` and the steps have personal values shown or `Masked`.

    `links`: name and id of each case it opened; `parent`: the case that opened it, None without.
    """

    row: CaseRow
    data: Mapping[str, Any]
    steps: Sequence[StepRow]
    links: Sequence[tuple[str, int]]
    parent: int | None


@dataclass(slots=True, kw_only=True)
class Move:
    """A step in short. `over`: the case has ended by now. Not frozen: there are millions."""

    case: int
    number: str
    definition: str
    version: int
    seq: int
    kind: str
    trigger: str
    from_state: str
    to_state: str
    at: datetime
    over: bool

    @property
    def ops(self) -> tuple[Op, ...]:
        """What followed is not read."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCase:
    """Everything that is stored of one case, untouched: what a case file is made of.

    `steps`: every column by name, hashes as bytes. `vault`: commitment, salt, value and when erased; salt and value
    are None where they are not for this reader. `texts`: versions of the lifecycle: name, version, hash and text;
    `calendars`: name, version and text. `open`: personal values and attachments are shown.
    """

    view: CaseView
    history: Sequence[StepRow]
    open: bool
    steps: Sequence[Mapping[str, Column]]
    vault: Sequence[tuple[str, bytes | None, str | None, datetime | None]]
    texts: Sequence[tuple[str, int, str, str]]
    calendars: Sequence[tuple[str, int, str]]


class Courses(CaseReads):
    """Reads of very many steps, in one reading unit and with little memory."""

    @contextmanager
    def courses(
        self, reader: Actor, selection: Selection, *, personal: bool = False
    ) -> Iterator[tuple[frozenset[int], Iterator[Course]]]:
        """The ids of the cases meant that the reader may see, and the cases one after the other, the oldest first.

        `personal`: show personal values of those cases in which the reader is involved; otherwise none.
        """
        with self._read(reader) as (connection, shown):
            found = exports.chosen(connection, shown.reader, selection)
            yield frozenset(case for case, _ in found), self._told(connection, shown, found, personal=personal)

    def _told(
        self, connection: Connection, shown: Shown, found: Sequence[tuple[int, int]], *, personal: bool
    ) -> Iterator[Course]:
        for ids in exports.portions(found):
            histories, linked = exports.histories(connection, ids), exports.linked(connection, ids)
            vaults = exports.secrets_of(connection, ids) if personal else {}
            for row in exports.rows(connection, ids):
                case = case_from(row.body)
                vault = vaults.get(row.id) if personal and shown.involved(case) else None
                yield _course(shown, row, case, histories.pop(row.id), linked[row.id], vault)

    @contextmanager
    def moves(self, reader: Actor, selection: Selection) -> Iterator[tuple[int, Iterator[Move]]]:
        """How many steps the cases meant have, and these without form and effects, case after case."""
        with self._read(reader) as (connection, shown):
            found = exports.chosen(connection, shown.reader, selection)
            yield sum(count for _, count in found), (
                Move(
                    case=row.case_id, number=row.number, definition=row.definition, version=row.version, seq=row.seq,
                    kind=row.kind, trigger=row.trigger, from_state=row.from_state, to_state=row.to_state,
                    at=row.effective, over=row.closed is not None,
                )
                for ids in exports.portions(found, most=MANY)
                for row in exports.moves(connection, ids)
            )  # fmt: skip

    def stored(self, case: int, reader: Actor, *, personal: bool = False) -> StoredCase:
        """Raises CaseNotFound. `personal`: with what the reader, being involved, may see anyway."""
        with self._read(reader) as (connection, shown):
            row = self._seen(connection, shown, case)
            view = self._view(connection, shown, row)
            if view.row.kind != "case":
                raise CaseNotFound(case=case)
            opened = personal and view.involved
            secrets = exports.vault_of(connection, case)
            values = {one.commitment: one.value for one in secrets} if opened else None
            history = [shown.step(one, values) for one in exports.histories(connection, [case])[case]]
            versions = sorted({one.version for one in history})
            used = sorted({pair for one in history for pair in _calendars(one)})
            return StoredCase(
                view=view,
                history=history,
                open=opened,
                steps=exports.stored_steps(connection, case),
                vault=[
                    (one.commitment, bytes(one.salt) if opened else None, one.value if opened else None, one.erased)
                    for one in secrets
                ],
                texts=[one for version in versions if (one := self._text(connection, row.definition, version))],
                calendars=[(one.name, one.version, one.text) for one in exports.calendar_texts(connection, used)],
            )

    def _text(self, connection: Connection, name: str, version: int) -> tuple[str, int, str, str] | None:
        """A version of a lifecycle as it is kept; None for one that is neither kept nor in a file."""
        kept = exports.definition_text(connection, name, version) or self.library.versions.get((name, version))
        return None if kept is None else (kept.name, kept.version, kept.hash, kept.text)

    def note_read(self, kind: str, reader: Actor, *, detail: Mapping[str, Any], case: int | None = None) -> None:
        """Keep that something left the house. To be called before it does."""
        with self.database.writing() as connection:
            reads.note(connection, kind, reader=reader, case=case, detail=detail, at=self.clock())


def _course(
    shown: Shown,
    row: AnyRow,
    case: Case,
    steps: Sequence[AnyRow],
    linked: Sequence[AnyRow],
    vault: Mapping[str, str | None] | None,
) -> Course:
    running = [clock for clock in case.clocks if clock.status == "running"]
    first = min(running, key=lambda clock: clock.due, default=None)
    beside = Beside(
        {case.id: max((one.level for one in case.escalations), default=0)},
        {} if first is None else {case.id: (first.due, first.provisional, first.name)},
        {case.id: list(dict.fromkeys(task.assignee for task in case.tasks if task.assignee is not None))},
    )
    return Course(
        row=shown.case(row, beside),
        data={name: unveiled(value, vault) for name, value in case.data.items()},
        steps=[shown.step(one, vault) for one in steps],
        links=[(one.name, one.id) for one in linked],
        parent=row.parent_id,
    )


def _calendars(step: StepRow) -> Iterator[tuple[str, int]]:
    """Name and version of every calendar a due moment of the step was counted in."""
    for op, body in step.ops:
        if op == "clock" and body.get("version"):
            yield body["calendar"], body["version"]
