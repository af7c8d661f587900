"""What managers and centres are measured by: figures, the lists behind them, scores and pay, and who sees which."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.promises.house import House, Story
from tests.promises.paths import complaint, go, maintained, signed
from tests.support.proof import prove
from workflow import SYSTEM
from workflow.audit import replays
from workflow.core.errors import FormInvalid, NotPermitted, PeriodUnfit, PersonNotFound, UnitNotFound
from workflow.core.plans import PERSON, UNIT
from workflow.service.organisation import BOOK
from workflow.service.results import Figures
from workflow.storage.queries.measures import Span

ZONE = ZoneInfo("Asia/Shanghai")
YEAR: dict[str, Any] = {"since": "2026-01", "until": "2026-12", "zone": ZONE}
PLAN: dict[str, int | None] = {
    "planned": 100_000_00, "base": 60_000_00, "all_staff": 10_000_00, "margin": 33_00, "rate": 5_00,
    "allowed": 5_000_00, "spent": 4_000_00, "forecast": 150_000_00, "products": 2, "receivables": 0,
    "satisfaction": 90_00,
}  # fmt: skip


def say(house: House, month: str, yuan: int, product: str = "express") -> None:
    house.workflow.say_revenue({house.customer: [(month, product, yuan * 100)]}, actor=SYSTEM)


def figures(house: House, login: str, **more: Any) -> dict[str, Figures]:
    found = house.workflow.results(house.actor(login), **{**YEAR, **more})
    return {one.person.name.en: one for one in found}


def behind(house: House, login: str, whose: str, what: Any, **more: Any) -> list[Any]:
    asked = {**YEAR, **more}
    return house.workflow.results_behind(house.actor(login), house.person(whose), what, **asked)


def kept(house: House) -> Story:
    """Won by li, kept by wang for an hour."""
    story = maintained(house)
    house.wait(hours=1)
    return story


def lost(story: Story) -> Story:
    return story.do("report_loss", by="wang", lost_reason="价格", lost_to="某快递")


def test_000_3_2_2_developers_are_measured_by_what_they_win_and_maintainers_by_churn(twofold: House) -> None:
    """000 §3.2.2: 客户开发人员以经营指标为主，客户维护人员以客户流失率为主."""
    house = twofold
    say(house, "2025-11", 700)
    say(house, "2026-02", 10_000)
    story = kept(house)
    then = house.now
    house.wait(days=1)
    lost(story)
    house.wait(days=1)

    found = figures(house, "dong")
    li, wang = found["li"], found["wang"]
    assert (li.won, li.agreed, li.kept, li.lost) == (1, 1_200_000_00, 0, 0), "who developed it won it"
    assert (wang.won, wang.kept, wang.lost) == (0, 1, 1), "who kept it lost it"
    assert (wang.weight, wang.weight_lost) == (700_00, 700_00)
    before = figures(house, "dong", at=then)["wang"]
    assert (before.kept, before.lost, before.weight_lost) == (1, 0, 0), "as it was known then"
    with house.workflow.database.reading() as connection:
        prove(connection, house.workflow.library)


def test_every_figure_is_the_sum_of_its_list(house: House) -> None:
    say(house, "2025-11", 700)
    say(house, "2026-02", 10_000)
    say(house, "2026-03", 333)
    lost(kept(house))

    for name, one in figures(house, "dong").items():
        lists = {what: behind(house, "dong", name, what) for what in ("won", "kept", "lost", "revenue")}
        cents = {what: sum(row.cents for row in rows) for what, rows in lists.items()}
        assert [len(lists[what]) for what in ("won", "kept", "lost")] == [one.won, one.kept, one.lost]
        assert cents == {
            "won": one.agreed, "kept": one.weight, "lost": one.weight_lost, "revenue": one.revenue,
        }  # fmt: skip
    [row] = behind(house, "dong", "wang", "lost")
    assert (row.customer, row.at) == (house.customer, house.now)
    assert sum(one.revenue for one in figures(house, "dong").values()) == 333_00, "in February nobody had it"


def test_won_again_after_a_file_was_returned_is_won_once(house: House) -> None:
    story = go(signed(house), "compile", "introduce")
    story.do("return_file", by="wang", gaps="缺联系人")
    go(story, "compile", "introduce")
    assert figures(house, "dong")["li"].won == 1


def test_what_happened_outside_the_period_does_not_count(house: House) -> None:
    lost(kept(house))
    month = f"{house.now:%Y-%m}"
    assert figures(house, "dong", since=month, until=month)["wang"].lost == 1
    found = figures(house, "dong", since="2027-01", until="2027-02")
    assert "wang" not in found or (found["wang"].kept, found["wang"].lost) == (0, 0)


def test_a_manager_sees_their_own_figures_and_nobody_elses(house: House) -> None:
    kept(house)
    assert set(figures(house, "li")) == {"li"}
    assert {"li", "wang"} <= set(figures(house, "dong"))
    with pytest.raises(PersonNotFound):
        behind(house, "li", "wang", "kept")
    with pytest.raises(PersonNotFound):
        house.workflow.managers_year(house.actor("li"), house.person("wang"), 2026, zone=ZONE)


def planned(house: House, whose: str = "wang", by: str = "dong", **values: int | None) -> None:
    house.workflow.plan("person", house.person(whose), 2026, {**PLAN, **values}, actor=house.actor(by))


def years(house: House, login: str, whose: str = "wang", **more: Any) -> Any:
    return house.workflow.managers_year(house.actor(login), house.person(whose), 2026, zone=ZONE, **more)


def rich(house: House) -> None:
    """Won by li, and 150,000 in the month of it, all of it the developer's in the first year."""
    maintained(house)
    say(house, "2026-03", 100_000)
    say(house, "2026-03", 50_000, "letters")


