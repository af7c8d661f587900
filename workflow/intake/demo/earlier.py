"""The lifecycles the invented house began with: where one has changed since, the version before, made of its file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from workflow.core.definition.lifecycle import Definition
from workflow.definitions.library import Library
from workflow.definitions.load import loads
from workflow.intake.demo.stage import Stage
from workflow.intake.demo.tables import table
from workflow.storage import definitions
from workflow.storage.database import Database


def begun_with(library: Library) -> Library:
    """The library as the house had it first; the versions of the files are in it too.

    A lifecycle whose file has been edited, so that a passage of the table is not in it, was never another one here.
    """
    older = {name: _before(library.latest[name], library) for name in table("earlier")}
    return replace(library, latest={**library.latest, **older}, versions=library.versions)


def keep(database: Database, first: Library, *, at: datetime) -> None:
    """Keep the texts of the earlier versions, as a house does that has cases on them."""
    some = [first.latest[name] for name in table("earlier")]
    with database.writing() as connection:
        definitions.store(
            connection, [definitions.Version(one.name, one.version, one.hash, one.text) for one in some], at
        )


def changes(
    stage: Stage, first: Library, *, now: datetime, put: Callable[[datetime, Callable[[datetime], None]], None]
) -> None:
    """Let the house live by its first lifecycles, and put the day on which each is changed on somebody's agenda."""
    newest, stage.library = stage.library, first

    def change(name: str, _: datetime) -> None:
        stage.commit()  # what is under way began by the earlier version
        stage.library = replace(stage.library, latest={**stage.library.latest, name: newest.latest[name]})

    for name, told in table("earlier").items():
        put(now - timedelta(days=told["days_ago"]), partial(change, name))


def _before(newest: Definition, library: Library) -> Definition:
    text = newest.text
    for changed in table("earlier")[newest.name]["changes"]:
        if text.count(changed["now"]) != 1:
            return newest
        text = text.replace(changed["now"], changed["then"])
    return loads(text, file=f"{newest.name}.yaml", calendars=library.calendars, sound=False)
