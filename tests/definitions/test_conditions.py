"""CEL behind its door: what compiles, what it says when it does not, and what an evaluation gives."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from workflow.core.conditions import BadCondition, Compiler, constant
from workflow.core.errors import ConditionFault

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
COMPILER = Compiler(
    {
        "data.reply": "string",
        "data.size": "int",
        "data.price": "double",
        "data.agreed": "bool",
        "data.since": "timestamp",
        "data.tags": "strings",
        "data.shares": "rows",
        "data.unsure": "any",
        "has.reply": "bool",
        "now": "timestamp",
        "actor": "int",
        "actor.roles": "strings",
    }
)
FACTS: dict[str, Any] = {
    "data.reply": "好的",
    "data.size": 3,
    "data.price": 2.5,
    "data.agreed": True,
    "data.since": NOW - timedelta(hours=30),
    "data.tags": ["a", "b"],
    "data.shares": [{"percent": 60.0}, {"percent": 40.0}],
    "data.unsure": 1,
    "has.reply": True,
    "now": NOW,
    "actor": 7,
    "actor.roles": ["director"],
}


@pytest.mark.parametrize(
    ("source", "holds", "names"),
    [
        ("size(data.reply) == 2", True, {"data.reply"}),
        ("has.reply && data.reply != ''", True, {"has.reply", "data.reply"}),
        ("data.size > 3 || data.agreed", True, {"data.size", "data.agreed"}),
        ("now - data.since > duration('24h')", True, {"now", "data.since"}),
        ("'b' in data.tags && !('c' in data.tags)", True, {"data.tags"}),
        ("data.shares.all(row, row.percent > 50.0)", False, {"data.shares"}),
        ("data.shares.exists(row, row.percent > 50.0)", True, {"data.shares"}),
        ("actor == 7 && 'director' in actor.roles", True, {"actor", "actor.roles"}),
        ("data . price * 2.0 == 5.0", True, {"data.price"}),
        ("'data.size' == \"data.price\"", False, set()),
        ("true // data.size is not looked at", True, set()),
        ("now.getFullYear() == 2026", True, {"now"}),
        ("data.reply.startsWith('好')", True, {"data.reply"}),
    ],
)
def test_a_condition_holds_or_not_and_names_what_it_looks_at(source: str, holds: bool, names: set[str]) -> None:
    condition = COMPILER.condition(source)
    assert condition.names == names
    assert condition.holds({name: FACTS[name] for name in names}) is holds


@pytest.mark.parametrize(
    ("source", "value", "kind"),
    [
        ("now", NOW, "timestamp"),
        ("data.size + 1", 4, "int"),
        ("data.price * 2.0", 5.0, "double"),
        ("data.agreed ? 'yes' : 'no'", "yes", "string"),
        ("data.tags", ["a", "b"], "strings"),
        ("data.shares[0].percent", 60.0, "any"),
        ("!data.agreed", False, "bool"),
    ],
)
def test_an_expression_gives_a_plain_value_of_a_known_kind(source: str, value: Any, kind: str) -> None:
    made = COMPILER.expression(source)
    assert made.kind == kind
    assert made.value(FACTS) == value
    assert made.source == f"= {source}"


@pytest.mark.parametrize(
    ("source", "line", "column", "message"),
    [
        ("data.rely == ''", 1, 5, "undeclared reference to 'data.rely'"),
        ("data.agreed &&\n  data.sizes > 1", 2, 7, "undeclared reference to 'data.sizes'"),
        ("data.size >", 1, 12, "Syntax error: it ends too early"),
        ("data.price > 5", 1, 12, "5.0"),
        ("data.size + 1", 1, 1, "the result is int, but a condition must be bool"),
        ("data.unsure", 1, 1, "the result is any, but a condition must be bool"),
    ],
)
def test_what_does_not_compile_says_where(source: str, line: int, column: int, message: str) -> None:
    with pytest.raises(BadCondition) as refused:
        COMPILER.condition(source)
    first = refused.value.remarks[0]
    assert (first.line, first.column) == (line, column)
    assert message in first.message


@pytest.mark.parametrize(
    ("source", "facts", "fault"),
    [
        ("1 / data.size == 1", {"data.size": 0}, "divide by zero"),
        ("data.shares[5].percent > 1.0", FACTS, "index"),
        ("data.shares.all(row, row.share > 1.0)", FACTS, "share"),
        ("data.size > 1", {}, "data.size is not known"),
        ("data.size > 1", {"data.size": "many"}, "Unexpected value type"),
        ("timestamp(data.reply) < now", FACTS, "imestamp"),
    ],
)
def test_a_failing_evaluation_is_an_exception_and_never_false(source: str, facts: dict[str, Any], fault: str) -> None:
    with pytest.raises(ConditionFault) as failed:
        COMPILER.condition(source).holds(facts)
    assert failed.value.facts["condition"] == source
    assert fault in str(failed.value.facts["fault"])


def test_a_constant_is_what_stands_in_the_file() -> None:
    assert [(constant(value).value({}), constant(value).kind) for value in ("x", 1, 2.5, True, None, ["a"])] == [
        ("x", "string"), (1, "int"), (2.5, "double"), (True, "bool"), (None, "null"), (["a"], "strings"),
    ]  # fmt: skip


def test_many_threads_may_evaluate_the_same_condition() -> None:
    condition = COMPILER.condition("data.shares.all(row, row.percent > 1.0) && data.size % 2 == 0")
    rows = [{"percent": float(n)} for n in range(2, 40)]

    def wrong(start: int) -> int:
        given = ({"data.size": n, "data.shares": rows} for n in range(start, start + 2000))
        return sum(condition.holds(facts) is not (facts["data.size"] % 2 == 0) for facts in given)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(wrong, range(8))) == [0] * 8


def test_many_threads_may_compile_at_once() -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda n: COMPILER.condition(f"data.size == {n}"), range(200)))
    assert [n for n, condition in enumerate(made) if condition.holds({"data.size": n})] == list(range(200))
