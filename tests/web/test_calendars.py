"""Calendars are there to be looked at by everyone, and changed by administrators who have seen what that moves."""

import json
from collections.abc import Callable
from html import unescape
from io import BytesIO

import pytest

from tests.support.office import Office
from tests.support.timed import timed
from tests.web.conftest import Visitor, hidden, token
from web import calendars
from workflow.core.step import SYSTEM
from workflow.storage.database import Database

Enter = Callable[[str], Visitor]
PAGE = "/calendars/working/"


@pytest.fixture
def sqlite_office(sqlite_database: Database) -> Office:
    office = Office(sqlite_database, timed())
    office.workflow.adopt_calendars()
    return office


def upload(visitor: Visitor, content: bytes, **more: str) -> str:
    shown = visitor.get(PAGE).text
    form = {"csrf_token": token(shown), "file": (BytesIO(content), "days.json"), **more}
    return visitor.client.post(f"{PAGE}file", data=form, content_type="multipart/form-data").text


def opened(office: Office) -> int:
    data = {"priority": "high"}
    return office.workflow.open("timed", customer=office.customer, actor=office.actor("anna"), data=data).id


@pytest.mark.parametrize("login", ["anna", "root"])
def test_everyone_sees_a_year_with_its_names_in_both_languages(signed_in: Enter, login: str) -> None:
    visitor = signed_in(login)
    listed, year, version = (visitor.get(page) for page in ("/calendars/", f"{PAGE}?year=2026", f"{PAGE}versions/1"))

    assert (listed.status_code, year.status_code, version.status_code) == (200, 200, 200)
    assert "已公布至2026年" in listed.text
    assert year.text.count("<caption>") == 12
    assert "国庆节" in year.text
    assert "National Day" in year.text
    assert "Make-up working day (7 Oct 2026 is off instead)" in year.text
    assert ("保存" in year.text or "先看影响" in year.text) is (login == "root")
    assert visitor.get("/calendars/lunar/").status_code == 404
    assert visitor.get(f"{PAGE}versions/7").status_code == 404


def test_a_year_not_announced_says_so_and_odd_years_are_brought_into_reach(signed_in: Enter) -> None:
    visitor = signed_in("anna")

    assert "2027年尚未公布" in visitor.get(f"{PAGE}?year=2027").text
    for odd in ("0", "9999", "x", "-1", "２０２６"):
        assert visitor.get(f"{PAGE}?year={odd}").status_code == 200


def test_a_day_is_taken_off_after_seeing_what_that_moves(sqlite_office: Office, signed_in: Enter) -> None:
    case = opened(sqlite_office)
    root = signed_in("root")
    sent = {"since": "2026-03-03", "kind": "off", "name_zh": "台风", "name_en": "Typhoon"}
    seen = root.post(f"{PAGE}days", sent, page=PAGE)
    kept_before = sqlite_office.workflow.calendars()["working"].version

    assert "1天改为休息；3个未结期限将重新计算" in seen.text
    assert kept_before == 1
    form = {name: hidden(seen.text, name) for name in ("seen", "text")}
    done = root.post(f"{PAGE}keep", form, page=PAGE)
    again = root.post(f"{PAGE}keep", form, page=PAGE)
    sqlite_office.fire()
    told = signed_in("anna").get(f"{PAGE}versions/2").text

    assert (done.status_code, done.headers["Location"]) == (302, f"{PAGE}versions/2")
    assert again.status_code == 422
    assert "刚才有人改过该日历" in again.text
    assert "台风" in root.get(f"{PAGE}?year=2026").text
    assert f'href="/cases/{case}/#history"' in told
    assert "因日历变动" in signed_in("anna").get(f"/cases/{case}/").text


def test_a_list_of_days_off_is_previewed_and_a_broken_one_is_named(sqlite_office: Office, signed_in: Enter) -> None:
    root = signed_in("root")
    days = [
        {"name": "元旦", "date": "2027-01-01", "isOffDay": True},
        {"name": "元旦", "date": "2027-01-03", "isOffDay": False},
    ]
    whole = json.dumps({"year": 2027, "days": days}, ensure_ascii=False).encode()

    told = upload(root, whole)
    assert "1天改为休息、1天改为上班、公布至2027年" in told
    assert "没有未结期限受影响" in told
    assert "文件不完整" in upload(root, whole[:40])
    assert "不是UTF-8编码" in upload(root, whole.decode().encode("gbk"))
    assert "既不是iCalendar文件" in upload(root, b"hello")
    assert "没有列出任何日期" in upload(root, b"")
    assert sqlite_office.workflow.calendars()["working"].version == 1


def test_a_file_that_is_too_large_is_not_read(signed_in: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendars, "MOST_FILE", 100)

    assert "文件太大" in upload(signed_in("root"), b" " * 101)


DAYS_THAT_CANNOT_BE: tuple[tuple[dict[str, str], str], ...] = (
    ({"since": "2026-03-09", "until": "2026-03-03", "kind": "off"}, "结束日期早于开始日期"),
    ({"since": "2026-03-09", "until": "2028-03-09", "kind": "off"}, "相隔超过一年"),
    ({"since": "9 March", "kind": "off"}, "结束日期早于开始日期"),
    ({"since": "0001-01-01", "kind": "off"}, "结束日期早于开始日期"),
    ({"since": "2026-03-09", "kind": "hours", "hours": "9-12"}, "时段应写成"),
    ({"since": "2026-03-09", "kind": "hours", "hours": ""}, "时段应写成"),
    ({"since": "2026-03-09", "kind": "sideways"}, "时段应写成"),
    ({"since": "2026-03-09", "kind": "working"}, "与现行日历内容相同"),
    ({"since": "2026-03-09", "kind": "off", "known_through": "soon"}, "相隔超过一年"),
)


