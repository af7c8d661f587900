"""Every history is whole: numbered without a gap, in the order of time, each hash over what is stored."""

from __future__ import annotations

from hashlib import sha256

from workflow.invariants.rule import Finding
from workflow.invariants.tables import History

PREFIX = b"baton step 1\x00"
GENESIS = bytes(32)


def chain(history: History, finding: Finding) -> None:
    """Each step's hash covers the one before it and every stored column; the case keeps the last one."""
    before = GENESIS
    for step in history.steps:
        own = sha256(PREFIX + before + b"".join(map(_written, step.row))).digest()
        holds = step.previous == before and step.hash == own
        finding.look(holds, f"{history.number}: step {step.seq} does not follow")
        before = step.hash
    if before != history.head:
        finding.fail(f"{history.number}: the case keeps another end")


def order(history: History, finding: Finding) -> None:
    """Steps are numbered from 1, begin where the one before ended, and never go back in time."""
    state, effective, recorded = None, 0, 0
    for number, step in enumerate(history.steps, start=1):
        follows = state is None or step.before == state
        in_time = effective <= step.effective and recorded <= step.recorded and step.effective <= step.recorded
        finding.look(step.seq == number and follows and in_time, f"{history.number}: step {step.seq} is out of order")
        state, effective, recorded = step.after, step.effective, step.recorded
    if (state, len(history.steps)) != (history.state, history.seq):
        finding.fail(f"{history.number}: stands in {history.state}, its history ends in {state}")


def _written(value: object) -> bytes:
    """A column as the chain covers it: what it is, how long, and its bytes. Lengths are of eight bytes."""
    if value is None:
        return b"\x00"
    kind, raw = (b"\x01", str(value).encode()) if isinstance(value, int) else (b"\x02", str(value).encode())
    return kind + len(raw).to_bytes(8, "big") + raw
