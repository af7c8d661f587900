"""What the product says by itself, in both languages, and the organisation's own words for it: seen, tried and kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from web.audit import asked
from web.context import actor, again, key, reader, seen, workflow
from web.language import current, local_input, now
from web.names import known
from web.samples import Samples, Voice
from web.uses import Use, uses
from workflow.core.errors import WordingUnfit
from workflow.messages.catalogue import LANGUAGES, find, placeholders
from workflow.messages.notices import kinds
from workflow.messages.wordings import FRAMES, LONGEST, LONGEST_LINE, SEVERAL_LINES, Flaw, Texts, Wordings, flaws
from workflow.service.wording import WordingView

bp = Blueprint("wording", __name__, url_prefix="/organisation/wording")

RULED = {"reminder", "escalation", "assigned", "notice", "tell"}
"""What is sent where a lifecycle says so; the rest is sent whenever it happens."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`said`: an example in each language; `own`: whether the organisation words it itself."""

    name: str
    said: dict[str, str]
    uses: list[Use]
    own: bool

    @property
    def ruled(self) -> bool:
        """Whether a lifecycle says where it is sent."""
        return self.name in RULED


@dataclass(frozen=True, slots=True)
class Field:
    """A wording to be typed. `product`: what the product says there."""

    language: str
    name: str
    value: str
    product: str
    faults: tuple[str, ...]
    most: int
    rows: int

    @property
    def id(self) -> str:
        return self.name.replace(".", "-")


@dataclass(frozen=True, slots=True)
class Line:
    """One wording in each language, which takes these placeholders: (name, what it stands for). `when`: of several
    wordings of a part, when this one is taken."""

    part: str
    place: int
    when: str
    takes: list[tuple[str, str]]
    fields: list[Field]


@bp.get("/")
def index() -> str:
    """Every message as it is worded now, or as it was at a moment (`at`)."""
    typed = request.args.get("at", "")
    at, fault = asked(typed)
    rules = sorted(workflow().library.latest.values(), key=lambda one: one.name)
    used = [(kind, use) for one in rules for kind, use in uses(one)]
    chosen = workflow().wordings()
    samples = Samples(rules, voice(chosen, at))
    return render_template(
        "admin/wording.html",
        kinds=[
            Kind(
                name,
                samples.said(name),
                [use for kind, use in used if kind == name],
                chosen.texts(name, at) is not None,
            )
            for name in kinds()
        ],
        samples=list(samples.all()),
        own={name for name in FRAMES if chosen.texts(name, at) is not None},
        languages=LANGUAGES,
        at=at,
        typed=typed or local_input(at),
        past=bool(typed) and not fault,
        fault=fault,
    )


@bp.get("/<wording>/")
def show(wording: str, **_: Any) -> str:
    """The words of a message to change, with an example, and the versions they had."""
    view = workflow().wording(wording, reader())
    return page(view, typed() if request.method == "POST" else None)


@bp.post("/<wording>/preview")
def preview(wording: str) -> str:
    """The same page with what was typed, judged and in the examples; nothing is kept."""
    view = workflow().wording(wording, reader())
    return page(view, typed(), judged=True)


@bp.post("/<wording>/")
@again(show)
def word(wording: str) -> Response:
    reason = request.form.get("reason", "")
    workflow().word(wording, typed(), reason=reason, actor=actor(), seen=seen(), key=key())
    flash(gettext("wording.kept"), "good")
    return redirect(url_for(".show", wording=wording))


@bp.post("/<wording>/restore")
@again(show)
def restore(wording: str) -> Response:
    reason = request.form.get("reason", "")
    workflow().restore_wording(wording, reason=reason, actor=actor(), seen=seen(), key=key())
    flash(gettext("wording.restored"), "good")
    return redirect(url_for(".show", wording=wording))


