"""A customer's file: what stands in it, who may read what of it, and changing it with a reason."""

from collections.abc import Callable

import pytest

from tests.support.office import Office
from tests.web.conftest import Visitor, hidden
from workflow.core.errors import CustomerKnown
from workflow.core.step import SYSTEM

Enter = Callable[[str], Visitor]
PHONE = "13800001111"
CONTACTS = f"赵主任 {PHONE}"


@pytest.fixture
def file(sqlite_office: Office) -> str:
    sqlite_office.workflow.change_customer(sqlite_office.customer, {"contacts": CONTACTS}, actor=SYSTEM)
    return f"/customers/{sqlite_office.customer}/"


def kinds(office: Office) -> list[tuple[int | None, str]]:
    with office.database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT person_id, kind FROM reads ORDER BY id").all()
    return [(row[0], row[1]) for row in rows]


def change(visitor: Visitor, page: str, **form: str) -> str:
    """Send the form as it is shown, but for what is given. Gives the page that answers."""
    shown = visitor.get(f"{page}edit").text
    names = ("name_zh", "name_en", "credit_code", "industry", "address")
    held = {name: hidden_value(shown, name) for name in names}
    sent = {"key": hidden(shown, "key"), "seen": hidden(shown, "seen"), "reason": "客户来函", **held, **form}
    answer = visitor.post(f"{page}edit", sent)
    return visitor.get(answer.headers["Location"]).text if answer.status_code == 302 else answer.text


def hidden_value(page: str, name: str) -> str:
    found = page.split(f'name="{name}"')[1].split(">", maxsplit=1)[0]
    return found.split('value="')[1].split('"')[0] if 'value="' in found else ""


def test_who_reads_a_file_is_kept_once_a_day(sqlite_office: Office, signed_in: Enter, file: str) -> None:
    anna = signed_in("anna")

    for _ in range(3):
        assert anna.get(file).status_code == 200

    assert kinds(sqlite_office) == [(sqlite_office.people["anna"], "customer.file")]
    assert "anna员" in anna.get(file).text.split('id="looks"')[1]


def test_contacts_are_shown_when_asked_for_and_that_is_kept(sqlite_office: Office, signed_in: Enter, file: str) -> None:
    clerk = signed_in("clerk")
    assert PHONE not in clerk.get(file).text

    shown = clerk.post(f"{file}contacts").text

    assert "赵主任" in shown
    assert PHONE in shown
    assert (sqlite_office.people["clerk"], "customer.personal") in kinds(sqlite_office)
    assert PHONE not in clerk.get(file).text


def test_who_is_not_involved_sees_no_contacts_and_has_not_read_them(
    sqlite_office: Office, signed_in: Enter, file: str
) -> None:
    auditor = signed_in("auditor")

    shown = auditor.post(f"{file}contacts").text

    assert PHONE not in shown
    assert [kind for _, kind in kinds(sqlite_office)] == ["customer.file"]


def test_a_stranger_finds_no_file_and_none_to_change(signed_in: Enter, file: str) -> None:
    stranger = signed_in("stranger")

    assert stranger.get(file).status_code == 404
    assert stranger.post(f"{file}contacts").status_code == 404
    assert stranger.get(f"{file}edit").status_code == 404
    assert stranger.post(f"{file}edit", {"name_zh": "x", "reason": "y"}).status_code == 404


def test_a_change_is_kept_with_its_reason_and_leaves_contacts_alone(
    sqlite_office: Office, signed_in: Enter, file: str
) -> None:
    clerk = signed_in("clerk")

    shown = change(clerk, file, industry="仓储")

    assert "档案已更改" in shown
    assert "仓储" in shown
    assert "客户来函" in shown
    assert PHONE in clerk.post(f"{file}contacts").text
    [*_, step] = sqlite_office.workflow.history(sqlite_office.customer, sqlite_office.actor("clerk"))
    assert [body for op, body in step.ops if op == "set"] == [{"industry": "仓储"}]


def test_a_change_without_a_reason_or_of_what_moved_on_is_refused(
    sqlite_office: Office, signed_in: Enter, file: str
) -> None:
    clerk = signed_in("clerk")
    before = sqlite_office.count("steps")

    assert "仓储" in change(clerk, file, industry="仓储", reason=" ")
    assert "请再看一遍" in change(clerk, file, industry="仓储", seen="1")
    assert "没有更改任何内容" in change(clerk, file)

    assert sqlite_office.count("steps") == before


def test_the_name_of_another_customer_is_refused_and_leads_to_it(
    sqlite_office: Office, signed_in: Enter, file: str
) -> None:
    other = sqlite_office.register("远帆网络有限公司")
    number = sqlite_office.workflow.customer(other, sqlite_office.actor("clerk")).row.number
    clerk = signed_in("clerk")

    shown = change(clerk, file, name_zh="远帆网络股份有限公司")

    assert f"/customers/?q={number}" in shown
    with pytest.raises(CustomerKnown):
        sqlite_office.workflow.change_customer(
            sqlite_office.customer, {"name_zh": "远帆网络有限责任公司"}, actor=sqlite_office.actor("clerk")
        )
    assert "档案已更改" in change(clerk, file, name_zh="青云数据股份有限公司")


def test_the_file_says_since_when_and_who_may_see_it(sqlite_office: Office, signed_in: Enter, file: str) -> None:
    sqlite_office.workflow.change_customer(sqlite_office.customer, {"tier": "diamond"}, actor=SYSTEM)
    shown = signed_in("director").get(file).text

    assert "此前：黄金" in shown
    sights = shown.split('id="sights"')[1].split("</section>")[0]
    assert "director员" in sights
    assert "auditor员" in sights
    assert "stranger员" not in sights
