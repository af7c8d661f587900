"""Everything is verified when somebody asks: once, by one scheduler, whoever is killed meanwhile; and it is history."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.histories import Histories
from tests.support.office import Office
from workflow.audit.log import keeper as keeping
from workflow.audit.log.keeper import Keeper
from workflow.core.errors import NotPermitted, VerificationWaiting
from workflow.service.organisation import BOOK
from workflow.service.verifying import Verifying
from workflow.settings import Seal, Settings
from workflow.storage import housekeeping, verifying
from workflow.storage.errors import StorageUnavailable

SILENCE = Settings().scheduler.silence


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(seal=Seal(key=tmp_path / "seal.key"))


def stands(office: Office) -> Verifying:
    return office.workflow.verification(office.actor("auditor"), silence=SILENCE)


def alive(office: Office, *schedulers: str, started: datetime | None = None) -> None:
    with office.database.writing() as connection:
        for one in schedulers:
            housekeeping.beat(connection, one, started=started or office.now, at=office.now, gap=SILENCE)


def reports(office: Office) -> list[dict[str, Any]]:
    with office.database.reading() as connection:
        return [
            json.loads(one)
            for one in connection.exec_driver_sql("SELECT report FROM verifications ORDER BY id").scalars()
        ]


def test_who_asks_has_everything_verified_once_and_it_is_history(office: Office, settings: Settings) -> None:
    door, auditor = office.workflow, office.actor("auditor")
    cases = [office.complaint().id for _ in range(8)]
    with office.database.writing() as connection:
        # In no log and no chain: only whoever looks for every case in the lists finds all of them.
        assert connection.exec_driver_sql("DELETE FROM participants WHERE case_id > 2").rowcount >= len(cases)
    for login in ("anna", "supervisor", "root"):
        with pytest.raises(NotPermitted):
            door.ask_verification(actor=office.actor(login))
    keeper = Keeper(door, settings, name="one")
    assert keeper.verify(nights=False) is None
    assert (stands(office).underway, stands(office).alive, stands(office).last) == (None, False, None)

    seq = door.ask_verification(actor=auditor)

    step = door.history(BOOK, auditor)[-1]
    assert (step.seq, step.trigger, step.actor.id if step.actor else None) == (seq, "ask_verification", auditor.person)
    waits = stands(office).underway
    assert waits is not None
    assert (waits.run.stage, waits.held, waits.by.id if waits.by else None) == ("waiting", False, auditor.person)
    refused = office.count("refusals")
    for login in ("auditor", "director"):
        with pytest.raises(VerificationWaiting):
            door.ask_verification(actor=office.actor(login))
    assert (office.count("refusals"), office.count("verifying")) == (refused + 2, 1)

    asked = office.now
    office.later(seconds=5)
    found = keeper.verify(nights=False)

    assert found is not None
    assert {one.case for one in found.damages if one.kind == "lists"} >= set(cases)
    assert stands(office).underway is None
    assert reports(office)[-1]["asked"] == {"by": auditor.person, "at": asked.isoformat()}
    assert keeper.verify(nights=False) is None
    # What came after 03:00 is this night's; the next night's was asked for by nobody, and takes a share.
    assert keeper.verify() is None
    office.later(days=1)
    share = keeper.verify()
    assert share is not None
    assert 0 < sum(one.kind == "lists" for one in share.damages) < len(cases)
    assert "asked" not in reports(office)[-1]
    assert office.count("verifications") == 2
    assert next(one for one in Histories(office).verdicts() if one.case == BOOK).holds


def test_of_many_schedulers_one_verifies(office: Office, settings: Settings) -> None:
    office.workflow.ask_verification(actor=office.actor("director"))
    names = ["one", "two", "three", "four"]
    alive(office, *names)
    ready, told = threading.Barrier(len(names)), []

    def look(name: str) -> None:
        keeper = Keeper(office.workflow, settings, name=name)
        ready.wait()
        told.append(keeper.verify())

    threads = [threading.Thread(target=look, args=(name,)) for name in names]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert len([one for one in told if one is not None]) == 1
    assert (office.count("verifications"), office.count("verifying")) == (1, 0)


class Killed(BaseException):
    """As a process that is no more."""


def test_what_was_begun_by_one_that_died_is_begun_again_by_the_next(
    office: Office, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    door, auditor = office.workflow, office.actor("auditor")
    one, two = Keeper(door, settings, name="one"), Keeper(door, settings, name="two")
    alive(office, "one", "two")
    office.later(seconds=1)
    door.ask_verification(actor=auditor)
    with monkeypatch.context() as cut:
        cut.setattr(keeping, "verify", lambda *_, **__: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            one.verify()
    run = stands(office).underway
    assert run is not None
    assert (run.run.scheduler, run.run.stage, run.held) == ("one", "steps", True)
    with pytest.raises(VerificationWaiting):
        door.ask_verification(actor=auditor)

    # While it gives signs of life nobody else is at it; not so when it is silent, or was started anew.
    assert two.verify() is None
    office.later(seconds=SILENCE.total_seconds())
    alive(office, "two", started=office.now - SILENCE)
    left = stands(office)
    assert left.underway is not None
    assert (left.underway.held, left.alive) == (False, True)
    with monkeypatch.context() as cut:
        cut.setattr(keeping, "verify", lambda *_, **__: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            two.verify()
    assert one.verify() is None, "the other one is at it now"
    office.later(seconds=1)
    alive(office, "one", "two")
    assert one.verify() is not None, "and was started anew since"
    assert reports(office)[-1]["asked"]["by"] == auditor.person
    assert (office.count("verifications"), office.count("verifying")) == (1, 0)

    # A sign of life still to come, which anybody may write, keeps nothing from being verified.
    door.ask_verification(actor=auditor)
    with office.database.writing() as connection:
        verifying.begin(connection, scheduler="none", at=office.now, night=None, silence=SILENCE)
        housekeeping.beat(
            connection, "none", started=office.now, at=office.now + timedelta(days=99), gap=timedelta(days=999)
        )
    assert two.verify() is not None


def test_one_that_is_stopped_overtaken_or_fails_leaves_it_to_the_next(
    office: Office, settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    door, auditor, stopping = office.workflow, office.actor("auditor"), threading.Event()
    one, two = Keeper(door, settings, name="one", stopping=stopping), Keeper(door, settings, name="two")
    alive(office, "one", "two")
    door.ask_verification(actor=auditor)
    stopping.set()
    assert one.verify() is None
    waits = stands(office).underway
    assert waits is not None
    assert (waits.run.stage, waits.run.began, waits.by is not None) == ("waiting", None, True)

    # One that was thought dead goes on to its next sign, and no further.
    stopping.clear()
    tell, runs = type(door).tell_verification, []

    def overtaken(self: Any, run: Any, stage: Any, done: int, whole: int) -> bool:
        if not runs:
            runs.append(stage)
            with office.database.writing() as connection:
                connection.exec_driver_sql("UPDATE verifying SET scheduler = 'two'")
        return tell(self, run, stage, done, whole)

    with monkeypatch.context() as cut:
        cut.setattr(type(door), "tell_verification", overtaken)
        assert one.verify() is None
    assert office.count("verifications") == 0
    office.later(seconds=1)

    with monkeypatch.context() as cut:
        cut.setattr(keeping, "verify", lambda *_, **__: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            two.verify()
    failed = stands(office).underway
    assert failed is not None
    assert failed.run.stage == "failed"
    assert two.verify() is None, "not over and over"
    office.later(minutes=10)

    # How far it is cannot always be written down; what it finds is not lost for that.
    def busy(*_: object) -> bool:
        raise StorageUnavailable(reason="busy", detail="others")

    with monkeypatch.context() as cut:
        cut.setattr(type(door), "tell_verification", busy)
        assert two.verify() is not None
    assert "could not be written down" in caplog.text
    assert (office.count("verifications"), office.count("verifying")) == (1, 0)


def test_how_far_it_is_can_be_seen_while_it_goes_on(
    sqlite_office: Office, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = sqlite_office
    office.complaint()
    office.workflow.ask_verification(actor=office.actor("auditor"))
    monkeypatch.setattr("workflow.audit.log.chains.EVERY", 5)
    monkeypatch.setattr(keeping, "TOLD_EVERY", 0.0)
    seen: list[tuple[str, int, int]] = []
    tell = type(office.workflow).tell_verification

    def told(self: Any, run: Any, stage: Any, done: int, whole: int) -> bool:
        kept = tell(self, run, stage, done, whole)
        underway = stands(office).underway
        assert underway is not None
        seen.append((underway.run.stage, underway.run.done, underway.run.whole))
        return kept

    monkeypatch.setattr(type(office.workflow), "tell_verification", told)
    report = Keeper(office.workflow, settings, name="one").verify()

    assert report is not None
    steps = [("steps", n, report.steps) for n in range(5, report.steps + 1, 5)]
    assert seen == [*steps, ("beside", 0, 0), ("lists", 0, report.cases), ("lists", report.cases, report.cases)]
    assert len(steps) > 3
