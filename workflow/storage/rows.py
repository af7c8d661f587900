"""The index rows of a case: what lists are made of, derived from the folded case alone.

Tables not named here are not derived. Values are in the order of the columns in `COLUMNS`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workflow.core.case import Case, Escalation
from workflow.core.codec import decode, dumps
from workflow.core.confidence import LEVELS, level_of
from workflow.core.moments import micros
from workflow.core.step import Step
from workflow.storage.tables import FAR_FUTURE

Row = tuple[object, ...]
Rows = dict[Row, Row]
"""Key of a row → the whole row."""

COLUMNS: dict[str, tuple[str, ...]] = {
    "tasks": ("case_id", "no", "name", "definition", "unit_id", "role", "assignee_id", "owner_id", "opened", "due",
              "customer_id", "provisional"),
    "timers": ("case_id", "no", "kind", "name", "due", "retry"),
    "clocks": ("case_id", "name", "run", "status", "unit_id", "started", "due", "breached", "ended", "noticed",
               "provisional"),
    "escalations": ("case_id", "no", "clock", "run", "level", "role", "unit_id", "raised", "recorded", "acknowledged",
                    "acknowledged_by", "ended", "again"),
    "links": ("parent_id", "child_id", "name", "nominal", "late"),
    "takings": ("case_id", "no", "name", "of_id", "since", "until"),
    "offers": ("case_id", "unit_id", "role"),
    "participants": ("person_id", "case_id"),
    "customers": ("id", "number", "name_zh", "name_en", "key", "pinyin", "credit_code", "division", "industry", "tier",
                  "stage", "unit_id", "a_id", "b_id", "lead", "until", "level", "classes", "merged_id"),
}  # fmt: skip
KEYS = {
    "tasks": 2, "timers": 2, "clocks": 3, "escalations": 2, "links": 2, "takings": 2, "offers": 3, "participants": 2,
    "customers": 1,
}  # fmt: skip
"""How many of the first columns are the key."""

CLASSES = ("trade", "cooperation", "importance", "nature")
"""What of a customer's record its index column `classes` holds."""

_FAR = micros(FAR_FUTURE)


def _at(moment: object) -> int | None:
    return None if moment is None else micros(moment)  # type: ignore[arg-type]


def tasks(case: Case) -> Rows:
    """A task without its own limit is due when the first running clock of its case is."""
    first = case.nearest
    nearest, unsettled = (_FAR, False) if first is None else (micros(first.due), first.provisional)
    return {
        (case.id, t.no): (
            case.id, t.no, t.name, case.definition, t.unit, t.role, t.assignee, t.owner, micros(t.opened),
            micros(t.due) if t.due is not None else nearest, case.customer,
            t.provisional if t.due is not None else unsettled,
        )
        for t in case.tasks
    }  # fmt: skip


def timers(case: Case) -> Rows:
    return {(case.id, t.no): (case.id, t.no, t.kind, t.name, micros(t.due), micros(t.due)) for t in case.timers}


def clocks(case: Case) -> Rows:
    return {
        (case.id, c.name, c.run): (
            case.id, c.name, c.run, c.status, case.unit, micros(c.started), micros(c.due),
            _at(c.breached), _at(c.ended), _at(c.noticed), c.provisional,
        )
        for c in case.clocks
    }  # fmt: skip


def escalations(case: Case) -> Rows:
    return {(case.id, e.no): _escalation(case, e) for e in case.escalations}


def _escalation(case: Case, e: Escalation, ended: int | None = None) -> Row:
    return (
        case.id, e.no, e.clock, e.run, e.level, e.role, e.unit, micros(e.raised), micros(e.recorded),
        _at(e.acknowledged), e.acknowledged_by, ended, e.again,
    )  # fmt: skip


def ended_escalations(before: Case, after: Case, steps: Sequence[Step]) -> Iterator[Row]:
    """Rows of escalations that are over, those raised in these steps among them: kept, with the moment they ended."""
    left = {e.no for e in after.escalations}
    at = _at(after.moment)
    raised = (decode(Escalation, body) for step in steps[:-1] for op, body in step.ops if op == "escalation+")
    return (_escalation(after, e, at) for e in (*before.escalations, *raised) if e.no not in left)


def links(case: Case) -> Rows:
    """Of several cases opened for one date, one for each of several persons, the first stands for the date."""
    first: dict[tuple[str, str | None], int] = {}
    for x in case.links:
        first[x.name, x.nominal] = min(x.case, first.get((x.name, x.nominal), x.case))
    return {
        (case.id, x.case): (case.id, x.case, x.name, x.nominal if first[x.name, x.nominal] == x.case else None, x.late)
        for x in case.links
    }


def takings(case: Case) -> Rows:
    return {
        (case.id, t.no): (case.id, t.no, f"{case.definition}.{t.limit}", t.of, micros(t.since), _at(t.until))
        for t in case.takings
    }


def offers(case: Case) -> Rows:
    return {(case.id, unit, role): (case.id, unit, role) for unit, role in case.offers}


def participants(case: Case) -> Rows:
    return {(p, case.id): (p, case.id) for p in case.people}


def customers(case: Case) -> Rows:
    """The index row of a customer's own record."""
    if case.kind != "customer":
        return {}
    d = case.data
    row = (
        case.id, d["number"], d["name_zh"], d["name_en"], d["key"], d["pinyin"], d.get("credit_code"), d["division"],
        d.get("industry") or "", d.get("tier") or "", d.get("stage") or "", d.get("unit"), d.get("a"), d.get("b"),
        d.get("lead") or "a", d.get("until"), LEVELS.index(level_of(d)),
        " ".join(f"{name}:{d[name]}" for name in CLASSES if d.get(name)), d.get("merged"),
    )  # fmt: skip
    return {(case.id,): row}


def outbox(step: Step) -> list[Row]:
    """One row for each person a step's notices go to, and one for each message that leaves the house."""
    rows: list[Row] = []
    for op, body in step.ops:
        if op == "notice":
            text = dumps({k: v for k, v in body.items() if k not in ("kind", "to")})
            for person in body["to"] or [None]:
                rows.append((step.case, step.seq, len(rows), person, body["kind"], text, micros(step.recorded)))
    return rows
