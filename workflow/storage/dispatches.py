"""What is still to be sent: leased to one deliverer, then gone, put off, or given up into an incident.

Nothing is sent inside a transaction. A lease says until when nobody else may send the same; whoever dies with
one has it sent again by another, with the same key.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, insert, or_, select, update

from workflow.core.codec import dumps
from workflow.storage import tables as t
from workflow.storage.errors import StorageError
from workflow.storage.housekeeping import AT_ONCE

MOST = 1000
"""Messages in one bundle; the rest comes in the next."""

LOOKED_AT = 20

ROBOT = 5_162
"""The first number of the locks of robots on PostgreSQL; any that nobody else takes."""


class DispatchTaken(StorageError):
    """Somebody else was quicker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """What one deliverer sends as one message. `ids` are dispatches, `messages` those of the outbox.

    `bundle` is the first of the messages: the key of what is sent. `attempts`: how often it was tried before.
    """

    channel: str
    target: str
    ids: tuple[int, ...]
    messages: tuple[int, ...]
    bundle: int
    attempts: int
    created: datetime
    until: datetime
    by: str
    incidents: frozenset[int]


def lease_mail(connection: Connection, *, at: datetime, until: datetime, by: str, early: timedelta) -> Lease | None:
    """All that waits for one person, or exactly the bundle that may have been sent before; None: nothing is due.

    Messages that become due within `early` come along. Raises DispatchTaken.
    """
    d = t.dispatches.c
    mine = and_(d.channel == "mail", d.state == "waiting", _free(at))
    people = select(d.target).where(mine, d.due <= at).group_by(d.target).order_by(func.min(d.due)).limit(LOOKED_AT)
    for person in connection.scalars(people).all():
        # The person's row is the lock of the mailbox, or two deliverers would make two bundles of one.
        lock = select(t.persons.c.id).where(t.persons.c.id == int(person))
        if connection.scalar(lock.with_for_update(skip_locked=True, key_share=True)) is None:
            continue
        if rows := _bundle(connection, mine & (d.target == person), at=at, early=early):
            return _leased(connection, rows, at=at, until=until, by=by)
    return None


def lease_robot(
    connection: Connection, *, at: datetime, until: datetime, by: str, early: timedelta, targets: Collection[str]
) -> Lease | None:
    """All that waits for one of the robots, as `lease_mail` does for a person. Raises DispatchTaken."""
    d = t.dispatches.c
    mine = and_(d.channel == "robot", d.target.in_(list(targets)), d.state == "waiting", _free(at))
    names = select(d.target).where(mine, d.due <= at).group_by(d.target).order_by(func.min(d.due)).limit(LOOKED_AT)
    for name in connection.scalars(names).all():
        # A robot has no row to lock.
        if connection.dialect.name == "postgresql" and not connection.scalar(
            select(func.pg_try_advisory_xact_lock(ROBOT, func.hashtext(name)))
        ):
            continue
        if rows := _bundle(connection, mine & (d.target == name), at=at, early=early):
            return _leased(connection, rows, at=at, until=until, by=by)
    return None


def _bundle(connection: Connection, due: ColumnElement[bool], *, at: datetime, early: timedelta) -> Sequence[Any]:
    """What goes out as one message: exactly what may have been sent before, or all that is new."""
    d = t.dispatches.c
    rows = connection.execute(select(t.dispatches).where(due, d.due <= at).order_by(d.outbox_id)).all()
    sent_before = next((row.bundle for row in rows if row.bundle is not None), None)
    chosen = (d.due <= at + early) & d.bundle.is_(None) if sent_before is None else d.bundle == sent_before
    return connection.execute(select(t.dispatches).where(due, chosen).order_by(d.outbox_id).limit(MOST)).all()


def lease_webhook(
    connection: Connection, *, at: datetime, until: datetime, by: str, targets: Collection[str]
) -> Lease | None:
    """The next message for one of the targets: of each case the first, so that its order is kept."""
    d, before = t.dispatches.c, t.dispatches.alias("earlier")
    e = before.c
    earlier = exists().where(
        e.channel == d.channel,
        e.target == d.target,
        e.case_id == d.case_id,
        e.state == "waiting",
        e.outbox_id < d.outbox_id,
    )
    query = (
        select(t.dispatches)
        .where(d.channel == "webhook", d.target.in_(list(targets)), d.state == "waiting", d.due <= at, _free(at))
        .where(~earlier)
        .order_by(d.due, d.outbox_id)
        .limit(1)
        .with_for_update(skip_locked=True, of=t.dispatches)
    )
    rows = connection.execute(query).all()
    return _leased(connection, rows, at=at, until=until, by=by) if rows else None


def sent(connection: Connection, lease: Lease, at: datetime) -> None:
    """It has left the house; the incidents of what was given up before are over with the last of it."""
    connection.execute(delete(t.dispatches).where(_held(lease)))
    settle(connection, lease.incidents, at)


def put_off(connection: Connection, lease: Lease, *, due: datetime, unsure: bool) -> None:
    """Try again later. `unsure`: it may have arrived, so it is sent again exactly as it was."""
    values: dict[str, Any] = {"attempts": t.dispatches.c.attempts + 1, "due": due, "lease": None, "leased_by": None}
    if not unsure:
        values["bundle"] = None
    connection.execute(update(t.dispatches).where(_held(lease)).values(**values))


