"""`baton due` says when something is due, how long is left, and why."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cli.conftest import Baton
from workflow.core.derivation import standing
from workflow.definitions.calendars import load_calendar

DEFINITIONS = Path(__file__).parents[2] / "definitions"
SHANGHAI = ZoneInfo("Asia/Shanghai")
WORKING = load_calendar(DEFINITIONS / "calendars" / "working.yaml")
MINUTE = timedelta(minutes=1)
MONDAY = datetime(2026, 3, 2, tzinfo=SHANGHAI)


def answered(baton: Baton, *arguments: str) -> dict[str, object]:
    result = baton("due", *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_working_hours_go_round_lunch_the_evening_and_golden_week(fresh_sqlite: Baton) -> None:
    answer = answered(fresh_sqlite, "--start", "2026-09-30T17:00", "--target", "12wh", "--at", "2026-10-08T09:30")

    assert answer["due"] == "2026-10-09T06:00:00+00:00"
    assert (answer["elapsed"], answer["remaining"]) == (5400, 37_800)
    assert answer["provisional"] is False
    assert [line["kind"] for line in answer["derivation"]] == [
        "start", "counted", "skipped", "counted", "counted", "counted", "counted", "due",
    ]  # fmt: skip


def test_a_pause_is_counted_again_and_the_resolution_is_judged(fresh_sqlite: Baton) -> None:
    asked = ["--start", "2026-03-02T09:00", "--target", "4h", "--pause", "2026-03-02T10:00/2026-03-02T11:00"]

    answer = answered(fresh_sqlite, *asked, "--resolved-at", "2026-03-02T14:30")
    late = answered(fresh_sqlite, *asked, "--resolved-at", "2026-03-02T15:31")

    assert answer["due"] == "2026-03-02T07:30:00+00:00"
    assert (answer["met"], answer["elapsed"], answer["remaining"]) == (True, 3 * 3600, 3600)
    assert (late["met"], late["remaining"]) == (False, -60)


def test_the_year_that_is_not_announced_is_provisional_in_both_languages(fresh_sqlite: Baton) -> None:
    asked = ["due", "--start", "2026-12-31T17:00", "--target", "4wh", "--at", "2026-12-31T17:30", "--language"]

    english, chinese = fresh_sqlite(*asked, "en").output, fresh_sqlite(*asked, "zh").output

    assert "Due on 1 Jan 2027, 12:00, provisionally" in english
    assert "暂定到期时间：2027年1月1日 12:00" in chinese
    assert len(english.splitlines()) == len(chinese.splitlines())


def test_a_file_counts_like_a_name_and_natural_time_counts_every_hour(fresh_sqlite: Baton, tmp_path: Path) -> None:
    nights = tmp_path / "nights.yaml"
    nights.write_text(
        "# Nights.\nname: nights\nversion: 1\ntitle: {zh: 夜班, en: Nights}\nzone: Europe/Paris\n"
        'windows: {mon-sun: ["00:00-06:00"]}\n',
        encoding="utf-8",
    )
    # The night of 29 March 2026 has no hour from two to three.
    counted = answered(fresh_sqlite, "--calendar", str(nights), "--start", "2026-03-28T23:00", "--target", "6h")
    natural = answered(fresh_sqlite, "--calendar", "natural", "--start", "2026-03-06T18:00", "--target", "24h")

    assert counted["due"] == "2026-03-29T23:00:00+00:00"
    assert natural["due"] == "2026-03-07T10:00:00+00:00"
    assert natural["calendar"] == "natural"


def test_what_is_not_understood_is_said(fresh_sqlite: Baton) -> None:
    for asked, said in (
        (["--start", "soon", "--target", "4h"], "is not a moment"),
        (["--start", "2026-03-02T09:00", "--target", "4x"], "is no length of time"),
        (["--start", "2026-03-02T09:00", "--target", "4h", "--calendar", "lunar"], "there is no calendar"),
        (["--start", "2026-03-02T09:00", "--target", "4h", "--pause", "2026-03-02T10:00"], "is not FROM/TO"),
        (
            ["--start", "2026-03-02T09:00", "--target", "4h", "--pause", "2026-03-01T10:00/2026-03-02T10:00"],
            "lie apart",
        ),
    ):
        result = fresh_sqlite("due", *asked)
        assert result.exit_code == 2
        assert said in result.output


def test_a_calendar_that_never_opens_is_refused(fresh_sqlite: Baton, tmp_path: Path) -> None:
    shut = tmp_path / "shut.yaml"
    shut.write_text(
        "# Shut.\nname: shut\nversion: 1\ntitle: {zh: 停业, en: Shut}\nzone: Asia/Shanghai\nwindows: {mon-fri: []}\n",
        encoding="utf-8",
    )
    result = fresh_sqlite("due", "--calendar", str(shut), "--start", "2026-03-02T09:00", "--target", "4h")

    assert result.exit_code == 1
    assert "has no window at all" in result.output


@settings(max_examples=60, deadline=None)
@given(
    start=st.integers(0, 3 * 1440),
    cuts=st.lists(st.integers(0, 4 * 1440), min_size=4, max_size=4),
    look=st.integers(0, 9 * 1440),
    target=st.integers(1, 1200),
)
def test_elapsed_and_remaining_agree_with_a_count_of_minutes(
    start: int, cuts: list[int], look: int, target: int
) -> None:
    begin = (MONDAY + start * MINUTE).astimezone(UTC)
    marks = sorted(begin + cut * MINUTE for cut in cuts)
    pauses = [(marks[0], marks[1]), (marks[2], marks[3])]
    at = begin + look * MINUTE

    def counts(moment: datetime) -> bool:
        local = moment.astimezone(SHANGHAI)
        minute = local.hour * 60 + local.minute
        inside = any(opening <= minute < closing for opening, closing in WORKING.windows_on(local.date()))
        return inside and not any(since <= moment < until for since, until in pauses)

    used = sum(counts(begin + minute * MINUTE) for minute in range(look))
    stands = standing(begin, target * 60, pauses, at=at, calendar=WORKING, working=WORKING)

    assert (stands.elapsed, stands.remaining) == (used * 60, (target - used) * 60)


def test_a_name_is_counted_as_the_organisation_keeps_it_now_or_kept_it_then(at_office: Baton, tmp_path: Path) -> None:
    days = tmp_path / "2027.json"
    days.write_text(
        json.dumps({"year": 2027, "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": True}]}), encoding="utf-8"
    )
    at_office("calendar", "import", str(days), "--calendar", "working")
    asked = ("--start", "2026-12-31T17:00", "--target", "2h", "--calendar")
    file = str(DEFINITIONS / "calendars" / "working.yaml")
    now, before, filed = (
        answered(at_office, *asked, *more) for more in (("working",), ("working", "--version", "1"), (file,))
    )
    natural = answered(at_office, "--start", "2026-12-31T17:00", "--target", "1wd", "--calendar", "natural")
    missing = at_office("due", *asked, "working", "--version", "7")
    double = at_office("due", *asked, file, "--version", "1")
    told = at_office("due", *asked, "working", "--language", "en")

    # Friday, New Year's Day, is off in the version brought in; the one before knew nothing of it.
    assert (now["due"], now["version"], now["source"]) == ("2027-01-04T02:00:00+00:00", 2, "database")
    assert (before["due"], before["version"], before["source"]) == ("2027-01-01T02:00:00+00:00", 1, "database")
    assert (filed["due"], filed["version"], filed["source"]) == ("2027-01-01T02:00:00+00:00", 1, "file")
    assert natural["due"] == "2027-01-04T09:00:00+00:00"
    assert (missing.exit_code, double.exit_code) == (1, 2)
    assert told.output.splitlines()[0] == "Counted by Working calendar, version 2 (as the database has it)"
