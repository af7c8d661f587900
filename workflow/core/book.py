"""Records without a lifecycle: a customer's own, and the organisation's. Their changes are steps too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal

from workflow.core.case import Case
from workflow.core.personal import protect
from workflow.core.replay import apply
from workflow.core.step import Actor, Op, Step
from workflow.core.work import Decision

PERSONAL = frozenset({"contacts", "phone", "email", "birthday", "password", "reason", "pay"})
"""What a record never shows in its history: it goes to the vault."""


def begin(
    kind: Literal["customer", "organisation"],
    *,
    case_id: int,
    number: str,
    values: Mapping[str, Any],
    actor: Actor,
    at: datetime,
    salt: Callable[[], bytes],
    trigger: str = "register",
) -> Decision:
    """The first step of a record."""
    body: dict[str, Any] = {"kind": kind, "number": number, "definition": f"@{kind}"}
    body |= {"opener": actor.principal}
    if kind == "customer":
        body |= {"customer": case_id, "unit": values.get("unit")}
    return _step(None, case_id, trigger, [["case", body], ["set", dict(values)]], {}, actor, at, at, salt)


def note(
    case: Case,
    trigger: str,
    *,
    values: Mapping[str, Any],
    actor: Actor,
    at: datetime,
    recorded: datetime,
    salt: Callable[[], bytes],
    cause: tuple[int, int] | None = None,
    reason: str = "",
    notice: Mapping[str, Any] | None = None,
) -> Decision:
    """A change to a record. `cause`: (case, seq) of the step that brought it about; `reason`: what a person gave;
    `notice`: a message about it, with the persons it goes to.

    What changes in a customer's record is set in it; of the organisation only the history says it, since its
    units and persons have tables of their own.
    """
    ops: list[Op] = []
    if case.kind == "customer":
        ops.append(["set", {name: value for name, value in values.items() if name != "split"}])
        if "split" in values:
            ops.append(["split", values["split"]])
        if "unit" in values:
            ops.append(["unit", values["unit"]])
    form = {} if case.kind == "customer" else dict(values)
    if reason:
        form["reason"] = reason
    if cause is not None:
        ops.append(["record", {"cause": list(cause)}])
    if notice is not None:
        ops.append(["notice", dict(notice)])
    return _step(case, case.id, trigger, ops, form, actor, at, recorded, salt)


def enter(
    case: Case,
    trigger: str,
    *,
    ops: list[Op],
    actor: Actor,
    at: datetime,
    recorded: datetime,
    salt: Callable[[], bytes],
) -> Decision:
    """A step that leaves a record as it is and keeps something beside it, like figures, which the ops say."""
    return _step(case, case.id, trigger, ops, {}, actor, at, recorded, salt)


def _step(
    case: Case | None,
    case_id: int,
    trigger: str,
    ops: list[Op],
    form: dict[str, Any],
    actor: Actor,
    at: datetime,
    recorded: datetime,
    salt: Callable[[], bytes],
) -> Decision:
    step = Step(
        case=case_id,
        seq=case.seq + 1 if case else 1,
        kind="admin",
        trigger=trigger,
        actor=actor,
        effective=at,
        recorded=recorded,
        from_state=case.state if case else "",
        to_state="kept",
        version=1,
        form=form,
        ops=ops,
    )
    step, secrets = protect(step, PERSONAL, salt)
    return Decision(case=apply(case, step), steps=[step], secrets=secrets)
