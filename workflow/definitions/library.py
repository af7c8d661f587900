"""All lifecycles at hand: the newest of each from a folder, and every version a case may still be on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from workflow.core.calendar import Calendar
from workflow.core.definition.lifecycle import Definition
from workflow.core.definition.targets import AnyTarget, TargetTable
from workflow.core.errors import DefinitionUnknown
from workflow.definitions.calendars import load_calendar, load_calendars
from workflow.definitions.controls import CONTROLS, Control, load_controls
from workflow.definitions.cross import check_links
from workflow.definitions.faults import DefinitionErrors, Fault
from workflow.definitions.load import CALENDARS, Loaded, load_file, loads
from workflow.definitions.measures import MEASURES, Standards, load_measures
from workflow.definitions.queues import QUEUES, Queue, load_queues
from workflow.definitions.revenue import REVENUE, Revenue, load_revenue


@dataclass(frozen=True, slots=True)
class Stored:
    """A version as the database keeps it. `hash` is the SHA-256 of `text` in hex."""

    name: str
    version: int
    hash: str
    text: str


@dataclass(frozen=True, slots=True)
class Library:
    """`latest`: the definition new cases are opened on, by name; `versions` holds these and older ones.

    `queues`: the lists that stand beside everybody's inbox; `controls`: what auditors look for in all histories;
    `revenue`: products, and what follows from figures. `standards`: what people and centres are measured by.
    """

    latest: Mapping[str, Definition]
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    versions: Mapping[tuple[str, int], Definition] = field(default_factory=dict)
    queues: tuple[Queue, ...] = ()
    controls: tuple[Control, ...] = ()
    revenue: Revenue = field(default_factory=Revenue)
    standards: Standards = field(default_factory=Standards)
    chosen_by: frozenset[str] = field(init=False)
    """What the tables of lengths of all clocks, tasks and timers choose by: where that changes, due times do."""

    def __post_init__(self) -> None:
        newest = {(one.name, one.version): one for one in self.latest.values()}
        object.__setattr__(self, "versions", MappingProxyType({**self.versions, **newest}))
        lengths = (length for one in self.versions.values() for length in _lengths(one))
        chosen_by = frozenset(length.by for length in lengths if isinstance(length, TargetTable))
        object.__setattr__(self, "chosen_by", chosen_by)

    @classmethod
    def load(cls, folder: Path) -> Library:
        """DefinitionErrors with all faults of all files."""
        loaded, faults = _load_all(sorted(folder.glob("*.yaml")))
        calendars: Mapping[str, Calendar] = {}
        try:
            calendars = load_calendars(folder / CALENDARS)
        except DefinitionErrors as errors:
            faults += errors.faults
        latest = {name: one.definition for name, one in loaded.items()}
        queues: tuple[Queue, ...] = ()
        controls: tuple[Control, ...] = ()
        revenue, standards = Revenue(), Standards()
        if not faults:
            # What a queue or a control names is looked up in the lifecycles: where these are faulty, it can't be.
            try:
                queues = load_queues(folder / QUEUES, latest)
            except DefinitionErrors as errors:
                faults += errors.faults
            try:
                controls = load_controls(folder / CONTROLS, latest)
            except DefinitionErrors as errors:
                faults += errors.faults
            try:
                revenue = load_revenue(folder / REVENUE, latest)
            except DefinitionErrors as errors:
                faults += errors.faults
            try:
                standards = load_measures(folder / MEASURES, latest)
            except DefinitionErrors as errors:
                faults += errors.faults
        if not loaded and not faults:
            faults.append(Fault(folder.name, 1, 1, "", "there is no definition in this folder", "empty"))
        if faults:
            raise DefinitionErrors(faults)
        return cls(latest, calendars, queues=queues, controls=controls, revenue=revenue, standards=standards)

    def get(self, name: str, version: int | None = None) -> Definition:
        """A version, or the newest. Raises DefinitionUnknown."""
        found = self.latest.get(name) if version is None else self.versions.get((name, version))
        if found is None:
            raise DefinitionUnknown(definition=name if version is None else f"{name} {version}")
        return found

    def with_stored(self, stored: Iterable[Stored]) -> Library:
        """This library with the versions kept in the database. Raises DefinitionErrors as `check_stored` does."""
        stored = tuple(stored)
        self.check_stored(stored)
        older = {
            (one.name, one.version): loads(
                one.text, file=f"{one.name}.{one.version}.yaml", calendars=self.calendars, sound=False
            )
            for one in stored
            if (one.name, one.version) not in self.versions
        }
        return replace(self, versions={**self.versions, **older})

    def check_stored(self, stored: Iterable[Stored]) -> None:
        """Raises DefinitionErrors when a version in use has another content now, or a newer one was in use."""
        faults = []
        for one in stored:
            known = self.versions.get((one.name, one.version))
            if known is not None and known.hash != one.hash:
                message = f"version {one.version} is in use with another content; raise it to change the lifecycle"
                faults.append(Fault(f"{one.name}.yaml", 1, 1, "version", message, "changed"))
            elif one.name in self.latest and one.version > self.latest[one.name].version:
                message = f"version {one.version} is in use, this is only {self.latest[one.name].version}"
                faults.append(Fault(f"{one.name}.yaml", 1, 1, "version", message, "older"))
        if faults:
            raise DefinitionErrors(faults)


def check(paths: Iterable[Path]) -> list[Fault]:
    """Every fault of some files or folders, in order; one in `calendars/` is a calendar, in `controls/` controls.

    What links lead to is looked for beside the files.
    """
    asked = {file for path in paths for file in (_files_of(path) if path.is_dir() else [path])}
    calendars = {path for path in asked if path.parent.name == CALENDARS}
    controls = {path for path in asked if path.parent.name == CONTROLS}
    figures = {path for path in asked if path.parent.name in (REVENUE, MEASURES)}
    definitions = asked - calendars - controls - figures
    beside = {file for path in definitions for file in path.parent.glob("*.yaml")}
    _, faults = _load_all(sorted(definitions | beside))
    names = {path.name for path in definitions}
    faults = [fault for fault in faults if fault.file in names]
    for path in calendars:
        try:
            load_calendar(path)
        except DefinitionErrors as errors:
            faults += errors.faults
    for path in figures:
        known = {name: one.definition for name, one in _load_all(sorted(path.parent.parent.glob("*.yaml")))[0].items()}
        try:
            (load_revenue if path.parent.name == REVENUE else load_measures)(path.parent, known)
        except DefinitionErrors as errors:
            faults += errors.faults
    for folder in {path.parent for path in controls}:
        known = {name: one.definition for name, one in _load_all(sorted(folder.parent.glob("*.yaml")))[0].items()}
        try:
            load_controls(folder, known)
        except DefinitionErrors as errors:
            faults += [fault for fault in errors.faults if fault.file in {path.name for path in controls}]
    return sorted(set(faults))


def _lengths(definition: Definition) -> Iterator[AnyTarget]:
    """Every length that something open may have been counted by."""
    yield from (rule.target for rule in definition.clocks.values())
    for state in definition.states.values():
        yield from (rule.within for rule in state.tasks if rule.within is not None)
        yield from (rule.after for rule in state.timers)


def _files_of(folder: Path) -> list[Path]:
    return [
        *folder.glob("*.yaml"), *(folder / CALENDARS).glob("*.yaml"), *(folder / CONTROLS).glob("*.yaml"),
        *(folder / REVENUE).glob("*.yaml"), *(folder / MEASURES).glob("*.yaml"),
    ]  # fmt: skip


def _load_all(paths: Iterable[Path]) -> tuple[dict[str, Loaded], list[Fault]]:
    loaded: dict[str, Loaded] = {}
    faults: list[Fault] = []
    broken: set[str] = set()
    for path in paths:
        try:
            one = load_file(path)
        except DefinitionErrors as errors:
            faults += errors.faults
            broken.add(path.stem)
            continue
        name = one.definition.name
        if name != path.stem:
            one.source.fault(("definition",), f"a definition is named like its file, '{path.stem}'", "file-name")
        if name in loaded:
            other = loaded[name].source.file
            one.source.fault(("definition",), f"'{name}' is already defined in {other}", "duplicate")
        loaded.setdefault(name, one)
        faults += one.source.faults
    check_links(loaded, broken=broken)
    return loaded, [*faults, *(fault for one in loaded.values() for fault in one.source.faults)]
