"""The supervisor's board: lists in groups that count what they list, and actions on several cases at once."""

import re
from collections.abc import Callable
from html import unescape

import pytest

from tests.support.office import Office
from tests.web.conftest import Visitor
from workflow.core.step import SYSTEM
from workflow.service.board import By, Of
from workflow.storage import due
from workflow.storage.queries.board import AGES

Enter = Callable[[str], Visitor]
WAYS: tuple[By, ...] = ("level", "age", "unit", "lifecycle", "manager")
LISTS: tuple[tuple[Of, str], ...] = (
    ("overdue", "/supervision/"),
    ("soon", "/supervision/soon"),
    ("escalations", "/supervision/escalations"),
)


@pytest.fixture
def late(sqlite_office: Office) -> list[int]:
    """Complaints past their 48 hours: two of long ago, one of yesterday; and one that will be late."""
    office = sqlite_office
    first, second = office.complaint().id, office.complaint("ben").id
    office.later(days=2)
    office.fire()
    third = office.complaint().id
    office.later(days=3)
    office.complaint()
    office.later(hours=1)
    office.fire()
    return [first, second, third]


def refusals(office: Office) -> list[str]:
    with office.database.reading() as connection:
        return [row[0] for row in connection.exec_driver_sql("SELECT attempt FROM refusals ORDER BY id")]


@pytest.mark.parametrize(("of", "path"), LISTS)
def test_each_group_opens_a_list_of_as_many_as_it_counts(
    sqlite_office: Office, signed_in: Enter, late: list[int], of: Of, path: str
) -> None:
    door, me, visitor = sqlite_office.workflow, sqlite_office.actor("supervisor"), signed_in("supervisor")
    whole = door.board(of, me)
    assert whole.rows
    for by in WAYS:
        groups = door.groups(of, by, me)
        listed = [door.board(of, me, group=(by, one.key)) for one in groups]
        assert [one.count for one in groups] == [page.count for page in listed]
        rows = {
            (row.case, getattr(row, "no", None), getattr(row, "name", None)) for page in listed for row in page.rows
        }
        assert len(rows) == whole.count
        shown = visitor.get(path, query_string={"by": by}).text
        chips = re.findall(r'<a class="chip" href="([^"]+)">[^<]+<span class="count">(\d+)</span>', shown)
        assert sorted(int(count) for _, count in chips) == sorted(one.count for one in groups)
        for address, count in chips:
            assert len(re.findall(r'class="pick"', visitor.get(unescape(address)).text)) == int(count)


def test_groups_count_the_same_on_both_databases(office: Office) -> None:
    for _ in range(2):
        office.complaint()
    office.later(days=9)
    office.fire()
    me = office.actor("director")
    for of, _ in LISTS:
        for by in WAYS:
            found = office.workflow.groups(of, by, me)
            pages = [office.workflow.board(of, me, group=(by, one.key)).count for one in found]
            assert [one.count for one in found] == pages
    assert office.workflow.board("overdue", me).count >= 2


def test_the_age_is_what_the_list_says(sqlite_office: Office, late: list[int]) -> None:
    door, me = sqlite_office.workflow, sqlite_office.actor("supervisor")
    spans = dict(AGES)
    for one in door.groups("overdue", "age", me):
        for row in door.board("overdue", me, group=("age", one.key)).rows:
            past = sqlite_office.now - row.due
            assert past < spans.get(str(one.key), past * 2)


def test_what_falls_due_within_48_hours_and_is_not_late_yet(sqlite_office: Office, late: list[int]) -> None:
    door, me = sqlite_office.workflow, sqlite_office.actor("supervisor")
    soon = door.board("soon", me).rows
    sqlite_office.later(hours=48)
    assert soon
    assert {(row.case, row.name) for row in soon} <= {(row.case, row.name) for row in door.board("overdue", me).rows}
    assert not {row.case for row in soon} & set(late)


def test_the_preview_writes_nothing(sqlite_office: Office, signed_in: Enter, late: list[int]) -> None:
    visitor = signed_in("supervisor")
    before = sqlite_office.count("steps"), sqlite_office.count("refusals")
    for do in ("acknowledge", "remind", "take", "assign", "extend", "comment"):
        answer = visitor.post("/supervision/board/", {"do": do, "pick": [str(one) for one in late]})
        assert answer.status_code == 200, do
    assert (sqlite_office.count("steps"), sqlite_office.count("refusals")) == before


def test_escalations_are_acknowledged_together_once(sqlite_office: Office, signed_in: Enter, late: list[int]) -> None:
    door, me = sqlite_office.workflow, sqlite_office.actor("supervisor")
    visitor = signed_in("supervisor")
    form = {"do": "acknowledge", "pick": [str(one) for one in late], "note": "已知悉", "key": "k1"}
    first = visitor.post("/supervision/board/do", form).text
    steps = sqlite_office.count("steps")
    visitor.post("/supervision/board/do", form)

    assert "操作成功3件" in first
    city = sqlite_office.units["city"]
    assert all(row.acknowledged for row in door.board("escalations", me).rows if row.unit and row.unit.id == city)
    assert sqlite_office.count("steps") == steps


