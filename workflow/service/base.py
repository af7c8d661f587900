"""What every part of the door stands on: a unit, the record of refusals, and the check of who acts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from workflow.core import standing
from workflow.core.carrying import Carrying
from workflow.core.errors import Refused
from workflow.core.step import Actor
from workflow.definitions.library import Library
from workflow.service.directories import Directories
from workflow.service.remembered import Remembered
from workflow.service.tally import Tally
from workflow.service.unit import Unit
from workflow.storage import refusals
from workflow.storage.database import Database

MOST_FILE_BYTES = 20 * 1024 * 1024
HALF_A_MINUTE = timedelta(seconds=30)


def utc_now() -> datetime:
    return datetime.now(UTC)


class Base:
    """`clock` gives the moment of a command that is not told one; only imports and simulations pass `at`.

    `carrying`: what managers carry is judged by what customers spend too; None: by their number alone.
    """

    def __init__(
        self,
        database: Database,
        library: Library,
        *,
        clock: Callable[[], datetime] = utc_now,
        most_file_bytes: int = MOST_FILE_BYTES,
        carrying: Carrying | None = None,
    ) -> None:
        self.database = database
        self.library = library
        self.clock = clock
        self.most_file_bytes = most_file_bytes
        self.carrying = carrying
        self.directories = Directories()
        self.tally = Tally()
        self.remembered = Remembered[Any](lasts=HALF_A_MINUTE)

    def one_moment(self) -> AbstractContextManager[None]:
        """What this thread reads within is one reading, until it writes: for a page that asks several things. Where
        that saves nothing (SQLite), each question is one as ever."""
        return self.database.one_moment()

    @contextmanager
    def _unit(self) -> Iterator[Unit]:
        with self.database.writing() as connection:
            yield Unit(connection, self.library, self.directories, self.carrying)

    @contextmanager
    def _refusing(self, actor: Actor, case: int | None, attempt: str, at: datetime) -> Iterator[None]:
        """Record what the rules refuse, after everything else of the unit is undone."""
        try:
            yield
        except Refused as refused:
            with self.database.writing() as connection:
                refusals.record(connection, refused, actor=actor, case=case, attempt=attempt, at=at)
            raise

    def _check_actor(self, work: Unit, actor: Actor, at: datetime, *, own: bool = False) -> None:
        """As `standing.check_actor`, with the organisation of this unit."""
        standing.check_actor(work.directory, actor, at, own=own)
