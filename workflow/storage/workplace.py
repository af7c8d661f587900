"""What people arrange for themselves, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, insert, or_, select, update

from workflow.storage.queries.paging import AnyRow
from workflow.storage.tables import cases, tasks
from workflow.storage.workplace_tables import drafts, feeds, snoozes, views, watches

VIEW = (views.c.id, views.c.owner_id, views.c.name, views.c.list, views.c.query, views.c.unit_id, views.c.pinned)


def views_for(connection: Connection, person: int, units: Iterable[int]) -> Sequence[AnyRow]:
    """A person's own views, and those shared with one of some units; pinned ones first, then by name."""
    shared = views.c.unit_id.in_(sorted(units))
    query = select(*VIEW).where(or_(views.c.owner_id == person, shared))
    return connection.execute(query.order_by(views.c.pinned.desc(), views.c.name, views.c.id)).all()


def view(connection: Connection, number: int) -> AnyRow | None:
    return connection.execute(select(*VIEW).where(views.c.id == number)).one_or_none()


def keep_view(
    connection: Connection, *, owner: int, name: str, of: str, query: str, unit: int | None, pinned: bool, at: datetime
) -> None:
    """Keep a view; one of the same name and owner is replaced."""
    values = {"list": of, "query": query, "unit_id": unit, "pinned": pinned}
    mine = and_(views.c.owner_id == owner, views.c.name == name)
    if not connection.execute(update(views).where(mine).values(**values)).rowcount:
        connection.execute(insert(views).values(owner_id=owner, name=name, created=at, **values))


def drop_view(connection: Connection, number: int, owner: int) -> bool:
    """Whether there was one of this owner."""
    return bool(connection.execute(delete(views).where(views.c.id == number, views.c.owner_id == owner)).rowcount)


def watch(connection: Connection, person: int, case: int, at: datetime) -> None:
    known = select(watches.c.case_id).where(watches.c.person_id == person, watches.c.case_id == case)
    if connection.execute(known).first() is None:
        connection.execute(insert(watches).values(person_id=person, case_id=case, since=at))


def unwatch(connection: Connection, person: int, case: int) -> None:
    connection.execute(delete(watches).where(watches.c.person_id == person, watches.c.case_id == case))


def watched(person: int) -> Select[tuple[int]]:
    return select(watches.c.case_id).where(watches.c.person_id == person)


def only_watched(listed: Select[Any], person: int) -> Select[Any]:
    """Of some cases those a person follows: few, so they come first and the cases are looked up."""
    mine = and_(watches.c.case_id == cases.c.id, watches.c.person_id == person)
    return listed.join(watches, mine)


def is_watched(connection: Connection, person: int, case: int) -> bool:
    return connection.execute(watched(person).where(watches.c.case_id == case)).first() is not None


def snooze(connection: Connection, person: int, case: int, no: int, until: datetime | None) -> None:
    """Put a task off until a moment; None: not any more."""
    mine = and_(snoozes.c.person_id == person, snoozes.c.case_id == case, snoozes.c.no == no)
    connection.execute(delete(snoozes).where(mine))
    if until is not None:
        connection.execute(insert(snoozes).values(person_id=person, case_id=case, no=no, until=until))


def keep_draft(
    connection: Connection, *, person: int, case: int, place: str, seq: int, form: str, at: datetime
) -> None:
    mine = and_(drafts.c.person_id == person, drafts.c.case_id == case, drafts.c.place == place)
    if not connection.execute(update(drafts).where(mine).values(seq=seq, form=form, saved=at)).rowcount:
        connection.execute(
            insert(drafts).values(person_id=person, case_id=case, place=place, seq=seq, form=form, saved=at)
        )


def drafts_of(connection: Connection, person: int, case: int) -> Sequence[AnyRow]:
    query = select(drafts.c.place, drafts.c.seq, drafts.c.form, drafts.c.saved)
    return connection.execute(query.where(drafts.c.person_id == person, drafts.c.case_id == case)).all()


def drop_drafts(connection: Connection, person: int, case: int, place: str) -> None:
    mine = and_(drafts.c.person_id == person, drafts.c.case_id == case, drafts.c.place == place)
    connection.execute(delete(drafts).where(mine))


def set_feed(connection: Connection, person: int, token: bytes | None, at: datetime) -> None:
    """Give a person's feed a new address, by the SHA-256 of its secret; None takes it back."""
    connection.execute(delete(feeds).where(feeds.c.person_id == person))
    if token is not None:
        connection.execute(insert(feeds).values(person_id=person, token=token, created=at))


def feed_of(connection: Connection, token: bytes) -> int | None:
    """Whose feed has this address; None when there is none any more."""
    found: int | None = connection.scalar(select(feeds.c.person_id).where(feeds.c.token == token))
    return found


def feed_since(connection: Connection, person: int) -> datetime | None:
    """Since when the person has a feed."""
    found: datetime | None = connection.scalar(select(feeds.c.created).where(feeds.c.person_id == person))
    return found


def sweep(connection: Connection, *, drafts_before: datetime) -> int:
    """Remove drafts nobody came back to, and what was put off and is done; how many rows."""
    gone = ~select(tasks.c.no).where(tasks.c.case_id == snoozes.c.case_id, tasks.c.no == snoozes.c.no).exists()
    old = connection.execute(delete(drafts).where(drafts.c.saved < drafts_before)).rowcount
    return old + connection.execute(delete(snoozes).where(gone)).rowcount
