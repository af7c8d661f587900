"""The verification that waits or is under way: asked for, begun by one of many schedulers, left by one that died."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, cast

from sqlalchemy import Connection, delete, insert, select, text, update

from workflow.storage import log
from workflow.storage import tables as t
from workflow.storage.verifying_tables import verifying

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

Stage = Literal["waiting", "failed", "steps", "beside", "lists"]
"""waiting: for a scheduler; failed: it waits again, after a fault; the others in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """`asked` None: the night's; `person` None: nobody, or the command line. `began` None: it waits.

    `done` of `whole`: of the steps or the cases of this stage; `whole` 0: that cannot be known.
    """

    asked: datetime | None
    person: int | None
    began: datetime | None = None
    scheduler: str | None = None
    stage: Stage = "waiting"
    done: int = 0
    whole: int = 0


def found(connection: Connection) -> Run | None:
    """The run that waits or is under way; None without one."""
    c = verifying.c
    query = select(c.asked, c.person_id, c.began, c.scheduler, c.stage, c.done, c.whole)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return Run(
        asked=row.asked, person=row.person_id, began=row.began, scheduler=row.scheduler,
        stage=cast(Stage, row.stage), done=row.done, whole=row.whole,
    )  # fmt: skip


def ask(connection: Connection, *, person: int | None, at: datetime) -> bool:
    """Let one wait; whether there was none yet."""
    _lock(connection)
    if found(connection) is not None:
        return False
    connection.execute(insert(verifying).values(no=1, asked=at, person_id=person, stage="waiting", done=0, whole=0))
    return True


def due(connection: Connection, *, scheduler: str, at: datetime, night: datetime | None, silence: timedelta) -> bool:
    """Whether there is anything to begin: a plain read, so that looking writes nothing.

    `night`: since when the last night's run may have begun, None where only what was asked for is looked for.
    """
    run = found(connection)
    if run is not None:
        return not held(connection, run, but=scheduler, at=at, silence=silence)
    return night is not None and not log.verified_between(connection, night, at)


def begin(
    connection: Connection, *, scheduler: str, at: datetime, night: datetime | None, silence: timedelta
) -> Run | None:
    """Begin what is `due`; of many that ask at once, one is told to."""
    _lock(connection)
    if not due(connection, scheduler=scheduler, at=at, night=night, silence=silence):
        return None
    before = found(connection) or Run(asked=None, person=None)
    # Steps in the log and those that wait to be: counting them all would take longer.
    whole = log.size(connection) + log.waiting(connection)
    run = replace(before, began=at, scheduler=scheduler, stage="steps", done=0, whole=whole)
    connection.execute(delete(verifying))
    connection.execute(
        insert(verifying).values(
            no=1, asked=run.asked, person_id=run.person, began=at, scheduler=scheduler, stage="steps", done=0,
            whole=whole,
        )
    )  # fmt: skip
    return run


def held(connection: Connection, run: Run, *, at: datetime, silence: timedelta, but: str | None = None) -> bool:
    """Whether a scheduler other than `but` is at it: one that has given a sign of life for no longer than `silence`,
    and was not started anew since. One that asks is not at it itself."""
    if run.began is None or run.scheduler == but:
        return False
    c = t.heartbeats.c
    # A sign that is still to come was left by a clock that was wrong, or by somebody who wants nothing verified.
    alive = (c.last > at - silence) & (c.last <= at + silence) & (c.started <= run.began)
    query = select(c.scheduler).where(c.scheduler == run.scheduler, alive)
    return connection.scalar(query) is not None


def tell(connection: Connection, run: Run, *, stage: Stage, done: int, whole: int) -> bool:
    """Say how far it is; False when another scheduler has begun it anew."""
    told = update(verifying).where(_same(run)).values(stage=stage, done=done, whole=whole)
    return connection.execute(told).rowcount == 1


def release(connection: Connection, run: Run, *, failed: bool) -> None:
    """Leave it to whoever comes next."""
    stage = "failed" if failed else "waiting"
    values = {"began": None, "scheduler": None, "stage": stage, "done": 0, "whole": 0}
    connection.execute(update(verifying).where(_same(run)).values(values))


def end(connection: Connection, run: Run) -> None:
    """It came to its end. One that another scheduler began anew meanwhile goes on."""
    connection.execute(delete(verifying).where(_same(run)))


def _same(run: Run) -> ColumnElement[bool]:
    return (verifying.c.began == run.began) & (verifying.c.scheduler == run.scheduler)


def _lock(connection: Connection) -> None:
    """Two that ask at once must not both be told that there was none. On SQLite the writing unit is the lock."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE verifying IN SHARE ROW EXCLUSIVE MODE"))
