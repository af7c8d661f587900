"""What people write outside forms: comments, reasons, names of files."""

from __future__ import annotations

from hashlib import sha256
from pathlib import PurePosixPath

from workflow.core.bidi import straight
from workflow.core.errors import FileTooLarge, TextEmpty, TextUnfit
from workflow.core.forms import UNFIT

MOST = 5000
MOST_NAME = 200


def text(field: str, value: str, *, needed: bool = True, most: int = MOST) -> str:
    """The text, trimmed. Raises `TextEmpty`, `TextUnfit`."""
    value = value.replace("\r\n", "\n").strip()
    if needed and not value:
        raise TextEmpty(field=field)
    if len(value) > most or UNFIT.search(value):
        raise TextUnfit(field=field, most=most)
    return value


def optional(field: str, value: str | None, *, most: int) -> str | None:
    """A text that may be missing; an empty one is. Raises `TextUnfit`."""
    return None if value is None else text(field, value, needed=False, most=most) or None


def name(field: str, value: str, *, most: int = MOST_NAME) -> str:
    """What something is called: one line, without what turns the direction of writing round unseen.

    Raises `TextEmpty`, `TextUnfit`.
    """
    kept = text(field, straight(value), most=most)
    if len(kept.splitlines()) > 1:
        raise TextUnfit(field=field, most=most)
    return kept


def file(name_: str, content: bytes, most: int) -> str:
    """The bare name of a file that may be kept. Raises `FileTooLarge`, `TextEmpty`, `TextUnfit`."""
    if len(content) > most:
        raise FileTooLarge(most=most)
    if not content:
        raise TextEmpty(field="file")
    return name("name", PurePosixPath(name_.replace("\\", "/")).name)


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()
