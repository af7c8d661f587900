"""Which ways a message leaves the house, and when."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from workflow.core.calendar import Calendar
from workflow.core.directory import Directory
from workflow.delivery import timing
from workflow.service.door import Workflow
from workflow.settings import Settings
from workflow.storage import dispatches, outbox
from workflow.storage.outbox import Route, Waiting

AT_ONCE = 500
"""Messages routed in one transaction."""


def route(workflow: Workflow, settings: Settings, stopping: threading.Event) -> None:
    """Give every message its ways; those that have none are marked, and only shown on the pages."""
    with workflow.database.reading() as connection:
        if not outbox.any_waiting(connection):
            return
    while not stopping.is_set():
        now, calendars, directory = workflow.clock(), workflow.calendars(), workflow.directory()
        with workflow.database.writing() as connection:
            found = outbox.waiting(connection, AT_ONCE)
            ways = [
                way
                for one in found
                for way in routes(one, now, settings=settings, calendars=calendars, directory=directory)
            ]
            outbox.route(connection, found, ways)
        if len(found) < AT_ONCE:
            return


def routes(
    message: Waiting, at: datetime, *, settings: Settings, calendars: Mapping[str, Calendar], directory: Directory
) -> list[Route]:
    """Every way of one message; none for one that is old already, as an import brings them."""
    if message.created < at - timedelta(days=settings.delivery.oldest_days):
        return []
    found = [
        Route(message=message, channel="webhook", target=name, due=at)
        for name, hook in settings.webhooks.items()
        if not hook.kinds or message.kind in hook.kinds
    ]
    if settings.mail.host and message.person is not None and message.email and message.mail != "none":
        due = timing.first_try(
            message.created,
            at,
            gather=timedelta(seconds=settings.delivery.gather),
            digest=settings.delivery.digest_hour if message.mail == "digest" else None,
            hours=calendars.get(message.mail_hours or ""),
            zone=settings.display.zone,
        )
        found.append(Route(message=message, channel="mail", target=str(message.person), due=due))
    for name, robot in settings.robots.items():
        if message.person is not None and message.kind in robot.kinds and covers(robot.unit, message.unit, directory):
            due = timing.first_try(
                message.created,
                at,
                gather=timedelta(seconds=settings.delivery.gather),
                digest=settings.delivery.digest_hour if robot.digest else None,
                hours=calendars.get(robot.hours),
                zone=settings.display.zone,
            )
            found.append(Route(message=message, channel="robot", target=name, due=due))
    return found


def covers(code: str, unit: int | None, directory: Directory) -> bool:
    """Whether a unit is the one with the code, or below it; "" covers every case."""
    if not code or unit is None:
        return not code
    return any(directory.units[one].code == code for one in directory.above(unit))


def drop(workflow: Workflow, settings: Settings, stopping: threading.Event) -> None:
    """Take out what waits for a channel that was set up once and is no longer; it is on record."""
    wanted: dict[str, Any] = {"mail": bool(settings.mail.host), "webhooks": tuple(settings.webhooks)}
    wanted["robots"] = tuple(settings.robots)
    with workflow.database.reading() as connection:
        some = dispatches.unwanted(connection, **wanted, at=workflow.clock())
    while some and not stopping.is_set():
        with workflow.database.writing() as connection:
            some = bool(dispatches.drop_unwanted(connection, **wanted, at=workflow.clock()))
