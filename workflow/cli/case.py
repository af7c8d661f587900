"""`baton case`: a case and its history, as the auditor sees them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Any

import click

from workflow import SYSTEM, Workflow
from workflow.cli.desk import Desk
from workflow.cli.trouble import Trouble
from workflow.core.definition.expressions import Text
from workflow.messages import Names, story
from workflow.messages.catalogue import find
from workflow.service.views.cases import CaseView
from workflow.service.views.names import Masked
from workflow.service.views.steps import StepRow
from workflow.storage import proof

LANGUAGE = click.option("--language", type=click.Choice(["zh", "en"]), help="Default: the settings'.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")


@click.group()
def case() -> None:
    """Look at cases. CASE is a case's number (CP000041) or its id."""


@case.command()
@click.argument("named", metavar="CASE")
@LANGUAGE
@JSON
@click.pass_obj
def show(desk: Desk, named: str, language: str | None, as_json: bool) -> None:
    """Show a case as it stands: its state, tasks, clocks, escalations, linked cases and data."""
    workflow = desk.workflow(looks_only=True)
    view = workflow.case(id_of(workflow, named), SYSTEM)
    if as_json:
        click.echo(as_text(view))
        return
    tongue = language or desk.settings.display.language
    for line in lines(view, tongue, names_of(workflow, desk, view)):
        click.echo(line)


@case.command()
@click.argument("named", metavar="CASE")
@LANGUAGE
@JSON
@click.pass_obj
def history(desk: Desk, named: str, language: str | None, as_json: bool) -> None:
    """Tell the history of a case, a line for each step: its number, when it took effect, and what was done.

    Where a step was recorded more than a minute later than it took effect, that moment follows after a +.
    """
    workflow = desk.workflow(looks_only=True)
    found = id_of(workflow, named)
    steps = workflow.history(found, SYSTEM)
    if as_json:
        click.echo(as_text(steps))
        return
    tongue = language or desk.settings.display.language
    names = names_of(workflow, desk, workflow.case(found, SYSTEM))
    for step in steps:
        click.echo(f"{step.seq:>4}  {when(step, desk)}  {story(step, tongue, names=names)}")


def id_of(workflow: Workflow, named: str) -> int:
    """Raises `Trouble`."""
    with workflow.database.reading() as connection:
        found = proof.find(connection, named)
    if found is None:
        raise Trouble(f"There is no case {named}.")
    return found


def names_of(workflow: Workflow, desk: Desk, view: CaseView) -> Names:
    """What things of this case are called, in the version of the lifecycle that it is on."""
    definition = workflow.library.versions.get((view.row.definition, view.row.version))
    return Names(definition=definition, directory=workflow.directory(), zone=desk.settings.display.zone)


def when(step: StepRow, desk: Desk) -> str:
    zone = desk.settings.display.zone
    effective = step.effective.astimezone(zone)
    late = (step.recorded - step.effective).total_seconds()
    recorded = f" +{step.recorded.astimezone(zone):%m-%d %H:%M}" if late >= 60 else ""
    return f"{effective:%Y-%m-%d %H:%M}{recorded}"


def lines(view: CaseView, language: str, names: Names) -> Iterator[str]:
    """A case in lines, a heading before each part that is not empty."""

    def word(key: str, **facts: Any) -> str:
        return find(language, "case", key, facts) or key

    def moment(at: datetime) -> str:
        return names.moment(at, language) or at.isoformat()

    row = view.row
    yield row.number
    facts = {
        "lifecycle": names.lifecycle(language),
        "state": names.state(row.state, language) or row.state,
        "phase": title(names.definition.phases.get(row.phase), language) if names.definition else None,
        "customer": f"{row.customer.name[language]} {row.customer.number}" if row.customer else None,
        "unit": row.unit.name[language] if row.unit else None,
        "opened": moment(row.opened),
        "closed": moment(row.closed) if row.closed else None,
    }
    for key, value in facts.items():
        if value:
            yield f"  {word(key)}: {value}"
    parts = {
        "tasks": _tasks(view, language, names, word, moment),
        "clocks": _clocks(view, language, names, word, moment),
        "escalations": _escalations(view, language, names, word, moment),
        "links": _links(view, language, names, word),
        "data": _data(view, language, names, word),
    }
    for key, part in parts.items():
        for place, line in enumerate(part):
            if place == 0:
                yield word(key)
            yield f"  {line}"


Word = Callable[..., str]
Moment = Callable[[datetime], str]


def title(text: Text | None, language: str) -> str | None:
    return None if text is None else text[language]


def _tasks(view: CaseView, language: str, names: Names, word: Word, moment: Moment) -> Iterator[str]:
    for task in view.tasks:
        yield word(
            "task",
            task=names.task(task.name, language) or task.name,
            no=task.no,
            who=title(task.assignee.name, language) if task.assignee else word("nobody"),
            due=moment(task.due) if task.due else word("no_limit"),
        )


def _clocks(view: CaseView, language: str, names: Names, word: Word, moment: Moment) -> Iterator[str]:
    for clock in view.clocks:
        status = "breached" if clock.breached else clock.status
        if status == "running" and clock.provisional:
            status = "provisional"
        name = names.clock(clock.name, language) or clock.name
        yield word(status, clock=name, due=moment(clock.breached or clock.due))


def _escalations(view: CaseView, language: str, names: Names, word: Word, moment: Moment) -> Iterator[str]:
    for one in view.escalations:
        yield word(
            "escalation",
            level=one.level,
            clock=names.clock(one.clock, language) or one.clock,
            at=moment(one.raised),
            who=", ".join(person.name[language] for person in one.persons) or word("nobody"),
        )


def _links(view: CaseView, language: str, names: Names, word: Word) -> Iterator[str]:
    for one in view.links:
        yield word("link", name=names.link(one.name, language) or one.name, number=one.number, state=one.state)


def _data(view: CaseView, language: str, names: Names, word: Word) -> Iterator[str]:
    for name, value in view.data.items():
        if value not in (None, "", []):
            shown = word("masked") if isinstance(value, Masked) else value
            yield f"{names.field(name, language) or name}: {shown}"


def as_text(value: Any) -> str:
    """A value of the door as JSON; moments in ISO 8601, UTC."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)
