"""The key that signs checkpoints lies in a file outside the database, readable by its owner alone.

Beside it lies the last note it signed (`.last`), which shows when the database was taken back behind it; and, while
one key follows another, the next one (`.next`).
"""

from __future__ import annotations

import base64
import binascii
import os
from dataclasses import dataclass
from pathlib import Path
from secrets import token_bytes
from threading import get_ident

from workflow.core import notes
from workflow.core.errors import SealKeyUnfit

FORM = "baton seal key 1 "


@dataclass(frozen=True, slots=True)
class Own:
    """What lies with the key: its public half, with that of the key that is to follow it, and the last note it signed;
    "" where there is none."""

    publics: tuple[bytes, ...]
    note: str


def make(file: Path) -> bytes:
    """A new key; keeps one that is there. Gives its 32 bytes. Raises `SealKeyUnfit`."""
    if not file.exists():
        _write(file, f"{FORM}{base64.b64encode(token_bytes(32)).decode('ascii')}\n", new=True)
    return read(file)


def read(file: Path) -> bytes:
    """The 32 bytes of the key. Raises `SealKeyUnfit`."""
    if not file.exists():
        raise SealKeyUnfit(file=str(file), why="missing")
    if file.stat().st_mode & 0o077:
        raise SealKeyUnfit(file=str(file), why="open")
    text = file.read_text(encoding="utf-8", errors="replace")
    try:
        raw = base64.b64decode(text.removeprefix(FORM).strip(), validate=True) if text.startswith(FORM) else b""
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != 32:
        raise SealKeyUnfit(file=str(file), why="form")
    return raw


def own(file: Path) -> Own | None:
    """None where there is no key that can be read. Raises `NoteFault` when the note beside it is none."""
    try:
        seeds = [read(one) for one in (file, following(file)) if one.exists()]
    except SealKeyUnfit:
        return None
    note = last_note(file)
    if note:
        notes.checkpoint(notes.read(note).text)
    return Own(tuple(notes.Signer("", seed).verifier.public for seed in seeds), note) if seeds else None


def following(file: Path) -> Path:
    """Where the next key lies until it is the one in use."""
    return file.with_name(f"{file.name}.next")


def follow(file: Path) -> None:
    """The next key is the one in use from now on; the one before is gone."""
    following(file).replace(file)


def last_note(file: Path) -> str:
    """The last note signed by this key's owner; empty when there is none."""
    last = _last(file)
    return last.read_text(encoding="utf-8", errors="replace") if last.exists() else ""


def keep_note(file: Path, note: str) -> None:
    _write(_last(file), note, new=False)


def _last(file: Path) -> Path:
    return file.with_name(f"{file.name}.last")


def _write(file: Path, text: str, *, new: bool) -> None:
    """Whole or not at all: whoever is killed here leaves what was there before."""
    file.parent.mkdir(parents=True, exist_ok=True)
    # Sealers may be threads of one process: each has a draft of its own, and clears what was left under its name.
    draft = file.with_name(f"{file.name}.{os.getpid()}.{get_ident()}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    if new:
        # Two that make the first key at once end with one key.
        try:
            os.link(draft, file)
        except FileExistsError:
            return
        finally:
            draft.unlink()
    else:
        draft.replace(file)
