"""The auditor asks who tried what, in one page, sign-ins among it."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

import pytest

from tests.audit.test_refused import tried
from tests.support.office import Office
from tests.web.conftest import Visitor
from workflow.core.errors import FormInvalid

Enter = Callable[[str], Visitor]


def test_the_page_answers_who_tried_to_end_a_complaint(sqlite_office: Office, signed_in: Enter) -> None:
    tried(sqlite_office)
    auditor = signed_in("auditor")

    page = unescape(auditor.get("/audit/refusals?definition=complaint&action=ends&kind=denied").text)
    rows = page[page.index("<tbody>") :]

    assert "ben员" in rows
    assert "stranger员" in rows
    assert "anna员" not in rows
    entered = unescape(auditor.get("/audit/refusals?kind=sign_in").text)
    assert "以“nobody”登录" in entered
    assert "来自 10.1.2.4" in entered
    office, data = sqlite_office, {"kind": "complaint", "text": "丢失"}
    with pytest.raises(FormInvalid):
        office.workflow.open("complaint", customer=office.customer, actor=office.actor("anna"), data=data)
    refused = unescape(auditor.get("/audit/refusals?kind=form").text)
    assert "受理渠道：" in refused, "a field of a case that was not opened is called as its form calls it"
    assert auditor.get("/audit/refusals?person=x&kind=y&since=never&until=2026-13-01&after=zzz").status_code == 200


def test_the_lifecycle_chosen_offers_its_actions(sqlite_office: Office, signed_in: Enter) -> None:
    page = signed_in("auditor").get("/audit/refusals?definition=complaint").text

    assert '<option value="settle">' in page
    assert '<option value="settle">' not in signed_in("auditor").get("/audit/refusals").text
