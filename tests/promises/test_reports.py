"""Weekly and monthly reports: drafted by the system, completed by the manager (domain §4.4, 004 §2.2 E(3))."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.promises.house import House, Story
from tests.promises.paths import complaint, go, maintained, signed
from workflow.audit.archive import StoredArchive
from workflow.audit.judge import Judge
from workflow.audit.known import Known
from workflow.core.definition.expressions import Text
from workflow.core.definition.fields import Field
from workflow.core.drafts import fitting
from workflow.core.errors import ConditionNotMet, NotPermitted
from workflow.core.step import SYSTEM
from workflow.service.organisation import BOOK
from workflow.storage.queries import past

HEARD = {"needs": "希望提前投递", "competitors": "对手降价一成，客户观望", "suggestions": "揽收前先来电"}
WRITTEN = {"summary": "服务正常", "revenue": "平稳", "messages": 5}


def drafted(house: House, *, by: str = "wang", **form: Any) -> Story:
    usual = {"kind": "weekly", "period": "第10周", "since": "2026-03-02", "until": "2026-03-08"}
    report = house.open("report", by=by, about=False, manager=house.person(by), **{**usual, **form})
    house.wait(minutes=1)
    return report


def completed(report: Story, **more: Any) -> dict[str, Any]:
    """What the system has drafted, and what only the manager knows."""
    kept = {name: report.case.data[name] for name in ("gained", "lost", "visits", "calls")}
    return {**kept, **WRITTEN, **more}


def week_of_work(house: House) -> None:
    """A customer won by li, who called it first; kept by wang: a visit, two calls, a complaint answered, one open."""
    story = signed(house)
    rival = {"competitors": "民营快递上门报价"}
    story.linked("first_contact").do("reached", by="li", result="已问候", cause="首次问候", **rival)
    go(story, "compile", "introduce", "accept", "confirm_handover")
    story.do("plan_visit", by="wang", visit_purpose="季度走访")
    visit = story.linked("visit").do("agree", by="wang", appointment=house.now.isoformat(), prepared="档案已查")
    visit.do("held", by="wang", met="周经理").do("file", by="wang", notes="正常", **HEARD)
    story.do("alert", by="dai", alert="drop")
    call = story.linked("alert").do("unreachable", by="wang", attempt="关机", next_at=house.local(3, 2, 16).isoformat())
    call.do("reached", by="wang", result="已通话", cause="季节性")
    complaint(house).do("settle", by="wang", reply="已答复", satisfaction="satisfied")
    complaint(house)
    house.wait(hours=1)


def test_a_report_drafted_in_a_batch_counts_what_the_batch_has_not_written_yet(house: House) -> None:
    """As in an import or a simulation, which keep many commands in one transaction."""
    maintained(house)
    wang = house.actor("wang")
    with house.workflow.batch(every=10_000) as batch:
        batch.fire_due(house.now)
        visit = batch.open("visit", customer=house.customer, actor=wang, data={"purpose": "季度走访"}, at=house.now)
        agreed = {"appointment": house.now.isoformat(), "prepared": "档案已查"}
        batch.perform(visit.id, "agree", actor=wang, form=agreed, at=house.now)
        batch.perform(visit.id, "held", actor=wang, form={"met": "周经理"}, at=house.now)
        form = {"kind": "weekly", "period": "第10周", "since": "2026-03-02", "until": "2026-03-08"}
        report = batch.open("report", customer=None, actor=wang, data={**form, "manager": wang.person}, at=house.now)
        batch.fire_due(house.now + timedelta(minutes=1))
    assert house.workflow.as_of(report.id, house.now + timedelta(minutes=1), SYSTEM).data["visits"] == 1


def test_a_report_is_drafted_from_the_history_and_completed_by_the_manager(house: House) -> None:
    """004 §2.2 E(3)②: customers, problems, demands, satisfaction, visits and calls."""
    week_of_work(house)
    data = drafted(house).case.data
    figures = {name: data[name] for name in ("gained", "lost", "visits", "calls", "satisfied", "dissatisfied")}
    assert figures == {"gained": 0, "lost": 0, "visits": 1, "calls": 2, "satisfied": 1, "dissatisfied": 0}
    assert {name: data[name] for name in HEARD if name != "needs"} == {
        "competitors": "东方家具有限公司: 对手降价一成，客户观望", "suggestions": "东方家具有限公司: 揽收前先来电",
    }  # fmt: skip
    assert data["demands"] == "东方家具有限公司: 希望提前投递"
    assert data["solved"] == "东方家具有限公司: 季节性"
    assert data["unsolved"].startswith("东方家具有限公司: TS")
    assert drafted(house, by="li").case.data["gained"] == 1


def test_a_report_says_of_how_many_customers_and_problems_and_what_the_supervisor_asks_for_next(house: House) -> None:
    """004 §2.2 E(3)①②: the share gained and lost, problems solved and not, the next tasks and direction."""
    week_of_work(house)
    report = drafted(house)
    figures = ("customers", "gained", "gained_share", "lost", "lost_share", "solved_count", "unsolved_count")
    assert [report.case.data[name] for name in figures] == [1, 0, "0.00", 0, "0.00", 1, 1]
    kept = {name: report.case.data[name] for name in figures}
    report.do("submit", by="wang", **completed(report, **kept, common_demands="提前投递"))
    report.do("accept", by="du", assessment="走访偏少", direction="下期走访黄金客户")
    assert report.notices("notice")[-1][2] == ("wang",)
    assert drafted(house, by="sun").case.data.get("gained_share") is None


def reported(house: House, **directors: str) -> list[Story]:
    """The regular reports of centres, each begun by its director, two minutes into April."""
    plans = [house.open("reporting", by=by, about=False, unit=unit) for unit, by in directors.items()]
    house.wait_until(house.local(4, 1, 0, 2))
    return plans


def test_each_month_a_centres_analysis_is_drafted_completed_approved_and_commented_on_above(house: House) -> None:
    """003 §3.1, §2.2(一)5, (三)6; 004 §3.1(1)①; five, three and five working days are ours."""
    week_of_work(house)
    analysis = reported(house, east="dong")[0].linked("analysis")
    data = analysis.case.data
    assert (data["since"], data["until"], analysis.work()) == ("2026-03-01", "2026-03-31", {"write": "dai"})
    figures = ("customers", "gained", "lost", "visits", "calls", "solved_count", "unsolved_count", "satisfied")
    assert [data[name] for name in figures] == [1, 1, 0, 1, 3, 1, 1, 1]
    assert (data["gained_share"], data["gained_from"]) == ("100.00", "东方家具有限公司: 特快")
    assert data["demands"] == "东方家具有限公司: 希望提前投递"
    assert data["competitors"].splitlines()[0] == "东方家具有限公司: 民营快递上门报价"
    assert analysis.clock("submit").due == house.local(4, 9, 9)
    said = {"revenue": "平稳", "situation": "正常", "problems": "走访表迟登", "measures": "每周通报"}
    analysis.do("submit", by="dai", **{name: data[name] for name in ("customers", "gained", "lost")}, **said)
    analysis.do("return", by="dong", gaps="请写明去向").do("submit", by="dai", customers=1, gained=1, lost=0, **said)
    assert analysis.do("approve", by="dong").work() == {"comment": "chu"}
    analysis.do("comment", by="chu", comment="请盯住预警客户")
    assert (analysis.state, analysis.notices("notice")[-1][2]) == ("filed", ("dai", "dong"))


def test_a_citys_analysis_counts_its_counties_and_no_analysis_tells_a_customer_to_whom_its_file_is_closed(
    house: House,
) -> None:
    """003 §2.2(二)4 for the whole of the city; 001 §4: levels of confidentiality. All of a centre read it."""
    week_of_work(house)
    said = [("2026-01", "express", 1_000_000), ("2026-02", "express", 700_050)]
    house.workflow.say_revenue({house.customer: said}, actor=SYSTEM, at=house.now)
    county, city = reported(house, east="dong", city="chu")
    data = city.linked("analysis").case.data
    assert (data["customers"], data["gained"], data["visits"], data["unsolved_count"]) == (1, 1, 1, 1)
    assert [data.get(name) for name in ("gained_from", "demands", "unsolved")] == [None, None, None]
    assert data["revenue"] == "2026-01 → 2026-02: 10,000.00 → 7,000.50 (-30.0 %)"
    assert county.linked("analysis").case.data["unsolved"].startswith("东方家具有限公司: TS")
    house.workflow.change_customer(house.customer, {"confidentiality": "confidential"}, actor=SYSTEM, at=house.now)
    house.wait_until(house.local(5, 1, 0, 2))
    data = county.linked("analysis").case.data
    assert (data["since"], data["unsolved_count"], data.get("unsolved")) == ("2026-04-01", 1, None)
    assert data["revenue"] == "2026-01 → 2026-02: 10,000.00 → 7,000.50 (-30.0 %)"


def test_the_provinces_analysis_goes_no_further_up(house: House) -> None:
    """003 §2.2(一)5."""
    house.grant("cheng", "province", "account_administrator")
    analysis = reported(house, province="shen")[0].linked("analysis")
    said = {"revenue": "平稳", "situation": "正常", "problems": "无", "measures": "无"}
    analysis.do("submit", by="cheng", customers=0, gained=0, lost=0, **said)
    assert isinstance(analysis.refused("approve", by="cheng"), NotPermitted)
    assert analysis.do("approve", by="shen").state == "filed"


def test_the_revenue_of_a_managers_customers_is_drafted_with_its_movement(house: House) -> None:
    """004 §2.2 E(3)②: movement and rate of change; a customer whose figure is late has not dropped (ours)."""
    maintained(house)
    said = [("2026-01", "express", 1_000_000), ("2026-02", "express", 700_050), ("2026-02", "letters", 50_000)]
    record = {"name_zh": "迟报纸业", "division": "441900", "a": house.person("wang"), "unit": house.units["east"]}
    late = house.workflow.register_customer(record, actor=SYSTEM, at=house.now)
    figures = {house.customer: said, late: [("2026-01", "express", 900_000)]}
    house.workflow.say_revenue(figures, actor=SYSTEM, at=house.now)
    told = "2026-01 → 2026-02: 10,000.00 → 7,500.50 (-25.0 %)\n东方家具有限公司: 10,000.00 → 7,500.50 (-25.0 %)"
    assert drafted(house).case.data["revenue"] == told
    assert drafted(house, by="sun").case.data.get("revenue") is None


def test_what_happened_after_the_period_is_not_in_its_report(house: House) -> None:
    """004 §2.2 E(3)①: each week, each month."""
    week_of_work(house)
    before = drafted(house, since="2026-02-23", until="2026-03-01").case.data
    assert (before["visits"], before["calls"], before.get("demands")) == (0, 0, None)


def test_below_average_needs_a_reason(house: House) -> None:
    """004 §2.2 E(3)②: visits and calls against the managers of the unit, of whom there are three."""
    week_of_work(house)
    above, below = drafted(house), drafted(house, by="li")
    assert (above.case.data["average_visits"], above.case.data["average_calls"]) == ("0.3", "1.0")
    assert above.do("submit", by="wang", **completed(above)).state == "submitted"
    refused = below.refused("submit", by="li", **completed(below))
    assert refused.facts["zh"] == "上门数或电话数低于平均数的，请写明原因。"
    assert below.do("submit", by="li", **completed(below, below_reason="专注开发")).state == "submitted"


def test_a_monthly_report_names_next_months_customers(house: House) -> None:
    """002 §12(7)."""
    report = drafted(house, kind="monthly")
    assert isinstance(report.refused("submit", by="wang", **completed(report)), ConditionNotMet)
    report.do("submit", by="wang", **completed(report, targets="南方电子")).do("accept", by="du")
    assert report.state == "accepted"


def test_every_manager_of_a_centre_has_a_report_after_each_week_and_each_month(house: House) -> None:
    """004 §2.2 E(3)①; two working days to complete it are ours."""
    plan = house.open("reporting", by="dong", about=False)
    house.wait_until(house.local(3, 9, 8))
    weekly = plan.all_linked("weekly")
    assert [report.work() for report in weekly] == [{"write": "li"}, {"write": "wang"}, {"write": "sun"}]
    assert weekly[0].case.data["period"] == "2026-03-02 – 2026-03-08"
    assert weekly[0].clock("submit").due == house.local(3, 11, 9)
    house.wait_until(house.local(4, 1, 8))
    [first, *_] = plan.all_linked("monthly")
    assert (first.case.data["since"], first.case.data["until"]) == ("2026-03-01", "2026-03-31")
    assert (plan.linked_count("weekly"), plan.linked_count("monthly")) == (12, 3)
    assert weekly[0].escalations() == [(1, ("du",))]


def test_the_regular_reports_of_a_centre_go_on_in_a_new_case_each_year(house: House) -> None:
    """Ours: so that no case grows for ever."""
    plan = house.open("reporting", by="dong", about=False)
    house.wait_until(house.local(3, 2, 10, year=2027))
    assert (plan.state, plan.linked("successor").state) == ("renewed", "running")


def test_a_draft_is_reproduced_from_its_step(house: House) -> None:
    week_of_work(house)
    report = drafted(house)
    report.do("submit", by="wang", **completed(report))
    archive = StoredArchive(house.workflow.database, house.workflow.library)
    judge = Judge(Known(archive, book=BOOK), house.workflow.library.get)
    steps = archive.steps(report.id)
    with house.workflow.database.reading() as connection:
        secrets = past.secrets(connection, [report.id])
    verdict = judge.verdict(report.id, report.case.number, "case", steps, secrets[report.id])
    assert (verdict.reproduced, verdict.differences) == (len(steps), ())


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("一二三\n四五", "一二三\n四五"),
        ("一二三\n四五六七", "一二三"),
        ("一二三四五六七八", "一二三四五六"),
        (None, None),
    ],
)
def test_a_draft_that_is_too_long_keeps_as_many_whole_lines_as_go_in(text: str | None, kept: str | None) -> None:
    field = Field("demands", "text", Text(zh="需求", en="Demands"), maximum=Decimal(6))
    assert fitting(field, text) == kept
