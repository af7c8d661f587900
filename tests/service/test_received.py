"""What came in, counted by cause, time, unit and manager, against a count by hand; every figure lists its cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.office import Office, library
from workflow.core.errors import ConditionNotMet
from workflow.core.step import SYSTEM
from workflow.definitions.load import loads
from workflow.service.door import Workflow
from workflow.service.measures import Span
from workflow.service.received import WAYS, Counts, Intake
from workflow.service.views.lists import Filters
from workflow.storage.queries import cases

GIVEN = (("sorting", ""), ("delivery", "投递段空缺"), ("sorting", ""), ("other", "客户搬迁"), ("", ""))


@pytest.fixture
def lived(office: Office) -> Office:
    """Five complaints in five weeks, each later than the one before; two taken up again, one of them never answered."""
    office.workflow.change_customer(office.customer, {"unit": office.units["city"]}, actor=SYSTEM)
    for number, (cause, note) in enumerate(GIVEN):
        case = office.complaint("ben" if number % 2 else "anna").id
        office.later(hours=11 * (number + 1))
        office.fire()
        form = {"reply": "已致歉", "cause": cause or None, "cause_note": note or None}
        office.workflow.perform(case, "answer", form=form, actor=office.actor("anna"))
        if number in (1, 4):
            office.workflow.perform(case, "reopen", form={"objection": "仍未送达"}, actor=office.actor("anna"))
        office.later(days=7)
        office.fire()
    office.complaint()
    return office


def span(office: Office) -> Span:
    end = office.now + timedelta(hours=1)
    return Span(tuple(end - timedelta(weeks=part) for part in range(8, -1, -1)))


def of(found: Counts, by: str) -> list[tuple[int | None, int, int, int]]:
    return [(one.key, one.number, one.late, one.again) for one in found.lines[by] if one.number]  # type: ignore[index]


def test_domain_5_9_complaints_are_counted_by_month_cause_unit_and_manager(lived: Office) -> None:
    """Domain §5(9): every month number, causes, share answered within 48 h, share reopened, by unit and manager."""
    [found] = lived.workflow.received(SYSTEM, span(lived))

    assert (found.whole.number, found.whole.kept, found.whole.late, found.whole.open) == (6, 4, 1, 1)
    assert found.whole.causes == {"sorting": 2, "delivery": 1, "other": 1, "": 2}
    assert (found.whole.share, found.whole.again, found.whole.share_again) == (0.8, 2, 2 / 6)
    assert [one.number for one in found.lines["period"]] == [0, 0, 1, 1, 1, 1, 1, 1]
    assert of(found, "unit") == [(lived.units["city"], 6, 1, 2)]
    assert of(found, "manager") == [(lived.people["anna"], 6, 1, 2)]
    assert list(found.causes)[:3] == ["acceptance", "sorting", "transport"]
    every_figure_is_as_long_as_its_list(lived)
    only_what_the_reader_sees_is_counted(lived)


def every_figure_is_as_long_as_its_list(lived: Office) -> None:
    period = span(lived)
    [found] = lived.workflow.received(SYSTEM, period)

    def listed(one: Intake, **about: object) -> int:
        page = lived.workflow.received_behind(SYSTEM, period, 0, by=one.by, key=one.key, **about)  # type: ignore[arg-type]
        return page.count

    looked = 0
    for one in [found.whole, *(line for by in WAYS for line in found.lines[by] if line.number)]:
        assert listed(one) == one.number
        assert listed(one, again=True) == one.again
        for verdict in ("kept", "late", "outage", "open"):
            assert listed(one, verdict=verdict) == getattr(one, verdict)
        for cause in (*found.causes, ""):
            assert listed(one, cause=cause) == one.causes[cause]
            looked += one.causes[cause]
    assert looked > 20


def only_what_the_reader_sees_is_counted(lived: Office) -> None:
    period = span(lived)

    assert lived.workflow.received(lived.actor("stranger"), period)[0].whole.number == 0
    assert lived.workflow.received(lived.actor("supervisor"), period)[0].whole.number == 6
    elsewhere = Filters(unit=lived.units["county"])
    assert lived.workflow.received(SYSTEM, period, filters=elsewhere)[0].whole.number == 0
    assert lived.workflow.received_behind(lived.actor("stranger"), period, 0).count == 0


def test_another_cause_is_said_in_words(sqlite_office: Office) -> None:
    office = sqlite_office
    case = office.complaint().id
    with pytest.raises(ConditionNotMet) as refused:
        office.workflow.perform(case, "answer", form={"reply": "已致歉", "cause": "other"}, actor=office.actor("anna"))

    assert refused.value.facts["zh"] == "原因为“其他”的，请写明是什么原因。"


def test_a_cause_written_in_words_before_it_was_a_choice_counts_as_none(sqlite_office: Office) -> None:
    """A complaint of version 1 whose cause somebody wrote as `sorting` has no cause of the list."""
    office = sqlite_office
    known = library()
    lines = known.latest["complaint"].text.replace("\nversion: 3\n", "\nversion: 1\n").splitlines(keepends=True)
    first = lines.index("  cause:\n")
    last = next(place for place, line in enumerate(lines) if line.startswith("  cause_note:"))
    lines[first:last] = ["  cause: {type: text, title: {zh: 原因, en: Cause}, max: 2000}\n"]
    older = loads("".join(lines), file="complaint.yaml", calendars=known.calendars)
    before = replace(known, latest={**known.latest, "complaint": older}, versions={})
    office.workflow = Workflow(office.database, before, clock=lambda: office.now)
    case = office.complaint().id
    office.workflow.perform(case, "answer", form={"reply": "已致歉", "cause": "sorting"}, actor=office.actor("anna"))

    after = replace(known, versions={**known.versions, ("complaint", 1): older})
    [found] = Workflow(office.database, after, clock=lambda: office.now).received(SYSTEM, span(office))

    with office.database.reading() as connection:
        assert '"cause":"sorting"' in str(cases.body(connection, case))
    assert found.whole.causes == {"": 1}
