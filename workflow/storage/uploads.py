"""Files that bring something in: kept as they came, applied in portions, and taken back by what their steps were."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, literal, select, update

from workflow.storage.revenue_tables import upload_steps, uploads

_SHOWN = [column for column in uploads.c if column.name != "content"]


@dataclass(frozen=True, slots=True)
class Upload:
    """`position`: portions applied, of `whole`. `report`: what the check found. `person` None: the command line."""

    id: int
    kind: str
    name: str
    person: int | None
    state: str
    created: datetime
    moved: datetime
    rows: int
    position: int
    whole: int
    report: Mapping[str, Any]


def keep(
    connection: Connection,
    *,
    kind: str,
    name: str,
    content: bytes,
    person: int | None,
    rows: int,
    whole: int,
    report: Mapping[str, Any],
    at: datetime,
) -> int:
    values = {
        "kind": kind, "name": name, "content": content, "person_id": person, "state": "checked", "created": at,
        "moved": at, "rows": rows, "position": 0, "whole": whole, "report": _text(report),
    }  # fmt: skip
    return int(connection.execute(insert(uploads).values(values).returning(uploads.c.id)).scalar_one())


def one(connection: Connection, upload: int, *, lock: bool = False) -> Upload | None:
    """`lock`: until the end of the transaction nobody else applies it or takes it back."""
    query = select(*_SHOWN).where(uploads.c.id == upload)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    return None if row is None else _upload(row)


def latest(connection: Connection, *, limit: int) -> list[Upload]:
    """Without their reports, which name every row that is faulty."""
    columns = [literal("{}").label("report") if column.name == "report" else column for column in _SHOWN]
    return [_upload(row) for row in connection.execute(select(*columns).order_by(uploads.c.id.desc()).limit(limit))]


def content(connection: Connection, upload: int) -> bytes:
    return bytes(connection.execute(select(uploads.c.content).where(uploads.c.id == upload)).scalar_one())


def same(connection: Connection, kind: str, content: bytes) -> int | None:
    """The newest file of the same bytes that was not taken back."""
    c = uploads.c
    query = select(c.id).where(c.kind == kind, c.content == content, c.state != "undone").order_by(c.id.desc())
    return connection.execute(query.limit(1)).scalar_one_or_none()


def move(
    connection: Connection,
    upload: int,
    *,
    state: str,
    position: int,
    at: datetime,
    report: Mapping[str, Any] | None = None,
) -> None:
    """`report`: what there is to say by now, None: as it was."""
    values: dict[str, Any] = {"state": state, "position": position, "moved": at}
    if report is not None:
        values["report"] = _text(report)
    connection.execute(update(uploads).where(uploads.c.id == upload).values(values))


def note(connection: Connection, upload: int, made: Iterable[tuple[int, int]]) -> None:
    """Steps, as case and number, that an upload made."""
    values = [{"upload_id": upload, "case_id": case, "seq": seq} for case, seq in made]
    if values:
        connection.execute(insert(upload_steps), values)


def standing(connection: Connection, upload: int, *, limit: int, after: int = 0) -> list[tuple[int, int]]:
    """Steps of an upload that were not taken back yet, by case, the last of a case first. `after`: of later cases."""
    c = upload_steps.c
    query = select(c.case_id, c.seq).where(c.upload_id == upload, c.undone.is_(None), c.case_id > after)
    return [(row.case_id, row.seq) for row in connection.execute(query.order_by(c.case_id, c.seq.desc()).limit(limit))]


def left(connection: Connection, upload: int) -> int:
    c = upload_steps.c
    return len(connection.execute(select(c.case_id).where(c.upload_id == upload, c.undone.is_(None))).all())


def undone(connection: Connection, upload: int, case: int, seq: int, by: int) -> None:
    """A step was taken back by another of the same case."""
    c = upload_steps.c
    where = (c.upload_id == upload) & (c.case_id == case) & (c.seq == seq)
    connection.execute(update(upload_steps).where(where).values(undone=by))


def taken_back(connection: Connection, cases: Sequence[int]) -> dict[int, frozenset[int]]:
    """Of each case the steps that hold no more, and those that took them back: neither says anything now."""
    c = upload_steps.c
    query = select(c.case_id, c.seq, c.undone).where(c.case_id.in_(cases), c.undone.is_not(None))
    found: dict[int, set[int]] = {}
    for row in connection.execute(query):
        found.setdefault(row.case_id, set()).update((row.seq, row.undone))
    return {case: frozenset(steps) for case, steps in found.items()}


def _upload(row: Row[Any]) -> Upload:
    return Upload(
        id=row.id, kind=row.kind, name=row.name, person=row.person_id, state=row.state, created=row.created,
        moved=row.moved, rows=row.rows, position=row.position, whole=row.whole, report=json.loads(row.report),
    )  # fmt: skip


def _text(report: Mapping[str, Any]) -> str:
    return json.dumps(report, ensure_ascii=False, separators=(",", ":"))
