"""A scene: something the product writes, prepared on a small stage, played once, and known by its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from bench.storm.stage import House

AT_ONCE = timedelta(0)


def nothing(_: House) -> None:
    """The stage as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """`act` is what is cut short; what it gives is the answer somebody waits for.

    `after`: how long after the beginning of the stage it is played. `again`: whoever got no answer may simply ask once
    more, even when it was kept; else only when nothing was. `wait`: how long after a death somebody else takes over.
    `bare`: in a database without an organisation. `tries`: the table that keeps every try, also one that died.
    """

    act: Callable[[House], object]
    prepare: Callable[[House], object] = nothing
    after: timedelta = AT_ONCE
    again: bool = True
    wait: timedelta = AT_ONCE
    bare: bool = False
    tries: frozenset[str] = frozenset()
