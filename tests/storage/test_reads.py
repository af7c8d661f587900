"""Lists show a reader what is the reader's, in the order it is due, page by page."""

from datetime import timedelta

import pytest

from tests.storage.conftest import World, clock, escalation, task
from tests.support.organisation import NOW, absent
from workflow.core.definition.expressions import Text
from workflow.core.errors import CaseNotFound, NotASubstitute, PersonNotFound
from workflow.core.personal import MARK
from workflow.core.step import SYSTEM, Actor
from workflow.service.views.lists import Filters
from workflow.service.views.names import Masked

HOUR = timedelta(hours=1)


def test_an_inbox_has_what_is_overdue_on_top_and_what_has_no_limit_last(world: World) -> None:
    alice = world.organisation.persons["alice"]
    for due in (NOW + HOUR, None, NOW - HOUR, NOW + 2 * HOUR):
        world.write(tasks=(task(1, due=due, assignee=alice),))
    world.write(tasks=(task(1, due=NOW, assignee=world.organisation.persons["bob"]),))

    page = world.reads.inbox(world.who("alice"))

    assert [row.due for row in page.rows] == [NOW - HOUR, NOW + HOUR, NOW + 2 * HOUR, None]
    assert [row.overdue for row in page.rows] == [True, False, False, False]
    assert (page.count, page.exact, page.next) == (4, True, None)


def test_a_row_says_what_it_is_about(world: World) -> None:
    east, alice = world.organisation.units["east"], world.organisation.persons["alice"]
    customer = world.customer("锦华贸易", number="11000000000001", unit=east)
    written = world.write(
        customer=customer.id,
        unit=east,
        tasks=(task(3, assignee=alice, unit=east, due=NOW + HOUR, owner=world.organisation.persons["bob"]),),
        escalations=(escalation(4, level=2, role="director", unit=world.organisation.units["province"]),),
    )

    [row] = world.reads.inbox(world.who("alice")).rows

    assert (row.case, row.no, row.number, row.name, row.state, row.phase) == (
        written.id, 3, written.number, "triage", "received", "intake",
    )  # fmt: skip
    assert row.customer is not None
    assert row.customer.name == Text("锦华贸易", "锦华贸易")
    assert (row.customer.number, row.customer.tier) == ("11000000000001", "gold")
    assert row.level == 2
    assert row.assignee is not None
    assert row.assignee.name == Text("林爱丽", "Alice")
    assert row.owner is not None
    assert row.owner.name.en == "Bob"
    assert row.unit is not None
    assert row.unit.name.zh == "东市"


