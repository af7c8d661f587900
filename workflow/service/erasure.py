"""The door's part about erasing personal data: a step says so, the history stays whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from workflow.core import erasing
from workflow.core.case import is_id
from workflow.core.codec import case_from
from workflow.core.errors import CaseNotFound, PersonNotFound
from workflow.core.step import Actor
from workflow.service import written
from workflow.service.organisation import BOOK, Organisation
from workflow.service.unit import Unit
from workflow.storage import erasing as stored
from workflow.storage import organisation, phones, proof
from workflow.storage.queries import history


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasable:
    """What would go of a record, without what it says. `definition`: a lifecycle's, or `@customer`.

    `values`: field → how many; `files`: the size of each attachment; `drafts`: forms begun and not sent;
    `erased`: values that are gone already; `steps`: of its history, which stay; `cases`: id and number of the cases
    about a customer that hold something as well.
    """

    record: int
    number: str
    kind: str
    definition: str
    version: int
    values: Mapping[str, int]
    files: tuple[int, ...]
    drafts: int
    erased: int
    steps: int
    cases: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasablePerson:
    """What would go of a person of the house. `values`: field → how many in the record; `beside`: kept now."""

    person: int
    values: Mapping[str, int]
    beside: tuple[str, ...]


class Erasure(Organisation):
    """Administrators erase; the system (the command line) may as well."""

    def erasable(self, named: str, *, actor: Actor) -> Erasable:
        """What `erase` would take of a case or a customer, by number or id. Raises `CaseNotFound`, `Refused`."""
        with self._looking(actor) as work:
            record = proof.find(work.connection, named)
            kept = None if record in (None, BOOK) else proof.kept(work.connection, record or 0)
            if kept is None:
                raise CaseNotFound(case=named)
            case = case_from(kept.body)
            steps = [history.step(row) for row in history.rows(work.connection, kept.id)]
            found, there = erasing.commitments(steps), stored.kept(work.connection, kept.id)
            return Erasable(
                record=kept.id,
                number=kept.number,
                kind=kept.kind,
                definition=case.definition,
                version=case.version,
                values=Counter(field for digest, field in found.items() if digest in there),
                files=tuple(stored.files(work.connection, kept.id)),
                drafts=stored.drafts(work.connection, kept.id),
                erased=len(found.keys() - there),
                steps=len(steps),
                cases=tuple(stored.about(work.connection, kept.id) if kept.kind == "customer" else ()),
            )

    def erasable_person(self, login: str, *, actor: Actor) -> ErasablePerson:
        """What `erase_person` would take. Raises `PersonNotFound`, `Refused`."""
        with self._looking(actor) as work:
            person = next((one for one in work.directory.persons.values() if one.login == login.lower()), None)
            if person is None:
                raise PersonNotFound(person=login)
            steps = [history.step(row) for row in history.rows(work.connection, BOOK)]
            found, there = erasing.commitments(steps, person=person.id), stored.kept(work.connection, BOOK)
            row = organisation.contact(work.connection, person.id)
            return ErasablePerson(
                person=person.id,
                values=Counter(field for digest, field in found.items() if digest in there),
                beside=tuple(name for name in ("email", "phone") if getattr(row, name)),
            )

    def erase(
        self,
        record: int,
        *,
        actor: Actor,
        reason: str,
        fields: Collection[str] | None = None,
        at: datetime | None = None,
    ) -> int:
        """Erase the personal values of a case or a customer, of the fields named or all; how many there were.

        Without fields the content of its attachments goes as well, and what was typed into its forms and not sent.
        Raises `CaseNotFound`, `TextEmpty`, `Refused`.
        """
        return self._erase(record, actor=actor, reason=reason, fields=fields, person=None, at=at)

    def erase_person(self, person: int, *, actor: Actor, reason: str, at: datetime | None = None) -> int:
        """Erase what the organisation's record holds of a person beside the name, which says who did what.

        Raises `PersonNotFound`, `TextEmpty`, `Refused`.
        """
        return self._erase(BOOK, actor=actor, reason=reason, fields=None, person=person, at=at)

    def settle(self) -> bool:
        """Let what was erased leave the database's file as well; False while others are in the way."""
        return stored.settle(self.database)

    def _erase(
        self,
        record: int,
        *,
        actor: Actor,
        reason: str,
        fields: Collection[str] | None,
        person: int | None,
        at: datetime | None,
    ) -> int:
        now = at or self.clock()
        about = record if is_id(record) else None
        with self._refusing(actor, about, "erase", now):
            with self._unit() as work:
                if person is not None:
                    self._locked(work)
                loaded = work.store.load(record)
                now = max(now, loaded.case.written or now)
                self._administrator(work, actor, now)
                if person is None and record == BOOK:
                    raise CaseNotFound(case=record)
                if person is not None and work.directory.person(person) is None:
                    raise PersonNotFound(person=person)
                why = written.text("reason", reason)
                steps = [history.step(row) for row in history.rows(work.connection, record)]
                found = erasing.commitments(steps, fields=fields, person=person)
                gone = stored.erase(work.connection, record, found.keys(), now)
                if any(found[digest] == "contacts" for digest in gone):
                    phones.keep(work.connection, record, ())
                files = []
                if person is None and fields is None:
                    files = stored.erase_files(work.connection, record)
                    stored.erase_drafts(work.connection, record)
                if person is not None:
                    stored.erase_person(work.connection, person)
                decision = erasing.erased(
                    loaded.case, gone, reason=why, actor=actor, at=now, person=person, files=files
                )
                work.take(loaded, decision)
                work.flush()
            return len(gone) + len(files)

    @contextmanager
    def _looking(self, actor: Actor) -> Iterator[Unit]:
        """A unit in which an administrator looks and nothing is written. Raises `Refused`."""
        now = self.clock()
        with self._refusing(actor, None, "erase", now), self.database.reading() as connection:
            work = Unit(connection, self.library, self.directories, self.carrying)
            self._administrator(work, actor, now)
            yield work