def give_up(connection: Connection, lease: Lease, incident: int) -> None:
    """Leave it until a person asks for another try."""
    values = {"state": "given_up", "lease": None, "leased_by": None, "incident_id": incident}
    connection.execute(update(t.dispatches).where(_held(lease)).values(attempts=t.dispatches.c.attempts + 1, **values))


def retry(connection: Connection, incident: int, at: datetime) -> int:
    """Let what was given up into an incident be sent now; how many messages."""
    mine = (t.dispatches.c.incident_id == incident) & (t.dispatches.c.state == "given_up")
    return connection.execute(update(t.dispatches).where(mine).values(state="waiting", attempts=0, due=at)).rowcount


def settle(connection: Connection, incidents: Collection[int], at: datetime) -> None:
    """Close those of the incidents nothing waits for any more."""
    d, i = t.dispatches.c, t.incidents.c
    if incidents:
        left = exists().where(d.incident_id == i.id)
        mine = i.id.in_(sorted(incidents)) & i.resolved.is_(None) & ~left
        connection.execute(update(t.incidents).where(mine).values(resolved=at))


def unwanted(
    connection: Connection, *, mail: bool, webhooks: Collection[str], robots: Collection[str], at: datetime
) -> bool:
    """Whether something waits for a channel that is no longer set up."""
    return connection.scalar(select(t.dispatches.c.id).where(_off(mail, webhooks, robots, at)).limit(1)) is not None


def drop_unwanted(
    connection: Connection, *, mail: bool, webhooks: Collection[str], robots: Collection[str], at: datetime
) -> int:
    """Take out, at most `AT_ONCE`, what waits for a channel that is no longer set up, and put that on record."""
    d = t.dispatches.c
    rows = connection.execute(select(t.dispatches).where(_off(mail, webhooks, robots, at)).limit(AT_ONCE)).all()
    for row in rows:
        record(
            connection,
            key=str(row.outbox_id),
            channel=row.channel,
            recipient=row.target,
            person=None,
            messages=(row.outbox_id,),
            created=row.created,
            at=at,
            outcome="dropped",
            detail="the channel is no longer set up",
        )
    connection.execute(delete(t.dispatches).where(d.id.in_([row.id for row in rows])))
    settle(connection, {row.incident_id for row in rows if row.incident_id is not None}, at)
    return len(rows)


def record(
    connection: Connection,
    *,
    key: str,
    channel: str,
    recipient: str,
    person: int | None,
    messages: Sequence[int],
    created: datetime,
    at: datetime,
    outcome: str,
    detail: str = "",
) -> None:
    """What became of a try to send: sent, failed, given_up or dropped."""
    connection.execute(
        insert(t.deliveries).values(
            key=key,
            channel=channel,
            recipient=recipient,
            person_id=person,
            messages=dumps(list(messages)),
            created=created,
            at=at,
            outcome=outcome,
            detail=detail,
        )
    )


def incident(connection: Connection, subject: str, detail: str, at: datetime) -> int:
    """Raise or renew the incident about a channel or one recipient; its id."""
    i = t.incidents.c
    open_one = (i.kind == "message") & (i.subject == subject) & i.resolved.is_(None)
    known: int | None = connection.scalar(select(i.id).where(open_one))
    fault = dumps({"fault": detail})
    if known is not None:
        connection.execute(update(t.incidents).where(i.id == known).values(last=at, times=i.times + 1, detail=fault))
        return known
    values = {"kind": "message", "subject": subject, "detail": fault, "raised": at, "last": at}
    return int(connection.execute(insert(t.incidents).values(**values).returning(i.id)).scalar_one())


def _free(at: datetime) -> ColumnElement[bool]:
    """Nobody is sending it, or whoever was has been gone for too long."""
    return or_(t.dispatches.c.lease.is_(None), t.dispatches.c.lease <= at)


def _held(lease: Lease) -> ColumnElement[bool]:
    """Still ours: not when the lease ran out and somebody else took it."""
    d = t.dispatches.c
    return and_(d.id.in_(lease.ids), d.leased_by == lease.by, d.lease == lease.until)


def _off(mail: bool, webhooks: Collection[str], robots: Collection[str], at: datetime) -> ColumnElement[bool]:
    d = t.dispatches.c
    gone = or_(
        (d.channel == "webhook") & d.target.not_in(list(webhooks)),
        (d.channel == "robot") & d.target.not_in(list(robots)),
    )
    return and_(gone if mail else or_(gone, d.channel == "mail"), _free(at))


def _leased(connection: Connection, rows: Sequence[Any], *, at: datetime, until: datetime, by: str) -> Lease:
    ids = tuple(row.id for row in rows)
    first = min(row.outbox_id for row in rows)
    d = t.dispatches.c
    taking = update(t.dispatches).where(d.id.in_(ids), d.state == "waiting", _free(at))
    if connection.execute(taking.values(lease=until, leased_by=by, bundle=first)).rowcount != len(ids):
        raise DispatchTaken()
    return Lease(
        channel=rows[0].channel,
        target=rows[0].target,
        ids=ids,
        messages=tuple(row.outbox_id for row in rows),
        bundle=first,
        attempts=max(row.attempts for row in rows),
        created=min(row.created for row in rows),
        until=until,
        by=by,
        incidents=frozenset(row.incident_id for row in rows if row.incident_id is not None),
    )
