"""What the rules, run again each night, say of all histories."""

from __future__ import annotations

from typing import cast

from flask import current_app

from web import sentences
from web.context import reader, workflow
from web.language import current
from workflow import messages
from workflow.audit.replays import Differs, Replays, Standing


def replays() -> Replays:
    found = current_app.extensions.get("baton_replays")
    if found is None:
        found = current_app.extensions["baton_replays"] = Replays(workflow())
    return cast(Replays, found)


def standing() -> Standing:
    """What the last run found, for the desk's front page."""
    return replays().standing(reader())


def first_difference(one: Differs) -> str:
    """What differs in a history, in a sentence."""
    if one.first is None:
        return ""
    rules = workflow().library.versions.get((one.definition, one.version))
    said = messages.verdicts.difference(one.first, current(), names=sentences.known(rules))
    return messages.verdicts.differs(one.seq, said, current())
