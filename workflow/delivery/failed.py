"""Why a message could not be sent."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from socket import SHUT_RDWR, socket
from threading import Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Failed(Exception):
    """A try that came to nothing. What is worth trying again is said by facts, not by kinds of errors.

    `away`: the server is, so there is no use in trying others there now. `permanent`: the same answer will come
    again. `unsure`: the message may have arrived. `wait`: how long the server asks to be left alone.
    """

    def __init__(
        self,
        detail: str,
        *,
        away: bool = False,
        permanent: bool = False,
        unsure: bool = False,
        wait: timedelta | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.away = away
        self.permanent = permanent
        self.unsure = unsure
        self.wait = wait


@contextmanager
def within(seconds: float, connected: socket | None) -> Iterator[None]:
    """Cut the connection off after so long: a server that sends a byte now and then never times out by itself."""

    def cut() -> None:
        try:
            if connected is not None:
                # Not its own method: that of TLS forgets the encryption first, and what is sent next is plain.
                socket.shutdown(connected, SHUT_RDWR)
        except OSError:
            return  # it is closed already

    timer = Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
