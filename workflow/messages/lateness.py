"""What the figures of lateness are called."""

from __future__ import annotations

from datetime import timedelta

from workflow.messages.catalogue import find

UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
KINDS = {"held": "held_clock"}
"""A timer and a cause of the same name."""


def word(key: str, language: str) -> str:
    """A word of these figures; the key itself where there is none."""
    return find(language, "lateness", key) or key


def kind(stage: str, name: str, language: str) -> str:
    """A kind of timer or a channel; all of them together for ""."""
    whole = "all_timers" if stage in ("fired", "committed") else "all_messages"
    return word(KINDS.get(name, name) or whole, language)


def told(stage: str, name: str, cause: str, language: str) -> list[str]:
    """From where to where, what, and why unless it was nothing but work."""
    why = [] if cause == "busy" else [word(cause, language)]
    return [word(stage, language), kind(stage, name, language), *why]


def length(span: timedelta, language: str) -> str:
    """A length as short as it can be told: 4 ms, 1.25 s, 3.1 h."""
    seconds = span.total_seconds()
    size, unit = next(((size, unit) for size, unit in UNITS if seconds >= size), (0.001, "millisecond"))
    return find(language, "lateness", unit, {"n": f"{seconds / size:.3g}"}) or ""
