"""Personal values of a history: the values behind its commitments, and the salts in the order they were drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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


def commitments(step: Step) -> Sequence[str]:
    """The commitments of a step in the order in which they were made."""
    found: list[str] = [value[MARK] for value in step.form.values() if type(value) is dict and is_commitment(value)]
    for op, body in step.ops:
        if op == "set":
            found += [value[MARK] for value in body.values() if type(value) is dict and is_commitment(value)]
    return found


def gone(step: Step, secrets: Secrets) -> bool:
    """Whether a value the step was decided with is not there any more."""
    for digest in commitments(step):
        found = secrets.get(digest)
        if found is None or found[1] is None:
            return True
    return False


def salts_of(steps: Sequence[Step], place: int, secrets: Secrets) -> Callable[[], bytes]:
    """Gives the salts that were drawn for a step and those after it, so that what is decided again is the same."""

    def drawn() -> Iterator[bytes]:
        for at in range(place, len(steps)):
            for digest in dict.fromkeys(commitments(steps[at])):
                yield secrets[digest][0] if digest in secrets else b""

    salts = drawn()
    return lambda: next(salts, b"")
