"""What things in an export are called, and how values stand in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any, cast

from workflow.core.codec import dumps
from workflow.core.definition.expressions import Text
from workflow.core.definition.lifecycle import Definition
from workflow.core.directory import Directory
from workflow.definitions.library import Library
from workflow.messages import Names
from workflow.messages.catalogue import find
from workflow.messages.steps import Told, what
from workflow.service.courses import Move
from workflow.service.views.cases import CaseRow
from workflow.service.views.names import Masked
from workflow.service.views.steps import StepRow


class Wording:
    """Titles in one language, looked up once each: an export asks for the same few a million times."""

    def __init__(self, library: Library, directory: Directory, language: str, zone: tzinfo) -> None:
        self.library = library
        self.directory = directory
        self.language = language
        self.zone = zone
        self._names: dict[tuple[str, int], Names] = {}
        self._activities: dict[tuple[object, ...], str] = {}

    def word(self, key: str, **facts: Any) -> str:
        return find(self.language, "export", key, facts) or key

    def text(self, text: Text | None) -> str:
        return "" if text is None else text[self.language]

    def name(self, named: Any) -> str:
        """The name of a person, unit or customer; empty for None."""
        return "" if named is None else self.text(named.name)

    def definition(self, name: str, version: int) -> Definition | None:
        return self.library.versions.get((name, version))

    def names(self, definition: str, version: int) -> Names:
        key = (definition, version)
        if key not in self._names:
            rules = self.definition(definition, version)
            self._names[key] = Names(definition=rules, directory=self.directory, zone=self.zone)
        return self._names[key]

    def lifecycle(self, row: CaseRow) -> str:
        return self.names(row.definition, row.version).lifecycle(self.language) or row.definition

    def state(self, row: CaseRow, name: str, version: int) -> str:
        return self.names(row.definition, version).state(name, self.language) or name

    def phase(self, row: CaseRow) -> str:
        rules = self.definition(row.definition, row.version)
        return self.text(rules.phases.get(row.phase)) if rules else row.phase

    def field(self, row: CaseRow, name: str) -> str:
        return self.names(row.definition, row.version).field(name, self.language) or name

    def activity(self, definition: str, step: StepRow | Move) -> str:
        """What a step is called among its likes: without who and when."""
        moves = step.from_state != step.to_state
        key = (definition, step.version, step.kind, step.trigger, step.from_state, moves)
        if key not in self._activities:
            names = self.names(definition, step.version)
            # A move has neither actor nor form, which only the whole sentence asks for.
            told = find(self.language, "activity", step.kind, {"what": what(cast(Told, step), self.language, names)})
            self._activities[key] = told or step.kind
        return self._activities[key]

    def value(self, held: Any) -> Any:
        """A value without anything hidden in it: words in place of what is not shown."""
        if isinstance(held, Masked):
            return self.word(held.reason)
        if isinstance(held, Mapping):
            return {name: self.value(one) for name, one in held.items()}
        if isinstance(held, list | tuple):
            return [self.value(one) for one in held]
        return held

    def plain(self, held: Any) -> str | int | float | bool | None:
        """A value as one cell or attribute: lists and objects as JSON."""
        shown = self.value(held)
        return dumps(shown) if isinstance(shown, dict | list) else shown

    def local(self, at: datetime | None) -> datetime | None:
        """A moment on the clock of the zone, without the zone."""
        return None if at is None else at.astimezone(self.zone).replace(tzinfo=None)
