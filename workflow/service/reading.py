"""How the door reads: one reading unit, one reader, pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from workflow.core.directory import Directory
from workflow.core.errors import NotASubstitute, PersonNotFound
from workflow.core.step import SYSTEM, Actor
from workflow.service.base import Base
from workflow.service.shown import Beside, Shown
from workflow.service.views.lists import Filters, Page
from workflow.service.views.tasks import TaskRow
from workflow.storage import housekeeping
from workflow.storage.queries import cases as cases_query
from workflow.storage.queries import tasks as tasks_query
from workflow.storage.queries.paging import AnyRow, Key, counted, cursor, cut, place
from workflow.storage.queries.reader import Reader

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Select

Row = TypeVar("Row")
MOST = 200
"""Rows on a page at most, whatever is asked for."""


class Reading(Base):
    """What the reading methods of the door stand on."""

    @contextmanager
    def _read(self, actor: Actor) -> Iterator[tuple[Connection, Shown]]:
        """A reading unit, and the views of one reader. Raises PersonNotFound, NotASubstitute."""
        with self.database.reading() as connection:
            reader = self._reader(self._directory(connection), actor)
            yield connection, Shown(reader, cache(lambda: housekeeping.outages(connection)))

    def _directory(self, connection: Connection) -> Directory:
        return self.directories.seen(connection)

    def _reader(self, directory: Directory, actor: Actor) -> Reader:
        at = self.clock()
        # By identity: an actor without a person that somebody else made by mistake sees nothing.
        if actor is SYSTEM:
            return Reader(directory, at, None, everything=True)
        if actor.person is None:
            return Reader(directory, at, None)
        person = directory.person(actor.person)
        if person is None or not person.active:
            raise PersonNotFound(person=actor.person)
        if actor.behalf is None:
            return Reader.of(directory, (person.id, *directory.substituting(person.id, at)), at=at)
        if not directory.stands_in(person.id, actor.behalf, at):
            raise NotASubstitute(person=actor.behalf)
        return Reader.of(directory, (actor.behalf,), at=at)

    def _beside(self, connection: Connection, ids: Iterable[int]) -> Beside:
        ids = set(ids)
        return Beside(
            cases_query.levels(connection, ids),
            cases_query.nearest(connection, ids),
            cases_query.assignees(connection, ids),
        )

    def _paged(
        self,
        connection: Connection,
        query: Select[Any],
        page: Callable[..., Select[Any]],
        *,
        like: Key,
        key: Callable[[AnyRow], Key],
        shown: Callable[[Sequence[AnyRow]], Iterable[Row]],
        after: str | None,
        limit: int,
    ) -> Page[Row]:
        """A page of a query. `page` puts order, place and limit on it; `like` is what its keys look like."""
        limit = max(1, min(limit, MOST))
        start = place(after, like=like)
        rows, more = cut(connection.execute(page(query, start, limit=limit + 1)).all(), limit)
        whole = start is None and not more
        count, exact = (len(rows), True) if whole else counted(connection, query)
        return Page(tuple(shown(rows)), cursor(key(rows[-1])) if more else None, count, exact)

    def _tasks(
        self,
        connection: Connection,
        shown: Shown,
        lists: Sequence[ColumnElement[bool]],
        *,
        filters: Filters | None,
        after: str | None,
        limit: int,
        others: bool = False,
        put_off: bool = False,
    ) -> Page[TaskRow]:
        """A page over lists of tasks. `others`: with who else works on each case; `put_off`: with until when."""
        limit = max(1, min(limit, MOST))
        key = place(after, like=tasks_query.FIRST)
        found = tasks_query.page(connection, lists, shown.reader, wanted=filters, key=key, limit=limit + 1)
        rows, more = cut(found, limit)
        whole = key is None and not more
        count, exact = (
            (len(rows), True) if whole else tasks_query.count(connection, lists, shown.reader, wanted=filters)
        )
        ids = {row.case_id for row in rows}
        people = cases_query.assignees(connection, ids) if others else {}
        later = tasks_query.put_off_until(connection, shown.reader, ids) if put_off else {}
        return Page(
            tuple(
                shown.task(row, others=people.get(row.case_id, ()), until=later.get((row.case_id, row.no)))
                for row in rows
            ),
            cursor(tasks_query.key_of(rows[-1])) if more else None,
            count,
            exact,
        )
