"""A recorded step as the command it came from, decided once more by the same rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow.core import decide, forms, mentions, standing, unasked
from workflow.core.case import Case, Timer
from workflow.core.definition.lifecycle import Definition
from workflow.core.desk import Desk
from workflow.core.errors import CaseNotFound, NotPermitted, TimerNotPending
from workflow.core.personal import reveal
from workflow.core.step import Actor, Step
from workflow.core.work import Decision
from workflow.core.world import World
from workflow.service import written


class Unknown(ValueError):
    """A step these rules have no command for."""


@dataclass(slots=True)
class Told:
    """A recorded step with what its rules and its moment are."""

    definition: Definition
    case: Case
    step: Step
    world: World

    @property
    def when(self) -> dict[str, Any]:
        return {"actor": self.step.actor, "at": self.step.effective, "recorded": self.step.recorded}

    def answers(self) -> dict[str, Any]:
        """The form with personal values in it."""
        vault = self.world.vault
        return {name: reveal(value, vault) for name, value in self.step.form.items()}

    def said(self, name: str) -> str:
        return str(reveal(self.step.form.get(name, ""), self.world.vault) or "")

    def body(self, op: str) -> Any:
        """What the step says of one kind of fact. Raises `Unknown` where it says nothing of it."""
        for name, body in self.step.ops:
            if name == op:
                return body
        raise Unknown(op)


def first(step: Step) -> str:
    """The lifecycle a first step opens. Raises `Unknown`."""
    body = next((body for op, body in step.ops if op == "case"), None)
    if not isinstance(body, dict) or not isinstance(body.get("definition"), str):
        raise Unknown("case")
    return str(body["definition"])


def begin(definition: Definition, step: Step, world: World) -> Decision:
    """The first step of a case, decided again. Raises `Refused`, `Unknown`."""
    body = next((body for op, body in step.ops if op == "case"), None)
    if not isinstance(body, dict):
        raise Unknown("case")
    actor, at, unit = step.actor, step.effective, body.get("unit")
    answers = {name: reveal(value, world.vault) for name, value in step.form.items()}
    parent = body.get("parent")
    if parent is None:
        standing.check_actor(world.directory, actor, at)
        _placed(definition, world, actor, unit, at)
        form: dict[str, Any] | None = {f.name: answers[f.name] for f in definition.start_form if f.name in answers}
        given = None
    else:
        usual = forms.defaults(definition)
        form, given = None, {name: value for name, value in answers.items() if usual.get(name) != value}
    return decide.open_case(
        definition,
        world,
        case_id=step.case,
        number=definition.number(step.case),
        customer=body.get("customer"),
        unit=unit,
        form=form,
        actor=actor,
        at=at,
        recorded=step.recorded,
        parent=None if parent is None else _above(parent, at),
        link=body.get("parent_link"),
        given=given,
        origin=next((origin for op, origin in step.ops if op == "imported"), None),
    )


def again(definition: Definition, case: Case, step: Step, world: World) -> Decision | None:
    """A later step, decided again; None where the rules see nothing to do. Raises `Refused`, `Unknown`."""
    command = _COMMANDS.get(step.kind)
    if command is None:
        raise Unknown(step.kind)
    told = Told(definition, case, step, world)
    if step.kind in BY_HAND and not (step.kind == "resume" and step.actor.person is None):
        standing.check_actor(world.directory, step.actor, step.effective)
        if not standing.sees(world.directory, case, step.actor, step.effective):
            raise CaseNotFound(case=case.id)
    return command(told)


def waiting(case: Case) -> Timer | None:
    """The timer that fires next."""
    return min(case.timers, key=lambda t: (t.due, t.no)) if case.timers else None


def by_hand(step: Step) -> bool:
    """Whether a command led to the step, before which everything due has happened."""
    return step.kind in BY_HAND and (step.kind != "resume" or step.actor.person is not None)


BY_HAND = frozenset({"trigger", "done", "claim", "release", "delegate", "reassign", "comment", "attach",
                     "acknowledge", "pause", "resume"})  # fmt: skip


def _placed(definition: Definition, world: World, actor: Actor, unit: int | None, at: datetime) -> None:
    """A case is opened where such cases are, or in a unit one works in."""
    theirs = None if world.customer is None else world.customer.unit
    usual = standing.usual_unit(definition, world.directory, theirs, actor, at)
    if unit is not None and unit != usual and not standing.works_in(world.directory, unit, actor, at):
        raise NotPermitted(action="open")


def _above(case: int, at: datetime) -> Case:
    """The case that opened this one: all that counts of it is that it did."""
    return Case(id=case, kind="case", number="", definition="", version=0, state="", seq=0, opened=at)


def _perform(told: Told) -> Decision:
    return decide.perform(
        told.definition, told.case, told.world, trigger=told.step.trigger, form=told.answers(), task=told.step.task,
        **told.when,
    )  # fmt: skip


def _done(told: Told) -> Decision:
    return decide.done(
        told.definition, told.case, told.world, task=told.step.task or 0, form=told.answers(), **told.when
    )


def _fire(told: Told) -> Decision:
    timer = waiting(told.case)
    if timer is None or timer.due > told.step.recorded:
        raise TimerNotPending(case=told.case.number, timer=told.step.trigger)
    return unasked.fire(told.definition, told.case, told.world, timer, recorded=told.step.recorded)


def _linked(told: Told) -> Decision:
    body = told.body("link")
    if body["case"] not in {link.case for link in told.case.links}:
        raise CaseNotFound(case=body["case"])
    return unasked.linked(
        told.definition, told.case, told.world, child=body["case"], outcome=body.get("outcome") or "",
        at=told.step.effective, recorded=told.step.recorded,
    )  # fmt: skip


def _signalled(told: Told) -> Decision | None:
    body = told.body("signal")
    return unasked.signalled(
        told.definition, told.case, told.world, trigger=body["trigger"], sender=body["from"],
        at=told.step.effective, recorded=told.step.recorded,
    )  # fmt: skip


def _handed(told: Told) -> Decision | None:
    step = told.step
    said = told.body("hands")
    return unasked.handed(told.definition, told.case, told.world, said=said, at=step.effective, recorded=step.recorded)


def _recount(told: Told) -> Decision | None:
    step = told.step
    return unasked.recount(told.definition, told.case, told.world, at=step.effective, recorded=step.recorded)


def _desk(told: Told) -> Desk:
    return Desk(told.definition, told.case, told.world, **told.when)


def _delegate(told: Told) -> Decision:
    note = written.text("note", told.said("note"), needed=False)
    return _desk(told).delegate(told.step.task or 0, told.step.form["to"], note)


def _reassign(told: Told) -> Decision:
    reason = written.text("reason", told.said("reason"))
    return _desk(told).reassign(told.step.task or 0, told.step.form["to"], reason)


def _comment(told: Told) -> Decision:
    text = written.text("comment", told.said("comment"))
    desk = _desk(told)
    return desk.comment(text, mentions.of(text, told.case, told.world.directory, desk.at))


def _acknowledge(told: Told) -> Decision:
    return _desk(told).acknowledge(told.body("escalation=")["no"], told.said("note"))


def _pause(told: Told) -> Decision:
    desk, clock = _desk(told), told.step.trigger
    return desk.pause(clock, written.text("reason", told.said("reason"), needed=desk.asks_reason(clock)))


def _resume(told: Told) -> Decision:
    if told.step.actor.person is None:
        return _fire(told)
    return _desk(told).resume(told.step.trigger, told.said("note"))


_COMMANDS: Mapping[str, Callable[[Told], Decision | None]] = {
    "trigger": _perform,
    "done": _done,
    "claim": lambda told: _desk(told).claim(told.step.task or 0),
    "release": lambda told: _desk(told).release(told.step.task or 0),
    "delegate": _delegate,
    "reassign": _reassign,
    "comment": _comment,
    "attach": lambda told: _desk(told).attach(told.body("file")),
    "acknowledge": _acknowledge,
    "pause": _pause,
    "resume": _resume,
    "timer": _fire,
    "rung": _fire,
    "recurring": _fire,
    "remind": _fire,
    "linked": _linked,
    "link": _linked,
    "reopened": _linked,
    "signal": _signalled,
    "hands": _handed,
    "amend": _recount,
}
