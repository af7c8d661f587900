"""Every chain, step by step, beside the case's row and the log's leaf."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from workflow.audit.log.damage import Report
from workflow.audit.log.secrets import Secrets
from workflow.core.chain import GENESIS, Column, link
from workflow.core.errors import UNFIT
from workflow.storage import log, walk
from workflow.storage.walk import CaseRow, Stored

if TYPE_CHECKING:
    from sqlalchemy import Connection

EVERY = 20_000
"""Steps after which progress is told."""

KIND, TRIGGER, ACTOR, EFFECTIVE, RECORDED, STATE, VERSION, FORM, OPS = 2, 3, 4, 6, 7, 9, 10, 12, 13
"""Columns of a step that are looked into."""

LOOKED = frozenset({"attach", "admin"})
"""Kinds of steps that say something of attachments, or of what was erased."""

COMMITMENT = re.compile(r'\{"~":"([0-9a-f]{64})"\}')
"""As it is stored: within a text there would be a stroke before each quotation mark."""

TOLD = ("number", "kind", "definition", "customer", "parent", "opened", "state", "version", "updated")
"""What of a case's row its first step says, and its last."""

OPENING = '[["case",'
_decoder = json.JSONDecoder()

File = tuple[Any, ...]
"""What a history says of an attachment: its case, name, type, size, hash, when and by whom it was added."""


