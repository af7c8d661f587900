"""Messages, and what became of them on their way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow.service.views.names import CustomerName, PersonName


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """A message to the reader. `body` is parsed; `read` None: not yet."""

    id: int
    case: int
    number: str
    definition: str
    version: int
    kind: str
    body: Mapping[str, Any]
    customer: CustomerName | None
    created: datetime
    read: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """A try to send a message. `recipient`: an address, or the name of a webhook, which has no `person`.

    `messages`: the notices it was made of; `created`: when the oldest of them was decided on.
    """

    id: int
    key: str
    channel: str
    recipient: str
    person: PersonName | None
    messages: tuple[int, ...]
    created: datetime
    at: datetime
    outcome: str
    detail: str
