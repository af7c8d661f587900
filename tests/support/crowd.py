"""Everybody in the office doing things at random, allowed and not, through the real door."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.support.answers import answers
from tests.support.office import Office
from workflow.core import authority
from workflow.core.case import Case
from workflow.core.codec import case_from
from workflow.core.errors import Refused
from workflow.core.step import SYSTEM, Actor
from workflow.core.work import StartForm
from workflow.service.case_reads import begins
from workflow.service.unit import Unit

BY_HAND = ("account", "complaint", "visit", "lead", "service_order")


class Crowd:
    """Everybody in the office doing things at random, allowed and not."""

    def __init__(self, office: Office, seed: int, *, by_hand: tuple[str, ...] = BY_HAND) -> None:
        self.office = office
        self.rng = Random(seed)
        self.by_hand = by_hand
        self.persons = list(office.people.values())
        self.customers = [office.customer, office.register("远山食品有限公司", tier="diamond")]
        self.refused = 0

    def live(self, commands: int) -> None:
        for _ in range(commands):
            try:
                self.rng.choice((self.open, self.work, self.work, self.work, self.work, self.beside, self.wait))()
            except Refused:
                self.refused += 1

    def fill(self, definition: Any, form: Any) -> dict[str, Any]:
        units = list(self.office.units.values())
        return answers(definition, form, self.rng, at=self.office.now, persons=self.persons, units=units)

    def open(self) -> None:
        door = self.office.workflow
        definition = door.library.get(self.rng.choice(self.by_hand))
        able = [p for p in self.persons if self._roles(p) & set(definition.opened_by)]
        customer = self.rng.choice(self.customers)
        # What only other cases open, the system may.
        actor = Actor(self.rng.choice(able or self.persons)) if definition.opened_by else SYSTEM
        door.open(definition.name, customer=customer, actor=actor, data=self.fill(definition, definition.start_form))

    def work(self) -> None:
        case = self._case()
        if case is None:
            return
        able = self._able(case)
        if not able or self.rng.random() < 0.1:
            trigger = self.rng.choice(self.office.workflow.library.get(case.definition).transitions)
            able = [(self.rng.choice(self.persons), trigger)]
        person, way = self.rng.choice(able)
        door = self.office.workflow
        definition = door.library.get(case.definition)
        order, start = begins(way), None
        if order is not None:
            other = door.library.get(definition.links[order.link].definition)
            start = StartForm(self.fill(other, other.start_form), self.rng.choice(self.customers))
        form = self.fill(definition, way.form)
        door.perform(case.id, way.trigger, actor=Actor(person), form=form, start=start)

    def beside(self) -> None:
        case = self._case()
        if case is None:
            return
        door, actor = self.office.workflow, Actor(self.rng.choice(self.persons))
        task = self.rng.choice([t.no for t in case.tasks] or [1])
        match self.rng.randint(0, 5):
            case 0:
                door.claim(case.id, task, actor=actor)
            case 1:
                door.release(case.id, task, actor=actor)
            case 2:
                door.delegate(case.id, task, to=self.rng.choice(self.persons), actor=actor, note="请代办")
            case 3:
                door.reassign(case.id, task, to=self.rng.choice(self.persons), actor=actor, reason="负荷过重")
            case 4:
                door.comment(case.id, "已电话联系 @anna", actor=actor)
            case 5:
                door.attach(case.id, "合同.pdf", b"%PDF-1.7", actor=actor)

    def wait(self) -> None:
        self.office.later(hours=self.rng.choice((1, 6, 30, 100)))
        if self.rng.random() < 0.7:
            self.office.fire()

    def _roles(self, person: int) -> frozenset[str]:
        found = self.office.workflow.directories.kept
        assert found is not None
        return found.role_names(person, self.office.now)

    def _case(self) -> Case | None:
        with self.office.database.reading() as connection:
            rows = connection.exec_driver_sql("SELECT body FROM cases WHERE kind = 'case' AND closed IS NULL").all()
        return case_from(self.rng.choice(rows)[0]) if rows else None

    def _able(self, case: Case) -> list[Any]:
        with self.office.database.writing() as connection:
            door = self.office.workflow
            unit = Unit(connection, door.library, door.directories)
            loaded = unit.store.load(case.id)
            world, rules, now = unit.world(loaded), unit.definition(case), self.office.now
            return [
                (person, way)
                for person in self.persons
                for way, against in authority.possible(rules, loaded.case, world, actor=Actor(person), at=now)
                if against is None
            ]
