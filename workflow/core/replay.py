"""The one fold: what a step makes of a case. The live path and every replay run this and nothing else.

It needs no definition: a step says everything it did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from workflow.core import splits
from workflow.core.case import Case, Clock, Escalation, Link, Taking, Task, Timer
from workflow.core.codec import amended, decode
from workflow.core.errors import HistoryFault
from workflow.core.moments import moment_of
from workflow.core.step import Actor, Step

Draft = dict[str, Any]
"""The parts of a case that a step changes, while it is applied."""


def replay(steps: Iterable[Step]) -> Case | None:
    """The case after these steps, None if there are none. Raises `HistoryFault`."""
    case: Case | None = None
    for step in steps:
        case = apply(case, step)
    return case


def apply(case: Case | None, step: Step) -> Case:
    """The case after the step. Raises `HistoryFault` when the step does not follow."""
    if case is None:
        case = _opened(step)
    elif step.seq != case.seq + 1 or step.case != case.id:
        raise HistoryFault(case=step.case, seq=step.seq)
    draft = begun(case, step.actor)
    for op, body in step.ops:
        fold(case, draft, op, body)
    return closed(case, draft, step)


def begun(case: Case, actor: Actor) -> Draft:
    """What a step changes before it says anything: whoever acts takes part in the case."""
    draft: Draft = {}
    if actor.person is not None:
        _join(case, draft, (actor.person,))
    return draft


def fold(case: Case, draft: Draft, op: str, body: Any) -> None:
    """One fact of a step of the case. Raises `HistoryFault` where there is no such fact."""
    change = _OPS.get(op)
    if change is not None:
        change(case, draft, body)
    elif op not in _SILENT:
        raise HistoryFault(case=case.id, seq=case.seq + 1)


def closed(case: Case, draft: Draft, step: Step) -> Case:
    """The case after a step whose facts the draft holds."""
    draft["seq"] = step.seq
    draft["state"] = step.to_state
    draft["moment"] = step.effective
    draft["written"] = step.recorded
    draft["version"] = step.version
    if step.kind in _PULLS:
        who = step.actor.person or 0
        draft["did"] = {**case.did, step.trigger: [who, step.actor.behalf or who]}
        draft["counts"] = {**case.counts, step.trigger: case.counts.get(step.trigger, 0) + 1}
    return amended(case, draft)


_PULLS = frozenset({"open", "trigger", "timer", "linked", "auto", "signal"})
"""Kinds of steps that pull a trigger: whom four-eyes rules remember and `count.` counts."""

_SILENT = frozenset({"notice", "customer", "file", "comment", "imported", "record", "signal", "revenue", "hands"})


def _opened(step: Step) -> Case:
    if step.seq != 1 or not step.ops or step.ops[0][0] != "case":
        raise HistoryFault(case=step.case, seq=step.seq)
    return Case(
        id=step.case,
        state=step.to_state,
        version=step.version,
        seq=0,
        opened=step.effective,
        **step.ops[0][1],
    )


def _join(case: Case, draft: Draft, persons: Iterable[int]) -> None:
    present: tuple[int, ...] = draft.get("people", case.people)
    fresh = tuple(dict.fromkeys(p for p in persons if p not in present))
    if fresh:
        draft["people"] = present + fresh


def _nothing(case: Case, draft: Draft, body: Any) -> None:
    """The op that opens a case was applied when the case was made."""


def _set(case: Case, draft: Draft, body: Any) -> None:
    draft["data"] = {**draft.get("data", case.data), **body}


def _split(case: Case, draft: Draft, body: Any) -> None:
    """A record's splits, dated: an order to share takes effect by the calendar and needs no later step."""
    data = draft.get("data", case.data)
    draft["data"] = {**data, "splits": splits.taken(data.get("splits", ()), body)}


def _number(case: Case, draft: Draft, no: int) -> None:
    draft["next_no"] = max(draft.get("next_no", case.next_no), no + 1)


def _add(part: str, kind: Any) -> Callable[[Case, Draft, Any], None]:
    def add(case: Case, draft: Draft, body: Any) -> None:
        value: Any = decode(kind, body)
        draft[part] = (*draft.get(part, getattr(case, part)), value)
        _number(case, draft, body["no"])
        if kind is Task:
            _join(case, draft, [p for p in (value.assignee, value.owner) if p is not None])
        elif kind is Escalation:
            _join(case, draft, value.persons)

    return add


def _drop(part: str) -> Callable[[Case, Draft, Any], None]:
    def drop(case: Case, draft: Draft, body: Any) -> None:
        gone = set(body)
        draft[part] = tuple(p for p in draft.get(part, getattr(case, part)) if p.no not in gone)

    return drop


def _amend(part: str, kind: Any) -> Callable[[Case, Draft, Any], None]:
    def amend(case: Case, draft: Draft, body: Any) -> None:
        value: Any = decode(kind, body)
        draft[part] = tuple(value if p.no == value.no else p for p in draft.get(part, getattr(case, part)))
        if kind is Task:
            _join(case, draft, [p for p in (value.assignee, value.owner) if p is not None])

    return amend


def _clock(case: Case, draft: Draft, body: Any) -> None:
    value = decode(Clock, body)
    others = tuple(c for c in draft.get("clocks", case.clocks) if (c.name, c.run) != (value.name, value.run))
    draft["clocks"] = (*others, value)


def _link(case: Case, draft: Draft, body: Any) -> None:
    value = decode(Link, body)
    others = tuple(x for x in draft.get("links", case.links) if x.case != value.case)
    draft["links"] = (*others, value)


def _close(case: Case, draft: Draft, body: Any) -> None:
    draft["closed"] = None if body is None else moment_of(body)


def _done(case: Case, draft: Draft, body: Any) -> None:
    draft["done"] = () if body is None else (*draft.get("done", case.done), body)


def _schedule(case: Case, draft: Draft, body: Any) -> None:
    merged = {**draft.get("schedules", case.schedules), **body}
    draft["schedules"] = {name: anchor for name, anchor in merged.items() if anchor is not None}


def _replace(name: str) -> Callable[[Case, Draft, Any], None]:
    def change(case: Case, draft: Draft, body: Any) -> None:
        draft[name] = tuple(body) if isinstance(body, list) else body

    return change


def _people(case: Case, draft: Draft, body: Any) -> None:
    _join(case, draft, body)


_OPS: dict[str, Callable[[Case, Draft, Any], None]] = {
    "case": _nothing,
    "set": _set,
    "split": _split,
    "task+": _add("tasks", Task),
    "task-": _drop("tasks"),
    "task=": _amend("tasks", Task),
    "timer+": _add("timers", Timer),
    "timer-": _drop("timers"),
    "clock": _clock,
    "escalation+": _add("escalations", Escalation),
    "escalation=": _amend("escalations", Escalation),
    "escalation-": _drop("escalations"),
    "link": _link,
    "taking+": _add("takings", Taking),
    "taking=": _amend("takings", Taking),
    "offers": _replace("offers"),
    "close": _close,
    "done": _done,
    "schedule": _schedule,
    "marks": _replace("marks"),
    "unit": _replace("unit"),
    "customer=": _replace("customer"),
    "people": _people,
}
