"""How late it was is shown to those who watch over the house; what is unread is counted and can be put away."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

from flask import Flask

from tests.support.office import Office
from tests.web.conftest import Visitor, hidden
from web import language, punctuality
from workflow.scheduler import Ticker
from workflow.settings import Settings
from workflow.storage import lateness
from workflow.storage.lateness import Measured

Enter = Callable[[str], Visitor]


def measure(office: Office) -> None:
    due = office.now - timedelta(hours=1)
    lengths = [0.2] * 90 + [1.5] * 9 + [40.0]
    measured = [
        Measured(stage, "rung", due, due + timedelta(seconds=length), "busy")
        for stage in ("fired", "committed")
        for length in lengths
    ]
    measured.append(Measured("committed", "rung", due - timedelta(hours=5), due, "down"))
    with office.database.writing() as connection:
        lateness.add(connection, measured)


def test_the_figures_stand_in_a_picture_and_in_the_table_behind_it(sqlite_office: Office, signed_in: Enter) -> None:
    measure(sqlite_office)

    page = unescape(signed_in("auditor").get("/supervision/lateness").text)
    english = signed_in("root")
    english.client.set_cookie(language.COOKIE, "en")
    other = unescape(english.get("/supervision/lateness?days=30").text)

    assert re.search(r"<dd>200毫秒</dd>.*<dd>1\.5秒</dd>.*<dd>40秒</dd>.*<dd>1</dd>", page, re.DOTALL)
    assert re.search(r"≤ 500毫秒</th>\s*<td class=\"right\">90</td>", page)
    assert "到期→写入 · 提醒、超时与升级 · 没有调度程序在运行" in page
    assert "due → kept · Reminders, breaches, escalations · no scheduler was running" in other
    assert page.count("<rect") == 3 * len(re.findall(r"<th scope=\"row\">[≤>]", page)) > 0
    assert "30 days" in other
    assert signed_in("anna").get("/supervision/lateness").status_code == 403


def test_without_anything_that_happened_the_page_says_so(signed_in: Enter) -> None:
    page = signed_in("supervisor").get("/supervision/lateness?days=nonsense").text

    assert "这段时间里没有自动发生的事" in page
    assert '<svg class="chart"' not in page


def test_every_picture_stays_in_its_field_whatever_the_figures(app: Flask, sqlite_office: Office) -> None:
    measure(sqlite_office)
    with sqlite_office.database.writing() as connection:
        due = sqlite_office.now - timedelta(days=40)
        lateness.add(connection, [Measured("committed", "rung", due, due + timedelta(days=39), "busy")])
    found = sqlite_office.workflow.lateness(sqlite_office.actor("auditor"), days=90)

    field = range(punctuality.TOP - 1, punctuality.TOP + punctuality.HEIGHT + 2)
    with app.test_request_context():
        steps, ranges = punctuality.bars(found), punctuality.ranges(found)

    assert sum(step.counts["committed"] for step in steps) == 101
    assert steps[-1].at_most is None
    assert all(int(y) in field and int(y + height) in field for step in steps for _, _, y, _, height in step.bars)
    shown = [one for one in ranges.days if one.row]
    assert len(shown) == 2
    assert all(int(y) in field for one in shown for y in (one.p50, one.p95, one.p99, one.longest))
    assert all(one.p50 >= one.p95 >= one.p99 >= one.longest for one in shown)


def test_the_overview_tells_an_outage_from_people(sqlite_office: Office, signed_in: Enter) -> None:
    office = sqlite_office
    Ticker(office.workflow, Settings(), name="one").tick()
    case = office.complaint()
    office.later(hours=60)
    Ticker(office.workflow, Settings(), name="one").tick()

    overview = signed_in("supervisor").get("/supervision/").text
    history = signed_in("supervisor").get(f"/cases/{case.id}/").text

    assert re.search(r"因系统停机未及时发现</dt><dd>1</dd>", overview)
    assert re.search(r"因人员未及时办理</dt><dd>0</dd>", overview)
    assert "当时没有调度程序在运行" in history


def test_what_is_unread_is_counted_and_put_away_up_to_what_was_shown(sqlite_office: Office, signed_in: Enter) -> None:
    office = sqlite_office
    case = office.complaint()
    for _ in range(3):
        office.workflow.comment(case.id, "@ben 请看", actor=office.actor("anna"))
    ben, anna = signed_in("ben"), signed_in("anna")
    page = ben.get("/notices/").text
    until = hidden(page, "until")
    office.workflow.comment(case.id, "@ben 又来了", actor=office.actor("anna"))

    assert "3条未读" in page
    assert "条未读" not in anna.get("/notices/").text
    assert anna.post("/notices/read", {"until": until}).status_code == 302
    assert office.workflow.unread(office.actor("ben")) == 4
    assert ben.post("/notices/read", {"until": until}).status_code == 302
    assert office.workflow.unread(office.actor("ben")) == 1
    assert "1条未读" in ben.get("/settings").text
    for nonsense in ("", "x", "-1", "99999999999999999999"):
        assert ben.post("/notices/read", {"until": nonsense}).status_code == 302
    assert office.workflow.unread(office.actor("ben")) == 1
