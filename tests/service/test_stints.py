"""One owner at every moment: stints follow every change of hands, and two at once come one after the other."""

from __future__ import annotations

import json
from datetime import timedelta
from importlib import import_module
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.service.test_two_people import another, finish, together
from tests.support.office import MONDAY, Office
from tests.support.proof import prove
from workflow.core import stints
from workflow.core.errors import CustomerUnowned
from workflow.core.moments import micros
from workflow.core.step import SYSTEM, Actor, Step
from workflow.core.stints import Stint
from workflow.storage import recorded
from workflow.storage.migrations.versions import __name__ as versions


def rows(office: Office, role: str = "lead") -> list[Any]:
    statement = text("SELECT * FROM stints WHERE customer_id = :c AND role = :r ORDER BY seq")
    with office.database.reading() as connection:
        return list(connection.execute(statement, {"c": office.customer, "r": role}).all())


def hand_over(office: Office, a: str, b: str) -> Any:
    """A handover up to where the director has only to confirm it."""
    actor = office.actor
    door = office.workflow
    form = {"a": office.people[a], "b": office.people[b], "why": "overloaded"}
    case = door.open("handover", customer=office.customer, actor=SYSTEM, data=form).id
    ready = {
        "file_complete": True, "people_there": "已列明", "in_force": "无", "open_matters": "无",
        "revenue_history": "稳定", "next_steps": "五月走访",
    }  # fmt: skip
    door.perform(case, "compile", actor=actor("anna"), form=ready)
    door.perform(case, "introduce", actor=actor("anna"), form={"visited_on": "2026-03-02", "acknowledgement": "已知悉"})
    for login, name in ((a, "accept_a"), (b, "accept_b")):
        task = next(t for t in office.stored(case).tasks if t.name == name)
        door.done(case, task.no, actor=actor(login), form={f"accepted_by_{name[-1]}": "同意接收"})
    return case


def test_a_handover_ends_one_stint_and_begins_the_next_in_the_same_moment(office: Office) -> None:
    before = office.now
    office.later(days=3)
    case = hand_over(office, "ben", "carl")
    office.workflow.perform(case, "confirm", actor=office.actor("director"))

    first, second = rows(office)
    assert (first.person_id, second.person_id) == (office.people["anna"], office.people["ben"])
    assert (first.begun, first.ended) == (micros(before), micros(office.now))
    assert (second.begun, second.ended) == (micros(office.now), None)
    assert (second.trigger, second.case_id, second.actor_id) == ("confirm", case, office.people["director"])
    assert [row.person_id for row in rows(office, "b")] == [office.people["ben"], office.people["carl"]]
    with office.database.reading() as connection:
        prove(connection, office.workflow.library)


def test_two_changes_of_hands_at_once_leave_stints_one_after_the_other(office: Office) -> None:
    case = hand_over(office, "ben", "carl")
    doors = [another(office), another(office)]

    results = together(
        lambda: doors[0].perform(case, "confirm", actor=office.actor("director")),
        lambda: doors[1].change_customer(office.customer, {"a": office.people["carl"]}, actor=SYSTEM),
    )

    assert not [r for r in results if isinstance(r, Exception)]
    first, second, third = rows(office)
    assert {second.person_id, third.person_id} == {office.people["ben"], office.people["carl"]}
    assert (first.ended, second.ended, third.ended) == (second.begun, third.begun, None)
    assert (first.ended_seq, second.ended_seq) == (second.seq, third.seq)
    finish(office, doors)


def test_the_database_itself_keeps_a_second_owner_out(office: Office) -> None:
    copied = text(
        "INSERT INTO stints (customer_id, role, seq, person_id, unit_id, begun, trigger)"
        " SELECT customer_id, role, 99, person_id, unit_id, begun, trigger FROM stints WHERE role = 'lead'"
    )
    with pytest.raises(IntegrityError), office.database.writing() as connection:
        connection.execute(copied)


def test_000_2_2_a_customer_being_kept_is_never_left_to_nobody(sqlite_office: Office) -> None:
    office = sqlite_office
    office.workflow.change_customer(office.customer, {"stage": "maintained"}, actor=SYSTEM)

    with pytest.raises(CustomerUnowned):
        office.workflow.change_customer(office.customer, {"a": None, "b": None}, actor=SYSTEM)
    with pytest.raises(CustomerUnowned):
        office.workflow.register_customer(
            {"name_zh": "无人科技", "division": "440106", "stage": "developing"}, actor=SYSTEM
        )

    assert len(rows(office)) == 1


