"""`baton refusals`: the same search by command."""

from __future__ import annotations

from tests.audit.test_refused import tried
from tests.cli.conftest import Baton
from tests.support.office import Office


def test_refusals_are_searched_by_command(office: Office, at_office: Baton) -> None:
    tried(office)

    closed = at_office("refusals", "--lifecycle", "complaint", "--action", "ends", "--kind", "denied").stdout

    assert [line.split("  ")[1] for line in closed.splitlines()] == ["Stranger", "Ben"]
    assert "sign_in:nobody" in at_office("refusals", "--kind", "sign_in", "--json").stdout
    assert at_office("refusals", "--until", "2026-03-01").stdout == ""
    assert at_office("refusals", "--person", "nobody").exit_code == 1
