"""`baton calendar` brings in days off and gives units their own calendars."""

import json
from pathlib import Path

from tests.cli.conftest import Baton
from tests.support.office import Office

NEW_YEAR = {"year": 2027, "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": True}]}


def test_the_next_year_is_brought_in_once(at_office: Baton, tmp_path: Path) -> None:
    file = tmp_path / "2027.json"
    file.write_text(json.dumps(NEW_YEAR), encoding="utf-8")

    first = at_office("calendar", "import", str(file), "--calendar", "working")
    second = at_office("calendar", "import", str(file), "--calendar", "working")
    listed = at_office("calendar", "list")

    assert (first.exit_code, first.output) == (0, "working  2\n")
    assert second.exit_code == 1
    assert "it says what the present one says" in second.output
    assert [line.split()[:2] for line in listed.output.splitlines()] == [["mornings", "1"], ["working", "2"]]
    assert listed.output.splitlines()[1].endswith("2027")


def test_a_unit_is_given_a_calendar_of_its_own(at_office: Baton, office: Office, tmp_path: Path) -> None:
    file = tmp_path / "2027.json"
    file.write_text(json.dumps(NEW_YEAR), encoding="utf-8")
    made = at_office("calendar", "import", str(file), "--calendar", "working", "--as-new", "county")
    given = at_office("calendar", "give", "county", "county")
    taken = at_office("calendar", "give", "city", "lunar")

    assert (made.output, given.exit_code, taken.exit_code) == ("county  1\n", 0, 1)
    directory = office.workflow.directory()
    assert directory.calendar_of(office.units["county"]) == "county"
    assert directory.calendar_of(office.units["city"]) == "working"


def test_what_is_no_calendar_is_refused_in_a_sentence(at_office: Baton, tmp_path: Path) -> None:
    file = tmp_path / "days.txt"
    file.write_text("1 January", encoding="utf-8")

    unreadable = at_office("calendar", "import", str(file), "--calendar", "working")
    unknown = at_office("calendar", "import", str(file), "--calendar", "lunar")
    unnamed = at_office("calendar", "import", str(file), "--calendar", "working", "--as-new", "Not A Name")

    assert "neither an iCalendar file nor a list of days off" in unreadable.output
    assert "no calendar “lunar”" in unknown.output
    assert (unreadable.exit_code, unknown.exit_code, unnamed.exit_code) == (1, 1, 1)
