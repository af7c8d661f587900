"""The tables of the organisation beside its record: who holds which role is what decides who may do what.

Lists and rights are read from rows that every change writes together with its step; whoever writes a row alone makes
themselves a director, and no history is touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from workflow.audit.log.damage import Report
from workflow.core.errors import UNFIT
from workflow.core.personal import reveal
from workflow.core.step import Step
from workflow.service.organisation import BOOK
from workflow.storage import beside, organisation
from workflow.storage.queries import past

if TYPE_CHECKING:
    from sqlalchemy import Connection

WAITED = timedelta(minutes=10)
"""How much earlier than its step a role may have ended: the clock was read before the record was waited for."""

Row = dict[str, Any]
Said = dict[str, dict[int, Row]]
"""Kind of row → its id → what the record says of it."""


def compare(connection: Connection, report: Report) -> None:
    """Units, persons, roles, absences, calendars, wordings; and that the kept text of a lifecycle is the one named."""
    steps = past.many(connection, [BOOK])[BOOK]
    secrets = past.secrets(connection, [BOOK])[BOOK]
    values = {name: value for name, (_, value) in secrets.items()}
    said: Said = {kind: {} for kind in organisation.TABLES}
    worded: dict[int, tuple[str, Any]] = {}
    dated: dict[tuple[str, int], str | None] = {}
    for step in steps:
        try:
            _read(said, step)
            if "wording" in step.form:
                worded[step.seq] = step.form["wording"], step.form["texts"]
            if step.trigger == "add_calendar":
                dated[str(step.form["calendar"]), int(step.form["version"])] = step.form.get("sha256")
        except UNFIT:
            # What cannot be followed any more is told as a row, and by its hash where somebody wrote into it.
            report.found("house", BOOK, seq=step.seq, table="steps", row=step.seq)
            return
    for kind, table in organisation.TABLES.items():
        there = beside.rows(connection, table)
        for row in sorted(there.keys() | said[kind].keys()):
            if row not in there or row not in said[kind] or not _fits(there[row], said[kind][row], values):
                report.found("house", BOOK, table=table.name, row=row)
    _wordings(connection, report, worded)
    _calendars(connection, report, dated)
    for name, version, known, text in beside.definitions(connection):
        if sha256(text.encode()).hexdigest() != known:
            report.found("house", table="definitions", row=f"{name} {version}")


def _read(said: Said, step: Step) -> None:
    """Let one step of the record have happened."""
    verb, _, kind = step.trigger.partition("_")
    form = step.form
    if step.trigger == "revoke":
        for row in said["membership"].values():
            same = all(row[name] == form[name] for name in ("person_id", "unit_id", "role"))
            until = None if row.get("until") is None else datetime.fromisoformat(row["until"])
            if (
                same
                and datetime.fromisoformat(row["since"]) <= step.effective
                and (not until or step.effective < until)
            ):
                row |= {"until": step.effective.isoformat(), "waited": WAITED}
    elif step.trigger == "set_calendar":
        said["unit"][form["id"]]["calendar"] = form["calendar"]
    elif kind in said and verb == "add":
        said[kind][int(form["id"])] = dict(form)
    elif kind in said and verb == "change":
        said[kind][form["id"]] |= form


def _fits(there: Mapping[str, Any], said: Row, values: Mapping[str, str | None]) -> bool:
    try:
        return all(_same(held, said, name, values) for name, held in there.items())
    except UNFIT:
        # Somebody wrote into the record: it says nothing of which this could be a row.
        return False


def _same(held: Any, said: Row, name: str, values: Mapping[str, str | None]) -> bool:
    told = reveal(said.get(name, True if name == "active" else None), values)
    if isinstance(held, datetime):
        at = _moment(told)
        return at is not None and (_until(held, at, said) if name == "until" else held == at)
    # A reason that was erased is none.
    return bool(held == told or (held == "" and told is None))


def _until(held: datetime, at: datetime, said: Row) -> bool:
    return bool(at - said.get("waited", timedelta(0)) <= held <= at)


def _moment(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except (ValueError, TypeError):
        return None


def _wordings(connection: Connection, report: Report, said: Mapping[int, tuple[str, Any]]) -> None:
    there = beside.wordings(connection)
    for seq in sorted(said.keys() | there.keys()):
        if said.get(seq) != there.get(seq):
            report.found("house", BOOK, seq=seq, table="wordings", row=seq)


def _calendars(connection: Connection, report: Report, said: Mapping[tuple[str, int], str | None]) -> None:
    """The first version of each comes from a file; each later one is a step, which says of what text. Earlier steps do
    not say it."""
    there = beside.calendars(connection)
    first = {name: min(version for one, version in there if one == name) for name, _ in there}
    for one in sorted(there.keys() | said.keys()):
        name, version = one
        if one not in there or one not in said:
            fits = one in there and version == first[name]
        else:
            fits = said[one] is None or said[one] == sha256(there[one].encode()).hexdigest()
        if not fits:
            report.found("house", BOOK, table="calendars", row=f"{name} {version}")
