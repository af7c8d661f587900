"""Who has to do with a case: the customer's two managers, who works on it now, who took part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from workflow.service.case_views import Managers
from workflow.service.views.cases import CaseView
from workflow.service.views.names import PersonName
from workflow.service.views.steps import StepRow


@dataclass(frozen=True, slots=True)
class Member:
    """`letter`: a or b, empty for neither; `leads`: of the two the one who does. `steps`: taken, the last at `last`."""

    person: PersonName
    letter: str
    leads: bool
    works: bool
    steps: int
    last: datetime | None


def team(view: CaseView, managers: Managers | None, steps: Sequence[StepRow]) -> list[Member]:
    """The managers first, then who works on it, then by what they did, the most first."""
    persons = {one.id: one for one in view.people}
    letters: dict[int, str] = {}
    for letter, person in (("a", managers.a), ("b", managers.b)) if managers else ():
        if person is not None:
            persons[person.id] = person
            letters.setdefault(person.id, letter)
    working = {one.id: one for one in view.row.assignees}
    persons |= working
    taken = Counter(step.actor.id for step in steps if step.actor is not None)
    last = {step.actor.id: step.effective for step in steps if step.actor is not None}
    persons |= {step.actor.id: step.actor for step in steps if step.actor is not None}
    lead = managers.lead if managers else ""
    found = [
        Member(
            person=person,
            letter=letters.get(number, ""),
            leads=letters.get(number) == lead,
            works=number in working,
            steps=taken[number],
            last=last.get(number),
        )
        for number, person in persons.items()
    ]
    return sorted(found, key=lambda one: (one.letter or "z", not one.works, -one.steps, one.person.id))
