"""YAML events as plain values, in one pass, with the place of every key and value.

YAML 1.2: `NO` stays a string. What makes YAML dangerous or hard to read is refused: aliases, anchors, tags, several
documents, deep nests. Nothing is ever copied or called, so an alias bomb costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from workflow.definitions.faults import Path, short

MAX_DEPTH = 20
MAX_DIGITS = 100
"""Longer numbers stay texts: Python refuses to read thousands of digits."""

_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class Place(NamedTuple):
    """Line and column, from 1. `inner`: the column of a text's first character, inside its quotes;
    None for a text of several lines, in which columns mean nothing."""

    line: int
    column: int
    inner: int | None = None


class Remark(NamedTuple):
    """Something in the way it is written. `fatal`: what follows would not mean what it says."""

    path: Path
    place: Place
    message: str
    code: str
    fatal: bool


class TooDeep(Exception):
    """Nested deeper than anything a person writes."""

    def __init__(self, place: Place) -> None:
        super().__init__(f"nested more than {MAX_DEPTH} deep")
        self.place = place


class Reader:
    """Reads one text. Afterwards `value` is None when the text says nothing at all."""

    def __init__(self, text: str) -> None:
        """Raises ruamel's YAMLError for what is not YAML, and TooDeep."""
        self.keys: dict[Path, Place] = {}
        self.values: dict[Path, Place] = {}
        self.remarks: list[Remark] = []
        self.value: Any = None
        self._depth = 0
        self._events: Iterator[Any] = YAML(typ="safe", pure=True).parse(text)
        documents = 0
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._refuse((), _place(event), "a second document begins here; write one file each", "documents")
            elif isinstance(event, NodeEvent):
                value = self._value(event, ())
                self.value = self.value if documents > 1 else value

    def _value(self, event: Any, path: Path | None) -> Any:
        """The value an event begins. `path` None: it is read over, its places are not kept."""
        place = _place(event)
        if path is not None:
            self.values[path] = place
        self._refuse_the_dangerous(event, place, path or ())
        if not isinstance(event, MappingStartEvent | SequenceStartEvent):
            return scalar(event) if isinstance(event, ScalarEvent) else None
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise TooDeep(place)
        value = self._mapping(path) if isinstance(event, MappingStartEvent) else self._sequence(path)
        self._depth -= 1
        return value

    def _sequence(self, path: Path | None) -> list[Any]:
        result: list[Any] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            result.append(self._value(event, None if path is None else (*path, len(result))))
        return result

    def _mapping(self, path: Path | None) -> dict[str, Any]:
        result: dict[str, Any] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            place = _place(event)
            if not isinstance(event, ScalarEvent):
                self._value(event, None)
                self._value(next(self._events), None)
                self._remark(path or (), place, "a key must be a word", "key")
                continue
            self._refuse_the_dangerous(event, place, path or ())
            name = str(event.value)
            if path is None:
                self._value(next(self._events), None)
            elif name in result:
                self._value(next(self._events), None)
                message = f"'{short(name)}' stands here twice, first in line {self.keys[(*path, name)].line}"
                self._remark((*path, name), place, message, "duplicate")
            else:
                self.keys[(*path, name)] = place
                result[name] = self._value(next(self._events), (*path, name))
        return result

    def _refuse_the_dangerous(self, event: Any, place: Place, path: Path) -> None:
        if isinstance(event, AliasEvent):
            self._refuse(path, place, f"alias '*{short(event.anchor)}' is refused: write it out", "alias")
        elif event.anchor:
            message = f"anchor '&{short(event.anchor)}' has no use, aliases are refused"
            self._refuse(path, place, message, "alias")
        if getattr(event, "tag", None):
            message = f"tag '{short(str(event.tag))}' is refused, only plain values may stand here"
            self._refuse(path, place, message, "tag")

    def _refuse(self, path: Path, place: Place, message: str, code: str) -> None:
        self.remarks.append(Remark(path, place, message, code, fatal=True))

    def _remark(self, path: Path, place: Place, message: str, code: str) -> None:
        self.remarks.append(Remark(path, place, message, code, fatal=False))


def scalar(event: ScalarEvent) -> Any:
    """What a plain scalar means by YAML 1.2's core schema; a quoted one is a text."""
    text = str(event.value)
    if event.style or not event.implicit[0]:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > MAX_DIGITS:
        return text
    if _INT.fullmatch(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.fullmatch(text):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text


def _place(event: Any) -> Place:
    line, column = event.start_mark.line, event.start_mark.column + 1
    if not isinstance(event, ScalarEvent) or event.end_mark.line != line:
        return Place(line + 1, column)
    return Place(line + 1, column, column + 1 if event.style in ("'", '"') else column)
