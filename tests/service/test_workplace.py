"""What people arrange for themselves changes what they see, and nothing else."""

from datetime import timedelta

import pytest

from tests.support.office import Office
from workflow import Actor
from workflow.core.errors import CaseNotFound, FormInvalid, NotPermitted, TaskNotFound
from workflow.scheduler.broom import sweep_out
from workflow.service.views.lists import Filters
from workflow.service.workplace_views import Count


def inbox(office: Office, login: str) -> list[int]:
    return [row.case for row in office.workflow.inbox(office.actor(login)).rows]


def test_what_is_put_off_is_out_of_the_inbox_until_its_moment(office: Office) -> None:
    case = office.complaint()
    door, anna = office.workflow, office.actor("anna")
    door.snooze(case.id, 1, until=office.now + timedelta(hours=3), actor=anna)
    assert inbox(office, "anna") == []
    (row,) = door.put_off(anna).rows
    assert (row.case, row.until) == (case.id, office.now + timedelta(hours=3))
    office.later(hours=3, seconds=1)
    assert inbox(office, "anna") == [case.id]
    assert door.put_off(anna).rows == ()


def test_what_is_overdue_is_in_sight_however_long_it_was_put_off(office: Office) -> None:
    case = office.complaint()
    office.workflow.snooze(case.id, 1, until=office.now + timedelta(days=30), actor=office.actor("anna"))
    office.later(hours=48, seconds=1)
    assert inbox(office, "anna") == [case.id]


def test_putting_off_is_taken_back_and_stops_no_clock(office: Office) -> None:
    case = office.complaint()
    door, anna = office.workflow, office.actor("anna")
    before = [(clock.name, clock.due) for clock in office.stored(case.id).clocks]
    door.snooze(case.id, 1, until=office.now + timedelta(hours=3), actor=anna)
    door.snooze(case.id, 1, until=None, actor=anna)
    assert inbox(office, "anna") == [case.id]
    assert [(clock.name, clock.due) for clock in office.stored(case.id).clocks] == before
    assert office.stored(case.id).seq == 1


@pytest.mark.parametrize("away", [timedelta(0), timedelta(seconds=-1), timedelta(days=93)])
def test_a_moment_that_makes_no_sense_is_refused(office: Office, away: timedelta) -> None:
    case = office.complaint()
    with pytest.raises(FormInvalid):
        office.workflow.snooze(case.id, 1, until=office.now + away, actor=office.actor("anna"))


def test_only_an_open_task_of_a_case_one_may_see_is_put_off(office: Office) -> None:
    case = office.complaint()
    until = office.now + timedelta(hours=1)
    with pytest.raises(TaskNotFound):
        office.workflow.snooze(case.id, 9, until=until, actor=office.actor("anna"))
    with pytest.raises(CaseNotFound):
        office.workflow.snooze(case.id, 1, until=until, actor=office.actor("stranger"))


def test_what_others_do_for_me_and_what_i_have_done(office: Office) -> None:
    case = office.complaint()
    door, anna, ben = office.workflow, office.actor("anna"), office.actor("ben")
    door.delegate(case.id, 1, to=ben.person or 0, actor=anna)
    (row,) = door.delegated(anna).rows
    assert (row.case, row.assignee and row.assignee.id) == (case.id, ben.person)
    assert door.delegated(ben).rows == ()
    door.perform(case.id, "answer", form={"reply": "已致歉"}, actor=ben)
    assert door.delegated(anna).rows == ()
    (done,) = door.finished(ben).rows
    assert (done.case, done.trigger, done.from_state) == (case.id, "answer", "received")
    assert door.finished(anna).rows == ()


def test_following_a_case(office: Office) -> None:
    case = office.complaint()
    door, clerk = office.workflow, office.actor("clerk")
    assert not door.case_page(case.id, clerk).watched
    for _ in range(2):
        door.watch(case.id, actor=clerk)
    assert [row.id for row in door.watched(clerk).rows] == [case.id]
    assert door.case_page(case.id, clerk).watched
    door.unwatch(case.id, actor=clerk)
    assert door.watched(clerk).rows == ()
    with pytest.raises(CaseNotFound):
        door.watch(case.id, actor=office.actor("stranger"))


def test_a_followed_case_is_not_shown_any_more_to_who_may_not_see_it(office: Office) -> None:
    case = office.complaint()
    door, clerk = office.workflow, office.actor("clerk")
    door.watch(case.id, actor=clerk)
    door.revoke(office.people["clerk"], office.units["city"], "account_administrator", actor=office.actor("root"))
    office.later(seconds=1)
    assert door.watched(clerk).rows == ()


