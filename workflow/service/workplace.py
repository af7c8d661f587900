"""What people arrange for themselves: views, what they follow or put off, drafts, feeds.

None of it changes a case, so none of it leaves a step: it is theirs alone, as the choice of a language is.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from workflow.core.case import is_id
from workflow.core.errors import CaseNotFound, FormInvalid, NotPermitted, TaskNotFound, UnitNotFound
from workflow.core.moments import micros
from workflow.core.step import Actor
from workflow.service.organisation import BOOK
from workflow.service.reads import Reads
from workflow.service.views.cases import CaseRow
from workflow.service.views.lists import Filters, Page
from workflow.service.views.tasks import TaskRow
from workflow.service.workplace_views import Count, DoneRow, Draft, SavedView
from workflow.storage import workplace
from workflow.storage.queries import cases, counting, finished, tasks
from workflow.storage.queries.reader import Reader

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select

    from workflow.service.shown import Shown

MOST_NAME = 60
"""Letters of a view's name."""

MOST_DRAFT = 200_000
"""Letters of a draft."""

LONGEST_SNOOZE = timedelta(days=92)


TASKS: Mapping[str, Callable[[Reader], list[ColumnElement[bool]]]] = {
    "mine": tasks.inboxes,
    "queue": tasks.queues,
    "later": tasks.later,
    "delegated": tasks.delegated,
}
COUNTED = (*TASKS, "watched", "cases")
"""The lists that are counted."""


