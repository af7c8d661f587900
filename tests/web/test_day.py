"""My day, the calendar feed, and one's own absence."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Flask
from icalendar import Calendar
from werkzeug.test import TestResponse

from tests.support.office import Office
from tests.web.conftest import Visitor, hidden

SignIn = Callable[[str], Visitor]


def agreed(office: Office) -> Any:
    """A visit of Anna's, agreed for Thursday at ten."""
    anna = office.actor("anna")
    case = office.workflow.open("visit", customer=office.customer, actor=anna, data={"purpose": "回访"})
    at = datetime(2026, 3, 5, 2, tzinfo=UTC).isoformat()
    return office.workflow.perform(case.id, "agree", actor=anna, form={"appointment": at, "prepared": "已备"})


def address(page: TestResponse) -> str:
    found: str = page.text.split('id="address" value="')[1].split('"')[0]
    return found


def events(answer: TestResponse) -> dict[str, Any]:
    read = Calendar.from_ical(answer.data)
    return {str(event["uid"]): event for event in read.walk("VEVENT")}


def test_the_days_show_what_is_due_and_what_is_agreed(sqlite_office: Office, signed_in: SignIn) -> None:
    complaint, visit = sqlite_office.complaint(), agreed(sqlite_office)
    heard = {"kind": "complaint", "channel": "phone", "text": "未妥投", "severity": "normal"}
    heard["received_at"] = datetime(2026, 3, 2, 0, 30, tzinfo=UTC).isoformat()
    anna = sqlite_office.actor("anna")
    sqlite_office.workflow.open("complaint", customer=sqlite_office.customer, actor=anna, data=heard)
    page = signed_in("anna").get("/day").text

    assert "受理时间" not in page, "what was over when the case was opened is nothing ahead"
    assert f'href="/cases/{visit.id}/"' in page
    assert complaint.number in page
    assert "10:00" in page
    assert visit.number not in signed_in("anna").get("/day?from=2026-03-09").text
    assert visit.number not in signed_in("carl").get("/day").text


def test_an_address_that_names_no_day_shows_today(signed_in: SignIn) -> None:
    anna = signed_in("anna")
    for odd in ("x", "9999-12-31", "0001-01-01", "2026-13-01", "%00"):
        assert 'aria-current="date"' in anna.get(f"/day?from={odd}").text


def test_the_feed_is_a_calendar_that_names_nobody(app: Flask, sqlite_office: Office, signed_in: SignIn) -> None:
    complaint, visit = sqlite_office.complaint(), agreed(sqlite_office)
    anna = signed_in("anna")
    feed = address(anna.post("/day/feed"))
    answer = Visitor(app.test_client()).get(feed)

    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    found = events(answer)
    [task] = complaint.tasks
    due = found[f"case-{complaint.id}-task-{task.no}@baton"]
    meeting = found[f"case-{visit.id}-field-appointment@baton"]
    assert complaint.number in due["summary"]
    assert meeting["dtstart"].dt == datetime(2026, 3, 5, 2, tzinfo=UTC)
    assert "青云数据" not in answer.text
    assert "邮件延误" not in answer.text


def test_a_day_without_a_time_is_a_whole_day(sqlite_office: Office) -> None:
    from web.feed import written
    from workflow.service.days import Entry

    entry = Entry(
        case=7, no=None, number="X1", definition="d", version=1, state="s", name="held_on", at=None,
        on=date(2026, 3, 9), customer=None,
    )  # fmt: skip
    [event] = Calendar.from_ical(written([(entry, "Meeting", "https://b.test/7")], title="t", brand="b")).walk("VEVENT")

    assert event["dtstart"].dt == date(2026, 3, 9)


def test_a_feed_that_did_not_change_is_not_sent_again(app: Flask, sqlite_office: Office, signed_in: SignIn) -> None:
    agreed(sqlite_office)
    feed = address(signed_in("anna").post("/day/feed"))
    program = Visitor(app.test_client())
    first = program.get(feed)
    known = {"If-None-Match": first.headers["ETag"]}
    sqlite_office.later(minutes=5)

    assert program.get(feed, headers=known).status_code == 304
    case = sqlite_office.complaint()
    fresh = program.get(feed, headers=known)
    assert fresh.status_code == 200
    assert case.number in fresh.text


