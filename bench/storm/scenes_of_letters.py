"""Scenes of messages that leave the house. What a server would have got is noted in the house's own file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import Any
from unittest.mock import patch

from bench.storm.scene import Scene
from bench.storm.stage import House
from workflow.core.step import SYSTEM
from workflow.delivery import Deliverer, mail, webhook
from workflow.delivery.failed import Failed
from workflow.settings import Delivery, Mail, Settings, Webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
WAIT = timedelta(minutes=10)
"""Longer than the lease of whoever died."""

BACKOFF = 3600.0
"""Seconds: nobody who takes over tries once more what was put off."""

Answer = Callable[[], None]


def takes() -> None:
    """The other side has it."""


def is_away() -> None:
    raise Failed("nobody answers", away=True)


def is_unsure() -> None:
    raise Failed("the answer was lost", unsure=True)


@contextmanager
def receivers(house: House, answer: Answer = takes) -> Iterator[None]:
    """A mail server and a program that is told, which note the key of everything they get."""

    def post(_: Any, __: bytes, sent: dict[str, str], **___: Any) -> None:
        answer()
        house.note(sent["webhook-id"])

    def send(_: Any, made: Any, __: str) -> None:
        answer()
        house.note(made["Message-ID"])

    with patch.object(webhook, "post", post), patch.object(mail.Mailer, "send", send):
        yield


def deliver(house: House, *, answer: Answer = takes, way: str = "both", attempts: int = 8) -> None:
    """One round. `way`: mail, webhook, both or none."""
    hook = Webhook(url="https://example.org/hook", secret=SECRET)
    settings = Settings(
        mail=Mail(host="mail.example.org", sender="baton@example.org") if way in ("mail", "both") else Mail(),
        delivery=Delivery(gather=0.0, attempts=attempts, backoff=BACKOFF),
        webhooks={"hook": hook} if way in ("webhook", "both") else {},
    )
    with receivers(house, answer):
        Deliverer(house.door, settings, name="one", chance=Random(1)).run()


def told(house: House) -> None:
    """Two people are told of something, one of them with an address."""
    house.door.change_person(house.person("ben"), {"email": "ben@example.org"}, actor=SYSTEM)
    case = house.opened().id
    house.door.comment(case, "@ben @dora 请看", actor=house.actor("anna"))


def routed(house: House) -> None:
    told(house)
    deliver(house, answer=is_away)


def given_up(house: House) -> None:
    told(house)
    deliver(house, answer=is_away, attempts=1)


def _retry(house: House) -> None:
    incident = int(house.one("SELECT max(id) FROM incidents"))
    house.door.retry(incident, actor=house.actor("sue"))


def _retried(house: House) -> None:
    """Two incidents, for e-mail and for the program; a button was pressed for each."""
    given_up(house)
    with house.database.reading() as connection:
        incidents = connection.exec_driver_sql("SELECT id FROM incidents ORDER BY id").scalars().all()
    for incident in incidents:
        house.door.retry(int(incident), actor=house.actor("sue"))


LATER = timedelta(minutes=30)
SCENES = {
    "send": Scene(prepare=told, act=deliver, wait=WAIT),
    "put off": Scene(prepare=told, act=lambda house: deliver(house, answer=is_away), wait=WAIT, again=False),
    "put off, unsure": Scene(prepare=told, act=lambda house: deliver(house, answer=is_unsure), wait=WAIT, again=False),
    "give up": Scene(
        prepare=told, act=lambda house: deliver(house, answer=is_away, attempts=1), wait=WAIT, again=False
    ),
    "give up again": Scene(
        prepare=_retried,
        act=lambda house: deliver(house, answer=is_away, attempts=1),
        after=LATER,
        wait=WAIT,
        again=False,
    ),
    "retry messages": Scene(prepare=given_up, act=_retry, after=LATER, again=False),
    "send after all": Scene(prepare=_retried, act=deliver, after=LATER, wait=WAIT),
    "drop what has no way": Scene(prepare=routed, act=lambda house: deliver(house, way="none"), after=LATER),
}
