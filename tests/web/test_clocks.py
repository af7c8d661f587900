"""Every due time opens its derivation; a clock is paused and let go on its page."""

from collections.abc import Callable
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from tests.support.office import Office
from tests.support.timed import timed
from tests.web.conftest import Visitor, hidden
from workflow.storage.database import Database

Enter = Callable[[str], Visitor]


@pytest.fixture
def sqlite_office(sqlite_database: Database) -> Office:
    """The small organisation, working by the lifecycle of the tests."""
    return Office(sqlite_database, timed())


def opened(office: Office) -> int:
    form = {"priority": "high"}
    return office.workflow.open("timed", customer=office.customer, actor=office.actor("anna"), data=form).id


def test_a_case_leads_to_the_derivation_of_its_due_time(sqlite_office: Office, signed_in: Enter) -> None:
    case = opened(sqlite_office)
    anna = signed_in("anna")

    assert f'href="/cases/{case}/clocks/office/?run=1"' in anna.get(f"/cases/{case}/").text
    page = anna.get(f"/cases/{case}/clocks/office/?run=1").text

    assert "期限的由来" in page
    assert "到期时间：2026年3月3日 09:30" in page
    assert "工作时间4小时30分钟" in page
    assert anna.get(f"/cases/{case}/clocks/office/?run=2").status_code == 404
    assert anna.get(f"/cases/{case}/clocks/lunar/").status_code == 404


def test_a_clock_is_paused_with_a_reason_and_let_go(sqlite_office: Office, signed_in: Enter) -> None:
    case = opened(sqlite_office)
    anna = signed_in("anna")
    place = f"/cases/{case}/clocks/office/"
    page = anna.get(place).text

    refused = anna.post(f"{place}pause", {"key": hidden(page, "key"), "reason": " "}, page=place)
    done = anna.post(f"{place}pause", {"key": hidden(page, "key"), "reason": "等客户补件"}, page=place)
    paused = anna.get(place).text
    sqlite_office.later(hours=1)
    anna.post(f"{place}resume", {"key": hidden(paused, "key")}, page=place)
    after = anna.get(place).text

    assert refused.status_code == 422
    assert done.status_code == 302
    assert "等客户补件" in paused
    assert "恢复计时" in paused
    assert "到期时间：2026年3月3日 10:30" in after
    assert "等客户补件" in after


def test_a_provisional_due_time_is_marked(sqlite_office: Office, signed_in: Enter) -> None:
    sqlite_office.later(days=304, hours=7)
    case = opened(sqlite_office)
    anna = signed_in("anna")

    assert "暂定" in anna.get(f"/cases/{case}/").text
    assert "暂定" in anna.get("/cases/").text
    assert "暂定" in anna.get("/inbox/queue").text
    assert "暂定到期时间" in anna.get(f"/cases/{case}/clocks/office/").text


def test_who_may_not_pause_sees_no_button(sqlite_office: Office, signed_in: Enter) -> None:
    case = opened(sqlite_office)
    supervisor = signed_in("supervisor")
    place = f"/cases/{case}/clocks/office/"

    assert "暂停计时" not in supervisor.get(place).text
    assert supervisor.post(f"{place}pause", {"reason": "不可"}, page=place).status_code == 403


def test_the_longest_pauses_stand_on_the_performance_page_and_open_what_they_count(
    sqlite_office: Office, signed_in: Enter
) -> None:
    office = sqlite_office
    cases = [opened(office) for _ in range(3)]
    office.workflow.perform(cases[0], "wait", actor=office.actor("anna"))
    office.later(hours=36)
    office.workflow.pause(cases[1], "office", actor=office.actor("anna"), reason="等客户补件")
    office.later(hours=36)
    pauses = office.workflow.pauses(office.actor("supervisor"))
    assert [(one.clock.case, one.length.total_seconds() / 3600, one.by) for one in pauses] == [
        (cases[0], 72, "state"),
        (cases[1], 36, "hand"),
    ]
    assert office.workflow.pauses(office.actor("stranger")) == ()

    supervisor = signed_in("supervisor")
    page = supervisor.get("/supervision/performance/?period=month").text
    listed = supervisor.get("/supervision/performance/pauses?period=month").text
    assert '<a href="/supervision/performance/pauses?period=month">2</a>' in page
    for text in (page, listed):
        assert [text.index(f'"/cases/{case}/"') for case in cases[:2]] == sorted(
            text.index(f'"/cases/{case}/"') for case in cases[:2]
        )
        assert f'"/cases/{cases[2]}/"' not in text
        assert ">3.0</td>" in text
    assert supervisor.get("/supervision/performance/paused.xlsx").status_code == 200

    office.workflow.perform(cases[0], "go_on", actor=office.actor("anna"))
    assert [one.clock.case for one in office.workflow.pauses(office.actor("supervisor"))] == [cases[1]]
    over = supervisor.get("/supervision/performance/pauses?period=month").text.partition('id="over"')[2]
    assert f'"/cases/{cases[0]}/"' in over
    assert f'"/cases/{cases[1]}/"' not in over
    book = CalamineWorkbook.from_filelike(BytesIO(supervisor.get("/supervision/performance/over.xlsx").data))
    [row] = book.get_sheet_by_index(0).to_python()[1:]
    since, until = (f"{moment:%m-%d %H:%M}" for moment in row[-2:])
    assert (row[0], row[4], since, until) == (office.stored(cases[0]).number, 3, "03-02 09:00", "03-05 09:00")
