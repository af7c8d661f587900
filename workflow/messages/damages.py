"""What verification found, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow.messages.catalogue import find


def damage(kind: str, facts: Mapping[str, Any], language: str) -> str:
    """What is wrong; `facts` those of the damage, with `seq` where it is about a step. `kind` for one nobody knows."""
    told = dict(facts)
    if "why" in told:
        told["why"] = find(language, "damage_why", str(told["why"])) or told["why"]
    if "outcome" in told:
        told["outcome"] = outcome(str(told["outcome"]), language)
    return find(language, "damage", kind, told) or kind


def outcome(name: str, language: str) -> str:
    """What a checkpoint from outside says about the log."""
    return find(language, "outcome", name) or name
