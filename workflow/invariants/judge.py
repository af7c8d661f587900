"""Looks through the whole database once and says for each rule what holds."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from workflow.invariants import apart, chains, clocks, owners, waiting
from workflow.invariants.rule import Finding
from workflow.invariants.tables import History, Row, Tables, asked, end, histories
from workflow.invariants.texts import Texts, Way

REPLAY = "replay"
"""Judged by the engine's own replay, beside the others."""

Told = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Judgement:
    """`findings`: in the order of the titles; `taken`: the moves that were made, of all there `are`; `used`: cases of
    each lifecycle.
    """

    findings: tuple[Finding, ...]
    taken: frozenset[Way]
    are: frozenset[Way]
    used: Mapping[str, int]

    @property
    def holds(self) -> bool:
        return not any(finding.count for finding in self.findings)


@cache
def rules() -> Mapping[str, Any]:
    return tomllib.loads(files("workflow.invariants").joinpath("rules.toml").read_text(encoding="utf-8"))


def judged(tables: Tables, *, told: Told) -> Judgement:
    """Everything, by the tables as they are now. `told` hears how many histories were looked at, of how many."""
    found = {name: Finding(name) for name in rules()["titles"] if name != REPLAY}
    texts, last = Texts(tables), end(tables)
    taken: set[Way] = set()
    spans: list[dict[Any, list[apart.Span]]] = [{} for _ in rules()["apart"]]
    clock_rows = _by_case(asked(tables, "SELECT case_id, name, run, status, due, breached, ended FROM clocks"))
    stints = _by_case(
        asked(tables, "SELECT customer_id, person_id, unit_id, begun, ended FROM stints WHERE role = 'lead'")
    )
    figures = _by_case(
        asked(
            tables, "SELECT customer_id, month, product, cents FROM revenue WHERE until IS NULL AND cents IS NOT NULL"
        )
    )
    stood: set[tuple[int, str, int]] = set()
    left: dict[int, int] = {}
    total = int(asked(tables, "SELECT count(*) FROM cases")[0][0])
    for number, history in enumerate(histories(tables), start=1):
        chains.chain(history, found["chain"])
        chains.order(history, found["order"])
        if history.kind == "organisation":
            left = waiting.left(history)
        elif history.kind == "customer":
            said = owners.turns(history, found["needed"])
            owners.partition(history, said, stints.get(history.id, []), found["owners"])
            owners.revenue(history, figures.get(history.id, []), found["revenue"])
        elif history.kind == "case":
            texts.moves(history, taken, found["moves"])
            clocks.ladder(history, found["ladders"])
            runs, still = clocks.breached_once(history, found["breaches"])
            stood.update((history.id, *run) for run in still)
            clocks.as_kept(history, runs, clock_rows, found["rows"])
            _gather(history, spans, last)
        told("Judging the histories", number, total)
    for taken_up in spans:
        apart.once(taken_up, found["apart"])
    apart.limits(tables, texts, found["limits"])
    apart.room(tables, texts, found["room"])
    owners.splits(tables, found["splits"])
    clocks.verdicts(tables, last, stood, found["clocks"])
    waiting.cases(tables, waiting.tasks(tables, last, found["tasks"]), found["cases"])
    waiting.fired(tables, last, found["fired"])
    waiting.links(tables, found["links"])
    waiting.gone(tables, left, found["gone"])
    used = asked(tables, "SELECT definition, count(*) FROM cases WHERE kind = 'case' GROUP BY definition")
    counts = {name: 0 for name, _, _, _ in texts.ways()} | {name: int(count) for name, count in used}
    return Judgement(tuple(found.values()), frozenset(taken), frozenset(texts.ways()), counts)


def _gather(history: History, spans: list[dict[Any, list[apart.Span]]], last: int) -> None:
    for rule, taken_up in zip(rules()["apart"], spans, strict=True):
        if rule["definition"] == history.definition:
            for key, span in apart.spans(history, rule, last):
                taken_up.setdefault(key, []).append(span)


def _by_case(rows: Any) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    return found
