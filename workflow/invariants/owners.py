"""One owner at every moment from registration on, and shares that are always a whole."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from workflow.invariants.rule import Finding
from workflow.invariants.tables import History, Row, Tables, asked

KEPT = frozenset({"registered", "developing", "handover", "maintained"})
"""Stages in which a customer must be somebody's (000 §2.2)."""

WHOLE = 10_000

Turn = tuple[int, int | None, int | None]
"""From when on, person, unit."""


def turns(history: History, finding: Finding) -> list[Turn]:
    """Who led by the record's own steps; looks whether somebody did in every stage that needs one."""
    record: dict[str, Any] = {}
    found: list[Turn] = []
    for step in history.steps:
        for op, body in step.ops:
            if op == "set":
                record.update(body)
        a, b = record.get("a"), record.get("b")
        first, second = (b, a) if record.get("lead") == "b" else (a, b)
        holder = (first if first is not None else second), record.get("unit")
        needed = record.get("stage") in KEPT
        finding.look(not needed or None not in holder, f"{history.number}: is nobody's after step {step.seq}")
        if not found or found[-1][1:] != holder:
            found.append((step.effective, *holder))
    return found


def partition(history: History, said: list[Turn], rows: list[Row], finding: Finding) -> None:
    """The stints of the lead are what the record says, each from the moment the one before ended, the last one open.

    Turns of one moment may be one stint or several; none may leave a gap or lie over another.
    """
    kept = sorted(((begun, ended, person, unit) for _, person, unit, begun, ended in rows), key=_by_time)
    gapless = bool(kept) and kept[0][0] == said[0][0] and kept[-1][1] is None
    gapless = gapless and all(one[1] == after[0] for one, after in pairwise(kept))
    finding.look(gapless, f"{history.number}: the stints of its owners leave a gap, or two lie over each other")
    owners = [(begun, person, unit) for begun, ended, person, unit in kept if begun != ended]
    wanted = [one for one, after in zip(said, [*said[1:], None], strict=True) if after is None or after[0] != one[0]]
    finding.look(_joined(owners) == _joined(wanted), f"{history.number}: its stints are not what its record says")


def splits(tables: Tables, finding: Finding) -> None:
    """Whatever was fixed for a month on is 100.00 %."""
    for customer, seq, month, total, least in asked(
        tables, "SELECT customer_id, seq, month, sum(share), min(share) FROM splits GROUP BY customer_id, seq, month"
    ):
        finding.look(
            int(total) == WHOLE and least >= 0,
            f"customer {customer}: the shares from {month} on (step {seq}) sum to {int(total) / 100:.2f} %",
        )


def revenue(history: History, rows: list[Row], finding: Finding) -> None:
    """The figures that stand are those said last of each month and product, in cents; one taken back stands no more."""
    said: dict[tuple[str, str], int] = {}
    for step in history.steps:
        for op, body in step.ops:
            if op == "revenue":
                said.update({(month, product): cents for month, product, cents in body["figures"]})
    standing = {key: cents for key, cents in said.items() if cents is not None}
    kept = {(month, product): cents for _, month, product, cents in rows}
    for key in standing.keys() | kept.keys():
        finding.look(kept.get(key) == standing.get(key), f"{history.number}: {key[1]} of {key[0]} is not what was said")


def _joined(turns: list[Turn]) -> list[Turn]:
    """Without turns that change nothing."""
    found: list[Turn] = []
    for one in turns:
        if not found or found[-1][1:] != one[1:]:
            found.append(one)
    return found


def _by_time(stint: tuple[int, int | None, int | None, int | None]) -> tuple[int, bool, int]:
    return stint[0], stint[1] is None, stint[1] or 0
