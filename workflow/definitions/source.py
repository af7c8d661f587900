"""A YAML file as plain values, with the place of every one of them, or the reason why it cannot be read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, TypeVar

from ruamel.yaml.error import MarkedYAMLError, YAMLError

from workflow.core.definition.expressions import Text
from workflow.definitions.faults import DefinitionErrors, Fault, Path, dotted, short
from workflow.definitions.reader import Place, Reader, TooDeep

T = TypeVar("T")

MAX_BYTES = 1_000_000


@dataclass(slots=True)
class Source:
    """A file as read: its values, and where each key and each value stands."""

    file: str
    text: str
    hash: str
    value: dict[str, Any] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, path: Path, message: str, code: str, *, at: Place | None = None) -> None:
        """Note a fault at a path; a path that is not in the file is shown at the nearest part that is."""
        line, column, _ = at or self.place(path)
        self.faults.append(Fault(self.file, line, column, dotted(path), message, code))

    def place(self, path: Path) -> Place:
        if path in self.values:
            return self.values[path]
        while path:
            if path in self.keys:
                return self.keys[path]
            if path in self.values:
                return self.values[path]
            path = path[:-1]
        return Place(1, 1)

    def at(self, path: Path) -> Any:
        """The plain value at a path, None where there is none."""
        value: Any = self.value
        for part in path:
            if isinstance(value, dict) and isinstance(part, str):
                value = value.get(part)
            elif isinstance(value, list) and isinstance(part, int) and part < len(value):
                value = value[part]
            else:
                return None
        return value

    def key(self, path: Path) -> Place:
        """Where the key itself stands."""
        return self.keys.get(path) or self.place(path)


def read(path: FilePath) -> Source:
    """Read a file. Raises DefinitionErrors when it cannot be read as UTF-8 YAML with a mapping at the top."""
    name = path.name
    try:
        if path.is_dir():
            raise DefinitionErrors([_whole(name, "this is a folder, not a file", "folder")])
        if not path.is_file():
            raise DefinitionErrors([_whole(name, "there is no such file", "missing-file")])
        content = path.read_bytes()
    except OSError as error:
        raise DefinitionErrors([_whole(name, f"cannot be read: {error.strerror}", "unreadable")]) from error
    return parse(content, file=name)


def entries(folder: FilePath, what: str, make: Callable[[Source, str, Any], T | None]) -> dict[str, T]:
    """What `make` makes of every entry of all files of a folder, by name, in their order; `what` they are called.

    `make` notes faults in the source and may give None then. Raises DefinitionErrors with every fault of every file.
    """
    faults: list[Fault] = []
    made: dict[str, T] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            source = read(path)
        except DefinitionErrors as errors:
            faults += errors.faults
            continue
        for name, spec in source.value.items():
            if name in made:
                source.fault((name,), f"a {what} '{name}' is already there", "duplicate", at=source.key((name,)))
            one = make(source, name, spec)
            if one is not None:
                made[name] = one
        faults += source.faults
    if faults:
        raise DefinitionErrors(faults)
    return made


def bilingual(source: Source, path: Path, what: str) -> Text:
    """The text at a path in both languages; a fault in the source where it is not. `what`: as in "a queue's title"."""
    given = source.at(path)
    if isinstance(given, dict) and set(given) == {"zh", "en"} and all(str(one).strip() for one in given.values()):
        return Text(str(given["zh"]), str(given["en"]))
    source.fault(path, f"{what} is in both languages, {{zh: …, en: …}}", "title")
    return Text("", "")


def parse(content: bytes, *, file: str) -> Source:
    """The same for bytes. Duplicate keys and the like are left in `faults`."""
    text = _decode(content, file=file)
    source = Source(file=file, text=text, hash=hashlib.sha256(content).hexdigest())
    body = text.removeprefix("\ufeff")
    try:
        reader = Reader(body)
    except MarkedYAMLError as error:
        raise DefinitionErrors([_syntax(file, body, error)]) from None
    except YAMLError as error:
        raise DefinitionErrors([_whole(file, f"not YAML: {short(str(error), 200)}", "syntax")]) from None
    except TooDeep as error:
        line, column, _ = error.place
        raise DefinitionErrors([Fault(file, line, column, "", str(error), "depth")]) from None
    source.keys, source.values = reader.keys, reader.values
    for path, place, message, code, _ in reader.remarks:
        source.fault(path, message, code, at=place)
    if any(remark.fatal for remark in reader.remarks):
        raise DefinitionErrors(source.faults)
    if reader.value is None:
        raise DefinitionErrors([_whole(file, "the file is empty", "empty")])
    if not isinstance(reader.value, dict):
        raise DefinitionErrors([_whole(file, "the file must be a mapping: `definition: …`", "not-a-mapping")])
    source.value = reader.value
    return source


def _decode(content: bytes, *, file: str) -> str:
    if len(content) > MAX_BYTES:
        message = f"the file is {len(content):,} bytes long; at most {MAX_BYTES:,} are read"
        raise DefinitionErrors([_whole(file, message, "too-long")])
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1
        message = f"not UTF-8 (byte 0x{content[error.start]:02x}){_another_encoding(content)}; save it as UTF-8"
        raise DefinitionErrors([Fault(file, line, column, "", message, "encoding")]) from None
    for offset, letter in enumerate(text):
        if (ord(letter) < 32 and letter not in "\t\r\n") or letter == "\x7f":
            line, column = _position(text, offset)
            what = "a null byte" if letter == "\0" else f"a control character (0x{ord(letter):02x})"
            raise DefinitionErrors([Fault(file, line, column, "", f"{what} has no place in a file", "control")])
    return text


def _another_encoding(content: bytes) -> str:
    for name, shown in (("utf-16", "UTF-16"), ("gb18030", "GBK")):
        if name == "utf-16" and content[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            continue
        try:
            content.decode(name)
        except UnicodeDecodeError:
            continue
        return f", it looks like {shown}"
    return ""


def _position(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


def _syntax(file: str, body: str, error: MarkedYAMLError) -> Fault:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return _whole(file, f"not YAML: {error.problem}", "syntax")
    lines = body.split("\n")
    rest = lines[mark.line][mark.column :] if mark.line < len(lines) else ""
    if rest.startswith("\t"):
        return Fault(file, mark.line + 1, mark.column + 1, "", "a tab: indent with spaces", "tab")
    if error.problem == "could not find expected ':'":
        message = "a key without a colon, or one of more than 1,024 characters"
        return Fault(file, mark.line + 1, 1, "", message, "syntax")
    context = f" {error.context}" if error.context else ""
    return Fault(file, mark.line + 1, mark.column + 1, "", f"not YAML: {error.problem}{context}", "syntax")


def _whole(file: str, message: str, code: str) -> Fault:
    return Fault(file, 1, 1, "", message, code)
