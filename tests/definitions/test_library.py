"""All definitions together: what links lead to, which versions there are, and what may not change."""

from pathlib import Path

import pytest

from workflow.core.errors import DefinitionUnknown
from workflow.definitions.faults import DefinitionErrors
from workflow.definitions.library import Library, Stored, check

DEFINITIONS = Path(__file__).parents[2] / "definitions"

CHILD = """# Asked beside another case.
definition: child
version: 1
title: {zh: 子, en: Child}
prefix: CH
start: [reason!, secret]
data:
  reason: {type: line, title: {zh: 原因, en: Reason}}
  secret: {type: text, personal: true, title: {zh: 秘密, en: Secret}}
phases: {all: {zh: 全部, en: All}}
roles: {boss: {role: director, of: unit}}
initial: open
states:
  open:
    phase: all
    title: {zh: 开, en: Open}
    tasks: {decide: {title: {zh: 裁定, en: Decide}, role: boss, triggers: [agree, decline]}}
  agreed: {phase: all, title: {zh: 同意, en: Agreed}, final: true}
  declined: {phase: all, title: {zh: 不同意, en: Declined}, final: true}
transitions:
  - {trigger: agree, title: {zh: 同意, en: Agree}, from: open, to: agreed, by: boss}
  - {trigger: decline, title: {zh: 不同意, en: Decline}, from: open, to: declined, by: boss}
"""
PARENT = """# Opens another and waits for it.
definition: parent
version: 2
title: {zh: 父, en: Parent}
prefix: PA
opened_by: [director]
start: [why!, private]
data:
  why: {type: line, title: {zh: 为何, en: Why}}
  private: {type: text, personal: true, title: {zh: 隐私, en: Private}}
  size: {type: number, title: {zh: 大小, en: Size}}
phases: {all: {zh: 全部, en: All}}
initial: waiting
opening:
  - {open: asked, with: {reason: "= data.why"}}
states:
  waiting: {phase: all, title: {zh: 等, en: Waiting}, waits_for: asked}
  over: {phase: all, title: {zh: 完, en: Over}, final: true}
transitions:
  - {trigger: finish, title: {zh: 完, en: Finish}, from: waiting, to: over}
links:
  asked: {definition: child, title: {zh: 问, en: Asked}, on_closed: {agreed: finish, declined: finish}}
"""