def test_a_feed_ends_when_it_is_renewed_taken_back_or_its_owner_leaves(
    app: Flask, sqlite_office: Office, signed_in: SignIn
) -> None:
    anna, program = signed_in("anna"), Visitor(app.test_client())
    first = address(anna.post("/day/feed"))
    second = address(anna.post("/day/feed"))
    assert [program.get(one).status_code for one in (first, second)] == [404, 200]

    assert anna.post("/day/feed/close").status_code == 302
    assert program.get(second).status_code == 404
    third = address(anna.post("/day/feed"))
    sqlite_office.workflow.change_person(
        sqlite_office.people["anna"], {"active": False}, actor=sqlite_office.actor("root")
    )
    assert program.get(third).status_code == 404


def test_one_arranges_ones_absence_once_however_often_the_form_is_sent(
    sqlite_office: Office, signed_in: SignIn
) -> None:
    anna = signed_in("anna")
    form = {
        "substitute": str(sqlite_office.people["ben"]), "since": "2026-03-03T09:00", "until": "2026-03-06T18:00",
        "reason": "休假", "key": hidden(anna.get("/absence/").text, "key"),
    }  # fmt: skip
    for _ in range(2):
        assert anna.post("/absence/", form).status_code == 302
    assert sqlite_office.count("substitutions") == 1
    [kept] = sqlite_office.workflow.directory().substitutions
    assert kept.until - kept.since == timedelta(days=3, hours=9)

    assert "同期也缺勤" not in anna.get("/absence/").text
    ben = signed_in("ben")
    away = {"since": "2026-03-05T09:00", "until": "2026-03-05T12:00", "reason": "培训", "key": "away"}
    assert ben.post("/absence/unnamed", away).status_code == 302
    assert "ben员同期也缺勤" in anna.get("/absence/").text
    assert "同期也缺勤" not in ben.get("/absence/").text

    refused = anna.post("/absence/", {**form, "key": "other", "substitute": str(sqlite_office.people["dana"])})
    assert refused.status_code == 422
    assert "取消安排</button>" in anna.get("/absence/").text, "it has not begun"
    assert anna.post(f"/absence/{kept.id}/end").status_code == 302
    over = anna.get("/absence/").text
    assert over.index("原定开始") < over.index("取消于"), "no time of absence that ended before it began"
    assert signed_in("carl").post(f"/absence/{kept.id}/end").status_code in (403, 404)


def test_notices_not_read_yet_can_be_seen_alone(sqlite_office: Office, signed_in: SignIn) -> None:
    case, other = sqlite_office.complaint(), sqlite_office.complaint()
    for one in (case, other):
        sqlite_office.workflow.comment(one.id, "@ben 请看", actor=sqlite_office.actor("anna"))
    ben = signed_in("ben")
    newest = sqlite_office.workflow.notices(sqlite_office.actor("ben")).rows[0]
    ben.post(f"/notices/{newest.id}/read")

    assert newest.number in ben.get("/notices/").text
    alone = ben.get("/notices/?unread=1").text
    assert newest.number not in alone
    assert (case.number if newest.number == other.number else other.number) in alone


def test_notices_of_one_kind_can_be_seen_alone(sqlite_office: Office, signed_in: SignIn) -> None:
    office, ben = sqlite_office, signed_in("ben")
    given, named = office.complaint(), office.complaint()
    office.workflow.delegate(given.id, 1, to=office.people["ben"], note="", actor=office.actor("anna"))
    office.workflow.comment(named.id, "@ben 请看", actor=office.actor("anna"))
    both, alone = ben.get("/notices/").text, ben.get("/notices/?kind=mentioned").text

    assert (given.number in both, named.number in both) == (True, True)
    assert (given.number in alone, named.number in alone) == (False, True)
    assert given.number in ben.get("/notices/?kind=unheard-of").text
    assert "没有找到" in ben.get("/notices/?kind=damage").text
    notice = next(one for one in office.workflow.notices(office.actor("ben"), kind="mentioned").rows)
    back = ben.post(f"/notices/{notice.id}/read?kind=mentioned&unread=1").headers["Location"]
    assert named.number not in ben.get(back).text
