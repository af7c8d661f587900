"""A version in use stays what it was; a new one stands beside it."""

import re
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Baton, runner, write_settings
from workflow import config
from workflow.assembly import assemble


@pytest.fixture
def lifecycle(tmp_path: Path) -> Path:
    """One of the product's lifecycles, in a copy of them all that may be changed."""
    return Path(shutil.copytree(ROOT / "definitions", tmp_path / "definitions")) / "visit.yaml"


@pytest.fixture
def baton(tmp_path: Path, lifecycle: Path, password_file: Path) -> Baton:
    file = write_settings(tmp_path, f"sqlite:///{tmp_path / 'baton.db'}")
    text = file.read_text(encoding="utf-8").replace(str(ROOT / "definitions"), str(lifecycle.parent))
    file.write_text(text, encoding="utf-8")
    baton = runner(file)
    done = baton("init", "--password-file", str(password_file))
    assert done.exit_code == 0, done.output
    return baton


def change(lifecycle: Path, *, raise_version: bool) -> None:
    text = lifecycle.read_text(encoding="utf-8") + "\n# Changed.\n"
    if raise_version:
        text = re.sub(r"^version: (\d+)$", lambda found: f"version: {int(found[1]) + 1}", text, flags=re.MULTILINE)
    lifecycle.write_text(text, encoding="utf-8")


def test_a_version_in_use_with_another_content_stops_the_start(baton: Baton, lifecycle: Path) -> None:
    change(lifecycle, raise_version=False)

    refused = baton("serve", "--port", "0")

    assert refused.exit_code == 1
    assert "in use with another content" in refused.stderr


def test_a_new_version_stands_beside_the_old_one(baton: Baton, lifecycle: Path, tmp_path: Path) -> None:
    before = lifecycle.read_text(encoding="utf-8")
    settings = config.load(tmp_path / "config.toml", {})
    old = assemble(settings)
    first = old.library.get("visit").version
    old.database.dispose()
    change(lifecycle, raise_version=True)

    workflow = assemble(settings)

    assert workflow.library.get("visit").version == first + 1
    assert workflow.library.get("visit", first).text == before
    workflow.database.dispose()


def test_who_only_looks_keeps_no_version(baton: Baton, lifecycle: Path, tmp_path: Path) -> None:
    settings = config.load(tmp_path / "config.toml", {})
    change(lifecycle, raise_version=True)

    workflow = assemble(settings, keep_definitions=False)

    with workflow.database.reading() as connection:
        kept = connection.exec_driver_sql("SELECT count(*) FROM definitions WHERE name = 'visit'").scalar_one()
    assert kept == 1
    workflow.database.dispose()