def test_a_swap_of_a_and_b_changes_the_owner_and_neither_role(sqlite_office: Office) -> None:
    office = sqlite_office
    office.later(days=1)
    office.workflow.change_customer(office.customer, {"lead": "b"}, actor=SYSTEM)

    assert [row.person_id for row in rows(office)] == [office.people["anna"], office.people["ben"]]
    assert len(rows(office, "a")) == len(rows(office, "b")) == 1


HOLDERS = st.sampled_from([None, 1, 2, 3])
CHANGES = st.lists(
    st.dictionaries(st.sampled_from(["a", "b", "unit"]), HOLDERS, max_size=3).flatmap(
        lambda some: st.sampled_from([some, {**some, "lead": "a"}, {**some, "lead": "b"}])
    ),
    max_size=12,
)


@given(changes=CHANGES, gaps=st.lists(st.integers(0, 3), min_size=12, max_size=12))
@settings(deadline=None)
def test_stints_partition_time_whatever_changes(changes: list[dict[str, Any]], gaps: list[int]) -> None:
    steps = history(changes, gaps)
    found = stints.stints(steps)

    for role in stints.ROLES:
        some = sorted((s for s in found if s.role == role), key=lambda s: s.seq)
        for one, following in pairwise(some):
            assert one.ended is not None
            assert one.ended <= following.begun
            if role == "lead":
                assert one.ended == following.begun, "a moment without an owner"
        if role == "lead":
            assert some[0].begun == MONDAY
            assert some[-1].ended is None
    for place, step in enumerate(steps):
        record = folded(steps[: place + 1])
        running = {s.role: (s.person, s.unit) for s in found if _runs(s, step.seq)}
        assert running == stints.holders(record)
    assert {row[:3] for row in recorded.derived(steps)["stints"]} == {(1, s.role, s.seq) for s in found}
    flushed(steps, found)


def flushed(steps: list[Step], found: list[Stint]) -> None:
    """Written in one batch, all new, they are the same."""
    case = None
    changes = []
    for step in steps:
        after = stints.apply(case, step)
        changes.append((case, after, step))
        case = after
    written = {name: set(values) for name, values in recorded.writes(changes)}
    assert written == {"stints": recorded.derived(steps)["stints"]}


def history(changes: list[dict[str, Any]], gaps: list[int]) -> list[Step]:
    case = {"kind": "customer", "number": "1", "definition": "@customer", "customer": 1}
    at = MONDAY
    steps = [_step(1, "register", [["case", case], ["set", {"unit": 1, "a": None, "b": None, "lead": "a"}]], at)]
    for seq, (change, gap) in enumerate(zip(changes, gaps, strict=False), start=2):
        at += timedelta(days=gap)
        steps.append(_step(seq, "change", [["set", change]], at))
    return steps


def folded(steps: list[Step]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for step in steps:
        for op, body in step.ops:
            record |= body if op == "set" else {}
    return record


def _runs(stint: Stint, seq: int) -> bool:
    return stint.seq <= seq and (stint.ended_seq is None or stint.ended_seq > seq)


def _step(seq: int, trigger: str, ops: list[Any], at: Any) -> Step:
    return Step(
        case=1, seq=seq, kind="admin", trigger=trigger, actor=Actor(None), effective=at, recorded=at, from_state="kept",
        to_state="kept", version=1, ops=ops,
    )  # fmt: skip


def test_customers_of_an_older_schema_get_the_stints_of_their_histories(office: Office) -> None:
    """Migration 0007 makes the same rows of the histories as the running product."""
    office.later(days=1)
    office.workflow.change_customer(office.customer, {"lead": "b"}, actor=SYSTEM)
    office.workflow.change_customer(office.customer, {"b": office.people["carl"]}, actor=SYSTEM)
    office.workflow.change_customer(office.customer, {"a": None}, actor=SYSTEM)
    made = import_module(f"{versions}.0007_stints")
    with office.database.writing() as connection:
        columns = ", ".join(recorded.COLUMNS["stints"])
        running = {tuple(row) for row in connection.execute(text(f"SELECT {columns} FROM stints"))}
        connection.execute(text("DELETE FROM stints"))
        made._fill(connection)
        filled = {tuple(row) for row in connection.execute(text(f"SELECT {columns} FROM stints"))}
    assert filled == running
    assert len(running) == 6, json.dumps(sorted(map(str, running)))
