"""Signing in: passwords, tries and sessions in the database; `passwords` and `throttle` say what is good enough."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, func, select, update

from workflow.core.errors import PasswordWeak, PersonNotFound, SignInRefused, SignInThrottled
from workflow.people import passwords, throttle, tokens
from workflow.storage.database import Database
from workflow.storage.tables import credentials, persons, sessions, sign_ins

SEEN_EVERY = timedelta(minutes=1)
"""How exactly `seen` is kept: not every page is worth a transaction."""

MARK = 16
"""Hex digits of a token's digest that name a session to its owner."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who a session belongs to. `must_change`: a new password comes first."""

    person: int
    must_change: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One place somebody is signed in at. `mark` names it without opening it; `mine`: this very one."""

    mark: str
    created: datetime
    seen: datetime
    expires: datetime
    agent: str
    address: str
    mine: bool


class Accounts:
    """Passwords and sessions. `lasts`: a session's longest life; `idle`: how long it lives unused."""

    def __init__(
        self,
        database: Database,
        *,
        limits: throttle.Limits = throttle.Limits(),  # noqa: B008 - a value that never changes
        lasts: timedelta = timedelta(days=14),
        idle: timedelta = timedelta(hours=2),
    ) -> None:
        self._database = database
        self._limits = limits
        self._lasts = lasts
        self._idle = idle

    def sign_in(self, login: str, password: str, *, address: str, agent: str, at: datetime) -> str:
        """The secret of a new session. Raises `SignInThrottled`, and `SignInRefused` without saying which was wrong."""
        name = _plain(login, most=100).casefold()
        with self._database.writing() as connection:
            this = self._tried(connection, login=name, address=address, at=at)
            found = connection.execute(
                select(persons.c.id, credentials.c.password)
                .join(credentials, credentials.c.person_id == persons.c.id)
                .where(func.lower(persons.c.login) == name, persons.c.active)
            ).one_or_none()
        if not passwords.verified(found.password if found else None, password) or found is None:
            raise SignInRefused()
        token = tokens.new_token()
        with self._database.writing() as connection:
            _succeeded(connection, this)
            if passwords.outdated(found.password):
                connection.execute(
                    update(credentials)
                    .where(credentials.c.person_id == found.id)
                    .values(password=passwords.hashed(password))
                )
            connection.execute(
                sessions.insert().values(
                    token=token.digest,
                    person_id=found.id,
                    created=at,
                    seen=at,
                    expires=at + self._lasts,
                    agent=_plain(agent, most=200),
                    address=address,
                )
            )
        return token.secret

    def session(self, secret: str, at: datetime) -> SignedIn | None:
        """Whose session it is; None for one that is unknown, ended, too old or too long unused."""
        digest = tokens.digest(secret)
        with self._database.reading() as connection:
            row = connection.execute(
                select(sessions.c.person_id, sessions.c.seen, credentials.c.must_change)
                .join(persons, persons.c.id == sessions.c.person_id)
                .outerjoin(credentials, credentials.c.person_id == sessions.c.person_id)
                .where(
                    sessions.c.token == digest,
                    sessions.c.revoked.is_(None),
                    sessions.c.expires > at,
                    sessions.c.seen > at - self._idle,
                    persons.c.active,
                )
            ).one_or_none()
        if row is None:
            return None
        if at - row.seen >= SEEN_EVERY:
            with self._database.writing() as connection:
                connection.execute(
                    update(sessions).where(sessions.c.token == digest, sessions.c.seen < at).values(seen=at)
                )
        return SignedIn(row.person_id, bool(row.must_change))

    def sessions_of(self, person: int, at: datetime, *, secret: str = "") -> tuple[Session, ...]:
        """Where a person is signed in, last seen first. `secret`: of the session that asks."""
        mine = tokens.digest(secret)
        with self._database.reading() as connection:
            return tuple(_session(row, mine=row.token == mine) for row in self._live(connection, person, at))

    def everyones(self, at: datetime, *, most: int = 500) -> tuple[tuple[int, Session], ...]:
        """Where everybody is signed in, last seen first: the person with the session."""
        c = sessions.c
        live = (c.revoked.is_(None), c.expires > at, c.seen > at - self._idle)
        with self._database.reading() as connection:
            found = connection.execute(select(sessions).where(*live).order_by(c.seen.desc()).limit(most)).all()
        return tuple((row.person_id, _session(row)) for row in found)

    def revoke(self, secret: str, at: datetime) -> None:
        """End a session. One that is unknown or ended stays as it is."""
        with self._database.writing() as connection:
            _end(connection, tokens.digest(secret), at)

    def revoke_marked(self, person: int, mark: str, at: datetime) -> None:
        """End a session of this person by its mark; of nobody else, whatever the mark."""
        with self._database.writing() as connection:
            for row in self._live(connection, person, at):
                if row.token.hex()[:MARK] == mark:
                    _end(connection, row.token, at)

    def change_password(
        self, person: int, *, current: str, fresh: str, secret: str, address: str, at: datetime
    ) -> None:
        """A new password by its owner; every session but the one of `secret` ends.

        Raises `SignInRefused` when `current` is wrong, `SignInThrottled` when it was wrong too often (it counts with
        signing in, or an open session would be a place to guess at), and `PasswordWeak`.
        """
        with self._database.writing() as connection:
            found = connection.execute(
                select(persons.c.login, credentials.c.password)
                .join(credentials, credentials.c.person_id == persons.c.id)
                .where(persons.c.id == person)
            ).one_or_none()
            if found is None:
                raise SignInRefused()
            this = self._tried(connection, login=found.login.casefold(), address=address, at=at)
        if not passwords.verified(found.password, current):
            raise SignInRefused()
        with self._database.writing() as connection:
            _succeeded(connection, this)
        self.set_password(person, fresh, at=at, must_change=False, secret=secret)

    def set_password(
        self, person: int, password: str, *, at: datetime, must_change: bool = True, secret: str = ""
    ) -> None:
        """A password given to a person; every session of theirs but the one of `secret` ends.

        Raises `PersonNotFound`, and `PasswordWeak` with its reasons.
        """
        with self._database.reading() as connection:
            found = connection.execute(
                select(persons.c.login, persons.c.name_zh, persons.c.name_en).where(persons.c.id == person)
            ).one_or_none()
        if found is None:
            raise PersonNotFound(person=person)
        reasons = passwords.weaknesses(password, context=tuple(found))
        if reasons:
            raise PasswordWeak(reasons=list(reasons))
        values = {"password": passwords.hashed(password), "changed": at, "must_change": must_change}
        keep = tokens.digest(secret)
        with self._database.writing() as connection:
            changed = connection.execute(update(credentials).where(credentials.c.person_id == person).values(values))
            if changed.rowcount == 0:
                connection.execute(credentials.insert().values(person_id=person, **values))
            for row in self._live(connection, person, at):
                if row.token != keep:
                    _end(connection, row.token, at)

    def _tried(self, connection: Connection, *, login: str, address: str, at: datetime) -> int:
        """Write down a try, a failed one until it succeeded. Raises `SignInThrottled`."""
        # Before the password is looked at, or a hundred tries at once would all be free.
        wait = self._wait(connection, login=login, address=address, at=at)
        if wait:
            raise SignInThrottled(seconds=wait)
        return int(
            connection.execute(
                sign_ins.insert().values(at=at, login=login, address=address, succeeded=False).returning(sign_ins.c.id)
            ).scalar_one()
        )

    def _wait(self, connection: Connection, *, login: str, address: str, at: datetime) -> int:
        table = sign_ins.c
        tries = connection.execute(
            select(table.at, table.login, table.address, table.succeeded).where(
                table.at > at - self._limits.window, (table.login == login) | (table.address == address)
            )
        )
        known = connection.execute(
            select(table.id).where(table.login == login, table.address == address, table.succeeded).limit(1)
        ).first()
        return throttle.wait(
            (throttle.Try(t.at, t.login, t.address, t.succeeded) for t in tries),
            login=login,
            address=address,
            at=at,
            known=known is not None,
            limits=self._limits,
        )

    def _live(self, connection: Connection, person: int, at: datetime) -> Iterator[Row[tuple[object, ...]]]:
        yield from connection.execute(
            select(sessions)
            .where(
                sessions.c.person_id == person,
                sessions.c.revoked.is_(None),
                sessions.c.expires > at,
                sessions.c.seen > at - self._idle,
            )
            .order_by(sessions.c.seen.desc())
        ).all()


def _session(row: Row[tuple[object, ...]], *, mine: bool = False) -> Session:
    return Session(
        mark=row.token.hex()[:MARK],
        created=row.created,
        seen=row.seen,
        expires=row.expires,
        agent=row.agent,
        address=row.address,
        mine=mine,
    )


def _succeeded(connection: Connection, this: int) -> None:
    connection.execute(update(sign_ins).where(sign_ins.c.id == this).values(succeeded=True))


def _end(connection: Connection, token: bytes, at: datetime) -> None:
    connection.execute(
        update(sessions).where(sessions.c.token == token, sessions.c.revoked.is_(None)).values(revoked=at)
    )


def _plain(text: str, *, most: int) -> str:
    """A text that any database takes: trimmed, cut, without control characters."""
    kept = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs"))
    return kept.strip()[:most]
