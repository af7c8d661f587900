"""A step in the making: ops are collected, and what they make of the case can be asked at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from workflow.core.case import Case
from workflow.core.codec import amended, maker, noted
from workflow.core.definition.lifecycle import Definition
from workflow.core.moments import moment_of
from workflow.core.personal import MARK, Secret, is_commitment, protect
from workflow.core.replay import apply, begun, closed, fold
from workflow.core.step import Actor, Step
from workflow.core.world import Situation, World

WRITTEN = frozenset({"comment", "note", "reason"})

_step = maker(Step)


@dataclass(frozen=True, slots=True)
class StartForm:
    """What a person has filled in for the case that is opened by what they do.

    `customer`: whom it is about, where the case that opens it is about nobody.
    """

    answers: Mapping[str, Any]
    customer: int | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """A linked case to be opened in the same transaction; its id is already in the parent's step.

    `about`: the number of its customer; None: the parent's. `asks`: a person fills in its start form, `start`.
    """

    id: int
    link: str
    definition: str
    unit: int | None
    data: Mapping[str, Any]
    nominal: str | None
    about: str | None = None
    asks: bool = False
    start: StartForm | None = None


@dataclass(slots=True)
class Decision:
    """What the rules decided: the steps in order, the case after them, and what else goes in the transaction.

    `customer`: changes to the customer's record. `signals`: (definition, trigger) for other cases of the customer and
    for the one that opened this case.
    `sealed`: commitments whose values nobody may read yet. `ended`: the case reached a final state; the case
    that opened it is told. `relocated`: it went to a unit with another calendar, by which what is open has
    still to be computed again.
    """

    case: Case | None
    steps: list[Step] = field(default_factory=list)
    secrets: list[Secret] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    customer: dict[str, Any] = field(default_factory=dict)
    signals: list[tuple[str, str]] = field(default_factory=list)
    sealed: set[str] = field(default_factory=set)
    ended: bool = False
    relocated: bool = False


class Work:
    """One step being made. `at` is when it takes effect, `recorded` when it is written."""

    def __init__(
        self,
        definition: Definition,
        decision: Decision,
        case: Case,
        world: World,
        *,
        actor: Actor,
        at: datetime,
        recorded: datetime,
    ) -> None:
        self.definition = definition
        self.decision = decision
        self.before = case
        self._draft = begun(case, actor)
        self._case: Case | None = case
        self.world = world
        self.actor = actor
        self.at = at
        self.recorded = recorded
        self.ops: list[list[Any]] = []

    @property
    def case(self) -> Case:
        """The case with what was noted so far. Made when somebody asks: most facts are noted one after the other."""
        found = self._case
        if found is None:
            found = self._case = amended(self.before, self._draft)
        return found

    @property
    def next_no(self) -> int:
        """The number of the next task, timer, escalation or taking."""
        found: int = self._draft.get("next_no", self.before.next_no)
        return found

    def add(self, op: str, body: Any) -> None:
        """Note a fact; `self.case` shows it from now on. Raises `HistoryFault` where there is no such fact."""
        self.ops.append([op, body])
        fold(self.before, self._draft, op, body)
        self._case = None

    def put(self, op: str, value: Any) -> None:
        self.add(op, noted(value))

    def notice(self, kind: str, persons: tuple[int, ...], **facts: Any) -> None:
        """A message to persons, each once; to nobody is nothing."""
        if persons:
            self.add("notice", {"kind": kind, "to": list(dict.fromkeys(persons)), **facts})

    def situation(
        self,
        *,
        form: Mapping[str, Any] | None = None,
        finishing: int | None = None,
        row: Mapping[str, Any] | None = None,
    ) -> Situation:
        return Situation(
            self.definition, self.case, self.world, self.actor, self.at, finishing=finishing, form=form or {},
            row=row or {},
        )  # fmt: skip

    def finish(
        self,
        kind: str,
        trigger: str,
        *,
        to: str | None = None,
        task: int | None = None,
        form: dict[str, Any] | None = None,
    ) -> Case:
        """Close the step, add it to the decision, and give the case as the fold makes it."""
        before = self.before
        step = _step(
            before.id, before.seq + 1, kind, trigger, self.actor, self.at, self.recorded,
            before.state, to if to is not None else before.state, before.version, task, form or {}, self.ops,
        )  # fmt: skip
        step, secrets = protect(step, personal_fields(self.definition), self.world.salt)
        self.decision.steps.append(step)
        self.decision.sealed |= _under_seal(self.definition, step)
        if secrets:
            self.decision.secrets.extend(secrets)
            self.world.vault.update({digest: value for digest, _, value in secrets})
        if secrets or before.seq == 0:
            # What was folded so far says personal values themselves; and the first step makes its case.
            after = apply(None if before.seq == 0 else before, step)
        else:
            after = closed(before, self._draft, step)
        self.decision.case = after
        return after

    def see_customer(self, changes: Mapping[str, Any]) -> None:
        """Let everything later in the decision see the customer as changed: tasks open for the new owner."""
        customer = self.world.customer
        if customer is not None:
            known = {field.name for field in fields(customer)}
            seen: dict[str, Any] = {name: value for name, value in changes.items() if name in known}
            if seen.get("until") is not None:
                seen["until"] = moment_of(seen["until"])
            self.world.customer = replace(customer, **seen)

    def relocate(self, unit: int) -> None:
        """Give the case to another unit, whose calendar holds for everything later in the decision."""
        self.add("unit", unit)
        own = self.world.directory.calendar_of(unit)
        if own != self.world.own:
            self.world.own = own
            self.decision.relocated = True

    def enter(self, state: str) -> None:
        """Let later parts of the same step see the case in its new state."""
        self._draft["state"] = state
        self._case = None


def _under_seal(definition: Definition, step: Step) -> set[str]:
    """Commitments of the step that stay closed in the state it leads to."""
    seal = definition.sealed
    if seal is None or step.to_state not in seal.states:
        return set()
    named = [step.form, *(body for op, body in step.ops if op == "set")]
    return {
        value[MARK]
        for values in named
        for name, value in values.items()
        if name in seal.fields and is_commitment(value)
    }


def personal_fields(definition: Definition) -> frozenset[str]:
    """What goes to the vault: the fields the file says so of, sealed ones among them, and what people write beside."""
    return definition.personal | WRITTEN
