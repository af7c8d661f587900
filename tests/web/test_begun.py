"""What is typed into a form that opens a case, or moves one without a task, is kept like a task's."""

import re
from collections.abc import Callable

from tests.support.office import Office
from tests.web.conftest import Visitor, hidden

Enter = Callable[[str], Visitor]
SCRIPT = {"Accept": "application/json"}


def buttons(page: str) -> list[str]:
    return [one.replace("&amp;", "&") for one in re.findall(r'formaction="([^"]+)"', page)]


def test_a_case_about_a_customer_that_was_begun_is_there_again_until_it_is_opened(
    sqlite_office: Office, signed_in: Enter
) -> None:
    office, anna, ben = sqlite_office, signed_in("anna"), signed_in("ben")
    page, other = f"/cases/new/complaint?customer={office.customer}", office.register("白云印刷有限公司")
    [keep] = buttons(anna.get(page).text)
    assert "现由" in anna.get(page).text, "whose the customer is, before anything is filled in"
    form = {"f.text": "三件破损，待核对", "f.channel": "phone"}

    kept = anna.client.post(
        keep, data={**form, "csrf_token": hidden(anna.get(page).text, "csrf_token")}, headers=SCRIPT
    )

    assert kept.get_json() == {"said": "草稿已于3月2日 09:00保存"}
    shown = anna.get(page).text
    assert "三件破损，待核对</textarea>" in shown
    assert "这是您3月2日 09:00的草稿" in shown
    assert 'data-draft="' in shown
    for visitor, address in ((anna, f"/cases/new/complaint?customer={other}"), (ben, page)):
        assert "三件破损" not in visitor.get(address).text
    refused = anna.post("/cases/new/complaint", {**form, "customer": str(office.customer)}, page=page)
    assert refused.status_code == 422
    assert office.count("drafts") == 1
    whole = {**form, "customer": str(office.customer), "f.kind": "complaint", "f.severity": "normal"}
    assert anna.post("/cases/new/complaint", whole, page=page).status_code == 302
    assert office.count("drafts") == 0
    assert "三件破损" not in anna.get(page).text


def test_a_draft_is_kept_for_what_one_may_open_about_whom_one_may_see(sqlite_office: Office, signed_in: Enter) -> None:
    office, anna = sqlite_office, signed_in("anna")
    unseen = office.register("远方的客户", unit=office.units["other"], a=office.people["carl"], b=None)

    assert anna.post(f"/cases/new/complaint/draft?customer={unseen}", {"f.text": "x"}).status_code == 404
    assert anna.post("/cases/new/complaint/draft?customer=99999999999999999999", {"f.text": "x"}).status_code == 404
    assert anna.post("/cases/new/nothing/draft", {"f.text": "x"}).status_code == 404
    assert signed_in("auditor").post("/cases/new/complaint/draft", {"f.text": "x"}).status_code == 403
    assert office.count("drafts") == 0


def test_a_case_about_nobody_and_a_move_without_a_task_keep_what_was_begun_too(
    sqlite_office: Office, signed_in: Enter
) -> None:
    office, anna, teller = sqlite_office, signed_in("anna"), signed_in("teller")
    [keep] = buttons(teller.get("/cases/new/lead").text)
    assert teller.post(keep, {"f.name": "新客户有限公司"}).headers["Location"] == "/cases/new/lead"
    page = teller.get("/cases/new/lead").text
    assert 'value="新客户有限公司"' in page
    [drop] = [one for one in buttons(page) if one.endswith("/drop")]
    teller.post(drop)
    assert 'value="新客户有限公司"' not in teller.get("/cases/new/lead").text

    case = office.complaint().id
    address = f"/cases/{case}/do/propose_compensation"
    [keep] = buttons(anna.get(address).text)
    [field] = re.findall(r'<(?:textarea|input)[^>]+name="(f\.[a-z_]+)"', anna.get(address).text)[:1]
    anna.post(keep, {field: "128"})
    assert "128" in anna.get(address).text[anna.get(address).text.index('<form class="panel"') :]
    assert set(office.workflow.drafts(case, office.actor("anna"))) == {"do-propose_compensation"}
    assert signed_in("carl").post(keep, {field: "1"}).status_code == 404
