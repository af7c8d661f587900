"""What is put beside a case from its pages: comments that name people, and files."""

from collections.abc import Callable
from io import BytesIO

from tests.support.office import Office
from tests.web.conftest import Visitor, hidden

Enter = Callable[[str], Visitor]


def test_who_is_named_in_a_comment_is_told(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    anna = signed_in("anna")

    assert anna.post(f"/cases/{case.id}/comments", {"comment": "@ben员请核实，@supervisor 知悉"}).status_code == 302

    for login in ("ben", "supervisor"):
        kinds = [row.kind for row in sqlite_office.workflow.notices(sqlite_office.actor(login)).rows]
        assert kinds.count("mentioned") == 1
    assert "mentioned" not in [row.kind for row in sqlite_office.workflow.notices(sqlite_office.actor("clerk")).rows]


def test_naming_somebody_who_may_not_see_the_case_is_refused_with_what_was_typed(
    sqlite_office: Office, signed_in: Enter
) -> None:
    case = sqlite_office.complaint()
    steps, refusals = sqlite_office.count("steps"), sqlite_office.count("refusals")

    answer = signed_in("anna").post(f"/cases/{case.id}/comments", {"comment": "@carl员请看"})

    assert answer.status_code == 422
    assert "carl员看不到本事项" in answer.text
    assert "@carl员请看</textarea>" in answer.text
    assert (sqlite_office.count("steps"), sqlite_office.count("refusals")) == (steps, refusals + 1)


def test_those_are_suggested_who_may_be_named_and_nobody_else(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()

    found = signed_in("anna").get(f"/cases/{case.id}/mentionable").get_json()

    logins = [one["login"] for one in found]
    assert {"ben", "supervisor", "director"} <= set(logins)
    assert not {"anna", "carl", "stranger"} & set(logins)
    assert found[0]["login"] == "ben"
    for login in logins:
        assert signed_in(login).get(f"/cases/{case.id}/").status_code == 200, login
    assert signed_in("carl").get(f"/cases/{case.id}/mentionable").status_code == 404


def test_several_files_are_added_at_once_and_once(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    anna = signed_in("anna")
    page = anna.get(f"/cases/{case.id}/tasks/1/?from=mine").text
    assert 'name="file" multiple' in page
    form = {"key": hidden(page, "key"), "next": hidden(page, "next")}

    for _ in range(2):
        files = [(BytesIO(b"one"), "甲.txt"), (BytesIO(b"two"), "乙.txt")]
        answer = anna.post(f"/cases/{case.id}/files", {**form, "file": files})
        assert answer.headers["Location"] == f"/cases/{case.id}/tasks/1/?from=mine#files"

    found = sqlite_office.workflow.case(case.id, sqlite_office.actor("anna")).files
    assert sorted(one.name for one in found) == ["乙.txt", "甲.txt"]


def test_of_files_of_which_one_is_too_large_none_is_added(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    anna = signed_in("anna")
    sqlite_office.workflow.most_file_bytes = 5

    assert "5 B" in anna.get(f"/cases/{case.id}/").text
    for unfit, status in ((b"too long", 413), (b"", 422)):
        files = [(BytesIO(b"fits"), "甲.txt"), (BytesIO(unfit), "乙.txt")]
        assert anna.post(f"/cases/{case.id}/files", {"file": files}).status_code == status
    assert sqlite_office.count("files") == 0
