"""What the system fills in by itself: the figures of a draft, and whether they fit the fields they are for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from workflow.core.definition.fields import Field
from workflow.core.definition.figures import Asked, Draft, Figure
from workflow.definitions.faults import Path
from workflow.definitions.names import Names
from workflow.definitions.source import Source

Kind = Literal["count", "share", "average", "lines", "open", "left", "customers", "revenue"]
PARTS = {"count": 2, "share": 2, "average": 2, "lines": 3, "open": 1, "left": 1}
"""What a figure names: a lifecycle, its trigger, a field of the form. The others name nothing."""

FITS = {
    "count": "number", "share": "percent", "average": "line", "lines": "text", "open": "text", "left": "number",
    "customers": "number", "revenue": "text",
}  # fmt: skip
"""The type of field each fills."""


def draft_of(
    source: Source, names: Names, fields: Mapping[str, Field], *, shape: Mapping[str, Any], path: Path
) -> Draft | None:
    """The draft of a shape; None where a figure is missing its kind. What is wrong is noted in the source."""
    names.ask("role", shape["role"], (*path, "role"))
    for key, wanted in (("of", "person"), ("since", "date"), ("until", "date")):
        name, where = shape.get(key), (*path, key)
        if name is not None and names.ask("field", name, where) and name in fields and fields[name].type != wanted:
            source.fault(where, f"'{name}' is of type {fields[name].type}, but it must be a {wanted}", "draft")
    values = {
        name: _figure(source, names, fields, name=name, shape=given, path=(*path, "values", name))
        for name, given in shape["values"].items()
        if given is not None
    }
    made = {name: figure for name, figure in values.items() if figure is not None}
    return Draft(shape.get("of"), shape["since"], shape["until"], shape["role"], made)


def _figure(
    source: Source, names: Names, fields: Mapping[str, Field], *, name: str, shape: Mapping[str, Any], path: Path
) -> Figure | None:
    kinds: list[Kind] = [kind for kind in get_args(Kind) if shape.get(kind) is not None]
    if len(kinds) != 1:
        source.fault(path, "a figure has one of " + ", ".join(get_args(Kind)), "draft")
        return None
    kind = kinds[0]
    if names.ask("field", name, path) and name in fields:
        if fields[name].type != FITS[kind]:
            message = f"'{name}' is of type {fields[name].type}, but {kind} fills a {FITS[kind]}"
            source.fault(path, message, "draft")
        elif fields[name].personal:
            source.fault(path, f"'{name}' is personal: what the system writes stays in the history", "draft")
    asked = []
    for number, written in enumerate(shape[kind] if kind in PARTS else ()):
        parts = str(written).split(".")
        if len(parts) != PARTS[kind]:
            shown = ".".join(("lifecycle", "trigger", "field")[: PARTS[kind]])
            source.fault((*path, kind, number), f"'{written}': write {shown}", "draft")
            continue
        definition, trigger, field = (*parts, "", "")[:3]
        asked.append(Asked(definition, trigger, field or None))
    return Figure(kind, tuple(asked), dict(shape["where"]))
