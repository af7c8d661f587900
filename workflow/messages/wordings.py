"""What an organisation says in its own words instead of the product's, from when on; and what such words must be like.

A message keeps the words that held when it was decided on, however late it is read or sent again.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from workflow.core.forms import UNFIT
from workflow.messages.catalogue import LANGUAGES, catalogue, placeholders, wordings_of

FRAMES = ("letter", "robot")
"""Sections of the catalogue with the words around messages; each is changed as a whole."""

SENTENCE = "sentence"
"""The one part of a kind of message."""

LONGEST = {"closing": 1000}
LONGEST_LINE = 200
SEVERAL_LINES = frozenset({"closing"})
"""Parts in which a line may be broken."""

_NAMED = re.compile(r"\{([a-z_]+)\}")
_MARKUP = re.compile(r"<[/!?]?[A-Za-z]")
_TURNED = re.compile("[\r\x85\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What breaks a line or turns the direction of writing unseen."""

Texts = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Language → part → its wordings, the one that tells most first."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a message from a moment on. `texts` None: those of the product."""

    name: str
    since: datetime
    texts: Texts | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """What is wrong with one wording; `what`: the placeholder it is about, or how long it may be."""

    language: str
    part: str
    place: int
    code: str
    what: str | int = ""


class Wordings:
    """All words an organisation ever chose."""

    def __init__(self, chosen: Iterable[Wording] = ()) -> None:
        self._chosen: dict[str, list[Wording]] = {}
        for one in sorted(chosen, key=lambda one: one.since):
            self._chosen.setdefault(one.name, []).append(one)

    def texts(self, name: str, at: datetime) -> Texts | None:
        """What the organisation said at a moment; None: what the product says."""
        chosen = self._chosen.get(name, [])
        place = bisect_right(chosen, at, key=lambda one: one.since)
        return chosen[place - 1].texts if place else None

    def own(self, name: str, language: str, at: datetime) -> Mapping[str, Sequence[str]]:
        """The same in one language; empty: what the product says."""
        return (self.texts(name, at) or {}).get(language, {})


def names() -> tuple[str, ...]:
    """What may be worded: each kind of message, and what stands around them."""
    return (*catalogue("zh")["notice"], *FRAMES)


def defaults(name: str) -> Texts:
    """What the product says."""
    return {language: {part: tuple(said) for part, said in _entries(name, language)} for language in LANGUAGES}


def flaws(name: str, texts: Texts) -> list[Flaw]:
    """Everything that is wrong with words for a message.

    Each wording takes the place of one of the product's and tells the same: every placeholder of that one, no other.
    """
    return [
        Flaw(language=language, part=part, place=place, code=code, what=what)
        for language, parts in defaults(name).items()
        for part, lines in parts.items()
        for place, line in enumerate(lines)
        for code, what in _flaws(part, _at(texts, language, part, place), placeholders(line))
    ]


def _at(texts: Texts, language: str, part: str, place: int) -> str:
    lines = texts.get(language, {}).get(part, ())
    return lines[place] if place < len(lines) else ""


def _flaws(part: str, text: str, wanted: frozenset[str]) -> Iterator[tuple[str, str | int]]:
    if not text.strip():
        yield "empty", ""
        return
    most = LONGEST.get(part, LONGEST_LINE)
    if len(text) > most:
        yield "longer", most
    if UNFIT.search(text) or _TURNED.search(text):
        yield "unfit", ""
    if "\n" in text and part not in SEVERAL_LINES:
        yield "broken", ""
    if _MARKUP.search(text):
        yield "markup", ""
    named = set(_NAMED.findall(text))
    if set("{}") & set(_NAMED.sub("", text)):
        yield "braces", ""
    for one in sorted(named - wanted):
        yield "unknown", one
    for one in sorted(wanted - named):
        yield "missing", one


def _entries(name: str, language: str) -> Iterator[tuple[str, list[str]]]:
    if name in FRAMES:
        yield from ((part, wordings_of(entry)) for part, entry in catalogue(language)[name].items())
    else:
        yield SENTENCE, wordings_of(catalogue(language)["notice"][name])
