"""Every list of the product as it stood at a past moment, answered by the same questions as today's.

The lists' tables are made again as of the moment, in a file that is thrown away: what was not written to since is taken
as it is, everything else is folded from its history. Then the door's own reads are asked of it, at that moment.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from threading import Lock
from weakref import finalize

from workflow.audit.archive import StoredArchive
from workflow.audit.organisation import Organisations
from workflow.core.case import Case
from workflow.core.directory import Directory
from workflow.core.errors import DefinitionUnknown
from workflow.core.replay import apply
from workflow.core.step import SYSTEM, Actor, Step
from workflow.definitions.library import Library
from workflow.service.board import Board
from workflow.service.door import Workflow
from workflow.service.organisation import BOOK
from workflow.service.reads import Reads
from workflow.service.views.lists import Page
from workflow.service.views.names import PersonName
from workflow.service.views.tasks import TaskRow
from workflow.storage import rows
from workflow.storage.database import Database
from workflow.storage.queries import tasks
from workflow.storage.queries.reader import Reader, closed_to
from workflow.storage.shadow import Shadow, copy_still, moved

KEPT = 4
"""Moments that are held at a time."""

Eyes = Callable[[Actor], Reader]


@dataclass(frozen=True, slots=True)
class Load:
    """Somebody's open tasks, and those of them past due."""

    person: PersonName
    tasks: int
    overdue: int


class Then(Board, Reads):
    """The reading half of the door at a moment. `eyes`: who may see what; None: as it was then."""

    def __init__(
        self, shadow: Database, library: Library, *, at: datetime, directory: Directory, eyes: Eyes | None = None
    ) -> None:
        super().__init__(shadow, library, clock=lambda: at)
        self.at = at
        self._then = directory
        self._eyes = eyes

    def directory(self) -> Directory:
        """The organisation as it was."""
        return self._then

    def seen_by(self, eyes: Eyes) -> Then:
        """The same moment for readers whose reach is somebody else's to say."""
        return Then(self.database, self.library, at=self.at, directory=self._then, eyes=eyes)

    def tasks_of(
        self, person: int | None, reader: Actor, *, after: str | None = None, limit: int = 50
    ) -> Page[TaskRow]:  # fmt: skip
        """What somebody had to do, the first due first; everybody's when `person` is None."""
        with self._read(reader) as (connection, shown):
            lists = tasks.held_by(shown.reader, person)
            return self._tasks(connection, shown, lists, filters=None, after=after, limit=limit)

    def load(self, reader: Actor) -> list[Load]:
        """How many tasks everybody had, the most first."""
        with self._read(reader) as (connection, shown):
            found = [(shown.person(row.person), row) for row in tasks.load(connection, shown.reader)]
            return [Load(person, row.tasks, int(row.overdue)) for person, row in found if person is not None]

    def _directory(self, connection: object) -> Directory:
        return self._then

    def _reader(self, directory: Directory, actor: Actor) -> Reader:
        return super()._reader(directory, actor) if self._eyes is None else self._eyes(actor)


class Moments:
    """Past moments, each made when it is first asked for and held for the next question."""

    def __init__(self, door: Workflow) -> None:
        self._door = door
        self._lock = Lock()
        self._held: OrderedDict[datetime, tuple[Then, Path]] = OrderedDict()
        self._end = finalize(self, _throw_away, self._held)

    def at(self, at: datetime) -> Then:
        """The moment, as those saw it who read then; one that is still to come is now."""
        at = min(at, self._door.clock())
        with self._lock:
            found = self._held.get(at)
            if found is None:
                found = self._held[at] = self._made(at)
                while len(self._held) > KEPT:
                    _throw_away(dict([self._held.popitem(last=False)]))
            self._held.move_to_end(at)
            return found[0]

    def for_reader(self, at: datetime) -> Then:
        """The moment for readers of today: what they may see now, as it stood then."""
        then = self.at(at)
        now, directory = self._door.clock(), then.directory()

        def eyes(actor: Actor) -> Reader:
            if actor is SYSTEM:
                return Reader(directory, then.at, None, everything=True)
            today = self._door.directory()
            persons = (actor.person, *today.substituting(actor.person, now)) if actor.person is not None else ()
            reader = Reader.of(today, persons, at=now)
            # A file that was made confidential since is not to be read as it was before.
            with self._door.database.reading() as connection:
                closed = closed_to(connection, reader)
            return replace(reader, directory=directory, at=then.at, closed=closed)

        return then.seen_by(eyes)

    def close(self) -> None:
        """Throw the files away."""
        with self._lock:
            _throw_away(self._held)
            self._held.clear()

    def _made(self, at: datetime) -> tuple[Then, Path]:
        door = self._door
        folder = Path(mkdtemp(prefix="baton-then-"))
        path = folder / "then.db"
        make(door.database, door.library, at=at, path=path)
        archive = StoredArchive(door.database, door.library)
        organisations = Organisations(step for step in archive.steps(BOOK) if step.recorded <= at)
        return Then(Database(f"sqlite:///{path}"), door.library, at=at, directory=organisations.last()), folder


def _throw_away(held: Mapping[datetime, tuple[Then, Path]]) -> None:
    for then, folder in held.values():
        then.database.dispose()
        rmtree(folder, ignore_errors=True)


def make(database: Database, library: Library, *, at: datetime, path: Path) -> None:
    """Fill a file with the lists' tables as of a moment. Memory stays the same however many cases there are."""
    shadow = Shadow(path, named={one.name for one in library.versions.values() if one.named_by is not None})
    with database.reading() as connection:
        copy_still(connection, shadow, at)
        for histories in moved(connection, at):
            for steps in histories:
                _fold(shadow, library, steps)
            shadow.write()
    shadow.close()


def _fold(shadow: Shadow, library: Library, steps: list[Step]) -> None:
    case: Case | None = None
    ended: dict[object, rows.Row] = {}
    for step in steps:
        before, case = case, apply(case, step)
        if before is not None and before.escalations is not case.escalations:
            ended.update({row[1]: row for row in rows.ended_escalations(before, case, (step,))})
    if case is not None:
        shadow.put_case(case, _phase(library, case))
        shadow.put_ended(ended.values())


def _phase(library: Library, case: Case) -> str:
    if case.kind != "case":
        return ""
    definition = library.versions.get((case.definition, case.version))
    if definition is None:
        raise DefinitionUnknown(definition=f"{case.definition} {case.version}")
    return definition.states[case.state].phase
