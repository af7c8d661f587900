"""The door as the players see it: many commands in one transaction, and word of every case that has moved."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import inf

from workflow.core import roles
from workflow.core.case import Case
from workflow.core.definition.lifecycle import Definition
from workflow.core.world import World
from workflow.service.agenda import Agenda
from workflow.service.batch import Batch
from workflow.service.door import Workflow
from workflow.storage.housekeeping import beat, learn

LEARN = 20
"""Transactions after which the database looks again at how its tables are filled, as it does every night elsewhere."""


class Watch(Agenda):
    """An agenda that remembers which cases it was told of."""

    def __init__(self) -> None:
        super().__init__([])
        self.moved: dict[int, None] = {}

    def put(self, case: int, due: datetime | None) -> None:
        self.moved[case] = None
        super().put(case, due)

    def drop(self, case: int) -> None:
        self.moved.pop(case, None)
        super().drop(case)


class Stage(Batch):
    """A batch on a database without cases, played by itself: nobody waits to write, and no clock is looked at."""

    def __init__(self, workflow: Workflow, *, every: int = 400) -> None:
        super().__init__(workflow, every=every, longest=inf)
        self._watch = Watch()
        self._agenda = self._watch
        self.alive_until: datetime | None = None
        """When the scheduler that is played was last said to be alive; None: never."""
        self._kept = 0

    def commit(self) -> None:
        self._kept += 1
        if self._kept % LEARN == 0:
            learn(self._work().connection)
        super().commit()

    def moved(self) -> tuple[int, ...]:
        """The cases that have moved since this was asked last."""
        found = tuple(self._watch.moved)
        self._watch.moved.clear()
        return found

    def alive(self, at: datetime, *, again: bool = False) -> None:
        """The scheduler that is played says that it is alive; `again`: it was not until now, which is an outage."""
        since = self.alive_until or at
        gap = timedelta() if again else at - since
        beat(self._work().connection, "simulation", started=since, at=at, gap=gap)
        self.alive_until = at

    def fire_late(self, at: datetime) -> None:
        """Fire, as late as it is now, what came due while no scheduler was alive."""
        while (found := self._agenda_now().take(at)) is not None:
            self._fire(found[1], at)
        self.alive(at, again=True)

    def open_of(self, customer: int) -> list[str]:
        """What is open about a customer: lifecycles, and what is marked in them."""
        return self._work().store.open_of(customer, but=0)

    def scene(self, case: int) -> tuple[Case, Definition, World]:
        """A case as it is by now, its rules, and what they may know about it."""
        work = self._work()
        loaded = work.store.load(case)
        return loaded.case, work.definition(loaded.case), work.world(loaded)

    def people(self, case: Case, rules: Definition, world: World, names: tuple[str, ...], at: datetime) -> list[int]:
        """Whom roles of the definition lead to now."""
        return list(roles.resolve_all(names, rules, case, world, at=at))
