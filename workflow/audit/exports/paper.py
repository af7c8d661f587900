"""A case as people read it on paper: what stands there, before it is HTML or PDF."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from workflow.audit.exports.rows import typed
from workflow.audit.exports.wording import Wording
from workflow.messages import story
from workflow.messages.catalogue import find
from workflow.service.courses import StoredCase
from workflow.service.views.steps import StepRow

Pair = tuple[str, str]
LATE = 60
"""Seconds between taking effect and being recorded from which on both are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A step: its number, when, the sentence, and what was filled in."""

    seq: int
    at: str
    recorded: str
    sentence: str
    values: Sequence[Pair]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    heading: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`words`: the small ones a page needs, by key. Empty parts are left out where it is made."""

    language: str
    number: str
    title: str
    lead: str
    facts: Sequence[Pair]
    values: Sequence[Pair]
    tables: Sequence[Table]
    steps: Sequence[Told]
    proof: Sequence[str]
    words: dict[str, str]


def report(stored: StoredCase, wording: Wording, *, seal: tuple[str, int, int] | None) -> Report:
    """`seal`: origin and size of the log, and how many steps are sealed; None: none."""
    language = wording.language

    def word(key: str, **facts: Any) -> str:
        return find(language, "paper", key, facts) or key

    row = stored.view.row
    return Report(
        language=language,
        number=row.number,
        title=word("title", number=row.number),
        lead=word("lead"),
        facts=list(_facts(stored, wording, word("opener"))),
        values=list(_values(stored, wording)),
        tables=[one for one in _tables(stored, wording, word) if one.rows],
        steps=[_told(stored, step, wording) for step in stored.history],
        proof=list(_proof(stored, seal, word)),
        words={key: word(key) for key in ("facts", "values", "history", "proof", "moment", "recorded", "told")}
        | {"seq": wording.word("seq"), "zone": wording.word("zone", zone=str(wording.zone))},
    )


def _facts(stored: StoredCase, wording: Wording, opener: str) -> Iterator[Pair]:
    row = stored.view.row
    found = {
        "lifecycle": f"{wording.lifecycle(row)} · {wording.word('version')} {row.version}",
        "state": wording.state(row, row.state, row.version),
        "phase": wording.phase(row),
        "customer": f"{wording.name(row.customer)} · {row.customer.number}" if row.customer else "",
        "unit": wording.name(row.unit),
        "opened": moment(row.opened, wording),
        "closed": "" if row.closed is None else moment(row.closed, wording),
    }
    for name, text in found.items():
        if text:
            yield wording.word(name), text
    if stored.view.opener is not None:
        yield opener, wording.name(stored.view.opener)
    yield wording.word("steps"), str(len(stored.steps))


def _values(stored: StoredCase, wording: Wording) -> Iterator[Pair]:
    row = stored.view.row
    rules = wording.definition(row.definition, row.version)
    held = stored.view.data if stored.open else stored.view.case.data
    for name, value in held.items():
        if value not in (None, "", []):
            field = rules.fields.get(name) if rules else None
            text = _text(typed(field, value, wording) if field else wording.plain(value), wording)
            yield begun(wording.field(row, name)), text


def _tables(stored: StoredCase, wording: Wording, word: Any) -> Iterator[Table]:
    view = stored.view
    yield Table(
        heading=word("attachments"),
        columns=(word("file"), word("size"), word("digest")),
        rows=[
            (
                one.name if stored.open and not one.erased else f"{one.name} ({word('absent')})",
                f"{one.size:,}",
                one.sha256,
            )
            for one in view.files
        ],
    )
    linked = [(wording.names(one.definition, one.version).lifecycle(wording.language) or one.definition, one.number)
              for one in view.links]  # fmt: skip
    if view.parent is not None:
        linked.append((word("parent"), view.parent.number))
    yield Table(heading=word("linked"), columns=(wording.word("lifecycle"), wording.word("number")), rows=linked)
    yield Table(
        heading=word("rules"),
        columns=(wording.word("lifecycle"), wording.word("version"), word("digest")),
        rows=[
            (wording.names(name, version).lifecycle(wording.language) or name, str(version), text_hash)
            for name, version, text_hash, _ in stored.texts
        ],
    )


def _told(stored: StoredCase, step: StepRow, wording: Wording) -> Told:
    row = stored.view.row
    rules = wording.definition(row.definition, step.version)
    names = wording.names(row.definition, step.version)
    late = (step.recorded - step.effective).total_seconds() >= LATE
    values = []
    for name, value in step.form.items():
        if value not in (None, "", []):
            field = rules.fields.get(name) if rules else None
            text = _text(typed(field, value, wording) if field else wording.plain(value), wording)
            values.append((begun(wording.field(row, name)), text))
    return Told(
        seq=step.seq,
        at=moment(step.effective, wording),
        recorded=moment(step.recorded, wording) if late else "",
        sentence=story(step, wording.language, names=names),
        values=values,
    )


def _proof(stored: StoredCase, seal: tuple[str, int, int] | None, word: Any) -> Iterator[str]:
    head = stored.steps[-1]["hash"]
    yield word("head", hash=head.hex() if isinstance(head, bytes) else head)
    if seal is None:
        yield word("unsealed")
    else:
        origin, size, last = seal
        yield word("sealed", last=last, origin=origin, size=size)
        if last < len(stored.steps):
            yield word("partly", next=last + 1)
    yield word("verify")


def begun(label: str) -> str:
    """A label as it stands at the beginning of a line."""
    return label[:1].upper() + label[1:]


def moment(at: datetime, wording: Wording) -> str:
    return f"{at.astimezone(wording.zone):%Y-%m-%d %H:%M:%S}"


def _text(cell: Any, wording: Wording) -> str:
    match cell:
        case None:
            return "—"
        case bool():
            return wording.word("yes" if cell else "no")
        case datetime():
            return f"{cell:%Y-%m-%d %H:%M:%S}"
        case date():
            return cell.isoformat()
        case Decimal():
            return f"{cell:,.2f}"
    return str(cell)
