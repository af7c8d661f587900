"""Linked groups of the invented organisation, and who of them stands in for whom (004 §2.2 I)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from workflow.core.step import SYSTEM
from workflow.intake.demo.people import Absence, Cast
from workflow.intake.demo.stage import Stage


def group(stage: Stage, cast: Cast, staff: Mapping[str, Any], *, at: datetime, end: datetime) -> None:
    """Write the groups, and the absences for which nobody was named: another of the group acts then."""
    ids = {person.login: person.id for person in cast.people.values()}
    mates: dict[str, str] = {}
    for unit, zh, en, industry, logins in staff["groups"]["rows"]:
        made = stage.add_group(
            name_zh=zh, name_en=en, unit=cast.units[unit], industry=industry, actor=SYSTEM, at=at
        )  # fmt: skip
        for place, login in enumerate(logins):
            stage.join_group(made, ids[login], actor=SYSTEM, at=at)
            mates[login] = logins[place - 1]
    for login, days_ago, days, reason in staff["unnamed"]["rows"]:
        since = end - timedelta(days=days_ago)
        until = since + timedelta(days=days)
        stage.report_absence(ids[login], since=since, until=until, reason=reason, actor=SYSTEM, at=at)
        away = Absence(ids[login], ids[mates[login]], since, until)
        cast.absences[ids[login]] = (*cast.absences.get(ids[login], ()), away)
