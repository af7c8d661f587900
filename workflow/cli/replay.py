"""`baton replay`: does the history hold, does it give the case, and do the rules give the history?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from workflow import SYSTEM, Workflow
from workflow.audit.against import Beside
from workflow.audit.film import Frame, as_json, at_moment
from workflow.audit.replays import Film, Replays
from workflow.audit.rounds import Rounds, at_once
from workflow.audit.verdict import Verdict
from workflow.cli.case import id_of
from workflow.cli.desk import Desk
from workflow.cli.progress import Progress
from workflow.cli.trouble import Trouble
from workflow.messages import Names, story
from workflow.messages import verdicts as sentences
from workflow.service import verification
from workflow.service.verification import several, verify

LANGUAGE = "en"

AT_ONCE = 200
"""Histories whose chains and lists are looked at together."""


@click.command()
@click.argument("case", required=False)
@click.option("--all", "everything", is_flag=True, help="Every case, and every record of a customer.")
@click.option("--at", "moment", metavar="MOMENT", help="Show the case at that moment (2026-03-03T10:00), step by step.")
@click.option("--against", "version", type=int, metavar="VERSION", help="What would another version have made of it?")
@click.option("--json", "as_json_", is_flag=True, help="Print the verdicts as JSON, one a line.")
@click.pass_obj
def replay(
    desk: Desk, case: str | None, *, everything: bool, moment: str | None, version: int | None, as_json_: bool
) -> None:
    """Verify the history of CASE (its number or id) and play it again.

    The hash of every step is checked over what is stored, byte by byte; the history is folded again from its first
    step and compared with the case as it stands; and each recorded command is decided again by the rules of its
    version, with organisation, customer and calendars as they were then. The exit code is 1 if anything differs.

    --all keeps what it finds, for the auditor's desk. --at tells the steps up to a moment, each with the rule it
    follows. --against runs the commands through another version of the lifecycle.
    """
    if (case is None) == (not everything):
        raise click.UsageError("Name a case, or say --all.")
    if case is None and (moment is not None or version is not None):
        raise click.UsageError("--at and --against are about one case.")
    workflow = desk.workflow(looks_only=True)
    if case is None:
        bad = _all(workflow, desk, as_json_=as_json_)
    elif version is not None:
        bad = _against(workflow, desk, id_of(workflow, case), version, as_json_=as_json_)
    elif moment is not None:
        bad = _at(workflow, desk, id_of(workflow, case), _moment(moment, desk), as_json_=as_json_)
    else:
        bad = _one(workflow, desk, id_of(workflow, case), as_json_=as_json_)
    if bad:
        click.get_current_context().exit(1)


def _one(workflow: Workflow, desk: Desk, case: int, *, as_json_: bool) -> bool:
    rounds = Rounds(workflow.database, workflow.library)
    verdict, chain = rounds.one(case), verify(workflow.database, case)
    names = Names(definition=rounds.definition(case), directory=workflow.directory(), zone=desk.settings.display.zone)
    _tell(chain, verdict, names, as_json_=as_json_)
    return not (chain.holds and verdict.holds)


def _all(workflow: Workflow, desk: Desk, *, as_json_: bool) -> bool:
    steps = count = bad = reproduced = 0
    found: list[Verdict] = []

    def each(verdict: Verdict) -> None:
        found.append(verdict)
        if len(found) >= AT_ONCE:
            look()

    def look() -> None:
        nonlocal steps, count, bad, reproduced
        chains = {one.case: one for one in several(workflow.database, [verdict.case for verdict in found])}
        for verdict in found:
            chain = chains[verdict.case]
            holds = chain.holds and verdict.holds
            count, steps, bad = count + 1, steps + chain.steps, bad + (not holds)
            reproduced += verdict.reproduced
            if as_json_ or not holds:
                _tell(chain, verdict, Names(directory=workflow.directory(), zone=desk.settings.display.zone),
                      as_json_=as_json_)  # fmt: skip
        found.clear()

    with Progress() as progress:
        key = desk.settings.seal.key
        at_once(workflow.database, workflow.library, now=workflow.clock, key=key, each=each, told=progress)
        look()
    if not as_json_:
        said = sentences.reproduced(reproduced, steps, LANGUAGE)
        click.echo(f"{count:,} histories, {said}: {f'{bad:,} do not hold' if bad else 'all hold'}.")
    return bool(bad)


def _at(workflow: Workflow, desk: Desk, case: int, at: datetime, *, as_json_: bool) -> bool:
    film = Replays(workflow).film(case, SYSTEM)
    last = at_moment([frame.step for frame in film.frames], at)
    frames = [frame for frame in film.frames if last is not None and frame.step.seq <= last]
    if not frames:
        raise Trouble(f"{film.view.row.number} was not open yet.")
    if as_json_:
        for frame in frames:
            click.echo(json.dumps(as_json(frame), ensure_ascii=False))
        return False
    names = _names(workflow, desk, film)
    for frame in frames:
        click.echo(f"{frame.step.seq:>4}  {_local(frame.step.effective, desk)}  {_story(frame, names)}")
        if frame.rule is not None and frame.rule.source:
            click.echo(f"      {frame.rule.source}")
    for line in standing(frames[-1], names, desk):
        click.echo(line)
    return False


def _against(workflow: Workflow, desk: Desk, case: int, version: int, *, as_json_: bool) -> bool:
    view, other, rows = Replays(workflow).against(case, version, SYSTEM)
    names = Names(definition=other, directory=workflow.directory(), zone=desk.settings.display.zone)
    differing = [one for one in rows if one.refused or one.news or one.step is None]
    for one in rows if as_json_ else differing:
        if as_json_:
            click.echo(json.dumps(_row(one), ensure_ascii=False))
            continue
        for line in told(one, names, desk):
            click.echo(line)
    if not as_json_:
        click.echo(f"{view.row.number} under version {version}: {len(rows):,} steps, {len(differing):,} otherwise.")
    return False


def told(one: Beside, names: Names, desk: Desk) -> Iterator[str]:
    """A step beside what the other version makes of it, a line for each difference."""
    if one.step is None:
        for step in one.made:
            yield f"   +  {_local(step.effective, desk)}  {story(step, LANGUAGE, names=names)}"
        return
    yield f"{one.step.seq:>4}  {_local(one.step.effective, desk)}  {story(one.step, LANGUAGE, names=names)}"
    for found in (*((one.refused,) if one.refused else ()), *one.news):
        yield f"      {sentences.difference(found, LANGUAGE, names=names)}"


def standing(frame: Frame, names: Names, desk: Desk) -> Iterator[str]:
    """The case after a step: its state, who holds what and who could, and the clocks."""
    state = names.state(frame.case.state, LANGUAGE) or frame.case.state
    yield f"{state}, step {frame.step.seq}"
    for held in frame.tasks:
        who = ", ".join(names.person(one, LANGUAGE) or str(one) for one in held.could)
        yield f"  {names.task(held.task.name, LANGUAGE) or held.task.name} (no. {held.task.no}): {who or 'nobody'}"
    for hand in frame.hands:
        left = "" if hand.left is None else f", {_length(abs(hand.left))} {'left' if hand.left >= 0 else 'over'}"
        name = names.clock(hand.clock.name, LANGUAGE) or hand.clock.name
        yield f"  {name}: {hand.clock.status}, due {_local(hand.clock.due, desk)}{left}"


def said(chain: verification.Verdict, verdict: Verdict) -> str:
    """`CP000041: 41 steps, chain intact, the history gives the case as stored, reproduced 41 of 41 steps`"""
    whole = "chain intact" if chain.broken is None else f"the chain breaks at step {chain.broken}"
    if chain.stuck is not None:
        fold = f"the history cannot be played beyond step {chain.stuck}"
    elif chain.differs:
        fold = f"the history gives another case than the one stored: {', '.join(chain.differs)}"
    else:
        fold = "the history gives the case as stored"
    again = sentences.reproduced(verdict.reproduced, verdict.steps, LANGUAGE)
    return f"{chain.number}: {chain.steps} step{'s' * (chain.steps != 1)}, {whole}, {fold}; {again}."


def _tell(chain: verification.Verdict, verdict: Verdict, names: Names, *, as_json_: bool) -> None:
    if as_json_:
        both = {**verdict.as_json(), **asdict(chain), "holds": chain.holds and verdict.holds}
        click.echo(json.dumps(both, ensure_ascii=False))
        return
    click.echo(said(chain, verdict))
    for found in verdict.differences:
        click.echo(f"  {sentences.differs(found.seq, sentences.difference(found, LANGUAGE, names=names), LANGUAGE)}")
    for part in verdict.unchecked:
        click.echo(f"  {sentences.unchecked(part.seq, part.what, LANGUAGE)}")
    if verdict.erased:
        click.echo(f"  {sentences.erased(len(verdict.erased), LANGUAGE)}")


def _row(one: Beside) -> dict[str, Any]:
    return {
        "seq": None if one.step is None else one.step.seq,
        "made": [[step.kind, step.trigger, step.to_state] for step in one.made],
        "refused": None if one.refused is None else asdict(one.refused),
        "recorded": None if one.recorded is None else one.recorded.state,
        "computed": None if one.computed is None else one.computed.state,
        "differences": [asdict(found) for found in one.differences],
    }


def _names(workflow: Workflow, desk: Desk, film: Film) -> Names:
    return Names(definition=film.definition, directory=workflow.directory(), zone=desk.settings.display.zone)


def _story(frame: Frame, names: Names) -> str:
    return story(frame.step, LANGUAGE, names=names)


def _local(at: datetime, desk: Desk) -> str:
    return f"{at.astimezone(desk.settings.display.zone):%Y-%m-%d %H:%M}"


def _length(seconds: int) -> str:
    return f"{seconds // 3600}:{seconds % 3600 // 60:02} h"


def _moment(text: str, desk: Desk) -> datetime:
    """A moment as a person writes it, in the zone of the house where it names none. Raises `Trouble`."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Trouble(f"{text!r} is no moment; write it like 2026-03-03T10:00.") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=desk.settings.display.zone)
