"""What would follow if a form were sent, in sentences: tasks, clocks, linked cases and messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from web import titles
from web.context import wordings
from web.language import current, moment, now
from web.names import person_name, unit_name
from workflow import messages
from workflow.core.moments import moment_of
from workflow.service.views.actions import Foreseen


@dataclass(frozen=True, slots=True)
class Way:
    """One way a case may go. `to`: the title of the state it comes to, empty when it stays."""

    to: str
    lines: tuple[str, ...]


def told(row: Any, ways: Sequence[Foreseen]) -> list[Way]:
    """Each way in sentences; those that tell the same are one."""
    found = [Way("" if way.target is None else titles.state(row, way.target), tuple(_lines(row, way))) for way in ways]
    return list(dict.fromkeys(found))


def _lines(row: Any, way: Foreseen) -> Iterable[str]:
    """In the order people ask: who has to do what, by when, who hears of it."""
    kinds = {"task+": _task, "clock": _clock, "link": _link, "notice": _notice, "close": _close}
    said = {name: [kinds[name](row, way, body) for op, body in way.ops if op == name] for name in kinds}
    return dict.fromkeys(line for name in kinds for line in said[name] if line)


def _task(row: Any, way: Foreseen, body: Mapping[str, Any]) -> str:
    task = titles.task_title(row, body["name"])
    if body["name"] in way.open:
        return gettext("ahead.task_open", task=task)
    if body.get("assignee") is not None:
        who = person_name(body["assignee"])
    else:
        who = gettext("ahead.queue", role=gettext(f"role.{body['role']}"), unit=unit_name(body["unit"]))
    if body.get("due") is None:
        return gettext("ahead.task", task=task, who=who)
    return gettext("ahead.task_due", task=task, who=who, due=moment(moment_of(body["due"])))


def _clock(row: Any, way: Foreseen, body: Mapping[str, Any]) -> str:
    before = way.before.clock(body["name"])
    goes_on = before is not None and before.status == "paused" and before.run == body["run"]
    name = "resumed" if body["status"] == "running" and goes_on else body["status"]
    return gettext(f"ahead.clock_{name}", clock=titles.clock(row, body["name"]), due=moment(moment_of(body["due"])))


def _link(row: Any, way: Foreseen, body: Mapping[str, Any]) -> str:
    return gettext("ahead.link", link=titles.link(row, body["name"]))


def _notice(row: Any, way: Foreseen, body: Mapping[str, Any]) -> str:
    if body["kind"] == "tell":
        own = wordings().own("tell", current(), now())
        return gettext("ahead.told", text=messages.notice("tell", body, current(), own=own))
    return gettext("ahead.notice", who=gettext("list.comma").join(person_name(one) for one in body["to"]))


def _close(row: Any, way: Foreseen, body: Any) -> str:
    return gettext("ahead.close") if body is not None else gettext("ahead.reopen")
