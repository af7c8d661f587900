"""The page of one case: what is in it for whom, and how its story is read."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from flask import Flask

from tests.support.office import Office
from tests.web.conftest import Visitor
from web import language, picture
from workflow.core.case import Clock, Delay
from workflow.service.views.clocks import ClockRow

Enter = Callable[[str], Visitor]


def steps(page: str) -> list[int]:
    return [int(found) for found in re.findall(r'<li id="step-(\d+)"', page)]


def test_the_diagram_marks_the_way_taken_and_leads_on(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    anna = signed_in("anna")
    fresh = anna.get(f"/cases/{case.id}/").text
    assert 'class="move walked"' not in fresh
    assert f'<a href="/cases/{case.id}/tasks/1/"><g id="lifecycle-answered"' in fresh

    due = anna.get(f"/cases/{case.id}/due/1/")
    assert due.headers["Location"] == f"/cases/{case.id}/clocks/answer/?run=1", "the task has no limit of its own"

    sqlite_office.workflow.perform(
        case.id, "answer", task=1, form={"reply": "已致歉。"}, actor=sqlite_office.actor("anna")
    )
    moved = anna.get(f"/cases/{case.id}/").text

    assert moved.count('class="move walked"') == 1
    assert "→ 已答复待解决: 答复客户 ×1" in moved
    assert '<g id="lifecycle-answered" class="state phase-2 current"' in moved


def test_who_may_only_read_is_led_nowhere(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()

    page = signed_in("auditor").get(f"/cases/{case.id}/").text

    assert '<a href="/cases' not in page[page.index('class="lifecycle"') :]
    assert 'class="lifecycle" role="img"' in page
    assert 'id="actions"' not in page


def test_what_a_later_form_proposes_is_no_fact(sqlite_office: Office, signed_in: Enter) -> None:
    case, told = sqlite_office.complaint(), "已告知客户需转办</dt>"
    anna, actor = signed_in("anna"), sqlite_office.actor("anna")

    assert told not in anna.get(f"/cases/{case.id}/").text
    assert told not in anna.get(f"/cases/{case.id}/tasks/1/").text
    form = {"department": sqlite_office.units["city"], "question": "在哪个口岸", "told": "message"}
    sqlite_office.workflow.perform(case.id, "dispatch", task=1, form=form, actor=actor)
    shown = anna.get(f"/cases/{case.id}/").text
    assert shown.count(told) == 2, "among what is known, and in the story"
    assert "提醒“调查结果4小时后到期。”" in shown, "what will be said then is no word about now"


def test_the_story_is_narrowed_to_what_people_said(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    sqlite_office.workflow.comment(case.id, "客户下午有空", actor=sqlite_office.actor("anna"))
    anna = signed_in("anna")

    whole = anna.get(f"/cases/{case.id}/").text
    said = anna.get(f"/cases/{case.id}/?story=comments").text
    nonsense = anna.get(f"/cases/{case.id}/?story=%00nothing").text

    assert steps(whole) == steps(nonsense) == [2, 1]
    assert steps(said) == [2]
    assert "今天" in whole


def test_a_long_story_begins_with_its_newest_steps_and_shows_all_when_asked(
    sqlite_office: Office, signed_in: Enter
) -> None:
    case = sqlite_office.complaint()
    for number in range(24):
        sqlite_office.workflow.comment(case.id, f"第{number}次", actor=sqlite_office.actor("anna"))
    anna = signed_in("anna")

    short = anna.get(f"/cases/{case.id}/").text
    whole = anna.get(f"/cases/{case.id}/?whole=1").text

    assert steps(short) == list(range(25, 5, -1))
    assert "再看更早的5步" in short
    assert steps(whole) == list(range(25, 0, -1))
    assert "再看更早" not in whole


def test_the_team_says_who_works_who_took_part_and_what_they_did(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    sqlite_office.workflow.comment(case.id, "已联系", actor=sqlite_office.actor("anna"))

    page = signed_in("anna").get(f"/cases/{case.id}/").text

    team = page[page.index('<ul class="team"') : page.index("</ul>", page.index('<ul class="team"'))]
    assert "正在办理" in team
    assert "2步" in team
    assert re.search(r'class="avatar tint-\d+ " aria-hidden="true">', team)


def test_a_bar_shows_what_is_used_and_when_the_clock_stood_still(app: Flask, sqlite_office: Office) -> None:
    start = sqlite_office.now - timedelta(hours=5)
    hour = timedelta(hours=1)
    row = ClockRow(
        case=1, number="", definition="", version=1, state="", phase="", name="answer", run=1, status="running",
        started=start, due=start + 10 * hour, breached=None, ended=None, overdue=False, level=0, customer=None,
        unit=None, assignees=(),
    )  # fmt: skip
    clock = Clock(
        name="answer", run=1, status="running", started=start, due=row.due, seconds=36000, calendar="always",
        delays=(Delay(start + hour, start + 2 * hour), Delay(start, start, days=3)),
    )  # fmt: skip
    with app.test_request_context():
        assert language.now() == sqlite_office.now
        running = picture.bar(row, clock)
        still = picture.bar(replace(row, status="paused"), replace(clock, status="paused", paused=start + 3 * hour))
        over = picture.bar(replace(row, due=start), None)

    assert [(one.kind, one.x, one.width) for one in running] == [("used", 0, 50.0), ("paused", 10.0, 10.0)]
    assert [(one.kind, one.x, one.width) for one in still] == [
        ("used", 0, 41.7), ("paused", 8.3, 8.4), ("paused", 25.0, 16.7),
    ]  # fmt: skip
    assert [(one.kind, one.width) for one in over] == [("used", 100)]
