"""A mail server on loopback that keeps what it gets and answers as it is told."""

from __future__ import annotations

import asyncio
import email
import socket
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from aiosmtpd.controller import Controller


class Post:
    """`refused`: the answer for an address; `answer`: that to every message; `slow`: seconds before it.

    `hangs`: no answer while it is true. `lost`: the message is kept, and the connection ends instead of an answer.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.letters: list[EmailMessage] = []
        self.refused: dict[str, str] = {}
        self.answer = "250 OK"
        self.slow = 0.0
        self.hangs = False
        self.lost = False
        self._controller: Controller | None = None

    def start(self, **given: Any) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **given)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def to(self, address: str) -> list[EmailMessage]:
        return [one for one in self.letters if one["To"].addresses[0].addr_spec == address]

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd calls
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - as above
        await asyncio.sleep(self.slow)
        while self.hangs:
            await asyncio.sleep(0.02)
        if self.answer.startswith("250"):
            self.letters.append(cast(EmailMessage, email.message_from_bytes(envelope.content, policy=default)))
        if self.lost:
            server.transport.close()
        return self.answer


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def body(letter: EmailMessage) -> str:
    return str(letter.get_content()).replace("\r\n", "\n")
