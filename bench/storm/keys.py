"""Where the log of a storm is signed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from workflow.settings import Seal, Settings


def within(folder: Path | str, **different: Any) -> Settings:
    """Settings whose key and checkpoints lie in a folder of the storm's own: never beside those of an installation,
    whose next checkpoint would be refused, and never where another storm signs another log."""
    return Settings(seal=Seal(key=Path(folder) / "seal.key", folder=Path(folder) / "checkpoints"), **different)
