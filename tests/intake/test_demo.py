"""The demonstration: believable at a first look, and true to the last step, since the engine itself wrote it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support import golden
from tests.support.office import Office
from tests.support.proof import prove, refusals
from workflow.assembly import assemble, is_empty, open_accounts
from workflow.audit.replays import Replays
from workflow.core.case import Case
from workflow.core.codec import case_from
from workflow.core.moments import micros
from workflow.core.step import SYSTEM, Actor
from workflow.customers.number import parse
from workflow.definitions.library import Library
from workflow.definitions.load import loads
from workflow.intake.demo import PASSWORD, NotEmpty, build, earlier, is_demonstration, sign_ins
from workflow.intake.demo.stage import Stage
from workflow.intake.demo.tables import table
from workflow.service.door import Workflow
from workflow.settings import Database, Settings

NOW = datetime(2026, 6, 17, 6, 20, tzinfo=UTC)
"""A Wednesday, 14:20 in Shanghai."""

SMALL = 0.025
"""One case in each state, and some more."""

LIFECYCLES = ("account", "complaint")
DEFINITIONS = Path(__file__).parents[2] / "definitions"


def settings_of(url: str) -> Settings:
    settings = Settings(database=Database(url=url))
    return replace(settings, definitions=replace(settings.definitions, folder=DEFINITIONS))


def quiet(what: str, done: int = 0, total: int = 0) -> None:
    """Progress nobody looks at."""


@pytest.fixture(scope="module", autouse=True)
def _moving() -> Iterator[None]:
    """So few customers seldom move enough for an alert."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(table("play")["income"]["moves"], "chance", 0.1)
        yield


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = settings_of(f"sqlite:///{tmp_path_factory.mktemp('demo') / 'baton.db'}")
    build(made, progress=quiet, now=NOW, size=SMALL)
    return made


@pytest.fixture
def workflow(settings: Settings) -> Iterator[Workflow]:
    made = assemble(settings, keep_definitions=False, clock=lambda: NOW)
    yield made
    made.database.dispose()


def cases(workflow: Workflow) -> list[Case]:
    with workflow.database.reading() as connection:
        bodies = connection.exec_driver_sql("SELECT body FROM cases WHERE kind = 'case' ORDER BY id").scalars().all()
    return [case_from(body) for body in bodies]


def ask(workflow: Workflow, sql: str) -> list[Any]:
    with workflow.database.reading() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql).all()]


def test_every_lifecycle_is_played(workflow: Workflow) -> None:
    """One complaint in a hundred is major, one in eight compensated, a customer has a new project every few months, a
    centre is analysed when a month is over: among so few customers and days there may be none of them. A whole
    simulation has them all."""
    found = {case.definition for case in cases(workflow)}

    assert set(workflow.library.latest) - found <= {"analysis", "major_complaint", "compensation", "project"}


@pytest.mark.parametrize("lifecycle", LIFECYCLES)
def test_every_state_of_both_lifecycles_is_there_to_be_seen(workflow: Workflow, lifecycle: str) -> None:
    found = Counter(case.state for case in cases(workflow) if case.definition == lifecycle)

    assert set(workflow.library.get(lifecycle).states) - set(found) == set()


def test_it_has_lived_through_a_change_of_a_lifecycle_and_its_cases_stay_where_they_began(workflow: Workflow) -> None:
    """What auditors are shown: closed complaints of version 2, and what version 3 would have done with them."""
    changed = NOW - timedelta(days=table("earlier")["complaint"]["days_ago"])
    kept = workflow.library.get("complaint", 2)
    complaints = [case for case in cases(workflow) if case.definition == "complaint"]
    old = [case for case in complaints if case.version == 2]

    assert kept.text == golden.definition_of(kept.hash).text, "it is the version that was released, to the byte"
    assert {case.version for case in complaints} == {2, 3}
    assert all((case.version == 2) == (case.opened < changed) for case in complaints)
    assert sum(case.closed is not None for case in old) >= 2
    desk = Replays(workflow)
    assert desk.versions("complaint") == (2, 3)
    for case in old:
        assert desk.film(case.id, SYSTEM).verdict.holds
        _, other, beside = desk.against(case.id, 3, SYSTEM)
        assert (other.version, len(beside)) == (3, case.seq)


def test_a_lifecycle_that_somebody_has_edited_was_never_another_one_there() -> None:
    released = Library.load(DEFINITIONS)
    edited = loads(released.get("complaint").text.replace("30m", "20m"), calendars=released.calendars)
    own = replace(released, latest={**released.latest, "complaint": edited}, versions={})

    assert earlier.begun_with(released).get("complaint").version == 2
    assert earlier.begun_with(own).get("complaint") is edited