class Chains:
    """One walk over histories and the rows of their cases, both in order, and over the personal values beside them.

    `files`: each attachment, as the history has it; `erased`: case and attachment where it says so.
    """

    def __init__(
        self,
        connection: Connection,
        report: Report,
        *,
        histories: Iterable[Stored],
        cases: Iterator[CaseRow],
        secrets: Secrets | None = None,
        progress: Callable[[int], None] = lambda steps: None,
    ) -> None:
        self.connection = connection
        self.report = report
        self.progress = progress
        self.files: dict[int, File] = {}
        self.erased: set[tuple[int, int]] = set()
        self.matched = 0
        self._histories = histories
        self._cases = cases
        self._secrets = secrets
        self._next: CaseRow | None = next(self._cases, None)
        self._begin()
        self._seen: set[tuple[int, int]] = set()
        """Gaps already told of, so that their leaves are not told of again."""

    def _begin(self) -> None:
        """Of the history that comes next nothing is known yet."""
        self._first: Sequence[Column] | None = None
        self._last: Sequence[Column] | None = None
        self._told = len(self.report.damages) + self.report.more
        self._made: dict[str, int] = {}
        self._gone: dict[str, int] = {}

    def walk(self) -> None:
        report = self.report
        current: int | None = None
        row: CaseRow | None = None
        number, expected, trusted, rewritten = "", 1, GENESIS, 0
        for columns, previous, own, leaf, waits in self._histories:
            case, seq = columns[0], columns[1]
            assert isinstance(case, int)  # noqa: S101 - keys are whole numbers on both databases
            assert isinstance(seq, int)  # noqa: S101
            if case != current:
                self._finish(row, current, expected, trusted)
                row = self._take(case)
                self._begin()
                current, expected, trusted, rewritten = case, 1, GENESIS, 0
                number = row[1] if row else ""
            report.steps += 1
            if report.steps % EVERY == 0:
                self.progress(report.steps)
            if seq != expected:
                self._gap(case, number, expected, seq)
                trusted = previous
            expected = seq + 1
            if len(columns) == 2:
                report.found("unreadable", case, number, seq)
                trusted = b""
                continue
            good = link(previous, columns) == own
            if not good:
                self._misfit(case, number, seq, own, leaf)
            elif trusted and previous != trusted:
                report.found("unlinked", case, number, seq)
            if leaf is None:
                report.waiting += waits
                if not waits:
                    report.found("foreign", case, number, seq)
            else:
                self.matched += 1
                if good and leaf != own:
                    if not rewritten:
                        report.found("rewritten", case, number, seq)
                    rewritten += 1
            self._last = columns
            if seq == 1:
                self._first = columns
            form, ops = columns[FORM], columns[OPS]
            # Of a million steps most have neither; in a damaged one anything may stand.
            private = (type(form) is str and '"~"' in form) or (type(ops) is str and '"~"' in ops)
            if private or columns[KIND] in LOOKED:
                self._look_into(case, seq, columns)
            # A step that was changed by hand is followed by what followed it before.
            trusted = own if good or leaf is None else leaf
        self._finish(row, current, expected, trusted)
        while self._next is not None:
            self._empty(self._next)
            self._next = next(self._cases, None)
        if self._secrets is not None:
            self._secrets.rest()
        self._sealed_and_gone()

    def _look_into(self, case: int, seq: int, columns: Sequence[Column]) -> None:
        for text in (columns[FORM], columns[OPS]):
            for named in COMMITMENT.findall(text) if isinstance(text, str) else ():
                self._made.setdefault(named, seq)
        if columns[KIND] == "attach":
            self._attached(case, columns)
        elif columns[TRIGGER] == "erase" and columns[KIND] == "admin":
            self._erased(case, columns)

    def _take(self, case: int) -> CaseRow | None:
        """The row of a case; rows before it have no history."""
        while self._next is not None and self._next[0] < case:
            self._empty(self._next)
            self._next = next(self._cases, None)
        if self._next is None or self._next[0] != case:
            return None
        found = self._next
        self._next = next(self._cases, None)
        return found

    def _empty(self, row: CaseRow) -> None:
        self.report.cases += 1
        self.report.found("case_empty", row[0], row[1], steps=row[3])

    def _finish(self, row: CaseRow | None, case: int | None, expected: int, trusted: bytes) -> None:
        """At the end of a history: is it the one its case speaks of?"""
        if case is None:
            return
        self.report.cases += 1
        last = expected - 1
        if row is None:
            self.report.found("case_gone", case, steps=last)
        elif row[3] > last:
            self._seen.update((case, seq) for seq in range(expected, min(row[3], expected + 1000) + 1))
            self.report.found("cut", case, row[1], expected, until=row[3])
        elif row[3] < last:
            self.report.found("surplus", case, row[1], row[3] + 1, until=last)
        elif row[4] != trusted and trusted:
            self.report.found("head", case, row[1], last)
        whole = row is not None and self._told == len(self.report.damages) + self.report.more
        if whole and row is not None and (others := self._otherwise(row)):
            self.report.found("row", case, row.number, what=", ".join(others))
        if self._secrets is not None:
            self._secrets.of(case, row.number if row else "", self._made, self._gone, whole=whole)

    def _otherwise(self, row: CaseRow) -> list[str]:
        """What a case's row says otherwise than its whole history."""
        first, last = self._first, self._last
        assert first is not None  # noqa: S101 - a whole history has a first step
        assert last is not None  # noqa: S101
        told = _opening(first[OPS]).get
        said = (
            told("number"), told("kind"), told("definition"), told("customer"), told("parent"), first[EFFECTIVE],
            last[STATE], last[VERSION], last[RECORDED],
        )  # fmt: skip
        held = (row.number, row.kind, row.definition, row.customer, row.parent, row.opened, row.state, row.version,
                row.updated)  # fmt: skip
        return [] if said == held else [name for name, one, two in zip(TOLD, said, held, strict=True) if one != two]

    def _gap(self, case: int, number: str, expected: int, seq: int) -> None:
        if seq < expected:
            self.report.found("foreign", case, number, seq)
            return
        self._seen.update((case, missing) for missing in range(expected, min(seq, expected + 1000)))
        self.report.found("missing", case, number, expected, until=seq - 1)

    def _misfit(self, case: int, number: str, seq: int, own: bytes, leaf: bytes | None) -> None:
        """The columns do not give the hash: it was changed, or it is another step of the log under this number."""
        if leaf != own and len(self.report.damages) < 100:
            other = walk.sealed_as(self.connection, own)
            if other is not None:
                there = log.step_hash(self.connection, *other)
                kind = "doubled" if there is not None and there[1] == own and other != (case, seq) else "moved"
                self.report.found(kind, case, number, seq, case_before=other[0], seq_before=other[1])
                return
        self.report.found("altered", case, number, seq)

    def _attached(self, case: int, columns: Sequence[Column]) -> None:
        try:
            for op, body in json.loads(str(columns[OPS])):
                if op == "file":
                    said = (body["name"], body["type"], body["size"], body["sha256"])
                    self.files[int(body["id"])] = (case, *said, columns[EFFECTIVE], columns[ACTOR])
        except UNFIT:
            # Somebody wrote into it: the step's own hash says so already.
            return

    def _erased(self, case: int, columns: Sequence[Column]) -> None:
        try:
            for op, body in json.loads(str(columns[OPS])):
                if op == "record":
                    self.erased.update((case, int(file)) for file in body.get("files", ()))
                    self._gone.update((str(named), int(str(columns[EFFECTIVE]))) for named in body["erased"])
        except UNFIT:
            # As above.
            return

    def _sealed_and_gone(self) -> None:
        """What the log holds and no history does."""
        if self.report.leaves != self.matched:
            self._each_gone()
        for case, seq in walk.lost(self.connection, 1000):
            self.report.found("waiting_gone", case, seq=seq)

    def _each_gone(self) -> None:
        told: set[int] = set()
        for case, seq, position in walk.gone(self.connection, 10_000):
            if (case, seq) not in self._seen and case not in told:
                told.add(case)
                self.report.found("leaf_gone", case, seq=seq, position=position)


def _opening(ops: object) -> dict[str, Any]:
    """What the first fact of a history says of its case; nothing where it is no such fact."""
    if not isinstance(ops, str) or not ops.startswith(OPENING):
        return {}
    try:
        found = _decoder.raw_decode(ops, len(OPENING))[0]
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
