"""An import that is killed, at any moment, goes on as if nothing had happened."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.intake.conftest import HEADER, NOW, Desk, founded, library
from workflow import Workflow
from workflow.intake import report
from workflow.intake.history import import_history
from workflow.intake.mapping import load_mapping
from workflow.service import batch
from workflow.storage.database import Database

CASES = 40


def story() -> str:
    """Cases with deadlines that pass, rows to merge and rows to reject."""
    rows = [HEADER]
    for n in range(CASES):
        hour = f"{n % 24:02}:{n % 60:02}"
        rows += [
            f"A{n},0,new,02/03/2020 {hour},ann,lost {n},,",
            f"A{n},1,new,02/03/2020 {hour},ann,lost {n},,x",
            f"A{n},2,nonsense,03/03/2020 {hour},ann,lost,,",
            f"A{n},3,answered,{'04' if n % 3 else '08'}/03/2020 {hour},ann,lost {n},yes,",
            f"A{n},4,closed,09/03/2020 {hour},ann,lost {n},yes,",
            f"A{n},5,fixed,09/03/2020 {hour},ann,lost {n},yes,",
        ]
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize(
    ("kind", "moment"),
    [("sqlite", "before_a_commit"), ("sqlite", "after_a_commit"), ("postgres", "after_a_commit")],
)
def test_killed_and_started_again_it_ends_like_one_that_never_was(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str, moment: str
) -> None:
    database: Database = request.getfixturevalue(f"{kind}_database")
    desk = founded(database, tmp_path)
    file = desk.file(story())

    kills = 0
    while run(desk, file, moment) == -signal.SIGKILL:
        kills += 1
        assert kills < 50
    after = desk.bring_in(file)

    assert kills >= 3
    assert after.earlier == CASES * 5
    assert desk.prove()
    twin = untouched(request, tmp_path, kind)
    assert told(desk) == told(twin)
    assert Counter(desk.lines()) == Counter(twin.lines())


def untouched(request: pytest.FixtureRequest, tmp_path: Path, kind: str) -> Desk:
    """The same import in one go, on an SQLite database of its own."""
    folder = tmp_path / "twin"
    folder.mkdir()
    template: Path = request.getfixturevalue("sqlite_template")
    (folder / "baton.db").write_bytes(template.read_bytes())
    desk = founded(Database(f"sqlite:///{folder / 'baton.db'}"), folder)
    desk.bring_in(desk.file(story()))
    desk.database.dispose()
    return desk


def told(desk: Desk) -> Counter[tuple[object, ...]]:
    """What happened, by the older system's numbers."""
    return Counter(
        desk.sql(
            "SELECT i.reference, s.seq, s.kind, s.trigger, s.effective, s.recorded, s.to_state"
            " FROM steps s JOIN imports i USING (case_id)"
        )
    ) + Counter(desk.sql("SELECT clock, level, raised, ended FROM escalations"))


def run(desk: Desk, file: Path, moment: str) -> int:
    url = desk.database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.intake.test_killed", url, str(file), str(desk.report), moment]
    return subprocess.run(command, check=False, cwd=Path(__file__).parents[2]).returncode


def main(url: str, file: str, to: str, moment: str) -> None:
    """Import with a commit for each event until the fortieth, and die there."""
    commits = 0

    def count(*_: object) -> None:
        nonlocal commits
        commits += 1
        if commits == 40:
            os.kill(os.getpid(), signal.SIGKILL)

    batch.LONGEST = 0.0
    if moment == "before_a_commit":
        settle = report.Report.settle

        def settle_and_die(self: report.Report) -> None:
            settle(self)
            count()

        report.Report.settle = settle_and_die  # type: ignore[method-assign]
    workflow = Workflow(Database(url), library(), clock=lambda: NOW)
    rules = load_mapping(Path(__file__).parent / "mappings" / "log.yaml", library())
    progress = count if moment == "after_a_commit" else None
    import_history(workflow, Path(file), rules, report=Path(to), progress=progress)


if __name__ == "__main__":
    main(*sys.argv[1:])
