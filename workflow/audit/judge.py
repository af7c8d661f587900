"""The verdict on a history: its commands decided again, one after another, and compared with what was recorded.

A step that differs is noted, and the next one is judged from what the history says, so one fault is not told twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from workflow.audit import beside, commands, compare, erasures, records
from workflow.audit.known import Known
from workflow.audit.salts import Secrets, Values, gone, salts_of
from workflow.audit.verdict import MOST, Difference, Unchecked, Verdict, plain
from workflow.audit.worlds import Place, worlds
from workflow.core.case import Case
from workflow.core.codec import dumps
from workflow.core.definition.lifecycle import Definition
from workflow.core.errors import UNFIT, BatonError, DefinitionUnknown, Refused
from workflow.core.replay import apply
from workflow.core.step import Step
from workflow.core.work import Decision
from workflow.core.world import World

MOST_TRIES = 48
"""Of what may have been known at the moment of a step, where several things were written at it."""

BY_ITSELF = frozenset({"auto", "amend"})


@dataclass(slots=True)
class Sheet:
    """A history being judged."""

    case: int
    number: str
    steps: Sequence[Step]
    values: Values
    folded: Case | None = None
    place: int = 0
    reproduced: int = 0
    differences: list[Difference] = field(default_factory=list)
    unchecked: list[Unchecked] = field(default_factory=list)
    erased: list[int] = field(default_factory=list)
    imported: bool = False
    heard: dict[int, int] = field(default_factory=dict)
    """Linked case → its step that was heard of last."""

    def differ(self, found: Iterable[Difference]) -> None:
        if found != ():
            self.differences.extend(islice(found, max(MOST - len(self.differences), 0)))

    def fold(self, count: int) -> None:
        """Go on by what is recorded."""
        for step in self.steps[self.place : self.place + count]:
            self.folded = apply(self.folded, step)
        self.place += count


@dataclass(slots=True)
class Tried:
    """What one try came to: so many of the decision's steps are as recorded; or why there is no decision."""

    decision: Decision | None
    agreed: int = 0
    refusal: BatonError | None = None
    fault: str = ""
    stray: bool = False
    """Whether the history goes on with a move by itself that the decision does not make."""

    @property
    def complete(self) -> bool:
        return self.decision is not None and self.agreed == len(self.decision.steps) > 0

    @property
    def whole(self) -> bool:
        return self.complete and not self.stray