def folder(path: Path, **texts: str) -> Path:
    for name, text in {"child": CHILD, "parent": PARENT, **texts}.items():
        (path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return path


def test_what_we_ship_has_no_fault() -> None:
    assert [str(fault) for fault in check([DEFINITIONS])] == []


def test_what_we_ship_carries_both_main_lifecycles_and_a_working_calendar() -> None:
    library = Library.load(DEFINITIONS)
    assert {"account", "complaint"} <= set(library.latest)
    assert library.calendars["working"].zone == "Asia/Shanghai"


def test_a_folder_gives_its_definitions_by_name(tmp_path: Path) -> None:
    library = Library.load(folder(tmp_path))
    assert sorted(library.latest) == ["child", "parent"]
    assert library.get("parent").version == 2
    assert library.get("parent", 2) is library.get("parent")
    with pytest.raises(DefinitionUnknown):
        library.get("parent", 1)
    with pytest.raises(DefinitionUnknown):
        library.get("nobody")


def test_versions_kept_in_the_database_are_at_hand(tmp_path: Path) -> None:
    library = Library.load(folder(tmp_path))
    old = Library.load(folder(tmp_path, parent=PARENT.replace("version: 2", "version: 1"))).get("parent")
    both = library.with_stored([Stored("parent", 1, old.hash, old.text)])
    assert both.get("parent", 1).hash == old.hash
    assert both.get("parent").version == 2


def test_a_version_in_use_stays_readable_when_a_rule_of_soundness_comes_later(tmp_path: Path) -> None:
    unsound = CHILD.replace("roles: {", "roles: {spare: {role: supervisor, of: unit}, ").replace("child", "former")
    both = Library.load(folder(tmp_path)).with_stored([Stored("former", 1, "0" * 64, unsound)])
    assert set(both.get("former", 1).roles) == {"boss", "spare"}


def test_a_version_in_use_may_not_change(tmp_path: Path) -> None:
    library = Library.load(folder(tmp_path))
    known = library.get("child")
    library.check_stored([Stored("child", 1, known.hash, known.text)])
    with pytest.raises(DefinitionErrors, match=r"child.yaml:1:1: version: version 1 is in use with another content"):
        library.with_stored([Stored("child", 1, "0" * 64, known.text)])
    with pytest.raises(DefinitionErrors, match=r"version 3 is in use, this is only 2"):
        library.check_stored([Stored("parent", 3, "0" * 64, PARENT)])


def test_one_byte_changes_the_hash(tmp_path: Path) -> None:
    before = Library.load(folder(tmp_path)).get("child").hash
    assert Library.load(folder(tmp_path, child=CHILD + "\n")).get("child").hash != before


LINK_FAULTS = [
    ("definition: child", "definition: chld", "links.asked.definition: unknown definition 'chld'"),
    ("{agreed: finish,", "{agred: finish,", "links.asked.on_closed.agred: unknown final state of child 'agred'"),
    ("{agreed: finish,", "{open: finish,", "links.asked.on_closed.open: 'open' is not a final state of child"),
    (", declined: finish}", "}", "'waiting' waits for it, but nothing happens when it ends as declined"),
    ("{reason: ", "{resson: ", "opening.0.with.resson: unknown field of child 'resson', did you mean 'reason'?"),
    ("{reason: ", "{secret: ", "opening.0.with: 'reason' is not given, but child cannot be opened without it"),
    ('"= data.why"', '"= data.size"', "opening.0.with.reason: the value is int, but 'reason' is of type line"),
    ('"= data.why"', '"= data.private"', "data.private is personal, so 'reason' must be personal too"),
]


@pytest.mark.parametrize(("old", "new", "fault"), LINK_FAULTS)
def test_what_a_link_leads_to_must_be_there(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert PARENT.count(old) == 1
    with pytest.raises(DefinitionErrors) as refused:
        Library.load(folder(tmp_path, parent=PARENT.replace(old, new)))
    assert any(fault in str(one) for one in refused.value.faults)
    assert {one.file for one in refused.value.faults} == {"parent.yaml"}


def test_cases_that_would_open_each_other_without_end_are_refused(tmp_path: Path) -> None:
    back = "opening: [{open: back, with: {why: x}}]\nlinks: {back: {definition: parent, title: {zh: 回, en: Back}}}\n"
    with pytest.raises(DefinitionErrors, match="cases would open each other without end: child → parent → child"):
        Library.load(folder(tmp_path, child=CHILD + back))


def test_what_may_be_refused_is_opened_by_people_and_a_number_is_given_to_what_is_about_a_customer(
    tmp_path: Path,
) -> None:
    refusable = "open_when: fit\nconditions: {fit: {if: has.reason, zh: 须有原因。, en: A reason is needed.}}\n"
    with pytest.raises(DefinitionErrors, match=r"opening.0: child may be refused, so only what people do opens it"):
        Library.load(folder(tmp_path, child=CHILD + refusable))
    way = "from: waiting, to: over}"
    told = "by: head, effects: [{open: asked, about: x, with: {reason: x}}]}"
    asking = PARENT.replace(way, f"from: waiting, to: over, {told}") + "roles: {head: {role: director, of: unit}}\n"
    about = CHILD.replace("prefix: CH\n", "prefix: CH\nsubject: none\n")
    with pytest.raises(DefinitionErrors, match=r"transitions.0.effects.0.about: child is about no customer"):
        Library.load(folder(tmp_path, child=about, parent=asking))


FILLED = (
    "{trigger: ask, title: {zh: 问, en: Ask}, from: waiting, by: head, effects: [{open: asked, form: {reason: x}}]}"
)
FORM_FAULTS = [
    ("form: {reason: x}", "form: {resson: x}", "form.resson: unknown field of child 'resson', did you mean 'reason'?"),
    ("form: {reason: x}", "form: {later: x}", "form.later: 'later' is not in the start form of child"),
    ("form: {reason: x}", "form: {reason: 5}", "form.reason: the value is int, but 'reason' is of type line"),
    ("reason: x}", 'reason: "= data.private"}', "data.private is personal, so 'reason' must be personal too"),
    (
        "form: {reason: x}",
        "form: {}, with: {reason: x}",
        "with.reason: 'reason' is asked for in the start form of child",
    ),
    (
        "initial: waiting",
        "hears: ask\ninitial: waiting",
        "form: only what people do, and nothing else, asks for a form",
    ),
    ('asked, with: {reason: "= data.why"}', "asked, form: {}", "opening.0.form: only what people do, and nothing else"),
    ("by: head,", "by: head, form: [size],", "form: the form of the case that is opened is filled in instead"),
]


@pytest.mark.parametrize(("old", "new", "fault"), FORM_FAULTS)
def test_a_form_that_is_filled_in_for_another_case_is_its_own_and_people_fill_it_in(
    tmp_path: Path, old: str, new: str, fault: str
) -> None:
    asking = (
        PARENT.replace("transitions:\n", f"transitions:\n  - {FILLED}\n")
        + "roles: {head: {role: director, of: unit}}\n"
    )
    assert check([folder(tmp_path, parent=asking)]) == []
    assert asking.count(old) == 1
    child = CHILD.replace("data:\n", "data:\n  later: {type: line, title: {zh: 后, en: Later}}\n")
    faults = check([folder(tmp_path, child=child, parent=asking.replace(old, new))])
    assert any(fault in str(one) for one in faults), [str(one) for one in faults]


def test_a_file_is_named_like_its_definition_and_no_name_stands_twice(tmp_path: Path) -> None:
    with pytest.raises(DefinitionErrors) as refused:
        Library.load(folder(tmp_path, other=CHILD))
    assert [str(fault) for fault in refused.value.faults] == [
        "other.yaml:2:13: definition: 'child' is already defined in child.yaml",
        "other.yaml:2:13: definition: a definition is named like its file, 'other'",
    ]


def test_checking_one_file_knows_the_others_beside_it(tmp_path: Path) -> None:
    folder(tmp_path, child=CHILD.replace("prefix: CH", "prefix: ch"))
    assert check([tmp_path / "parent.yaml"]) == []
    assert [fault.path for fault in check([tmp_path / "child.yaml"])] == ["prefix"]
    assert [fault.message for fault in check([tmp_path / "none.yaml"])] == ["there is no such file"]


def test_no_two_lifecycles_number_their_cases_alike(tmp_path: Path) -> None:
    with pytest.raises(
        DefinitionErrors, match=r"parent.yaml:5:9: prefix: 'CH' already begins the case numbers of child"
    ):
        Library.load(folder(tmp_path, parent=PARENT.replace("prefix: PA", "prefix: CH")))


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DefinitionErrors, match="there is no definition in this folder"):
        Library.load(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("zone: Asia/Shanghai", "zone: Asia/Shangai", "working.yaml:4:7: zone: unknown time zone 'Asia/Shangai'"),
        ("09:00-12:00", "09:00-25:00", "working.yaml:6:1: windows.mon: a window opens before it closes"),
        ("holidays: CN", "holidays: XQ", "holidays: no holidays are known of a country 'XQ'"),
        ("known_through: 2026\n", "", "holidays: holidays need `known_through`"),
        ("remove:", "removes:", "removes: unknown key 'removes', did you mean 'remove'?"),
        ("name: working", "name: office", "name: a calendar is named like its file, 'working'"),
    ],
)
def test_a_calendar_says_what_is_wrong_with_it(tmp_path: Path, old: str, new: str, fault: str) -> None:
    text = (
        "# Office hours.\nname: working\nversion: 1\nzone: Asia/Shanghai\ntitle: {zh: 工作, en: Working}\n"
        'windows: {mon-fri: ["09:00-12:00"]}\nholidays: CN\nknown_through: 2026\nremove: []\n'
    )
    (folder(tmp_path) / "calendars").mkdir()
    calendar = tmp_path / "calendars" / "working.yaml"
    calendar.write_text(text, encoding="utf-8")
    assert list(Library.load(tmp_path).calendars) == ["working"]
    assert check([tmp_path, calendar]) == []
    calendar.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(DefinitionErrors) as refused:
        Library.load(tmp_path)
    assert len(refused.value.faults) == 1
    assert fault in str(refused.value.faults[0])
    assert check([tmp_path]) == check([calendar]) == list(refused.value.faults)
