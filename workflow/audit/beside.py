"""What must hold of a step beside its rules: its moments, what was due before it, the cases it opened or heard of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from workflow.audit import commands
from workflow.audit.known import Known
from workflow.audit.verdict import Difference, Unchecked
from workflow.core import forms
from workflow.core.case import Case
from workflow.core.definition.fields import FormField
from workflow.core.errors import DefinitionUnknown, Refused
from workflow.core.moments import micros
from workflow.core.personal import is_commitment
from workflow.core.step import Step
from workflow.core.work import Decision, Opening

if TYPE_CHECKING:
    from workflow.audit.judge import Sheet


GRACE = timedelta(hours=1)
"""Word from a linked case is taken at once, or by the next sweep where somebody died in between."""


def moments(before: Case | None, step: Step) -> Sequence[Difference]:
    """Moments never fall; what people do takes effect when it is written."""
    found: list[Difference] = []
    if before is not None:
        for what, at, last in (
            ("effective", step.effective, before.moment),
            ("recorded", step.recorded, before.written),
        ):
            if last is not None and at < last:
                found.append(Difference(step.seq, what, recorded=micros(at), computed=micros(last), moment=True))
    if step.effective != step.recorded and (commands.by_hand(step) or step.kind == "amend"):
        at, last = step.effective, step.recorded
        found.append(Difference(step.seq, "effective", recorded=micros(at), computed=micros(last), moment=True))
    return found or ()


def waited(before: Case | None, step: Step, known: Known, unchecked: list[Unchecked]) -> Sequence[Difference]:
    """Before anybody acts on a case, everything due on it has happened."""
    if before is None or not before.timers or not (commands.by_hand(step) or step.kind == "amend"):
        return ()
    timer = commands.waiting(before)
    if timer is None or timer.due >= step.recorded:
        return ()
    if known.archive.failed(before.id, step.recorded):
        unchecked.append(Unchecked(step.seq, "timer_failed"))
        return ()
    return [Difference(step.seq, "missing", f"{timer.kind} {timer.name}", computed=micros(timer.due), moment=True)]


def links(sheet: Sheet, step: Step, decision: Decision | None, known: Known) -> Iterable[Difference]:
    """The cases a step opened began as it ordered them; one it heard of did end so; one that was opened was ordered."""
    openings = decision is not None and decision.openings
    if not openings and step.kind not in _WORDS and step.seq > 1:
        return ()
    return _links(sheet, step, decision, known)


def _links(sheet: Sheet, step: Step, decision: Decision | None, known: Known) -> Iterator[Difference]:
    asked = _WORDS.get(step.kind)
    if asked is not None:
        yield from asked(sheet, step, known)
    for opening in decision.openings if decision is not None else ():
        yield from _begun(sheet, step, opening, known)
    if step.seq == 1:
        parent = next((body.get("parent") for op, body in step.ops if op == "case"), None)
        if parent is not None and not known.ordered(parent, step.case):
            yield Difference(step.seq, "parent", recorded=parent)


def _word(sheet: Sheet, step: Step, known: Known) -> Iterator[Difference]:
    """Each end, and each reopening, of a linked case is heard of once."""
    body = next(body for op, body in step.ops if op == "link")
    outcome, child = body.get("outcome"), body["case"]
    history = known.archive.steps(child)
    if not history:
        sheet.unchecked.append(Unchecked(step.seq, "linked"))
        return
    moment = sheet.folded.moment if sheet.folded is not None else None
    for one, told in endings(history):
        at = one.effective if moment is None else max(one.effective, moment)
        fresh = one.seq > sheet.heard.get(child, 0)
        if fresh and told == outcome and one.recorded <= step.recorded and at == step.effective:
            sheet.heard[child] = one.seq
            return
    yield Difference(step.seq, "linked", str(body.get("name", "")), recorded=outcome)


def _signal(sheet: Sheet, step: Step, known: Known) -> Iterator[Difference]:
    """Another case of the customer said so, by its own history."""
    body = next(body for op, body in step.ops if op == "signal")
    said = {"trigger": body["trigger"], "to": sheet.folded.definition if sheet.folded else ""}
    for one in known.archive.steps(body["from"]):
        moment = one.effective if sheet.folded is None else max(one.effective, sheet.folded.moment or one.effective)
        if ["signal", said] in one.ops and moment == step.effective and one.recorded <= step.recorded:
            return
    yield Difference(step.seq, "linked", step.trigger, recorded=body["from"])


def _hands(sheet: Sheet, step: Step, known: Known) -> Iterator[Difference]:
    """The customer changed hands at that moment, by its own record, and was before whose the step says."""
    said = next(body for op, body in step.ops if op == "hands")
    record: dict[str, Any] = {"a": None, "b": None, "lead": "a", "unit": None}
    before = {name: said[name] for name in record}
    for one in known.archive.steps(said["customer"]):
        was = dict(record)
        for op, body in one.ops:
            if op == "set":
                record.update({name: body[name] for name in record if name in body})
        moment = one.effective if sheet.folded is None else max(one.effective, sheet.folded.moment or one.effective)
        if was == before != record and moment == step.effective and one.recorded <= step.recorded:
            return
    yield Difference(step.seq, "linked", step.trigger, recorded=said["customer"])


def unheard(sheet: Sheet, known: Known) -> Iterator[Difference]:
    """A linked case ended long before the last step, and the history never heard of it."""
    case = sheet.folded
    for link in case.links if case is not None else ():
        if link.outcome is not None:
            continue
        end = None
        for step, outcome in endings(known.archive.steps(link.case)):
            end = step if outcome is not None else None
        if end is None or sheet.heard.get(link.case, 0) >= end.seq:
            continue
        later = next((one for one in sheet.steps if one.recorded > end.recorded + GRACE), None)
        if later is not None and not known.archive.failed(sheet.case, later.recorded):
            yield Difference(later.seq, "missing", f"link {link.name}", computed=end.to_state)


def endings(steps: Sequence[Step]) -> Iterator[tuple[Step, str | None]]:
    """The steps by which a case ended, each with its outcome; and those that reopened it, with None."""
    for step in steps:
        closes = [value is not None for op, value in step.ops if op == "close"]
        if closes:
            yield step, step.to_state if closes[-1] else None


def _begun(sheet: Sheet, step: Step, opening: Opening, known: Known) -> Iterator[Difference]:
    first = known.archive.first(opening.id)
    if first is None:
        sheet.unchecked.append(Unchecked(step.seq, "opened"))
        return
    body: dict[str, Any] = next((body for op, body in first.ops if op == "case"), {})
    expected = {"definition": opening.definition, "parent": step.case, "parent_link": opening.link}
    if opening.about is None:
        expected["unit"] = opening.unit
    else:
        customer = known.customer(body.get("customer") or 0, first.recorded, but=(opening.id, 1))
        expected["customer"] = body.get("customer") if customer and customer.number == opening.about else opening.about
    for what, wanted in expected.items():
        if body.get(what) != wanted:
            yield Difference(step.seq, "opened", f"{opening.link} {what}", recorded=body.get(what), computed=wanted)
    try:
        rules = known.archive.definition(opening.definition, first.version)
        answers = forms.check(rules, tuple(FormField(name) for name in opening.data), opening.data)
    except (DefinitionUnknown, Refused):
        sheet.unchecked.append(Unchecked(step.seq, "opened"))
        return
    for name, value in answers.items():
        found = first.form.get(name)
        if value is not None and not is_commitment(found) and found != value:
            yield Difference(step.seq, "opened", f"{opening.link} {name}", recorded=found, computed=value)
        if value is None and is_commitment(found):
            yield Difference(step.seq, "opened", f"{opening.link} {name}", recorded=found)


_WORDS: Mapping[str, Callable[[Sheet, Step, Known], Iterator[Difference]]] = {
    "linked": _word,
    "link": _word,
    "reopened": _word,
    "signal": _signal,
    "hands": _hands,
}
"""Steps that heard of something from another history."""
