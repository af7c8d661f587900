"""The simulation: everything promised holds of what it made, and the judges find whatever does not."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection

from bench import province
from workflow.cli.root import baton
from workflow.definitions.library import Library
from workflow.intake.simulate import Wish, simulate
from workflow.intake.simulate.durations import at, drawn
from workflow.intake.simulate.province import staffed
from workflow.intake.simulate.tables import habits, table
from workflow.invariants import Judgement, judged, rules
from workflow.invariants.clocks import breached_once
from workflow.invariants.rule import Finding
from workflow.settings import Database, Settings
from workflow.storage.database import Database as Opened

DEFINITIONS = Path(__file__).parents[2] / "definitions"
SMALL = Wish(scale=0.006, years=0.35, seed=7, until=datetime(2026, 2, 1, tzinfo=UTC))


def settings_of(url: str) -> Settings:
    settings = Settings(database=Database(url=url))
    return replace(settings, definitions=replace(settings.definitions, folder=DEFINITIONS))


def quiet(what: str, done: int = 0, total: int = 0) -> None:
    """Progress nobody looks at."""


@contextmanager
def opened(url: str) -> Iterator[Connection]:
    database = Opened(url)
    try:
        with database.writing() as connection:
            yield connection
    finally:
        database.dispose()


def judge(url: str) -> Judgement:
    with opened(url) as connection:
        return judged(connection, told=quiet)


def exceptions(found: Judgement) -> dict[str, list[str]]:
    return {finding.rule: finding.exceptions for finding in found.findings if finding.count}


@pytest.fixture(scope="module", autouse=True)
def read_once() -> Iterator[None]:
    """The lifecycles are read once for all tests here."""
    library = Library.load(DEFINITIONS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Library, "load", lambda folder: library)
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, read_once: None) -> Path:
    """A small province, some months long, in an SQLite file that is never opened again."""
    place = tmp_path_factory.mktemp("province") / "baton.db"
    simulate(settings_of(f"sqlite:///{place}"), SMALL, progress=quiet)
    with opened(f"sqlite:///{place}") as connection:
        connection.exec_driver_sql("SELECT 1")
    return place


@pytest.fixture
def url(made: Path, tmp_path: Path) -> str:
    """A copy of it to look at and to bend."""
    shutil.copyfile(made, tmp_path / "baton.db")
    return f"sqlite:///{tmp_path / 'baton.db'}"


def ask(url: str, statement: str) -> list[tuple[Any, ...]]:
    with opened(url) as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement).all()]


def test_every_promise_holds_of_a_province_and_every_history_is_reproduced(url: str) -> None:
    found = judge(url)

    assert exceptions(found) == {}
    assert found.holds
    idle = {finding.rule for finding in found.findings if not finding.looked}
    assert idle <= {"gone", "limits", "room"}, "nothing was there to be looked at"


def test_what_was_not_used_is_known(url: str) -> None:
    """In these few months most lifecycles are; the check says which are not, and which moves nobody made."""
    found = judge(url)
    library = Library.load(DEFINITIONS)

    assert set(found.used) == set(library.latest)
    assert sum(count > 0 for count in found.used.values()) > 0.75 * len(found.used)
    assert 0.4 * len(found.are) < len(found.taken) < len(found.are)
    assert found.taken < found.are
    assert {trigger for name, trigger, _, _ in found.are if name == "account"} == {
        way.trigger for way in library.get("account").transitions
    }


def test_the_same_wish_gives_the_same_history_on_either_database(url: str, postgres_url: str) -> None:
    simulate(settings_of(postgres_url), SMALL, progress=quiet)

    sql = "SELECT case_id, seq, kind, trigger, actor_id, effective, recorded, to_state FROM steps ORDER BY case_id, seq"
    assert ask(postgres_url, sql) == ask(url, sql)
    assert exceptions(judge(postgres_url)) == {}


def test_what_came_due_while_no_scheduler_was_alive_happened_when_one_was_again(url: str) -> None:
    outages = ask(url, "SELECT since, until FROM outages ORDER BY since")
    (since, until) = outages[0]

    assert len(outages) == 2
    late = ask(url, f"SELECT recorded FROM steps WHERE actor_id IS NULL AND kind <> 'admin' AND effective > {since}"
                    f" AND effective < {until} AND recorded > effective")  # fmt: skip
    assert late
    assert max(recorded for (recorded,) in late) == until
    people = ask(
        url, f"SELECT count(*) FROM steps WHERE actor_id IS NOT NULL AND recorded > {since} AND recorded < {until}"
    )
    assert people[0][0] > 0


def test_whoever_leaves_hands_every_customer_and_every_task_over(url: str) -> None:
    left = [person for (person,) in ask(url, "SELECT id FROM persons WHERE NOT active")]

    assert left
    for person in left:
        assert ask(url, f"SELECT count(*) FROM customers WHERE a_id = {person} OR b_id = {person}") == [(0,)]
        assert ask(url, f"SELECT count(*) FROM tasks WHERE assignee_id = {person} OR owner_id = {person}") == [(0,)]
        assert ask(url, f"SELECT count(*) FROM stints WHERE person_id = {person} AND ended IS NOT NULL")[0][0] > 0


ONE_STEP = "SELECT case_id FROM steps WHERE seq = 3 ORDER BY case_id LIMIT 1"
ONE_BREACH = "SELECT case_id FROM clocks WHERE status = 'met' AND breached IS NOT NULL ORDER BY case_id LIMIT 1"

BENT = {
    "chain": f"UPDATE steps SET form = '{{}} ' WHERE seq = 3 AND case_id = ({ONE_STEP})",
    "order": f"UPDATE steps SET recorded = 1, effective = 1 WHERE seq = 3 AND case_id = ({ONE_STEP})",
    "moves": "UPDATE steps SET trigger = 'nothing' WHERE (case_id, seq) = (SELECT case_id, seq FROM steps"
             " WHERE from_state <> to_state AND from_state <> '' ORDER BY case_id, seq LIMIT 1)",
    "owners": "UPDATE stints SET ended = ended - 1 WHERE (customer_id, seq) = (SELECT customer_id, seq FROM stints"
              " WHERE role = 'lead' AND ended IS NOT NULL ORDER BY customer_id LIMIT 1) AND role = 'lead'",
    "needed": "UPDATE steps SET ops = replace(ops, '\"stage\":', '\"unit\":null,\"stage\":')"
              " WHERE from_state = 'kept' AND ops LIKE '%\"stage\":\"developing\"%'",
    "splits": "UPDATE splits SET share = share - 1 WHERE rowid = (SELECT min(rowid) FROM splits WHERE share > 0)",
    "revenue": "UPDATE revenue SET cents = cents + 1 WHERE rowid = (SELECT min(rowid) FROM revenue)",
    "cases": "UPDATE cases SET closed = NULL WHERE id = (SELECT min(c.id) FROM cases c WHERE c.closed IS NOT NULL"
             " AND c.id NOT IN (SELECT parent_id FROM links))",
    "tasks": "UPDATE tasks SET assignee_id = 999999 WHERE rowid = (SELECT min(rowid) FROM tasks)",
    "links": "INSERT INTO timers (case_id, no, kind, name, due, retry) SELECT parent_id, -child_id, 'linked', name,"
             f" {2**50}, {2**50} FROM links LIMIT 1",
    "fired": "UPDATE timers SET due = 1 WHERE rowid = (SELECT min(rowid) FROM timers)",
    "clocks": f"UPDATE clocks SET breached = NULL WHERE case_id = ({ONE_BREACH})",
    "breaches": "UPDATE steps SET ops = replace(ops, '\"breached\":', '\"breached\":1') WHERE rowid ="
                f" (SELECT max(rowid) FROM steps WHERE case_id = ({ONE_BREACH}) AND ops LIKE '%\"breached\":%')",
    "rows": "UPDATE clocks SET due = due + 1 WHERE rowid = (SELECT min(rowid) FROM clocks WHERE status = 'met')",
    "ladders": "UPDATE steps SET ops = replace(ops, '\"rung\":3', '\"rung\":2')",
    "gone": "UPDATE persons SET active = 0 WHERE id = (SELECT person_id FROM stints WHERE role = 'lead'"
            " AND ended IS NULL AND person_id IS NOT NULL LIMIT 1)",
    "apart": "UPDATE cases SET customer_id = 2 WHERE definition = 'account'",
    "limits": "INSERT INTO takings (case_id, no, name, of_id, since)"
              " SELECT id, 999, 'pool_grant.per_person', 1, 5 FROM cases WHERE kind = 'case' LIMIT 9",
    "room": "INSERT INTO takings (case_id, no, name, of_id, since) SELECT id, 999, 'handover.leads', (SELECT person_id"
            f" FROM stints WHERE role = 'lead' AND ended IS NULL AND person_id IS NOT NULL LIMIT 1), {2**51}"
            " FROM cases WHERE kind = 'case' AND customer_id IS NULL LIMIT 15",
}  # fmt: skip
"""What somebody would have to do to the tables so that a rule no longer holds."""


def test_there_is_a_bend_for_each_rule() -> None:
    assert {*BENT, "replay"} == set(rules()["titles"])


@pytest.mark.parametrize("rule", BENT)
def test_a_database_bent_by_hand_is_found(url: str, rule: str) -> None:
    with opened(url) as connection:
        for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        changed = connection.exec_driver_sql(BENT[rule]).rowcount

    found = exceptions(judge(url))

    assert changed > 0
    assert rule in found, found


def test_the_command_plays_every_history_again_and_prints_what_holds_of_each_rule(url: str) -> None:
    def checked(at: str, language: str) -> Any:
        arguments = ["simulate", "--check", "--database", at, "--language", language]
        return CliRunner().invoke(baton, arguments, env={"BATON_DEFINITIONS_FOLDER": str(DEFINITIONS)})

    fine = checked(url, "zh")
    with opened(url) as connection:
        connection.exec_driver_sql(BENT["clocks"])
    bent = checked(url, "en")

    assert fine.exit_code == 0, fine.output
    assert all(f"           0  {title['zh']}" in fine.output for title in rules()["titles"].values())
    assert bent.exit_code == 1
    assert rules()["titles"]["clocks"]["en"] in bent.output
    assert "! case" in bent.output


def test_a_database_that_holds_something_is_left_alone(url: str) -> None:
    before = ask(url, "SELECT count(*) FROM steps")

    result = CliRunner().invoke(
        baton, ["simulate", "--database", url], env={"BATON_DEFINITIONS_FOLDER": str(DEFINITIONS)}
    )

    assert result.exit_code == 1
    assert "already" in result.output
    assert ask(url, "SELECT count(*) FROM steps") == before


def test_the_whole_province_has_three_cities_twenty_counties_and_four_hundred_managers() -> None:
    staff = staffed(1.0, Random(1), days=730)
    kinds = Counter(unit["kind"] for unit in staff["unit"])
    managers = [row for row in staff["people"]["rows"] if any(held.endswith(":account_manager") for held in row[3])]

    assert (kinds["province"], kinds["city"], kinds["county"]) == (1, 3, 20)
    assert 395 <= len(managers) <= 405
    assert table("province")["sizes"]["customers"] == 5000
    assert len({row[0] for row in staff["people"]["rows"]}) == len(staff["people"]["rows"])


def test_lengths_are_drawn_by_inverse_cdf_from_the_quantiles() -> None:
    rng = Random(3)
    quantiles = {float(p): hours for p, hours in table("measured")["durations"]["resolve"]["hours"].items()}
    drawings = sorted(drawn("resolve", rng) for _ in range(20_000))

    for share in (0.5, 0.75, 0.9):
        found = drawings[int(share * len(drawings))]
        assert quantiles[share] * 0.8 < found < quantiles[share] * 1.25
    assert at(((0.0, 1.0), (1.0, 100.0)), 0.5) == pytest.approx(10)
    assert at(((0.0, 1.0), (0.5, 7.0)), 0.9) == 7.0


def test_the_measured_shares_are_the_habits_of_the_players() -> None:
    shares = table("measured")["shares"]

    assert habits()["chances"]["tardy"] == pytest.approx(1 - shares["in_time"]["is"])
    assert habits()["chances"]["delegate"] == pytest.approx(1 - (1 - shares["reassigned"]["is"]) ** 0.25)


def test_the_tables_of_the_simulation_speak_of_what_the_definitions_have() -> None:
    library = Library.load(DEFINITIONS)
    province = table("province")

    for name in [*province["opened"].keys() - {"any"}, province["claims"]["definition"]]:
        assert library.get(name).opened_by
    for rule in rules()["apart"]:
        definition = library.get(rule["definition"])
        assert set(rule["states"]) <= set(definition.states)
        assert {rule[key] for key in ("each", "begins", "ends") if key in rule} <= set(definition.fields)
    for name, play in province["play"].items():
        if name != "chances":
            assert set(play.get("pace", {})) <= set(library.get(name).states)
            assert set(play.get("pace", {}).values()) <= set(table("measured")["durations"])
    plan = province["leaving"]["plan"]
    definition = library.get(plan["definition"])
    asked = {field.name for field in definition.start_form}
    assert {*plan["form"], plan["person"], plan["last_day"], plan["rows"]} <= asked
    assert {plan["customer"], plan["receiver"]} == {one.name for one in definition.fields[plan["rows"]].columns}
    for move in (plan["beyond"], plan["again"], plan["end"]):
        ways = [way for way in definition.transitions if way.trigger == move["trigger"]]
        assert ways
        assert all({*move.get("form", {})} <= {field.name for field in way.form} for way in ways)
        assert {*move.get("states", ())} <= set(definition.states)
    assert plan["again"]["rows"] in definition.fields
    assert plan["each"] in {link.definition for link in definition.links.values()}
    for place in rules()["untaken"]:
        definition, _, trigger = place.partition(".")
        assert any(one.trigger == trigger for one in library.get(definition).transitions)


def test_the_province_is_the_load_of_the_benchmarks(made: Path) -> None:
    with province.copied(made) as url:
        found = {one.name: one for one in province.measure(url, seconds=0.2, histories=5, parts=province.PARTS[1:])}
    assert {"page: case, 10 at once", "verdicts, all found anew", "verify chains and tree"} <= set(found)
    assert all(one.ours.low > 0 for one in found.values())
    assert found["verdicts, all found anew"].facts["steps"] < found["seal steps"].facts["steps"]


@pytest.mark.parametrize(("before", "stood"), [("paused", {("window", 1)}), ("running", set())])
def test_a_clock_that_is_met_while_it_stands_still_is_in_time(before: str, stood: set[tuple[str, int]]) -> None:
    ops = [[("clock", {"name": "window", "run": 1, "status": status})] for status in (before, "met")]
    history: Any = SimpleNamespace(number="1", steps=[SimpleNamespace(seq=n, ops=one) for n, one in enumerate(ops, 1)])

    assert breached_once(history, Finding("breaches"))[1] == stood
