"""One sentence for each step of a history: who did what, for whom, and where it led."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from workflow.core import bidi
from workflow.core.step import Actor
from workflow.messages.catalogue import find, words
from workflow.messages.names import UNKNOWN, Names


class Told(Protocol):
    """A step of the history, as the rules write it or as the door shows it.

    Then persons come with their names, and `outage` says whether it came late because no scheduler was alive.
    """

    @property
    def kind(self) -> str: ...
    @property
    def trigger(self) -> str: ...
    @property
    def actor(self) -> Any: ...
    @property
    def from_state(self) -> str: ...
    @property
    def to_state(self) -> str: ...
    @property
    def form(self) -> Mapping[str, Any]: ...
    @property
    def ops(self) -> Sequence[Any]: ...


def story(step: Told, language: str, *, names: Names | None = None) -> str:
    """The sentence. Names nobody knows stand as the definition writes them."""
    known = names or UNKNOWN
    facts = {
        "who": who(step, language, known),
        "what": what(step, language, known),
        "to": known.person(step.form.get("to"), language) if "to" in step.form else None,
        "file": next((bidi.shown(body.get("name", "")) for op, body in step.ops if op == "file"), None),
        "cause": find(language, "cause", step.form["cause"]) if step.form.get("cause") else None,
        "old": known.moment(step.form.get("old"), language),
        "new": known.moment(step.form.get("new"), language),
        "nominal": next(
            (day(body["nominal"], language) for op, body in step.ops if op == "link" and body.get("late")), None
        ),
        "level": next((body.get("level") for op, body in step.ops if op == "escalation+"), None),
    }
    said = find(language, "step", step.kind, facts) or find(language, "step", "trigger", facts) or step.kind
    if step.kind not in ("open", "admin") and step.from_state != step.to_state:
        states = {
            "from_state": known.state(step.from_state, language) or step.from_state,
            "to_state": known.state(step.to_state, language) or step.to_state,
        }
        said = find(language, "step", "moved", {"sentence": said, **states}) or said
    if getattr(step, "outage", False):
        facts = {"sentence": said, "recorded": known.moment(getattr(step, "recorded", None), language)}
        said = find(language, "step", "outage", facts) or said
    return said


def day(nominal: str, language: str) -> str:
    """A date of a schedule (2026-03-02) as people of the language write it."""
    at = date.fromisoformat(nominal)
    return words(language, "day", at=at, day=at.day, month=at.month)


def who(step: Told, language: str, names: Names) -> str:
    """Who acted, and on whose behalf; the system for nobody."""
    acting = step.actor
    person = acting.person if isinstance(acting, Actor) else acting
    behalf = acting.behalf if isinstance(acting, Actor) else getattr(step, "behalf", None)
    if person is None:
        return words(language, "system")
    name = names.person(person, language) or words(language, "someone")
    if behalf is None:
        return name
    return words(language, "behalf", person=name, behalf=names.person(behalf, language) or words(language, "someone"))


def what(step: Told, language: str, names: Names) -> str:
    """What the step is about: the title of its transition, task, clock, schedule, link or record."""
    name = step.trigger
    moves = step.from_state != step.to_state
    match step.kind:
        case "open":
            return names.lifecycle(language) or ""
        case "done" | "claim" | "release" | "delegate" | "reassign":
            found = names.task(name, language)
        case "rung" | "acknowledge" | "pause" | "resume" if not moves:
            found = names.clock(name, language)
        case "amend":
            found = names.clock(name, language) or names.task(name, language) or names.recurring(name, language)
            found = found or names.timer(name, language, step.from_state)
        case "remind":
            texts = (body["text"] for op, body in step.ops if op == "notice" and body.get("text"))
            found = next((str(text[language]) for text in texts), None)
        case "recurring":
            found = names.recurring(name, language)
        case "link" | "reopened":
            found = names.link(name, language)
        case "admin":
            title = {"title": names.trigger(name, language)}
            found = find(language, "admin", name) or find(language, "admin", "other", title)
        case _:
            found = names.trigger(name, language, step.from_state)
    return found or name
