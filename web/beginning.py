"""A case begun out of another one: the start form it is begun with is the page of any case that is opened."""

from __future__ import annotations

from flask import g, request, url_for
from werkzeug.exceptions import NotFound

from web.context import key, person, workflow
from workflow import Actor
from workflow.core.case import Case
from workflow.core.definition.lifecycle import Definition
from workflow.core.work import StartForm
from workflow.service.beginning import Beginning
from workflow.service.views.actions import Action


def asked() -> Beginning | None:
    """Out of which case one is begun, as the address or the form says; None for one that is opened by itself.

    Raises `CaseNotFound`, and `NotInThisState` where nothing can be begun out of it, or not by who asks.
    """
    of, trigger = request.values.get("of", type=int), request.values.get("trigger", "")
    return None if of is None else workflow().beginning(of, trigger, _actor())


def rules(found: Beginning, definition: str) -> Definition:
    """The lifecycle that is begun; it must be the one the address names."""
    if found.definition.name != definition:
        raise NotFound
    g.definition = found.definition
    return found.definition


def customer(found: Beginning) -> int | None:
    """Whom the new case is about: whom the other one is about, else whom the person has chosen."""
    return found.customer if found.customer is not None else request.values.get("customer", type=int)


def begin(found: Beginning, start: StartForm) -> Case:
    """Do it; gives the new case."""
    after = workflow().perform(found.of.id, found.way.trigger, start=start, actor=_actor(), key=key())
    return workflow().case(max(link.case for link in after.links), _actor()).case


def page(case: int, action: Action, behalf: int | None = None) -> str:
    """Where the start form is filled in."""
    return url_for("cases.start", definition=action.begins, of=case, trigger=action.trigger, behalf=behalf)


def carried() -> dict[str, str]:
    """What goes along from page to page until the form is sent."""
    return {name: request.values[name] for name in ("of", "trigger", "behalf") if request.values.get(name)}


def _actor() -> Actor:
    return Actor(person().id, request.values.get("behalf", type=int))
