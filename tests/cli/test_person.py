"""`baton person`: people where the pages cannot be reached."""

from pathlib import Path

import pytest

from tests.cli.conftest import PASSWORD, Baton, parsed
from tests.support.office import Office
from workflow.core.errors import SignInRefused
from workflow.people.accounts import Accounts


def sign_in(office: Office, login: str, password: str) -> bool:
    """Whether the password has to be changed. Raises SignInRefused."""
    accounts = Accounts(office.database)
    secret = accounts.sign_in(login, password, address="::1", agent="", at=office.now)
    session = accounts.session(secret, office.now)
    assert session is not None
    return session.must_change


def test_a_person_is_added_with_roles_and_a_first_password(at_sqlite_office: Baton, sqlite_office: Office) -> None:
    done = at_sqlite_office(
        "person", "add", "LiMei", "--name-zh", "李梅", "--unit", "city",
        "--role", "account_manager", "--role", "supervisor", "--json",
    )  # fmt: skip

    assert done.exit_code == 0, done.output
    added = parsed(done)
    assert added["login"] == "limei"
    person = sqlite_office.workflow.directory().person(added["id"])
    assert person is not None
    assert (person.name.zh, person.name.en) == ("李梅", "李梅")
    assert sign_in(sqlite_office, "limei", added["password"])


def test_a_password_from_a_file_is_not_printed(
    at_sqlite_office: Baton, sqlite_office: Office, password_file: Path
) -> None:
    done = at_sqlite_office("person", "add", "limei", "--name-zh", "李梅", "--password-file", str(password_file))

    assert PASSWORD not in done.output
    assert sign_in(sqlite_office, "limei", PASSWORD)


def test_a_login_that_is_taken_is_refused_in_a_sentence(at_sqlite_office: Baton) -> None:
    refused = at_sqlite_office("person", "add", "Anna", "--name-zh", "安娜")

    assert refused.exit_code == 1
    assert refused.stderr == "baton: The login “Anna” is taken.\n"


def test_an_unknown_unit_is_answered_with_those_there_are(at_sqlite_office: Baton, sqlite_office: Office) -> None:
    refused = at_sqlite_office("person", "add", "x", "--name-zh", "某", "--unit", "sity", "--role", "supervisor")

    assert refused.exit_code == 1
    assert "city, county, other, province, works" in refused.stderr
    assert "x" not in [person.login for person in sqlite_office.workflow.directory().persons.values()]


def test_a_role_needs_a_unit(at_sqlite_office: Baton) -> None:
    assert at_sqlite_office("person", "add", "x", "--name-zh", "某", "--role", "supervisor").exit_code == 2


def test_a_new_password_replaces_the_old_one(
    at_sqlite_office: Baton, sqlite_office: Office, password_file: Path
) -> None:
    at_sqlite_office("person", "passwd", "anna", "--password-file", str(password_file))
    done = at_sqlite_office("person", "passwd", "anna")

    fresh = done.stdout.partition("First password: ")[2].split()[0]
    assert sign_in(sqlite_office, "anna", fresh)
    with pytest.raises(SignInRefused):
        sign_in(sqlite_office, "anna", PASSWORD)


def test_nobody_has_that_login(at_sqlite_office: Baton) -> None:
    refused = at_sqlite_office("person", "passwd", "nobody")

    assert refused.exit_code == 1
    assert refused.stderr == "baton: There is nobody with the login nobody.\n"
