"""`baton lateness`: the figures of the running system, for people and for programs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.cli.conftest import Baton, parsed
from tests.support.office import Office
from workflow.storage import lateness
from workflow.storage.lateness import Measured


def test_the_figures_are_printed_in_a_table_and_as_json(office: Office, at_office: Baton) -> None:
    assert at_office("lateness", "--language", "en").stdout == "Nothing has happened by itself in these days.\n"
    due = datetime.now(UTC) - timedelta(seconds=20)
    measured = [
        Measured(stage, "rung", due, due + timedelta(seconds=length), "busy")
        for stage in ("fired", "committed")
        for length in [0.25] * 98 + [2.0, 9.0]
    ]
    measured.append(Measured("sent", "mail", due - timedelta(hours=3), due, "held"))
    with office.database.writing() as connection:
        lateness.add(connection, measured)

    zh = at_office("lateness", "--days", "2").stdout
    en = at_office("lateness", "--language", "en").stdout
    found = parsed(at_office("lateness", "--json"))

    assert "     100     250 ms     250 ms        2 s        9 s  due → kept · Reminders, breaches, escalations" in en
    assert "        1        3 h        3 h        3 h        3 h  decided → sent · E-mail · wanted later" in en
    assert "到期→写入 · 全部定时" in zh
    [row] = [row for row in found["total"] if (row["stage"], row["kind"]) == ("committed", "all")]
    assert row == {
        "stage": "committed", "kind": "all", "cause": "busy", "count": 100,
        "p50": 0.25, "p95": 0.25, "p99": 2.0, "max": 9.0,
    }  # fmt: skip
    assert len(found["days"]) == 7
    assert sum(one["count"] for one in found["distribution"]["fired"]) == 100
    assert at_office("lateness", "--days", "0").exit_code == 2
