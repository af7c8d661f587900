"""What the steps of customers' records leave in tables of their own: stints, splits, revenue.

Other index rows say how a case stands and can be made from it alone. These say how it came about, and are made from
the steps, once: when they are written, and again from the whole history where somebody looks whether they are right.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from workflow.core import splits
from workflow.core.case import Case
from workflow.core.moments import micros
from workflow.core.replay import apply
from workflow.core.step import Step
from workflow.core.stints import Stint, Turn, folded, turn

Row = tuple[Any, ...]
Change = tuple[Case | None, Case, Step]
"""A record before a step, after it, and the step."""

COLUMNS = {
    "stints": ("customer_id", "role", "seq", "person_id", "unit_id", "begun", "ended", "ended_seq", "trigger",
               "case_id", "actor_id", "behalf_id"),
    "splits": ("customer_id", "seq", "month", "place", "unit_id", "person_id", "share", "fixed", "trigger", "case_id"),
    "revenue": ("customer_id", "month", "product", "seq", "cents", "since", "until"),
}  # fmt: skip


def writes(changes: Sequence[Change]) -> list[tuple[str, list[Row]]]:
    """What brings the tables from before the changes to after them, in order: a statement's name, and its rows."""
    turns: dict[int, list[Turn]] = {}
    shared: list[Row] = []
    said: dict[int, list[Step]] = {}
    for before, after, step in changes:
        found = turn(before, after, step)
        if found is not None:
            turns.setdefault(after.id, []).append(found)
        shared.extend(split_rows(before, after, step))
        if any(op == "revenue" for op, _ in step.ops):
            said.setdefault(after.id, []).append(step)
    ended, begun = _stints(turns)
    corrected, figures = _figures(said)
    made = [("end_stint", ended), ("stints", begun), ("splits", shared), ("end_figure", corrected)]
    return [(name, rows) for name, rows in (*made, ("revenue", figures)) if rows]


def derived(steps: Iterable[Step]) -> dict[str, set[Row]]:
    """The rows of each table that the whole history of one record makes."""
    found: dict[str, set[Row]] = {name: set() for name in COLUMNS}
    turns: list[Turn] = []
    told: list[Step] = []
    case: Case | None = None
    for step in steps:
        after = apply(case, step)
        if after.kind != "customer":
            return found
        one = turn(case, after, step)
        turns.extend([one] if one is not None else [])
        found["splits"].update(split_rows(case, after, step))
        told.append(step)
        case = after
    found["stints"] = {_stint(stint) for stint in folded(turns)}
    if told:
        found["revenue"] = set(_figures({told[0].case: told})[1])
    return found


def split_rows(before: Case | None, after: Case, step: Step) -> list[Row]:
    """The splits a step fixed, from its month on; what it left of those before is its own too."""
    order = next((body for op, body in step.ops if op == "split"), None)
    if order is None:
        return []
    held = () if before is None else before.data.get("splits", ())
    cause = _cause(step)
    return [
        (after.id, step.seq, split.since, place, share.unit, share.person, share.hundredths, micros(step.effective),
         step.trigger, cause)
        for split in splits.ordered(splits.read(held), order)
        for place, share in enumerate(split.shares)
    ]  # fmt: skip


def _stints(turns: dict[int, list[Turn]]) -> tuple[list[Row], list[Row]]:
    """Endings of stored stints, and new ones: those begun and ended in between are stored once, as they ended."""
    ended: list[Row] = []
    begun: list[Row] = []
    for customer, some in turns.items():
        fresh: set[str] = set()
        for one in some:
            ended.extend((micros(one.at), one.seq, customer, role) for role in one.ended if role not in fresh)
            fresh.update(one.ended)
            fresh.update(stint.role for stint in one.begun)
        begun.extend(_stint(stint) for stint in folded(_without_stored(some)))
    return ended, begun


def _without_stored(turns: Sequence[Turn]) -> Iterable[Turn]:
    """The turns as seen by the stints they begin themselves: endings of others left out."""
    running: set[str] = set()
    for one in turns:
        yield Turn(one.seq, one.at, tuple(role for role in one.ended if role in running), one.begun)
        running -= set(one.ended)
        running |= {stint.role for stint in one.begun}


def _stint(stint: Stint) -> Row:
    return (
        stint.customer, stint.role, stint.seq, stint.person, stint.unit, micros(stint.begun),
        None if stint.ended is None else micros(stint.ended), stint.ended_seq, stint.trigger, stint.case,
        stint.actor.person, stint.actor.behalf,
    )  # fmt: skip


def _figures(said: dict[int, list[Step]]) -> tuple[list[Row], list[Row]]:
    """Ends of figures that stood, and what is said now; of what is corrected at once, both."""
    ended: list[Row] = []
    new: dict[tuple[int, str, str], list[Row]] = {}
    for customer, steps in said.items():
        for step in steps:
            at = micros(step.effective)
            for month, product, cents in (f for op, body in step.ops if op == "revenue" for f in body["figures"]):
                key = customer, month, product
                rows = new.setdefault(key, [])
                if rows:
                    rows[-1] = (*rows[-1][:6], at)
                else:
                    ended.append((at, *key))
                rows.append((*key, step.seq, cents, at, None))
    return ended, [row for rows in new.values() for row in rows]


def _cause(step: Step) -> int | None:
    cause = next((body["cause"] for op, body in step.ops if op == "record" and "cause" in body), None)
    return None if cause is None else int(cause[0])
