"""CEL, behind one door: conditions and computed values as plain Python callables.

cel-expr-python hands an evaluation error back as a value; here it is raised. Nothing else of ours imports it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

from cel_expr_python import cel

from workflow.core.definition.expressions import Condition, Expression, Facts, Text
from workflow.core.errors import ConditionFault

Kind = Literal["string", "int", "double", "bool", "timestamp", "strings", "rows", "any"]
"""What a name in a condition is. `rows`: a list of maps; `any`: not known before it is evaluated."""

_TYPES = {
    "string": cel.Type.STRING,
    "int": cel.Type.INT,
    "double": cel.Type.DOUBLE,
    "bool": cel.Type.BOOL,
    "timestamp": cel.Type.TIMESTAMP,
    "strings": cel.Type.List(cel.Type.STRING),
    "rows": cel.Type.List(cel.Type.Map(cel.Type.STRING, cel.Type.DYN)),
    "any": cel.Type.DYN,
}
_KINDS = {
    "BOOL": "bool",
    "INT": "int",
    "UINT": "int",
    "DOUBLE": "double",
    "STRING": "string",
    "TIMESTAMP": "timestamp",
    "LIST<STRING>": "strings",
    "LIST<DYN>": "list",
    "LIST<MAP<STRING, DYN>>": "rows",
    "DYN": "any",
    "NULL": "null",
}
RESERVED = frozenset({"in", "true", "false", "null"})
"""Words CEL does not read as the name of a field."""

_TEXT_OR_COMMENT = re.compile(
    r"""[rR]?(\"\"\"[\s\S]*?\"\"\"|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|//[^\n]*"""
)
_CHAIN = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*")
_REMARK = re.compile(r"ERROR: [^:\n]*:(\d+):(\d+): (.*)")


class Remark(NamedTuple):
    """One thing the compiler says. `line` and `column` count from 1 within the expression."""

    line: int
    column: int
    message: str


class BadCondition(Exception):
    """An expression that cannot be compiled, or whose result is of the wrong type."""

    def __init__(self, remarks: tuple[Remark, ...]) -> None:
        super().__init__("; ".join(c.message for c in remarks))
        self.remarks = remarks


class Compiler:
    """Compiles expressions over a fixed set of typed, dotted names.

    What it makes may be evaluated by several threads at once.
    """

    def __init__(self, variables: Mapping[str, Kind]) -> None:
        self.variables = dict(variables)
        self._env = cel.NewEnv(variables={name: _TYPES[kind] for name, kind in variables.items()})

    def condition(self, source: str, *, otherwise: Text | None = None, name: str | None = None) -> Condition:
        """Raises BadCondition, also when the result is not a boolean."""
        names, kind, evaluate = self._compile(source)
        if kind != "bool":
            raise BadCondition((Remark(1, 1, f"the result is {kind}, but a condition must be bool"),))
        return Condition(source=source, holds=evaluate, otherwise=otherwise, name=name, names=names)

    def expression(self, source: str) -> Expression:
        """A computed value; `source` without the `=` it has in a file. Raises BadCondition."""
        names, kind, evaluate = self._compile(source)
        return Expression(source=f"= {source}", value=evaluate, names=names, kind=kind)

    def _compile(self, source: str) -> tuple[frozenset[str], str, Callable[[Facts], Any]]:
        try:
            compiled = self._env.compile(source)
        except RuntimeError as error:
            raise BadCondition(tuple(_remarks(str(error)))) from None
        names = frozenset(self._names(source))
        shown = str(compiled.return_type())
        return names, _KINDS.get(shown, shown.lower()), _evaluator(source, compiled, names)

    def _names(self, source: str) -> Iterator[str]:
        for chain in _CHAIN.findall(_TEXT_OR_COMMENT.sub("''", source)):
            parts = re.split(r"\s*\.\s*", chain)
            for length in range(len(parts), 0, -1):
                name = ".".join(parts[:length])
                if name in self.variables:
                    yield name
                    break


def constant(value: Any) -> Expression:
    """A value as it stands in the file."""
    return Expression(source=repr(value), value=lambda _facts: value, kind=_kind_of(value))


def _evaluator(source: str, compiled: Any, names: frozenset[str]) -> Callable[[Facts], Any]:
    known: dict[Any, Any] = {}

    def evaluate(facts: Facts) -> Any:
        try:
            given = {name: facts[name] for name in names}
        except KeyError as missing:
            raise ConditionFault(condition=source, fault=f"{missing.args[0]} is not known") from None
        key = _key(given.values())
        if key is None:
            return asked(given)
        found = known.get(key, known)
        if found is known:
            found = asked(given)
            if type(found) in _PLAIN:
                if len(known) >= MOST_KNOWN:
                    known.clear()
                known[key] = found
        return found

    def asked(given: Mapping[str, Any]) -> Any:
        try:
            value = compiled.eval(data=given)
        except (RuntimeError, TypeError, ValueError, OverflowError) as error:
            raise ConditionFault(condition=source, fault=str(error)) from error
        if value.type() in _FAILED:
            raise ConditionFault(condition=source, fault=str(value.value()))
        return value.plain_value()

    return evaluate


MOST_KNOWN = 1024
"""Results kept of one expression: it gives the same for the same, and is asked the same again and again."""

LONG = 60
"""Characters of a text that will hardly come a second time."""

_PLAIN = frozenset({bool, int, float, str, datetime, type(None)})


def _key(values: Iterable[Any]) -> tuple[Any, ...] | None:
    """What tells the values of an expression from others, 1 from true and from 1.0 too; None: not worth keeping."""
    key: list[Any] = []
    for value in values:
        kind = type(value)
        if kind is str:
            if len(value) > LONG:
                return None
            key.append(value)
        elif kind is bool or kind is int or kind is datetime:
            key += (kind, value)
        elif kind is float:
            key += (kind, value.hex())
        elif kind is list and all(type(one) is str for one in value):
            key += (kind, tuple(value))
        else:
            return None
    return tuple(key)


_FAILED = (cel.Type.ERROR, cel.Type.UNKNOWN)


def _remarks(error: str) -> Iterator[Remark]:
    found = list(_REMARK.finditer(error))
    if not found:
        yield Remark(1, 1, error.split("\n", 1)[0])
    for match in found:
        line, column, message = match.groups()
        message = message.removesuffix(" [INVALID_ARGUMENT]").replace(" (in container '')", "")
        message = message.replace("mismatched input '<EOF>'", "it ends too early")
        message = re.sub(r" expecting (\{.*\}|'.*')$", "", message)
        if re.search(r"\((double, int|int, double)\)", message):
            message += "; write the whole number with a point, 5.0, or convert with double(…)"
        yield Remark(int(line), int(column), message)


def _kind_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, list):
        return "strings" if all(isinstance(item, str) for item in value) else "list"
    return {int: "int", float: "double", str: "string"}.get(type(value), "any")
