"""`baton serve` and `baton scheduler` as processes of their own."""

import logging
import re
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from itertools import takewhile
from pathlib import Path
from uuid import uuid4

import pytest

from tests.cli.conftest import Baton, url_of, write_settings
from tests.support.office import Office
from workflow.cli.log import write_log
from workflow.config import load
from workflow.storage import housekeeping
from workflow.storage.database import Database

Program = Callable[..., "subprocess.Popen[str]"]
PATIENCE = 60.0


@pytest.fixture
def house(fresh_sqlite: Baton, tmp_path: Path, password_file: Path) -> Iterator[Database]:
    """A Baton with one administrator."""
    assert fresh_sqlite("init", "--password-file", str(password_file)).exit_code == 0
    database = Database(f"sqlite:///{tmp_path / 'var' / 'baton.db'}")
    yield database
    database.dispose()


def address(process: "subprocess.Popen[str]") -> str:
    """Where it says that it is."""
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.fullmatch(r"Baton is at (http://127\.0\.0\.1:\d+)\n", line)
    assert found, line or process.stderr.read()  # type: ignore[union-attr]
    return found[1]


def ends(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


def beats(database: Database) -> bool:
    with database.reading() as connection:
        return housekeeping.last_beat(connection) is not None


def wait_for(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_watches_and_stops_when_asked(house: Database, program: Program, asked: signal.Signals) -> None:
    process = program("serve", "--port", "0")
    where = address(process)

    with urllib.request.urlopen(f"{where}/", timeout=PATIENCE) as answer:
        page = answer.read().decode()
    wait_for(lambda: beats(house))
    process.send_signal(asked)
    code, out, err = ends(process)

    assert "<form" in page
    assert code == 0, err
    assert out.endswith("Stopped.\n")
    assert "Traceback" not in err


def test_it_may_leave_the_deadlines_to_another(house: Database, program: Program) -> None:
    process = program("serve", "--port", "0", "--no-scheduler")
    where = address(process)
    assert process.stdout is not None
    greeting = list(takewhile(lambda line: line not in ("Ctrl-C stops it.\n", ""), process.stdout))

    with urllib.request.urlopen(f"{where}/", timeout=PATIENCE) as answer:
        assert answer.status == 200
    process.terminate()
    code, _, _ = ends(process)

    assert code == 0
    assert any("baton scheduler" in line for line in greeting)
    assert not beats(house)


def test_a_port_in_use_is_said_in_a_sentence(house: Database, fresh_sqlite: Baton) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        refused = fresh_sqlite("serve", "--port", str(port))

    assert refused.exit_code == 1
    assert refused.stderr.startswith(f"baton: Port {port} is in use")


def test_an_address_that_is_none_is_said_in_a_sentence(house: Database, fresh_sqlite: Baton) -> None:
    refused = fresh_sqlite("serve", "--host", "nowhere.invalid", "--port", "0")

    assert refused.exit_code == 1
    assert refused.stderr.startswith("baton: There is no address nowhere.invalid")


def test_an_older_schema_is_refused(house: Database, fresh_sqlite: Baton) -> None:
    with house.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")

    refused = fresh_sqlite("serve", "--port", "0")

    assert refused.exit_code == 1
    assert refused.stderr.startswith("baton: The database has schema 0000")


def test_a_secret_key_that_others_can_read_is_refused(house: Database, fresh_sqlite: Baton, tmp_path: Path) -> None:
    (tmp_path / "secret.key").chmod(0o644)

    refused = fresh_sqlite("serve", "--port", "0")

    assert refused.exit_code == 1
    assert "chmod 600" in refused.stderr


def test_the_scheduler_alone_lets_deadlines_pass(
    office: Office, database: Database, tmp_path: Path, program: Program
) -> None:
    # The office's clock stands in March 2026, which is past: everything is due by now.
    case = office.complaint().id
    write_settings(tmp_path, url_of(database), "[scheduler]\ntick = 0.1\n")

    process = program("scheduler")
    wait_for(lambda: office.stored(case).clock("answer").breached is not None)
    process.terminate()
    code, out, err = ends(process)

    assert code == 0, err
    assert out.endswith("Stopped.\n")


def test_a_killed_scheduler_loses_nothing(office: Office, database: Database, tmp_path: Path, program: Program) -> None:
    cases = [office.complaint().id for _ in range(20)]
    write_settings(tmp_path, url_of(database), "[scheduler]\ntick = 0.1\nbatch = 1\n")

    first = program("scheduler")
    wait_for(lambda: any(office.stored(case).clock("answer").breached for case in cases))
    first.kill()
    first.wait()
    second = program("scheduler")
    wait_for(lambda: all(office.stored(case).clock("answer").breached for case in cases))
    second.terminate()

    assert ends(second)[0] == 0
    for case in cases:
        raised = [e for e in office.stored(case).escalations if e.clock == "answer"]
        assert len(raised) == len({e.level for e in raised})


def test_the_log_of_a_fault_names_the_line_and_no_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", list(root.handlers))
    monkeypatch.setattr(root, "level", root.level)
    (tmp_path / "config.toml").write_text("")
    write_log(load(tmp_path / "config.toml", {}))
    personal = uuid4().hex
    try:
        int(f"not a number {len(personal)}")
    except ValueError:
        logging.getLogger("baton").exception("could not be counted")
    written = capsys.readouterr().err
    for told in ("could not be counted", "ValueError", "test_serving.py"):
        assert told in written
    assert personal not in written
