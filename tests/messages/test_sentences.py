"""Sentences read well with names, and still make sense without."""

from collections import defaultdict
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.support.office import library
from workflow.core import errors as e
from workflow.core.definition.expressions import Text
from workflow.core.directory import Directory, Person, Unit
from workflow.messages import Names, fault, notice, sentence, told

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
NAMES = Names(
    definition=library().get("complaint"),
    directory=Directory(
        1, [Unit(3, "east", Text("东市", "East"), "city", None)], [Person(7, "li", Text("李梅", "Li"))]
    ),
    zone=ZoneInfo("Asia/Shanghai"),
)


ALWAYS: dict[str, dict[str, object]] = defaultdict(
    lambda: {"number": "CP000001", "case": "CP000001", "why": "length", "field": "reason", "most": 3, "seconds": 9},
    ConditionNotMet={"zh": "要先答复。", "en": "Answer first."},
    LimitReached={
        "zh": "{who}已有{count}个，上限{most}个，{until}起。",
        "en": "{who}: {count} of {most}, from {until}.",
        "limit": "few",
        "most": 3,
        "count": 3,
        "until": None,
    },
    LoadReached={"ones": 1, "twos": 0, "others": 2, "percent": 140, "adds": 20},
    FormInvalid={"fields": {"text": [["missing", {}]]}},
    PasswordWeak={"reasons": ["short"]},
    DefinitionUnknown={"definition": "visit"},
    LoginTaken={"login": "li"},
    CodeTaken={"code": "east"},
    RoleUnknown={"role": "auditor"},
    StepNotFound={"case": "CP000001", "seq": 3},
    StepNotSealed={"case": "CP000001", "seq": 3},
    SizesUnfit={"first": 3, "second": 2},
    CheckpointNotFound={"checkpoint": 3},
    FindingNotFound={"finding": 3},
    FindingClosed={"finding": 3},
    UploadMoved={"upload": 3, "state": "applied"},
    SplitUneven={"total": "99.99"},
    CustomerUnowned={"stage": "developing"},
)


def every_refusal() -> list[type[e.Refused]]:
    return e.Refused.__subclasses__()


@pytest.mark.parametrize("refusal", every_refusal(), ids=lambda one: one.__name__)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_refusal_makes_a_sentence_of_the_facts_it_always_has(refusal: type[e.Refused], language: str) -> None:
    said = sentence(refusal(**ALWAYS[refusal.__name__]), language, names=NAMES)

    assert said[-1] in "。."
    assert "…" not in said
    assert refusal.__name__ not in said


@pytest.mark.parametrize(
    ("refused", "zh", "en"),
    [
        (e.TaskClosed(who=7, at=AT), "李梅已于2026年3月2日 09:00办完了这个任务。",
         "Li finished this task on 2 Mar 2026, 09:00."),
        (e.TaskClosed(who=None, at=AT), "系统已于2026年3月2日 09:00办完了这个任务。",
         "The system finished this task on 2 Mar 2026, 09:00."),
        (e.NotYourTask(who=7), "这个任务由李梅办理，不在您名下。", "This task is with Li, not with you."),
        (e.NotYourTask(who=None), "这个任务不在您名下。", "This task is not yours."),
        (e.NotInThisState(trigger="answer", state="closed"), "事项处于“已办结”，不能“答复客户”。", None),
        (e.NotPermitted(action="reassign"), "您的角色不能改派任务。", "Your roles do not let you reassign tasks."),
        (e.UnitNotFound(unit=3), "没有这个单位：东市。", "There is no unit East."),
        (e.CustomerKnown(number="44190000001000", by="name"), "已有名称相同的客户，编号44190000001000。",
         "There is a customer with the same name already: number 44190000001000."),
        (e.NumberInvalid(number="12", why="length"), "“12”不对：位数不对。",
         "“12” is not right: it has the wrong length."),
        (e.SubstitutionInvalid(why="self"), "不能这样代班：不能代自己的班。",
         "This substitution is not possible: nobody stands in for themselves."),
        (e.FileTooLarge(most=20 * 1024 * 1024), "文件太大，最多20 MB。",
         "The file is too large; at most 20 MB are possible."),
        (e.SignInThrottled(seconds=61), "尝试次数太多，请过2分钟再试。", "Too many tries; please wait 2 minutes."),
        (e.SignInThrottled(seconds=5), "尝试次数太多，请过1分钟再试。", "Too many tries; please wait 1 minute."),
        (e.PasswordWeak(reasons=["unfit", "common"]), "这个密码不够安全：含有不能使用的字符；过于常见，容易被猜到。",
         "This password is not safe enough: it holds characters that cannot be used; too common, it would be guessed."),
        (e.TextEmpty(field="reason"), "请填写原因。", "Please fill in: reason."),
        (e.RoleUnknown(role="auditor"), "没有“审计”这个角色，或者此人在该单位没有这个角色。", None),
        (e.ConditionNotMet(zh="先要有答复。", en="There must be an answer."), "先要有答复。",
         "There must be an answer."),
        (e.LoopFault(definition="visit", state="asked"), "流程“visit”在状态“asked”自动流转不止。",
         "The lifecycle “visit” moves on without end from “asked”."),
    ],
)  # fmt: skip
def test_a_refusal_reads_like_this(refused: e.BatonError, zh: str, en: str | None) -> None:
    assert sentence(refused, "zh", names=NAMES) == zh
    if en is not None:
        assert sentence(refused, "en", names=NAMES) == en


