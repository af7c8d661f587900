"""The lists of cases and of customers: in the order asked for, page by page, with nothing shown twice or missed."""

import re
from collections.abc import Callable
from typing import Literal

import pytest

from tests.support.office import Office
from tests.web.conftest import Visitor

Enter = Callable[[str], Visitor]


@pytest.mark.parametrize("order", ["number", "name", "tier"])
def test_customers_come_in_the_order_asked_for_on_every_page(
    office: Office, order: Literal["number", "name", "tier"]
) -> None:
    for name, tier in (("安和物流", "silver"), ("中远纸业", "diamond"), ("白云印刷", "gold"), ("远帆网络", "ordinary")):
        office.register(name, tier=tier)
    reader = office.actor("director")
    whole = office.workflow.customers(reader, order=order).rows

    paged, after = [], None
    while True:
        page = office.workflow.customers(reader, order=order, after=after, limit=2)
        paged += page.rows
        after = page.next
        if after is None:
            break

    assert [row.id for row in paged] == [row.id for row in whole]
    assert len({row.id for row in paged}) == 5
    expected = {
        "number": sorted(row.number for row in whole),
        "name": ["安和物流", "白云印刷", "青云数据有限公司", "远帆网络", "中远纸业"],
        "tier": ["diamond", "gold", "gold", "silver", "ordinary"],
    }[order]
    said = {"number": [r.number for r in whole], "name": [r.name.zh for r in whole], "tier": [r.tier for r in whole]}
    assert said[order] == expected


def test_cases_come_by_their_last_change_or_by_when_they_were_opened(sqlite_office: Office, signed_in: Enter) -> None:
    first, second = sqlite_office.complaint(), sqlite_office.complaint()
    sqlite_office.later(hours=1)
    sqlite_office.workflow.comment(first.id, "客户来电", actor=sqlite_office.actor("anna"))
    anna = signed_in("anna")

    def shown(path: str) -> list[int]:
        return [int(one) for one in re.findall(r'class="what"><a href="/cases/(\d+)/"', anna.get(path).text)]

    assert shown("/cases/") == shown("/cases/?order=nonsense") == [first.id, second.id]
    assert shown("/cases/?order=opened") == [second.id, first.id]


def test_a_cursor_of_another_order_begins_the_list_anew(sqlite_office: Office, signed_in: Enter) -> None:
    sqlite_office.register("安和物流")
    page = sqlite_office.workflow.customers(sqlite_office.actor("clerk"), limit=1)
    clerk = signed_in("clerk")

    shown = clerk.get(f"/customers/?order=tier&after={page.next}")

    assert shown.status_code == 200
    assert "安和物流" in shown.text
    assert "青云数据" in shown.text
