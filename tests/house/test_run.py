"""What `run.py` does for somebody with nothing but Python."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCK_OF_NOTHING_KNOWN = "no-such-package==1.0 \\\n    --hash=sha256:" + "0" * 64 + "\n"


@pytest.fixture(scope="module")
def run_py():
    spec = importlib.util.spec_from_file_location("run_py", ROOT / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A checkout that needs no packages, and what making its environment said."""
    checkout = tmp_path_factory.mktemp("made")
    shutil.copy(ROOT / "run.py", checkout)
    for name in ("requirements.lock", "requirements-dev.lock"):
        (checkout / name).write_text("# Nothing is needed.\n", encoding="utf-8")
    return checkout, start(checkout, "setup")


@pytest.fixture
def checkout(made, tmp_path):
    """A checkout with its environment, to spoil."""
    return shutil.copytree(made[0], tmp_path / "checkout", symlinks=True)


def start(checkout, *arguments, **environ):
    return subprocess.run(
        [sys.executable, "run.py", *arguments],
        cwd=checkout,
        env={**os.environ, "PIP_NO_INDEX": "1", **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_environment_is_made_once(made):
    checkout, first = made
    second = start(checkout, "setup")

    assert first.returncode == 0, first.stderr
    assert "The environment is ready" in first.stdout
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")


@pytest.mark.parametrize("lost", ["baton-stamp.json", "bin/python"])
def test_an_environment_that_is_not_whole_is_made_anew(checkout, lost):
    (checkout / ".venv" / lost).unlink()
    (checkout / ".venv/half-a-package").touch()

    again = start(checkout, "setup")

    assert again.returncode == 0, again.stderr
    assert (checkout / ".venv" / lost).exists()
    assert not (checkout / ".venv/half-a-package").exists()


def test_a_changed_lock_is_installed_over_the_environment(checkout):
    (checkout / "requirements-dev.lock").write_text("# Still nothing.\n", encoding="utf-8")

    again = start(checkout, "setup")

    assert "Installing" in again.stdout
    assert "Making" not in again.stdout


def test_packages_that_cannot_be_had_are_told_in_a_sentence_and_leave_no_stamp(checkout):
    (checkout / "requirements-dev.lock").write_text(LOCK_OF_NOTHING_KNOWN, encoding="utf-8")

    failed = start(checkout, "setup")

    assert failed.returncode == 1
    assert "run.py: the packages could not be installed. The package index could not be reached" in failed.stderr
    assert not (checkout / ".venv/baton-stamp.json").exists()


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "do not use it"),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "disk is full",
        ),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied",
            "cannot be written",
        ),
        (
            "Failed to establish a new connection\nERROR: No matching distribution found for flask",
            "PIP_INDEX_URL",
        ),
        ("[SSL: CERTIFICATE_VERIFY_FAILED]\nERROR: No matching distribution found for flask", "PIP_CERT"),
        ("ERROR: Failed building wheel for pygraphviz", "CPython 3.11 to 3.13"),
        ("Segmentation fault", "What pip said is above"),
    ],
)
def test_what_pip_says_becomes_advice(run_py, said, advice):
    assert advice in run_py.trouble(said)


def test_an_old_python_is_told_in_one_sentence():
    code = "import sys; sys.version_info = (3, 8, 1); exec(open('run.py', encoding='utf-8').read())"
    old = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (old.returncode, old.stderr) == (1, "Baton needs Python 3.11 or newer; this is Python 3.8.\n")


def test_an_unknown_command_is_told_the_known_ones(checkout):
    wrong = start(checkout, "tset")

    assert wrong.returncode == 2
    assert "there is no command 'tset'; there are: run, test, real" in wrong.stderr


def test_real_data_that_are_not_there_are_told(checkout):
    missing = start(checkout, "real", BATON_REAL_DATA=str(checkout / "nowhere"))

    assert missing.returncode == 1
    assert f"there is no folder {checkout / 'nowhere'}" in missing.stderr


def test_a_clean_checkout_keeps_its_data(checkout):
    (checkout / "var").mkdir()
    (checkout / "var/baton.db").touch()

    start(checkout, "clean")

    assert sorted(path.name for path in checkout.iterdir()) == [
        "requirements-dev.lock",
        "requirements.lock",
        "run.py",
        "var",
    ]
    assert (checkout / "var/baton.db").exists()


def test_one_failed_check_fails_the_whole_and_hides_none(run_py, capsys):
    rows = [("ruff", False, 1.0, ""), ("mypy", True, 2.0, ""), ("tests", True, 3.0, "9 passed in 3.00s")]

    assert run_py.summary(rows) == 1
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()[2:]] == [
        ["ruff", "FAILED"],
        ["mypy", "passed"],
        ["tests", "passed"],
    ]


def test_make_knows_the_same_commands(run_py):
    described = re.findall(r"run\.py \[?(\w+)", run_py.__doc__)
    [made] = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)

    assert made.split() == described
