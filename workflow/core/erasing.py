"""Which personal values of a history are a person's, and the step that records that they were erased.

What is erased is the value and its salt, in the vault, and the content of attachments. The commitments and hashes in
the history stay, so every chain holds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from workflow.core.case import Case
from workflow.core.personal import MARK, is_commitment
from workflow.core.replay import apply
from workflow.core.step import Actor, Step
from workflow.core.work import Decision

ABOUT = ("person_id", "absent_id")
"""Fields of the organisation's record that say which person a step is about; else `id`, of the person changed."""


def commitments(
    steps: Iterable[Step], *, fields: Collection[str] | None = None, person: int | None = None
) -> dict[str, str]:
    """Commitment → field, of the fields named (None: all); `person`: of steps about this one alone."""
    found: dict[str, str] = {}
    for step in steps:
        if person is not None and not about(step, person):
            continue
        for values in (step.form, *(body for op, body in step.ops if op == "set")):
            for name, value in values.items():
                if is_commitment(value) and (fields is None or name in fields):
                    found[value[MARK]] = name
    return found


def attached(steps: Iterable[Step]) -> set[int]:
    """The attachments of a history."""
    return {body["id"] for step in steps for op, body in step.ops if op == "file"}


def about(step: Step, person: int) -> bool:
    """Whether a step of the organisation's record is about a person."""
    own = step.trigger in ("add_person", "change_person") and step.form.get("id") == person
    return own or any(step.form.get(name) == person for name in ABOUT)


def erased(
    case: Case,
    gone: Sequence[str],
    *,
    reason: str,
    actor: Actor,
    at: datetime,
    person: int | None,
    files: Sequence[int] = (),
) -> Decision:
    """The step that says so, whatever the record: it moves nothing. `person`: about whom, in the organisation's;
    `files`: attachments whose content is gone."""
    step = Step(
        case=case.id,
        seq=case.seq + 1,
        kind="admin",
        trigger="erase",
        actor=actor,
        effective=at,
        recorded=at,
        from_state=case.state,
        to_state=case.state,
        version=case.version,
        form={"reason": reason} | ({} if person is None else {"person_id": person}),
        ops=[["record", {"erased": sorted(gone)} | ({"files": sorted(files)} if files else {})]],
    )
    return Decision(case=apply(case, step), steps=[step], secrets=[])
