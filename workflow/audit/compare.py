"""Where a recorded step and the one the rules give are not the same, in the words of the business."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workflow.audit.verdict import Difference
from workflow.core.moments import micros
from workflow.core.step import Step

MOMENTS = frozenset({"due", "opened", "started", "paused", "breached", "ended", "noticed", "raised", "recorded",
                     "acknowledged", "since", "close"})  # fmt: skip


def differences(recorded: Step, computed: Step) -> Iterator[Difference]:
    """Each difference of two steps; at least one when they are not the same."""
    seq = recorded.seq
    if recorded.to_state != computed.to_state:
        yield Difference(seq, "state", recorded=recorded.to_state, computed=computed.to_state)
    for what in ("kind", "trigger", "from_state", "version", "task", "case", "seq"):
        was, is_now = getattr(recorded, what), getattr(computed, what)
        if was != is_now:
            yield Difference(seq, what, recorded=was, computed=is_now)
    if recorded.actor != computed.actor:
        for what in ("person", "behalf"):
            was, is_now = getattr(recorded.actor, what), getattr(computed.actor, what)
            if was != is_now:
                yield Difference(seq, what, recorded=was, computed=is_now)
    for what in ("effective", "recorded"):
        at, expected = getattr(recorded, what), getattr(computed, what)
        if at != expected:
            yield Difference(seq, what, recorded=micros(at), computed=micros(expected), moment=True)
    yield from _of_forms(seq, recorded.form, computed.form)
    yield from _of_ops(seq, recorded.ops, computed.ops)


def _of_forms(seq: int, recorded: Mapping[str, Any], computed: Mapping[str, Any]) -> Iterator[Difference]:
    for name in {**recorded, **computed}:
        if recorded.get(name) != computed.get(name):
            yield Difference(seq, "answer", name, recorded.get(name), computed.get(name))


def _of_ops(seq: int, recorded: list[Any], computed: list[Any]) -> Iterator[Difference]:
    if recorded == computed:
        return
    given = [list(op) for op in computed]
    for op, body in recorded:
        if [op, body] in given:
            given.remove([op, body])
            continue
        like = next((one for one in given if one[0] == op and _about(op, one[1]) == _about(op, body)), None)
        if like is None:
            yield Difference(seq, "surplus", f"{op} {_about(op, body)}".strip(), recorded=body)
        else:
            given.remove(like)
            yield from _of_bodies(seq, op, body, like[1])
    for op, body in given:
        yield Difference(seq, "missing", f"{op} {_about(op, body)}".strip(), computed=body)
    if not given and sorted(map(repr, recorded)) == sorted(map(repr, computed)):
        yield Difference(seq, "order", recorded=[op for op, _ in recorded], computed=[op for op, _ in computed])


def _about(op: str, body: Any) -> str:
    """What a fact is about, so that it is compared with its like."""
    if not isinstance(body, dict):
        return ""
    if op.startswith("escalation"):
        return str(body.get("clock", ""))
    return str(body.get("name", body.get("kind", "") if op == "notice" else ""))


def _of_bodies(seq: int, op: str, recorded: Any, computed: Any) -> Iterator[Difference]:
    if not isinstance(recorded, dict) or not isinstance(computed, dict):
        yield Difference(seq, op, recorded=recorded, computed=computed, moment=op in MOMENTS)
        return
    about = _about(op, recorded)
    for what in {**recorded, **computed}:
        was, is_now = recorded.get(what), computed.get(what)
        if was != is_now or (what in recorded) != (what in computed):
            yield Difference(seq, what, about, was, is_now, moment=what in MOMENTS and _is_moment(was, is_now))


def _is_moment(*values: Any) -> bool:
    return all(value is None or type(value) is int for value in values)
