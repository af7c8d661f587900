"""Several at once over one customer, or over the last of what is limited: one of them has it (both databases)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.service.test_two_people import another, together
from tests.support.office import Office
from tests.support.proof import prove
from workflow.core.errors import ConditionNotMet, LimitReached, NotInThisState, TaskClosed
from workflow.core.step import SYSTEM
from workflow.storage.database import Database

ROUNDS = 2
ANNOUNCED = {"services": ["express"], "expected_revenue": "600000", "kind": "regular"}
"""What is said of a customer that is announced."""


def test_of_two_grants_at_once_that_would_both_be_the_days_last_one_goes_through(office: Office) -> None:
    """ours: three customers a manager and day, counted for who receives."""
    doors = [another(office), another(office)]
    for day in range(ROUNDS):
        pools = [announced(office, f"公海{day}{place}有限公司") for place in range(4)]
        office.later(days=4)
        for pool in pools:
            apply(office, pool)
        for pool in pools[:2]:
            grant(office, pool)

        results = together(
            *(
                lambda door=door, pool=pool: grant(office, pool, door)
                for door, pool in zip(doors, pools[2:], strict=True)
            )
        )

        assert Counter(type(r).__name__ for r in results) == {"Case": 1, "LimitReached": 1}, results
        [refused] = [r for r in results if isinstance(r, LimitReached)]
        assert (refused.facts["limit"], refused.facts["most"], refused.facts["count"]) == ("per_day", 3, 3)
        for pool in pools:
            if office.stored(pool).state == "granted":
                hand_back(office, pool)
    finish(office, doors)


def test_two_grants_of_one_customer_within_a_moment_make_one_owner_and_one_stint(office: Office) -> None:
    """002 §12(6): the centre grants the customer to one manager."""
    doors = [another(office), another(office)]
    office.workflow.grant(office.people["ben"], office.units["county"], "account_manager", actor=SYSTEM)
    office.workflow.grant(office.people["clerk"], office.units["city"], "director", actor=SYSTEM)
    for turn in range(ROUNDS):
        pool = announced(office, f"争抢{turn}有限公司", a=None, b=None, unit=None)
        office.later(days=4)
        for login in ("dana", "anna"):
            apply(office, pool, login)
        stored = office.stored(pool)

        results = together(
            lambda: grant(office, pool, doors[0], to="dana", by="director"),
            lambda: grant(office, pool, doors[1], to="anna", by="clerk"),
        )

        assert sum(isinstance(r, (NotInThisState, TaskClosed)) for r in results) == 1, results
        [won] = [r for r in results if not isinstance(r, Exception)]
        with office.database.reading() as connection:
            record = connection.exec_driver_sql(f"SELECT a_id FROM customers WHERE id = {stored.customer}").scalar_one()
            stints = connection.exec_driver_sql(
                f"SELECT person_id FROM stints WHERE customer_id = {stored.customer} AND role = 'a' AND ended IS NULL"
            ).all()
        assert record == won.data["a"]
        assert [one[0] for one in stints] == [record]
    finish(office, doors)


def test_a_unit_bids_once_though_it_bids_twice_at_the_same_moment(office: Office) -> None:
    """002 §10(1): each unit may bid once. Bids of other units at that moment are all kept."""
    doors = [another(office) for _ in range(3)]
    for turn in range(ROUNDS):
        customer = office.register(f"竞标{turn}有限公司")
        case = office.workflow.open("bidding", customer=customer, actor=SYSTEM, unit=office.units["province"]).id

        results = together(
            lambda: bid(office, case, "head", doors[0]),
            lambda: bid(office, case, "head", doors[1]),
            lambda: bid(office, case, "director", doors[2]),
        )

        assert sum(isinstance(r, ConditionNotMet) for r in results) == 1, results
        bidders = Counter(one["unit"] for one in office.stored(case).data["bidders"])
        assert bidders == {office.units["county"]: 1, office.units["city"]: 1}
    finish(office, doors)


def test_of_two_registrations_at_one_moment_one_is_first_and_the_other_a_dispute(office: Office) -> None:
    """003 §4.3(1)1: the moment of registration decides, to the microsecond, and somebody is always first."""
    doors = [another(office), another(office)]
    for turn in range(ROUNDS):
        customer = office.register(f"申报{turn}有限公司", a=None, b=None, unit=None)
        results = together(
            lambda: claim(office, customer, "anna", "city", doors[0]),
            lambda: claim(office, customer, "carl", "other", doors[1]),
        )
        assert sorted(case.state for case in results) == ["disputed", "submitted"], results
        [second] = [case for case in results if case.state == "disputed"]
        [first] = [case for case in results if case.state == "submitted"]
        assert second.data["held_unit"] == first.unit
        [dispute] = [office.stored(link.case) for link in second.links]
        assert dispute.unit == office.units["province"]  # the lowest centre above both
    finish(office, doors)


def test_of_two_announcements_of_one_customer_at_once_there_is_one(office: Office) -> None:
    """002 §12(6): a potential customer is announced by its centre; what nobody develops is announced once."""
    doors = [another(office), another(office)]
    for turn in range(4 * ROUNDS):
        customer = office.register(
            f"公告{turn}有限公司", stage="potential", a=None, b=None, unit=office.units["county"]
        )
        results = together(
            *(
                lambda door=door, by=by: door.open(
                    "pool_grant", customer=customer, actor=office.actor(by), data=ANNOUNCED
                )
                for door, by in zip(doors, ("director", "head"), strict=True)
            )
        )
        assert Counter(type(r).__name__ for r in results) == {"Case": 1, "ConditionNotMet": 1}, results
        [refused] = [r for r in results if isinstance(r, ConditionNotMet)]
        assert refused.facts["en"] == "This customer has been announced already."
        with office.database.reading() as connection:
            kept = connection.exec_driver_sql(
                f"SELECT count(*) FROM cases WHERE customer_id = {customer} AND kind = 'case'"
            )
            assert kept.scalar_one() == 1
    finish(office, doors)


def announced(office: Office, name: str, **values: Any) -> int:
    customer = office.register(name, stage="potential", **values)
    return office.workflow.open(
        "pool_grant", customer=customer, actor=SYSTEM, unit=office.units["city"], data=ANNOUNCED
    ).id


def apply(office: Office, pool: int, login: str = "dana") -> None:
    office.workflow.perform(pool, "apply", actor=office.actor(login), form={"plan": "先行试用"})


def grant(office: Office, pool: int, door: Any = None, *, to: str = "dana", by: str = "director") -> Any:
    unit = {"dana": "county", "anna": "city"}[to]
    form = {"unit": office.units[unit], "a": office.people[to], "b": office.people["ben"], "term": "one"}
    return (door or office.workflow).perform(pool, "grant", actor=office.actor(by), form=form)


def hand_back(office: Office, pool: int) -> None:
    office.workflow.perform(pool, "hand_back", actor=office.actor("dana"), form={"why": "名额让出"})


def bid(office: Office, case: int, login: str, door: Any) -> Any:
    form = {"plan": "仓配", "share": "20", "bid_a": office.people["anna"], "bid_b": office.people["ben"]}
    return door.perform(case, "bid", actor=office.actor(login), form=form)


def claim(office: Office, customer: int, login: str, unit: str, door: Any) -> Any:
    place = office.units[unit]
    form = {
        "services": ["express"], "expected_revenue": "100", "kind": "regular", "project_plan": "仓配",
        "a": office.people[login], "b": office.people["ben"], "developing_unit": place, "signed_in": place,
        "arises_in": place, "contact": "周经理",
    }  # fmt: skip
    return door.open("account", customer=customer, actor=office.actor(login), unit=place, data=form)


def finish(office: Office, doors: list[Any]) -> None:
    office.later(minutes=1)
    office.fire()
    with office.database.reading() as connection:
        prove(connection, office.workflow.library)
    for door in doors:
        database: Database = door.database
        database.dispose()
