"""The typed fields of a file."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from workflow.core.conditions import RESERVED
from workflow.core.definition.fields import Field
from workflow.definitions.expressions import misfit_of_constant
from workflow.definitions.faults import Path, unknown
from workflow.definitions.known import PERSONAL
from workflow.definitions.names import Names
from workflow.definitions.source import Source

LENGTHS = {"line": Decimal(200), "text": Decimal(5_000)}
BOUNDED = frozenset({"line", "text", "number", "money", "percent"})
IN_ROWS = frozenset(
    {"line", "text", "number", "money", "percent", "date", "moment", "yesno", "choice", "person", "unit"}
)
ADDABLE = frozenset({"number", "money", "percent"})
ONLY_IF_SET = {"exact": ("moment",)}
ONLY_FOR = {
    "of": ("choice", "choices"), "role": ("person",), "columns": ("rows",), "sums": ("rows",), "known": ("text",),
}  # fmt: skip


def field_of(source: Source, names: Names, *, name: str, shape: Mapping[str, Any], path: Path) -> Field:
    """One field; what is wrong is noted, and it is made all the same, so that its type is known."""
    kind = shape["type"]
    if name in RESERVED:
        source.fault(path, f"'{name}' is a word of CEL and cannot name a field", "reserved", at=source.key(path))
    for key, kinds in ONLY_FOR.items():
        if shape.get(key) not in (None, ()) and kind not in kinds:
            _fault(source, (*path, key), f"goes with {' and '.join(kinds)} only, '{name}' is of type {kind}")
    for key, kinds in ONLY_IF_SET.items():
        if shape[key] and kind not in kinds:
            _fault(source, (*path, key), f"goes with {' and '.join(kinds)} only, '{name}' is of type {kind}")
    for key in ("min", "max"):
        if (*path, key) in source.values and kind not in BOUNDED:
            _fault(source, (*path, key), f"goes with texts and numbers only, '{name}' is of type {kind}")
    for number, part in enumerate(shape["known"]):
        if part in PERSONAL and not shape["personal"]:
            where = (*path, "known", number)
            _fault(source, where if where in source.values else where[:-1], f"{part} are personal: so is '{name}' then")
    if kind in ONLY_FOR["of"] and not source.at((*path, "of")):
        _fault(source, path, f"a {kind} needs `of`: what can be chosen")
    if kind == "rows" and not source.at((*path, "columns")):
        _fault(source, path, "rows need `columns`")
    if shape.get("role") is not None:
        names.ask("business role", shape["role"], (*path, "role"))
    field = Field(
        name=name,
        type=kind,
        title=shape["title"],
        required=shape["required"],
        default=shape["default"],
        of=shape.get("of") or {},
        minimum=shape.get("minimum"),
        maximum=shape.get("maximum", LENGTHS.get(kind)),
        personal=shape["personal"],
        help=shape.get("help"),
        columns=_columns(source, names, shape=shape, path=path),
        sums=shape.get("sums") or {},
        role=shape.get("role"),
        exact=shape["exact"],
        known=shape["known"],
    )
    _check_values(source, field, path)
    return field


def _columns(source: Source, names: Names, *, shape: Mapping[str, Any], path: Path) -> tuple[Field, ...]:
    columns = []
    for name, column in (shape.get("columns") or {}).items():
        where = (*path, "columns", name)
        if column is None:
            continue
        if column["type"] not in IN_ROWS:
            _fault(source, (*where, "type"), f"a column cannot be of type {column['type']}")
            continue
        columns.append(field_of(source, names, name=name, shape=column, path=where))
    return tuple(columns)


def _check_values(source: Source, field: Field, path: Path) -> None:
    low, high = field.minimum, field.maximum
    if low is not None and high is not None and low > high:
        _fault(source, (*path, "min"), f"min {low} is above max {high}")
    if field.type in LENGTHS and any(bound is not None and bound < 0 for bound in (low, high)):
        _fault(source, path, "the length of a text cannot be below 0")
    if field.default is not None and (wrong := misfit_of_constant(field, field.default)):
        _fault(source, (*path, "default"), wrong)
    types = {column.name: column.type for column in field.columns}
    for name in field.sums:
        if name not in types:
            if (*path, "columns", name) not in source.keys:
                _fault(source, (*path, "sums", name), unknown("column", name, types))
        elif types[name] not in ADDABLE:
            _fault(source, (*path, "sums", name), f"column '{name}' is of type {types[name]} and cannot be added up")


def _fault(source: Source, path: Path, message: str) -> None:
    source.fault(path, message, "data")
