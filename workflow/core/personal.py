"""Personal values stay outside the history: it holds a salted commitment, the vault holds the value.

Erasing the vault's row leaves the history whole and the chain valid.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

from workflow.core.codec import dumps
from workflow.core.step import Op, Step

MARK = "~"
"""The key of a commitment in place of a value: `{"~": "…"}`."""

SALT = 16
"""Bytes of a salt. Of no other length: salt and value are hashed one behind the other, and whoever could move what is
between them would have another value under the same commitment."""

Secret = tuple[str, bytes, str]
"""Commitment, salt, and the value as JSON text."""


def commitment(salt: bytes, value: str) -> str:
    return sha256(b"baton personal 1\x00" + salt + value.encode()).hexdigest()


def keeps(digest: str, salt: bytes, value: Any) -> bool:
    """Whether a stored value is the one that was committed to."""
    return isinstance(value, str) and len(salt) == SALT and commitment(salt, value) == digest


def is_commitment(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {MARK}


def protect(step: Step, personal: frozenset[str], salt: Callable[[], bytes]) -> tuple[Step, list[Secret]]:
    """The step with each personal value replaced by a commitment, and what goes to the vault.

    `personal` names data fields; the text of a comment is always personal. The same value in the
    form and in an op gets one commitment.
    """
    said = [step.form, *[body for op, body in step.ops if op == "set"]]
    if all(personal.isdisjoint(values) for values in said):
        return step, []
    secrets: list[Secret] = []
    known: dict[tuple[str, str], dict[str, str]] = {}

    def hide(name: str, value: Any) -> Any:
        if value in (None, "") or is_commitment(value):
            return value
        text = dumps(value)
        if (name, text) not in known:
            fresh = salt()
            digest = commitment(fresh, text)
            secrets.append((digest, fresh, text))
            known[name, text] = {MARK: digest}
        return known[name, text]

    def hidden(values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: hide(name, value) if name in personal else value for name, value in values.items()}

    form = hidden(step.form)
    ops: list[Op] = [[op, hidden(body)] if op == "set" else [op, body] for op, body in step.ops]
    if not secrets:
        return step, secrets
    return replace(step, form=form, ops=ops), secrets


def reveal(value: Any, vault: Mapping[str, str | None]) -> Any:
    """The value behind a commitment; None when it was erased; anything else as it is."""
    if not is_commitment(value):
        return value
    text = vault.get(value[MARK])
    return None if text is None else json.loads(text)
