"""Where the lifecycles send messages: at a rung of a clock, by a timer, or with a move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext

from web.language import current, title
from web.names import known
from workflow.core.definition.clocks import Rung
from workflow.core.definition.effects import Notify, Tell
from workflow.core.definition.expressions import Text
from workflow.core.definition.lifecycle import Definition
from workflow.messages.derivations import span


@dataclass(frozen=True, slots=True)
class Use:
    """Where a lifecycle sends a message: at a rung of a clock, by a timer, or with a move. `text`: its own words."""

    lifecycle: str
    what: str
    when: str
    text: Text | None


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
