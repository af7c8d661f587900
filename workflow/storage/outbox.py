"""From the outbox to the channels: one dispatch for each message and each way it leaves the house."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, literal_column, or_, select, update

from workflow.storage import tables as t
from workflow.storage.queries.cases import CUSTOMER, WITH_CUSTOMER

ROUTING = 5_162_073
"""The number of the lock on PostgreSQL; any number that nobody else takes."""

WAITING = t.outbox.c.state == literal_column("'waiting'")
"""Written out: with a parameter neither database is sure to use the index of the waiting ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A message nobody has routed yet. `person` None: to nobody of the house, so there is no address either."""

    id: int
    case: int
    person: int | None
    kind: str
    unit: int | None
    created: datetime
    email: str | None
    mail: str | None
    mail_hours: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One way of one message.

    `channel`: mail, webhook or robot; `target`: a person's id, or the name of a webhook or a robot.
    """

    message: Waiting
    channel: str
    target: str
    due: datetime


def any_waiting(connection: Connection) -> bool:
    """Whether there is anything to route: a plain read, so that an idle tick writes nothing."""
    return connection.scalar(select(t.outbox.c.id).where(WAITING).limit(1)) is not None


def waiting(connection: Connection, limit: int) -> list[Waiting]:
    """The oldest messages not routed yet, or none while somebody else is routing.

    One routes at a time: with two, a later message of a case could be on its way before an earlier one.
    """
    if connection.dialect.name == "postgresql" and not connection.scalar(
        select(func.pg_try_advisory_xact_lock(ROUTING))
    ):
        return []
    o, p = t.outbox.c, t.persons.c
    query = (
        select(o.id, o.case_id, o.person_id, o.kind, t.cases.c.unit_id, o.created, p.email, p.mail, p.mail_hours)
        .select_from(
            t.outbox.join(t.cases, t.cases.c.id == o.case_id).outerjoin(t.persons, (p.id == o.person_id) & p.active)
        )
        .where(WAITING)
        .order_by(o.id)
        .limit(limit)
    )
    return [
        Waiting(
            id=row.id,
            case=row.case_id,
            person=row.person_id,
            kind=row.kind,
            unit=row.unit_id,
            created=row.created,
            email=row.email,
            mail=row.mail,
            mail_hours=row.mail_hours,
        )
        for row in connection.execute(query)
    ]


def route(connection: Connection, messages: Sequence[Waiting], routes: Sequence[Route]) -> None:
    """Keep the routes of these messages; those without any are marked `skipped`."""
    if routes:
        values = [
            {
                "outbox_id": one.message.id,
                "channel": one.channel,
                "target": one.target,
                "case_id": one.message.case,
                "created": one.message.created,
                "due": one.due,
            }
            for one in routes
        ]
        connection.execute(insert(t.dispatches), values)
    routed = {one.message.id for one in routes}
    for state, ids in (("routed", routed), ("skipped", {one.id for one in messages} - routed)):
        if ids:
            connection.execute(update(t.outbox).where(t.outbox.c.id.in_(sorted(ids))).values(state=state))


def contents(connection: Connection, messages: Iterable[int]) -> list[Any]:
    """What messages say and what they are about, the oldest first."""
    o, c, p = t.outbox.c, t.cases.c, t.persons.c
    query = (
        select(
            o.id, o.case_id, o.seq, o.n, o.kind, o.body, o.created, c.number, c.definition, c.version, p.login,
            *CUSTOMER,
        )
        .select_from(t.outbox.join(WITH_CUSTOMER, c.id == o.case_id).outerjoin(t.persons, p.id == o.person_id))
        .where(o.id.in_(list(messages)))
        .order_by(o.id)
    )  # fmt: skip
    return list(connection.execute(query))


def recipient(connection: Connection, target: str) -> Any:
    """The person with this id: address, names, language and hours; None for one who is not to get e-mail."""
    p = t.persons.c
    query = select(p.id, p.email, p.name_zh, p.name_en, p.language, p.mail, p.mail_hours)
    wants = or_(p.mail.is_(None), p.mail != "none")
    return connection.execute(query.where(p.id == int(target), p.active, p.email != "", wants)).one_or_none()
