"""Every line of the domain is where docs/domain.md says, and shown by the test it names."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from flask import Flask

from web import blueprints
from workflow.cli import baton

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "domain.md"
MARKS = """
§2 units, §2 director, §2 account manager, §2 account administrator, §2 project manager, §2 department, §2 supervisor,
§2 auditor, §2 administrator, §2 several roles, §2 8-15, §2 linked groups
§3 number, §3 classes, §3 tiers, §3 tiers score, §3 tiers revenue, §3 diamond, §3 file, §3 new or existing
§4.0 leads, §4.0 one point, §4.0 who leads
§4.1(1), §4.1(2), §4.1(3), §4.1(4), §4.1(5), §4.1 dispute
§4.2 steps, §4.2 window, §4.2 targets, §4.2 plan, §4.2 success, §4.2 bidding, §4.2 pool, §4.2 splits
§4.3 roles, §4.3(1), §4.3(2), §4.3(3), §4.3(4), §4.3 limits, §4.3 staff
§4.4 meeting, §4.4 first contact, §4.4 alerts, §4.4 unreachable, §4.4 visits, §4.4 reports, §4.4 care, §4.4 lost,
§4.4 tier
§5(1), §5(2), §5(3), §5(4), §5(5), §5(6), §5(7), §5(8), §5(9)
§6 service_order, §6 discount, §6 bidding; dispute; pool_grant, §6 handover, §6 visit; callback, §6 review_meeting,
§6 report, §6 tier_review, §6 case_study
§7 developer, §7 manager, §7 centre, §7 pay, §7 service
"""
"""The paragraphs of the domain that ask something of the product, in their order."""

Row = list[str]


def rows(text: str, columns: int) -> list[Row]:
    """The rows of tables with so many columns, without their heads."""
    found = [line for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in found]
    return [row for row in cells if len(row) == columns and row[0] not in ("§", "source")]


def spans(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@cache
def tree(name: str) -> Any:
    file = ROOT / "definitions" / f"{name}.yaml"
    file = file if file.exists() else ROOT / "definitions" / name / "standing.yaml"
    return yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else None


def part(path: str) -> bool:
    """A part of a definition: lists are walked by the names in them, a state by its tasks and timers too."""
    name, *way = path.split(".")
    here = tree(name)
    for step in way:
        here = inside(here, step)
    return here is not None


def inside(here: Any, step: str) -> Any:
    if isinstance(here, list):
        return next(
            (one for one in here if isinstance(one, dict) and step in (one.get("name"), one.get("trigger"))), None
        )
    if not isinstance(here, dict):
        return None
    for place in (here, here.get("tasks", {}), here.get("rows", [])):
        found = place.get(step) if isinstance(place, dict) else inside(place, step)
        if found is not None:
            return found
    return inside(here["timers"], step) if "timers" in here else None


@cache
def addresses() -> frozenset[str]:
    app = Flask("pages")
    for page in blueprints():
        app.register_blueprint(page)
    return frozenset(rule.rule for rule in app.url_map.iter_rules())


def command(words: str) -> bool:
    here: click.Command | None = baton
    for word in words.split()[1:]:
        here = here.get_command(click.Context(here), word) if isinstance(here, click.Group) else None
    return here is not None


def setting(words: str) -> bool:
    here: Any = tomllib.loads((ROOT / "config.toml").read_text(encoding="utf-8"))
    for word in words.removeprefix("config ").split("."):
        here = here.get(word) if isinstance(here, dict) else None
    return here is not None


KINDS: list[tuple[str, Callable[[str], bool]]] = [
    (r"/.*", lambda at: at in addresses()),
    (r"baton .+", command),
    (r"config .+", setting),
    (r"[\w/]+\.(py|toml|yaml)", lambda at: (ROOT / at).is_file()),
    (r"[a-z_]+(\.\w+)+", part),
]


def resolves(at: str) -> bool:
    return next((look(at) for kind, look in KINDS if re.fullmatch(kind, at)), False)


@cache
def proofs_in(file: str) -> frozenset[str]:
    """The names of the tests in a file, without running anything of it."""
    path = ROOT / file
    found = ast.parse(path.read_text(encoding="utf-8")).body if path.is_file() else []
    return frozenset(one.name for one in found if isinstance(one, ast.FunctionDef) and one.name.startswith("test_"))


def there(test: str) -> bool:
    file, _, name = test.partition("::")
    return file.startswith("tests/") and name in proofs_in(file)


def fault(row: Row) -> str | None:
    """What is wrong with a row of the first table; None: nothing."""
    _, asked, where, shown = row
    if where.startswith("missing"):
        told = re.fullmatch(r"missing: .{10,}", where) and all(map(resolves, spans(where)))
        return None if told and not shown else "a missing line says why, and names no test"
    unknown = [at for at in spans(where) if not resolves(at)]
    if unknown or not spans(where) or not asked:
        return f"not in the product: {unknown or 'nothing named'}"
    missing = [test for test in spans(shown) if not there(test)]
    return f"no such test: {missing or 'nothing named'}" if missing or not spans(shown) else None


LINES = rows(PAGE.read_text(encoding="utf-8"), 4)
BEYOND = rows(PAGE.read_text(encoding="utf-8"), 3)


def test_every_paragraph_of_the_domain_has_its_lines_in_order() -> None:
    marks = [mark.strip().replace(";", ",") for mark in re.split(r",|\n", MARKS) if mark.strip()]
    assert list(dict.fromkeys(row[0] for row in LINES)) == marks
    assert len(LINES) > 150


def test_every_line_is_where_the_table_says_and_shown_by_the_test_it_names() -> None:
    assert {" | ".join(row): wrong for row in LINES if (wrong := fault(row))} == {}


def test_what_the_sources_say_beyond_is_built_somewhere_or_says_why_not() -> None:
    assert len(BEYOND) > 30
    for source, what, built in BEYOND:
        assert re.match(r"00[0-4] (§|annex)", source), source
        assert all(resolves(at) for at in spans(built)), (source, built)
        assert spans(built) or re.search(r"not built: .{10,}|our copy", built), (source, what)


@pytest.mark.parametrize(
    ("where", "shown"),
    [
        ("`account.states.surveyed`", "GOOD"),
        ("`account.transitions.aprove`", "GOOD"),
        ("`accounts.states`", "GOOD"),
        ("`/customers/<int:case>/`", "GOOD"),
        ("`baton dew`", "GOOD"),
        ("`baton import nothing`", "GOOD"),
        ("`config tiers.schema`", "GOOD"),
        ("`workflow/core/play.py`", "GOOD"),
        ("the claim", "GOOD"),
        ("`account.states`", "`tests/docs/test_domain.py::test_nothing`"),
        ("`account.states`", "`docs/test_domain.py::test_a_bent_row_is_found`"),
        ("`account.states`", ""),
        ("missing:", ""),
        ("missing: it stands in `complaint.data.causes` only", ""),
        ("missing: it was not asked for", "GOOD"),
    ],
)
def test_a_bent_row_is_found(where: str, shown: str) -> None:
    good = "`tests/docs/test_domain.py::test_a_bent_row_is_found`"
    assert fault(["§4.1(1)", "asked", "`account.states.surveying.survey`", good]) is None
    assert fault(["§4.1(1)", "asked", where, shown.replace("GOOD", good)]) is not None
