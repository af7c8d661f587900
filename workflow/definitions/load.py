"""Reading lifecycle files: a `Definition`, or everything that is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from workflow.core.definition.lifecycle import Definition
from workflow.definitions.build import Builder
from workflow.definitions.faults import DefinitionErrors
from workflow.definitions.names import Names
from workflow.definitions.shape import shaped
from workflow.definitions.shapes import DefinitionShape
from workflow.definitions.soundness import check_soundness
from workflow.definitions.source import Source, parse, read

CALENDARS = "calendars"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A definition and the file it came from, for checks across files."""

    source: Source
    definition: Definition


def load(path: Path) -> Definition:
    """One file. Raises DefinitionErrors with every fault of it."""
    return load_file(path).definition


def load_file(path: Path) -> Loaded:
    """The same with its source."""
    return _loaded(read(path), calendars=calendar_names(path.parent), sound=True)


def loads(
    text: str | bytes, *, file: str = "definition.yaml", calendars: Iterable[str] = (), sound: bool = True
) -> Definition:
    """The same for a text. Raises DefinitionErrors.

    `sound=False` is for versions in use: a rule that came later does not make them unreadable.
    """
    content = text.encode() if isinstance(text, str) else text
    return _loaded(parse(content, file=file), calendars=calendars, sound=sound).definition


def calendar_names(folder: Path) -> list[str]:
    """The calendars that lie beside a folder's definitions."""
    return sorted(file.stem for file in (folder / CALENDARS).glob("*.yaml"))


def _loaded(source: Source, *, calendars: Iterable[str], sound: bool) -> Loaded:
    if not source.text.removeprefix("\ufeff").startswith("#"):
        source.fault((), "the file begins with a comment that says what it promises", "no-comment")
    names = Names(source, calendars=calendars)
    definition = Builder(source, shaped(source, DefinitionShape), names).build()
    if definition is not None and sound:
        check_soundness(source, definition, names)
    if source.faults or definition is None:
        raise DefinitionErrors(source.faults)
    return Loaded(source, definition)
