"""The statement adds up to the cent; alerts and tiers come of the figures, each once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.service.test_two_people import another, finish, together
from tests.support.office import MONDAY, Office
from tests.support.proof import prove
from workflow.core.moments import moment_of
from workflow.core.splits import Share, Split
from workflow.core.step import SYSTEM
from workflow.customers.tiers import RevenueScheme, ScoreScheme
from workflow.service.grading import moved
from workflow.service.statement import divided
from workflow.storage.queries.revenue import Held

ZONE = ZoneInfo("Asia/Shanghai")


def say(office: Office, customer: int | None = None, **months: str) -> None:
    figures = [(month[1:].replace("_", "-"), "express", int(Decimal(yuan) * 100)) for month, yuan in months.items()]
    office.workflow.say_revenue({customer or office.customer: figures}, actor=SYSTEM)


def told(office: Office, login: str, since: str = "2026-01", until: str = "2026-12", **more: Any) -> Any:
    return office.workflow.statement(office.actor(login), since=since, until=until, zone=ZONE, **more)


def by_line(statement: Any) -> dict[tuple[str | None, str | None], int]:
    return {
        (line.unit.name.en if line.unit else None, line.person.name.en if line.person else None): line.cents
        for unit in statement.units
        for line in unit.lines
    }


def share(office: Office, percent: str, *, other: str = "other") -> None:
    """Let a dispute decide that another unit has the rest."""
    rest = str(100 - Decimal(percent))
    rows = [{"unit": office.units["city"], "percent": percent}, {"unit": office.units[other], "percent": rest}]
    door = office.workflow
    case = door.open(
        "dispute", customer=office.customer, actor=SYSTEM, unit=office.units["province"], data={"why": "两局均在开发"}
    )
    form = {"earlier_says": "claim", "earlier_why": "登记在先", "winner": office.units["city"], "split": rows}
    form["grounds"] = "业务发生在两地"
    door.perform(case.id, "uphold", actor=office.actor("chief"), form=form)


def test_shares_and_stints_of_each_month_decide_whose_revenue_it_is(office: Office) -> None:
    """002 §12(2): a split fixed with the decision holds from its month on; the manager is who led when it ended."""
    say(office, m2026_02="100.01", m2026_03="100.01", m2026_04="10")
    share(office, "66.67")
    office.later(days=35)
    office.workflow.change_customer(office.customer, {"lead": "b"}, actor=SYSTEM)

    assert by_line(told(office, "chief", until="2026-02")) == {("City", "Anna"): 10_001}
    assert by_line(told(office, "chief", since="2026-03", until="2026-03")) == {
        ("City", "Anna"): 6_668, ("Other", None): 3_333,
    }  # fmt: skip
    assert by_line(told(office, "chief")) == {("City", "Anna"): 16_669, ("City", "Ben"): 667, ("Other", None): 3_666}
    whole = told(office, "chief")
    assert (whole.cents, whole.whole) == (21_002, 21_002)


def test_everybody_sees_what_counts_for_them_and_the_list_behind_it(sqlite_office: Office) -> None:
    office = sqlite_office
    say(office, m2026_02="100", m2026_03="100.01")
    share(office, "50")

    assert by_line(told(office, "stranger")) == {("Other", None): 5_000}
    assert by_line(told(office, "anna")) == {("City", "Anna"): 15_001}
    assert by_line(told(office, "ben")) == by_line(told(office, "head")) == {}
    assert by_line(told(office, "clerk")) == {("City", "Anna"): 15_001}
    assert by_line(told(office, "chief", unit=office.units["other"])) == {("Other", None): 5_000}
    parts = office.workflow.statement_parts(
        office.actor("clerk"), since="2026-01", until="2026-12", zone=ZONE, unit=office.units["city"],
        person=office.people["anna"],
    )  # fmt: skip
    assert [(part.month, part.whole, part.hundredths, part.cents) for part in parts] == [
        ("2026-02", 10_000, 10_000, 10_000), ("2026-03", 10_001, 5_000, 5_001),
    ]  # fmt: skip
    assert parts[0].number == office.stored(office.customer).number
    [hidden] = office.workflow.statement_parts(
        office.actor("stranger"), since="2026-03", until="2026-03", zone=ZONE, unit=office.units["other"], alone=True
    )
    assert (hidden.number, hidden.name, hidden.cents) == (None, None, 5_000)


def test_a_statement_as_it_was_known_then(sqlite_office: Office) -> None:
    office = sqlite_office
    say(office, m2026_02="100")
    then = office.now
    office.later(days=1)
    say(office, m2026_02="250")

    assert told(office, "chief").cents == 25_000
    assert told(office, "chief", at=then).cents == 10_000


MONTHS = ("2026-01", "2026-02", "2026-03")
CUTS = st.lists(st.integers(0, 10_000), max_size=3)


@st.composite
def split(draw: Any) -> Split:
    cuts = sorted(draw(CUTS))
    sizes = [b - a for a, b in zip([0, *cuts], [*cuts, 10_000], strict=True)]
    units, people = st.sampled_from([None, 1, 2, 3]), st.sampled_from([None, 7])
    return Split(draw(st.sampled_from(MONTHS)), tuple(Share(draw(units), draw(people), size) for size in sizes))


@given(
    figures=st.lists(st.tuples(st.integers(1, 3), st.sampled_from(MONTHS), st.integers(-(10**9), 10**9)), max_size=9),
    splits=st.dictionaries(st.integers(1, 3), st.lists(split(), max_size=3, unique_by=lambda one: one.since)),
    keeper=st.sampled_from([(None, None), (5, 1), (None, 2)]),
)
@settings(deadline=None)
def test_the_statement_sums_to_the_imported_revenue_to_the_cent(
    figures: list[tuple[int, str, int]], splits: dict[int, list[Split]], keeper: tuple[int | None, int | None]
) -> None:
    lead = Held(1, "lead", 1, *keeper, MONDAY, None, "register", None, None, None)
    held = {customer: sorted(some, key=lambda one: one.since) for customer, some in splits.items()}

    found = list(divided(figures, {n: [lead] for n in (1, 2, 3)}, held, ZONE))

    assert sum(part.cents for part in found) == sum(cents for _, _, cents in figures)
    for customer, month, _ in figures:
        assert any((part.customer, part.month) == (customer, month) for part in found)


def test_004_e1_8_an_alert_is_a_drop_or_jump_of_30_percent_against_the_same_month_of_the_year_before(
    sqlite_office: Office,
) -> None:
    """004 §2.2 E(1)⑧; the 30 % are ours (domain §4.4)."""
    rules = sqlite_office.workflow.library.revenue.alerts
    assert rules is not None

    def percent(before: int, now: int) -> list[str]:
        said = [(1, "2025-03", before), (1, "2026-03", now)]
        return [str(one) for one in moved(said, "2026-03", rules)]

    assert percent(10_000, 7_001) == percent(10_000, 12_999) == []
    assert percent(10_000, 7_000) == ["2026-03: 70.00 / 100.00 = -30.00 %"]
    assert percent(10_000, 13_000) == ["2026-03: 130.00 / 100.00 = +30.00 %"]
    assert percent(0, 13_000) == []


def test_without_a_figure_of_the_year_before_the_three_months_before_are_taken(sqlite_office: Office) -> None:
    """Ours: the mean of `months` months, of which each has a figure."""
    rules = sqlite_office.workflow.library.revenue.alerts
    assert rules is not None
    said = [(1, "2025-12", 90), (1, "2026-01", 110), (1, "2026-02", 100), (1, "2026-03", 60)]

    assert [one.against for one in moved(said, "2026-03", rules)] == [100]
    assert list(moved(said[1:], "2026-03", rules)) == []


def test_an_alert_is_called_back_the_same_day_and_opened_once_a_customer_and_month(office: Office) -> None:
    """004 §2.2 E(1)⑧: every alert customer is called back the same day."""
    office.workflow.change_customer(office.customer, {"stage": "maintained"}, actor=SYSTEM)
    say(office, m2025_02="100", m2026_02="65")
    doors = [another(office), another(office)]

    results = together(*(lambda door=door: door.alert("2026-02", at=office.now) for door in doors))

    assert sorted(results) == [0, 1]
    with office.database.reading() as connection:
        [case] = connection.exec_driver_sql("SELECT case_id FROM alerts").scalars().all()
        prove(connection, office.workflow.library)
    opened = office.stored(case)
    assert opened.definition == "callback"
    assert (opened.data["kind"], opened.data["about"]) == ("alert", "2026-02: 65.00 / 100.00 = -35.00 %")
    [task] = opened.tasks
    assert task.assignee == office.people["anna"]
    [clock] = opened.clocks
    assert clock.due == MONDAY.replace(hour=10), "the end of today's last working window, 18:00 in Shanghai"
    say(office, m2026_02="20")
    assert office.workflow.alert("2026-02") == 0
    finish(office, doors)


def test_003_4_2_4_a_quarters_tier_is_proposed_with_how_it_adds_up(office: Office) -> None:
    """003 §4.2(4): 60 points for 1,000,000 CNY a year, 40 for 3 per mille of the unit's; 82.4 = 51.2 + 31.2."""
    scheme = ScoreScheme(full_share=Decimal(1000))
    other = office.register("大客户甲有限公司", stage="maintained")
    office.workflow.change_customer(office.customer, {"stage": "maintained", "tier": "silver"}, actor=SYSTEM)
    say(office, m2025_04="13333.33", m2025_12="800000", m2026_03="40000.01")
    say(office, other, m2025_03="999999", m2026_03="240683.76")

    [mine] = [one for one in office.workflow.proposals("2026-Q1", scheme=scheme) if one.customer == office.customer]
    assert (str(mine.grade), mine.tier) == ("82.4 = 51.2 + 31.2", "gold")
    assert office.workflow.propose_tiers("2026-Q1", scheme=scheme) == 2
    assert office.workflow.propose_tiers("2026-Q1", scheme=scheme) == 0

    with office.database.reading() as connection:
        query = f"SELECT case_id FROM alerts WHERE customer_id = {office.customer} AND month = '2026-Q1'"
        case = connection.exec_driver_sql(query).scalar_one()
        prove(connection, office.workflow.library)
    data = office.stored(case).data
    assert (data["tier"], data["yearly_revenue"], data["why"]) == ("gold", "853333.34", "2026-Q1: 82.4 = 51.2 + 31.2")
    assert data["share"] == "78.00"


