"""Baton (接力): lifecycles of key accounts as cases that carry themselves forward."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workflow.core.step import SYSTEM, Actor
    from workflow.service.door import Workflow
    from workflow.storage.errors import StorageUnavailable

__all__ = ["SYSTEM", "Actor", "StorageUnavailable", "Workflow"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # Late, so that a room can be imported without all the others.
    if name == "Workflow":
        from workflow.service.door import Workflow

        return Workflow
    if name in {"Actor", "SYSTEM"}:
        from workflow.core import step

        return getattr(step, name)
    if name == "StorageUnavailable":
        from workflow.storage.errors import StorageUnavailable

        return StorageUnavailable
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
