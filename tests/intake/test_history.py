"""Rows of an older system become cases that look as if they had always been here."""

from __future__ import annotations

import gzip
from collections import Counter
from datetime import UTC, datetime

import pytest

from tests.intake.conftest import HEADER, Desk
from workflow.definitions.faults import DefinitionErrors

WHOLE = (
    "A1,0,new,02/03/2020 09:00,ann,letter lost,,",
    "A1,1,open,02/03/2020 10:00,ann,letter lost,,",
    "A1,2,answered,05/03/2020 09:30,ann,letter lost,found it,",
    "A1,3,fixed,05/03/2020 10:00,ann,letter lost,found it,",
    "A1,4,closed,06/03/2020 10:00,ann,letter lost,found it,",
    "A2,0,new,02/03/2020 09:30,?,parcel broken,,",
    "A2,1,answered,02/03/2020 12:00,?,parcel broken,paid,",
)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of March 2020 in Shanghai."""
    return datetime(2020, 3, day, hour - 8, minute, tzinfo=UTC)


def test_rows_become_commands_at_their_moments_and_what_is_due_happens_in_between(desk: Desk) -> None:
    outcome = desk.bring_in(desk.log(*WHOLE))

    assert desk.lines() == []
    assert (outcome.rows, outcome.imported, outcome.cases) == (7, 7, 2)
    assert desk.steps("A1") == [
        ("open", "open", at(2, 9)),
        ("comment", "comment", at(2, 10)),
        ("rung", "answer", at(3, 9)),
        ("rung", "answer", at(3, 21)),
        ("rung", "answer", at(4, 9)),
        ("rung", "answer", at(5, 9)),
        ("trigger", "answer", at(5, 9, 30)),
        ("trigger", "resolve", at(5, 10)),
        ("trigger", "confirm", at(6, 10)),
    ]
    assert desk.sql("SELECT level, ended IS NOT NULL FROM escalations ORDER BY level") in (
        [(1, 1), (2, 1)],
        [(1, True), (2, True)],
    )
    assert desk.prove()


def test_the_first_step_says_where_the_case_came_from(desk: Desk) -> None:
    desk.bring_in(desk.log(*WHOLE))

    origins = [
        ops for (ops,) in desk.sql("SELECT ops FROM steps WHERE kind = 'open' AND trigger = 'open' ORDER BY case_id")
    ]
    assert '["imported",{"source":"log","reference":"A1","row":2}]' in "".join(origins)
    assert '["imported",{"source":"log","reference":"A2","row":7}]' in "".join(origins)


def test_who_acted_is_created_once_and_had_the_role_then(desk: Desk) -> None:
    desk.bring_in(desk.log(*WHOLE))

    [(ann,)] = desk.sql("SELECT id FROM persons WHERE login = 'ann'")
    openers = desk.sql(
        "SELECT actor_id FROM steps WHERE kind = 'open' AND trigger = 'open' ORDER BY case_id DESC LIMIT 2"
    )
    assert sorted(openers) == sorted([(ann,), (desk.people["desk"],)])


def test_a_task_is_handed_to_its_owner_who_then_answers(desk: Desk) -> None:
    desk.bring_in(
        desk.log(
            "A1,0,new,02/03/2020 09:00,ann,x,,bob",
            "A1,1,open,02/03/2020 10:00,ann,x,,carl",
            "A1,2,answered,02/03/2020 11:00,ann,x,done,carl",
        )
    )

    assert [trigger for kind, trigger, _ in desk.steps("A1")] == ["open", "triage", "triage", "comment", "answer"]
    [(carl,)] = desk.sql("SELECT id FROM persons WHERE login = 'carl'")
    assert desk.sql("SELECT actor_id FROM steps WHERE trigger = 'answer' AND kind = 'trigger'") == [(carl,)]


def test_every_kind_of_bad_row_is_reported_and_stops_no_other(desk: Desk) -> None:
    rows = [
        WHOLE[0],  # 2
        "A1,1,open,02/03/2020 10:00,ann",  # 3: too few cells
        "A1,2,open,31/02/2020 10:00,ann,x,,",  # 4: no such day
        "A1,3,open,02/03/2020 10:00,a\0nn,x,,",  # 5
        "A1,4,open,02/03/2020 10:00,@@,x,,",  # 6: broken below
        ",5,open,02/03/2020 10:00,ann,x,,",  # 7: no number
        "A1,6,lost,02/03/2020 10:00,ann,x,,",  # 8: a state nobody knows
        "A1,seven,open,02/03/2020 10:00,ann,x,,",  # 9
        "A1,8,open,02/03/2031 10:00,ann,x,,",  # 10: yet to come
        "A1,9,open,,ann,x,,",  # 11
        'A1,10,open,02/03/2020 10:00,ann,"a stray quote,,',  # 12
        "A1,11,open,02/03/2020 10:00,ann,x,,",  # 13: fine
        "A1,11,open,02/03/2020 10:00,ann,x,,",  # 14: the same again
        "A1,11,answered,02/03/2020 09:30,ann,x,yes,",  # 15: another of that place, and before it
        "A1,12,closed,02/03/2020 12:00,ann,x,yes,",  # 16: not possible from there
        "A1,13,answered,02/03/2020 12:00,ann,x,yes,",  # 17: neither
        f"{'A' * 10_000},0,new,02/03/2020 09:00,ann,x,,",  # 18
        "=A2,0,new,02/03/2020 09:00,ann,📦 lost,,",  # 19: fine
        "A3,0,new,02/03/0001 09:00,ann,x,,",  # 20
        "A4,0,again,02/03/2020 09:00,ann,x,,",  # 21: opened, but not reopened
        f"A5,0,new,02/03/2020 09:00,ann,{'长' * 10_000},,",  # 22
    ]
    content = "\n".join((HEADER, *rows)).encode().replace(b"@@", b"\xff\xfe")

    outcome = desk.bring_in(desk.file(content))

    assert desk.lines() == [
        ("3", "", "rejected", "columns", "5 for 8"),
        ("4", "A1", "rejected", "date", "at"),
        ("5", "A1", "rejected", "null_byte", "by"),
        ("6", "A1", "rejected", "encoding", "by"),
        ("7", "", "rejected", "missing", "id"),
        ("8", "A1", "rejected", "unknown_value", "state"),
        ("9", "A1", "rejected", "order", "seq"),
        ("10", "A1", "rejected", "in_the_future", "at"),
        ("11", "A1", "rejected", "missing", "at"),
        ("12", "", "rejected", "columns", "6 for 8"),
        ("18", "", "rejected", "too_long", "id"),
        ("20", "A3", "rejected", "too_early", "at"),
        ("14", "A1", "merged", "doubled", ""),
        ("15", "A1", "noted", "doubled", "seq"),
        ("15", "A1", "noted", "out_of_order", "at"),
        ("21", "A4", "noted", "no_way", "received"),
        ("22", "A5", "noted", "shortened", "text"),
        ("16", "A1", "rejected", "no_way", "answered"),
        ("17", "A1", "rejected", "no_way", "answered"),
    ]
    assert (outcome.rows, outcome.imported, outcome.merged, outcome.rejected) == (21, 6, 1, 14)
    assert desk.steps("A1")[-1] == ("trigger", "answer", at(2, 10))
    assert desk.state("=A2") == "received"
    assert desk.prove()


def test_when_a_case_could_not_be_opened_each_of_its_rows_says_so(desk: Desk) -> None:
    stranger = "x" * 100

    outcome = desk.bring_in(
        desk.log(f"A1,0,new,02/03/2020 09:00,{stranger},x,,", "A1,1,answered,02/03/2020 10:00,ann,x,yes,", WHOLE[5])
    )

    assert desk.lines() == [
        ("2", "A1", "rejected", "PersonNotFound", ""),
        ("2", "A1", "rejected", "not_opened", ""),
        ("3", "A1", "rejected", "not_opened", ""),
    ]
    assert (outcome.imported, outcome.rejected, outcome.cases) == (1, 2, 1)
    assert desk.bring_in(desk.folder / "log.csv").earlier == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_file_may_be_in_any_of_these_encodings_and_compressed(sqlite_desk: Desk, encoding: str, packed: bool) -> None:
    first, second = 'A1,0,new,02/03/2020 09:00,ann,"信件丢失,\r\n已找到",,', "A1,1,open,02/03/2020 10:00,安娜,信,,"
    text = f"{HEADER}\r\n{first}\r\n{second}"
    content = text.encode(encoding)

    outcome = sqlite_desk.bring_in(sqlite_desk.file(gzip.compress(content, mtime=0) if packed else content))

    assert (outcome.imported, outcome.rejected) == (2, 0)
    assert sqlite_desk.sql("SELECT name_zh FROM persons WHERE login = '安娜'") == [("Clerk 安娜",)]
    assert ('"信件丢失,\\n已找到"',) in sqlite_desk.sql("SELECT value FROM vault")


def test_one_broken_cell_does_not_make_a_utf8_file_gbk(sqlite_desk: Desk) -> None:
    rows = [f"A{n},0,new,02/03/2020 09:00,ann,信件,," for n in range(20)]
    content = (
        "\n".join((HEADER, *rows))
        .encode()
        .replace("A7,0,new,02/03/2020 09:00,ann,信件".encode(), b"A7,0,new,02/03/2020 09:00,ann,\xd0\xc5")
    )

    outcome = sqlite_desk.bring_in(sqlite_desk.file(content))

    assert (outcome.imported, outcome.rejected) == (19, 1)
    assert sqlite_desk.lines() == [("9", "A7", "rejected", "encoding", "text")]


def test_a_second_run_does_nothing(desk: Desk) -> None:
    file = desk.log(*WHOLE, "A2,2,lost,03/03/2020 12:00,?,x,,")
    desk.bring_in(file)
    steps, report = desk.sql("SELECT count(*) FROM steps"), Counter(desk.lines())

    again = desk.bring_in(file)

    assert (again.earlier, again.rejected, again.commands, again.timers) == (7, 1, 0, 0)
    assert desk.sql("SELECT count(*) FROM steps") == steps
    assert Counter(desk.lines()) == report


def test_a_longer_file_of_the_same_system_brings_in_what_is_new(desk: Desk) -> None:
    desk.bring_in(desk.log(*WHOLE))

    outcome = desk.bring_in(
        desk.log(*WHOLE, "A2,2,fixed,05/03/2020 12:00,?,x,paid,", "A3,0,new,07/03/2020 09:00,ann,x,,")
    )

    assert (outcome.earlier, outcome.imported, outcome.cases) == (7, 2, 1)
    assert desk.steps("A2")[-1] == ("trigger", "resolve", at(5, 12))
    assert desk.prove()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file has no header"),
        (b"\n\n", "the file has no header"),
        (b"\x1f\x8b\x08garbage", "cannot be read"),
        (gzip.compress(b"id,seq\n" * 10_000, mtime=0)[:60], "cannot be read"),
        (b"id,sq,state,at,by,text,reply,owner\n", "log.yaml:6:8: order: unknown column 'seq', did you mean 'sq'?"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_before_anything_is_done(
    sqlite_desk: Desk, content: bytes, says: str
) -> None:
    with pytest.raises(DefinitionErrors, match=says.replace("?", r"\?")):
        sqlite_desk.bring_in(sqlite_desk.file(content))

    assert sqlite_desk.sql("SELECT count(*) FROM imports") == [(0,)]


def test_a_file_that_is_not_there_is_said_so(sqlite_desk: Desk) -> None:
    with pytest.raises(DefinitionErrors, match="there is no such file"):
        sqlite_desk.bring_in(sqlite_desk.folder / "missing.csv")


def test_progress_is_told_until_the_end(sqlite_desk: Desk) -> None:
    told = []

    sqlite_desk.bring_in(sqlite_desk.log(*WHOLE), progress=told.append)

    assert (told[-1].done, told[-1].total, told[-1].left) == (7, 7, 0)
    assert told[-1].rate > 0