def test_002_8_the_year_so_far_is_held_against_the_quarters_part(sqlite_office: Office) -> None:
    """002 §8: at each quarter's end the cumulated revenue is held against q/4 of the yearly line."""
    office = sqlite_office
    office.workflow.change_customer(office.customer, {"stage": "maintained"}, actor=SYSTEM)
    say(office, m2025_12="5000000", m2026_03="249999.99")
    scheme = RevenueScheme()
    assert office.workflow.proposals("2026-Q1", scheme=scheme) == [], "gold it is, by 125,000, and stays"

    say(office, m2026_03="250000")
    [one] = office.workflow.proposals("2026-Q1", scheme=scheme)
    assert (one.tier, one.revenue) == ("diamond", 25_000_000)


def test_a_customer_without_a_figure_of_the_quarters_last_month_is_not_graded(sqlite_office: Office) -> None:
    office = sqlite_office
    office.workflow.change_customer(office.customer, {"stage": "maintained"}, actor=SYSTEM)
    say(office, m2026_02="1000000")
    assert office.workflow.proposals("2026-Q1", scheme=RevenueScheme()) == []


def test_the_watch_looks_at_the_newest_months_and_the_quarter_that_is_over(sqlite_office: Office) -> None:
    office = sqlite_office
    office.workflow.change_customer(office.customer, {"stage": "maintained"}, actor=SYSTEM)
    say(office, m2025_02="100", m2026_02="10", m2025_03="100", m2026_03="100", m2025_04="900", m2026_04="1")

    assert office.workflow.watch_revenue(scheme=RevenueScheme(), month="2026-04") == 2, "an alert and a tier"
    assert office.workflow.watch_revenue(scheme=RevenueScheme(), month="2026-04") == 0


