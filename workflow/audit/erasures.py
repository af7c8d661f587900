"""Whether a step that says personal values were erased is right: an administrator's, and what it names is gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workflow.audit import compare
from workflow.audit.known import Known
from workflow.audit.salts import Secrets, commitments
from workflow.audit.verdict import Difference, plain
from workflow.core import erasing, standing
from workflow.core.case import Case
from workflow.core.directory import Directory
from workflow.core.errors import NotPermitted, Refused
from workflow.core.step import Step


def is_erasure(step: Step) -> bool:
    return step.kind == "admin" and step.trigger == "erase"


def judged(record: Case, step: Step, *, before: Sequence[Step], secrets: Secrets, known: Known) -> Iterator[Difference]:
    """What is not as it says. `before`: the steps up to it."""
    said: Mapping[str, Any] = next((body for op, body in step.ops if op == "record"), {})
    named: list[str] = said.get("erased", [])
    files: list[int] = said.get("files", [])
    kept = {digest for one in before for digest in commitments(one)}
    for digest in named:
        if digest not in kept or secrets.get(digest, (b"", None))[1] is not None:
            yield Difference(step.seq, "erased", recorded=digest)
    for file in sorted(set(files) - erasing.attached(before)):
        yield Difference(step.seq, "erased", recorded=file)
    refused = known.organisations.against(step.recorded, lambda one: _against(one, step))
    if refused is not None:
        yield Difference(step.seq, "refused", step.trigger, code=refused.code, facts=plain(refused.facts))
    computed = erasing.erased(
        record,
        named,
        reason=str(step.form.get("reason", "")),
        actor=step.actor,
        at=step.effective,
        person=step.form.get("person_id"),
        files=files,
    ).steps[0]
    if computed != step:
        yield from compare.differences(step, computed)


def _against(directory: Directory, step: Step) -> Refused | None:
    """Why the one who did it may not; None for the system and for administrators."""
    actor, at = step.actor, step.effective
    if actor.person is None:
        return None
    try:
        standing.check_actor(directory, actor, at)
    except Refused as refused:
        return refused
    held = directory.role_names(actor.principal, at)
    return None if "administrator" in held else NotPermitted(action="administer")
