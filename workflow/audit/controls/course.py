"""One history as controls look at it: what is asked about its steps, its clocks and itself, without a whole fold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow.audit.known import Known
from workflow.core.case import Clock
from workflow.core.codec import decode
from workflow.core.definition.states import Transition
from workflow.core.moments import micros
from workflow.core.step import Step
from workflow.definitions.controls import Control
from workflow.definitions.library import Library

PULLS = frozenset({"open", "trigger", "timer", "linked", "signal", "auto"})


class Facts(dict[str, Any]):
    """Values by name, each made when a condition first asks for it."""

    def __init__(self, made: Mapping[str, Callable[[], Any]]) -> None:
        super().__init__()
        self._made = made

    def __missing__(self, name: str) -> Any:
        value = self[name] = self._made[name]()
        return value


@dataclass(frozen=True, slots=True)
class Subject:
    """Something a control looks at. `seq`: the step to show for it; `detail`: what is kept of it where it fails.

    `within`: the moment that says which period it belongs to; None: whichever is looked at.
    """

    case: int
    seq: int
    at: datetime
    facts: Mapping[str, Any]
    detail: Mapping[str, Any]
    within: datetime | None


class Course:
    """The history of a case up to a moment."""

    def __init__(self, steps: Sequence[Step], *, until: datetime, library: Library, known: Known) -> None:
        first = steps[0]
        self.case = first.case
        opened = first.ops[0][1]
        self.definition: str = opened["definition"]
        self.customer: int | None = opened.get("customer")
        self.until = until
        self.steps = steps
        self._library = library
        self._known = known

    def subjects(self, control: Control) -> Iterator[Subject]:
        """What of this case a control looks at, before its `where`."""
        if control.of.definition not in (None, self.definition):
            return iter(())
        if control.each == "clock":
            return self._clocks(control)
        return self._steps(control) if control.each == "step" else self._whole()

    def _steps(self, control: Control) -> Iterator[Subject]:
        of = control.of
        did: dict[str, tuple[int, ...]] = {}
        acted: set[int] = set()
        for step in self.steps:
            who = _people(step)
            pulled = step.kind in PULLS
            wanted = (not of.triggers or (pulled and step.trigger in of.triggers)) and (
                not of.behalf or step.actor.behalf is not None
            )
            if wanted and of.four_eyes:
                way = self._way(step) if step.kind == "trigger" else None
                wanted = way is not None and bool(way.not_by)
            if wanted:
                yield self._step(step, who, dict(did), frozenset(acted))
            if pulled and who:
                did[step.trigger] = who
            acted.update(who)

    def _step(self, step: Step, who: Sequence[int], did: Mapping[str, Sequence[int]], acted: frozenset[int]) -> Subject:
        def kept_out() -> list[int]:
            way = self._way(step)
            return sorted({one for earlier in way.not_by for one in did.get(earlier, ())}) if way is not None else []

        made: dict[str, Callable[[], Any]] = {
            "step.kind": lambda: step.kind,
            "step.trigger": lambda: step.trigger,
            "step.from": lambda: step.from_state,
            "step.to": lambda: step.to_state,
            "step.person": lambda: step.actor.person or 0,
            "step.behalf": lambda: step.actor.behalf or 0,
            "step.people": lambda: list(who),
            "step.kept_out": kept_out,
            "step.late": lambda: int((step.recorded - step.effective).total_seconds()),
            "before.acted": lambda: sorted(acted),
            **self._customer_then(step),
            **self._of_case(),
        }
        detail = {"trigger": step.trigger, "person": step.actor.person, "behalf": step.actor.behalf}
        return Subject(step.case, step.seq, step.effective, Facts(made), detail, step.effective)

    def _customer_then(self, step: Step) -> dict[str, Callable[[], Any]]:
        def known(name: str) -> Any:
            if self.customer is None:
                return None
            return getattr(self._known.customer(self.customer, step.recorded, but=(step.case, step.seq)), name, None)

        def others() -> list[str]:
            if self.customer is None:
                return []
            return self._known.open_cases(self.customer, step.recorded, but=step.case, opened_here=frozenset())

        texts = {f"customer.{name}": _asking(known, name, "") for name in ("tier", "stage", "lead")}
        ids = {f"customer.{name}": _asking(known, name, 0) for name in ("unit", "a", "b")}
        return {**texts, **ids, "customer.open": others}

    def _clocks(self, control: Control) -> Iterator[Subject]:
        last: dict[int, tuple[int, Any]] = {}
        shown: dict[int, int] = {}
        for step in self.steps:
            for op, body in step.ops:
                if op == "clock" and body["name"] == control.of.clock:
                    last[body["run"]] = (step.seq, body)
                    if body.get("breached") is not None:
                        shown.setdefault(body["run"], step.seq)
        for run, (seq, body) in last.items():
            yield self._clock(decode(Clock, body), shown.get(run, seq))

    def _clock(self, clock: Clock, seq: int) -> Subject:
        over = clock.ended or self.until
        late = clock.breached is not None or (clock.status == "running" and clock.due < self.until)
        seconds = max(0, int((over - (clock.breached or clock.due)).total_seconds())) if late else 0
        extensions = [one.days for one in clock.delays if one.days]
        made: dict[str, Callable[[], Any]] = {
            "clock.status": lambda: clock.status,
            "clock.run": lambda: clock.run,
            "clock.met": lambda: clock.status == "met",
            "clock.breached": lambda: late,
            "clock.late": lambda: seconds,
            "clock.extended": lambda: len(extensions),
            "clock.extended_days": lambda: sum(extensions),
            **self._of_case(),
        }
        detail = {
            "clock": clock.name, "run": clock.run, "due": micros(clock.breached or clock.due), "late": seconds,
            "extended": len(extensions), "open": clock.ended is None,
        }  # fmt: skip
        moment = clock.breached or clock.ended
        shown = moment or next(one.effective for one in self.steps if one.seq == seq)
        return Subject(self.case, seq, shown, Facts(made), detail, moment)

    def _whole(self) -> Iterator[Subject]:
        last = self.steps[-1]
        pulled = Counter(step.trigger for step in self.steps if step.kind in PULLS)
        definition = self._library.versions.get((self.definition, last.version))
        counts = {way.trigger: pulled[way.trigger] for way in definition.transitions} if definition else {}
        made = {f"count.{name}": _giving(count) for name, count in counts.items()}
        detail = {"state": last.to_state}
        yield Subject(self.case, last.seq, last.effective, Facts({**self._of_case(), **made}), detail, self._ended())

    def _of_case(self) -> dict[str, Callable[[], Any]]:
        last = self.steps[-1]
        return {
            "case.definition": lambda: self.definition,
            "case.version": lambda: last.version,
            "case.state": lambda: last.to_state,
            "case.open": lambda: self._ended() is None,
            "case.steps": lambda: last.seq,
        }

    def _ended(self) -> datetime | None:
        """When it was closed, None while it is open."""
        ended = None
        for step in self.steps:
            for op, body in step.ops:
                if op == "close":
                    ended = None if body is None else step.effective
        return ended

    def _way(self, step: Step) -> Transition | None:
        definition = self._library.versions.get((self.definition, step.version))
        if definition is None:
            return None
        ways = (way for way in definition.transitions if way.trigger == step.trigger)
        return next((way for way in ways if step.from_state in way.sources), None)


def _people(step: Step) -> tuple[int, ...]:
    """Who was behind a step: at the keyboard, and acted for."""
    return tuple(one for one in (step.actor.person, step.actor.behalf) if one is not None)


def _asking(ask: Callable[[str], Any], name: str, otherwise: Any) -> Callable[[], Any]:
    def answer() -> Any:
        found = ask(name)
        return otherwise if found is None else found

    return answer


def _giving(value: Any) -> Callable[[], Any]:
    return lambda: value
