"""The personal values of a case beside its history."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from secrets import token_bytes

from workflow.core.personal import SALT


class Vault(MutableMapping[str, str | None]):
    """The personal values of a case, read when the first one is asked for."""

    def __init__(self, read: Callable[[], dict[str, str | None]]) -> None:
        self._read = read
        self._fresh: dict[str, str | None] = {}
        self._stored: dict[str, str | None] | None = None

    def __getitem__(self, commitment: str) -> str | None:
        if commitment in self._fresh:
            return self._fresh[commitment]
        if self._stored is None:
            self._stored = self._read()
        return self._stored[commitment]

    def __setitem__(self, commitment: str, value: str | None) -> None:
        self._fresh[commitment] = value

    def __delitem__(self, commitment: str) -> None:
        self._fresh[commitment] = None

    def __iter__(self) -> Iterator[str]:
        return iter({**(self._stored or {}), **self._fresh})

    def __len__(self) -> int:
        return len({**(self._stored or {}), **self._fresh})


def fresh_salt() -> bytes:
    return token_bytes(SALT)