def page(view: WordingView, sent: dict[str, dict[str, list[str]]] | None, *, judged: bool = False) -> str:
    """`sent`: what was typed; it is judged where that was asked for, or was refused for it."""
    tried = texts_of(view, sent) if sent and any(sent.values()) else None
    refused = isinstance(g.get("refusal"), WordingUnfit)
    found = flaws(view.name, tried) if tried and (judged or refused) else []
    present = view.texts or view.product
    fit = mended(tried, present, flaws(view.name, tried)) if tried else present
    rules = sorted(workflow().library.latest.values(), key=lambda one: one.name)
    samples = Samples(rules, voice(workflow().wordings(), now(), {view.name: fit}))
    return render_template(
        "admin/wording_edit.html",
        view=view,
        frame=view.name in FRAMES,
        lines=lines(view, tried or present, found),
        samples=samples.of(view.name),
        languages=LANGUAGES,
        versions=[(row, lines(view, row.texts or view.product, [])) for row in view.versions],
        reason=request.form.get("reason", ""),
    )


def voice(chosen: Wordings, at: datetime, tried: dict[str, Texts] | None = None) -> Voice:
    """The words that hold at a moment, or those being tried."""

    def say(name: str, language: str) -> Any:
        return tried[name][language] if tried and name in tried else chosen.own(name, language, at)

    return say


def typed() -> dict[str, dict[str, list[str]]]:
    """Language → part → wordings, as the form sent them: `zh.sentence.0`."""
    sent: dict[str, dict[str, list[str]]] = {language: {} for language in LANGUAGES}
    for name, value in request.form.items():
        language, _, rest = name.partition(".")
        part, _, place = rest.partition(".")
        if language in sent and place.isascii() and place.isdigit():
            sent[language].setdefault(part, []).append(value)
    return sent


def texts_of(view: WordingView, sent: dict[str, dict[str, list[str]]]) -> Texts:
    """What was typed for the wordings there are."""
    return {
        language: {
            part: tuple(
                (sent[language].get(part, []) + [""] * len(said))[place].replace("\r\n", "\n").strip()
                for place in range(len(said))
            )
            for part, said in parts.items()
        }
        for language, parts in view.product.items()
    }


def mended(tried: Texts, present: Texts, found: list[Flaw]) -> Texts:
    """What was typed, with the present wording where something is wrong with it."""
    wrong = {(one.language, one.part, one.place) for one in found}
    return {
        language: {
            part: tuple(
                present[language][part][place] if (language, part, place) in wrong else line
                for place, line in enumerate(said)
            )
            for part, said in parts.items()
        }
        for language, parts in tried.items()
    }


def lines(view: WordingView, texts: Texts, found: list[Flaw]) -> list[Line]:
    """Every wording with its field in each language."""
    made = []
    for part, said in view.product[LANGUAGES[0]].items():
        for place, line in enumerate(said):
            takes = sorted(placeholders(line), key=line.index)
            made.append(
                Line(
                    part=part,
                    place=place,
                    when=when([one for one in takes if one not in placeholders(said[-1])]) if len(said) > 1 else "",
                    takes=[(f"{{{one}}}", known(f"wording.fact.{one}", one)) for one in takes],
                    fields=[field(view, texts, one, part, place, found) for one in LANGUAGES],
                )
            )
    return made


def when(more: list[str]) -> str:
    """When one of several wordings of a part is taken, by what it tells more than the plainest: the first of which all
    is known."""
    facts = gettext("list.comma").join(known(f"wording.fact.{one}", one) for one in more)
    return gettext("wording.with", facts=facts) if more else gettext("wording.else")


def field(view: WordingView, texts: Texts, language: str, part: str, place: int, found: list[Flaw]) -> Field:
    mine = [one for one in found if (one.language, one.part, one.place) == (language, part, place)]
    return Field(
        language=language,
        name=f"{language}.{part}.{place}",
        value=texts[language][part][place],
        product=view.product[language][part][place],
        faults=tuple(fault(one) for one in mine),
        most=LONGEST.get(part, LONGEST_LINE),
        rows=4 if part in SEVERAL_LINES else 2,
    )


def fault(flaw: Flaw) -> str:
    """What is wrong with a wording, in the reader's language."""
    facts = {"most": flaw.what, "what": f"{{{flaw.what}}}", "example": "{due}"}
    return find(current(), "wording", flaw.code, facts) or flaw.code
