"""Who could get a customer: whoever is there and has room, and whoever is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from web import people
from web.context import reader, workflow
from workflow.service.views.customers import CustomerRow


def proposed(rows: Sequence[CustomerRow], person: int, to: int) -> Mapping[int, int]:
    """Customer → who could get it: whom the reader names; else a manager who is there and has room (003 §3.2), or
    where that is the rule who is not taken up whole (004 §1.3 C(1)). What the person only assists takes up no room.

    Those of the customer's unit come first (004 §2.2 I: by the group, then by the unit), then who has the fewest: of
    those they lead, or of all where they would assist.
    """
    if to:
        return {row.id: to for row in rows}
    there = [one for one in workflow().loads(reader()) if one.manager and one.person.id != person and not one.away]
    parts = workflow().taken_up((row.id for row in rows), reader())
    held = Counter({one.person.id: one.held for one in there})
    every = Counter({one.person.id: one.customers for one in there})
    found: dict[int, int] = {}
    for row in rows:
        both = {half.id for half in (row.a, row.b) if half is not None}
        takes = parts.get(row.id, 1) if led_by(row, person) else 0
        fit = [one for one in there if one.person.id not in both and held[one.person.id] + takes <= one.whole]
        if fit:
            home, has = row.unit.id if row.unit else 0, held if takes else every
            best = min(
                fit, key=lambda one: (one.unit is None or one.unit.id != home, has[one.person.id], one.person.id)
            ).person.id
            found[row.id] = best
            held[best] += takes
            every[best] += 1
    return found


def led_by(row: CustomerRow, person: int) -> bool:
    """Whether somebody leads a customer; whoever gets it from them leads it then."""
    return row.leader is not None and row.leader.id == person


def led() -> dict[int, int]:
    """Person → how many customers they lead, those on their way included, of who works in the reader's units."""
    return {one.person.id: one.leads + one.coming for one in workflow().loads(reader())}


def offered_to(person: int) -> str:
    """The list of everybody else who could get customers."""
    return people.listed("persons-receivers", [one for one in people.holding("account_manager") if one.id != person])
