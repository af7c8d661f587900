"""Old rows go, in portions; what may still be asked for stays."""

from datetime import timedelta

import pytest

from tests.support.office import MONDAY, Office
from workflow.people.accounts import Accounts
from workflow.scheduler.broom import sweep_out
from workflow.storage import housekeeping

LATER = MONDAY + timedelta(days=60)


@pytest.fixture
def accounts(office: Office) -> Accounts:
    accounts = Accounts(office.database, lasts=timedelta(days=14), idle=timedelta(days=14))
    accounts.set_password(office.people["anna"], "tall-river-uncle-42-pines", at=MONDAY, must_change=False)
    return accounts


def sign_in(accounts: Accounts, *, days: int) -> str:
    at = MONDAY + timedelta(days=days)
    return accounts.sign_in("anna", "tall-river-uncle-42-pines", address="10.0.0.1", agent="", at=at)


def test_sessions_long_ended_go_and_living_ones_stay(office: Office, accounts: Accounts) -> None:
    sign_in(accounts, days=0)
    living = sign_in(accounts, days=59)

    assert sweep_out(office.database, LATER) == 1

    assert accounts.session(living, LATER) is not None
    assert office.count("sessions") == 1


def test_sqlite_is_let_know_how_its_tables_are_filled(office: Office) -> None:
    for _ in range(3):
        office.complaint()
    sweep_out(office.database, LATER)
    if office.database.dialect == "sqlite":
        with office.database.reading() as connection:
            rows = connection.exec_driver_sql("SELECT idx, stat FROM sqlite_stat1")
            assert {row.idx: row.stat for row in rows}["ix_tasks_inbox"].split()[0] == "3"


def test_sessions_that_were_ended_by_hand_go_after_a_while(office: Office, accounts: Accounts) -> None:
    secret = sign_in(accounts, days=0)
    accounts.revoke(secret, MONDAY + timedelta(days=1))

    assert sweep_out(office.database, MONDAY + timedelta(days=30)) == 0
    assert sweep_out(office.database, MONDAY + timedelta(days=32)) == 1


def test_more_than_one_portion_goes(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "AT_ONCE", 2)
    for n in range(5):
        office.workflow.comment(office.complaint().id, "好", actor=office.actor("anna"), key=f"key-{n}")
    fresh = office.workflow.comment(
        office.complaint().id, "好", actor=office.actor("anna"), at=LATER - timedelta(days=1), key="fresh"
    )

    assert sweep_out(office.database, LATER) == 5

    assert office.count("idempotency") == 1
    assert fresh.seq > 0


def test_the_last_sign_of_life_is_never_swept_out(office: Office) -> None:
    gap = timedelta(days=1)
    for name, days in (("first", 0), ("second", 1)):
        with office.database.writing() as connection:
            at = MONDAY + timedelta(days=days)
            housekeeping.beat(connection, name, started=at, at=at, gap=gap)

    sweep_out(office.database, MONDAY + timedelta(days=400))

    with office.database.reading() as connection:
        assert housekeeping.last_beat(connection) == MONDAY + timedelta(days=1)
    assert office.count("heartbeats") == 1
