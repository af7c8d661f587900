"""Results on pages: figures open their customers, a plan is entered, pay is shown to those it concerns."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

from python_calamine import CalamineWorkbook

from tests.support.office import Office
from tests.web.conftest import Visitor, token
from workflow.core.step import SYSTEM

Enter = Callable[[str], Visitor]
PLAN = {
    "planned": "1,000", "base": "600", "allowed": "50", "spent": "0", "forecast": "1500", "products": "1",
    "receivables": "0", "satisfaction": "90.00", "all_staff": "100", "margin": "33", "rate": "5",
}  # fmt: skip


def enter(visitor: Visitor, path: str, form: dict[str, str]) -> int:
    page = visitor.get(path).text
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key is not None
    return visitor.client.post(path, data={"csrf_token": token(page), "key": key[1], **form}).status_code


def test_a_plan_is_entered_and_pay_shown_to_those_it_concerns(sqlite_office: Office, signed_in: Enter) -> None:
    """004 §3.2(5)-(6): all of the standard times 99 points, and 5 % of 1,500 − 1,000 − 100."""
    office = sqlite_office
    office.workflow.say_revenue({office.customer: [("2026-03", "express", 1_500_00)]}, actor=SYSTEM)
    office.later(days=40)
    path = f"/results/people/{office.people['anna']}?year=2026"
    director = signed_in("director")

    assert enter(director, path, PLAN) == 302
    page = director.get(path).text
    assert "99.00" in page
    assert "594.00" in page
    assert "20.00" in page
    assert "594.00" in signed_in("anna").get(path).text
    for login in ("supervisor", "auditor"):
        assert "594.00" not in signed_in(login).get(path).text
    assert signed_in("ben").get(path).status_code == 404
    assert 'name="base"' not in signed_in("anna").get(path).text
    assert "594.00" in director.get("/results/scores?year=2026").text

    answer = enter(director, path, {**PLAN, "planned": "much", "rate": "11"})
    assert (answer, "594.00" in director.get(path).text) == (422, True)
    assert enter(director, path, {**PLAN, "rate": "11"}) == 422
    assert enter(director, path, {**PLAN, "planned": "NaN"}) == 422

    [link] = re.findall(r'href="(/results/behind[^"]+what=revenue[^"]*)"', director.get("/results/?until=2026-04").text)
    assert "1,500.00" in director.get(link.replace("&amp;", "&")).text
    table = director.get("/results/figures.xlsx?since=2026-01&until=2026-04").data
    rows = CalamineWorkbook.from_filelike(io.BytesIO(table)).get_sheet_by_index(0).to_python()
    assert [row[-1] for row in rows[1:]] == [1_500]
    assert "1,500.00" not in director.get("/results/?until=2026-04&on=2026-02-28").text, "as it was known then"
    assert director.get("/results/?since=x&until=y&unit=z&on=9999-12-31").status_code == 200


def test_a_centres_plan_is_entered_and_scored(sqlite_office: Office, signed_in: Enter) -> None:
    """001 §2(3)."""
    path = f"/results/units/{sqlite_office.units['city']}?year=2026"
    form = {"customers": "4", "planned": "1000", "satisfaction": "80"}
    assert enter(signed_in("director"), path, form) == 302
    page = signed_in("supervisor").get(path).text
    assert "16.00" in page
    assert 'name="customers"' not in page
    assert signed_in("stranger").get(path).status_code == 404


def test_service_opens_the_runs_it_counts(sqlite_office: Office, signed_in: Enter) -> None:
    """004 §2.2 E(1)⑤: a complaint that was not answered within 48 hours."""
    office = sqlite_office
    case = office.complaint()
    office.later(hours=49)
    office.fire()
    supervisor = signed_in("supervisor")
    assert "投诉48小时内答复率" in supervisor.get("/results/service").text
    assert case.number in supervisor.get("/results/service/0?verdict=late").text
    assert case.number not in supervisor.get("/results/service/0?verdict=kept").text
    assert supervisor.get("/results/service/99").status_code == 404
