"""`baton case` and `baton replay`: what the auditor asks."""

from typing import Any

import pytest

from tests.cli.conftest import Baton, parsed
from tests.support.office import Office
from workflow.storage.database import Database


@pytest.fixture
def told(office: Office) -> Any:
    """A complaint that was dispatched too late."""
    case = office.complaint()
    office.later(hours=49)
    office.fire()
    office.workflow.comment(case.id, "客户又来电", actor=office.actor("ben"))
    return office.stored(case.id)


def tamper(database: Database, statement: str) -> None:
    """What somebody does who has the database to himself: the guards are taken away first."""
    with database.writing() as connection:
        if database.dialect == "postgresql":
            connection.exec_driver_sql("ALTER TABLE steps DISABLE TRIGGER USER")
        else:
            guards = connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'steps'"
            ).all()
            for (name,) in guards:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_case_is_shown_by_its_number(at_office: Baton, told: Any, language: str) -> None:
    shown = at_office("case", "show", told.number, "--language", language)

    assert shown.exit_code == 0, shown.output
    assert shown.stdout.startswith(f"{told.number}\n")
    assert "青云数据有限公司" in shown.stdout
    assert ("超时" if language == "zh" else "ran out") in shown.stdout
    assert "…" not in shown.stdout


def test_a_case_is_shown_by_its_id_for_a_script(at_office: Baton, told: Any) -> None:
    shown = parsed(at_office("case", "show", str(told.id), "--json"))

    assert shown["row"]["number"] == told.number
    assert shown["row"]["state"] == told.state
    assert [clock["name"] for clock in shown["clocks"]] == [clock.name for clock in told.clocks]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_history_has_a_line_for_each_step(at_office: Baton, told: Any, language: str) -> None:
    shown = at_office("case", "history", told.number, "--language", language)

    lines = shown.stdout.splitlines()
    assert [int(line.split()[0]) for line in lines] == list(range(1, told.seq + 1))
    assert ("anna员建立了“客户投诉" if language == "zh" else "Anna opened") in lines[0]
    assert ("ben员留言" if language == "zh" else "Ben commented") in lines[-1]


def test_what_was_found_late_has_both_moments(at_office: Baton, told: Any) -> None:
    shown = at_office("case", "history", told.number, "--language", "en").stdout

    [reminder] = [line for line in shown.splitlines() if "2026-03-03 09:00" in line]
    assert "+03-04 10:00" in reminder


def test_a_history_for_a_script(at_office: Baton, told: Any) -> None:
    steps = parsed(at_office("case", "history", told.number, "--json"))

    assert [step["seq"] for step in steps] == list(range(1, told.seq + 1))
    assert steps[0]["kind"] == "open"
    assert steps[1]["previous"] == steps[0]["hash"]


def test_a_case_that_is_not_there(at_office: Baton) -> None:
    for named in ("XX999999", "999999", "9" * 30, "四"):
        refused = at_office("case", "show", named)

        assert refused.exit_code == 1
        assert refused.stderr == f"baton: There is no case {named}.\n"


def test_a_whole_history_replays(at_office: Baton, told: Any) -> None:
    done = at_office("replay", told.number)

    assert done.exit_code == 0
    assert done.stdout == (
        f"{told.number}: {told.seq} steps, chain intact, the history gives the case as stored; "
        f"reproduced {told.seq} of {told.seq} steps.\n"
    )


def test_all_histories_replay(at_office: Baton, told: Any) -> None:
    done = at_office("replay", "--all")

    assert done.exit_code == 0
    # The organisation's record, the customer's, and the complaint.
    assert done.stdout.startswith("3 histories, ")
    assert done.stdout.endswith("all hold.\n")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("UPDATE steps SET form = '{}' WHERE case_id = {case} AND seq = 1", "the chain breaks at step 1"),
        ("UPDATE steps SET actor_id = actor_id + 1 WHERE case_id = {case} AND seq = 1", "the chain breaks at step 1"),
        ("UPDATE steps SET effective = effective + 1 WHERE case_id = {case} AND seq = 3", "the chain breaks at step 3"),
        ("DELETE FROM steps WHERE case_id = {case} AND seq = 2", "cannot be played beyond step 2"),
        ("UPDATE steps SET ops = '{{' WHERE case_id = {case} AND seq = 2", "cannot be played beyond step 2"),
        ("UPDATE cases SET state = state, body = replace(body, '\"state\":\"', '\"state\":\"x') WHERE id = {case}",
         "another case than the one stored: state"),
        ("UPDATE cases SET body = '[]' WHERE id = {case}", "another case than the one stored: body"),
    ],
)  # fmt: skip
def test_what_somebody_changed_by_hand_is_found(
    at_office: Baton, database: Database, told: Any, change: str, says: str
) -> None:
    tamper(database, change.replace("{case}", str(told.id)).replace("{{", "{"))

    found = at_office("replay", told.number)
    among_all = at_office("replay", "--all")

    assert found.exit_code == 1
    assert says in found.stdout
    assert among_all.exit_code == 1
    assert says in among_all.stdout
    assert "1 do not hold" in among_all.stdout


def test_a_last_step_that_was_cut_off_is_found(at_office: Baton, database: Database, told: Any) -> None:
    tamper(database, f"DELETE FROM steps WHERE case_id = {told.id} AND seq = {told.seq}")

    found = parsed(at_office("replay", told.number, "--json"))

    assert found["broken"] == told.seq
    assert not found["holds"]
    assert "seq" in found["differs"]
