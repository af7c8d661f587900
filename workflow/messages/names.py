"""What ids, and the names a definition uses, are called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from workflow.core.definition.expressions import Text
from workflow.core.definition.lifecycle import Definition
from workflow.core.directory import Directory
from workflow.core.moments import moment_of
from workflow.messages.catalogue import find, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Look-ups that give None for what they do not know; a sentence then says it without.

    `definition`: of the case that is spoken about. `zone`: in which moments are told.
    """

    definition: Definition | None = None
    directory: Directory | None = None
    zone: tzinfo | None = None

    def person(self, person: Any, language: str) -> str | None:
        """By id, or anything that has a `name` in both languages; a text is a name already."""
        if isinstance(person, str):
            return person
        if isinstance(person, int):
            person = self.directory.person(person) if self.directory else None
        return None if person is None else _said(getattr(person, "name", None), language)

    def unit(self, unit: Any, language: str) -> str | None:
        found = self.directory.unit(unit) if self.directory and isinstance(unit, int) else None
        return _said(found.name if found else None, language)

    def state(self, name: str, language: str) -> str | None:
        found = self.definition.states.get(name) if self.definition else None
        return _said(found.title if found else None, language)

    def trigger(self, name: str, language: str, state: str | None = None) -> str | None:
        """The title of a trigger; of the transition from `state` where several have it."""
        ways = [way for way in self.definition.transitions if way.trigger == name] if self.definition else []
        best = next((way for way in ways if state in way.sources), ways[0] if ways else None)
        return _said(best.title if best else None, language)

    def clock(self, name: str, language: str) -> str | None:
        found = self.definition.clocks.get(name) if self.definition else None
        return _said(found.title if found else None, language)

    def link(self, name: str, language: str) -> str | None:
        found = self.definition.links.get(name) if self.definition else None
        return _said(found.title if found else None, language)

    def recurring(self, name: str, language: str) -> str | None:
        found = self.definition.recurring.get(name) if self.definition else None
        return _said(found.title if found else None, language)

    def task(self, name: str, language: str) -> str | None:
        titles = (rule.title for rule in self._tasks() if rule.name == name)
        return _said(next(titles, None), language)

    def timer(self, name: str, language: str, state: str) -> str | None:
        """What a timer of a state reminds of, or the title of what it pulls."""
        found = self.definition.states.get(state) if self.definition else None
        rule = next((one for one in found.timers if one.name == name), None) if found else None
        if rule is None:
            return None
        return _said(rule.text, language) or (self.trigger(rule.trigger, language, state) if rule.trigger else None)

    def field(self, name: str, language: str) -> str | None:
        """What a field is called: in the definition, else among those every organisation has."""
        found = self.definition.fields.get(name) if self.definition else None
        return _said(found.title, language) if found else find(language, "field", name)

    def lifecycle(self, language: str) -> str | None:
        return _said(self.definition.title if self.definition else None, language)

    def moment(self, at: Any, language: str) -> str | None:
        """A moment as people of the language write it, in the zone; None without a zone.

        A moment may come as microseconds since 1970 or as ISO 8601 text, which is how facts are recorded; any
        other text is in words already.
        """
        if isinstance(at, str):
            try:
                at = datetime.fromisoformat(at)
            except ValueError:
                return str(at)
        elif isinstance(at, int):
            at = moment_of(at)
        if self.zone is None or at is None:
            return None
        local = at.astimezone(self.zone)
        return words(language, "moment", at=local, day=local.day, month=local.month)

    def _tasks(self) -> Iterator[Any]:
        for state in self.definition.states.values() if self.definition else ():
            yield from state.tasks


UNKNOWN = Names()


def _said(text: Text | None, language: str) -> str | None:
    return None if text is None else text[language]
