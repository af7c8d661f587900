"""The calendars agree with every day the State Council announced, 2015 to 2026."""

import json
import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from workflow.definitions.calendar_imports import imported
from workflow.definitions.calendars import load_calendars

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("BATON_REAL_DATA", ROOT.parent / "shared" / "data")).absolute() / "holiday-cn"
YEARS = range(2015, 2027)


@pytest.fixture(scope="module")
def announced():
    files = [DATA / f"{year}.json" for year in YEARS]
    days = [day for file in files for day in json.loads(file.read_text("utf-8"))["days"]]
    return {date.fromisoformat(day["date"]): day["isOffDay"] for day in days}


@pytest.fixture(scope="module", params=["working", "mornings"])
def working(request):
    return load_calendars(ROOT / "definitions" / "calendars")[request.param]


def test_every_announced_day_is_off_or_worked_as_announced(announced, working):
    wrong = [day for day, off in announced.items() if working.is_working_day(day) is off]

    assert len(announced) > 350
    assert wrong == []


def test_every_other_day_follows_the_week(announced, working):
    day, wrong = date(YEARS[0], 1, 1), []
    while day.year <= YEARS[-1]:
        if day not in announced and working.is_working_day(day) is not (day.weekday() < 5):
            wrong.append(day)
        day += timedelta(days=1)

    assert wrong == []


def test_the_calendar_is_known_for_the_years_announced(working):
    assert working.known_through == date(YEARS[-1], 12, 31)


def test_files_brought_in_give_the_same_days_as_the_package(working):
    bare = replace(working, off=frozenset(), extra={}, known_through=date(YEARS[0] - 1, 12, 31))
    brought = bare
    for year in YEARS:
        brought = imported(brought, (DATA / f"{year}.json").read_bytes())
    day, wrong = date(YEARS[0], 1, 1), []
    while day.year <= YEARS[-1]:
        if brought.windows_on(day) != working.windows_on(day):
            wrong.append(day)
        day += timedelta(days=1)

    assert wrong == []
    assert brought.known_through == working.known_through
