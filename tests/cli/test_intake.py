"""`baton demo` and `baton import`: filling a database from the command line."""

import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Baton, parsed, runner, write_settings
from tests.support.office import Office
from workflow import SYSTEM

MAPPINGS = ROOT / "tests" / "intake" / "mappings"


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The settings of a small demonstration, made once."""
    folder = tmp_path_factory.mktemp("demonstration")
    file = write_settings(folder, f"sqlite:///{folder / 'var' / 'baton.db'}")
    done = runner(file)("demo", "--small")
    assert done.exit_code == 0, done.output
    assert "The demonstration is ready" in done.stdout
    assert "Registering the customers" in done.stderr
    return file


def test_a_demonstration_holds_and_replays(demonstration: Path) -> None:
    done = runner(demonstration)("replay", "--all")

    assert done.exit_code == 0
    assert done.stdout.endswith("all hold.\n")


def test_a_second_start_keeps_what_is_there(demonstration: Path) -> None:
    again = runner(demonstration)("demo", "--if-empty")

    assert again.exit_code == 0
    assert again.output == ""


def test_a_demonstration_never_goes_into_a_database_in_use(demonstration: Path) -> None:
    refused = runner(demonstration)("demo")

    assert refused.exit_code == 1
    assert "holds an organisation already" in refused.stderr


def test_every_history_of_a_demonstration_is_told_without_a_gap(demonstration: Path) -> None:
    baton = runner(demonstration)
    database = sqlite3.connect(demonstration.parent / "var" / "baton.db")
    numbers = [row[0] for row in database.execute("SELECT max(number) FROM cases GROUP BY definition, state")]
    database.close()

    for number in numbers[:12]:
        shown = baton("case", "history", number, "--language", "en")

        assert shown.exit_code == 0
        assert shown.stdout.strip()
        assert "…" not in shown.stdout


def test_a_log_is_brought_in_and_accounted_for(at_office: Baton, office: Office, tmp_path: Path) -> None:
    desk = office.workflow.add_unit("desk", name_zh="前台", name_en="Desk", kind="city", parent=None, actor=SYSTEM)
    person = office.workflow.add_person("desk", name_zh="前台", name_en="Desk", actor=SYSTEM)
    office.workflow.grant(person, desk, "account_administrator", actor=SYSTEM)
    log = tmp_path / "log.csv"
    log.write_text("id,seq,state,at,by,text,reply,owner\nnonsense\n", encoding="utf-8")
    report = tmp_path / "report.csv"

    done = at_office(
        "import", "history", str(log), "--mapping", str(MAPPINGS / "log.yaml"), "--report", str(report), "--json"
    )

    assert done.exit_code == 0, done.output
    figures = parsed(done)
    assert figures["rows"] == figures["rejected"] == 1
    assert figures["report"] == str(report)
    assert len(report.read_text(encoding="utf-8-sig").splitlines()) == 2


def test_a_unit_of_a_mapping_that_is_not_there_is_named(at_office: Baton, tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("id,seq,state,at,by,text,reply,owner\n1,1,new,02/03/2020 09:00,x,y,,\n", encoding="utf-8")

    report = str(tmp_path / "report.csv")
    refused = at_office("import", "history", str(log), "--mapping", str(MAPPINGS / "log.yaml"), "--report", report)

    assert refused.exit_code == 1
    assert refused.stderr.endswith("baton: There is no unit desk.\n")


def test_a_mapping_that_is_wrong_is_refused_with_its_places(at_office: Baton, tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("id\n1\n", encoding="utf-8")
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("mapping: log\nnonsense: 1\n", encoding="utf-8")

    for kind in ("history", "customers"):
        refused = at_office("import", kind, str(log), "--mapping", str(mapping))

        assert refused.exit_code == 1, kind
        assert "baton: mapping.yaml:2:1" in refused.stderr
