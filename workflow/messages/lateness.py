"""What the figures of lateness are called."""

from __future__ import annotations

from workflow.messages.catalogue import find

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