def test_the_page_of_a_customer_tells_owners_splits_and_months(sqlite_office: Office) -> None:
    office = sqlite_office
    say(office, m2026_02="100")
    office.later(days=1)
    share(office, "25.5")
    office.workflow.change_customer(office.customer, {"lead": "b"}, actor=SYSTEM)

    held = office.workflow.held(office.customer, office.actor("clerk"))

    owners = [one for one in held.stints if one.role == "lead"]
    assert [one.person.name.en for one in owners if one.person] == ["Anna", "Ben"]
    assert owners[0].ended == owners[1].begun == office.now
    assert held.months == {"2026-02": {"express": 10_000}}
    [one] = held.splits
    assert [(s.unit.name.en, s.hundredths) for s in one.shares if s.unit] == [("City", 2_550), ("Other", 7_450)]
    assert moment_of(0) < owners[0].begun


@pytest.mark.parametrize("until", ["2026-02", "2026-01"])
def test_a_customer_on_file_after_the_month_counts_for_its_first_owner(sqlite_office: Office, until: str) -> None:
    say(sqlite_office, m2026_01="7")
    assert by_line(told(sqlite_office, "chief", until=until)) == {("City", "Anna"): 700}


def test_what_was_merged_brings_its_revenue_along_and_takes_it_away_again(office: Office) -> None:
    """Ours: in statements, results, alerts and tiers it is the surviving customer's, as long as the merge holds."""
    door, clerk = office.workflow, office.actor("clerk")
    door.change_customer(office.customer, {"stage": "maintained", "tier": "silver"}, actor=SYSTEM)
    gone = office.register("晴云数据技术公司", division="440183", unit=office.units["county"], a=None, b=None)
    say(office, m2025_03="100", m2026_02="100.01", m2026_03="90")
    say(office, gone, m2026_02="50", m2026_03="200")

    def seen() -> dict[str, Any]:
        """The county's director had what is merged, anna has what is kept."""
        span = {"since": "2026-01", "until": "2026-03"}
        return {
            "all": by_line(told(office, "chief", **span)),
            "anna": by_line(told(office, "anna", **span)),
            "head": by_line(told(office, "head", **span)),
            "results": [one.revenue for one in door.results(office.actor("anna"), zone=ZONE, **span)],
            "behind": {one.cents for one in door.results_behind(
                office.actor("anna"), office.people["anna"], "revenue", zone=ZONE, **span)},
            "alert": [str(one) for one in door.movements("2026-03")],
            "tier": [one.revenue for one in door.proposals("2026-Q1", scheme=ScoreScheme(full_share=Decimal(1000)))],
            "months": door.held(office.customer, clerk).months["2026-03"]["express"],
            "products": door.managers_year(office.actor("anna"), office.people["anna"], 2026, zone=ZONE).parts[4].have,
        }  # fmt: skip

    apart = seen()
    assert (apart["anna"], apart["months"]) == ({("City", "Anna"): 19_001}, 9_000)
    assert apart["head"] == {("County", None): 25_000}
    assert (apart["alert"], apart["products"]) == ([], 1)
    door.say_revenue({office.customer: [("2026-02", "press", -5)], gone: [("2026-02", "press", 6)]}, actor=SYSTEM)
    apart = seen()
    before = office.now
    office.later(days=1)
    door.merge_customers(gone, office.customer, actor=office.actor("chief"), reason="同一家")
    office.later(days=1)

    joined = seen()
    assert joined["all"] == joined["anna"] == {("City", "Anna"): 44_002}
    assert joined["head"] == {}, "what was merged is no longer whose it was"
    assert told(office, "head").whole == 0
    assert (joined["results"], joined["behind"]) == ([44_002], {15_002, 29_000})
    assert joined["alert"] == ["2026-03: 290.00 / 100.00 = +190.00 %"]
    assert joined["tier"] == [44_002]
    assert (joined["months"], joined["products"]) == (29_000, 2), "press: 0.06 - 0.05"
    assert by_line(told(office, "chief", until="2026-03", at=before)) == apart["all"], "as it was known then"
    [then] = door.results(office.actor("anna"), since="2026-01", until="2026-03", zone=ZONE, at=before)
    assert [then.revenue] == apart["results"]

    merged = office.now
    office.later(days=1)
    door.unmerge_customer(gone, actor=office.actor("chief"), reason="两家")
    office.later(days=1)
    assert seen() == apart
    assert by_line(told(office, "chief", until="2026-03", at=merged)) == joined["all"]
