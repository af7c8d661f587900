"""Putting customers on file without doubles, their people, branches and levels, and merging two records."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.office import Office
from tests.web.conftest import Visitor, hidden
from workflow.core.step import SYSTEM

Enter = Callable[[str], Visitor]
PEOPLE = [{"name": "赵敏", "role": "总监", "phone": "13800001111", "birthday": "02-29", "decides": "yes"}]


def form(visitor: Visitor, page: str = "/customers/new", **given: str) -> dict[str, str]:
    return {"key": hidden(visitor.get(page).text, "key"), "confidentiality": "internal", **given}


def typed(**given: str) -> dict[str, str]:
    return {"name_zh": "", "division": "440106", "confidentiality": "internal", **given}


def test_while_a_name_is_typed_it_is_told_who_holds_it_since_when_and_until_when(
    sqlite_office: Office, signed_in: Enter
) -> None:
    """Domain §4.1(2), 003 §4.3(1)1; masked for who may not read the file."""
    until = int(sqlite_office.now.timestamp() * 1e6) + 40 * 86_400 * 1_000_000
    sqlite_office.register("海棠旅行社有限公司", contacts=PEOPLE, stage="developing", until=until)
    carl, anna = signed_in("carl"), signed_in("anna")

    shown = carl.post("/customers/alike", typed(name_zh="海棠旅行社股份公司")).text

    for said in ("这个客户已经登记", "海棠＊＊", "city局", "a＊＊", "2026年3月2日", "2026年4月11日", "名称相同"):
        assert said in shown, said
    assert "anna员" not in shown
    assert "海棠旅行社有限公司" not in shown
    assert "海棠旅行社有限公司" in anna.post("/customers/alike", typed(name_zh="海棠旅行社")).text
    phone = carl.post("/customers/alike", typed(**{"f.contacts.0.name": "某", "f.contacts.0.phone": "138 0000 1111"}))
    assert "联系电话相同" in phone.text
    assert carl.post("/customers/alike", typed(name_zh="全新的客户")).text.strip() == ""
    assert signed_in("auditor").post("/customers/alike", typed(name_zh="海棠旅行社")).status_code == 403


def test_without_a_script_the_same_is_said_when_the_form_is_sent(sqlite_office: Office, signed_in: Enter) -> None:
    sqlite_office.register("海棠旅行社有限公司", contacts=PEOPLE)
    carl = signed_in("carl")
    sent = form(carl, name_zh="海棠旅行社有限责任公司", division="440106")

    refused = carl.post("/customers/new", sent)
    assert (refused.status_code, "这个客户已经登记" in refused.text) == (409, True)
    assert 'name="despite"' not in refused.text
    elsewhere = carl.post("/customers/new", {**sent, "division": "440300"})
    assert elsewhere.status_code == 409
    assert 'name="despite"' in elsewhere.text
    again = {**sent, "key": hidden(elsewhere.text, "key"), "division": "440300", "despite": "yes"}
    kept = carl.post("/customers/new", again)
    assert kept.status_code == 302


def test_everything_a_record_holds_is_asked_for_and_shown(sqlite_office: Office, signed_in: Enter) -> None:
    """002 §7, 003 §4.2(1): the classes and industries; 001 §4: people, level."""
    clerk = signed_in("clerk")
    sent = form(
        clerk, name_zh="蓝鲸制造有限公司", division="440183", industry="制造业", trade="specialist",
        cooperation="cooperating", importance="strategic", nature="policy", credit_rating="AA",
        confidentiality="confidential",
    )  # fmt: skip
    sent |= {f"f.contacts.0.{part}": value for part, value in PEOPLE[0].items()}
    for wrong in ({"trade": "none"}, {"f.contacts.0.birthday": "02-30"}, {"credit_rating": "Z"}):
        assert clerk.post("/customers/new", {**sent, **wrong}).status_code == 422, wrong
    answer = clerk.post("/customers/new", sent)
    assert answer.status_code == 302
    file = answer.headers["Location"]

    shown = clerk.get(file).text

    for said in ("专业大客户", "合作大客户", "战略大客户", "政策性", "AA", "秘密", "制造业", "2014年撤销", "增城区"):
        assert said in shown, said
    assert "赵敏" not in shown
    assert "赵敏" in clerk.get(f"{file}people").text
    english = clerk.client.get(file, headers={"Accept-Language": "en"}).text
    assert "Manufacturing" in english or "制造业" in english


def test_the_people_of_a_customer_are_changed_with_a_reason(sqlite_office: Office, signed_in: Enter) -> None:
    sqlite_office.workflow.change_customer(sqlite_office.customer, {"contacts": PEOPLE}, actor=SYSTEM)
    page = f"/customers/{sqlite_office.customer}/people"
    clerk = signed_in("clerk")
    shown = clerk.get(page).text
    assert 'value="02-29"' in shown
    sent = {name: hidden(shown, name) for name in ("key", "seen")}
    row = {f"f.contacts.0.{part}": value for part, value in {**PEOPLE[0], "phone": "13900002222"}.items()}

    assert "请填写" in clerk.post(page, {**sent, **row}).text
    assert clerk.post(page, {**sent, **row, "reason": "来电更正"}).status_code == 302

    assert "13900002222" in clerk.post(f"/customers/{sqlite_office.customer}/contacts").text
    assert signed_in("project").get(page).status_code == 403


def test_a_branch_is_put_on_file_under_its_head_office_and_both_show_the_tree(
    sqlite_office: Office, signed_in: Enter
) -> None:
    """003 §4.2(3)."""
    clerk, head = signed_in("clerk"), sqlite_office.customer
    page = f"/customers/new?head={head}"
    assert 'name="division"' not in clerk.get(page).text

    answer = clerk.post("/customers/new", form(clerk, page, name_zh="青云数据公明分公司", head=str(head)))

    for file in (answer.headers["Location"], f"/customers/{head}/"):
        tree = clerk.get(file).text.split('id="family"')[1].split("</section>")[0]
        assert "44010600001000" in tree
        assert "44010600001001" in tree
    assert signed_in("carl").get(page).status_code == 404


@pytest.mark.parametrize(("level", "there"), [("internal", True), ("confidential", False)])
def test_who_may_see_a_file_is_said_by_its_level(
    sqlite_office: Office, signed_in: Enter, level: str, there: bool
) -> None:
    sqlite_office.workflow.change_customer(sqlite_office.customer, {"confidentiality": level}, actor=SYSTEM)

    sights = signed_in("clerk").get(f"/customers/{sqlite_office.customer}/").text.split('id="sights"')[1]

    assert ("project员" in sights.split("</section>")[0]) is there


def test_two_records_are_merged_after_a_look_and_the_old_address_leads_on(
    sqlite_office: Office, signed_in: Enter
) -> None:
    gone = sqlite_office.register("晴云数据公司", a=None, b=None)
    clerk, kept = signed_in("clerk"), sqlite_office.customer
    assert f"into={kept}" in clerk.get(f"/customers/{gone}/merge?q=青云").text
    preview = clerk.get(f"/customers/{gone}/merge?into={kept}").text
    sent: dict[str, Any] = {"into": kept, "key": hidden(preview, "key")}
    assert clerk.post(f"/customers/{gone}/merge", sent).status_code == 422

    done = clerk.post(f"/customers/{gone}/merge", {**sent, "reason": "同一公司"})

    assert done.headers["Location"] == f"/customers/{kept}/"
    assert clerk.get(f"/customers/{gone}/").headers["Location"] == f"/customers/{kept}/"
    file = clerk.get(f"/customers/{kept}/").text
    assert "晴云数据公司" in file.split('id="merged"')[1].split("</section>")[0]
    assert "另一" in clerk.get(f"/customers/{kept}/merge?into={gone}").text
    assert signed_in("anna").get(f"/customers/{gone}/merge").status_code == 403
    undone = clerk.post(f"/customers/{gone}/unmerge", {"key": hidden(file, "key"), "reason": "不是同一家"})
    assert undone.headers["Location"] == f"/customers/{gone}/"
    assert clerk.get(f"/customers/{gone}/").status_code == 200


def test_who_opens_a_case_about_anothers_customer_is_told_who_holds_it(sqlite_office: Office, signed_in: Enter) -> None:
    """Domain §4.1(2)-(3): the claim goes on, and a centre above decides."""
    carl = signed_in("carl")

    shown = carl.get(f"/cases/new/account?customer={sqlite_office.customer}").text

    assert "青云＊＊" in shown
    assert "city局" in shown
    assert "青云数据有限公司" not in shown
    assert "＊＊" not in signed_in("anna").get(f"/cases/new/account?customer={sqlite_office.customer}").text
