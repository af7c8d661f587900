"""Messages as somebody would get them, in both languages, in the words they are given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app, request

from web.context import directory, person
from web.language import now, zone
from workflow import messages
from workflow.core.definition.lifecycle import Definition
from workflow.core.moments import micros
from workflow.delivery.letters import Item, Letter, Letters
from workflow.messages.catalogue import LANGUAGES, words
from workflow.messages.notices import Own
from workflow.settings import Settings

ROBOT_BYTES = 2000
"""Room for an example of what a robot says."""

Voice = Callable[[str, str], Own]
"""The words for a message in a language; empty: the product's."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A letter as somebody would get it, in each language; of a robot's message the subject is empty."""

    name: str
    letters: dict[str, Letter]


class Samples:
    """`rules`: the lifecycles one of which the examples are about."""

    def __init__(self, rules: list[Definition], voice: Voice) -> None:
        one = next(one for one in rules if one.clocks and any(state.tasks for state in one.states.values()))
        task = next(task for state in one.states.values() for task in state.tasks)
        due = micros(now() + timedelta(hours=24))
        self._names = messages.Names(definition=one, directory=directory(), zone=zone())
        self._facts: Mapping[str, Any] = {
            "clock": next(iter(one.clocks)), "task": task.name, "due": due, "level": 1, "damages": 2,
        }  # fmt: skip
        self._voice = voice
        settings: Settings = current_app.extensions["baton_settings"]
        self._home = settings.server.public_url or request.url_root.rstrip("/")
        self._writer = Letters(self._home)

    def said(self, kind: str) -> dict[str, str]:
        """What a kind of message says."""
        return {one: self._sentence(kind, one) for one in LANGUAGES}

    def one(self, kind: str = "reminder") -> Sample:
        """A letter about one message."""
        return self._sample("one", kind)

    def all(self) -> Iterator[Sample]:
        """A letter about one message, one about several, and what a robot writes into a group."""
        yield self.one()
        yield self._sample("several", "reminder", "escalation", "delegated")
        yield self.robot()

    def of(self, name: str) -> list[Sample]:
        """Those in which the words of a message, or of what stands around messages, are found."""
        if name == "robot":
            return [self.robot()]
        return [one for one in self.all() if one.name != "robot"] if name == "letter" else [self.one(name)]

    def robot(self) -> Sample:
        def brief(language: str) -> Letter:
            items = self._items(language, "reminder", "escalation")
            own = self._voice("robot", language)
            return Letter(subject="", body=self._writer.brief(items, language=language, most=ROBOT_BYTES, own=own))

        return Sample("robot", {one: brief(one) for one in LANGUAGES})

    def _sample(self, name: str, *kinds: str) -> Sample:
        def letter(language: str) -> Letter:
            reader = str(getattr(person().name, language))
            items, own = self._items(language, *kinds), self._voice("letter", language)
            return self._writer.write(items, name=reader, language=language, own=own)

        return Sample(name, {one: letter(one) for one in LANGUAGES})

    def _sentence(self, kind: str, language: str) -> str:
        return messages.notice(kind, self._facts, language, names=self._names, own=self._voice(kind, language))

    def _items(self, language: str, *kinds: str) -> list[Item]:
        return [
            Item(
                sentence=self._sentence(kind, language),
                number="TS-20260306-0001",
                lifecycle=self._names.lifecycle(language) or "",
                customer=words(language, "example_customer"),
                link=f"{self._home}/cases/1/",
                level=1 if kind == "escalation" else 0,
            )
            for kind in kinds
        ]
