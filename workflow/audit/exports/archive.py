"""An archive that can be written in one way only: a ZIP file of stored entries, all of whose bytes are decided.

Nothing is compressed, so that the bytes do not depend on a library's version, and so that nothing can swell when it is
read. No moment, no rights, no comment: the same content gives the same bytes, and a reader may insist on them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from workflow.core.codec import dumps
from workflow.core.errors import CaseFileTooLarge

MOST_BYTES = 2**31 - 2**20
"""Beyond this a ZIP file needs other headers."""


class Archive:
    """Files in the order they are added; what each of them is goes into the manifest."""

    def __init__(self, path: Path) -> None:
        self._zip = ZipFile(path, "x", ZIP_STORED)
        self._size = 0
        self.manifest: dict[str, dict[str, int | str]] = {}

    def add(self, name: str, content: bytes) -> None:
        """Raises `CaseFileTooLarge`."""
        self._size += len(content) + 256
        if self._size > MOST_BYTES:
            raise CaseFileTooLarge(most=MOST_BYTES)
        info = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        info.create_system = 0
        info.external_attr = 0o600 << 16
        self._zip.writestr(info, content)
        self.manifest[name] = {"bytes": len(content), "sha256": sha256(content).hexdigest()}

    def close(self) -> None:
        self._zip.close()


def json_of(value: Any) -> bytes:
    """A JSON file, with its names in order."""
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def lines_of(values: Iterable[Any]) -> bytes:
    """A file with one JSON value a line."""
    return "".join(f"{dumps(value)}\n" for value in values).encode()
