"""A YAML file as plain values, with the place of every one of them.

Duplicate keys are faults, `NO` stays a string (YAML 1.2), and what makes YAML dangerous or hard to read is
refused: aliases, anchors, tags, several documents.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, NodeEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from workflow.definitions.faults import DefinitionErrors, Fault, Path, dotted, short

MAX_BYTES = 1_000_000
MAX_DEPTH = 20


class Place(NamedTuple):
    """Line and column, from 1. `inner`: the column of a text's first character, inside its quotes;
    None for a text of several lines, in which columns mean nothing."""

    line: int
    column: int
    inner: int | None = None


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


def parse(content: bytes, *, file: str) -> Source:
    """The same for bytes. Duplicate keys and the like are left in `faults`."""
    text = _decode(content, file=file)
    source = Source(file=file, text=text, hash=hashlib.sha256(content).hexdigest())
    body = text.removeprefix("\ufeff")
    try:
        _refuse_the_dangerous(source, body)
        root = YAML(typ="rt").compose(body)
    except MarkedYAMLError as error:
        raise DefinitionErrors([_syntax(file, body, error)]) from None
    except YAMLError as error:
        raise DefinitionErrors([_whole(file, f"not YAML: {short(str(error), 200)}", "syntax")]) from None
    if root is None:
        raise DefinitionErrors([_whole(file, "the file is empty", "empty")])
    if not isinstance(root, MappingNode):
        raise DefinitionErrors([_whole(file, "the file must be a mapping: `definition: …`", "not-a-mapping")])
    source.value = _mapping(source, root, ())
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


def _refuse_the_dangerous(source: Source, body: str) -> None:
    """Look at the events before anything is built, so that an alias bomb or a deep nest costs nothing."""
    faults = []
    depth = 0
    for event in YAML(typ="rt").parse(body):
        place = event.start_mark.line + 1, event.start_mark.column + 1
        if isinstance(event, AliasEvent):
            faults.append(Fault(source.file, *place, "", f"alias '*{short(event.anchor)}': write it out", "alias"))
        elif isinstance(event, NodeEvent) and event.anchor:
            message = f"anchor '&{short(event.anchor)}' has no use here, aliases are refused"
            faults.append(Fault(source.file, *place, "", message, "alias"))
        if getattr(event, "tag", None):
            message = f"tag '{short(str(event.tag))}' is refused, only plain values may stand here"
            faults.append(Fault(source.file, *place, "", message, "tag"))
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > MAX_DEPTH:
            faults.append(Fault(source.file, *place, "", f"nested more than {MAX_DEPTH} deep", "depth"))
            break
    if faults:
        raise DefinitionErrors(faults)


def _syntax(file: str, body: str, error: MarkedYAMLError) -> Fault:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return _whole(file, f"not YAML: {error.problem}", "syntax")
    lines = body.split("\n")
    rest = lines[mark.line][mark.column :] if mark.line < len(lines) else ""
    if rest.startswith("\t"):
        return Fault(file, mark.line + 1, mark.column + 1, "", "a tab: indent with spaces", "tab")
    context = f" {error.context}" if error.context else ""
    return Fault(file, mark.line + 1, mark.column + 1, "", f"not YAML: {error.problem}{context}", "syntax")


def _whole(file: str, message: str, code: str) -> Fault:
    return Fault(file, 1, 1, "", message, code)


def _value(source: Source, node: Node, path: Path) -> Any:
    line, column = node.start_mark.line + 1, node.start_mark.column + 1
    inner = None
    if isinstance(node, ScalarNode) and node.start_mark.line == node.end_mark.line:
        inner = column + (1 if node.style in ("'", '"') else 0)
    source.values[path] = Place(line, column, inner)
    if isinstance(node, MappingNode):
        return _mapping(source, node, path)
    if isinstance(node, SequenceNode):
        return [_value(source, item, (*path, number)) for number, item in enumerate(node.value)]
    return _scalar(str(node.tag).rpartition(":")[2], str(node.value))


def _mapping(source: Source, node: MappingNode, path: Path) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in node.value:
        place = Place(key.start_mark.line + 1, key.start_mark.column + 1)
        if not isinstance(key, ScalarNode):
            source.fault(path, "a key must be a word", "key", at=place)
            continue
        name = str(key.value)
        if name in result:
            first = source.keys[(*path, name)].line
            message = f"'{short(name)}' stands here twice, first in line {first}"
            source.fault((*path, name), message, "duplicate", at=place)
            continue
        source.keys[(*path, name)] = place
        result[name] = _value(source, value, (*path, name))
    return result


def _scalar(kind: str, text: str) -> Any:
    match kind:
        case "int":
            plain = text.replace("_", "")
            if len(plain) > 100:  # Python refuses to read thousands of digits as a number
                return text
            return int(plain, 0) if plain.lstrip("+-")[:2] in ("0x", "0o", "0b") else int(plain)
        case "float":
            return float(text.replace("_", "").replace(".inf", "inf").replace(".nan", "nan"))
        case "bool":
            return text.lower() == "true"
        case "null":
            return None
        case _:
            return text
