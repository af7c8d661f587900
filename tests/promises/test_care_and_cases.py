"""Birthdays and festivals (001 §4), and case studies that everybody may read (004 §3.3, 003 annex 7)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from tests.promises.house import SHANGHAI, House, Story
from tests.promises.paths import complaint, maintained
from workflow.audit.rounds import Rounds
from workflow.core.errors import CaseNotFound, ConditionNotMet, FourEyes, NotPermitted
from workflow.core.step import SYSTEM
from workflow.service import birthdays
from workflow.service.views.lists import Filters

WRITTEN = {
    "title": "中秋礼盒次日达",
    "situation": "家具企业的节日员工福利",
    "approach": "礼盒加商函的组合方案",
    "result": "新增年收入三十万元",
    "lessons": "节前两个月即应介入",
}


def test_a_birthday_is_prepared_a_week_before_and_comes_back_each_year(house: House) -> None:
    """001 §4; the week is ours."""
    maintained(house)
    care = house.open("customer_care", by="wang", kind="birthday", day="1970-05-20", whom="周经理")
    house.wait_until(house.local(5, 12, 23, 59))
    assert care.state == "waiting"
    house.wait_until(house.local(5, 13, 0, 0))
    assert (care.work(), care.due("care")) == ({"care": "wang"}, house.local(5, 20, 18))
    care.do("cared", by="wang", done="送上贺卡")
    house.wait_until(house.local(5, 12, 23, year=2027))
    assert care.state == "waiting"
    house.wait_until(house.local(5, 13, 8, year=2027))
    assert care.state == "preparing"
    house.wait_until(house.local(5, 20, 18, 1, year=2027))
    assert care.escalations() == [(1, ("du",))]


def test_a_birthday_a_few_days_off_is_prepared_at_once(house: House) -> None:
    """001 §4."""
    maintained(house)
    care = house.open("customer_care", by="wang", kind="birthday", day="1970-03-04", whom="周经理")
    house.wait(minutes=1)
    assert care.work() == {"care": "wang"}


def test_birthdays_on_a_customers_file_open_their_cases_by_themselves_once(twofold: House) -> None:
    """001 §4, 003 annex 2: whoever decides is remembered without anybody having to remember; a month before is ours."""
    house = twofold
    maintained(house)
    people = [
        {"name": "周经理", "birthday": "1970-03-20", "decides": True},
        {"name": "赵主任", "birthday": "03-20"},
        {"name": "钱工", "birthday": "1980-07-01"},
        {"name": "孙秘书"},
    ]
    house.workflow.change_customer(house.customer, {"contacts": people}, actor=SYSTEM, at=house.now)
    today = house.now.astimezone(SHANGHAI).date()

    def cares() -> list[tuple[str, str]]:
        rows = house.workflow.cases(SYSTEM, filters=Filters(definition="customer_care")).rows
        views = [house.workflow.case(row.id, house.actor("wang")) for row in rows]
        return sorted((view.data["day"], view.data["whom"]) for view in views)

    with ThreadPoolExecutor(2) as both:
        opened = list(both.map(lambda _: house.workflow.watch_birthdays(today, at=house.now), range(2)))
    assert sorted(opened) == [0, 2]
    assert cares() == [("2026-03-20", "周经理"), ("2026-03-20", "赵主任")]
    assert house.workflow.watch_birthdays(today, at=house.now) == 0
    house.wait_until(house.local(3, 13, 9))
    work = house.workflow.inbox(house.actor("wang"), filters=Filters(definition="customer_care")).rows
    assert [row.name for row in work] == ["care", "care"]
    for row in work:
        house.workflow.perform(row.case, "stop", form={"why": "不再负责采购"}, actor=house.actor("wang"), at=house.now)
    assert house.workflow.watch_birthdays(house.local(3, 15).date(), at=house.now) == 0
    house.wait_until(house.local(6, 5, 9))
    assert house.workflow.watch_birthdays(date(2026, 6, 5), at=house.now) == 1
    assert cares()[-1] == ("2026-07-01", "钱工")
    [care] = house.workflow.cases(SYSTEM, filters=Filters(definition="customer_care", closed=False)).rows
    assert Rounds(house.workflow.database, house.workflow.library).one(care.id).differences == ()


@pytest.mark.parametrize(
    ("birthday", "today", "comes"),
    [
        ("1970-02-29", date(2026, 2, 1), date(2026, 2, 28)), ("02-29", date(2028, 2, 1), date(2028, 2, 29)),
        ("1970-01-03", date(2026, 12, 20), date(2027, 1, 3)), ("05-20", date(2026, 5, 20), date(2026, 5, 20)),
        ("05-20", date(2026, 5, 21), date(2027, 5, 20)),
    ],
)  # fmt: skip
def test_a_birthday_comes_each_year(birthday: str, today: date, comes: date) -> None:
    assert birthdays.comes(birthday, today) == comes


def test_a_case_study_is_called_by_its_title_in_lists(house: House) -> None:
    """004 §3.3: found by what it is about."""
    study = published(house)
    row = house.workflow.cases(house.actor("zhao"), filters=Filters(definition="case_study")).rows[0]
    complaint(house)
    other = house.workflow.cases(house.actor("wang"), filters=Filters(definition="complaint")).rows[0]
    assert (row.id, row.called, other.called) == (study.id, WRITTEN["title"], None)


def test_of_a_festival_and_a_forum_the_next_date_is_given(house: House) -> None:
    """001 §4: a visit at festivals, led by the head of the centre, and a forum each year."""
    maintained(house)
    festival = house.open("customer_care", by="wang", kind="festival", day="2026-03-05", whom="周经理")
    house.wait(minutes=1)
    assert (festival.work(), festival.notices("notice")[-1][2]) == ({"hold": "dong"}, ("wang", "dong"))
    festival.do("cared", by="dong", done="带队走访", gift="邮册", next_day="2026-09-25")
    assert festival.case.data["day"] == "2026-09-25"
    forum = house.open("customer_care", by="dong", kind="forum", day="2026-06-18")
    house.wait_until(house.local(6, 11, 8))
    assert forum.work() == {"hold": "dong"}
    assert isinstance(forum.refused("cared", by="dong", done="三十家客户到会"), ConditionNotMet)
    forum.do("cared", by="dong", done="三十家客户到会", next_day="2027-06-17")
    assert forum.case.data["day"] == "2027-06-17"
    house.wait_until(house.local(6, 10, 8, year=2027))
    assert forum.work() == {"hold": "dong"}
    assert isinstance(forum.refused("cared", by="dong", done="再次举办"), ConditionNotMet)


def published(house: House) -> Story:
    return house.open("case_study", by="li", about=False, **WRITTEN).do("publish", by="dong")


def test_a_case_study_is_reviewed_by_somebody_else_and_published(house: House) -> None:
    """003 §2.2(一)5, annex 7."""
    story = house.open("case_study", by="li", about=False, **WRITTEN)
    assert (story.work(), story.due("review")) == ({"review": "dong"}, house.local(3, 9, 9))
    story.do("return", by="dong", opinion="补充成效").do("resubmit", by="li", **WRITTEN).do("publish", by="dong")
    assert (story.state, story.notices("notice")[-1][2]) == ("published", ("li",))
    assert story.case.data["kind"] == "case"
    solution = house.open("case_study", by="li", about=False, **WRITTEN, kind="solution")  # 004 §1.3 C(3)⑦
    assert solution.case.data["kind"] == "solution"


def test_a_published_case_study_is_read_by_managers_of_other_units_and_found_by_its_words(house: House) -> None:
    """004 §3.3: shared by all."""
    draft = house.open("case_study", by="li", about=False, **WRITTEN)
    reader = house.actor("zhao")
    with pytest.raises(CaseNotFound):
        house.workflow.case(draft.id, reader)
    assert house.workflow.cases(reader, filters=Filters(text="礼盒")).rows == ()
    draft.do("publish", by="dong")
    assert house.workflow.case(draft.id, reader).row.id == draft.id
    for words in ("礼盒", "次日达", "员工福利"):
        assert [row.id for row in house.workflow.cases(reader, filters=Filters(text=words)).rows] == [draft.id]
    assert house.workflow.cases(reader, filters=Filters(text="大理石")).rows == ()


def test_readers_rate_a_case_study_once_and_never_their_own(house: House) -> None:
    """004 §3.3."""
    story = published(house)
    assert isinstance(story.refused("rate", by="li", stars="5"), ConditionNotMet)
    story.do("rate", by="zhao", stars="5")
    assert isinstance(story.refused("rate", by="zhao", stars="5"), FourEyes)
    story.do("rate", by="wang", stars="4")
    assert (story.case.data["ratings"], story.case.data["points"]) == (2, 9)
    assert isinstance(story.refused("rate", by="fen", stars="1"), NotPermitted)


def test_a_new_project_is_filed_and_approved_and_its_window_extended_once_by_at_most_half(house: House) -> None:
    """002 §11(2): two months for a regular project; once and by at most half are ours."""
    story = maintained(house).do("start_project", by="wang", new_project="仓配", new_kind="regular")
    project = story.linked("project").do("return", by="dong", opinion="写明产品")
    project.do("resubmit", by="wang", plan="仓配一体", kind="regular").do("approve", by="dong")
    assert project.clock("window").due == house.local(5, 2, 9)
    assert project.refused("extend", by="dong", extension_days=31, why="招标推迟").code == "ExtensionRefused"
    project.do("extend", by="dong", extension_days=30, why="招标推迟")
    assert project.clock("window").due == house.local(6, 1, 9)
    assert isinstance(project.refused("extend", by="dong", extension_days=1, why="再延"), ConditionNotMet)
