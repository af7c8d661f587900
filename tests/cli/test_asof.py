"""`baton asof`: a list as of a moment, by command."""

from __future__ import annotations

from tests.cli.conftest import Baton
from tests.support.office import Office


def test_a_list_as_of_a_moment_is_printed(office: Office, at_office: Baton) -> None:
    case = office.complaint()
    office.later(hours=60)
    office.fire()

    assert case.number in at_office("asof", "overdue", "2026-03-04T20:00").stdout
    assert case.number not in at_office("asof", "overdue", "2026-03-03T20:00").stdout
    assert case.number in at_office("asof", "tasks", "2026-03-03T20:00", "--person", "anna").stdout
    assert case.number not in at_office("asof", "tasks", "2026-03-03T20:00", "--person", "ben").stdout
    assert "Anna  1 tasks, 1 overdue" in at_office("asof", "load", "2026-03-04T20:00").stdout
    assert f'"case": {case.id}' in at_office("asof", "escalations", "2026-03-04T22:00", "--json").stdout
    assert at_office("asof", "overdue", "yesterday").exit_code == 1
    assert at_office("asof", "overdue", "2026-03-04T20:00", "--person", "nobody").exit_code == 1
