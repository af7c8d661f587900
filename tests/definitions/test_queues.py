"""Standing queues are data, and a slip of the pen in them is named where it stands."""

from pathlib import Path

import pytest

from tests.support.office import library
from workflow.definitions.faults import DefinitionErrors
from workflow.definitions.library import Library
from workflow.definitions.queues import Queue, load_queues

HEAD = "late:\n  title: {zh: 逾期, en: Overdue}\n"


def load(folder: Path, text: str) -> tuple[Queue, ...]:
    (folder / "some.yaml").write_text(text, encoding="utf-8")
    return load_queues(folder, library().latest)


def test_the_product_s_own_queues_are_those_of_the_domain() -> None:
    assert [queue.name for queue in library().queues] == [
        "due_today", "overdue", "unassigned", "callbacks", "visit_forms", "registrations", "meetings", "complaints",
    ]  # fmt: skip


def test_a_queue_is_what_its_file_says(tmp_path: Path) -> None:
    (queue,) = load(tmp_path, HEAD + "  list: cases\n  where: {definition: complaint, clock: answer, due: 8h}\n")
    assert (queue.name, queue.title["zh"], queue.list) == ("late", "逾期", "cases")
    assert queue.where == {"definition": "complaint", "clock": "answer", "due": "8h"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "  list: cases\n  where: {definition: complant}\n",
         "some.yaml:4:23: late.where.definition: unknown definition 'complant', did you mean 'complaint'?"),
        (HEAD + "  list: mine\n  where: {definition: visit, task: filed}\n",
         "some.yaml:4:36: late.where.task: unknown task 'filed', did you mean 'file'?"),
        (HEAD + "  list: mine\n  where: {state: received}\n",
         "some.yaml:4:18: late.where.state: 'state' says nothing without a definition"),
        (HEAD + "  list: mine\n  where: {definition: complaint, clock: answer}\n",
         "some.yaml:4:41: late.where.clock: only a list of cases is narrowed by a clock"),
        (HEAD + "  list: mine\n  where: {due: soon}\n",
         "some.yaml:4:16: late.where.due: 'due' is today, or a length like 8h or 14d"),
        (HEAD + "  list: mein\n", "some.yaml:3:9: late.list: unknown list 'mein', did you mean 'mine'?"),
        (HEAD + "  list: mine\n  wher: {}\n", "some.yaml:4:3: late.wher: unknown key 'wher', did you mean 'where'?"),
        ("late:\n  title: {zh: 逾期}\n  list: mine\n",
         "some.yaml:2:10: late.title: a queue's title is in both languages, {zh: …, en: …}"),
    ],
)  # fmt: skip
def test_a_fault_is_named_where_it_stands(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DefinitionErrors) as raised:
        load(tmp_path, text)
    assert str(raised.value) == said


def test_the_whole_folder_is_refused_for_a_faulty_queue(tmp_path: Path) -> None:
    own = Path(__file__).parents[2] / "definitions"
    for file in own.glob("*.yaml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "calendars").mkdir()
    for file in (own / "calendars").glob("*.yaml"):
        (tmp_path / "calendars" / file.name).write_bytes(file.read_bytes())
    (tmp_path / "queues").mkdir()
    (tmp_path / "queues" / "some.yaml").write_text(HEAD + "  list: mein\n", encoding="utf-8")
    with pytest.raises(DefinitionErrors, match="unknown list"):
        Library.load(tmp_path)


def test_a_name_is_given_once_among_all_files(tmp_path: Path) -> None:
    for file in ("first.yaml", "other.yaml"):
        (tmp_path / file).write_text(HEAD + "  list: mine\n", encoding="utf-8")
    with pytest.raises(DefinitionErrors, match=r"^other\.yaml:1:1: late: a queue 'late' is already there$"):
        load_queues(tmp_path, {})
