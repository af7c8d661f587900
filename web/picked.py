"""What was picked to be done together: each by itself, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Protocol, TypeVar

from workflow.core.errors import Refused


class Picked(Protocol):
    """`refusal`: why it was not done."""

    @property
    def refusal(self) -> Refused | None: ...


P = TypeVar("P", bound=Picked)


def one_by_one(items: Iterable[P], do: Callable[[P], None]) -> tuple[list[P], list[P]]:
    """What was done, and what was refused with why: that is done for the others all the same."""
    done, refused = [], []
    for item in items:
        try:
            do(item)
            done.append(item)
        except Refused as refusal:
            refused.append(replace(item, refusal=refusal))
    return done, refused
