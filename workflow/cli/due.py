"""`baton due`: when is something due by a calendar, and why?"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from marshmallow import ValidationError

from workflow import SYSTEM, messages
from workflow.cli.desk import Desk
from workflow.core.calendar import Calendar
from workflow.core.deadline import NATURAL, counts_in, due, resumed
from workflow.core.definition.targets import Target
from workflow.core.derivation import Line, Standing, explain, standing
from workflow.definitions.calendars import load_calendar
from workflow.definitions.load import CALENDARS
from workflow.definitions.parsing import length_of
from workflow.messages.catalogue import LANGUAGES, find
from workflow.messages.derivations import length

WORKING = "working"

Pause = tuple[datetime, datetime]


@click.command(name="due")
@click.option("--calendar", default=WORKING, metavar="NAME|FILE", help="A calendar's name or file, or `natural`.")
@click.option("--version", type=click.IntRange(min=1), metavar="N", help="Of the named calendar. Default: the present.")
@click.option("--start", required=True, metavar="MOMENT", help="Like 2026-03-02T09:00, in the calendar's zone.")
@click.option("--target", required=True, metavar="LENGTH", help="30m 48h 2d 1w 2mo, 30wm 4wh 3wd, `3wd eod`.")
@click.option("--pause", "pauses", multiple=True, metavar="FROM/TO", help="When the clock stood still; several times.")
@click.option("--at", metavar="MOMENT", help="The moment to tell elapsed and remaining time of. Default: now.")
@click.option("--resolved-at", metavar="MOMENT", help="When it was done: in time or not?")
@click.option("--language", type=click.Choice(LANGUAGES), help="Default: the settings'.")
@click.option("--json", "as_json", is_flag=True, help="Print it all as JSON.")
@click.pass_obj
def due_(
    desk: Desk, /, *, calendar: str, start: str, target: str, as_json: bool, language: str | None, **more: Any
) -> None:
    """When is something due that starts at a moment, and how does that come about?

    A NAME is looked for in the configured database first, where the organisation's own days are, then among the files.
    """
    working, source = _calendar(desk, WORKING if calendar == NATURAL else calendar, more["version"])
    counted = None if calendar == NATURAL else working
    zone = ZoneInfo(working.zone)
    begin = _moment(start, zone, "--start")
    wanted = _target(target)
    pauses = _pauses(more["pauses"], zone, begin)
    done = None if more["resolved_at"] is None else _moment(more["resolved_at"], zone, "--resolved-at")
    at = _moment(more["at"], zone, "--at") if more["at"] else done or datetime.now(UTC)
    first = due(begin, wanted, counted, working)
    inside = counts_in(wanted, counted, working)
    last = first.at
    for since, until in pauses:
        last = resumed(last, since, until, inside)
    lines = explain(begin, wanted, pauses, counted, working)
    stands = standing(begin, first.seconds, pauses, at=at, calendar=inside, working=working)
    if as_json:
        answer: dict[str, Any] = {
            "calendar": NATURAL if inside is None else inside.name,
            "version": working.version,
            "source": source,
            "start": begin.isoformat(),
            "target": str(wanted),
            "due": last.isoformat(),
            "provisional": lines[-1].provisional,
            "at": at.isoformat(),
            "elapsed": stands.elapsed,
            "remaining": stands.remaining,
            "derivation": [plain(line) for line in lines],
        }
        if done is not None:
            answer |= {"resolved_at": done.isoformat(), "met": done <= last}
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    chosen = language or desk.settings.display.language
    used = {"title": working.title[chosen], "version": working.version, "source": find(chosen, "derivation", source)}
    click.echo(find(chosen, "derivation", "calendar", used))
    for sentence in messages.derivation(lines, chosen, zone=zone):
        click.echo(sentence)
    for sentence in _standing(stands, chosen, at=at, zone=zone):
        click.echo(sentence)
    if done is not None:
        facts = {"at": _told(done, chosen, zone)}
        click.echo(find(chosen, "derivation", "met" if done <= last else "late", facts))


def plain(line: Line) -> dict[str, Any]:
    """A line as JSON: moments and days in ISO 8601, what it does not carry left out."""
    parts = {name: value for name, value in asdict(line).items() if value not in (None, 0, False)}
    return {name: v.isoformat() if isinstance(v, date | datetime) else v for name, v in parts.items()}


def _standing(stands: Standing, language: str, *, at: datetime, zone: tzinfo) -> list[str]:
    key = "overdrawn" if stands.remaining < 0 else "remaining"
    told = _told(at, language, zone)
    parts = (("elapsed_now", stands.elapsed), (key, abs(stands.remaining)))
    return [find(language, "derivation", name, {"at": told, "length": length(n, language)}) or "" for name, n in parts]


def _told(at: datetime, language: str, zone: tzinfo) -> str:
    return messages.Names(zone=zone).moment(at, language) or at.isoformat()


def _calendar(desk: Desk, name: str, version: int | None) -> tuple[Calendar, str]:
    """The calendar to count in, and where it was found: `database` or `file`.

    Where there is no database yet, the files are all there is.
    """
    if Path(name).suffix or Path(name).exists():
        if version is not None:
            raise click.BadParameter("a file has one version", param_hint="--version")
        return load_calendar(_there(Path(name))), "file"
    if desk.has_database():
        found = desk.workflow(looks_only=True).calendar(name, SYSTEM, version=version).asked
        return found.calendar, "database" if found.stored is not None else "file"
    own = load_calendar(_there(desk.settings.definitions.folder / CALENDARS / f"{name}.yaml"))
    if version not in (None, own.version):
        raise click.BadParameter(f"the file of {name!r} has version {own.version}", param_hint="--version")
    return own, "file"


def _there(file: Path) -> Path:
    if not file.is_file():
        raise click.BadParameter(f"there is no calendar {file.stem!r}", param_hint="--calendar")
    return file


def _target(text: str) -> Target:
    try:
        return length_of(text)
    except ValidationError as error:
        raise click.BadParameter(str(error.messages[0]), param_hint="--target") from error


def _moment(text: str, zone: tzinfo, option: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is not a moment like 2026-03-02T09:00", param_hint=option) from error
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def _pauses(texts: tuple[str, ...], zone: tzinfo, start: datetime) -> list[Pause]:
    """The pauses in order. They lie after the start and apart."""
    pauses: list[Pause] = []
    for text in texts:
        since, slash, until = text.partition("/")
        if not slash:
            raise click.BadParameter(f"{text!r} is not FROM/TO", param_hint="--pause")
        pauses.append((_moment(since, zone, "--pause"), _moment(until, zone, "--pause")))
    pauses.sort()
    before = start
    for begin, end in pauses:
        if not before <= begin <= end:
            raise click.BadParameter(
                "pauses begin after the start, end after they begin and lie apart", param_hint="--pause"
            )
        before = end
    return pauses
