"""What follows what, counted by hand on the same histories; and moves that a lifecycle does not have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import fmean, median
from typing import Any
from xml.etree import ElementTree as ET

from tests.support.lived import live
from tests.support.office import Office, library
from workflow.audit.conformance import Deviation, conformance, deviation
from workflow.audit.flow import END, START, Flow, carries, flow, shown
from workflow.audit.flow_picture import picture
from workflow.core.step import SYSTEM
from workflow.service.courses import Move, Selection
from workflow.service.views.lists import Filters

BEGIN = datetime(2026, 3, 2, 1, tzinfo=UTC)


def move(case: int, seq: int, trigger: str, before: str, after: str, *, hours: float = 0, **more: Any) -> Move:
    given = {"kind": "open" if seq == 1 else "trigger", "definition": "complaint", "version": 3, "over": True, **more}
    return Move(
        case=case, number=f"TS{case}", seq=seq, trigger=trigger, from_state=before, to_state=after,
        at=BEGIN + timedelta(hours=hours), **given,
    )  # fmt: skip


def named(moves: list[Move], **more: Any) -> Flow:
    return flow(moves, lambda one: one.trigger, **more)


def test_what_follows_is_counted_with_its_waits() -> None:
    moves = [
        move(1, 1, "open", "a", "a"), move(1, 2, "go", "a", "b", hours=2), move(1, 3, "go", "b", "a", hours=3),
        move(2, 1, "open", "a", "a"), move(2, 2, "go", "a", "b", hours=10),
        move(3, 1, "open", "a", "a", over=False),
    ]  # fmt: skip

    graph = named(moves)

    edges = {(edge.source, edge.target): edge for edge in graph.edges}
    assert (graph.cases, graph.steps, graph.nodes) == (3, 6, {"open": 3, "go": 3})
    assert {key: edge.count for key, edge in edges.items()} == {
        (START, "open"): 3, ("open", "go"): 2, ("go", "go"): 1, ("go", END): 2,
    }  # fmt: skip
    between = edges["open", "go"]
    assert (between.middle, between.mean, between.longest) == (6 * 3600, 6 * 3600, 10 * 3600)
    assert (between.cases, edges["go", "go"].cases, edges["go", "go"].middle) == (2, 1, 3600)


def test_every_pair_of_a_real_history_is_in_it(office: Office) -> None:
    live(office)
    with office.workflow.courses(SYSTEM, Selection()) as (_, courses):
        histories = [one.steps for one in courses]

    with office.workflow.moves(SYSTEM, Selection()) as (count, moves):
        graph = flow(moves, lambda one: f"{one.kind} {one.trigger}", whole=True)

    waits: dict[tuple[str, str], list[float]] = {}
    for steps in histories:
        for first, second in pairwise(steps):
            pair = (f"{first.kind} {first.trigger}", f"{second.kind} {second.trigger}")
            waits.setdefault(pair, []).append((second.effective - first.effective).total_seconds())
    found = {(one.source, one.target): one for one in graph.edges if one.source != START and one.target != END}
    assert {pair: (one.count, one.middle, one.mean) for pair, one in found.items()} == {
        pair: (len(times), median(times), fmean(times)) for pair, times in waits.items()
    }
    assert count == graph.steps == sum(len(steps) for steps in histories)


def test_comments_and_reminders_do_not_carry_a_case_on() -> None:
    assert carries(move(1, 2, "go", "a", "b"))
    assert carries(move(1, 2, "task", "a", "a", kind="done"))
    assert carries(move(1, 2, "late", "a", "b", kind="rung"))
    assert not carries(move(1, 2, "comment", "a", "a", kind="comment"))
    assert not carries(move(1, 2, "answer", "a", "a", kind="rung"))


def test_a_picture_with_few_arrows_still_reaches_everything() -> None:
    moves = [move(1, 1, "open", "a", "a"), *(move(1, n, f"t{n}", "a", "b", hours=n) for n in range(2, 30))]
    graph = named(moves)

    edges = shown(graph, most=3)

    assert 3 <= len(edges) < len(graph.edges) + 1
    assert {name for edge in edges for name in (edge.source, edge.target)} >= set(graph.nodes)


def test_the_picture_says_everything_and_breaks_no_policy(sqlite_office: Office) -> None:
    live(sqlite_office)
    with sqlite_office.workflow.moves(SYSTEM, Selection()) as (_, moves):
        graph = flow(moves, lambda one: f"{one.kind} <{one.trigger}> & “{one.kind}”")

    svg = picture(graph, graph.edges, title="a <b>", label=lambda edge: f"n{edge.count}", count=lambda n: f"x{n}")

    root = ET.fromstring(svg)
    texts = ["".join(one.itertext()) for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert sorted(one for one in texts if one.startswith("n")) == sorted(f"n{edge.count}" for edge in graph.edges)
    assert {f"x{count}" for count in graph.nodes.values()} <= set(texts)
    assert "style=" not in svg
    assert "\x00" not in svg


def test_everything_a_real_history_does_keeps_to_its_lifecycle(office: Office) -> None:
    live(office)
    with office.workflow.moves(SYSTEM, Selection()) as (count, moves):
        found = conformance(moves, office.workflow.library.versions)

    assert (found.steps, found.fit_steps, found.fit_cases) == (count, count, found.cases)
    assert found.found == ()


def judged(one: Move) -> Deviation | None:
    return deviation(one, library().versions.get((one.definition, one.version)))


def test_a_move_the_version_does_not_have_is_found_and_named() -> None:
    assert judged(move(1, 2, "answer", "received", "answered")) is None
    assert judged(move(1, 2, "confirm", "received", "answered")) == "trigger"
    assert judged(move(1, 2, "answer", "answered", "received")) in ("move", "trigger")
    assert judged(move(1, 2, "answer", "received", "nowhere")) == "state"
    assert judged(move(1, 1, "open", "answered", "answered")) == "start"
    assert judged(move(1, 2, "answer", "received", "answered", version=99)) == "version"
    assert judged(move(1, 2, "nonsense", "received", "received")) == "trigger"
    assert judged(move(1, 2, "answer", "received", "received", kind="rung")) is None
    assert judged(move(1, 2, "x", "received", "closed", kind="import")) in ("move", "trigger")


def test_deviations_are_counted_with_their_cases() -> None:
    moves = [
        move(1, 1, "open", "received", "received"), move(1, 2, "answer", "received", "nowhere"),
        move(2, 1, "open", "received", "received"), move(2, 2, "answer", "received", "answered"),
        move(3, 1, "open", "received", "received"), move(3, 2, "resolve", "answered", "resolved"),
        move(4, 1, "open", "received", "received"), move(4, 2, "answer", "received", "nowhere"),
    ]  # fmt: skip

    found = conformance(moves, library().versions)

    assert (found.steps, found.fit_steps, found.cases, found.fit_cases) == (8, 5, 4, 1)
    assert [(one.deviation, one.count, [at.number for at in one.where]) for one in found.found] == [
        ("state", 2, ["TS1", "TS4"]),
        ("gap", 1, ["TS3"]),
    ]


def test_a_selection_says_over_which_cases(sqlite_office: Office) -> None:
    live(sqlite_office)
    with sqlite_office.workflow.moves(SYSTEM, Selection(filters=Filters(state="answered"))) as (count, moves):
        cases = {one.case for one in moves}
    with sqlite_office.workflow.moves(sqlite_office.actor("stranger"), Selection()) as (none, nothing):
        assert (none, list(nothing)) == (0, [])

    assert count > 0
    assert len(cases) == 3
