"""Secrets that are carried: session tokens. Only their SHA-256 is kept, so that a stolen database opens nothing.

A plain hash is enough here, unlike for passwords: nobody can guess 256 random bits.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field

BYTES = 32


@dataclass(frozen=True, slots=True)
class Token:
    """`secret` goes to the browser and nowhere else; `digest` is what is stored and looked up."""

    secret: str = field(repr=False)
    digest: bytes


def new_token() -> Token:
    """Safe in a cookie or an address: 43 characters of URL-safe base64."""
    secret = secrets.token_urlsafe(BYTES)
    return Token(secret=secret, digest=digest(secret))


def digest(secret: str) -> bytes:
    """SHA-256, 32 bytes, of what came with a request; anything at all may come."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
