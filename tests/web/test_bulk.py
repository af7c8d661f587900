"""One action on several tasks: looked at first, done one by one, taken back where that is honest."""

from collections.abc import Callable

import pytest

from tests.support.office import Office
from tests.web.conftest import Visitor

Enter = Callable[[str], Visitor]


def picks(*cases: int) -> dict[str, list[str]]:
    return {"pick": [f"{case}-1" for case in cases]}


def holders(office: Office, cases: tuple[int, int]) -> set[int | None]:
    return {task.assignee for case in cases for task in office.stored(case).tasks}


@pytest.fixture
def two(sqlite_office: Office) -> tuple[int, int]:
    return sqlite_office.complaint().id, sqlite_office.complaint().id


def test_looking_at_it_first_writes_nothing(sqlite_office: Office, signed_in: Enter, two: tuple[int, int]) -> None:
    anna = signed_in("anna")
    before = sqlite_office.count("steps"), sqlite_office.count("snoozes"), sqlite_office.count("refusals")
    for do in ("claim", "later", "complete"):
        assert anna.post("/inbox/bulk/", {"do": do, **picks(*two)}).status_code == 200
    assert (sqlite_office.count("steps"), sqlite_office.count("snoozes"), sqlite_office.count("refusals")) == before


def test_later_and_back_again(sqlite_office: Office, signed_in: Enter, two: tuple[int, int]) -> None:
    anna = signed_in("anna")
    anna.post("/inbox/bulk/do", {"do": "later", "until": "week", **picks(*two)})
    assert sqlite_office.count("snoozes") == 2
    answer = anna.post("/inbox/bulk/undo", {"do": "show", **picks(*two)})
    assert answer.headers["Location"] == "/inbox/"
    assert sqlite_office.count("snoozes") == 0


def test_the_same_form_finishes_them_all_and_twice_is_once(
    sqlite_office: Office, signed_in: Enter, two: tuple[int, int]
) -> None:
    anna = signed_in("anna")
    shown = anna.post("/inbox/bulk/", {"do": "complete", "trigger": "answer", **picks(*two)}).text
    assert 'name="f.reply"' in shown
    form = {"do": "complete", "trigger": "answer", "confirmed": "1", "key": "k1", "f.reply": "已致歉。", **picks(*two)}
    first = anna.post("/inbox/bulk/do", form)
    steps = sqlite_office.count("steps")
    second = anna.post("/inbox/bulk/do", form)
    assert "操作成功2项" in first.text
    assert sqlite_office.count("steps") == steps
    assert second.status_code == 200
    assert {sqlite_office.stored(case).state for case in two} == {"answered"}


def test_what_is_refused_for_one_is_done_for_the_others(
    sqlite_office: Office, signed_in: Enter, two: tuple[int, int]
) -> None:
    anna = signed_in("anna")
    sqlite_office.workflow.perform(two[0], "answer", form={"reply": "已致歉"}, actor=sqlite_office.actor("anna"))
    form = {"do": "complete", "trigger": "answer", "confirmed": "1", "key": "k2", "f.reply": "已致歉。", **picks(*two)}
    answer = anna.post("/inbox/bulk/do", form).text
    assert "操作成功1项" in answer
    assert "1项未成功" in answer
    assert sqlite_office.stored(two[1]).state == "answered"


def test_a_form_left_empty_is_refused_for_each_and_recorded(
    sqlite_office: Office, signed_in: Enter, two: tuple[int, int]
) -> None:
    anna = signed_in("anna")
    form = {"do": "complete", "trigger": "answer", "confirmed": "1", "key": "k3", "f.reply": "", **picks(*two)}
    assert "2项未成功" in anna.post("/inbox/bulk/do", form).text
    assert {sqlite_office.stored(case).state for case in two} == {"received"}
    assert sqlite_office.count("refusals") == 2


def test_tasks_of_different_kinds_have_no_way_in_common(
    sqlite_office: Office, signed_in: Enter, two: tuple[int, int]
) -> None:
    anna = signed_in("anna")
    sqlite_office.workflow.perform(two[0], "answer", form={"reply": "已致歉"}, actor=sqlite_office.actor("anna"))
    (task,) = [row.no for row in sqlite_office.workflow.inbox(sqlite_office.actor("anna")).rows if row.case == two[0]]
    picked = {"do": "complete", "pick": [f"{two[0]}-{task}", f"{two[1]}-1"]}
    page = anna.post("/inbox/bulk/", picked).text
    assert "没有共同的办法" in page
    assert "项可以办理" not in page
    assert "返回待办" in page


def test_only_overseers_assign(sqlite_office: Office, signed_in: Enter, two: tuple[int, int]) -> None:
    ben = str(sqlite_office.people["ben"])
    form = {"do": "assign", "to": ben, "reason": "休假", "key": "k4", **picks(*two)}
    signed_in("anna").post("/inbox/bulk/do", form)
    assert {task.assignee for case in two for task in sqlite_office.stored(case).tasks} == {
        sqlite_office.people["anna"]
    }
    answer = signed_in("supervisor").post("/inbox/bulk/do", form)
    assert "操作成功2项" in answer.text
    assert holders(sqlite_office, two) == {sqlite_office.people["ben"]}


@pytest.mark.parametrize(
    "form",
    [{}, {"do": "later"}, {"do": "burn", "pick": "1-1"}, {"do": "later", "pick": ["x", "1-", "-1", "1-1-1", "٣-1"]}],
)
def test_nothing_that_makes_sense_leads_back(signed_in: Enter, form: dict[str, object]) -> None:
    for path in ("/inbox/bulk/", "/inbox/bulk/do"):
        assert signed_in("anna").post(path, form).headers["Location"] == "/inbox/"


def test_a_case_one_may_not_see_is_told_as_such(sqlite_office: Office, signed_in: Enter, two: tuple[int, int]) -> None:
    carl = signed_in("carl")
    answer = carl.post("/inbox/bulk/do", {"do": "later", "until": "week", **picks(*two)}).text
    assert "2项未成功" in answer
    assert "青云数据" not in answer
    assert sqlite_office.count("snoozes") == 0


def test_the_search_finds_by_name_initials_and_number(sqlite_office: Office, signed_in: Enter) -> None:
    case = sqlite_office.complaint()
    anna = signed_in("anna")
    for asked in ("青云", "qysj", "QYSJ", case.number, case.number.lower()):
        page = anna.get("/search/", query_string={"q": asked}).text
        assert case.number in page
        offers = anna.get("/search/palette", query_string={"q": asked}).json["offers"]
        assert f"/cases/{case.id}/" in {one["url"] for one in offers}
    assert "没有找到" in anna.get("/search/?q=zzzz").text
    assert signed_in("carl").get("/search/palette", query_string={"q": "青云"}).json["offers"] == []


def test_the_palette_knows_where_one_may_go(signed_in: Enter) -> None:
    anna, root = (
        {one["url"] for one in signed_in(login).get("/search/places").json["offers"]} for login in ("anna", "root")
    )
    assert {"/inbox/", "/cases/", "/cases/new/complaint", "/inbox/?overdue=1", "/results/"} <= anna
    assert "/inbox/" not in root
    assert "/results/" not in root
    assert "/organisation/units" in root - anna
    assert "/settings" in root
