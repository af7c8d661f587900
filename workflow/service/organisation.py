"""The door's part about units, persons, roles and substitutions. Each change is a step of the organisation's record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow.core import book
from workflow.core.case import is_id
from workflow.core.directory import BUSINESS_ROLES, Directory, Substitution
from workflow.core.errors import (
    CaseNotFound,
    CodeTaken,
    LoginTaken,
    NotPermitted,
    PeriodUnfit,
    PersonNotFound,
    RoleUnknown,
    SubstitutionInvalid,
    SubstitutionNotFound,
    UnitNotFound,
)
from workflow.core.groups import Absence
from workflow.core.step import SYSTEM, Actor
from workflow.service import written
from workflow.service.base import Base
from workflow.service.unit import Unit
from workflow.service.vault import fresh_salt
from workflow.storage import keys, organisation
from workflow.storage.queries import history

BOOK = 1
"""The case that is the organisation's own record."""

UNIT_KINDS = ("province", "city", "county", "branch", "bureau")
LANGUAGES = ("zh", "en")
THEMES = ("light", "dark")
MAIL = ("immediate", "digest", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailChoice:
    """How e-mail comes to a person. `email` None: there is no address; `hours` None: at any time of day."""

    email: str | None
    mail: str
    hours: str | None


Check = Callable[[Unit, datetime], dict[str, Any]]
"""Looks at what is asked for; gives the values to keep, or raises `Refused`."""


class Organisation(Base):
    """Administrators change the organisation; the system (the command line) may as well."""

    def found(self, *, at: datetime | None = None) -> None:
        """Begin the organisation's record, once; a second time nothing happens."""
        now = at or self.clock()
        with self._unit() as work:
            try:
                work.store.load(BOOK)
            except CaseNotFound:
                # The first number is the record's. On PostgreSQL who died here before has used it up, and the record
                # is found by it all the same.
                work.store.new_id()
                decision = book.begin(
                    "organisation",
                    case_id=BOOK,
                    number="BATON",
                    values={},
                    actor=SYSTEM,
                    at=now,
                    salt=fresh_salt,
                    trigger="found",
                )
                work.begin(BOOK, None, decision)
                work.flush()

    def add_unit(
        self,
        code: str,
        *,
        name_zh: str,
        name_en: str,
        kind: str,
        parent: int | None,
        actor: Actor,
        division: str | None = None,
        at: datetime | None = None,
        key: str | None = None,
    ) -> int:
        """A new unit; gives its id. Raises `CodeTaken`, `UnitNotFound`, `Refused`."""

        def check(work: Unit, now: datetime) -> dict[str, Any]:
            values = {
                "code": written.name("code", code, most=40),
                "name_zh": written.name("name_zh", name_zh),
                "name_en": written.name("name_en", name_en),
                "kind": kind,
                "parent_id": parent,
                "division": written.optional("division", division, most=40),
            }
            if kind not in UNIT_KINDS or (parent is not None and work.directory.unit(parent) is None):
                raise UnitNotFound(unit=parent if kind in UNIT_KINDS else kind)
            if any(u.code == values["code"] for u in work.directory.units.values()):
                raise CodeTaken(code=code)
            return values

        payload = [code, name_zh, name_en, kind, parent, division]
        return self._add("unit", actor, at, check, key=key, payload=payload)

    def add_person(
        self,
        login: str,
        *,
        name_zh: str,
        name_en: str,
        actor: Actor,
        email: str | None = None,
        phone: str | None = None,
        language: str | None = None,
        at: datetime | None = None,
        key: str | None = None,
    ) -> int:
        """A new person, without roles or a password; gives the id. Raises `LoginTaken`, `Refused`."""

        def check(work: Unit, now: datetime) -> dict[str, Any]:
            about = {"name_zh": name_zh, "name_en": name_en, "email": email, "phone": phone, "language": language}
            values = {"login": written.name("login", login, most=64).lower(), **_of_a_person(about)}
            if any(p.login == values["login"] for p in work.directory.persons.values()):
                raise LoginTaken(login=login)
            return values

        payload = [login, name_zh, name_en, email, phone, language]
        return self._add("person", actor, at, check, key=key, payload=payload)

    def change_person(
        self, person: int, values: Mapping[str, Any], *, actor: Actor, at: datetime | None = None
    ) -> None:
        """Names, e-mail, phone, language, theme, how and when e-mail comes, or whether active.

        One's own language, theme and ways of getting e-mail are one's own. `mail_hours` names a calendar.
        """
        own = {"language", "theme", "mail", "mail_hours"}

        def check(work: Unit, now: datetime) -> dict[str, Any]:
            if work.directory.person(person) is None:
                raise PersonNotFound(person=person)
            if values.get("mail_hours") not in (None, *self.directories.calendars(self.library)):
                raise NotPermitted(action="change_person")
            return _of_a_person(values)

        mine = actor.person == person and not values.keys() - own
        self._change("person", person, actor, at, check, free=mine)

    def mail_choice(self, reader: Actor) -> MailChoice:
        """How e-mail comes to the reader. Raises `PersonNotFound`."""
        with self.database.reading() as connection:
            found = organisation.mail_choice(connection, reader.person)
        if found is None:
            raise PersonNotFound(person=reader.person)
        return MailChoice(email=found.email, mail=found.mail or MAIL[0], hours=found.mail_hours)

    def grant(
        self,
        person: int,
        unit: int,
        role: str,
        *,
        actor: Actor,
        since: datetime | None = None,
        until: datetime | None = None,
        at: datetime | None = None,
        key: str | None = None,
    ) -> int:
        """Let a person hold a role in a unit; gives the membership's id.

        Raises `RoleUnknown`, `PersonNotFound`, `UnitNotFound`, `PeriodUnfit` where it would end before it begins.
        """
        start = since or at or self.clock()

        def check(work: Unit, now: datetime) -> dict[str, Any]:
            if role not in BUSINESS_ROLES:
                raise RoleUnknown(role=role)
            if work.directory.person(person) is None:
                raise PersonNotFound(person=person)
            if work.directory.unit(unit) is None:
                raise UnitNotFound(unit=unit)
            if until is not None and until <= start:
                raise PeriodUnfit()
            return {"person_id": person, "unit_id": unit, "role": role, "since": start, "until": until}

        payload = [person, unit, role, since, until]
        return self._add("membership", actor, at, check, key=key, payload=payload)

    def revoke(self, person: int, unit: int, role: str, *, actor: Actor, at: datetime | None = None) -> None:
        """End a person's role in a unit; it stays on record that it was held."""
        now = at or self.clock()
        with self._refusing(actor, None, "revoke", now), self._unit() as work:
            self._locked(work)
            self._administrator(work, actor, now)
            if role not in work.directory.roles_of(person, now).get(unit, frozenset()):
                raise RoleUnknown(role=role)
            organisation.end_memberships(work.connection, person, unit, role, at=now)
            values = {"person_id": person, "unit_id": unit, "role": role}
            self._note(work, "revoke", values, actor, now)
            work.flush()

    def substitute(
        self,
        absent: int,
        substitute: int,
        *,
        since: datetime,
        until: datetime,
        reason: str,
        actor: Actor,
        at: datetime | None = None,
        key: str | None = None,
    ) -> int:
        """Somebody stands in for a period: named by oneself, by an overseer, or by an administrator. Gives its id.

        Oneself names a colleague, who holds the same role in the same unit; anybody else is for the others to name.
        Raises `SubstitutionInvalid`, `PersonNotFound`, `NotPermitted`, `Refused`.
        """

        def check(work: Unit, now: datetime) -> dict[str, Any]:
            for person in (absent, substitute):
                found = work.directory.person(person)
                if found is None or not found.active:
                    raise PersonNotFound(person=person)
            if absent == substitute:
                raise SubstitutionInvalid(why="self")
            check_period(since, until, now)
            self._absence(work, absent, actor, now)
            if actor.person == absent and substitute not in work.directory.colleagues(absent, now):
                raise SubstitutionInvalid(why="colleague")
            return {
                "absent_id": absent,
                "substitute_id": substitute,
                "since": since,
                "until": until,
                "reason": written.text("reason", reason, most=500),
            }

        payload = [absent, substitute, since, until, reason]
        return self._add("substitution", actor, at, check, free=True, key=key, payload=payload)

    def end_substitution(
        self, substitution: int, *, actor: Actor, at: datetime | None = None, key: str | None = None
    ) -> None:
        """End a substitution now; raises `SubstitutionNotFound` when it is over already."""
        self._end("substitution", substitution, lambda known: known.substitutions, actor, at, key=key)

    def _end(
        self, kind: str, row: int, held: Callable[[Directory], Iterable[Substitution | Absence]], actor: Actor,
        at: datetime | None, *, key: str | None,
    ) -> None:  # fmt: skip
        """Whoever was away is back now. Raises `SubstitutionNotFound` when that is over already, `NotPermitted`."""
        now = at or self.clock()

        def check(work: Unit, moment: datetime) -> dict[str, Any]:
            found = next((one for one in held(work.directory) if one.id == row), None)
            if found is None or not is_id(row) or found.until <= moment:
                raise SubstitutionNotFound(substitution=row)
            self._absence(work, found.absent, actor, moment)
            return {"until": now}

        self._change(kind, row, actor, now, check, free=True, key=key)

    def _absence(self, work: Unit, absent: int, actor: Actor, now: datetime) -> None:
        if actor.person in (None, absent):
            return
        home = work.directory.home(absent, now)
        administrator = "administrator" in work.directory.role_names(actor.person, now)
        if not administrator and not work.directory.oversees(actor.person, home, now):
            raise NotPermitted(action="substitute")

    def _add(
        self,
        kind: str,
        actor: Actor,
        at: datetime | None,
        check: Check,
        *,
        free: bool = False,
        key: str | None = None,
        payload: Sequence[Any] = (),
    ) -> int:
        """`payload`: what was asked for, the same when a form comes a second time under its `key`."""
        now = at or self.clock()
        with self._refusing(actor, None, f"add_{kind}", now), self._unit() as work:
            known = keys.claim(work.connection, key, [f"add_{kind}", *payload, actor.person, actor.behalf], now)
            if known is not None:
                return int(history.step(history.numbered(work.connection, *known)).form["id"])
            self._locked(work)
            self._check_actor(work, actor, now) if free else self._administrator(work, actor, now)
            values = check(work, now)
            row = organisation.add(work.connection, kind, values)
            seq = self._note(work, f"add_{kind}", {"id": row, **values}, actor, now)
            keys.answer(work.connection, key, BOOK, seq)
            work.flush()
            return row

    def _change(
        self,
        kind: str,
        row: int,
        actor: Actor,
        at: datetime | None,
        check: Check,
        *,
        free: bool,
        key: str | None = None,
    ) -> None:
        """`key`: only for a change that its row says all about."""
        now = at or self.clock()
        with self._refusing(actor, None, f"change_{kind}", now), self._unit() as work:
            if keys.claim(work.connection, key, [f"change_{kind}", row, actor.person, actor.behalf], now) is not None:
                return
            self._locked(work)
            if free:
                self._check_actor(work, actor, now, own=kind == "person")
            else:
                self._administrator(work, actor, now)
            values = check(work, now)
            organisation.change(work.connection, kind, row, values)
            seq = self._note(work, f"change_{kind}", {"id": row, **values}, actor, now)
            keys.answer(work.connection, key, BOOK, seq)
            work.flush()

    def _locked(self, work: Unit) -> None:
        """Lock the record before anything is checked, so that two cannot take the same login, and look at the
        organisation again: who held the lock before may have changed it.
        """
        work.store.load(BOOK)
        work.directory = self.directories.current(work.connection, work.store.directory_version())

    def _administrator(self, work: Unit, actor: Actor, at: datetime) -> None:
        self._check_actor(work, actor, at)
        if actor.person is not None and "administrator" not in work.directory.role_names(actor.principal, at):
            raise NotPermitted(action="administer")

    def _note(self, work: Unit, trigger: str, values: dict[str, Any], actor: Actor, now: datetime) -> int:
        """Write a change down; gives its seq."""
        loaded = work.store.load(BOOK)
        plain = {name: v.isoformat() if isinstance(v, datetime) else v for name, v in values.items()}
        at = max(now, loaded.case.written or now)
        decision = book.note(loaded.case, trigger, values=plain, actor=actor, at=at, recorded=at, salt=fresh_salt)
        return work.take(loaded, decision).seq


def check_period(since: datetime, until: datetime, now: datetime) -> None:
    """Raises `SubstitutionInvalid` for an absence that ends before it begins, or is over."""
    if since >= until:
        raise SubstitutionInvalid(why="order")
    if until <= now:
        raise SubstitutionInvalid(why="past")


def _of_a_person(values: Mapping[str, Any]) -> dict[str, Any]:
    """What may be kept of a person. Raises `TextEmpty`, `TextUnfit`, `NotPermitted`."""
    kept: dict[str, Any] = {}
    for name, value in values.items():
        if name in ("name_zh", "name_en") and isinstance(value, str):
            kept[name] = written.name(name, value)
        elif name in ("email", "phone") and isinstance(value, str | None):
            kept[name] = written.optional(name, value, most=200)
        elif (
            (name == "language" and value in (*LANGUAGES, None))
            or (name == "theme" and value in (*THEMES, None))
            or (name == "mail" and value in (*MAIL, None))
            or (name == "mail_hours" and isinstance(value, str | None))
            or (name == "active" and isinstance(value, bool))
        ):
            kept[name] = value
        else:
            raise NotPermitted(action="change_person")
    return kept
