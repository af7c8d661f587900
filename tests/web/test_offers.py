"""The list of what is on offer: what is free, what is left, and taking part from the row."""

from collections.abc import Callable

import pytest
from sqlalchemy import event

from tests.support.office import Office
from tests.web.conftest import Visitor
from workflow.core.step import SYSTEM


@pytest.fixture
def pools(sqlite_office: Office) -> list[int]:
    return [announced(sqlite_office, name) for name in ("东湖食品有限公司", "西山药业有限公司")]


def test_a_manager_applies_from_the_row_and_sees_what_is_left(
    pools: list[int], sqlite_office: Office, signed_in: Callable[[str], Visitor]
) -> None:
    dana = signed_in("dana")
    shown = dana.get("/offers/")
    assert shown.status_code == 200
    assert "东湖食品有限公司" in shown.text
    assert "西山药业有限公司" in shown.text
    assert "还可3个，上限3个" in shown.text

    sent = dana.post(f"/offers/{pools[0]}/apply", {"f.plan": "先行试寄"}, page="/offers/")
    assert sent.status_code == 302
    assert sqlite_office.stored(pools[0]).data["applications"][0]["manager"] == sqlite_office.people["dana"]
    again = dana.get("/offers/").text
    assert "您已提出申请。" in again
    assert again.count("f.plan") == 1


def test_an_empty_plan_comes_back_beside_its_row(pools: list[int], signed_in: Callable[[str], Visitor]) -> None:
    answer = signed_in("dana").post(f"/offers/{pools[1]}/apply", {"f.plan": ""}, page="/offers/")
    assert answer.status_code == 422
    assert answer.text.count('aria-invalid="true"') == 1


def test_the_list_asks_the_database_no_more_often_for_thirty_offers_than_for_three(
    sqlite_office: Office, signed_in: Callable[[str], Visitor]
) -> None:
    dana = signed_in("dana")

    def asked(count: int) -> int:
        while len(sqlite_office.workflow.offers(sqlite_office.actor("dana")).rows) < count:
            announced(sqlite_office, f"第{count}批{sqlite_office.count('cases')}号有限公司")
        seen: list[str] = []
        engine = sqlite_office.database.engine
        listen = lambda *given: seen.append(given[2])  # noqa: E731 - removed by identity
        event.listen(engine, "before_cursor_execute", listen)
        try:
            assert dana.get("/offers/").status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", listen)
        return len(seen)

    asked(3)
    assert asked(3) == asked(30)


def announced(office: Office, name: str) -> int:
    customer = office.register(name, stage="potential", a=None, b=None, unit=None)
    data = {"services": ["express"], "expected_revenue": "600000", "kind": "regular"}
    return office.workflow.open("pool_grant", customer=customer, actor=SYSTEM, unit=office.units["city"], data=data).id
