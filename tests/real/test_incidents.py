"""141,712 real rows of 24,918 incidents as complaints: the main job at scale."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from tests.real.conftest import Desk, Shown, figures, real, rows_of
from workflow.intake.history import import_history
from workflow.intake.mapping import load_mapping
from workflow.intake.progress import Outcome

FILE = "incident_event_log.csv.gz"
LIMIT = timedelta(hours=48)
OVER = ("Resolved", "Closed")
UNKNOWN = "-100"


@dataclass
class Incident:
    """An incident as the file tells it, its rows by `sys_mod_count`. `runs`: from when it waited until when."""

    doubled: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    reopened: int = 0
    runs: list[tuple[datetime, datetime | None]] = field(default_factory=list)

    def breaches(self) -> Iterator[datetime]:
        return (start + LIMIT for start, end in self.runs if end is None or end - start > LIMIT)


@pytest.fixture(scope="module")
def told() -> dict[str, Incident]:
    """The incidents, from the file alone."""
    grouped: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows_of(real(FILE)):
        grouped[row["number"]].append(row)
    return {number: _told(rows) for number, rows in grouped.items()}


@pytest.fixture(scope="module")
def outcome(desk: Desk) -> Outcome:
    rules = load_mapping(desk.mapping("incidents"), desk.library)
    done = import_history(desk.workflow, real(FILE), rules, report=desk.report, progress=Shown("incidents"))
    figures("incidents", done)
    return done


def test_every_row_is_accounted_for(desk: Desk, outcome: Outcome, told: dict[str, Incident]) -> None:
    assert (outcome.rows, outcome.cases, len(told)) == (141_712, 24_918, 24_918)
    desk.accounted(outcome)


def test_doubled_and_out_of_order_rows_end_in_the_report(
    desk: Desk, outcome: Outcome, told: dict[str, Incident]
) -> None:
    for reason in ("doubled", "out_of_order"):
        expected = sorted(line for incident in told.values() for line in getattr(incident, reason))
        assert len(expected) == 5
        assert sorted(line["row"] for line in desk.reported() if line["reason"] == reason) == expected


def test_what_was_rejected_has_a_reason_that_the_file_bears_out(desk: Desk, outcome: Outcome) -> None:
    rejected = Counter(line["reason"] for line in desk.reported() if line["outcome"] == "rejected")
    unknown = sum(row["ident_state"] == UNKNOWN for row in rows_of(real(FILE)))

    # One row calls a resolved incident active without having reopened it (0000135, out of order as well).
    assert rejected == {"unknown_value": unknown, "NotInThisState": 1}


def test_breaches_are_at_the_deadline(desk: Desk, outcome: Outcome, told: dict[str, Incident]) -> None:
    stored = desk.sql(
        "SELECT i.reference, c.breached FROM clocks c JOIN imports i USING (case_id)"
        " WHERE c.name = 'answer' AND c.breached IS NOT NULL"
    )
    found = Counter((number, at) for number, at in stored)

    expected = Counter((number, _micros(at)) for number, incident in told.items() for at in incident.breaches())
    assert len(expected) > 5000
    assert found == expected


def test_each_breach_was_a_step_at_its_moment(desk: Desk, outcome: Outcome) -> None:
    [(off,)] = desk.sql(
        "SELECT count(*) FROM escalations e JOIN clocks c USING (case_id, run)"
        " WHERE c.name = 'answer' AND e.level = 1 AND e.raised <> c.breached"
    )
    [(raised,)] = desk.sql("SELECT count(*) FROM escalations WHERE level = 1")
    [(breached,)] = desk.sql("SELECT count(*) FROM clocks WHERE name = 'answer' AND breached IS NOT NULL")

    assert (off, raised) == (0, breached)


def test_there_are_as_many_reopenings_as_in_the_file(desk: Desk, outcome: Outcome, told: dict[str, Incident]) -> None:
    [(reopened,)] = desk.sql("SELECT count(*) FROM steps WHERE trigger = 'reopen'")

    assert reopened == sum(incident.reopened for incident in told.values()) == 331


def test_every_incident_is_closed_and_says_where_it_came_from(desk: Desk, outcome: Outcome) -> None:
    assert desk.sql("SELECT state, count(*) FROM cases WHERE kind = 'case' GROUP BY state") == [("closed", 24_918)]
    [(marked,)] = desk.sql("SELECT count(*) FROM steps WHERE seq = 1 AND kind = 'open' AND ops LIKE '%[\"imported\",%'")
    assert marked == 24_918


def test_every_history_verifies_and_replays(desk: Desk, outcome: Outcome) -> None:
    assert desk.prove() > outcome.commands + outcome.timers


def _told(rows: list[dict[str, str]]) -> Incident:
    rows.sort(key=lambda row: int(row["sys_mod_count"]))
    incident = Incident()
    for before, row in pairwise(rows):
        if before["sys_mod_count"] == row["sys_mod_count"]:
            incident.doubled.append(row["line"])
        if _moment(row["sys_updated_at"]) < _moment(before["sys_updated_at"]):
            incident.out_of_order.append(row["line"])
    incident.reopened = max(int(row["reopen_count"]) for row in rows)
    latest = start = _moment(rows[0]["opened_at"])
    waiting, reopened = True, 0
    for row in rows:
        if row["ident_state"] == UNKNOWN:
            continue
        latest = max(latest, _moment(row["sys_updated_at"]))
        if int(row["reopen_count"]) > reopened and not waiting:
            waiting, start = True, latest
        reopened = int(row["reopen_count"])
        if row["ident_state"] in OVER and waiting:
            waiting = False
            incident.runs.append((start, latest))
    if waiting:
        incident.runs.append((start, None))
    return incident


def _moment(text: str) -> datetime:
    day, time = text.split(" ")
    (d, m, y), (hour, minute) = map(int, day.split("/")), map(int, time.split(":"))
    return datetime(y, m, d, hour, minute, tzinfo=UTC)


def _micros(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000
