"""What templates may ask for: words, moments, names, and who is reading."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, g, url_for
from flask_babel import gettext, ngettext

from web import access, context, language
from web.icons import icon
from workflow import messages
from workflow.core.errors import Refused

STATIC = Path(__file__).parent / "static"


def install(app: Flask) -> None:
    app.jinja_env.globals.update(
        t=gettext,
        tn=ngettext,
        icon=icon,
        asset=asset,
        may=may,
        language=language.current,
        now=language.now,
        roles=context.roles,
        person_name=person_name,
        unit_name=unit_name,
        refusal_sentence=refusal_sentence,
        fresh_key=context.fresh_key,
        local_input=language.local_input,
    )
    app.jinja_env.filters.update(
        title_=language.title,
        name=language.name,
        moment=language.moment,
        short=language.short,
        day=language.day,
        relative=language.relative,
        tone=language.tone,
        due_words=language.due_words,
        amount=language.amount,
        length=language.length,
    )
    app.context_processor(common)


def common() -> dict[str, Any]:
    return {"me": g.get("person"), "refusal": g.get("refusal")}


def asset(name: str) -> str:
    """The address of a static file, with its content's mark in it, so that it may be cached for ever."""
    return url_for("static", filename=name, v=mark(name))


@cache
def mark(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]


def may(endpoint: str) -> bool:
    """Whether the reader may come to a page at all."""
    return access.allowed(endpoint, context.roles())


def person_name(person: int | None) -> str:
    """A person's name; the system's for None; a dash for one that is not known."""
    if person is None:
        return gettext("who.system")
    found = context.directory().person(person)
    return language.name(found) if found else "—"


def unit_name(unit: int | None) -> str:
    found = context.directory().unit(unit)
    return language.name(found) if found else "—"


def refusal_sentence(refusal: Refused) -> str:
    """What a person reads about a refusal, in the language of the page."""
    return messages.sentence(refusal, language.current())
