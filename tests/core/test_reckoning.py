"""A due moment computed again from its start is the one that grew pause by pause, and the one that is explained."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.test_histories import Paper
from tests.support.timed import timed
from workflow.core import clocks
from workflow.core.case import Clock
from workflow.core.deadline import counts_in
from workflow.core.definition.targets import target_from
from workflow.core.derivation import Move, explain
from workflow.core.step import SYSTEM
from workflow.core.unasked import fire
from workflow.core.work import Decision, Work

RULES = timed().latest["timed"]
RULE = RULES.clocks["office"]
MINUTE = timedelta(minutes=1)


def work_at(paper: Paper, at: datetime) -> Work:
    return Work(RULES, Decision(paper.case), paper.case, paper.world(), actor=SYSTEM, at=at, recorded=at)


@settings(max_examples=60, deadline=None)
@given(
    moves=st.lists(
        st.tuples(st.sampled_from(["state", "hand", "extend"]), st.integers(1, 3000), st.integers(0, 3000)), max_size=6
    )
)
def test_growing_and_computing_again_agree(moves: list[tuple[str, int, int]]) -> None:
    paper = Paper(RULES, Random(1))
    now = paper.now
    for kind, wait, length in moves:
        now += wait * MINUTE
        work = work_at(paper, now)
        clock = live(paper)
        if kind == "extend":
            if not clocks.extend(work, "office", 1 + length % 3, Decimal(1000)):
                continue
        elif kind == "hand":
            clocks.hold(work, RULE, clock, limit=None)
            paper.case = work.case
            now += length * MINUTE
            work = work_at(paper, now)
            clocks.release(work, RULE, live(paper))
        else:
            clocks.follow(work, "open", "waiting")
            paper.case = work.case
            now += length * MINUTE
            work = work_at(paper, now)
            clocks.follow(work, "waiting", "open")
        paper.case = work.case
    grown, world = live(paper), paper.world()
    target = target_from(grown.target)
    again = clocks.reckon(RULE, grown, target, world)
    passed: list[Move] = [delay.days or (delay.since, delay.until) for delay in grown.delays]
    lines = explain(grown.started, target, passed, world.calendar(RULE.calendar), world.working)

    assert again == grown
    assert lines[-1].since == grown.due
    assert lines[-1].provisional == grown.provisional
    assert counts_in(target, world.calendar(RULE.calendar), world.working) is world.working


@settings(max_examples=40, deadline=None)
@given(
    moves=st.lists(
        st.tuples(st.sampled_from(["waiting", "open", "over", "fire"]), st.integers(1, 4000)), min_size=1, max_size=10
    )
)
def test_clocks_of_a_case_never_disturb_each_other(moves: list[tuple[str, int]]) -> None:
    """Each clock alone on a case does what it does beside the other."""
    both, *alone = (
        Paper(rules, Random(1))
        for rules in (RULES, *(replace(RULES, clocks={name: rule}) for name, rule in RULES.clocks.items()))
    )
    now = both.now
    for move, wait in moves:
        now += wait * MINUTE
        for paper in (both, *alone):
            for timer in sorted(paper.case.timers, key=lambda one: (one.due, one.no)):
                if timer.kind in ("rung", "again", "held") and timer.due <= now and timer in paper.case.timers:
                    decision = fire(paper.definition, paper.case, paper.world(), timer, recorded=now)
                    assert decision.case is not None
                    paper.case = decision.case
            if move not in ("fire", paper.case.state):
                decided = Decision(paper.case)
                work = Work(paper.definition, decided, paper.case, paper.world(), actor=SYSTEM, at=now, recorded=now)
                clocks.follow(work, paper.case.state, move)
                paper.case = replace(work.case, state=move)
    for paper, name in zip(alone, RULES.clocks, strict=True):
        mine = [one for one in both.case.clocks if one.name == name]
        assert [one for one in paper.case.clocks if one.name == name] == mine
        assert facts(paper, name) == facts(both, name)


def facts(paper: Paper, name: str) -> list[object]:
    """Everything of a clock but the numbers of its timers and escalations, which are the case's."""
    timers = [(t.kind, t.due, t.provisional) for t in paper.case.timers if t.name == name]
    raised = [(e.run, e.level, e.raised, e.again, e.persons) for e in paper.case.escalations if e.clock == name]
    return [sorted(timers), sorted(raised)]


def live(paper: Paper) -> Clock:
    clock = paper.case.clock("office")
    assert clock is not None
    return clock
