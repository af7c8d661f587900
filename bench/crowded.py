"""A full house: a hundred thousand open tasks and a million steps. A few hundred cases are lived through by the
engine; the others are copies of their rows under other numbers, with the due times spread as in a house at work.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, Connection, Table, insert, select, type_coerce

from bench import office
from workflow import Actor
from workflow.storage import housekeeping
from workflow.storage.database import Database
from workflow.storage.tables import cases, clocks, escalations, participants, steps, tasks, timers

LIVED = 200
"""Cases lived through."""

TALK = 5
"""Comments on each, which with opening, dispatching and what clocks do make about ten steps."""

EVERY = 4
"""One in so many of the copies is overdue."""

HOUR = 3_600_000_000
"""In microseconds, as moments are kept."""

DISTANCE = 1_000_000
"""Between the number of a case and that of its copy."""

COPIED = (steps, tasks, clocks, timers, participants)


def fill(database: Database, copies: int) -> None:
    """The organisation, LIVED cases, and so many copies of each."""
    live(database, office.found(database))
    with database.writing() as connection:
        for turn in range(1, copies + 1):
            copy(connection, turn)
    with database.writing() as connection:
        # As the broom does in a house that has grown to this.
        housekeeping.learn(connection)


def live(database: Database, made: office.Office) -> None:
    """Half were opened three days ago and have escalated since, half a few hours ago."""
    now = datetime.now(UTC).replace(microsecond=0)
    for since in (timedelta(days=3), timedelta(hours=3)):
        door = office.door(database, now - since)
        opened = []
        with door.batch() as batch:
            for n in range(LIVED // 2):
                case = office.open_one(batch, made, n)
                opened.append((case.id, made.customers[n % len(made.customers)]))
                for line in range(TALK):
                    batch.comment(
                        case.id, f"第{line + 1}次联系客户，说明进展。", actor=Actor(made.manager(opened[-1][1]))
                    )
                batch.rest()
        for one in opened:
            for command in office.commands(made, [one])[:2]:
                command.do(door)
    door = office.door(database, now)
    while door.fire_due().timers:
        pass


def copy(connection: Connection, turn: int) -> None:
    """Each lived case once more, with everything that belongs to it; what one in EVERY copies keeps of being overdue,
    the others have before them.
    """
    lived = cases.c.id < DISTANCE, cases.c.kind == "case"
    late = turn % EVERY == 0
    ahead = 0 if late else turn * HOUR + 4 * 24 * HOUR
    _insert(
        connection,
        cases,
        {
            "id": cases.c.id + turn * DISTANCE,
            "number": cases.c.number + f"-{turn}",
            "updated": type_coerce(cases.c.updated, BigInteger) - turn * 1_000_003,
        },
        *lived,
    )
    ids = select(cases.c.id).where(*lived)
    for table in (*COPIED, escalations) if late else COPIED:
        moved: dict[str, ColumnElement[object]] = {"case_id": table.c.case_id + turn * DISTANCE}
        if table in (tasks, clocks):
            moved["due"] = type_coerce(table.c.due, BigInteger) + ahead
        _insert(connection, table, moved, table.c.case_id.in_(ids))


def _insert(
    connection: Connection, table: Table, moved: dict[str, ColumnElement[object]], *where: ColumnElement[bool]
) -> None:
    columns = [type_coerce(moved.get(column.name, column), column.type).label(column.name) for column in table.columns]
    connection.execute(
        insert(table).from_select([column.name for column in table.columns], select(*columns).where(*where))
    )