class Judge:
    """Judges histories one after another; what was known beside them is read once."""

    def __init__(self, known: Known, definition: Callable[[str, int], Definition]) -> None:
        self.known = known
        self._definition = definition

    def verdict(self, case: int, number: str, kind: str, steps: Sequence[Step], secrets: Secrets) -> Verdict:
        """Decide a whole history again. `secrets`: commitment → salt and value of its personal values."""
        self.known.archive.begin()
        values = Values({name: value for name, (_, value) in secrets.items()})
        sheet = Sheet(case, number, steps, values)
        if kind == "case":
            self._judge(sheet, secrets)
        else:
            records.judge(sheet, secrets, self.known)
        return Verdict(
            case=case, number=number, kind=kind, steps=len(steps), reproduced=sheet.reproduced,
            differences=tuple(sheet.differences), erased=tuple(sheet.erased), unchecked=tuple(sheet.unchecked),
        )  # fmt: skip

    def _judge(self, sheet: Sheet, secrets: Secrets) -> None:
        sheet.imported = bool(sheet.steps) and any(op == "imported" for op, _ in sheet.steps[0].ops)
        while sheet.place < len(sheet.steps):
            step = sheet.steps[sheet.place]
            try:
                self._one(sheet, step, secrets)
            except UNFIT as unfit:
                # Nothing after a step that cannot be folded means anything.
                sheet.differences.append(Difference(step.seq, "fold", recorded=type(unfit).__name__))
                return
        sheet.differ(beside.unheard(sheet, self.known))

    def _one(self, sheet: Sheet, step: Step, secrets: Secrets) -> None:
        """Judge the next command, which may have made several steps."""
        sheet.values.missed = False
        if sheet.folded is not None and step.version != sheet.folded.version:
            found = Difference(step.seq, "version", recorded=step.version, computed=sheet.folded.version)
            sheet.differ([found])
            sheet.fold(1)
            return
        if sheet.folded is not None and erasures.is_erasure(step):
            before = len(sheet.differences)
            so_far = sheet.steps[: sheet.place]
            sheet.differ(erasures.judged(sheet.folded, step, before=so_far, secrets=secrets, known=self.known))
            sheet.reproduced += len(sheet.differences) == before
            sheet.fold(1)
            return
        try:
            definition = self._definition_of(sheet, step)
        except DefinitionUnknown:
            sheet.unchecked.append(Unchecked(step.seq, "definition"))
            sheet.fold(1)
            return
        if step.kind == "auto":
            # What a case does by itself belongs to the step before it, and that one does not lead here.
            sheet.differences.append(Difference(step.seq, "surplus", step.trigger, recorded=step.to_state))
            sheet.fold(1)
            return
        if gone(step, secrets):
            sheet.erased.append(step.seq)
            sheet.fold(1)
            return
        before = len(sheet.differences)
        sheet.differ(beside.moments(sheet.folded, step))
        sheet.differ(beside.waited(sheet.folded, step, self.known, sheet.unchecked))
        tried = self._tried(sheet, step, definition, secrets)
        if tried.whole:
            sheet.differ(beside.links(sheet, step, tried.decision, self.known))
            self._agree(sheet, tried, clean=len(sheet.differences) == before)
            return
        if sheet.values.missed:
            sheet.erased.append(step.seq)
            sheet.fold(1)
        elif sheet.imported and tried.decision is None and isinstance(tried.refusal, Refused):
            sheet.unchecked.append(Unchecked(step.seq, "imported"))
            sheet.reproduced += 1
            sheet.fold(1)
        else:
            self._disagree(sheet, step, tried)

    def _agree(self, sheet: Sheet, tried: Tried, *, clean: bool) -> None:
        assert tried.decision is not None  # noqa: S101 - a whole try has one
        sheet.folded = tried.decision.case
        sheet.place += tried.agreed
        sheet.reproduced += tried.agreed if clean else tried.agreed - 1

    def _disagree(self, sheet: Sheet, step: Step, tried: Tried) -> None:
        decision = tried.decision
        if decision is None:
            code = tried.refusal.code if tried.refusal is not None else tried.fault
            facts = plain(tried.refusal.facts) if tried.refusal is not None else {}
            sheet.differ([Difference(step.seq, "refused", step.trigger, code=code, facts=facts)])
            sheet.fold(1)
            return
        if not decision.steps:
            sheet.differ([Difference(step.seq, "surplus", step.trigger, recorded=step.to_state)])
            sheet.fold(1)
            return
        agreed = tried.agreed
        sheet.reproduced += agreed
        if tried.complete:
            sheet.fold(agreed)
            return
        at = sheet.place + agreed
        computed = decision.steps[agreed]
        found = sheet.steps[at] if at < len(sheet.steps) else None
        if found is None or (agreed and found.kind not in BY_ITSELF):
            missing = Difference(computed.seq, "missing", computed.trigger, computed=computed.to_state)
            sheet.differ([missing])
            sheet.fold(agreed)
            return
        sheet.differ(compare.differences(found, alike(computed)))
        sheet.fold(agreed + 1)
        # The rest of what it did by itself is judged by its own differences only.
        for later in decision.steps[agreed + 1 :]:
            if sheet.place >= len(sheet.steps) or sheet.steps[sheet.place].kind not in BY_ITSELF:
                break
            recorded = sheet.steps[sheet.place]
            if same(recorded, later):
                sheet.reproduced += 1
            else:
                sheet.differ(compare.differences(recorded, alike(later)))
            sheet.fold(1)

    def _tried(self, sheet: Sheet, step: Step, definition: Definition, secrets: Secrets) -> Tried:
        """With what was known by all one can tell; where that does not give the step, with what may have been."""
        place = Place(sheet.case, sheet.folded, step, sheet.steps, sheet.place, sheet.imported)
        first: Tried | None = None
        for world in islice(worlds(self.known, place, sheet.values, definition), MOST_TRIES):
            world.salt = salts_of(sheet.steps, sheet.place, secrets)
            tried = attempt(definition, sheet.folded, sheet.steps, sheet.place, world)
            if tried.whole:
                return tried
            first = first or tried
        assert first is not None  # noqa: S101 - there is always one world
        return first

    def _definition_of(self, sheet: Sheet, step: Step) -> Definition:
        name = sheet.folded.definition if sheet.folded is not None else commands.first(step)
        return self._definition(name, step.version)


def attempt(definition: Definition, case: Case | None, steps: Sequence[Step], place: int, world: World) -> Tried:
    """Decide the step at a place again and see how many of its steps are as recorded."""
    step = steps[place]
    try:
        if case is None:
            decision: Decision | None = commands.begin(definition, step, world)
        else:
            decision = commands.again(definition, case, step, world)
    except BatonError as refused:
        return Tried(None, refusal=refused)
    except UNFIT as unfit:
        return Tried(None, fault=type(unfit).__name__)
    if decision is None:
        return Tried(Decision(case=case))
    agreed = 0
    for made in decision.steps[: len(steps) - place]:
        if not same(steps[place + agreed], made):
            break
        agreed += 1
    after = steps[place + agreed] if place + agreed < len(steps) else None
    return Tried(decision, agreed, stray=after is not None and after.kind == "auto")


def same(recorded: Step, computed: Step) -> bool:
    return recorded == computed or recorded == alike(computed)


def alike(computed: Step) -> Step:
    """A computed step as it would be read again after it was stored."""
    return replace(computed, form=json.loads(dumps(computed.form)), ops=json.loads(dumps(computed.ops)))