def test_days_that_cannot_be_are_answered_with_a_sentence(signed_in: Enter) -> None:
    root = signed_in("root")
    for sent, said in DAYS_THAT_CANNOT_BE:
        answer = root.post(f"{PAGE}days", sent, page=PAGE)
        assert answer.status_code == 422
        assert said in answer.text


def test_other_hours_of_the_week_and_a_week_without_any(sqlite_office: Office, signed_in: Enter) -> None:
    opened(sqlite_office)
    root = signed_in("root")
    week = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "08:00-12:00 13:00-17:00")

    told = root.post(f"{PAGE}week", week, page=PAGE)
    shut = root.post(f"{PAGE}week", dict.fromkeys(week, ""), page=PAGE)
    wrong = root.post(f"{PAGE}week", {**week, "mon": "eight to five"}, page=PAGE)

    assert "每周5天时段变化" in told.text
    assert (shut.status_code, wrong.status_code) == (422, 422)
    assert "没有任何上班时段" in shut.text
    assert "eight to five" in wrong.text


def test_another_calendar_is_begun_and_given_to_a_unit(sqlite_office: Office, signed_in: Enter) -> None:
    root = signed_in("root")
    begun = {"name": "county", "title_zh": "县局日历", "title_en": "County calendar"}
    made = root.post(f"{PAGE}copies", begun, page=PAGE)
    twice = root.post(f"{PAGE}copies", begun, page=PAGE)
    odd = root.post(f"{PAGE}copies", {**begun, "name": "County!"}, page=PAGE)
    county = str(sqlite_office.units["county"])
    given = root.post("/calendars/units", {"unit": county, "calendar": "county"}, page="/calendars/")
    none = root.post("/calendars/units", {"unit": county, "calendar": "lunar"}, page="/calendars/")

    assert (made.status_code, made.headers["Location"]) == (302, "/calendars/county/")
    assert "已有同名日历" in twice.text
    assert "名称只能用小写字母" in odd.text
    assert given.status_code == 302
    assert none.status_code == 404
    assert sqlite_office.workflow.directory().calendar_of(sqlite_office.units["county"]) == "county"
    assert "本单位设定" in root.get("/calendars/").text


def test_what_is_kept_is_read_again_and_not_believed(sqlite_office: Office, signed_in: Enter) -> None:
    root = signed_in("root")
    for text in ("", "{", "[]", '{"name": "mornings"}', unescape("&#x661;")):
        answer = root.post(f"{PAGE}keep", {"seen": "1", "text": text}, page=PAGE)
        assert answer.status_code == 422
    assert sqlite_office.workflow.calendars()["working"].version == 1


def test_who_is_no_administrator_changes_nothing(sqlite_office: Office, signed_in: Enter) -> None:
    director = signed_in("director")

    for action in (f"{PAGE}days", f"{PAGE}week", f"{PAGE}file", f"{PAGE}keep", f"{PAGE}copies", "/calendars/units"):
        assert director.post(action, {"since": "2026-03-09", "kind": "off"}).status_code == 403
    assert sqlite_office.count("calendars") == 2


def test_every_due_time_of_a_case_leads_to_its_derivation(sqlite_office: Office, signed_in: Enter) -> None:
    case = opened(sqlite_office)
    task = sqlite_office.stored(case).tasks[0].no
    nudge = next(t.no for t in sqlite_office.stored(case).timers if t.kind == "state")
    anna = signed_in("anna")
    shown, work = anna.get(f"/cases/{case}/").text, anna.get(f"/cases/{case}/due/{task}/").text

    for no in (task, nudge):
        assert f'href="/cases/{case}/due/{no}/"' in shown
    assert f'href="/cases/{case}/due/{task}/"' in anna.get("/inbox/queue").text
    assert f'href="/cases/{case}/due/{task}/"' in anna.get(f"/cases/{case}/tasks/{task}/").text
    assert f'href="/cases/{case}/clocks/office/"' in anna.get("/cases/").text
    assert "自2026年3月2日 09:00起计时，时限3天" in work
    assert "到期时间：2026年3月5日 09:00" in work
    assert "5个工作日" in anna.get(f"/cases/{case}/due/{nudge}/").text
    assert anna.get(f"/cases/{case}/due/999/").status_code == 404
    assert signed_in("carl").get(f"/cases/{case}/due/{task}/").status_code == 404


def test_the_life_of_an_escalation_is_on_the_pages(sqlite_office: Office, signed_in: Enter) -> None:
    case = opened(sqlite_office)
    sqlite_office.later(days=1, hours=2)
    sqlite_office.fire()
    door, boss = sqlite_office.workflow, sqlite_office.actor("supervisor")
    [raised] = door.case(case, SYSTEM).escalations
    supervisor = signed_in("supervisor")
    place = "/supervision/escalations"
    unanswered = supervisor.get(place).text
    door.acknowledge(case, raised.no, actor=boss)
    waiting = supervisor.get(place).text
    task = sqlite_office.stored(case).tasks[0].no
    door.reassign(case, task, to=sqlite_office.people["ben"], reason="改派", actor=boss)
    acted = supervisor.get(place).text
    door.perform(case, "finish", actor=sqlite_office.actor("ben"))
    over = supervisor.get(f"/cases/{case}/").text

    assert "已通知supervisor员" in unanswered
    assert "确认后尚未处理" in waiting
    assert "已处理：" in acted
    assert "确认后尚未处理" not in acted
    assert "时限达成，升级结束" in over
