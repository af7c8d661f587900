"""When a customer changes hands its open work goes along: nothing stays with who has gone (000 §2.2, 004 §1.4 I)."""

from tests.promises.house import House, Story
from tests.promises.paths import FORMS, complaint, dispatched, maintained
from workflow.audit.rounds import Rounds


def confirmed(house: House, story: Story, **new: int) -> Story:
    """A change of managers up to the director's word."""
    story.do("change_managers", by="du", change_reason="leaves", **new)
    handover = story.linked("staff_handover")
    handover.do("compile", by="wang", **FORMS["compile"])
    handover.do("introduce", by="wang", visited_on="2026-03-20", acknowledgement="已知悉")
    for half in ("a", "b"):
        who = next(iter(handover.work()[f"accept_{half}"].split()))
        handover.done(f"accept_{half}", by=who, **{f"accepted_by_{half}": "接收"})
    return handover


def test_open_tasks_of_the_old_owner_go_to_the_new_one_with_stage_clock_and_history(house: House) -> None:
    story = maintained(house)
    visit = house.open("visit", by="wang", unit="east", purpose="月度走访")
    trouble = complaint(house, by="wang")
    kept = trouble.case
    handover = confirmed(house, story, new_b=house.person("sun"))
    assert set(trouble.work().values()) == set(visit.work().values()) == {"wang"}
    handover.do("confirm", by="dong")
    house.wait(seconds=1)
    assert set(trouble.work().values()) == set(visit.work().values()) == {"sun"}
    after = trouble.case
    assert Rounds(house.workflow.database, house.workflow.library).one(trouble.id).differences == ()
    assert (after.state, after.clocks, after.seq) == (kept.state, kept.clocks, kept.seq + 1)
    assert [(t.name, t.due, t.opened) for t in after.tasks] == [(t.name, t.due, t.opened) for t in kept.tasks]


def test_what_a_supervisor_gave_to_somebody_else_stays_there(house: House) -> None:
    story = maintained(house)
    trouble = complaint(house, by="wang")
    house.workflow.reassign(
        trouble.id,
        trouble.case.tasks[0].no,
        to=house.person("pan"),
        reason="专人处理",
        actor=house.actor("du"),
        at=house.now,
    )
    confirmed(house, story, new_b=house.person("sun")).do("confirm", by="dong")
    house.wait(seconds=1)
    assert set(trouble.work().values()) == {"pan"}


def test_a_department_keeps_its_part_and_what_was_lent_returns_to_the_new_owner(house: House) -> None:
    story = maintained(house)
    asked = dispatched(complaint(house, by="wang"), by="wang")
    lent = complaint(house, by="wang")
    no = lent.case.tasks[0].no
    house.workflow.delegate(lent.id, no, to=house.person("pan"), actor=house.actor("wang"), note="代办", at=house.now)
    before = asked.work()
    confirmed(house, story, new_b=house.person("sun")).do("confirm", by="dong")
    house.wait(seconds=1)
    assert before == {"investigate": "fen", "chase": "wang"}
    assert asked.work() == {"investigate": "fen", "chase": "sun"}
    task = lent.case.tasks[0]
    assert (task.assignee, task.owner) == (house.person("pan"), house.person("sun"))
