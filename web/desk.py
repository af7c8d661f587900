"""What the auditor's desk says at a glance: whether it holds, what is not in order, and what waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from flask import url_for
from flask_babel import gettext, ngettext

from web.context import reader, workflow
from web.language import now, relative, zone
from web.proofs import proofs
from workflow.audit.controls.desk import ControlDesk
from workflow.audit.refused import Question, RefusalDesk

STALE = timedelta(days=7)
"""How old the last checkpoint that was compared from outside may be before it is marked."""


@dataclass(frozen=True, slots=True)
class Figure:
    """`warn`: somebody should look."""

    title: str
    said: str
    to: str
    warn: bool = False


def figures() -> list[Figure]:
    """Each leads to its page. What a reader may not see is counted only where the page counts it as well."""
    return [_verified(), _outside(), _controls(), _findings(), _refusals()]


def _verified() -> Figure:
    runs = proofs().verifications(limit=1)
    last = runs[0] if runs else None
    damaged = bool(last and last["damages"])
    if last is None:
        said = gettext("log.not_yet")
    else:
        said = ngettext("log.damages", "log.damages", last["damages"]) if damaged else relative(last["ended"])
    return Figure(gettext("desk.verified"), said, url_for("proofs.verification"), warn=last is None or damaged)


def _outside() -> Figure:
    confirmed = proofs().standing().confirmed
    said = gettext("log.never") if confirmed is None else relative(confirmed["at"])
    old = confirmed is None or now() - confirmed["at"] > STALE
    return Figure(gettext("desk.outside"), said, url_for("proofs.index"), warn=old)


def _controls() -> Figure:
    found = ControlDesk(workflow()).all()
    run = [one for one in found if one.last is not None]
    bad = sum(1 for one in run if one.last is not None and one.last.exceptions)
    said = gettext("desk.of", count=bad, all=len(found)) if run else gettext("controls.not_yet")
    return Figure(gettext("desk.controls"), said, url_for("controls.index"), warn=bool(bad))


def _findings() -> Figure:
    left = sum(1 for one in workflow().findings(reader()) if one.state != "closed")
    return Figure(gettext("desk.findings"), str(left), url_for("findings.index"), warn=bool(left))


def _refusals() -> Figure:
    today = datetime.combine(now().astimezone(zone()).date(), time(), zone())
    page = RefusalDesk(workflow()).search(reader(), Question(since=today), limit=1)
    said = str(page.count) if page.exact else gettext("desk.more", count=page.count)
    return Figure(gettext("desk.refusals"), said, url_for("refused.index", since=today.date().isoformat()))
