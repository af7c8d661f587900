"""Errors that are no surprise, and what is said about them."""

from __future__ import annotations

from collections.abc import Iterable

from workflow.config import ConfigError
from workflow.core.errors import BatonError
from workflow.definitions.faults import DefinitionErrors
from workflow.messages import sentence
from workflow.storage.errors import NoFolder, StorageError


class Trouble(Exception):
    """A command cannot go on; `str()` says why."""


def expected() -> tuple[type[Exception], ...]:
    return (Trouble, ConfigError, DefinitionErrors, StorageError, BatonError, OSError)


def said(error: Exception) -> Iterable[str]:
    """What is wrong, a line each."""
    if isinstance(error, ConfigError):
        return error.faults
    if isinstance(error, DefinitionErrors):
        return [*(str(fault) for fault in error.faults), "The definitions are not in order; nothing was done."]
    if isinstance(error, BatonError):
        return [sentence(error, "en")]
    if isinstance(error, OSError):
        return [f"{error.filename}: {error.strerror}" if error.filename else str(error)]
    if isinstance(error, NoFolder):
        return [f"{error} `baton init` makes it, `baton demo` fills it with a demonstration."]
    return str(error).splitlines()
