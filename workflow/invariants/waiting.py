"""Nothing waits unseen: every open case has somebody or something that will move it, every task somebody to do it."""

from __future__ import annotations

from workflow.invariants.rule import Finding
from workflow.invariants.tables import History, Tables, asked

_HELD = (
    "SELECT m.unit_id, m.role, m.person_id FROM memberships m JOIN persons p ON p.id = m.person_id"
    " WHERE p.active AND m.since <= {end} AND (m.until IS NULL OR m.until > {end})"
)


def tasks(tables: Tables, end: int, finding: Finding) -> set[int]:
    """Every open task is somebody's who is there, or in a queue somebody looks after. Gives the cases so served."""
    held = asked(tables, _HELD.format(end=end))
    queues = {(unit, role) for unit, role, _ in held}
    people = {person for _, _, person in held}
    served = set()
    for case, no, unit, role, assignee, owner in asked(
        tables, "SELECT case_id, no, unit_id, role, assignee_id, owner_id FROM tasks ORDER BY case_id, no"
    ):
        seen = (assignee in people and owner in (None, *people)) if assignee else (unit, role) in queues
        finding.look(
            seen, f"case {case}, task {no}: waits for {role} {assignee or f'of unit {unit}'}, who is not there"
        )
        if seen:
            served.add(case)
    return served


def cases(tables: Tables, served: set[int], finding: Finding) -> None:
    """Every open case has a task somebody will do, a timer, or an open case it opened and waits for."""
    timed = {case for (case,) in asked(tables, "SELECT DISTINCT case_id FROM timers")}
    linked = {
        case
        for (case,) in asked(
            tables, "SELECT DISTINCT l.parent_id FROM links l JOIN cases c ON c.id = l.child_id WHERE c.closed IS NULL"
        )
    }
    moved = served | timed | linked
    for case, number, state in asked(
        tables, "SELECT id, number, state FROM cases WHERE kind = 'case' AND closed IS NULL ORDER BY id"
    ):
        finding.look(case in moved, f"{number}: waits unseen in {state}")


def fired(tables: Tables, end: int, finding: Finding) -> None:
    """Nothing is due and undone at the end, and nothing failed for good."""
    for case, no, due in asked(tables, "SELECT case_id, no, due FROM timers ORDER BY case_id, no"):
        finding.look(due >= end, f"case {case}: timer {no} was due and did not fire")
    for case, detail in asked(tables, "SELECT case_id, detail FROM incidents WHERE resolved IS NULL ORDER BY id"):
        finding.fail(f"case {case}: {detail}")


def left(organisation: History) -> dict[int, int]:
    """Who is no longer there, and since when, by the organisation's own record."""
    found: dict[int, int] = {}
    for step in organisation.steps:
        if step.trigger == "change_person" and "active" in step.form:
            if step.form["active"]:
                found.pop(step.form["id"], None)
            else:
                found[step.form["id"]] = step.recorded
    return found


def gone(tables: Tables, since: dict[int, int], finding: Finding) -> None:
    """Whoever has left does nothing any more, and leads no customer that is kept."""
    for (person,) in asked(tables, "SELECT id FROM persons WHERE NOT active"):
        finding.look(person in since, f"person {person}: is not there, and no step says so")
    for person, moment in asked(
        tables,
        "SELECT s.actor_id, max(s.recorded) FROM steps s JOIN persons p ON p.id = s.actor_id WHERE NOT p.active"
        " GROUP BY s.actor_id",
    ):
        finding.look(moment <= since.get(person, 0), f"person {person}: has left, and did something afterwards")
    for person, count in asked(
        tables,
        "SELECT s.person_id, count(*) FROM stints s JOIN persons p ON p.id = s.person_id"
        " WHERE NOT p.active AND s.role = 'lead' AND s.ended IS NULL GROUP BY s.person_id",
    ):
        finding.fail(f"person {person}: has left, and still leads {count} customers")


def links(tables: Tables, finding: Finding) -> None:
    """What a case opened is known to it with its end: no word between the two was lost."""
    for parent, child, state, closed, waiting in asked(
        tables,
        "SELECT l.parent_id, l.child_id, c.state, c.closed, t.case_id FROM links l JOIN cases c ON c.id = l.child_id"
        " LEFT JOIN timers t ON t.case_id = l.parent_id AND t.kind = 'linked' AND t.no = -l.child_id"
        " ORDER BY l.parent_id, l.child_id",
    ):
        finding.look(waiting is None, f"case {parent}: has not heard that case {child} ended in {state} ({closed})")
