"""`baton control`: controls by command, with an exit code for whoever calls it each morning."""

from __future__ import annotations

from tests.cli.conftest import Baton
from tests.support.office import Office


def test_controls_are_run_for_a_period_and_exceptions_end_with_one(office: Office, at_office: Baton) -> None:
    case = office.complaint()
    office.later(hours=60)
    office.fire()

    listed = at_office("control", "list").stdout
    found = at_office("control", "run", "answered_in_time", "visit_form_next_morning")
    before = at_office("control", "run", "answered_in_time", "--until", "2026-02-28")

    assert "answered_in_time" in listed
    assert "not run yet" in listed
    assert found.exit_code == 1
    assert f"{case.number} step " in found.stdout
    assert "Visit forms filed by the next morning: 0 exceptions among 0" in found.stdout
    assert (before.exit_code, before.stdout) == (
        0, "Every complaint answered in 48 hours: 0 exceptions among 0\n",
    )  # fmt: skip
    assert '"number": "' + case.number in at_office("control", "run", "answered_in_time", "--json").stdout
    assert at_office("control", "run", "no_such").exit_code == 1
