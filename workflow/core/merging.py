"""Two records that turn out to be one customer: whether they may be merged, and by whom. Ours: the sources are silent.

Nothing is moved. The one that goes is marked with the one it was found to be, which everything then leads to; taking
the mark away brings it back as it was. So that there is one owner at every moment, the one that goes may not have
another.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workflow.core.directory import Directory
from workflow.core.moments import micros
from workflow.core.step import Actor

MERGERS = frozenset({"director", "account_administrator"})
"""Who merges, in a unit above both customers."""

HELD = ("registered", "developing", "handover")
"""Stages in which a customer is somebody's to win."""

MERGE, ABSORB = "merge", "absorb"
SPLIT_OFF, GIVE_BACK = "unmerge", "give_back"
"""What the steps are called: in the book of the one that goes, and in that of the other."""

MARKS = frozenset({"merged", "absorbed"})
"""What they set: the id of the one that is kept, and those of the ones that went."""

WITHDRAW = "withdraw"
"""A record is marked with itself when the file that brought it is taken back: it leads nowhere, nothing finds it."""

HEAD = 11
"""Digits of a number that a head office and its branches have in common."""


def unfit(gone: Mapping[str, Any], kept: Mapping[str, Any], *, branches: int, at: datetime) -> str | None:
    """Why one record cannot be merged into another, None where it can. `branches`: how many the one that goes has."""
    if gone["number"] == kept["number"]:
        return "itself"
    if gone.get("merged") is not None or kept.get("merged") is not None:
        return "merged"
    if gone.get("absorbed"):
        return "absorbed"
    if gone["number"][:HEAD] == kept["number"][:HEAD]:
        return "family"
    if branches:
        return "branches"
    until = gone.get("until")
    if gone.get("stage") in HELD or (until is not None and until > micros(at)):
        return "held"
    team = {kept.get("a"), kept.get("b"), None}
    if {gone.get("a"), gone.get("b")} - team:
        return "owners"
    return None


def may(directory: Directory, actor: Actor, units: tuple[int | None, int | None], at: datetime) -> bool:
    """Whether somebody directs or administers the accounts of a unit that is both, or above both, of two units."""
    if actor.person is None:
        return True
    first, second = (set(directory.above(unit)) for unit in units)
    held = directory.roles_of(actor.principal, at)
    return any(held.get(unit, frozenset()) & MERGERS for unit in first & second)