def test_counts_are_those_of_the_lists(office: Office) -> None:
    cases = [office.complaint(severity=severity).id for severity in ("normal", "normal", "major")]
    door, anna = office.workflow, office.actor("anna")
    door.snooze(cases[0], 1, until=office.now + timedelta(hours=1), actor=anna)
    door.watch(cases[1], actor=anna)
    wanted = {name: (name, Filters()) for name in ("mine", "queue", "later", "delegated", "watched", "cases", "other")}
    wanted["major"] = ("cases", Filters(definition="major_complaint"))
    found = door.counts(anna, wanted)
    assert "other" not in found
    assert found["mine"] == Count(len(door.inbox(anna).rows))
    assert (found["later"], found["watched"], found["delegated"]) == (Count(1), Count(1), Count(0))
    assert found["cases"] == Count(len(door.cases(anna).rows))
    assert found["major"] == Count(len(door.cases(anna, filters=Filters(definition="major_complaint")).rows))


def test_a_list_of_cases_by_one_of_their_clocks(office: Office) -> None:
    case = office.complaint()
    door, anna = office.workflow, office.actor("anna")
    soon, late = office.now + timedelta(hours=49), office.now + timedelta(hours=47)
    for before, expected in ((soon, [case.id]), (late, [])):
        wanted = Filters(definition="complaint", clock="answer", due_before=before)
        assert [row.id for row in door.cases(anna, filters=wanted).rows] == expected
    assert door.cases(anna, filters=Filters(clock="no_such", due_before=soon)).rows == ()


def test_views_are_one_s_own_or_shared_downwards(office: Office) -> None:
    door, supervisor, chief = office.workflow, office.actor("supervisor"), office.actor("chief")
    door.save_view("  逾期 钻石 ", of="mine", query="overdue=1&tier=diamond", actor=supervisor, pinned=True)
    door.save_view("全省投诉", of="cases", query="definition=complaint", unit=office.units["province"], actor=chief)
    assert [(one.name, one.mine) for one in door.views(supervisor)] == [("逾期 钻石", True), ("全省投诉", False)]
    assert [one.name for one in door.views(office.actor("dana"))] == ["全省投诉"]
    door.save_view("逾期 钻石", of="mine", query="overdue=1", actor=supervisor)
    (kept, _) = sorted(door.views(supervisor), key=lambda one: not one.mine)
    assert (kept.query, kept.pinned) == ("overdue=1", False)
    shared = next(one for one in door.views(supervisor) if not one.mine)
    assert not door.drop_view(shared.id, actor=supervisor)
    assert door.drop_view(kept.id, actor=supervisor)
    assert [one.name for one in door.views(supervisor)] == ["全省投诉"]


def test_only_who_answers_for_a_unit_shares_with_it(office: Office) -> None:
    for login, unit in (("anna", "city"), ("supervisor", "province"), ("supervisor", "other")):
        with pytest.raises(NotPermitted):
            office.workflow.save_view("x", of="mine", query="", unit=office.units[unit], actor=office.actor(login))
    with pytest.raises(FormInvalid):
        office.workflow.save_view("  ", of="mine", query="", actor=office.actor("anna"))


def test_a_draft_is_kept_for_its_writer_alone(office: Office) -> None:
    case = office.complaint()
    door, anna = office.workflow, office.actor("anna")
    for reply in ("已", "已致歉"):
        door.keep_draft(case.id, "1:answer", seq=1, form={"f.reply": reply}, actor=anna)
    assert dict(door.drafts(case.id, anna)["1:answer"].form) == {"f.reply": "已致歉"}
    assert door.drafts(case.id, office.actor("ben")) == {}
    door.drop_draft(case.id, "1:answer", actor=anna)
    assert door.drafts(case.id, anna) == {}
    with pytest.raises(FormInvalid):
        door.keep_draft(case.id, "1:answer", seq=1, form={"f.reply": "长" * 200_001}, actor=anna)
    with pytest.raises(CaseNotFound):
        door.keep_draft(case.id, "1:answer", seq=1, form={}, actor=office.actor("stranger"))


def test_the_broom_takes_old_drafts_and_what_was_put_off_and_is_done(office: Office) -> None:
    case = office.complaint()
    door, anna = office.workflow, office.actor("anna")
    door.keep_draft(case.id, "1:answer", seq=1, form={"f.reply": "已"}, actor=anna)
    door.snooze(case.id, 1, until=office.now + timedelta(days=60), actor=anna)
    sweep_out(office.database, office.now + timedelta(days=29))
    assert (office.count("drafts"), office.count("snoozes")) == (1, 1)
    door.perform(case.id, "answer", form={"reply": "已致歉"}, actor=anna)
    sweep_out(office.database, office.now + timedelta(days=31))
    assert (office.count("drafts"), office.count("snoozes")) == (0, 0)


def test_a_feed_is_open_to_who_has_its_address_until_it_is_taken_back(office: Office) -> None:
    door, anna = office.workflow, office.actor("anna")
    first = door.open_feed(actor=anna)
    assert door.fed(first) == Actor(anna.person)
    assert door.feed_since(anna) == office.now
    second = door.open_feed(actor=anna)
    assert door.fed(first) is None
    door.close_feed(actor=anna)
    assert door.fed(second) is None
    assert door.feed_since(anna) is None
    assert door.fed("\udc80") is None
