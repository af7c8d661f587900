"""What the system fills in before a person does: figures of people's work, taken from the histories."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

from workflow.core import forms, roles
from workflow.core.definition.fields import Field, FormField
from workflow.core.definition.figures import Draft
from workflow.core.work import Work
from workflow.core.world import Asking


def filled(work: Work, draft: Draft) -> dict[str, Any]:
    """The answers of a draft as they are stored; nothing where nobody or a day of the period is not given.

    They are part of the step: whoever decides it again takes them from there.
    """
    facts = work.situation()
    since, until = (facts[f"data.{name}"] for name in (draft.since, draft.until))
    colleagues = roles.resolve_all((draft.role,), work.definition, work.case, work.world, at=work.at)
    one = 0 if draft.of is None else facts[f"data.{draft.of}"]
    people = colleagues if draft.of is None else (one,) if one else ()
    if not people or not since or not until:
        return {}
    working = work.world.working
    asking = Asking(
        people=people,
        told_in=work.case.unit if draft.of is None else None,
        colleagues=colleagues,
        since=working.wall(date.fromisoformat(since), time()),
        until=working.wall(date.fromisoformat(until) + timedelta(days=1), time()),
    )
    counted = work.world.figures(draft, asking)
    found = {name: fitting(work.definition.fields[name], value) for name, value in counted.items()}
    return forms.check(work.definition, tuple(FormField(name) for name in draft.values), found)


def fitting(field: Field, value: Any) -> Any:
    """A value as its field takes it: of a text that is too long, as many whole lines as go in."""
    most = int(field.maximum) if field.maximum is not None else forms.LENGTHS.get(field.type, 0)
    if field.type != "text" or not isinstance(value, str) or len(value) <= most:
        return value
    return value[: value.rfind("\n", 0, most + 1)] if "\n" in value[: most + 1] else value[:most]
