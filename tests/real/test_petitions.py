"""2,816 real petitions as complaints: the 48-hour verdicts equal what the file itself says."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest

from tests.real.conftest import Desk, Shown, figures, real, rows_of
from workflow.intake.history import import_history
from workflow.intake.mapping import load_mapping
from workflow.intake.progress import Outcome

FILE = "petitions_with_replies_zh.csv.gz"
LADDER = {1: timedelta(hours=48), 2: timedelta(hours=72), 3: timedelta(hours=96)}


@pytest.fixture(scope="module")
def outcome(desk: Desk) -> Outcome:
    rules = load_mapping(desk.mapping("petitions"), desk.library)
    done = import_history(desk.workflow, real(FILE), rules, report=desk.report, progress=Shown("petitions"))
    figures("petitions", done)
    return done


@pytest.fixture(scope="module")
def lengths() -> list[timedelta]:
    """How long each answer took, from the file alone."""
    return [_moment(row["答复时间"]) - _moment(row["留言时间"]) for row in rows_of(real(FILE))]


def test_every_row_is_accounted_for(desk: Desk, outcome: Outcome, lengths: list[timedelta]) -> None:
    assert outcome.rows == outcome.imported == outcome.cases == len(lengths) == 2816
    desk.accounted(outcome)
    assert Counter(line["reason"] for line in desk.reported()) == {"shortened": 4}


def test_the_share_answered_within_48_hours_is_the_files(
    desk: Desk, outcome: Outcome, lengths: list[timedelta]
) -> None:
    [(met,)] = desk.sql(
        "SELECT count(*) FROM clocks WHERE name = 'answer' AND run = 1 AND status = 'met' AND breached IS NULL"
    )
    in_time = sum(length <= LADDER[1] for length in lengths)

    assert met == in_time
    assert round(met / outcome.cases, 3) == round(in_time / len(lengths), 3) == 0.109


def test_so_is_the_number_of_escalations_at_each_level(desk: Desk, outcome: Outcome, lengths: list[timedelta]) -> None:
    raised = dict(desk.sql("SELECT level, count(*) FROM escalations GROUP BY level"))

    assert raised == {level: sum(length > limit for length in lengths) for level, limit in LADDER.items()}


def test_each_was_raised_when_it_was_due_and_not_when_the_answer_came(desk: Desk, outcome: Outcome) -> None:
    [(late,)] = desk.sql(
        "SELECT count(*) FROM escalations e JOIN clocks c USING (case_id, run)"
        " WHERE c.name = 'answer' AND e.raised <> c.started + (24 + 24 * e.level) * 3600000000"
    )

    assert late == 0


def test_every_history_verifies_and_replays(desk: Desk, outcome: Outcome) -> None:
    assert desk.prove() > outcome.commands + outcome.timers


def test_a_second_run_does_nothing(desk: Desk, outcome: Outcome) -> None:
    before = desk.sql("SELECT count(*) FROM steps")

    again = import_history(
        desk.workflow, real(FILE), load_mapping(desk.mapping("petitions"), desk.library), report=desk.report
    )

    assert (again.earlier, again.commands, again.timers) == (again.rows, 0, 0)
    assert desk.sql("SELECT count(*) FROM steps") == before


def _moment(text: str) -> datetime:
    day, _, time = text.replace("-", "/").partition(" ")
    parts = [int(part) for part in (*day.split("/"), *(time or "0:0:0").split(":"))]
    return datetime(*parts)  # noqa: DTZ001 - both ends stand in the same zone, which has no summer time
