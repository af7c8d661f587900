"""The organisation's history as people read it: who changed what, when, and to what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext

from web import language, sentences
from web.context import directory
from web.names import known as words
from web.names import person_name, unit_name
from workflow import messages
from workflow.service.views.names import Masked
from workflow.service.views.steps import StepRow

PERSONS = {"person_id", "absent_id", "substitute_id"}
UNITS = {"unit_id", "parent_id"}
MOMENTS = {"since", "until"}
GROUPS = {"group_id"}


@dataclass(frozen=True, slots=True)
class Change:
    """`values`: what was set, as (label, value)."""

    seq: int
    at: datetime
    sentence: str
    values: Sequence[tuple[str, str]]


def told(steps: Sequence[StepRow]) -> list[Change]:
    names = sentences.known(None)
    return [
        Change(
            seq=step.seq,
            at=step.effective,
            sentence=messages.story(step, language.current(), names=names),
            values=[
                (gettext(f"change.{name}"), value(name, held))
                for name, held in step.form.items()
                if name != "id" and held is not None
            ],
        )
        for step in steps
    ]


def value(name: str, held: Any) -> str:
    """One value of a change in words."""
    if isinstance(held, Masked):
        return gettext(f"masked.{held.reason}")
    if name in PERSONS:
        return person_name(held)
    if name in UNITS:
        return unit_name(held)
    if name in GROUPS:
        found = directory().groups.get(held)
        return language.name(found) if found else "—"
    if name in MOMENTS:
        return language.moment(datetime.fromisoformat(held))
    if isinstance(held, bool):
        return gettext("form.yes") if held else gettext("form.no")
    return words(f"{name}.{held}", str(held))
