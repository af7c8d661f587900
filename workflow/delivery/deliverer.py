"""One round of delivery: what was decided on is routed, leased, sent and put on record, each in its own transaction.

A message leaves at least once, always with the same key. No transaction is open while a server is spoken to.
"""

from __future__ import annotations

import logging
import socket
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from workflow.delivery import items, mail, robot, routing, timing, webhook
from workflow.delivery.addresses import Resolve
from workflow.delivery.failed import Failed
from workflow.delivery.letters import Item, Letters, TemplateFailed
from workflow.messages.catalogue import LANGUAGES
from workflow.service.door import Workflow
from workflow.settings import Settings
from workflow.storage import dispatches, lateness, outbox
from workflow.storage.dispatches import DispatchTaken, Lease
from workflow.storage.errors import StorageError

log = logging.getLogger(__name__)

MOST_ROUNDS = 1000
"""Messages of one channel in one round, so that one channel does not keep the others waiting for ever."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a round did."""

    sent: int
    failed: int


class Deliverer:
    """Sends what waits. Any number of them may run on one database; `name` tells them apart."""

    def __init__(
        self,
        workflow: Workflow,
        settings: Settings,
        *,
        name: str,
        letters: Letters | None = None,
        resolve: Resolve = socket.getaddrinfo,
        stopping: threading.Event | None = None,
        chance: Random | None = None,
    ) -> None:
        self.workflow = workflow
        self.settings = settings
        self.name = name
        self._home = settings.server.public_url or f"http://{settings.server.host}:{settings.server.port}"
        self._letters = letters or Letters(self._home)
        self._resolve = resolve
        self._stopping = stopping or threading.Event()
        self._chance = chance or Random()
        self._looked_over = not settings.robots
        self._gather = timedelta(seconds=settings.delivery.gather)
        # Looking a name up has no time limit of its own, so the lease is long; it only matters after a crash.
        self._lease = timedelta(seconds=settings.delivery.timeout * 3) + timedelta(minutes=1)

    def _look_over(self) -> None:
        """Say in the log which robots will never speak: what they are about may still be added."""
        self._looked_over = True
        there = {unit.code for unit in self.workflow.directory().units.values()}
        for name, chosen in self.settings.robots.items():
            if chosen.unit and chosen.unit not in there:
                log.warning("robots.%s: there is no unit %s yet, so it is told nothing", name, chosen.unit)
            if chosen.hours and chosen.hours not in self.workflow.calendars():
                log.warning("robots.%s: there is no calendar %s, so it speaks at any time", name, chosen.hours)

    def run(self) -> Delivered:
        """One round. Raises StorageUnavailable; what is wrong with a message, a template or a server does not."""
        if not self._looked_over:
            self._look_over()
        routing.drop(self.workflow, self.settings, self._stopping)
        routing.route(self.workflow, self.settings, self._stopping)
        mailed = self._mail() if self.settings.mail.host else Delivered(0, 0)
        told = self._tell() if self.settings.webhooks else Delivered(0, 0)
        said = self._say() if self.settings.robots else Delivered(0, 0)
        return Delivered(mailed.sent + told.sent + said.sent, mailed.failed + told.failed + said.failed)

    def _mail(self) -> Delivered:
        sent = failed = 0
        with mail.Mailer(self.settings.mail, timeout=self.settings.delivery.timeout) as mailer:
            for _ in range(MOST_ROUNDS):
                now = self.workflow.clock()
                if self._stopping.is_set() or (lease := self._lease_mail(now)) is None:
                    break
                failure = self._mail_one(mailer, lease)
                sent, failed = sent + (failure is None), failed + (failure is not None)
                if failure is not None and failure.away:
                    break
        return Delivered(sent, failed)

    def _mail_one(self, mailer: mail.Mailer, lease: Lease) -> Failed | None:
        with self.workflow.database.reading() as connection:
            person = outbox.recipient(connection, lease.target)
            rows = outbox.contents(connection, lease.messages)
        key = mail.key_of(lease.bundle, self.settings.mail.sender)
        if person is None:
            self._done(lease, key, recipient=lease.target, outcome="dropped", detail="wants no e-mail any more")
            return None
        about = f"mail:{lease.target}"
        language = person.language or self.settings.display.language
        try:
            name = person.name_zh if language == "zh" else person.name_en
            written = self._letters.write(
                self._items(rows, language),
                name=name,
                language=language,
                own=self.workflow.wordings().own("letter", language, lease.created),
            )
            made = mail.letter(
                key=key,
                sender=self.settings.mail.sender,
                to=person.email,
                name=name,
                subject=written.subject,
                body=written.body,
                at=self.workflow.clock(),
            )
            mailer.send(made, person.email)
        except StorageError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever is wrong with this message, the others go on
            failure = failure_of(error)
            if isinstance(error, TemplateFailed):
                about = f"template:{error.language}"
            elif failure.away:
                about = "mail"
        else:
            held = self._waited(lease, digest=person.mail == "digest", hours=person.mail_hours or "")
            self._done(lease, key, recipient=person.email, held=held)
            return None
        hours = self.workflow.calendars().get(person.mail_hours or "")
        due = timing.within_hours(self._next_try(lease, failure), hours)
        self._failed(lease, key, failure, recipient=person.email, about=about, due=due)
        return failure

    def _tell(self) -> Delivered:
        """A server that is away is left alone until the next round, for the sake of the others."""
        sent = failed = 0
        there = dict(self.settings.webhooks)
        for _ in range(MOST_ROUNDS):
            if self._stopping.is_set() or not there or (lease := self._lease_webhook(tuple(there))) is None:
                break
            failure = self._tell_one(lease)
            sent, failed = sent + (failure is None), failed + (failure is not None)
            if failure is not None and failure.away:
                del there[lease.target]
        return Delivered(sent, failed)

    def _tell_one(self, lease: Lease) -> Failed | None:
        hook = self.settings.webhooks[lease.target]
        with self.workflow.database.reading() as connection:
            [row] = outbox.contents(connection, lease.messages)
        key, now = webhook.key_of(lease.bundle), self.workflow.clock()
        try:
            said = {language: self._items([row], language)[0] for language in LANGUAGES}
            texts = {language: item.sentence for language, item in said.items()}
            body = webhook.event(row, source=self._home, texts=texts, link=items.link(self._home, row.case_id))
            webhook.post(
                hook,
                body,
                webhook.headers(hook.secret, key, body, now),
                timeout=self.settings.delivery.timeout,
                at=now,
                resolve=self._resolve,
            )
        except StorageError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever is wrong with this message, the others go on
            failure = failure_of(error)
        else:
            self._done(lease, key, recipient=lease.target)
            return None
        about, due = f"webhook:{lease.target}", self._next_try(lease, failure)
        self._failed(lease, key, failure, recipient=lease.target, about=about, due=due)
        return failure

    def _say(self) -> Delivered:
        """A robot whose service is away, or asks for rest, is left alone until the next round."""
        sent = failed = 0
        there = set(self.settings.robots)
        for _ in range(MOST_ROUNDS):
            if self._stopping.is_set() or not there or (lease := self._lease_robot(there)) is None:
                break
            failure = self._say_one(lease)
            sent, failed = sent + (failure is None), failed + (failure is not None)
            if failure is not None:
                there.discard(lease.target)
        return Delivered(sent, failed)

    def _say_one(self, lease: Lease) -> Failed | None:
        chosen = self.settings.robots[lease.target]
        with self.workflow.database.reading() as connection:
            rows = outbox.contents(connection, lease.messages)
        # One step tells several people the same; a group hears it once.
        once = list({(row.case_id, row.seq, row.kind, row.body): row for row in rows}.values())
        key, about = robot.key_of(lease.bundle), f"robot:{lease.target}"
        try:
            said = self._items(once, chosen.language)
            text = self._letters.brief(
                said,
                language=chosen.language,
                most=robot.LONGEST_TEXT[chosen.service],
                own=self.workflow.wordings().own("robot", chosen.language, lease.created),
            )
            robot.post(chosen, text, timeout=self.settings.delivery.timeout, at=self.workflow.clock())
        except StorageError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever is wrong with this message, the others go on
            failure = failure_of(error)
            if isinstance(error, TemplateFailed):
                about = f"template:{error.language}"
        else:
            held = self._waited(lease, digest=chosen.digest, hours=chosen.hours)
            self._done(lease, key, recipient=lease.target, held=held)
            return None
        hours = self.workflow.calendars().get(chosen.hours)
        due = timing.within_hours(self._next_try(lease, failure), hours)
        self._failed(lease, key, failure, recipient=lease.target, about=about, due=due)
        return failure

    def _items(self, rows: list[Any], language: str) -> list[Item]:
        return items.told(rows, language, workflow=self.workflow, zone=self.settings.display.zone, home=self._home)

    def _lease_mail(self, at: datetime) -> Lease | None:
        try:
            with self.workflow.database.writing() as connection:
                return dispatches.lease_mail(
                    connection, at=at, until=at + self._lease, by=self.name, early=self._gather
                )
        except DispatchTaken:
            return None

    def _lease_robot(self, targets: set[str]) -> Lease | None:
        at = self.workflow.clock()
        try:
            with self.workflow.database.writing() as connection:
                return dispatches.lease_robot(
                    connection, at=at, until=at + self._lease, by=self.name, early=self._gather, targets=targets
                )
        except DispatchTaken:
            return None

    def _lease_webhook(self, targets: tuple[str, ...]) -> Lease | None:
        at = self.workflow.clock()
        try:
            with self.workflow.database.writing() as connection:
                return dispatches.lease_webhook(
                    connection, at=at, until=at + self._lease, by=self.name, targets=targets
                )
        except DispatchTaken:
            return None

    def _next_try(self, lease: Lease, failure: Failed) -> datetime:
        backoff = timedelta(seconds=self.settings.delivery.backoff)
        now = self.workflow.clock()
        due = timing.next_try(now, lease.attempts, backoff=backoff, chance=self._chance)
        return max(due, now + failure.wait) if failure.wait else due

    def _waited(self, lease: Lease, *, digest: bool, hours: str) -> bool:
        """Whether the recipient wanted it later than it could have been sent."""
        soon = lease.created + self._gather
        return digest or timing.within_hours(soon, self.workflow.calendars().get(hours)) > soon

    def _done(
        self,
        lease: Lease,
        key: str,
        *,
        recipient: str,
        outcome: str = "sent",
        detail: str = "",
        held: bool = False,
    ) -> None:
        """It is over. `held`: it was sent later because that was wished."""
        at = self.workflow.clock()
        cause = "held" if held else "failed" if lease.attempts else None
        with self.workflow.database.writing() as connection:
            dispatches.sent(connection, lease, at)
            self._record(connection, lease, key, recipient=recipient, outcome=outcome, detail=detail, at=at)
            if outcome == "sent":
                lateness.messages_left(connection, lease.messages, channel=lease.channel, at=at, cause=cause)

    def _failed(self, lease: Lease, key: str, failure: Failed, *, recipient: str, about: str, due: datetime) -> None:
        at = self.workflow.clock()
        over = failure.permanent or lease.attempts + 1 >= self.settings.delivery.attempts
        outcome = "given_up" if over else "failed"
        log.warning("%s to %s: %s: %s", key, recipient, outcome, failure.detail)
        with self.workflow.database.writing() as connection:
            if over:
                dispatches.give_up(connection, lease, dispatches.incident(connection, about, failure.detail, at))
            else:
                dispatches.put_off(connection, lease, due=due, unsure=failure.unsure)
            self._record(connection, lease, key, recipient=recipient, outcome=outcome, detail=failure.detail, at=at)

    def _record(
        self, connection: Any, lease: Lease, key: str, *, recipient: str, outcome: str, detail: str, at: datetime
    ) -> None:
        dispatches.record(
            connection,
            key=key,
            channel=lease.channel,
            recipient=recipient,
            person=int(lease.target) if lease.channel == "mail" else None,
            messages=lease.messages,
            created=lease.created,
            at=at,
            outcome=outcome,
            detail=detail,
        )


def failure_of(error: Exception) -> Failed:
    """What to do about it; a fault of ours is logged where it is, and the message tried again."""
    if isinstance(error, Failed):
        return error
    log.error("A message could not be made", exc_info=error)
    return Failed(str(error) or repr(error), permanent=isinstance(error, TemplateFailed))
