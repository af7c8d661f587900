"""What is planned for managers and centres, and told about their years: a step of the organisation's record each.

What is said of a person's pay stands in the vault; the history has its commitment.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from workflow.core.errors import PeriodUnfit, PersonNotFound, UnitNotFound
from workflow.core.personal import reveal
from workflow.core.plans import FIRST, LAST, PLANS, check_planner, fit
from workflow.core.step import Actor
from workflow.service.organisation import BOOK, Organisation
from workflow.storage import keys
from workflow.storage.queries import cases, results

if TYPE_CHECKING:
    from sqlalchemy import Connection

Of = Literal["person", "unit"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What was said last of a year, in the units of `workflow.core.plans`. `seq` 0: nothing was said."""

    values: Mapping[str, int]
    seq: int = 0
    at: datetime | None = None
    by: int | None = None


NONE = Plan({})


class Planning(Organisation):
    """Directors and account administrators plan for their units and those below, nobody for themselves."""

    def plan(
        self,
        of: Of,
        row: int,
        year: int,
        values: Mapping[str, int | None],
        *,
        actor: Actor,
        at: datetime | None = None,
        key: str | None = None,
    ) -> None:
        """Say all that is known of a person's or a unit's year; what was said before stays in the history.

        Raises `PersonNotFound`, `UnitNotFound`, `PeriodUnfit`, `FormInvalid`, `NotPermitted`.
        """
        now = at or self.clock()
        trigger = f"plan_{of}"
        about, held, bounds = PLANS[trigger]
        with self._refusing(actor, None, trigger, now), self._unit() as work:
            payload = [trigger, row, year, dict(values), actor.person, actor.behalf]
            if keys.claim(work.connection, key, payload, now) is not None:
                return
            self._locked(work)
            self._check_actor(work, actor, now)
            person = row if of == "person" else None
            if person is not None and work.directory.person(person) is None:
                raise PersonNotFound(person=row)
            if person is None and work.directory.unit(row) is None:
                raise UnitNotFound(unit=row)
            unit = row if person is None else work.directory.home(person, now)
            check_planner(work.directory, actor, unit, now, of=person)
            if not FIRST <= year <= LAST:
                raise PeriodUnfit()
            said: dict[str, Any] = {about: row, "year": year, held: fit(values, bounds)}
            seq = self._note(work, trigger, said, actor, now)
            keys.answer(work.connection, key, BOOK, seq)
            work.flush()

    def _plans(self, connection: Connection, of: Of, year: int, at: datetime) -> dict[int, Plan]:
        """By person or unit, what was said of a year by a moment: two statements over the organisation's record."""
        trigger = f"plan_{of}"
        about, held, _ = PLANS[trigger]
        vault = cases.secrets(connection, BOOK) if of == "person" else {}
        found = {}
        for row in results.said(connection, BOOK, trigger, at=at):
            form = json.loads(row.form)
            if form["year"] == year:
                values = reveal(form[held], vault)
                found[int(form[about])] = Plan(values or {}, row.seq, row.recorded, row.actor_id)
        return found
