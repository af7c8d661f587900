"""`baton check`: are the lifecycles sound?"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from workflow.cli.desk import Desk
from workflow.definitions import library
from workflow.definitions.faults import DefinitionErrors, Fault


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[FILE]...")
@click.option("--json", "as_json", is_flag=True, help="Print the faults as a JSON list.")
@click.pass_obj
def check(desk: Desk, files: tuple[Path, ...], as_json: bool) -> None:
    """Check lifecycle definitions, all of the settings' folder unless FILEs or folders are named.

    Every fault is printed as file:line:column: path: message, and the exit code is 1 if there is any.
    """
    found = library.check(files) if files else faults_of(desk.settings.definitions.folder)
    if as_json:
        click.echo(json.dumps([asdict(fault) for fault in found], ensure_ascii=False, indent=2))
    else:
        for fault in found:
            click.echo(str(fault))
        click.echo(summary(found), err=bool(found))
    if found:
        click.get_current_context().exit(1)


def faults_of(folder: Path) -> list[Fault]:
    """The faults of a whole folder, its calendars included."""
    try:
        library.Library.load(folder)
    except DefinitionErrors as errors:
        return list(errors.faults)
    return []


def summary(found: list[Fault]) -> str:
    if not found:
        return "No fault found."
    files = len({fault.file for fault in found})
    return f"{len(found)} fault{'s' * (len(found) > 1)} in {files} file{'s' * (files > 1)}."