def test_every_history_gives_its_case_and_every_chain_is_whole(workflow: Workflow) -> None:
    with workflow.database.reading() as connection:
        assert prove(connection, workflow.library) > 1000


def test_it_goes_on_for_months_and_ends_now(workflow: Workflow) -> None:
    [(first, last)] = ask(workflow, "SELECT min(recorded), max(recorded) FROM steps")

    assert micros(NOW - timedelta(days=280)) < first < micros(NOW - timedelta(days=240))
    assert micros(NOW - timedelta(days=2)) < last <= micros(NOW)
    assert ask(workflow, f"SELECT count(*) FROM timers WHERE due <= {micros(NOW)}") == [(0,)]
    assert ask(workflow, "SELECT count(*) FROM incidents") == [(0,)]


def test_some_of_it_is_overdue_and_escalated_at_several_levels(workflow: Workflow) -> None:
    levels = {level for (level,) in ask(workflow, "SELECT level FROM escalations WHERE ended IS NULL")}
    [(overdue, in_time)] = ask(
        workflow, f"SELECT sum(due < {micros(NOW)}), sum(due >= {micros(NOW)}) FROM tasks WHERE due IS NOT NULL"
    )

    assert levels == {1, 2, 3}
    assert 0 < overdue < in_time


def test_people_work_in_office_hours_and_stand_in_for_each_other(workflow: Workflow) -> None:
    calendar = workflow.library.calendars["working"]
    steps = ask(workflow, "SELECT effective FROM steps WHERE kind = 'trigger' AND actor_id IS NOT NULL")
    at_work = 0
    for (moment,) in steps:
        day = calendar.local_day(datetime.fromtimestamp(moment / 1e6, UTC))
        at_work += any(begin <= moment <= end for begin, end in calendar.spans(day))

    assert at_work / len(steps) > 0.8
    assert ask(workflow, "SELECT count(*) FROM substitutions")[0][0] == len(table("staff")["absences"]["rows"])
    now_away = [s for s in workflow.directory().substitutions if s.holds(NOW)]
    assert len(now_away) == 1


def test_the_rules_have_refused_somebody_something(workflow: Workflow) -> None:
    with workflow.database.reading() as connection:
        assert {code for code, _, _ in refusals(connection)} & {"NotPermitted", "FormInvalid", "FourEyes"}


def test_each_month_has_its_revenue_and_each_manager_a_score_and_what_is_paid_for_it(workflow: Workflow) -> None:
    months = [month for (month,) in ask(workflow, "SELECT DISTINCT month FROM revenue ORDER BY month")]
    files = ask(workflow, "SELECT name, position = whole AND state = 'applied', rows FROM uploads ORDER BY id")
    [administrator] = [p.id for p in workflow.directory().persons.values() if p.login == "fang.min"]
    year = workflow.managers_years(Actor(administrator), 2026, zone=ZoneInfo("Asia/Shanghai"))
    centre = workflow.centres_year(Actor(administrator), 1, 2026, zone=ZoneInfo("Asia/Shanghai"))

    assert (months[0], months[-1], len(months)) == ("2024-09", "2026-05", 21)
    assert [(name[:7], applied) for name, applied, _ in files] == [(month, 1) for month in months[12:]]
    assert files[0][2] >= 13, "a customer comes with the year before"
    assert ask(workflow, "SELECT count(*) FROM revenue WHERE until IS NULL AND cents > 0")[0][0] > 200
    assert ask(workflow, "SELECT count(*) FROM splits")[0][0] > 0
    assert ask(workflow, "SELECT count(*) FROM alerts")[0][0] > 0, "of movements, and of tiers"
    assert len(year) > 15
    assert all(one.score is not None and one.pay is not None for one in year)
    assert len({one.score for one in year}) > 10
    assert sum(one.actual > 0 for one in year) > 5
    assert centre.score is not None
    assert 0 < centre.score < 100_00


def test_customers_have_numbers_of_fourteen_digits_and_every_tier(workflow: Workflow) -> None:
    rows = ask(workflow, "SELECT number, tier FROM customers")

    assert {tier for _, tier in rows} == {"diamond", "gold", "silver", "ordinary"}
    assert all(str(parse(number)) == number for number, _ in rows)


def test_everybody_named_can_sign_in(workflow: Workflow, settings: Settings) -> None:
    accounts = open_accounts(workflow.database, settings)

    for one in sign_ins()[:3]:
        secret = accounts.sign_in(one.login, PASSWORD, address="127.0.0.1", agent="test", at=NOW)
        session = accounts.session(secret, NOW)
        assert session is not None
        assert not session.must_change
    assert is_demonstration(workflow.database)


