"""Passwords: which are good enough, and how they are kept.

The rules are those of OWASP ASVS 5.0 §6.2 up to level 2 that need no network: length instead of composition
(6.2.1, 6.2.5), common passwords and words of the context refused (6.2.4, 6.2.11), verified exactly as
received (6.2.8), at least 64 characters allowed (6.2.9), never expiring by age (6.2.10). Kept as Argon2id with
the parameters of the OWASP Password Storage Cheat Sheet.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Iterable
from typing import Literal

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from workflow.people.common import predictable

Reason = Literal["short", "long", "unfit", "context", "common"]

LEAST = 12
"""Characters. ASVS asks for 8 and recommends 15."""

MOST = 256
"""Characters. A bound, so that nobody makes the server hash a book."""

PRODUCT = ("baton", "接力", "jieli")
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that can be taken for another

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_nobody = _hasher.hash(secrets.token_bytes(32))


def weaknesses(password: str, *, context: Iterable[str] = ()) -> tuple[Reason, ...]:
    """Why a password is refused, nothing when it is good.

    `context`: what anybody would try first for this person: login, names, unit, customer. Words of less than four
    letters, or two Chinese characters, are too short to mean anything and are passed over.
    """
    if any(unicodedata.category(c) in ("Cc", "Cs") for c in password[:MOST]):
        return ("unfit",)
    if len(password) > MOST:
        return ("long",)
    folded = _folded(password)
    found: list[Reason] = []
    if len(password) < LEAST:
        found.append("short")
    if any(word in folded for word in _telling((*PRODUCT, *context))):
        found.append("context")
    if predictable(folded):
        found.append("common")
    return tuple(found)


def hashed(password: str) -> str:
    """What is stored, salt and parameters within it. Takes some hundredths of a second, on purpose."""
    return _hasher.hash(_bytes(password))


def verified(stored: str | None, password: str) -> bool:
    """Whether it is the password. `stored` None, for a login nobody has, takes as long and is False.

    Raises argon2's `InvalidHashError` when what is stored is no hash.
    """
    try:
        _hasher.verify(stored or _nobody, _bytes(password[: MOST + 1]))
    except VerifyMismatchError:
        return False
    return stored is not None


def outdated(stored: str) -> bool:
    """Whether it was hashed with other parameters than today's and should be hashed again at sign-in."""
    return _hasher.check_needs_rehash(stored)


def initial_password() -> str:
    """A random password to hand over, to be changed at the first sign-in; 79 bits, easy to read aloud."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _telling(words: Iterable[str]) -> set[str]:
    """Whole names and their parts, folded; without those too short to tell anything."""
    parts = {part for word in words for part in (*_folded(word).split(), "".join(_folded(word).split()))}
    return {part for part in parts if len(part) >= (4 if part.isascii() else 2)}
