"""What came in, on a page: every number opens as many cases, and the table goes to Excel with every cause."""

import re
from collections.abc import Callable
from html import unescape
from io import BytesIO

from python_calamine import CalamineWorkbook

from tests.support.office import Office
from tests.web.conftest import Visitor

Enter = Callable[[str], Visitor]
PATH = "/results/received/"


def test_every_number_opens_its_cases_and_goes_to_excel(sqlite_office: Office, signed_in: Enter) -> None:
    office = sqlite_office
    for number, cause in enumerate(("sorting", "delivery", "sorting")):
        case = office.complaint().id
        office.later(hours=30 * (number + 1))
        office.fire()
        office.workflow.perform(case, "answer", form={"reply": "已致歉", "cause": cause}, actor=office.actor("anna"))
    office.complaint()
    visitor = signed_in("supervisor")

    looked = 0
    for by in ("period", "unit", "manager"):
        page = visitor.get(PATH, query_string={"by": by}).text
        links = set(re.findall(r'<a href="(/results/received/0/cases[^"]*)">(\d+)</a>', page))
        assert len(links) > 8
        for address, count in links:
            opened = visitor.get(unescape(address)).text
            assert len(re.findall(r'<h2 class="what">', opened)) == int(count), address
            looked += int(count)
        rows = CalamineWorkbook.from_filelike(BytesIO(visitor.get(f"{PATH}0.xlsx?by={by}").data))
        table = rows.get_sheet_by_index(0).to_python()
        sums = dict(zip(table[0][1:], (sum(row[n] or 0 for row in table[1:]) for n in range(1, 22)), strict=True))
        assert (sums["受理数"], sums["按时"], sums["超时"], sums["尚在时限内"]) == (4, 1, 2, 1)
        assert (sums["分拣处理"], sums["投递"], sums["客户自身变化"], sums["未注明"]) == (2, 1, 0, 1)
    assert looked > 40
    page = visitor.get(PATH, query_string={"by": "unit", "state": "received"}).text
    links = set(re.findall(r'<a href="(/results/received/0/cases[^"]*)">(\d+)</a>', page))
    assert links
    for address, count in links:
        assert len(re.findall(r'<h2 class="what">', visitor.get(unescape(address)).text)) == int(count) == 1, address
    with office.database.reading() as connection:
        kept = [row[0] for row in connection.exec_driver_sql("SELECT detail FROM reads WHERE kind = 'export.xlsx'")]
    assert len(kept) == 3
    assert all('"received.complaint"' in detail for detail in kept)
    for nonsense in ("0/cases?by=x&key=y", "0/cases?by=unit&key=-1", "0/cases?cause=no&verdict=no", "?by=burn"):
        assert visitor.get(f"{PATH}{nonsense}").status_code == 200
    assert visitor.get(f"{PATH}1/cases").status_code == visitor.get(f"{PATH}7.xlsx").status_code == 404
    assert "受理数" not in signed_in("stranger").get(PATH).text