def test_pages_follow_each_other_without_a_gap_or_a_double(world: World) -> None:
    alice = world.organisation.persons["alice"]
    for n in range(7):
        world.write(tasks=(task(1, assignee=alice, due=NOW + (n // 3) * HOUR), task(2, assignee=alice, due=NOW)))

    seen, after = [], None
    while True:
        page = world.reads.inbox(world.who("alice"), after=after, limit=4)
        seen += [(row.due, row.case, row.no) for row in page.rows]
        assert page.count == 14
        if (after := page.next) is None:
            break

    assert len(seen) == 14
    assert seen == sorted(set(seen))  # type: ignore[type-var]


@pytest.mark.parametrize(
    "after", ["nonsense", "WzFd", "W10", "bnVsbA", "WzksOSw5OTk5OTk5OTk5OTk5OTk5OTk5OTk5XQ", "\ud800"]
)
def test_a_cut_link_starts_the_list_anew(world: World, after: str) -> None:
    world.write(tasks=(task(1, assignee=world.organisation.persons["alice"]),))
    assert len(world.reads.inbox(world.who("alice"), after=after).rows) == 1


def test_a_substitute_sees_the_absent_persons_inbox_marked(world: World) -> None:
    persons = world.organisation.persons
    world.write(tasks=(task(1, assignee=persons["alice"], due=NOW + HOUR),))
    world.write(tasks=(task(1, assignee=persons["bob"], due=NOW + 2 * HOUR),))
    assert len(world.reads.inbox(world.who("bob")).rows) == 1

    absent(world.database, world.organisation, "alice", "bob")

    rows = world.reads.inbox(world.who("bob")).rows
    assert [row.behalf.name.en if row.behalf else None for row in rows] == ["Alice", None]
    only = world.reads.inbox(world.who("bob", "alice")).rows
    assert [row.assignee.name.en for row in only if row.assignee] == ["Alice"]


def test_nobody_reads_for_a_person_they_do_not_stand_in_for(world: World) -> None:
    with pytest.raises(NotASubstitute):
        world.reads.inbox(world.who("bob", "alice"))
    with pytest.raises(PersonNotFound):
        world.reads.inbox(Actor(999))


def test_a_queue_holds_what_the_reader_may_claim(world: World) -> None:
    units, persons = world.organisation.units, world.organisation.persons
    mine = world.write(tasks=(task(1, unit=units["east"]),))
    world.write(tasks=(task(1, unit=units["west"]),))
    world.write(tasks=(task(1, unit=units["east"], role="department"),))
    world.write(tasks=(task(1, unit=units["east"], assignee=persons["bob"]),))

    assert [row.case for row in world.reads.queue(world.who("alice")).rows] == [mine.id]
    assert world.reads.queue(world.who("ann")).rows == ()


@pytest.mark.parametrize(
    ("login", "sees"),
    [
        ("alice", {"east", "hers"}),
        ("carol", {"west"}),
        ("sue", {"east", "county", "hers"}),
        ("dora", {"east", "west", "county", "province", "hers"}),
        ("ann", {"east", "west", "county", "province", "hers"}),
        ("rita", {"county"}),
        ("adam", set()),
    ],
)
def test_cases_are_seen_by_unit_and_role(world: World, login: str, sees: set[str]) -> None:
    written = {name: world.write(unit=unit).id for name, unit in world.organisation.units.items()}
    written["hers"] = world.write(unit=None, people=(world.organisation.persons["alice"],)).id
    if login in ("sue", "dora", "ann"):
        sees = sees - {"hers"}

    found = {row.id for row in world.reads.cases(world.who(login)).rows}

    assert found == {written[name] for name in sees}
    for name, case in written.items():
        if name in sees:
            assert world.reads.case(case, world.who(login)).row.id == case
        else:
            for read in (world.reads.case, world.reads.history, world.reads.actions):
                with pytest.raises(CaseNotFound):
                    read(case, world.who(login))
            with pytest.raises(CaseNotFound):
                world.reads.as_of(case, NOW, world.who(login))


def test_who_may_claim_a_task_may_read_its_case(world: World) -> None:
    case = world.write(unit=world.organisation.units["east"], tasks=(task(1, unit=world.organisation.units["west"]),))
    assert world.reads.case(case.id, world.who("carol")).involved


def test_only_the_system_itself_sees_everything(world: World) -> None:
    case = world.write(unit=world.organisation.units["east"])
    assert world.reads.case(case.id, SYSTEM).row.id == case.id
    assert world.reads.cases(SYSTEM).count == 1
    with pytest.raises(CaseNotFound):
        world.reads.case(case.id, Actor(None))
    assert world.reads.cases(Actor(None)).rows == ()


@pytest.mark.parametrize("case", [0, -1, 10**6, 2**63, 10**30])
def test_a_case_that_is_not_there_is_not_found(world: World, case: int) -> None:
    with pytest.raises(CaseNotFound):
        world.reads.case(case, world.who("dora"))


def test_personal_values_are_shown_to_those_involved_only(world: World) -> None:
    units, persons = world.organisation.units, world.organisation.persons
    world.secrets = [("aa", b"salt", '"张三的电话"'), ("bb", b"salt", None)]  # type: ignore[list-item]
    data = {"text": {MARK: "aa"}, "gone": {MARK: "bb"}, "severity": "major"}
    case = world.write(unit=units["east"], data=data, people=(persons["alice"],))

    shown = {"text": "张三的电话", "gone": Masked("erased"), "severity": "major"}
    hidden = {"text": Masked("withheld"), "gone": Masked("withheld"), "severity": "major"}
    for login, expected in {"alice": shown, "sue": shown, "dora": shown, "bob": hidden, "ann": hidden}.items():
        view = world.reads.case(case.id, world.who(login))
        assert view.data == expected, login
        assert view.involved is (expected is shown)
        [step] = world.reads.history(case.id, world.who(login))
        assert step.form == expected
        assert step.ops[1] == ["set", expected]


def test_history_is_parsed_and_names_who(world: World) -> None:
    case = world.write(unit=world.organisation.units["east"], data={"severity": "major"})
    [step] = world.reads.history(case.id, world.who("alice"))
    assert (step.seq, step.kind, step.actor, step.to_state) == (1, "open", None, "received")
    assert (len(step.hash), step.previous) == (64, "00" * 32)


def test_a_case_as_of_a_moment_is_folded_from_what_was_recorded_by_then(world: World) -> None:
    case = world.write(unit=world.organisation.units["east"], data={"severity": "major"})
    folded = world.reads.as_of(case.id, NOW, world.who("alice"))
    assert folded is not None
    assert (folded.state, folded.data) == ("received", {"severity": "major"})
    assert world.reads.as_of(case.id, case.opened - HOUR, world.who("alice")) is None
    with pytest.raises(ValueError, match="time zone"):
        world.reads.as_of(case.id, NOW.replace(tzinfo=None), world.who("alice"))


def test_overdue_clocks_are_listed_with_who_works_on_them(world: World) -> None:
    units, persons = world.organisation.units, world.organisation.persons
    late = world.write(
        unit=units["county"], clocks=(clock(NOW - HOUR),), tasks=(task(1, assignee=persons["rita"], role="reporter"),)
    )
    later = world.write(unit=units["east"], clocks=(clock(NOW + HOUR),))
    world.write(unit=units["east"], clocks=(clock(NOW - HOUR, status="met", breached=NOW - HOUR, ended=NOW),))
    world.write(unit=units["west"], clocks=(clock(NOW - HOUR),))

    [row] = world.reads.overdue(world.who("sue")).rows
    assert (row.case, row.overdue, [p.name.en for p in row.assignees]) == (late.id, True, ["Rita"])
    soon = world.reads.overdue(world.who("sue"), filters=Filters(due_before=NOW + 2 * HOUR)).rows
    assert [(row.case, row.overdue) for row in soon] == [(late.id, True), (later.id, False)]


def test_escalations_come_with_the_highest_level_first(world: World) -> None:
    units = world.organisation.units
    low = world.write(unit=units["east"], escalations=(escalation(1, level=1, role="supervisor", unit=units["east"]),))
    high = world.write(
        unit=units["east"], escalations=(escalation(1, level=2, role="director", unit=units["province"]),)
    )

    first = world.reads.escalations(world.who("sue"), limit=1)
    assert [(row.case, row.level, row.mine) for row in first.rows] == [(high.id, 2, False)]
    second = world.reads.escalations(world.who("sue"), after=first.next)
    assert [(row.case, row.level, row.mine) for row in second.rows] == [(low.id, 1, True)]
    assert [p.name.en for p in second.rows[0].persons] == ["Sue"]
    assert world.reads.escalations(world.who("dora")).rows[0].mine
    assert world.reads.escalations(world.who("carol")).rows == ()


def test_lists_are_narrowed(world: World) -> None:
    units, persons = world.organisation.units, world.organisation.persons
    gold = world.customer("锦华贸易", number="11000000000001", pinyin="jhmy jinhuamaoyi", unit=units["east"])
    silver = world.customer("100%_Pure", number="11000000000002", unit=units["east"], tier="silver")
    one = world.write(customer=gold.id, unit=units["east"], marks=("major",), clocks=(clock(NOW - HOUR),))
    two = world.write(
        customer=silver.id,
        unit=units["county"],
        state="answered",
        definition="other",
        closed=NOW,
        tasks=(task(1, assignee=persons["rita"]),),
    )
    letters = one.number.rstrip("0123456789")
    cases = {
        "definition": (Filters(definition="other"), {two.id}),
        "state": (Filters(state="received"), {one.id}),
        "phase": (Filters(phase="elsewhere"), set()),
        "mark": (Filters(mark="major"), {one.id}),
        "part of a mark": (Filters(mark="maj"), set()),
        "unit": (Filters(unit=units["county"]), {two.id}),
        "tier": (Filters(tier="silver"), {two.id}),
        "customer": (Filters(customer=gold.id), {one.id}),
        "person": (Filters(person=persons["rita"]), {two.id}),
        "overdue": (Filters(overdue=True), {one.id}),
        "due": (Filters(due_before=NOW - 2 * HOUR), set()),
        "closed": (Filters(closed=True), {two.id}),
        "open": (Filters(closed=False), {one.id}),
        "name": (Filters(text="华贸"), {one.id}),
        "pinyin": (Filters(text="JINHUA"), {one.id}),
        "number": (Filters(text="0000002"), {two.id}),
        "case number": (Filters(text=one.number.lower()), {one.id}),
        "case number without its noughts": (Filters(text=f"{letters.lower()}{one.id}"), {one.id}),
        "case number as it is said": (Filters(text=f"{letters} {one.id}"), {one.id}),
        "another's": (Filters(text=f"{letters}{one.id}7"), set()),
        "percent": (Filters(text="%"), {two.id}),
        "underscore": (Filters(text="_"), {two.id}),
        "null byte": (Filters(text="华\x00贸"), {one.id}),
        "long": (Filters(text="%" * 20_000), set()),
        "surrogate": (Filters(text="\ud800"), {one.id, two.id}),
    }
    for name, (filters, expected) in cases.items():
        assert {row.id for row in world.reads.cases(world.who("dora"), filters=filters).rows} == expected, name


def test_customers_are_listed_by_number_for_those_who_may_see_them(world: World) -> None:
    units, persons = world.organisation.units, world.organisation.persons
    second = world.customer("乙", number="22", unit=units["east"], a=persons["alice"], b=persons["bob"])
    first = world.customer("甲", number="11", unit=units["west"])
    case = world.write(customer=second.id, unit=units["east"])
    world.write(customer=second.id, unit=units["west"], closed=NOW)
    elsewhere = world.write(customer=second.id, unit=units["west"])

    assert [row.id for row in world.reads.customers(world.who("dora")).rows] == [first.id, second.id]
    [row] = world.reads.customers(world.who("alice")).rows
    # Another unit's case is hers neither to see nor to count.
    assert (row.number, row.open_cases, row.a and row.a.name.en) == ("22", 1, "Alice")
    assert {row.id: row.open_cases for row in world.reads.customers(world.who("dora")).rows}[second.id] == 2
    assert elsewhere.id in {one.id for one in world.reads.customer(second.id, world.who("dora")).cases}
    view = world.reads.customer(second.id, world.who("alice"))
    assert [one.id for one in view.cases] == [case.id]
    assert view.case.data["name_zh"] == "乙"
    assert world.reads.customers(world.who("adam")).rows == ()
