"""The board's actions on several cases: shown first, then done one by one, then what became of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext

from web import forms, gate, people, picked, titles
from web.context import directory, key, person, reader, workflow
from web.filters import NONE, filters, one_or_none, whole
from web.language import now, title
from workflow.core.definition.effects import Extend
from workflow.core.errors import Refused
from workflow.service.board import By, Group, Of
from workflow.service.views.actions import Action
from workflow.service.views.cases import CaseView
from workflow.service.views.clocks import EscalationRow

bp = Blueprint("board", __name__, url_prefix="/supervision/board")

MOST = 50
"""Cases at a time: what a person can still look through."""

ACTIONS = ("acknowledge", "remind", "take", "assign", "extend", "comment")
WAYS: tuple[By, ...] = ("level", "age", "unit", "lifecycle", "manager")


@dataclass(frozen=True, slots=True)
class Item:
    """A case somebody picked, through one of its escalations if `no` names it.

    `view` None: it is gone by now. `offer`: the way of its lifecycle that extends a clock. `refusal`: why it was not
    done, or would not be.
    """

    case: int
    no: int | None
    view: CaseView | None = None
    offer: Action | None = None
    refusal: Refused | None = None

    @property
    def pick(self) -> str:
        return f"{self.case}" if self.no is None else f"{self.case}-{self.no}"

    @property
    def raised(self) -> list[EscalationRow]:
        """The escalations that wait to be acknowledged by the reader."""
        found = self.view.escalations if self.view else ()
        return [
            one
            for one in found
            if one.no == (self.no or one.no) and one.acknowledged is None and one.ended is None and _may_say(one)
        ]

    def ready(self, do: str) -> bool:
        """Whether it would probably be done; the rules have the last word."""
        if self.view is None:
            return False
        tasks, me = self.view.tasks, person().id
        return {
            "acknowledge": bool(self.raised),
            "remind": any(task.assignee is not None and task.assignee.id != me for task in tasks),
            "take": any(task.assignee is None or task.assignee.id != me for task in tasks),
            "assign": bool(tasks),
            "extend": self.offer is not None and self.offer.against is None,
        }.get(do, True)


def _may_say(one: EscalationRow) -> bool:
    unit = one.unit.id if one.unit else None
    return one.mine or directory().oversees(person().id, unit, now())


def way() -> By | None:
    """By what the address asks to group."""
    return next((one for one in WAYS if one == request.args.get("by")), None)


def group() -> tuple[By, int | str | None] | None:
    """The group the address opens; None: the whole list."""
    by, said = way(), request.args.get("group", "")
    if by is None or not said:
        return None
    if said == NONE:
        return by, None
    if by in ("unit", "manager", "level"):
        return by, one_or_none("group")
    return by, said.replace("\0", "")[:100]


def groups(of: Of) -> list[Group]:
    by = way()
    return workflow().groups(of, by, reader(), filters=filters()) if by else []


def key_of(one: Group) -> str:
    return NONE if one.key is None else str(one.key)


def called(one: Group) -> str:
    """What a group is called on the page."""
    if one.by == "level":
        return gettext("escalation.level", level=one.key) if one.key else gettext("board.no_level")
    if one.by == "age":
        return gettext(f"board.age.{one.key}")
    if one.by == "lifecycle":
        found = workflow().library.latest.get(str(one.key))
        return title(found.title) if found else str(one.key)
    if one.name is None:
        return gettext("who.nobody") if one.by == "manager" else gettext("board.no_unit")
    return title(one.name)


@bp.post("/")
def preview() -> Any:
    """What would be done with what was picked. Writes nothing."""
    do, items = _asked()
    if do not in ACTIONS or not items:
        flash(gettext("bulk.nothing_picked"), "warn")
        return redirect(_back())
    return _preview(do, items)


@bp.post("/do")
def act() -> Any:
    """Do it, each case by itself: what is refused for one is done for the others."""
    do, items = _asked()
    if do not in ACTIONS or not items:
        return redirect(_back())
    if do == "extend" and (forms.wants_more() or "confirmed" not in request.form):
        return _preview(do, items)
    done, refused = picked.one_by_one(items, lambda item: _do(do, item))
    return render_template("supervisor/board_done.html", do=do, done=done, refused=refused, back=_back())


def _preview(do: str, items: list[Item]) -> str:
    chosen = _chosen(items) if do == "extend" else None
    ready = [item for item in items if item.ready(do) and (chosen is None or _same(item, chosen))]
    return render_template(
        "supervisor/board.html",
        do=do,
        items=items,
        ready=ready,
        chosen=chosen,
        inputs=forms.inputs(chosen.offer.fields, active="confirmed" in request.form) if chosen and chosen.offer else [],
        back=_back(),
        most=MOST,
    )


def _do(do: str, item: Item) -> None:
    """Raises `Refused`."""
    if item.view is None:
        raise item.refusal or ValueError(item.pick)
    acts: dict[str, Callable[[Item, CaseView], None]] = {
        "acknowledge": _acknowledge,
        "remind": _remind,
        "take": _take,
        "assign": _assign,
        "extend": _extend,
        "comment": _comment,
    }
    acts[do](item, item.view)


def _acknowledge(item: Item, _: CaseView) -> None:
    for no in _numbers(item, [one.no for one in item.raised], of="raised"):
        workflow().acknowledge(item.case, no, note=_said("note"), actor=reader(), key=_key(item, no))


def _remind(item: Item, _: CaseView) -> None:
    workflow().remind(item.case, _said("text"), actor=reader(), key=_key(item))


def _comment(item: Item, _: CaseView) -> None:
    workflow().comment(item.case, _said("text"), actor=reader(), key=_key(item))


def _take(item: Item, view: CaseView) -> None:
    me = person().id
    _give(item, [task.no for task in view.tasks if task.assignee is None or task.assignee.id != me], me)


def _assign(item: Item, view: CaseView) -> None:
    _give(item, [task.no for task in view.tasks], people.sent("to"))


def _give(item: Item, tasks: list[int], to: int) -> None:
    for no in _numbers(item, tasks, of="tasks"):
        workflow().reassign(item.case, no, to=to, reason=_said("reason"), actor=reader(), key=_key(item, no))


def _extend(item: Item, view: CaseView) -> None:
    rules = titles.definition(view.row)
    g.definition = rules
    answers = forms.answers(rules) if rules else {}
    trigger = request.form.get("trigger", "")
    workflow().perform(item.case, trigger, form=answers, actor=reader(), key=_key(item), seen=view.case.seq)


def _numbers(item: Item, found: list[int], *, of: str) -> list[int]:
    """What of the case to act on, as the preview said: sent twice, the same is asked of the door twice."""
    sent = request.form.get(f"{of}-{item.pick}")
    if sent is None:
        return found
    return [number for one in sent.split() if (number := whole(one)) is not None][:MOST]


def _asked() -> tuple[str, list[Item]]:
    """What is to be done, and with which cases, as they are now."""
    picks = list(dict.fromkeys(request.form.getlist("pick")))[:MOST]
    do = request.form.get("do", "")
    return do, [item for pick in picks if (item := _item(pick, do)) is not None]


def _item(pick: str, do: str) -> Item | None:
    said, _, rest = pick.partition("-")
    case, no = whole(said), whole(rest)
    if case is None or (rest and no is None):
        return None
    try:
        view = workflow().case(case, reader())
        return Item(case, no, view, _offer(view) if do == "extend" else None)
    except Refused as refusal:
        return Item(case, no, refusal=refusal)


def _offer(view: CaseView) -> Action | None:
    """The reader's way to extend a clock of the case, where its lifecycle has one."""
    rules = titles.definition(view.row)
    if rules is None:
        return None
    extending = {
        way.trigger
        for way in rules.transitions
        if view.row.state in way.sources and any(isinstance(one, Extend) for one in way.effects)
    }
    if not extending:
        return None
    return next((one for one in workflow().actions(view.row.id, reader()) if one.trigger in extending), None)


def _chosen(items: list[Item]) -> Item | None:
    """The first that can be extended; those of the same version and way share its form."""
    return next((item for item in items if item.ready("extend")), None)


def _same(item: Item, other: Item) -> bool:
    def kind(one: Item) -> tuple[Any, ...]:
        row = one.view.row if one.view else None
        return (row and (row.definition, row.version), one.offer and one.offer.trigger)

    return kind(item) == kind(other)


def _said(name: str) -> str:
    return request.form.get(name, "")


def _key(item: Item, part: int | str = "") -> str | None:
    once = key()
    return f"{once}:{item.case}:{part}" if once else None


def _back() -> str:
    return gate.own_page(request.form.get("next") or url_for("supervisor.index"))
