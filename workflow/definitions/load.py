"""Reading lifecycle files: a `Definition`, or everything that is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from workflow.core.definition import Definition
from workflow.definitions.build import Builder
from workflow.definitions.faults import DefinitionErrors
from workflow.definitions.names import Names
from workflow.definitions.shape import DefinitionShape, shaped
from workflow.definitions.source import Source, parse, read

CALENDARS = "calendars"


def load(path: Path) -> Definition:
    """One file. Raises DefinitionErrors with every fault of it."""
    return _definition(read(path), calendars=calendar_names(path.parent))


def loads(text: str | bytes, *, file: str = "definition.yaml", calendars: Iterable[str] = ()) -> Definition:
    """The same for a text. Raises DefinitionErrors."""
    content = text.encode() if isinstance(text, str) else text
    return _definition(parse(content, file=file), calendars=calendars)


def calendar_names(folder: Path) -> list[str]:
    """The calendars that lie beside a folder's definitions."""
    return sorted(file.stem for file in (folder / CALENDARS).glob("*.yaml"))


def _definition(source: Source, *, calendars: Iterable[str]) -> Definition:
    if not source.text.removeprefix("\ufeff").startswith("#"):
        source.fault((), "the file begins with a comment that says what it promises", "no-comment")
    shape = shaped(source, DefinitionShape)
    definition = Builder(source, shape, Names(source, calendars=calendars)).build()
    if source.faults or definition is None:
        raise DefinitionErrors(source.faults)
    return definition
