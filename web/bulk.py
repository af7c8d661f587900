"""One action on several tasks: shown first, then done one by one, then what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from web import forms, people, picked, titles
from web.context import key, reader, workflow
from web.filters import whole
from web.inbox import SNOOZES, moment_of
from web.places import may
from workflow import Actor
from workflow.core.errors import Refused
from workflow.service.views.actions import Action, TaskView

bp = Blueprint("bulk", __name__, url_prefix="/inbox/bulk")

MOST = 50
"""Tasks at a time: what a person can still look through."""

ACTIONS = ("claim", "later", "assign", "complete")
UNDONE_BY = {"claim": "release", "later": "show"}
"""What can honestly be taken back: a finished task cannot."""


@dataclass(frozen=True, slots=True)
class Item:
    """A task somebody picked. `view` None: it is gone by now; `refusal`: why it is, or why it was not done."""

    case: int
    no: int
    view: TaskView | None = None
    refusal: Refused | None = None

    @property
    def pick(self) -> str:
        return f"{self.case}-{self.no}"

    @property
    def actor(self) -> Actor:
        """Who acts: the reader, for the absent person whose task it is."""
        behalf = self.view.row.behalf if self.view else None
        return Actor(reader().person, behalf.id if behalf else None)


def may_do() -> list[str]:
    """The actions the reader may take on a selection."""
    return [one for one in ACTIONS if one != "assign" or may("tasks.reassign")]


@bp.post("/")
def preview() -> Any:
    """What would be done with what was picked. Writes nothing."""
    do, items = _asked()
    if do not in may_do() or not items:
        flash(gettext("bulk.nothing_picked"), "warn")
        return redirect(url_for("inbox.mine"))
    return _preview(do, items)


def _preview(do: str, items: list[Item]) -> str:
    chosen = _chosen(items) if do == "complete" else None
    return render_template(
        "inbox/bulk.html",
        do=do,
        items=items,
        ready=[item for item in items if _ready(item, do)],
        chosen=chosen,
        common=_common(items) if do == "complete" else [],
        inputs=forms.inputs(chosen.fields, active="confirmed" in request.form) if chosen else [],
        snoozes=SNOOZES,
        most=MOST,
    )


@bp.post("/do")
def act() -> Any:
    """Do it, each task by itself: what is refused for one is done for the others."""
    do, items = _asked()
    if do not in may_do() or not items:
        return redirect(url_for("inbox.mine"))
    if do == "complete" and (forms.wants_more() or "confirmed" not in request.form):
        return _preview(do, items)
    done, refused = picked.one_by_one(items, lambda item: _do(do, item))
    return render_template("inbox/bulk_done.html", do=do, done=done, refused=refused, undo=UNDONE_BY.get(do))


@bp.post("/undo")
def undo() -> Response:
    """Take back what was just done, where that is honest: as long as nobody did anything with it since."""
    do, items = _asked()
    back = 0
    for item in items:
        if item.view is None:
            continue
        try:
            if do == "release":
                workflow().release(item.case, item.no, actor=item.actor, key=_key(item))
            elif do == "show":
                workflow().snooze(item.case, item.no, until=None, actor=reader())
            back += 1
        except Refused:
            # Somebody went on with it meanwhile, which the refusal has on record: it is simply not taken back.
            continue
    flash(gettext("bulk.undone", count=back, all=len(items)), "good" if back == len(items) else "warn")
    return redirect(url_for("inbox.mine"))


def _do(do: str, item: Item) -> None:
    """Raises `Refused`."""
    if item.view is None:
        raise item.refusal or ValueError(item.pick)
    door, form = workflow(), request.form
    if do == "claim":
        door.claim(item.case, item.no, actor=item.actor, key=_key(item))
    elif do == "later":
        door.snooze(item.case, item.no, until=moment_of(form.get("until", "")), actor=reader())
    elif do == "assign":
        to = people.sent("to")
        door.reassign(item.case, item.no, to=to, reason=form.get("reason", ""), actor=item.actor, key=_key(item))
    else:
        _complete(item, item.view)


def _complete(item: Item, view: TaskView) -> None:
    rules = titles.definition(view.row)
    g.definition = rules
    answers = forms.answers(rules) if rules else {}
    trigger, seen = request.form.get("trigger", ""), view.case.case.seq
    workflow().perform(item.case, trigger, task=item.no, form=answers, actor=item.actor, key=_key(item), seen=seen)


def _asked() -> tuple[str, list[Item]]:
    """What is to be done, and with which tasks, as they are now."""
    picks = list(dict.fromkeys(request.form.getlist("pick")))[:MOST]
    return request.form.get("do", ""), [item for pick in picks if (item := _item(pick)) is not None]


def _item(pick: str) -> Item | None:
    said, _, rest = pick.partition("-")
    case, no = whole(said), whole(rest)
    if case is None or no is None:
        return None
    try:
        return Item(case, no, workflow().task(case, no, reader()))
    except Refused as refusal:
        return Item(case, no, None, refusal)


def _key(item: Item) -> str | None:
    once = key()
    return f"{once}:{item.pick}" if once else None


def _ready(item: Item, do: str) -> bool:
    """Whether it would probably be done; the rules have the last word."""
    if item.view is None:
        return False
    return {"claim": item.view.claimable and not item.view.mine, "assign": True}.get(do, item.view.mine)


def _common(items: list[Item]) -> list[Action]:
    """What finishes each of the tasks: the same trigger of a lifecycle, with no file to send and no case to begin."""
    views = [item.view for item in items if item.view is not None and item.view.mine]
    if not views or len({(view.row.definition, view.row.version, view.row.name) for view in views}) != 1:
        return []
    everywhere = set.intersection(*({one.trigger for one in view.actions if one.kind == "trigger"} for view in views))
    return [
        one
        for one in views[0].actions
        if one.trigger in everywhere and one.begins is None and all(asked.field.type != "file" for asked in one.fields)
    ]


def _chosen(items: list[Item]) -> Action | None:
    """The way chosen, or the only one there is."""
    common = _common(items)
    named = [one for one in common if one.trigger == request.form.get("trigger")]
    return named[0] if named else common[0] if len(common) == 1 else None
