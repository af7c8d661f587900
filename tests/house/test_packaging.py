"""What is in the checkout, and what may not be."""

import ast
import os
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LEFT_BY_RUNS = {"var", "build", "dist", "test-results", "htmlcov", "__pycache__"}
RUN_LOCK = ROOT / "requirements.lock"
TEST_LOCK = ROOT / "requirements-dev.lock"


def texts():
    """Every text file of the checkout, as its path in it and its lines."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in LEFT_BY_RUNS and (name[0] != "." or name == ".ci")]
        for path in (Path(folder, name) for name in names):
            try:
                yield path.relative_to(ROOT), path.read_text(encoding="utf-8").splitlines()
            except UnicodeDecodeError:
                continue


def places(pattern):
    """Where a pattern is found in the checkout: `path:line`."""
    return [f"{path}:{no}" for path, lines in texts() for no, line in enumerate(lines, 1) if re.search(pattern, line)]


def pins(lock):
    """The lines of a lock, one for each package, with its marker and hashes."""
    return [block for block in re.split(r"\n(?=\S)", lock.read_text(encoding="utf-8").strip()) if block]


def pinned(lock):
    return {block.split("\n")[0].rstrip(" \\") for block in pins(lock)}


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("an absolute path of a machine", r"(?<![\w.~<>*])/(work|farm|root|tmp|home|Users)/\w"),
        ("a package host", r"[p]ypi\.org|[p]ythonhosted|[r]egistry\.npm"),
        ("something left for later", r"\b([T]ODO|[F]IXME|[X]XX)\b"),
        ("a skipped test", r"\b(pytest\.(skip|importorskip|xfail)|mark\.(skip|skipif|xfail))\b"),
    ],
)
def test_nothing_in_the_checkout_names(what, pattern):
    assert places(pattern) == [], what


@pytest.mark.parametrize("lock", [RUN_LOCK, TEST_LOCK], ids=lambda lock: lock.name)
def test_a_lock_pins_each_package_and_its_hashes(lock):
    loose = [
        pin
        for pin in pins(lock)
        if not re.fullmatch(r"\S+==\S+( ; [^\\]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+", pin)
    ]

    assert loose == []
    assert len(pins(lock)) > 40


@pytest.mark.parametrize("lock", [RUN_LOCK, TEST_LOCK], ids=lambda lock: lock.name)
def test_a_lock_names_no_address(lock):
    assert not re.search(r"://|index-url|find-links| @ ", lock.read_text(encoding="utf-8"))


def test_the_lock_for_tests_holds_everything_the_lock_for_running_holds():
    assert pinned(RUN_LOCK) - pinned(TEST_LOCK) == set()


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_each_package_asked_for_is_locked(name):
    asked = re.findall(r"^([a-z][\w.-]*)", (ROOT / f"{name}.in").read_text(encoding="utf-8"), re.MULTILINE)
    locked = {pin.split("==")[0] for pin in pinned(ROOT / f"{name}.lock")}

    assert {package.replace(".", "-") for package in asked} - {package.replace(".", "-") for package in locked} == set()


def test_run_py_needs_nothing_but_python():
    tree = ast.parse((ROOT / "run.py").read_text(encoding="utf-8"))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert {name.partition(".")[0] for name in imported} - sys.stdlib_module_names == set()


def test_an_old_python_can_read_run_py_and_so_say_that_it_is_too_old():
    ast.parse((ROOT / "run.py").read_text(encoding="utf-8"), feature_version=(3, 6))