class Workplace(Reads):
    """The part of the door that is each person's own."""

    def delegated(
        self,
        reader: Actor,
        *,
        filters: Filters | None = None,
        after: str | None = None,
        limit: int = 50,
        others: bool = False,
    ) -> Page[TaskRow]:
        """What others do for the reader and will give back; the first due first."""
        with self._read(reader) as (connection, shown):
            lists = tasks.delegated(shown.reader)
            return self._tasks(connection, shown, lists, filters=filters, after=after, limit=limit, others=others)

    def put_off(
        self,
        reader: Actor,
        *,
        filters: Filters | None = None,
        after: str | None = None,
        limit: int = 50,
        others: bool = False,
    ) -> Page[TaskRow]:
        """What the reader wants to see later; the first due first."""
        with self._read(reader) as (connection, shown):
            lists = tasks.later(shown.reader)
            return self._tasks(
                connection, shown, lists, filters=filters, after=after, limit=limit, others=others, put_off=True
            )

    def finished(
        self, reader: Actor, *, filters: Filters | None = None, after: str | None = None, limit: int = 50
    ) -> Page[DoneRow]:
        """What the reader has done, the last first."""
        with self._read(reader) as (connection, shown):
            return self._paged(
                connection,
                finished.listed(shown.reader, filters),
                finished.newest,
                like=(0, 0, 0),
                key=lambda row: (micros(row.recorded), row.case_id, row.seq),
                shown=lambda rows: [_done(row, shown) for row in rows],
                after=after,
                limit=limit,
            )

    def watched(
        self, reader: Actor, *, filters: Filters | None = None, after: str | None = None, limit: int = 50
    ) -> Page[CaseRow]:
        """The cases the reader follows and may (still) see, what changed last first."""
        with self._read(reader) as (connection, shown):
            return self._paged(
                connection,
                workplace.only_watched(cases.listed(shown.reader, filters), shown.reader.person or 0),
                cases.newest,
                like=(0, 0),
                key=lambda row: (micros(row.updated), row.id),
                shown=lambda rows: self._case_rows(connection, shown, rows),
                after=after,
                limit=limit,
            )

    def counts(self, reader: Actor, wanted: Mapping[str, tuple[str, Filters]]) -> dict[str, Count]:
        """How many rows some lists have: by a name of the caller's, the list (`mine`, `queue`, `later`, `delegated`,
        `watched`, `cases`) and what it is narrowed to. An unknown list is left out."""
        with self._read(reader) as (connection, shown):
            known = {name: one for name, one in wanted.items() if one[0] in COUNTED}
            asked = {name: _question(shown.reader, of, filters, name) for name, (of, filters) in known.items()}
            moments = {"at": shown.reader.at}
            moments |= {name: filters.due_before for name, (_, filters) in known.items() if filters.due_before}
            return {name: Count(*found) for name, found in counting.counts(connection, asked, moments).items()}

    def views(self, reader: Actor) -> list[SavedView]:
        """The reader's own views and those shared with their units; pinned ones first, then by name."""
        with self._read(reader) as (connection, shown):
            found = workplace.views_for(connection, shown.reader.person or 0, self._heard_in(shown))
            return [
                SavedView(
                    id=row.id,
                    owner=shown.person(row.owner_id),
                    name=row.name,
                    list=row.list,
                    query=row.query,
                    unit=shown.unit(row.unit_id),
                    pinned=bool(row.pinned),
                    mine=row.owner_id == shown.reader.person,
                )
                for row in found
            ]

    def save_view(
        self, name: str, *, of: str, query: str, actor: Actor, unit: int | None = None, pinned: bool = False
    ) -> None:
        """Keep a list as it is narrowed; one of the same name is replaced. `unit`: share it with this unit and those
        below, which who answers for the unit may. Raises FormInvalid, UnitNotFound, NotPermitted."""
        name = " ".join(name.split())[:MOST_NAME]
        if not name:
            raise FormInvalid(fields={"name": [["missing", {}]]})
        with self._read(actor) as (_, shown):
            person = shown.reader.person
            if person is None:
                raise NotPermitted(action="save_view")
            if unit is not None and shown.unit(unit) is None:
                raise UnitNotFound(unit=unit)
            if unit is not None and unit not in shown.reader.overseen:
                raise NotPermitted(action="share_view")
        with self.database.writing() as connection:
            workplace.keep_view(
                connection, owner=person, name=name, of=of, query=query, unit=unit, pinned=pinned, at=self.clock()
            )

    def drop_view(self, view: int, *, actor: Actor) -> bool:
        """Remove one of one's own views; whether there was one."""
        with self.database.writing() as connection:
            return is_id(view) and workplace.drop_view(connection, view, actor.person or 0)

    def watch(self, case: int, *, actor: Actor) -> None:
        """Follow a case one may see. Raises CaseNotFound."""
        self._must_see(case, actor)
        with self.database.writing() as connection:
            workplace.watch(connection, actor.person or 0, case, self.clock())

    def unwatch(self, case: int, *, actor: Actor) -> None:
        if not is_id(case):
            return
        with self.database.writing() as connection:
            workplace.unwatch(connection, actor.person or 0, case)

    def snooze(self, case: int, task: int, *, until: datetime | None, actor: Actor) -> None:
        """See an open task of a case again at `until`, 92 days from now at most; None: now. Its clocks go on, and once
        overdue it is in sight again. Raises CaseNotFound, TaskNotFound, FormInvalid."""
        self._must_see(case, actor)
        now = self.clock()
        if until is not None and not now < until <= now + LONGEST_SNOOZE:
            raise FormInvalid(fields={"until": [["moment", {}]]})
        with self.database.writing() as connection:
            if task not in {row.no for row in tasks.of_case(connection, case)}:
                raise TaskNotFound(case=case, task=task)
            workplace.snooze(connection, actor.person or 0, case, task, until)

    def keep_draft(self, case: int, place: str, *, seq: int, form: Mapping[str, Sequence[str]], actor: Actor) -> bool:
        """Keep what was typed into a form of a case one may see, or, with the organisation's record, into one about
        nobody. Of one in which nothing stands nothing is kept, nor what was before: gives whether it was.

        Raises CaseNotFound, FormInvalid when too long."""
        if case != BOOK:
            self._must_see(case, actor)
        if not any(text.strip() for texts in form.values() for text in texts):
            self.drop_draft(case, place, actor=actor)
            return False
        text = json.dumps(dict(form), ensure_ascii=False)
        if len(text) > MOST_DRAFT:
            raise FormInvalid(fields={"form": [["longer", {"most": MOST_DRAFT}]]})
        with self.database.writing() as connection:
            workplace.keep_draft(
                connection,
                person=actor.person or 0,
                case=case,
                place=place[:MOST_NAME],
                seq=seq,
                form=text,
                at=self.clock(),
            )
        return True

    def drafts(self, case: int, reader: Actor) -> dict[str, Draft]:
        """The reader's unsent forms of a case, by place."""
        if not is_id(case):
            return {}
        with self.database.reading() as connection:
            found = workplace.drafts_of(connection, reader.person or 0, case)
        return {row.place: Draft(row.place, row.seq, json.loads(row.form), row.saved) for row in found}

    def drop_draft(self, case: int, place: str, *, actor: Actor) -> None:
        if not is_id(case):
            return
        with self.database.writing() as connection:
            workplace.drop_drafts(connection, actor.person or 0, case, place[:MOST_NAME])

    def open_feed(self, *, actor: Actor) -> str:
        """A new secret address for the person's calendar feed; an older one no longer works. Told once: only its
        SHA-256 is kept."""
        token = secrets.token_urlsafe(32)
        with self.database.writing() as connection:
            workplace.set_feed(connection, actor.person or 0, sha256(token.encode()).digest(), self.clock())
        return token

    def close_feed(self, *, actor: Actor) -> None:
        with self.database.writing() as connection:
            workplace.set_feed(connection, actor.person or 0, None, self.clock())

    def feed_since(self, reader: Actor) -> datetime | None:
        """Since when the reader has a feed; None without one."""
        with self.database.reading() as connection:
            return workplace.feed_since(connection, reader.person or 0)

    def fed(self, token: str) -> Actor | None:
        """Who the feed with this secret address belongs to; None when it was taken back or never was."""
        with self.database.reading() as connection:
            person = workplace.feed_of(connection, sha256(token.encode("utf-8", "replace")).digest())
        return None if person is None else Actor(person)

    def _must_see(self, case: int, actor: Actor) -> None:
        """Raises CaseNotFound unless the actor may see the case."""
        if not is_id(case):
            raise CaseNotFound(case=case)
        with self._read(actor) as (connection, shown):
            if cases.one(connection, case, shown.reader) is None:
                raise CaseNotFound(case=case)

    def _heard_in(self, shown: Shown) -> set[int]:
        """The units whose shared views reach the reader: those they hold a role in, and the ones above."""
        directory, reader = shown.reader.directory, shown.reader
        held = directory.roles_of(reader.person, reader.at) if reader.person is not None else {}
        return {above for unit in held for above in directory.above(unit)}