def test_who_works_is_reminded_by_a_step_and_a_notice(sqlite_office: Office, signed_in: Enter, late: list[int]) -> None:
    anna = sqlite_office.actor("anna")
    before = len(sqlite_office.workflow.notices(anna).rows)
    form = {"do": "remind", "pick": [str(late[0])], "text": "请今天答复客户", "key": "k2"}
    visitor = signed_in("supervisor")
    for _ in range(2):
        assert "操作成功1件" in visitor.post("/supervision/board/do", form).text

    last = sqlite_office.workflow.history(late[0], SYSTEM)[-1]
    assert (last.kind, last.actor and last.actor.id) == ("comment", sqlite_office.people["supervisor"])
    assert len(sqlite_office.workflow.notices(anna).rows) == before + 1


def test_nobody_to_remind_is_said_and_recorded(sqlite_office: Office, signed_in: Enter, late: list[int]) -> None:
    (task,) = sqlite_office.stored(late[0]).tasks
    sqlite_office.workflow.reassign(
        late[0], task.no, to=sqlite_office.people["supervisor"], reason="接办", actor=sqlite_office.actor("supervisor")
    )
    visitor = signed_in("supervisor")
    assert "没有其他人正在办理" in visitor.post("/supervision/board/", {"do": "remind", "pick": [str(late[0])]}).text
    form = {"do": "remind", "pick": [str(one) for one in late], "text": "请办理", "key": "k3"}
    answer = visitor.post("/supervision/board/do", form).text
    assert "操作成功2件" in answer
    assert "无人可提醒" in answer
    assert refusals(sqlite_office) == ["remind"]


def test_tasks_are_taken_over_and_given_away(sqlite_office: Office, signed_in: Enter, late: list[int]) -> None:
    people = sqlite_office.people
    visitor = signed_in("supervisor")
    picks = [str(one) for one in late]
    visitor.post("/supervision/board/do", {"do": "take", "pick": picks, "reason": "催办无果", "key": "k4"})
    assert {task.assignee for one in late for task in sqlite_office.stored(one).tasks} == {people["supervisor"]}
    form = {"do": "assign", "pick": picks, "to": str(people["ben"]), "reason": "分担", "key": "k5"}
    assert "操作成功3件" in visitor.post("/supervision/board/do", form).text
    assert {task.assignee for one in late for task in sqlite_office.stored(one).tasks} == {people["ben"]}
    last = sqlite_office.workflow.history(late[0], sqlite_office.actor("ben"))[-1]
    assert (last.kind, last.form["reason"]) == ("reassign", "分担")


def test_what_is_refused_for_one_is_done_for_the_others(
    sqlite_office: Office, signed_in: Enter, late: list[int]
) -> None:
    picks = [str(one) for one in late] + ["99999"]
    form = {"do": "assign", "pick": picks, "to": str(sqlite_office.people["root"]), "reason": "x", "key": "k6"}
    assert "4件未成功" in signed_in("supervisor").post("/supervision/board/do", form).text
    form |= {"to": str(sqlite_office.people["ben"]), "key": "k7"}
    answer = signed_in("supervisor").post("/supervision/board/do", form).text
    assert "操作成功3件" in answer
    assert "1件未成功" in answer


def test_a_clock_is_extended_only_where_the_lifecycle_lets_one(
    sqlite_office: Office, signed_in: Enter, late: list[int]
) -> None:
    visitor = signed_in("supervisor")
    answer = visitor.post("/supervision/board/", {"do": "extend", "pick": [str(late[0])]}).text
    assert "流程此时不允许您延长时限" in answer
    assert 'action="/supervision/board/do"' not in answer


def test_supervisors_of_elsewhere_act_on_nothing(sqlite_office: Office, signed_in: Enter, late: list[int]) -> None:
    steps = sqlite_office.count("steps")
    form = {"do": "comment", "pick": [str(one) for one in late], "text": "hello", "key": "k8"}
    answer = signed_in("stranger").post("/supervision/board/do", form).text
    assert "3件未成功" in answer
    assert "青云数据" not in answer
    assert sqlite_office.count("steps") == steps
    assert signed_in("anna").post("/supervision/board/do", form).status_code == 403


def test_nothing_that_makes_sense_leads_back(signed_in: Enter) -> None:
    visitor = signed_in("supervisor")
    forms: list[dict[str, str]] = [{}, {"do": "comment"}, {"do": "burn", "pick": "1"}, {"do": "take", "pick": "x-1"}]
    for form in forms:
        for path in ("/supervision/board/", "/supervision/board/do"):
            assert visitor.post(path, form).headers["Location"] == "/supervision/"


def test_incidents_are_tried_again_together_and_say_what_they_mean(sqlite_office: Office, signed_in: Enter) -> None:
    cases = [sqlite_office.complaint().id, sqlite_office.complaint().id]
    with sqlite_office.database.writing() as connection:
        for case, fault in zip(cases, ("ConditionFault('x')", "ZeroDivisionError()"), strict=True):
            due.failed(connection, case, sqlite_office.now, kind="timer", detail=fault)
    visitor = signed_in("supervisor")
    page = visitor.get("/supervision/incidents").text
    numbers = re.findall(r'name="pick" value="(\d+)"', page)

    assert "流程文件里的条件无法计算" in page
    assert "一个到期动作没有完成" in page
    assert len(numbers) == 2
    assert visitor.post("/supervision/incidents", {"pick": [*numbers, "99999", "x"]}).status_code == 302
    after = visitor.get("/supervision/incidents").text
    assert "已重试2项，其中0项再次失败；1项已不在" in after
    assert refusals(sqlite_office) == ["retry"]
    assert signed_in("anna").post("/supervision/incidents", {"pick": numbers}).status_code == 403
    visitor.post("/supervision/incidents", {})
    assert sqlite_office.count("refusals") == 1
