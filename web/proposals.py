"""What the system proposes for a form, with its reason, for a person to confirm or to decide otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from web import names, titles
from web.language import current
from workflow.core import proposals
from workflow.core.case import Case
from workflow.service.views.actions import Action


@dataclass(frozen=True, slots=True)
class Proposed:
    """`units`: which are proposed. `source`: where the rule comes from, None where the table says nothing."""

    title: str
    units: tuple[str, ...]
    because: str
    source: str | None


def proposed(row: Any, case: Case, action: Action) -> list[Proposed]:
    """The proposals that fill in what an action asks for."""
    rules = titles.definition(row)
    if rules is None:
        return []
    asked = {one.field.name for one in action.fields}
    found = []
    for table, line in proposals.made(rules, case):
        if asked & (line.values.keys() | line.units.keys()):
            units = dict.fromkeys(case.data[name] for name in line.units if case.data.get(name))
            named = tuple(names.unit_name(unit) for unit in units)
            found.append(Proposed(table.title[current()], named, line.because[current()], line.source))
    return found
