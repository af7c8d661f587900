"""The steps of a history as sentences: who did what, and what followed from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext

from web import language, titles, values
from web.context import directory, wordings
from web.language import current, moment, title, zone
from web.names import person_name
from workflow import messages
from workflow.core.definition.lifecycle import Definition
from workflow.core.moments import moment_of
from workflow.service.views.cases import CaseRow
from workflow.service.views.names import Masked
from workflow.service.views.steps import StepRow

PICTURES = {
    "open": ("open", "accent"), "trigger": ("to", "accent"), "done": ("check", "accent"), "auto": ("to", ""),
    "claim": ("person", ""), "release": ("person", ""), "delegate": ("hand_over", ""),
    "reassign": ("hand_over", ""), "comment": ("comment", ""), "attach": ("file", ""), "change": ("edit", ""),
    "acknowledge": ("check", ""), "timer": ("timer", "warn"), "rung": ("clock", "warn"),
    "remind": ("notices", ""), "recurring": ("timer", ""), "linked": ("link", "accent"), "link": ("link", ""),
    "signal": ("link", "accent"), "pause": ("clock", ""), "resume": ("clock", ""), "amend": ("clock", ""),
    "hands": ("hand_over", ""),
    "import": ("file", ""),
    "admin": ("settings", ""),
}  # fmt: skip
SPOKEN = {"note", "reason", "comment"}


@dataclass(frozen=True, slots=True)
class Told:
    """A step told: the sentence, what was written with it, the values filled in, and what followed."""

    step: StepRow
    sentence: str
    picture: str
    tone: str
    quote: str
    values: Sequence[values.Shown]
    followed: Sequence[str]


def tell(row: CaseRow, steps: Sequence[StepRow]) -> list[Told]:
    return [told(row, step) for step in steps]


def told(row: CaseRow, step: StepRow) -> Told:
    picture, tone = PICTURES.get(step.kind, ("info", ""))
    if any(op == "escalation+" for op, _ in step.ops):
        picture, tone = "late", "danger"
    if row.kind != "case":
        return record_told(row, step)
    form = {name: held for name, held in step.form.items() if name not in SPOKEN and name != "to"}
    if step.kind not in ("open", "trigger", "done", "change"):
        form = {}
    rules = titles.definition(row)
    return Told(
        step=step,
        sentence=messages.story(step, current(), names=known(rules)),
        picture=picture,
        tone=tone,
        quote=quote(step),
        values=values.shown(rules, form, but=values.proposed(rules, form) if step.kind == "open" else ()),
        followed=list(followed(row, step)),
    )


def record_told(row: CaseRow, step: StepRow) -> Told:
    """A step of a customer's record: what is written there now."""
    return Told(
        step=step,
        sentence=messages.story(step, current(), names=known(None)),
        picture="open" if step.seq == 1 else "edit",
        tone="accent" if step.seq == 1 else "",
        quote=quote(step),
        values=values.record({k: v for op, body in step.ops if op == "set" for k, v in body.items()}),
        followed=(),
    )


def ran_out(steps: Sequence[StepRow]) -> dict[int, set[tuple[str, int]]]:
    """Step → the clocks, each with its run, that ran out there."""
    found: dict[int, set[tuple[str, int]]] = {}
    known: set[tuple[str, int]] = set()
    for step in steps:
        breached = {(body["name"], body["run"]) for op, body in step.ops if op == "clock" and body.get("breached")}
        if fresh := breached - known:
            found[step.seq] = fresh
            known |= fresh
    return found


def quote(step: StepRow) -> str:
    """What a person wrote with a step: a comment, a note or a reason."""
    for name in SPOKEN:
        held = step.form.get(name)
        if isinstance(held, Masked):
            return gettext(f"masked.{held.reason}")
        if isinstance(held, str) and held and step.kind not in ("trigger", "done", "open"):
            return held
    return ""


def followed(row: CaseRow, step: StepRow) -> Any:
    """The effects worth telling, one sentence each."""
    for op, body in step.ops:
        if op == "notice" and body["kind"] == "tell":
            yield _told(body, step.recorded)
            continue
        say = _FOLLOWED.get(op)
        said = say(row, body) if say else ""
        if said:
            yield said


def _task(row: CaseRow, body: Mapping[str, Any]) -> str:
    rule = titles.task_named(row, body["name"])
    name = title(rule.title) if rule else body["name"]
    if body.get("assignee") is None:
        return gettext("followed.task_queued", task=name)
    return gettext("followed.task", task=name, who=person_name(body["assignee"]))


def _clock(row: CaseRow, body: Mapping[str, Any]) -> str:
    if body.get("rung") and body["status"] == "running" and not body.get("breached"):
        return ""
    name = titles.clock(row, body["name"])
    kind = "breached" if body.get("breached") and body["status"] == "running" else body["status"]
    return gettext(f"followed.clock_{kind}", clock=name, due=moment(moment_of(body["due"])))


def _escalated(row: CaseRow, body: Mapping[str, Any]) -> str:
    persons = gettext("list.comma").join(person_name(one) for one in body.get("persons", ()))
    return gettext("followed.escalation", level=body["level"], who=persons or gettext(f"role.{body['role']}"))


def _told(body: Mapping[str, Any], at: datetime) -> str:
    """What the customer is told, in the words of that moment."""
    own = wordings().own("tell", current(), at)
    return gettext("followed.told", text=messages.notice("tell", body, current(), own=own))


def _notice(row: CaseRow, body: Mapping[str, Any]) -> str:
    persons = gettext("list.comma").join(person_name(one) for one in body.get("to", ()))
    return gettext("followed.notice", who=persons) if persons and body["kind"] in ("notice", "reminder") else ""


def known(definition: Definition | None) -> messages.Names:
    """What the reader's sentences may call things."""
    return messages.Names(definition=definition, directory=directory(), zone=zone())


def _link(row: CaseRow, body: Mapping[str, Any]) -> str:
    if body.get("outcome") is not None:
        return ""
    if body.get("late"):
        day = language.day(language.day_of(body["nominal"]))
        return gettext("followed.link_late", link=titles.link(row, body["name"]), day=day)
    return gettext("followed.link", link=titles.link(row, body["name"]))


_FOLLOWED: Mapping[str, Any] = {
    "task+": _task,
    "clock": _clock,
    "escalation+": _escalated,
    "notice": _notice,
    "link": _link,
}
