"""How long a person has to wait before trying to sign in again.

Guessing is made slow without a lock that a stranger could turn in somebody else's door: failures of one login
from one address count against these two together. What is counted across addresses or logins slows only
those who have not signed in from that address before, and never for longer than `SHARED_WAIT`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

FIRST_WAIT = timedelta(seconds=10)
"""After the last free failure; doubled with each one more, up to the window."""

SHARED_WAIT = timedelta(seconds=60)
LOGIN_FACTOR = 4
ADDRESS_FACTOR = 10
"""So many times the attempts are free for one login from all addresses, and for one address with all logins."""


@dataclass(frozen=True, slots=True)
class Try:
    """One try to sign in that was let through to the password."""

    at: datetime
    login: str
    address: str
    succeeded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """So many failures are free within the window."""

    attempts: int = 5
    window: timedelta = timedelta(minutes=15)


def wait(tries: Iterable[Try], *, login: str, address: str, at: datetime, known: bool, limits: Limits) -> int:
    """Seconds until this login may be tried from this address; 0: now.

    `tries`: at least those of this login or this address within the window before `at`; later ones are
    passed over. `known`: this login has signed in from this address before, however long ago. Tries that were made to
    wait are not to be counted among `tries`.
    """
    recent = [t for t in tries if at - limits.window < t.at <= at]
    mine = [t for t in recent if t.login.casefold() == login.casefold()]
    here = [t for t in recent if t.address == address]
    success = max((t.at for t in mine if t.address == address and t.succeeded), default=None)
    pair = [t for t in mine if t.address == address and (success is None or t.at > success)]
    until = [_until(pair, free=limits.attempts, most=limits.window)]
    if not known:
        until.append(_until(mine, free=limits.attempts * LOGIN_FACTOR, most=SHARED_WAIT))
        until.append(_until(here, free=limits.attempts * ADDRESS_FACTOR, most=SHARED_WAIT))
    return max((ceil((moment - at).total_seconds()) for moment in until if moment and moment > at), default=0)


def _until(tries: Iterable[Try], *, free: int, most: timedelta) -> datetime | None:
    """When the pause after the last of these failures ends; None while they are free."""
    failures = [t.at for t in tries if not t.succeeded]
    if len(failures) < free:
        return None
    doubled = min(len(failures) - free, 30)
    return max(failures) + min(FIRST_WAIT * (1 << doubled), most)