def _question(reader: Reader, of: str, filters: Filters, name: str) -> counting.Question:
    """How many rows one of COUNTED has. What it is narrowed to by a moment is told as `name`."""
    units = None if filters.unit is None else reader.directory.below(filters.unit)
    timed = filters.due_before is not None

    def ask(moment: Callable[[str], Any]) -> Select[Any]:
        then = replace(reader, at=moment("at"))
        narrower = replace(filters, due_before=moment(name)) if timed else filters
        if of in ("cases", "watched"):
            found = cases.listed(then, narrower).with_only_columns(cases.CASE[0])
            return found if of == "cases" else workplace.only_watched(found, reader.person or 0)
        return tasks.anyhow(TASKS[of](then), then, narrower)

    key = (of, reader.scope, replace(filters, due_before=None), timed and name, units)
    return counting.Question(key, ask)


def _done(row: Any, shown: Shown) -> DoneRow:
    return DoneRow(
        case=row.case_id,
        seq=row.seq,
        number=row.number,
        definition=row.definition,
        version=row.version,
        trigger=row.trigger,
        at=row.recorded,
        from_state=row.from_state,
        to_state=row.to_state,
        state=row.state,
        closed=row.closed,
        customer=shown.customer(row),
        behalf=shown.person(row.behalf_id),
    )
