"""A database that cannot do it now is said, and nothing is lost."""

from collections.abc import Callable

import pytest
from sqlalchemy import event, text

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


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "数据库所在的磁盘已满，没有做任何改动"), ("en", "The disk of the database is full.")]
)
def test_a_full_disk_is_told_in_the_readers_language_and_room_is_enough(
    sqlite_office: Office, signed_in: Callable[[str], Visitor], language: str, said: str
) -> None:
    office = sqlite_office
    case = office.complaint()
    office.workflow.change_person(office.people["anna"], {"language": language}, actor=office.actor("anna"))
    visitor = signed_in("anna")
    page = f"/cases/{case.id}/"
    shown = visitor.get(page).status_code
    most = [1]
    event.listen(
        office.database.engine,
        "checkout",
        lambda driver, *_: driver.execute(f"PRAGMA max_page_count = {most[0]}").close(),
    )
    typed = {"comment": "您好" * 900}

    answers = [visitor.post(f"/cases/{case.id}/comments", typed, page=page) for _ in range(60)]
    refused = next(one for one in answers if one.status_code == 503)

    assert said in refused.text
    assert "Traceback" not in refused.text
    assert visitor.get(page).status_code == shown == 200
    most[0] = 2**31
    assert visitor.post(f"/cases/{case.id}/comments", typed, page=page).status_code < 400