def test_004_3_2_pay_is_reckoned_from_the_plan_the_revenue_and_the_score(twofold: House) -> None:
    """004 §3.2(5)-(6), 004 §1.3 C(2): 150,000 of 100,000 planned; all the points but a tenth of satisfaction's."""
    house = twofold
    rich(house)
    planned(house, "li")

    found = years(house, "dong", "li")
    assert {part.name: part.got for part in found.parts} == {
        "revenue": 40_00, "cost": 10_00, "churn": 15_00, "forecast": 5_00, "products": 10_00, "receivables": 10_00,
        "satisfaction": 9_00,
    }  # fmt: skip
    assert (found.actual, found.score, found.planner.name.en) == (150_000_00, 99_00, "dong")
    assert (found.pay.performance, found.pay.excess, found.pay.bonus) == (59_400_00, 40_000_00, 2_000_00)
    assert found.actual == sum(row.cents for row in behind(house, "dong", "li", "revenue"))
    with house.workflow.database.reading() as connection:
        prove(connection, house.workflow.library)
        assert "6000000" not in str(connection.exec_driver_sql("SELECT form FROM steps").all()), "it is personal"
    verdict = replays.Replays(house.workflow).film(BOOK, SYSTEM).verdict
    assert (verdict.differences, verdict.unchecked) == ((), ())


def test_pay_is_for_the_planners_of_the_unit_and_the_person(house: House) -> None:
    rich(house)
    planned(house, "li")

    for login in ("dong", "dai", "chu", "cheng", "li"):
        assert years(house, login, "li").pay.performance == 59_400_00, login
    for login in ("du", "cao"):
        found = years(house, login, "li")
        assert (found.score, found.pay, found.may_see, dict(found.plan.values)) == (99_00, None, False, {}), login


def test_the_organisations_record_tells_nobody_what_is_paid(house: House) -> None:
    """Not even those who wrote in it themselves, and neither the history nor the film of it."""
    rich(house)
    planned(house, "li")
    house.grant("dong", "province", "administrator")
    house.grant("du", "province", "auditor")
    told: list[object] = []
    for login in ("dong", "du"):
        told += house.workflow.history(BOOK, house.actor(login))
        told.append(replays.Replays(house.workflow).film(BOOK, house.actor(login)))
    assert not re.search(r"\b6000000\b", repr(told))


