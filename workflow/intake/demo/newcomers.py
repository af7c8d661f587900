"""Customers nobody knew of: reported, announced, put on file when somebody takes them up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from random import Random
from typing import Any

from workflow.core.step import Actor
from workflow.intake.demo.companies import Company, invented, namer
from workflow.intake.demo.people import Cast
from workflow.intake.demo.stage import Stage
from workflow.intake.demo.tables import table


class Newcomers:
    """`known`: names that are taken. `places`: what divisions are called; the demonstration's when None."""

    def __init__(
        self, stage: Stage, cast: Cast, rng: Random, *, known: Iterable[str], places: Mapping[str, Any] | None = None
    ) -> None:
        self._stage, self._cast, self._rng = stage, cast, rng
        self._named = namer(rng, table("companies")["places"] | (places or {}), used=known)
        self._trades: dict[str, tuple[str, str]] = {}

    def name(self, person: int) -> str:
        """What one is called that a person hears of."""
        zh, en, trade = self._named(self._cast.divisions[self._cast.people[person].home])
        self._trades[zh] = en, trade
        return zh

    def on_file(self, name: str, *, by: int, at: datetime) -> Company:
        """Put one on file in the unit of who does so. Raises `Refused`."""
        en, trade = self._trades[name]
        home = self._cast.people[by].home
        values, company = invented(self._cast, self._rng, zh=name, en=en, unit=home, trade=trade, team=self._team(by))
        known = self._stage.register_customer(values, actor=Actor(by), at=at)
        return company.numbered(known)

    def _team(self, person: int) -> tuple[int, int]:
        """Two managers to be: who puts it on file, if that is one, and another of the unit or of one above."""
        home = self._cast.people[person].home
        managers = [one.id for one in self._cast.managers(home) or self._cast.managers()]
        first = person if person in managers else self._rng.choice(managers)
        others = [one for one in managers if one != first] or [p.id for p in self._cast.managers() if p.id != first]
        return first, self._rng.choice(others)
