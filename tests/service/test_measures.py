"""The figures of a period against a count by hand over the folded histories; every figure lists what it counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.sql.selectable import Subquery

from tests.support.office import Office
from workflow.core.moments import MICRO
from workflow.core.replay import replay
from workflow.core.step import SYSTEM
from workflow.service.spent import limited
from workflow.service.views.lists import Filters
from workflow.storage.queries import history, moves, stretches
from workflow.storage.queries.measures import Span
from workflow.storage.queries.stretches import Gathered, State, Stretch
from workflow.storage.tables import outages


@pytest.fixture
def lived(office: Office) -> Office:
    """Some weeks: answered in time and late, closed and reopened, withdrawn, still open."""
    for number in range(5):
        case = office.complaint("ben" if number % 2 else "anna").id
        office.later(hours=10 + 20 * number)
        office.fire()
        form = {"reply": "已致歉", "satisfaction": "satisfied"}
        office.workflow.perform(case, "settle", form=form, actor=office.actor("anna"))
        office.later(days=2, hours=number)
        office.fire()
        if number in (1, 2):
            actions = {one.trigger for one in office.workflow.actions(case, office.actor("anna"))}
            assert "reopen" in actions
            office.workflow.perform(case, "reopen", form={"objection": "仍未送达"}, actor=office.actor("anna"))
    open_still = office.complaint().id
    office.later(days=1)
    form = {"department": office.units["works"], "question": "请查明", "told": "phone"}
    office.workflow.perform(open_still, "dispatch", form=form, actor=office.actor("anna"))
    office.later(days=2)
    office.fire()
    return office


def span(office: Office, *, weeks: int = 3) -> Span:
    end = office.now + timedelta(hours=1)
    return Span(tuple(end - timedelta(weeks=part) for part in range(weeks, -1, -1)))


def folded(office: Office) -> list[tuple[list[tuple[str, datetime]], object]]:
    """Of every case: state and moment after each step, and the case the history gives."""
    found = []
    with office.database.reading() as connection:
        ids = [row[0] for row in connection.exec_driver_sql("SELECT id FROM cases WHERE kind = 'case' ORDER BY id")]
        for case in ids:
            steps = [history.step(row) for row in history.rows(connection, case)]
            found.append(([(step.to_state, step.effective) for step in steps], replay(steps)))
    return found


def test_the_clocks_are_as_the_histories_tell(lived: Office) -> None:
    period = span(lived)
    counted: Counter[tuple[str, str, str]] = Counter()
    for _, case in folded(lived):
        for clock in case.clocks:
            moment = clock.breached or (clock.ended if clock.status == "met" else None)
            if moment is not None and period.since <= moment < period.until:
                counted[case.definition, clock.name, "late" if clock.breached else "kept"] += 1
    found = lived.workflow.measures(SYSTEM, period)

    assert {verdict for _, _, verdict in counted} == {"kept", "late"}
    assert counted == Counter(
        {
            (one.definition, one.clock, verdict): count
            for one in found.clocks
            for verdict, count in (("kept", one.kept), ("late", one.late))
            if count
        }
    )
    for shares in (found.periods, found.units, found.managers):
        assert sum(one.kept for one in shares) == found.whole.kept == sum(one.kept for one in found.clocks)
        assert sum(one.late for one in shares) == found.whole.late == sum(one.late for one in found.clocks)


def test_the_time_in_a_state_is_what_lies_between_the_steps(lived: Office) -> None:
    period = span(lived, weeks=1)
    spent: dict[tuple[str, str], timedelta] = {}
    inside: dict[tuple[str, str], set[int]] = {}
    for number, (states, case) in enumerate(folded(lived)):
        ends = [moment for _, moment in states[1:]] + [lived.now]
        for (state, begun), left in zip(states, ends, strict=True):
            length = min(left, period.until, lived.now) - max(begun, period.since)
            if length > timedelta():
                key = case.definition, state
                spent[key] = spent.get(key, timedelta()) + length
                inside.setdefault(key, set()).add(number)
    rules = lived.workflow.library.latest
    wanted = {key: spent[key] for key in spent if limited(rules[key[0]], key[1])}
    found = lived.workflow.measures(SYSTEM, period).stays

    assert len(wanted) > 1
    assert {(one.definition, one.state): one.spent for one in found} == wanted
    assert {(one.definition, one.state): one.cases for one in found} == {key: len(inside[key]) for key in wanted}


def test_what_was_reopened_is_counted_once(lived: Office) -> None:
    period, rules = span(lived), lived.workflow.library.latest
    counted = sum(
        any(
            rules[case.definition].states[before].final and before != after
            for (before, _), (after, _) in pairwise(states)
        )
        for states, case in folded(lived)
    )
    found = lived.workflow.measures(SYSTEM, period).reopened

    assert [(one.definition, one.cases) for one in found] == [("complaint", counted)]
    assert counted == 2


def test_every_figure_lists_as_many_as_it_counts(lived: Office) -> None:
    door, me, period = lived.workflow, lived.actor("supervisor"), span(lived)
    for filters in (Filters(), Filters(unit=lived.units["city"]), Filters(definition="complaint")):
        found = door.measures(me, period, filters=filters)
        for one in (*found.periods, *found.units, *found.managers):
            for verdict, count in (("kept", one.kept), ("late", one.late), ("outage", one.outage), (None, one.total)):
                page = door.runs_behind(me, period, filters=filters, by=one.by, key=one.key, verdict=verdict)
                assert page.count == count
        for one in found.clocks:
            for verdict, count in (("kept", one.kept), ("late", one.late)):
                clock = (one.definition, one.clock)
                assert door.runs_behind(me, period, filters=filters, clock=clock, verdict=verdict).count == count
        for one in found.stays:
            page = door.cases_behind(me, period, definition=one.definition, state=one.state, filters=filters)
            assert page.count == one.cases
        for one in found.reopened:
            assert door.cases_behind(me, period, definition=one.definition, filters=filters).count == one.cases
    assert door.measures(me, period).whole.total
    assert not door.measures(lived.actor("stranger"), period).whole.total


def test_what_ran_out_while_nothing_was_alive_is_told_apart(office: Office) -> None:
    office.complaint()
    office.later(hours=60)
    with office.database.writing() as connection:
        connection.execute(outages.insert().values(since=office.now - timedelta(hours=30), until=office.now))
    office.fire()
    found = office.workflow.measures(SYSTEM, span(office))
    assert (found.whole.late, found.whole.outage, found.whole.share) == (0, 1, None)
    assert office.workflow.runs_behind(SYSTEM, span(office), verdict="outage").count == 1


def test_a_page_goes_on_where_the_last_one_ended(lived: Office) -> None:
    period = span(lived)
    whole = lived.workflow.runs_behind(SYSTEM, period).rows
    after, got = None, []
    while True:
        page = lived.workflow.runs_behind(SYSTEM, period, after=after, limit=2)
        got.extend(page.rows)
        if page.next is None:
            break
        after = page.next
    assert [(row.case, row.name, row.run) for row in got] == [(row.case, row.name, row.run) for row in whole]
    assert len(got) > 4


def test_when_a_state_was_left_is_found_alike_in_both_ways(lived: Office) -> None:
    period = span(lived, weeks=2)

    def back(move: moves.Move) -> ColumnElement[bool]:
        return and_(move.came == "closed", move.at >= period.since)

    def some(move: moves.Move) -> ColumnElement[bool]:
        return or_(move.state.in_(["received", "investigating", "answered"]), back(move))

    with lived.database.reading() as connection:
        reader = lived.workflow._reader(lived.workflow.directory(), SYSTEM)

        def found(way: Callable[..., Subquery]) -> list[dict[str, Any]]:
            chain = way(reader, None, period, some, again=back)
            rows = connection.execute(select(chain).order_by(chain.c.case_id, chain.c.seq)).mappings()
            return [dict(row) for row in rows]

        looked_up, in_a_row = found(moves.looked_up), found(moves.in_a_row)
    assert in_a_row == looked_up
    assert {row["again"] for row in in_a_row} >= {False, True}
    assert len({row["left"] for row in in_a_row}) > 4


def test_the_time_in_states_is_read_from_an_index_over_moves(sqlite_office: Office) -> None:
    office = sqlite_office
    with office.database.reading() as connection:
        reader = office.workflow._reader(office.workflow.directory(), SYSTEM)
        query = select(stretches.stays(reader, None, span(office), [("complaint", "received")]).c.case_id)
        told: Any = query.compile(connection.engine, compile_kwargs={"render_postcompile": True})
        values = tuple(told.params[name] for name in told.positiontup)
        plan = [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {told}", values)]
    assert sum("COVERING INDEX ix_steps_moves" in line for line in plan) == 2, plan


def test_stretches_are_summed_for_the_lifecycle_that_is_meant_however_long_they_are(office: Office) -> None:
    opened = [office.complaint().id for _ in range(40)]
    end = datetime(9999, 12, 1, tzinfo=UTC)
    period = Span((office.now, end))
    mine, others = [("complaint", "received")], [("service_order", "received")]
    with office.database.reading() as connection:
        reader = replace(office.workflow._reader(office.workflow.directory(), SYSTEM), at=end)

        def gathered(states: list[State], apart: list[State]) -> tuple[list[Gathered], list[Stretch]]:
            return stretches.gathered(connection, reader, None, period, states=states, apart=apart, ends=())

        together, alone = gathered(mine, others)
        assert ([(one.cases, one.spent) for one in together], alone) == (
            [(frozenset(opened), 40 * ((end - office.now) // MICRO))],
            [],
        )
        assert {one.cases for one in gathered(others, [])[0]} == {frozenset()}
        assert {one.case for one in gathered(mine, mine)[1]} == set(opened)
        assert not gathered(mine, mine)[0]
