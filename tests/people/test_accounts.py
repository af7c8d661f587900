"""Sessions and passwords in the database, on both kinds of it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.support.organisation import NOW, build
from workflow.core.errors import PasswordWeak, PersonNotFound, SignInRefused, SignInThrottled
from workflow.people.accounts import Accounts
from workflow.storage import tables as t
from workflow.storage.database import Database

PASSWORD = "tulip-harbour-1907"
OTHER = "quiet-meadow-4471"
HERE = "192.0.2.1"
SECOND = timedelta(seconds=1)


class Desk:
    """Alice at her desk, with a password."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.accounts = Accounts(database)
        self.person = build(database).persons["alice"]
        self.accounts.set_password(self.person, PASSWORD, at=NOW, must_change=False)

    def sign_in(self, password: str = PASSWORD, *, login: str = "alice", at: datetime = NOW) -> str:
        return self.accounts.sign_in(login, password, address=HERE, agent="Firefox", at=at)


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_a_session_is_found_by_its_secret_which_is_kept_nowhere(desk: Desk) -> None:
    secret = desk.sign_in()

    found = desk.accounts.session(secret, NOW)
    assert found is not None
    assert (found.person, found.must_change) == (desk.person, False)
    with desk.database.reading() as connection:
        rows = connection.execute(select(t.sessions)).all()
    assert [secret in str(row) or secret.encode() in row.token for row in rows] == [False]


@pytest.mark.parametrize("login", ["ALICE", " alice ", "Alice\t"])
def test_a_login_is_taken_as_people_type_it(desk: Desk, login: str) -> None:
    assert desk.accounts.session(desk.sign_in(login=login), NOW) is not None


@pytest.mark.parametrize(("login", "password"), [("alice", "wrong"), ("nobody", PASSWORD), ("bob", ""), ("a\0b", "\0")])
def test_a_failure_is_recorded_and_says_nothing(desk: Desk, login: str, password: str) -> None:
    with pytest.raises(SignInRefused):
        desk.sign_in(password, login=login)

    with desk.database.reading() as connection:
        assert [row.succeeded for row in connection.execute(select(t.sign_ins))] == [False]
        assert connection.execute(select(t.sessions)).first() is None


def test_after_five_failures_one_has_to_wait_and_then_may_try_again(desk: Desk) -> None:
    for _ in range(5):
        with pytest.raises(SignInRefused):
            desk.sign_in("wrong")

    with pytest.raises(SignInThrottled) as refused:
        desk.sign_in()
    wait = timedelta(seconds=float(str(refused.value.facts["seconds"])))
    assert desk.accounts.session(desk.sign_in(at=NOW + wait), NOW + wait) is not None


def test_a_session_slides_while_it_is_used_and_ends_at_its_limit(desk: Desk) -> None:
    secret, at = desk.sign_in(), NOW
    while desk.accounts.session(secret, at) is not None:
        at += timedelta(minutes=119)

    assert NOW + timedelta(days=14) <= at < NOW + timedelta(days=14, minutes=119)


def test_a_session_that_is_not_used_ends_early(desk: Desk) -> None:
    secret = desk.sign_in()

    assert desk.accounts.session(secret, NOW + timedelta(minutes=119)) is not None
    assert desk.accounts.session(secret, NOW + timedelta(minutes=119 + 120)) is None


def test_what_is_no_secret_opens_nothing(desk: Desk) -> None:
    desk.sign_in()

    assert all(desk.accounts.session(text, NOW) is None for text in ("", "x", "\0", "ä" * 10_000))


def test_a_session_is_ended_by_its_owner_only(desk: Desk) -> None:
    secret, other = desk.sign_in(), desk.sign_in()
    [first] = [one for one in desk.accounts.sessions_of(desk.person, NOW, secret=other) if not one.mine]

    desk.accounts.revoke_marked(desk.person + 1, first.mark, NOW)
    assert desk.accounts.session(secret, NOW) is not None
    desk.accounts.revoke_marked(desk.person, first.mark, NOW)
    assert desk.accounts.session(secret, NOW) is None
    desk.accounts.revoke(other, NOW)
    assert desk.accounts.sessions_of(desk.person, NOW) == ()


def test_a_new_password_ends_every_other_session(desk: Desk) -> None:
    here, there = desk.sign_in(), desk.sign_in()

    desk.accounts.change_password(desk.person, current=PASSWORD, fresh=OTHER, secret=here, address=HERE, at=NOW)

    assert desk.accounts.session(here, NOW) is not None
    assert desk.accounts.session(there, NOW) is None
    with pytest.raises(SignInRefused):
        desk.sign_in(PASSWORD)
    assert desk.accounts.session(desk.sign_in(OTHER), NOW) is not None


def test_a_password_is_not_changed_without_the_old_one_or_for_a_weak_one(desk: Desk) -> None:
    with pytest.raises(SignInRefused):
        desk.accounts.change_password(desk.person, current="wrong", fresh=OTHER, secret="", address=HERE, at=NOW)
    with pytest.raises(PasswordWeak) as weak:
        desk.accounts.change_password(desk.person, current=PASSWORD, fresh="alice", secret="", address=HERE, at=NOW)

    assert "short" in weak.value.facts["reasons"]  # type: ignore[operator]
    assert desk.accounts.session(desk.sign_in(), NOW) is not None


def test_an_open_session_is_no_place_to_guess_the_password_at(desk: Desk) -> None:
    here = desk.sign_in()
    for _ in range(5):
        with pytest.raises(SignInRefused):
            desk.accounts.change_password(
                desk.person, current="wrong", fresh=OTHER, secret=here, address=HERE, at=NOW + SECOND
            )

    with pytest.raises(SignInThrottled):
        desk.accounts.change_password(
            desk.person, current=PASSWORD, fresh=OTHER, secret=here, address=HERE, at=NOW + SECOND
        )
    later = NOW + timedelta(seconds=12)
    desk.accounts.change_password(desk.person, current=PASSWORD, fresh=OTHER, secret=here, address=HERE, at=later)


def test_nobody_gets_no_password(desk: Desk) -> None:
    with pytest.raises(PersonNotFound):
        desk.accounts.set_password(9_999, PASSWORD, at=datetime(2026, 1, 1, tzinfo=UTC))
