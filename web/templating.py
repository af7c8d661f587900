"""What templates may ask for: words, moments, names, and who is reading."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, url_for
from flask_babel import gettext, ngettext

from web import (
    beginning,
    beside,
    context,
    density,
    filters,
    language,
    names,
    people,
    picture,
    proposals,
    sentences,
    titles,
)
from web.addresses import page_of
from web.icons import icon, mark
from web.indents import Unindented
from web.names import known, person_name, unit_name
from web.places import home_line, may, places, tabs
from workflow import messages
from workflow.core.definition.lifecycle import Definition
from workflow.core.errors import FormInvalid, Refused
from workflow.service.views.actions import Action
from workflow.service.views.clocks import EscalationRow
from workflow.service.views.notices import NoticeRow
from workflow.service.views.refusals import RefusalRow


def install(app: Flask) -> None:
    app.jinja_env.globals.update(
        t=language.words,
        tn=ngettext,
        icon=icon,
        asset=asset,
        may=may,
        language=language.current,
        now=language.now,
        day_of=language.day_of,
        roles=context.roles,
        unread=context.unread,
        person_name=person_name,
        unit_name=unit_name,
        refusal_sentence=refusal_sentence,
        fresh_key=context.fresh_key,
        titles=titles,
        known=known,
        places=places,
        tabs=tabs,
        home_line=home_line,
        action_targets=action_targets,
        carried=beside.kept,
        carried_on=beginning.carried,
        beginning=beginning.page,
        trail=beside.trail,
        page_of=page_of,
        most_file_bytes=lambda: context.workflow().most_file_bytes,
        clock_bar=picture.bar,
        proposed=proposals.proposed,
        density=density.density,
        size=size,
        person_list=people.listed,
        person_lists=people.lists,
        fitting=people.fitting,
        next_page=filters.next_page,
        first_page=filters.first_page,
        notice_sentence=notice_sentence,
        refused_sentence=refused_sentence,
        attempted=attempted,
        acted_sentence=acted_sentence,
    )
    app.jinja_env.filters.update(
        title_=language.title,
        source=language.sourced,
        name=language.name,
        initials=names.initials,
        moment=language.moment,
        length_=language.length,
        short=language.short,
        day=language.day,
        weekday=language.weekday,
        hour=language.hour,
        relative=language.relative,
        tone=language.tone,
        due_words=language.due_words,
        amount=language.amount,
        cents=language.cents,
    )
    app.jinja_env.add_extension(Unindented)
    app.context_processor(common)


def common() -> dict[str, Any]:
    """What every template knows. `t` is bound to the page's language: where it is not, it looks for it each time."""
    return {"me": g.get("person"), "refusal": g.get("refusal"), "t": language.voice().words}


def asset(name: str) -> str:
    """The address of a static file, with its content's mark in it, so that it may be cached for ever."""
    return url_for("static", filename=name, v=mark(name))


def action_targets(row: Any, action: Action) -> list[str]:
    """The titles of the states an action may lead to."""
    return [titles.state(row, name) for name in action.targets]


def size(count: int) -> str:
    """A number of bytes as people read it."""
    if count < 1024:
        return f"{count} B"
    if count < 1024**2:
        return f"{count / 1024:.0f} kB"
    return f"{count / 1024**2:.1f}".removesuffix(".0") + " MB"


def notice_sentence(row: NoticeRow) -> str:
    """What a message says."""
    own = context.wordings().own(row.kind, language.current(), row.created)
    return messages.notice(
        row.kind, row.body, language.current(), names=sentences.known(titles.definition(row)), own=own
    )


def refused_sentence(row: RefusalRow) -> str:
    """Why something was refused, from the record of it."""
    rules = titles.definition(row) or _opened(row)
    return messages.told(row.code, row.facts, language.current(), names=sentences.known(rules))


def acted_sentence(row: EscalationRow) -> str:
    """What a person did about an escalation once it was acknowledged; empty for nothing."""
    if row.acted is None:
        return ""
    return messages.story(row.acted, language.current(), names=sentences.known(titles.definition(row)))


def attempted(row: RefusalRow) -> str:
    """What somebody tried and was refused."""
    opened = _opened(row)
    return messages.attempt(
        row.attempt,
        language.current(),
        names=sentences.known(titles.definition(row)),
        lifecycle=language.title(opened.title) if opened else None,
    )


def _opened(row: RefusalRow) -> Definition | None:
    """The lifecycle of a case that was not opened; None where something else was tried."""
    return context.workflow().library.latest.get(row.attempt.removeprefix("open:"))


def refusal_sentence(refusal: Refused) -> str:
    """What a person reads about a refusal; what is wrong with single fields stands beside them."""
    if isinstance(refusal, FormInvalid):
        return gettext("form.invalid")
    return messages.sentence(refusal, language.current(), names=sentences.known(g.get("definition")))
