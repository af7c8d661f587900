"""What happens to a case without a person: its moment came, a calendar changed, or another case has word for it.

Like `workflow.core.decide` every function is pure: a `Decision` comes out.
"""

from __future__ import annotations

from datetime import datetime

from workflow.core import amendments, clocks, effects, hands, ladder, moving, roles, stations
from workflow.core.case import Case, Link, Timer
from workflow.core.definition.lifecycle import Definition
from workflow.core.machine import move
from workflow.core.step import SYSTEM
from workflow.core.work import Decision, Work
from workflow.core.world import World


def fire(definition: Definition, case: Case, world: World, timer: Timer, *, recorded: datetime) -> Decision:
    """Something happens by itself because its moment came: a reminder, a rung, a trigger, recurring work.

    It takes effect when it was due, though never before what the history already says.
    """
    at = max(timer.due, case.moment or case.opened)
    decision = Decision(case=case)
    work = Work(definition, decision, case, world, actor=SYSTEM, at=at, recorded=recorded)
    if timer.kind == "rung":
        rung = clocks.fire(work, timer)
        trigger, kind, name = (rung.trigger if rung else None), "rung", timer.name
    elif timer.kind == "recurring":
        rule = definition.recurring[timer.name]
        nominal = stations.recur(work, timer)
        # Begun anew on the day a date was brought forward to, a schedule comes to the same date again.
        if nominal is not None and not any(x.name == rule.link and x.nominal == nominal for x in case.links):
            late = world.working.local_day(recorded) > world.working.local_day(timer.due)
            for place, row in enumerate(effects.rows_of(work, rule.each)):
                facts = work.situation(row={**row, **stations.period(work, rule, nominal)})
                data = {field: expression.value(facts) for field, expression in rule.data.items()}
                # The first stands for the date: of a link and a date there is one.
                effects.open_link(work, rule.link, data, nominal=nominal if place == 0 else None, late=late)
        trigger, kind, name = None, "recurring", timer.name
    elif timer.kind == "held":
        clock = case.clock(timer.name)
        assert clock is not None  # noqa: S101 - its timer goes with the clock
        clocks.release(work, definition.clocks[timer.name], clock)
        trigger, kind, name = None, "resume", timer.name
    elif timer.kind == "again":
        ladder.raise_again(work, timer)
        trigger, kind, name = None, "rung", timer.name
    else:
        state_rule = next(t for t in definition.states[case.state].timers if t.name == timer.name)
        work.add("timer-", [timer.no])
        if state_rule.remind:
            persons = roles.resolve_all(state_rule.remind, definition, work.case, world, at=at)
            text = state_rule.text
            facts_out = {"text": {"zh": text.zh, "en": text.en}} if text else {}
            work.notice("reminder", persons, timer=timer.name, **facts_out)
        trigger, kind, name = state_rule.trigger, "remind", timer.name
    after = moving.pull(definition, work, trigger, kind="timer", otherwise=(kind, name))
    return moving.settle(definition, decision, after, work.world, at=at, recorded=recorded)


def recount(
    definition: Definition,
    case: Case,
    world: World,
    *,
    at: datetime,
    recorded: datetime,
    cause: amendments.Cause = "calendar",
) -> Decision | None:
    """Compute what is due again, with the calendars as they are now; None when nothing changes.

    `cause`: what has changed, for the record.
    """
    at = max(at, case.moment or case.opened)
    decision = Decision(case=case)
    after = amendments.everything(definition, decision, case, world, at=at, recorded=recorded, cause=cause)
    return decision if after is not case else None


def linked(
    definition: Definition,
    case: Case,
    world: World,
    *,
    child: int,
    outcome: str,
    at: datetime,
    recorded: datetime,
) -> Decision:
    """A linked case ended (or ended again, after it was reopened): note it, and pull the trigger it means here.

    An `outcome` that is empty says that it was reopened: it is open here as well.
    """
    at = max(at, case.moment or case.opened)
    found = next(x for x in case.links if x.case == child)
    decision = Decision(case=case)
    work = Work(definition, decision, case, world, actor=SYSTEM, at=at, recorded=recorded)
    work.put("link", Link(found.name, found.case, found.definition, outcome or None, found.nominal, found.late))
    rule = definition.links[found.name]
    trigger = rule.on_closed.get(outcome, rule.on_closed.get("*")) if outcome else None
    noted = "link" if outcome else "reopened"
    after = moving.pull(definition, work, trigger, kind="linked", otherwise=(noted, found.name))
    return moving.settle(definition, decision, after, work.world, at=at, recorded=recorded)


def signalled(
    definition: Definition,
    case: Case,
    world: World,
    *,
    trigger: str,
    sender: int,
    at: datetime,
    recorded: datetime,
) -> Decision | None:
    """Another case of the customer pulls a trigger here; None where it cannot be pulled, which is nothing to note."""
    at = max(at, case.moment or case.opened)
    decision = Decision(case=case)
    work = Work(definition, decision, case, world, actor=SYSTEM, at=at, recorded=recorded)
    facts = work.situation()
    way = None
    if case.closed is None and trigger in definition.hears:
        way = move(definition, case.state, trigger, lambda one: all(c.holds(facts) for c in one.when))
    if way is None:
        return None
    work.add("signal", {"trigger": trigger, "from": sender})
    after = moving.carry_out(work, way, kind="signal", answers={})
    return moving.settle(definition, decision, after, work.world, at=at, recorded=recorded)


def handed(
    definition: Definition, case: Case, world: World, *, said: hands.Before, at: datetime, recorded: datetime
) -> Decision | None:
    """The customer changed hands: its open tasks go along. None where the old owner holds none here."""
    if case.closed is not None:
        return None
    decision = Decision(case=case)
    at = max(at, case.moment or case.opened)
    work = Work(definition, decision, case, world, actor=SYSTEM, at=at, recorded=recorded)
    work.add(hands.OP, said)
    if not hands.follow(work, said):
        return None
    work.finish("hands", hands.OP)
    return decision
