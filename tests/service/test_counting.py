"""Very many lists are counted in one statement, whose text is kept: it stays each reader's own, and of this moment."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import event

from tests.support.office import Office
from workflow.core.step import SYSTEM
from workflow.service.views.lists import Filters
from workflow.service.workplace_views import Count
from workflow.storage.queries import counting


def wanted(office: Office) -> dict[str, tuple[str, Filters]]:
    """A shelf: the first two differ in nothing but a moment."""
    return {
        "queue-today": ("mine", Filters(due_before=office.now + timedelta(hours=1))),
        "queue-soon": ("mine", Filters(due_before=office.now + timedelta(days=10))),
        "late": ("mine", Filters(overdue=True)),
        "city": ("cases", Filters(unit=office.units["city"])),
        "queue": ("queue", Filters()),
        "followed": ("watched", Filters(text="%某_")),
    }


def test_however_many_lists_are_counted_it_is_one_statement(office: Office) -> None:
    office.complaint()
    heard: list[str] = []
    event.listen(office.database.engine, "before_cursor_execute", lambda *told: heard.append(told[2]))
    office.workflow.counts(office.actor("anna"), {})
    none = len(heard)
    office.workflow.counts(office.actor("anna"), wanted(office))
    assert len(heard) - none == none + 1


def test_the_same_question_is_answered_for_its_own_moment(office: Office) -> None:
    door, anna = office.workflow, office.actor("anna")
    office.complaint()
    first = door.counts(anna, wanted(office))
    assert (first["queue-today"], first["queue-soon"], first["late"]) == (Count(0), Count(1), Count(0))
    asked = wanted(office)
    kept = len(counting._texts)
    office.later(hours=60)
    second = door.counts(anna, asked | {"queue-today": ("mine", Filters(due_before=office.now))})
    assert (second["queue-today"], second["queue-soon"], second["late"]) == (Count(1), Count(1), Count(1))
    assert len(counting._texts) == kept


def test_a_kept_question_is_nobody_elses_and_not_that_of_another_role(office: Office) -> None:
    door = office.workflow
    office.complaint()
    assert door.counts(office.actor("anna"), wanted(office))["city"] == Count(1)
    assert door.counts(office.actor("stranger"), wanted(office))["city"] == Count(0)
    door.grant(office.people["stranger"], office.units["city"], "supervisor", actor=SYSTEM)
    office.later(seconds=1)
    assert door.counts(office.actor("stranger"), wanted(office))["city"] == Count(1)


def test_kept_questions_do_not_gather_for_ever(office: Office) -> None:
    counting._texts.clear()
    counting._texts.update({number: counting.Text("", {}, None) for number in range(counting.MOST)})
    office.workflow.counts(office.actor("anna"), wanted(office))
    assert len(counting._texts) == 1
