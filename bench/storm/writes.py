"""Every statement the product's code writes with, found in its text, and whether a scene comes by it.

A new `insert`, `update` or `delete` that no scene plays has no point to die at; the tests fail and name it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from bench.storm.points import ROOT, Point
from workflow.storage.statements import Statements
from workflow.storage.tables import metadata

CALLS = {"insert": "insert", "update": "update", "delete": "delete"}
_TEXT = re.compile(r"\s*(?:(INSERT) INTO|(UPDATE)|(DELETE) FROM)\s+(\w*)")
STORE = "workflow/storage/store.py"
BUILDER = "workflow/storage/statements.py"
"""What is built from parts there is spelt out by `Statements`, and said by the store."""

NEVER: Mapping[tuple[str, str], str] = {
    ("delete", "escalations"): "one that is over stays, with the moment it ended",
    ("delete", "customers"): "a customer's record is never taken out",
    ("delete", "participants"): "who took part has taken part",
    ("delete", "links"): "what a case opened stays its own",
    ("delete", "clocks"): "a run that ended stays on record",
    ("delete", "takings"): "what was taken counts for its day, given back or not",
}
"""Statements the store has at hand and no case gives cause for."""


@dataclass(frozen=True, slots=True)
class Write:
    """`function` None: said from anywhere in the module. `table` None: known only when it runs."""

    module: str
    function: str | None
    operation: str
    table: str | None

    def is_at(self, point: Point) -> bool:
        operation, _, table = point.what.partition(" ")
        return (
            self.module == point.module
            and self.function in (None, point.function)
            and self.operation == operation
            and self.table in (None, table)
        )

    def __str__(self) -> str:
        place = self.module if self.function is None else f"{self.function} of {self.module}"
        return f"{self.operation} {self.table or 'a table'} in {place}"


COUNTED = Write(STORE, None, "insert", "facts")
"""Numbers of cases are counted in a row of SQLite; PostgreSQL has a sequence for them."""


def uncovered(points: Iterable[Point], *, database: str | None = None) -> list[str]:
    """A sentence for each write without a point, and for each that was thought never to happen and does.

    `database`: the points are of this one alone; None: of both.
    """
    known = list(points)
    found = [
        f"no scene of bench/storm comes by this write: {write}"
        for write in writes()
        if not any(write.is_at(point) for point in known) and not (database == "postgresql" and write == COUNTED)
    ]
    happens = {tuple(point.what.split(" ", 1)) for point in known if point.module == STORE}
    return found + [f"{operation} {table} does happen" for operation, table in NEVER if (operation, table) in happens]


@cache
def writes() -> tuple[Write, ...]:
    """Every one in the code of `workflow`."""
    found: list[Write] = []
    for path in sorted((ROOT / "workflow").rglob("*.py")):
        if "migrations" not in path.parts:
            found += writes_in(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT)))
    return tuple(dict.fromkeys([*found, *_spelt()]))


def writes_in(text: str, module: str) -> Iterator[Write]:
    """Those a module's text holds: calls of `insert`, `update` and `delete` on a table, and SQL in strings."""
    tree = ast.parse(text)
    spoken = {"insert", "update", "delete"} & _imported(tree)
    aliases = spoken | {name for name in ("insert", "sqlite_insert", "postgresql_insert") if name in _imported(tree)}
    if {"sqlite_insert", "postgresql_insert"} & aliases:
        aliases.add("insert")
    docs = set(_docstrings(tree))
    for function, node in _within(tree, None):
        if isinstance(node, ast.Call) and (said := _called(node, aliases)):
            yield Write(module, function, *said)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            match = _TEXT.match(node.value)
            if match and not (module == BUILDER and function is not None) and match[4]:
                operation = next(one for one in match.groups()[:3] if one).lower()
                yield Write(STORE if module == BUILDER else module, None, operation, match[4])


def _called(node: ast.Call, aliases: set[str]) -> tuple[str, str | None] | None:
    if isinstance(node.func, ast.Name) and node.func.id in aliases and len(node.args) == 1:
        return node.func.id.rpartition("_")[2], _table(node.args[0])
    if isinstance(node.func, ast.Attribute) and node.func.attr in CALLS and not node.args:
        table = _table(node.func.value)
        return (node.func.attr, table) if table else None
    return None


def _table(node: ast.expr) -> str | None:
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name if name in metadata.tables else None


def _imported(tree: ast.Module) -> set[str]:
    """Names that come from sqlalchemy."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
        for alias in node.names
    }


def _docstrings(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield id(node.value)


def _within(node: ast.AST, function: str | None) -> Iterator[tuple[str | None, ast.AST]]:
    """Every node with the innermost function it stands in."""
    for child in ast.iter_child_nodes(node):
        inner = child.name if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)) else function
        yield inner, child
        yield from _within(child, inner)


def _spelt() -> Iterator[Write]:
    """The store's own, on one database; they differ in their spelling only."""
    ready = Statements.of("sqlite")
    texts = [ready.insert_case, ready.update_case, ready.insert_step, ready.insert_secret, ready.insert_outbox]
    for text in (*texts, *ready.upsert.values(), *ready.delete.values(), *ready.recorded.values()):
        match = _TEXT.match(text)
        assert match is not None, text
        operation = next(one for one in match.groups()[:3] if one).lower()
        if (operation, match[4]) not in NEVER:
            yield Write(STORE, None, operation, match[4])