def test_what_was_said_of_a_year_is_as_it_was_known_then(house: House) -> None:
    rich(house)
    planned(house, "li")
    then = house.now
    house.wait(days=1)
    planned(house, "li", planned=200_000_00, satisfaction=None)

    assert years(house, "dong", "li").score is None, "without satisfaction there is no score, and no pay"
    assert years(house, "dong", "li").pay is None
    assert years(house, "dong", "li", at=then).pay.performance == 59_400_00
    assert house.workflow.managers_years(house.actor("dong"), 2025, zone=ZONE) == []


def test_only_planners_plan_and_nobody_for_themselves(house: House) -> None:
    for by in ("li", "du", "xi", "gui"):
        with pytest.raises(NotPermitted):
            planned(house, "li", by)
    house.grant("dong", "east", "account_manager")
    with pytest.raises(NotPermitted):
        planned(house, "dong", "dong")
    planned(house, "dong", "chu")
    with pytest.raises(NotPermitted):
        house.workflow.plan("unit", house.units["city"], 2026, {"customers": 1}, actor=house.actor("dong"))


@pytest.mark.parametrize(("of", "bounds"), [("person", PERSON), ("unit", UNIT)])
def test_what_cannot_be_is_not_planned(house: House, of: Any, bounds: Any) -> None:
    row = house.person("li") if of == "person" else house.units["east"]
    for name, (least, most) in bounds.items():
        for wrong in (least - 1, most + 1):
            with pytest.raises(FormInvalid):
                house.workflow.plan(of, row, 2026, {name: wrong}, actor=house.actor("dong"))
        for right in (least, most):
            house.workflow.plan(of, row, 2026, {name: right}, actor=house.actor("dong"))
    with pytest.raises(FormInvalid):
        house.workflow.plan(of, row, 2026, {"other": 1}, actor=house.actor("dong"))
    with pytest.raises(PeriodUnfit):
        house.workflow.plan(of, row, 1999, {}, actor=house.actor("dong"))
    with pytest.raises(PersonNotFound if of == "person" else UnitNotFound):
        house.workflow.plan(of, 10**6, 2026, {}, actor=house.actor("dong"))


def test_001_2_3_a_centre_is_scored_by_customers_revenue_satisfaction_files_and_reports(house: House) -> None:
    """001 §2(3)."""
    rich(house)
    house.wait(hours=1)
    goal: dict[str, int | None] = {"customers": 2, "planned": 300_000_00, "satisfaction": 80_00}
    house.workflow.plan("unit", house.units["east"], 2026, goal, actor=house.actor("dong"))

    found = house.workflow.centres_year(house.actor("dong"), house.units["east"], 2026, zone=ZONE)
    assert {part.name: (part.have, part.want, part.got) for part in found.parts} == {
        "customers": (1, 2, 15_00), "revenue": (150_000_00, 300_000_00, 15_00), "satisfaction": (80_00, 100_00, 16_00),
        "files": (0, 0, 10_00), "reports": (0, 0, 10_00),
    }  # fmt: skip
    assert found.score == 66_00
    with pytest.raises(UnitNotFound):
        house.workflow.centres_year(house.actor("xi"), house.units["east"], 2026, zone=ZONE)


def test_004_2_2_e_service_is_the_share_done_in_time_and_each_share_opens_its_runs(twofold: House) -> None:
    """004 §2.2 E(1)②⑤⑧, E(2)⑥: of two complaints one is answered within 48 hours; a first contact is made late."""
    house = twofold
    complaint(house, by="li").do("answer", by="li", reply="已找到，明日送达")
    complaint(house, by="li")
    signed(house)
    house.wait(days=4)

    span = Span((house.now - timedelta(days=30), house.now + timedelta(days=1)))
    found = house.workflow.service(house.actor("dong"), span)
    told = {one.measure.title.en: (one.kept, one.late, one.outage) for one in found}
    assert told["Complaints answered within 48 hours"] == (1, 1, 0)
    assert told["First contacts within 24 hours"] == (0, 1, 0)
    assert told["Alert customers called back the same day"] == (0, 0, 0)
    for place, one in enumerate(found):
        assert house.workflow.service_behind(house.actor("dong"), span, place).count == one.total
        late = house.workflow.service_behind(house.actor("dong"), span, place, verdict="late")
        assert len(late.rows) == one.late
    assert {one.share for one in found} == {0.5, 0.0, None}
