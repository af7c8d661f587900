"""The steps of a history as sentences: who did what, and what followed from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from web import titles, values
from web.language import moment, title
from web.names import person_name
from workflow.core.codec import moment as from_micros
from workflow.service.views import CaseRow, Masked, StepRow

PICTURES = {
    "open": ("open", "accent"), "trigger": ("to", "accent"), "done": ("check", "accent"), "auto": ("to", ""),
    "claim": ("person", ""), "release": ("person", ""), "delegate": ("hand_over", ""),
    "reassign": ("hand_over", ""), "comment": ("comment", ""), "attach": ("file", ""), "change": ("edit", ""),
    "acknowledge": ("check", ""), "timer": ("timer", "warn"), "rung": ("clock", "warn"),
    "remind": ("notices", ""), "recurring": ("timer", ""), "linked": ("link", "accent"), "link": ("link", ""),
    "import": ("file", ""), "admin": ("settings", ""),
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
    moved: bool


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
    return Told(
        step=step,
        sentence=sentence(row, step),
        picture=picture,
        tone=tone,
        quote=quote(step),
        values=values.shown(titles.definition(row), form),
        followed=list(followed(row, step)),
        moved=step.from_state != step.to_state and step.kind != "open",
    )


def record_told(row: CaseRow, step: StepRow) -> Told:
    """A step of a customer's record: what is written there now."""
    return Told(
        step=step,
        sentence=gettext("step.registered" if step.seq == 1 else "step.change", who=who(step)),
        picture="open" if step.seq == 1 else "edit",
        tone="accent" if step.seq == 1 else "",
        quote="",
        values=values.record(step.form),
        followed=(),
        moved=False,
    )


def sentence(row: CaseRow, step: StepRow) -> str:
    """One sentence on who did what."""
    facts = {"who": who(step), "what": subject(row, step), "to": ""}
    if step.kind in ("delegate", "reassign"):
        facts["to"] = person_name(step.form.get("to"))
    if step.from_state != step.to_state and step.kind != "open":
        facts |= {"from_state": titles.state(row, step.from_state), "to_state": titles.state(row, step.to_state)}
    return gettext(f"step.{told_as(step)}", **facts)


def told_as(step: StepRow) -> str:
    """The key of the sentence: a rung of a ladder is told by what it did."""
    if step.kind not in PICTURES:
        return "other"
    if step.kind != "rung":
        return step.kind
    if step.from_state != step.to_state:
        return "timer"
    done = {op if op != "notice" else body["kind"] for op, body in step.ops}
    if "escalation+" in done:
        return "rung_escalated"
    return "rung_reminded" if "reminder" in done else "rung"


def who(step: StepRow) -> str:
    if step.actor is None:
        return gettext("who.system")
    if step.behalf is not None:
        return gettext("who.behalf", actor=title(step.actor.name), behalf=title(step.behalf.name))
    return title(step.actor.name)


def subject(row: CaseRow, step: StepRow) -> str:
    """What a step is about: the title of its transition, task, clock, schedule or link."""
    found = titles.definition(row)
    if step.kind == "open":
        return titles.lifecycle(row)
    if step.kind in ("trigger", "timer", "auto", "linked") or (
        step.kind == "rung" and step.from_state != step.to_state
    ):
        return titles.trigger(row, step.trigger, step.from_state)
    if step.kind in ("rung", "acknowledge"):
        return titles.clock(row, step.trigger)
    if step.kind in ("done", "claim", "release", "delegate", "reassign"):
        rule = titles.task_named(row, step.trigger)
        return title(rule.title) if rule else step.trigger
    if step.kind == "link":
        return titles.link(row, step.trigger)
    if step.kind == "recurring" and found and step.trigger in found.recurring:
        return title(found.recurring[step.trigger].title)
    if step.kind == "attach":
        return next((str(body.get("name", "")) for op, body in step.ops if op == "file"), "")
    return step.trigger


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
    return gettext(f"followed.clock_{kind}", clock=name, due=moment(from_micros(body["due"])))


def _escalated(row: CaseRow, body: Mapping[str, Any]) -> str:
    persons = gettext("list.comma").join(person_name(one) for one in body.get("persons", ()))
    return gettext("followed.escalation", level=body["level"], who=persons or gettext(f"role.{body['role']}"))


def _notice(row: CaseRow, body: Mapping[str, Any]) -> str:
    if body["kind"] == "tell":
        return gettext("followed.told", text=plain_text(body.get("text")))
    persons = gettext("list.comma").join(person_name(one) for one in body.get("to", ()))
    return gettext("followed.notice", who=persons) if persons and body["kind"] in ("notice", "reminder") else ""


def _link(row: CaseRow, body: Mapping[str, Any]) -> str:
    if body.get("outcome") is not None:
        return ""
    return gettext("followed.link", link=titles.link(row, body["name"]))


def plain_text(text: Any) -> str:
    """A sentence kept in both languages, in the reader's."""
    from web.language import current

    return str(text.get(current(), "")) if isinstance(text, Mapping) else ""


_FOLLOWED: Mapping[str, Any] = {
    "task+": _task,
    "clock": _clock,
    "escalation+": _escalated,
    "notice": _notice,
    "link": _link,
}
