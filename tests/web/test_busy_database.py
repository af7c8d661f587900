"""A database that cannot do it now is said, and nothing is lost."""

from collections.abc import Callable

from sqlalchemy import text

from tests.support.office import Office
from tests.web.conftest import Visitor
from workflow.storage.database import Database


def test_a_busy_database_is_told_as_a_page_to_try_again(
    sqlite_office: Office, signed_in: Callable[[str], Visitor]
) -> None:
    case = sqlite_office.complaint()
    visitor = signed_in("anna")
    other = Database(str(sqlite_office.database.url))
    sqlite_office.database.lock_timeout = 0.1

    with other.writing() as connection:
        connection.execute(text("DELETE FROM heartbeats"))
        answer = visitor.post(f"/cases/{case.id}/comments", {"comment": "您好"}, page=f"/cases/{case.id}/")

    other.dispose()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Traceback" not in answer.text
    assert len(sqlite_office.workflow.history(case.id, sqlite_office.actor("anna"))) == 1
