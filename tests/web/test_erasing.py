"""The page on which an administrator erases: what goes, what stays, a reason, and the name a second time."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.office import Office
from tests.web.conftest import Visitor

SignIn = Callable[[str], Visitor]
SECRET = "投诉人王小明"
PAGE = "/organisation/erasing"


def test_it_shows_what_goes_and_erases_only_what_is_named_twice(sqlite_office: Office, signed_in: SignIn) -> None:
    office, root = sqlite_office, signed_in("root")
    case = office.complaint(text=SECRET)
    office.workflow.attach(case.id, "证件.txt", SECRET.encode(), actor=office.actor("anna"))
    shown = root.get(f"{PAGE}?of={case.number}").text
    assert "1个文件" in shown
    assert SECRET not in shown
    assert "证件" not in shown
    for said in ({"again": "TS9"}, {"again": ""}, {"again": case.number, "of": ""}):
        answer = root.post(PAGE, form={"of": case.number, "reason": "本人要求", **said})
        assert answer.status_code == 422
    assert root.post(PAGE, form={"of": case.number, "again": case.number, "reason": " "}).status_code == 422
    assert office.workflow.file(case.id, 1, office.actor("anna")).content is not None

    answer = root.post(PAGE, form={"of": case.number, "again": case.number, "reason": "本人要求"})

    assert answer.status_code == 302
    page = root.get(answer.headers["Location"]).text
    assert "已抹除2项" in page
    assert "没有可抹除的内容" in page
    assert "此前已抹除1项" in page
    assert office.workflow.file(case.id, 1, office.actor("anna")).content is None
    # The page of the case tells of the file, and gives none.
    anna = signed_in("anna")
    assert "证件.txt" in anna.get(f"/cases/{case.id}/").text
    assert anna.get(f"/cases/{case.id}/files/1").status_code == 404


def test_a_customer_goes_with_its_cases_where_that_is_asked_for(sqlite_office: Office, signed_in: SignIn) -> None:
    office, root = sqlite_office, signed_in("root")
    case = office.complaint(text=SECRET)
    with office.database.reading() as connection:
        number = connection.exec_driver_sql("SELECT number FROM customers").scalar_one()
    data = {"of": number, "again": number, "reason": "客户要求"}
    root.post(PAGE, form=data)
    assert office.workflow.erasable(case.number, actor=office.actor("root")).values
    root.post(PAGE, form={**data, "cases": "1"})
    assert not office.workflow.erasable(case.number, actor=office.actor("root")).values


def test_a_person_of_the_house_and_names_nobody_has(sqlite_office: Office, signed_in: SignIn) -> None:
    office, root = sqlite_office, signed_in("root")
    office.workflow.change_person(office.people["ben"], {"phone": "13900000000"}, actor=office.actor("root"))
    assert "1项" in root.get(f"{PAGE}?of=BEN").text
    root.post(PAGE, form={"of": "ben", "again": "Ben", "reason": "离职"})
    assert "没有可抹除的内容" in root.get(f"{PAGE}?of=ben").text
    for unknown in ("1", "nobody", "x" * 500):
        assert root.get(f"{PAGE}?of={unknown}").status_code == 404
    assert root.post(f"{PAGE}/file", form={"of": "ben"}).status_code == 302
