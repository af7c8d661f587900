"""What the product says by itself, in both languages: each kind of message, where it is sent, and the letters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app, render_template, request
from flask_babel import gettext

from web.context import directory, person, workflow
from web.language import current, now, title, zone
from web.names import known
from workflow import messages
from workflow.core.definition import Definition, Notify, Rung, Tell, Text
from workflow.core.moments import micros
from workflow.delivery.letters import Item, Letter, Letters
from workflow.messages.catalogue import LANGUAGES, words
from workflow.messages.derivations import span
from workflow.messages.notices import kinds
from workflow.settings import Settings

bp = Blueprint("wording", __name__, url_prefix="/organisation/wording")

RULED = {"reminder", "escalation", "assigned", "notice", "tell"}
"""What is sent where a lifecycle says so; the rest is sent whenever it happens."""

ROBOT_BYTES = 2000
"""Room for an example of what a robot says."""


@dataclass(frozen=True, slots=True)
class Use:
    """Where a lifecycle sends a message: at a rung of a clock, by a timer, or with a move. `text`: its own words."""

    lifecycle: str
    what: str
    when: str
    text: Text | None


@dataclass(frozen=True, slots=True)
class Kind:
    """`said`: an example in each language."""

    name: str
    said: dict[str, str]
    uses: list[Use]

    @property
    def ruled(self) -> bool:
        """Whether a lifecycle says where it is sent."""
        return self.name in RULED


@dataclass(frozen=True, slots=True)
class Sample:
    """A letter as somebody would get it, in each language; of a robot's message the subject is empty."""

    name: str
    letters: dict[str, Letter]


@bp.get("/")
def index() -> str:
    rules = sorted(workflow().library.latest.values(), key=lambda one: one.name)
    used = [(kind, use) for one in rules for kind, use in uses(one)]
    spoken = example(rules)
    return render_template(
        "admin/wording.html",
        kinds=[Kind(name, said(name, *spoken), [use for kind, use in used if kind == name]) for name in kinds()],
        samples=list(samples(*spoken)),
        languages=LANGUAGES,
    )


def uses(rules: Definition) -> Iterator[tuple[str, Use]]:
    """Every place of a lifecycle that sends a message, with the kind of it."""
    lifecycle = title(rules.title)
    for clock in rules.clocks.values():
        for rung in clock.ladder:
            kind = "reminder" if rung.remind else "escalation" if rung.escalate else "assigned" if rung.assign else ""
            if kind:
                yield kind, Use(lifecycle, title(clock.title), at_rung(rung), rung.text)
    for state in rules.states.values():
        for timer in state.timers:
            if timer.remind:
                yield "reminder", Use(lifecycle, title(state.title), gettext("wording.timer"), timer.text)
    for way in rules.transitions:
        for effect in way.effects:
            if isinstance(effect, (Notify, Tell)):
                names = effect.roles if isinstance(effect, Notify) else (effect.whom,)
                who = gettext("list.comma").join(whom(rules, one) for one in names)
                kind = "notice" if isinstance(effect, Notify) else "tell"
                yield kind, Use(lifecycle, title(way.title), gettext("wording.to", who=who), effect.text)


def whom(rules: Definition, name: str) -> str:
    """Who is told: a role of the lifecycle, the customer, or who a field names."""
    if name in rules.roles:
        role = rules.roles[name]
        return title(role.title) if role.title else known(f"role.{role.role}", role.role)
    return title(rules.fields[name].title) if name in rules.fields else known(f"wording.{name}", name)


def at_rung(rung: Rung) -> str:
    """When a rung is reached, and how far up it leads."""
    if rung.percent is not None:
        when = gettext("wording.percent", percent=f"{rung.percent.normalize():f}")
    else:
        when = gettext("wording.before" if rung.before else "wording.after", length=span(str(rung.offset), current()))
    return f"{when}{gettext('list.pause')}{gettext('escalation.level', level=rung.level)}" if rung.level else when


def example(rules: list[Definition]) -> tuple[messages.Names, dict[str, Any]]:
    """A lifecycle with a clock and a task, and what a message about it knows."""
    one = next(one for one in rules if one.clocks and any(state.tasks for state in one.states.values()))
    task = next(task for state in one.states.values() for task in state.tasks)
    names = messages.Names(definition=one, directory=directory(), zone=zone())
    due = micros(now() + timedelta(hours=24))
    return names, {"clock": next(iter(one.clocks)), "task": task.name, "due": due, "level": 1, "damages": 2}


def said(kind: str, names: messages.Names, facts: dict[str, Any]) -> dict[str, str]:
    return {language: messages.notice(kind, facts, language, names=names) for language in LANGUAGES}


def samples(names: messages.Names, facts: dict[str, Any]) -> Iterator[Sample]:
    """The letters that are sent: about one message, about several, and what a robot writes into a group."""
    settings: Settings = current_app.extensions["baton_settings"]
    home = settings.server.public_url or request.url_root.rstrip("/")
    writer = Letters(home)

    def items(language: str, *sent: str) -> list[Item]:
        return [
            Item(
                sentence=said(kind, names, facts)[language],
                number="TS-20260306-0001",
                lifecycle=names.lifecycle(language) or "",
                customer=words(language, "example_customer"),
                link=f"{home}/cases/1/",
                level=1 if kind == "escalation" else 0,
            )
            for kind in sent
        ]

    def letter(language: str, *sent: str) -> Letter:
        name = str(getattr(person().name, language))
        return writer.write(items(language, *sent), name=name, language=language)

    several, brief = ("reminder", "escalation", "delegated"), ("reminder", "escalation")
    yield Sample("one", {language: letter(language, "reminder") for language in LANGUAGES})
    yield Sample("several", {language: letter(language, *several) for language in LANGUAGES})
    robots = {one: writer.brief(items(one, *brief), language=one, most=ROBOT_BYTES) for one in LANGUAGES}
    yield Sample("robot", {language: Letter(subject="", body=text) for language, text in robots.items()})
