"""Who acted in the older system, as persons of ours."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from workflow.core.errors import PersonNotFound, TextUnfit, UnitNotFound
from workflow.core.step import SYSTEM, Actor
from workflow.intake.mapping import ActorRule, Rules
from workflow.intake.plan import Columns, Plan, Row
from workflow.intake.values import Clock, Unusable
from workflow.service.batch import Batch


class Staff:
    """The actors of a mapping in its unit. Raises `UnitNotFound`."""

    def __init__(self, batch: Batch, rules: Rules, columns: Columns, clock: Clock) -> None:
        self.batch, self.rules, self.columns, self.clock = batch, rules, columns, clock
        self._people: dict[str, int | None] = {}
        unit = batch.unit_of(rules.unit)
        if unit is None:
            raise UnitNotFound(unit=rules.unit)
        self.unit: int = unit

    def ready(self, plan: Plan, *, at: datetime) -> None:
        """Create whom the rows name and nobody knows, with their roles from `at` on: where a mapping gives roles."""
        wanted: dict[str, tuple[ActorRule, Row]] = {}
        rows = {event.row.number: event.row for event in plan.events}
        for actor in self.rules.actors.values():
            for row in rows.values() if actor.roles else ():
                wanted.setdefault(self._login(actor, row), (actor, row))
        wanted.pop("", None)
        for login, (actor, row) in wanted.items():
            self._create(login, actor, row, at)

    def actor(self, name: str, row: Row) -> Actor:
        """Raises `PersonNotFound`, and `Unusable` where the row names nobody."""
        rule = self.rules.actors[name]
        login = self._login(rule, row)
        if not login and rule.otherwise is not None:
            return self.actor(rule.otherwise, row)
        if not login:
            raise Unusable("missing", (rule.login.columns() or [name])[0])
        if login not in self._people:
            self._people[login] = self.batch.person_of(login)
        person = self._people[login]
        if person is None:
            raise PersonNotFound(person=login)
        return Actor(person)

    def _login(self, rule: ActorRule, row: Row) -> str:
        """Empty where a column it is made of says nothing."""
        cells = self.columns.of(row)
        if not all(map(cells, rule.login.columns())):
            return ""
        return str(rule.login.of(cells, self.clock) or "").lower()

    def _create(self, login: str, rule: ActorRule, row: Row, at: datetime) -> None:
        """Where a name cannot be a login, every row that needs it says so in the report."""
        person = self.batch.person_of(login)
        if person is None:
            name = str(rule.name.of(self.columns.of(row), self.clock) or login)
            with suppress(TextUnfit):
                person = self.batch.add_person(login, name_zh=name, name_en=name, actor=SYSTEM, at=at)
        if person is None:
            return
        for role in rule.roles:
            if not self.batch.holds(person, self.unit, role, at):
                self.batch.grant(person, self.unit, role, actor=SYSTEM, since=at, at=at)