def test_sixty_people_in_all_roles_of_whom_a_few_hold_several(workflow: Workflow) -> None:
    directory = workflow.directory()
    roles = {person: directory.role_names(person, NOW) for person in directory.persons}

    assert len(roles) == 60
    assert len(frozenset().union(*roles.values())) == 9
    assert sum(len(held) > 1 for held in roles.values()) >= 5
    assert {one.login for one in sign_ins()} <= {person.login for person in directory.persons.values()}


def test_the_same_seed_plays_the_same_history(tmp_path: Path, workflow: Workflow) -> None:
    again = settings_of(f"sqlite:///{tmp_path / 'again.db'}")

    build(again, progress=quiet, now=NOW, size=SMALL)

    with closing_database(again) as second:
        sql = "SELECT case_id, seq, kind, trigger, actor_id, effective, to_state FROM steps ORDER BY case_id, seq"
        assert ask(second, sql) == ask(workflow, sql)


def test_what_was_interrupted_is_no_database_and_is_begun_again(tmp_path: Path) -> None:
    place = tmp_path / "baton.db"
    half = settings_of(f"sqlite:///{place}")

    def stop(what: str, done: int = 0, total: int = 0) -> None:
        if what.startswith("Gathering"):
            raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            build(half, progress=stop, now=NOW, size=SMALL)
        assert not place.exists()
        assert is_empty(half)


def test_a_database_that_holds_something_is_left_alone(settings: Settings, workflow: Workflow) -> None:
    before = ask(workflow, "SELECT count(*) FROM steps")

    with pytest.raises(NotEmpty):
        build(settings, progress=quiet, now=NOW)

    assert ask(workflow, "SELECT count(*) FROM steps") == before


def test_it_stands_on_postgresql_too(postgres_url: str) -> None:
    settings = settings_of(postgres_url)

    build(settings, progress=quiet, now=NOW, size=SMALL)

    with closing_database(settings) as workflow:
        assert is_demonstration(workflow.database)
        with workflow.database.reading() as connection:
            assert prove(connection, workflow.library) > 1000
    with pytest.raises(NotEmpty):
        build(settings, progress=quiet, now=NOW, size=SMALL)


def test_within_one_transaction_a_customer_is_what_another_case_has_made_of_it(office: Office) -> None:
    case = office.complaint().id

    with Stage(office.workflow) as stage:
        before = stage.scene(case)[2].customer
        stage.change_customer(office.customer, {"tier": "diamond"}, actor=SYSTEM, at=office.now)
        after = stage.scene(case)[2].customer

    assert before is not None
    assert after is not None
    assert (before.tier, after.tier) == ("gold", "diamond")


def test_there_are_complaints_enough_that_no_two_need_be_alike() -> None:
    texts = [text for topic in table("topics")["topic"] for text in topic["text"]]

    assert len(set(texts)) >= 60


def test_the_tables_speak_of_what_the_definitions_have() -> None:
    library = Library.load(DEFINITIONS)
    play, words = table("play"), table("words")
    wrong = []
    for name in play.keys() - {"sizes", "chances", "income", "goals"}:
        rules = library.get(name)
        tasks: dict[str, set[str]] = {}
        for task in (task for state in rules.states.values() for task in state.tasks):
            tasks.setdefault(task.name, {""}).update(task.triggers)
        triggers = {way.trigger for way in rules.transitions}
        for key in ("pace", "tardy", "beside"):
            wrong += [(name, key, state) for state in play[name].get(key, {}) if state not in {*rules.states, "any"}]
        wrong += [(name, aim["state"]) for aim in play[name].get("aims", ()) if aim["state"] not in rules.states]
        for task, shares in play[name].get("does", {}).items():
            wrong += [(name, task, t) for t in shares if task not in tasks or t not in tasks[task]]
        for besides in play[name].get("beside", {}).values():
            wrong += [(name, one["trigger"]) for one in besides if one["trigger"] not in triggers]
    for key in (*words["recipes"], *words["shares"], *words["topical"], *words["always"], *words["texts"]):
        name, dot, field = key.partition(".")
        if dot and name != "any" and field not in library.get(name).fields:
            wrong.append((key,))

    assert wrong == []


def closing_database(settings: Settings) -> Any:
    made = assemble(settings, keep_definitions=False, clock=lambda: NOW)
    return _Closing(made)


class _Closing(closing[Any]):
    """Gives a workflow, and disposes of its database at the end."""

    def __exit__(self, *error: object) -> None:
        self.thing.database.dispose()