@pytest.mark.parametrize(
    ("refused", "en"),
    [
        (e.TaskClosed(who=7, at=AT), "This task is already finished."),
        (e.CaseMovedOn(who=7, at=AT, state="closed"), "This case has moved on since you looked. Please look again."),
        (e.NotInThisState(trigger="answer", state="closed"), "The case is in a state in which this is not possible."),
        (e.FourEyes(trigger="approve", earlier="submit"), "Whoever did the earlier step may not do this one."),
        (e.NotPermitted(action="some_trigger"), "Your roles do not allow this."),
    ],
)
def test_without_names_no_id_and_no_word_of_the_definition_comes_through(refused: e.BatonError, en: str) -> None:
    assert sentence(refused, "en") == en


def test_a_wrong_form_names_its_fields_as_the_definition_does() -> None:
    refused = e.FormInvalid(fields={"channel": [["choice", {}]], "text": [["missing", {}], ["longer", {"most": 9}]]})

    said = sentence(refused, "zh", names=NAMES)

    for name, words in (("channel", "请从列出的选项中选择。"), ("text", "请填写。"), ("text", "最多9个字。")):
        assert f"{library().get('complaint').fields[name].title.zh}：{words}" in said


def test_the_record_of_a_refusal_reads_like_the_refusal() -> None:
    recorded = {"who": 7, "at": str(AT), "state": "closed"}

    assert told("CaseMovedOn", recorded, "en", names=NAMES) == sentence(
        e.CaseMovedOn(who=7, at=AT, state="closed"), "en", names=NAMES
    )


def test_a_refusal_of_a_later_baton_is_told_by_its_code() -> None:
    assert told("MoonTooFull", {"phase": 1}, "zh") == "MoonTooFull"


def test_facts_in_words_go_before_names() -> None:
    assert sentence(e.NotYourTask(who=7), "en", named={"who": "Somebody Else"}) == (
        "This task is with Somebody Else, not with you."
    )


def test_braces_in_what_people_write_do_no_harm() -> None:
    assert sentence(e.LoginTaken(login="{who.__class__}"), "en") == "The login “{who.__class__}” is taken."


def test_a_fault_of_a_form_has_its_facts() -> None:
    assert fault("sum", {"column": "share", "total": "90", "wanted": "100"}, "zh", names=NAMES) == (
        "“share”合计应为100，现在是90。"
    )
    assert fault("credit", {"why": "checksum"}, "en") == "The credit code is not right: its check digit does not fit."
    assert fault("no_such_code", {}, "en") == "This is not right."


@pytest.mark.parametrize(
    ("kind", "body", "zh"),
    [
        ("reminder", {"clock": "answer", "due": int(AT.timestamp() * 1_000_000)},
         "提醒：“48小时答复”将于2026年3月2日 09:00到期"),
        ("escalation", {"clock": "answer", "level": 2}, "2级升级：“48小时答复”已超时"),
        ("delegated", {"task": "handle"}, "有任务委托给您"),
        ("mentioned", {}, "有人在留言中提到您"),
        ("tell", {"text": {"zh": "已受理。", "en": "Received."}}, "已受理。"),
    ],
)  # fmt: skip
def test_a_message_says_its_own_words_or_a_sentence_for_its_kind(kind: str, body: dict[str, object], zh: str) -> None:
    assert notice(kind, body, "zh", names=NAMES).startswith(zh)


def test_a_language_that_is_not_ours_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="fr"):
        sentence(e.SignInRefused(), "fr")
