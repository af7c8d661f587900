"""From an empty folder to an administrator who can sign in."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.conftest import PASSWORD, Baton, parsed, runner
from workflow import __version__, config
from workflow.assembly import assemble, open_accounts
from workflow.cli.root import COMMANDS


def test_init_makes_all_that_is_needed(fresh: Baton, tmp_path: Path, password_file: Path) -> None:
    done = fresh("init", "--login", "Root", "--password-file", str(password_file))

    assert done.exit_code == 0, done.output
    assert "sign in as root" in done.stdout
    settings = config.load(tmp_path / "config.toml", {})
    assert len(config.secret_key(settings)) >= 32
    workflow = assemble(settings)
    now = datetime.now(UTC)
    secret = open_accounts(workflow.database, settings).sign_in("root", PASSWORD, address="::1", agent="", at=now)
    [person] = workflow.directory().persons.values()
    assert workflow.directory().role_names(person.id, now) == {"administrator"}
    assert secret
    workflow.database.dispose()


def test_init_makes_the_folder_of_the_database(fresh_sqlite: Baton, tmp_path: Path, password_file: Path) -> None:
    assert fresh_sqlite("init", "--password-file", str(password_file)).exit_code == 0

    assert (tmp_path / "var" / "baton.db").exists()


def test_init_refuses_where_there_is_an_administrator(fresh: Baton, password_file: Path) -> None:
    fresh("init", "--password-file", str(password_file))

    again = fresh("init", "--login", "other", "--password-file", str(password_file))

    assert again.exit_code == 1
    assert again.stderr.startswith("baton: There is an administrator already: admin.")


def test_a_weak_password_is_refused_and_init_may_be_run_again(
    fresh_sqlite: Baton, tmp_path: Path, password_file: Path
) -> None:
    weak = tmp_path / "weak"
    weak.write_text("baton2026", encoding="utf-8")

    refused = fresh_sqlite("init", "--password-file", str(weak))
    done = fresh_sqlite("init", "--password-file", str(password_file))

    assert refused.exit_code == 1
    assert "not safe enough" in refused.stderr
    assert done.exit_code == 0


def test_without_a_terminal_init_asks_for_a_file(fresh_sqlite: Baton) -> None:
    refused = fresh_sqlite("init")

    assert refused.exit_code == 1
    assert "--password-file" in refused.stderr


def test_an_empty_password_file_is_named(fresh_sqlite: Baton, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()

    refused = fresh_sqlite("init", "--password-file", str(empty))

    assert refused.exit_code == 1
    assert str(empty) in refused.stderr


def test_the_versions_in_use_are_kept_with_their_texts(
    fresh_sqlite: Baton, tmp_path: Path, password_file: Path
) -> None:
    fresh_sqlite("init", "--password-file", str(password_file))

    workflow = assemble(config.load(tmp_path / "config.toml", {}))

    with workflow.database.reading() as connection:
        kept = connection.exec_driver_sql("SELECT name, version, hash, text FROM definitions").all()
    assert {(row.name, row.version) for row in kept} == {(d.name, d.version) for d in workflow.library.latest.values()}
    assert all(workflow.library.get(row.name).text == row.text for row in kept)
    workflow.database.dispose()


def test_before_init_every_command_says_what_to_do(fresh_sqlite: Baton) -> None:
    for arguments in (["serve"], ["scheduler"], ["case", "show", "1"], ["replay", "--all"], ["person", "passwd", "x"]):
        refused = fresh_sqlite(*arguments)

        assert refused.exit_code == 1, arguments
        assert "baton init" in refused.stderr, arguments


def test_the_schema_can_be_checked_and_made(fresh: Baton) -> None:
    before = fresh("db", "check")
    made = fresh("db", "upgrade")
    again = fresh("db", "upgrade")
    after = fresh("db", "check")

    assert (before.exit_code, made.exit_code, again.exit_code, after.exit_code) == (1, 0, 0, 0)
    assert "holds no Baton yet" in before.stderr
    assert "already" in again.stdout


def test_a_script_may_ask_for_the_schema(fresh: Baton) -> None:
    before = fresh("db", "check", "--json")
    fresh("db", "upgrade")
    after = fresh("db", "check", "--json")

    assert (before.exit_code, parsed(before)["fit"], parsed(before)["code"]) == (1, False, "schema_absent")
    assert (after.exit_code, parsed(after)["fit"], parsed(after)["code"]) == (0, True, None)


def test_wrong_settings_stop_the_start_with_their_lines(fresh_sqlite: Baton, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(file.read_text(encoding="utf-8") + '[server]\nport = "x"\nprot = 1\n', encoding="utf-8")

    refused = fresh_sqlite("serve")

    assert refused.exit_code == 1
    assert refused.stderr.count("baton: config.toml:") == 2
    assert "did you mean 'port'?" in refused.stderr


def test_a_file_that_is_no_database_is_said_in_a_sentence(fresh_sqlite: Baton, tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "baton.db").write_bytes(b"this is a letter to my aunt" * 100)

    refused = fresh_sqlite("db", "check")

    assert refused.exit_code == 1
    assert refused.stderr.startswith("baton: ")
    assert "not a database" in refused.stderr


def test_a_folder_that_cannot_be_made_is_said_in_a_sentence(fresh_sqlite: Baton, tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file is in the way", encoding="utf-8")

    refused = fresh_sqlite("init")

    assert refused.exit_code == 1
    assert refused.stderr.startswith(f"baton: {tmp_path / 'var'}")


def test_settings_that_are_not_there_are_said_in_a_sentence(tmp_path: Path) -> None:
    refused = runner(tmp_path / "nowhere.toml")("serve")

    assert refused.exit_code == 1
    assert "nowhere.toml: cannot be read" in refused.stderr


@pytest.mark.parametrize("arguments", [[], ["serve"], ["db", "upgrade"], ["person", "add"], ["case", "history"]])
def test_help_needs_nothing(arguments: list[str], tmp_path: Path, fresh_sqlite: Baton) -> None:
    (tmp_path / "config.toml").write_text("nonsense", encoding="utf-8")

    shown = fresh_sqlite(*arguments, "--help")

    assert shown.exit_code == 0
    assert "Usage:" in shown.stdout


def test_every_command_has_a_line_of_help(fresh_sqlite: Baton) -> None:
    shown = fresh_sqlite("--help").stdout

    for name in COMMANDS:
        [line] = [line for line in shown.splitlines() if line.startswith(f"  {name} ")]
        assert len(line.split()) > 3


def test_the_version_is_told(fresh_sqlite: Baton) -> None:
    assert fresh_sqlite("--version").stdout == f"Baton {__version__}\n"


def test_what_is_not_understood_ends_with_2(fresh_sqlite: Baton) -> None:
    assert fresh_sqlite("serv").exit_code == 2
    assert fresh_sqlite("serve", "--port", "70000").exit_code == 2
    assert fresh_sqlite("replay").exit_code == 2
