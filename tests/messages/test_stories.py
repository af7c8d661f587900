"""Each step of a history, told in a sentence."""

from zoneinfo import ZoneInfo

import pytest

from tests.support.office import Office
from workflow.core.step import KINDS, SYSTEM, Actor, Step
from workflow.messages import Names, story


@pytest.fixture
def names(sqlite_office: Office) -> Names:
    workflow = sqlite_office.workflow
    return Names(
        definition=workflow.library.get("complaint"), directory=workflow.directory(), zone=ZoneInfo("Asia/Shanghai")
    )


def test_a_case_tells_who_did_what_for_whom(sqlite_office: Office, names: Names) -> None:
    office = sqlite_office
    door = office.workflow
    anna, ben = office.people["anna"], office.people["ben"]
    case = office.complaint()
    [task] = case.tasks
    door.delegate(case.id, task.no, to=ben, actor=office.actor("anna"))
    door.substitute(
        ben, anna, since=office.now, until=office.now.replace(day=9), reason="休假", actor=office.actor("ben")
    )
    door.comment(case.id, "@ben 请看", actor=office.actor("anna", behalf="ben"))
    door.attach(case.id, "照片.png", b"x", actor=office.actor("ben"))
    door.release(case.id, task.no, actor=office.actor("ben"))
    door.reassign(case.id, task.no, to=ben, actor=office.actor("supervisor"), reason="忙")

    steps = door.history(case.id, SYSTEM)
    zh = [story(step, "zh", names=names) for step in steps]
    en = [story(step, "en", names=names) for step in steps]

    title = names.task(task.name, "zh")
    assert zh == [
        "anna员建立了“客户投诉”",
        f"anna员把“{title}”委托给ben员",
        "anna员（代ben员）留言",
        "ben员上传了文件“照片.png”",
        f"ben员退回了“{title}”",
        f"supervisor员把“{title}”改派给ben员",
    ]
    assert en[0] == "Anna opened “Customer complaint”"
    assert en[2] == "Anna (for Ben) commented"


def test_what_happens_by_itself_is_told_too(sqlite_office: Office, names: Names) -> None:
    office = sqlite_office
    case = office.complaint()
    office.later(hours=49)
    office.fire()
    office.workflow.acknowledge(case.id, office.stored(case.id).escalations[0].no, actor=office.actor("supervisor"))

    told = [story(step, "en", names=names) for step in office.workflow.history(case.id, SYSTEM)]

    assert "“Answer within 48 hours” reached a reminder" in told
    assert "“Answer within 48 hours” ran out and was escalated to level 1" in told
    assert told[-1] == "Supervisor acknowledged the escalation of “Answer within 48 hours”"


def test_a_move_says_from_where_to_where(sqlite_office: Office, names: Names) -> None:
    office = sqlite_office
    case = office.complaint()
    told = next(iter(office.workflow.library.get("complaint").fields["told"].of))
    form = {"department": office.units["works"], "question": "哪天寄出？", "told": told}
    office.workflow.perform(case.id, "dispatch", actor=office.actor("anna"), form=form)

    moved = office.workflow.history(case.id, SYSTEM)[-1]

    definition = office.workflow.library.get("complaint")
    before, after = (definition.states[name].title.zh for name in (moved.from_state, moved.to_state))
    assert story(moved, "zh", names=names) == f"anna员：{names.trigger('dispatch', 'zh')}（{before} → {after}）"


def test_the_rules_own_steps_read_like_those_the_door_shows(sqlite_office: Office, names: Names) -> None:
    office = sqlite_office
    at = office.now
    step = Step(
        case=1, seq=1, kind="comment", trigger="comment", actor=Actor(office.people["anna"], office.people["ben"]),
        effective=at, recorded=at, from_state="received", to_state="received", version=1,
    )  # fmt: skip

    assert story(step, "zh", names=names) == "anna员（代ben员）留言"
    assert story(step, "zh") == "一位同事（代一位同事）留言"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", [*KINDS, "remind", "link", "a_kind_of_a_later_baton"])
def test_every_kind_of_step_is_told_even_of_a_definition_nobody_has(
    kind: str, language: str, sqlite_office: Office
) -> None:
    at = sqlite_office.now
    step = Step(
        case=1, seq=2, kind=kind, trigger="some_name", actor=SYSTEM, effective=at, recorded=at, from_state="here",
        to_state="there", version=1, form={"to": 99},
    )  # fmt: skip

    said = story(step, language)

    assert "{" not in said
    assert "…" not in said
    assert len(said) > 3
