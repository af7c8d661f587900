"""What the system fills in before a person does: figures of that person's work, taken from the histories."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

from workflow.core import forms, roles
from workflow.core.definition import Draft, FormField
from workflow.core.work import Work
from workflow.core.world import Asking


def filled(work: Work, draft: Draft) -> dict[str, Any]:
    """The answers of a draft as they are stored; nothing where the person or a day of the period is not given.

    They are part of the step: whoever decides it again takes them from there.
    """
    facts = work.situation()
    person, since, until = (facts[f"data.{name}"] for name in (draft.of, draft.since, draft.until))
    if not person or not since or not until:
        return {}
    working = work.world.working
    asking = Asking(
        person=person,
        colleagues=roles.resolve_all((draft.role,), work.definition, work.case, work.world, at=work.at),
        since=working.wall(date.fromisoformat(since), time()),
        until=working.wall(date.fromisoformat(until) + timedelta(days=1), time()),
    )
    found = work.world.figures(draft, asking)
    return forms.check(work.definition, tuple(FormField(name) for name in draft.values), found)
