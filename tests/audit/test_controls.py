"""Controls each night, once however many schedulers there are; and what somebody asks for is kept."""

from __future__ import annotations

import time
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest

from tests.support.office import Office, library
from workflow.audit.controls.runs import at_once, nightly
from workflow.settings import Settings
from workflow.storage import controls as kept
from workflow.storage.database import Database

ZONE = Settings().display.zone


def late(office: Office) -> int:
    """A complaint that is past its 48 hours."""
    case = office.complaint()
    office.later(hours=60)
    office.fire()
    return int(case.id)


def run(office: Office, database: Database | None = None) -> dict[str, Any] | None:
    return nightly(database or office.database, library(), now=lambda: office.now, zone=ZONE)


def newest(office: Office) -> dict[str, kept.ControlRun]:
    with office.database.reading() as connection:
        return kept.newest(connection)


def test_each_night_has_one_run_of_each_control_and_the_trend_stays(office: Office) -> None:
    first = late(office)

    assert run(office) is not None
    assert run(office) is None
    office.workflow.perform(first, "answer", actor=office.actor("anna"), form={"reply": "已补送"})
    late(office)
    office.later(days=1)
    assert run(office) is not None

    with office.database.reading() as connection:
        nights = kept.nights(connection, "answered_in_time", limit=9)
    assert [(one.looked, one.exceptions, one.since) for one in nights] == [(1, 1, None), (2, 2, None)]
    assert {name: one.exceptions for name, one in newest(office).items() if one.exceptions} == {"answered_in_time": 2}
    assert len(newest(office)) == len(library().controls)
    # What did not hold in earlier nights is listed by the last one.
    assert office.count("control_exceptions") == 2


def test_of_several_schedulers_at_once_one_writes_the_night(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    late(office)
    keep = kept.keep

    def slowly(*given: Any) -> int:
        time.sleep(0.05)
        return keep(*given)

    monkeypatch.setattr(kept, "keep", slowly)
    databases = [Database(office.database.url.render_as_string(hide_password=False)) for _ in range(3)]
    start, done = Barrier(3), []

    def one(database: Database) -> None:
        start.wait()
        done.append(run(office, database))

    threads = [Thread(target=one, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for database in databases:
        database.dispose()

    assert sum(1 for found in done if found is not None) == 1
    assert office.count("control_runs") == len(library().controls)


def test_what_somebody_asks_for_is_of_a_period_and_is_kept_through_the_nights(office: Office) -> None:
    late(office)
    office.later(minutes=1)
    (control,) = [one for one in library().controls if one.name == "answered_in_time"]
    given = {"now": lambda: office.now, "zone": ZONE, "person": office.people["auditor"]}
    whole = at_once(office.database, library(), [control], **given)
    before = at_once(office.database, library(), [control], until=office.now - timedelta(days=2), **given)
    run(office)
    office.later(days=2)
    run(office)

    with office.database.reading() as connection:
        asked = kept.asked(connection, "answered_in_time", limit=9)
        rows = connection.exec_driver_sql(
            f"SELECT count(*) FROM control_exceptions WHERE run_id = {whole['answered_in_time']}"
        ).scalar_one()
    assert [(one.id, one.looked, one.exceptions) for one in asked] == [
        (before["answered_in_time"], 1, 0), (whole["answered_in_time"], 1, 1),
    ]  # fmt: skip
    assert {one.person for one in asked} == {office.people["auditor"]}
    assert rows == 1
