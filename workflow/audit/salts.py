"""Personal values of a history: the values behind its commitments, and the salts in the order they were drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from workflow.core.personal import MARK, is_commitment
from workflow.core.step import Step

Secrets = Mapping[str, tuple[bytes, str | None]]
"""Commitment → its salt, and the value as JSON text; None for an erased one."""


class Values(dict[str, str | None]):
    """Commitment → JSON text. Remembers whether an erased one was asked for."""

    missed = False

    def get(self, commitment: str, default: Any = None) -> Any:
        found = super().get(commitment, default)
        if found is None:
            self.missed = True
        return found


def commitments(step: Step) -> Iterator[str]:
    """The commitments of a step in the order in which they were made."""
    for value in step.form.values():
        if is_commitment(value):
            yield value[MARK]
    for op, body in step.ops:
        if op == "set":
            for value in body.values():
                if is_commitment(value):
                    yield value[MARK]


def salts_of(steps: Sequence[Step], place: int, secrets: Secrets) -> Callable[[], bytes]:
    """Gives the salts that were drawn for a step and those after it, so that what is decided again is the same."""

    def drawn() -> Iterator[bytes]:
        for step in islice(steps, place, None):
            for digest in dict.fromkeys(commitments(step)):
                yield secrets[digest][0] if digest in secrets else b""

    salts = drawn()
    return lambda: next(salts, b"")
