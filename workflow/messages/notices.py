"""What a message of the outbox says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workflow.messages.catalogue import catalogue, find, words
from workflow.messages.names import UNKNOWN, Names
from workflow.messages.wordings import SENTENCE

Own = Mapping[str, Sequence[str]]


def notice(
    kind: str, body: Mapping[str, Any], language: str, *, names: Names | None = None, own: Own | None = None
) -> str:
    """The definition's own words where it has some, else a sentence for the kind of message.

    `own`: the parts of such a message as the organisation words them.
    """
    text = body.get("text")
    if isinstance(text, Mapping) and text.get(language):
        return str(text[language])
    known = names or UNKNOWN
    facts = {
        "task": known.task(str(body["task"]), language) if "task" in body else None,
        "clock": known.clock(str(body["clock"]), language) if "clock" in body else None,
        "due": _due(body, language, known),
        "level": body.get("level"),
        "damages": body.get("damages"),
    }
    return find(language, "notice", kind, facts, own=(own or {}).get(SENTENCE)) or kind


def kinds() -> tuple[str, ...]:
    """Every kind of message there is a sentence for."""
    return tuple(catalogue("zh")["notice"])


def _due(body: Mapping[str, Any], language: str, names: Names) -> str | None:
    """The due moment, marked where the days off of its year were not announced; None where none is told."""
    at = names.moment(body["due"], language) if "due" in body else None
    return words(language, "provisional", at=at) if at and body.get("provisional") else at
