"""`baton` as a test runs it: in this process, on settings of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.support.office import Office, library
from workflow.cli import baton
from workflow.definitions.library import Library
from workflow.storage.database import Database

ROOT = Path(__file__).parents[2]
PASSWORD = "tall-river-uncle-42-pines"

Baton = Callable[..., Result]


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("BATON_") and not name.startswith("BATON_TEST")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def lifecycles_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The product's own are the same for every command a test runs in this process."""

    def load(folder: Path) -> Library:
        return library() if folder.resolve() == ROOT / "definitions" else Library.load(folder)

    monkeypatch.setattr("workflow.assembly.Library", SimpleNamespace(load=load))


def write_settings(folder: Path, url: str, more: str = "") -> Path:
    file = folder / "config.toml"
    file.write_text(
        f'[database]\nurl = "{url}"\n[definitions]\nfolder = "{ROOT / "definitions"}"\n'
        f'[security]\nsecret_key_file = "{folder / "secret.key"}"\n{more}',
        encoding="utf-8",
    )
    return file


def url_of(database: Database) -> str:
    """The address as a person writes it."""
    return f"sqlite:///{database.path}" if database.path else database.url.render_as_string(hide_password=False)


def runner(file: Path) -> Baton:
    def run(*arguments: str, **options: Any) -> Result:
        return CliRunner().invoke(baton, ["--config", str(file), *arguments], catch_exceptions=False, **options)

    return run


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n", encoding="utf-8")
    return file


@pytest.fixture
def fresh(tmp_path: Path, database_url: str) -> Baton:
    """On an empty database, of either kind."""
    return runner(write_settings(tmp_path, database_url))


@pytest.fixture
def fresh_sqlite(tmp_path: Path) -> Baton:
    """On a database whose folder is not there yet."""
    return runner(write_settings(tmp_path, f"sqlite:///{tmp_path / 'var' / 'baton.db'}"))


@pytest.fixture
def at_office(tmp_path: Path, office: Office, database: Database) -> Baton:
    """On the small organisation, of either kind of database."""
    return runner(write_settings(tmp_path, url_of(database)))


@pytest.fixture
def at_sqlite_office(tmp_path: Path, sqlite_office: Office) -> Baton:
    """On the small organisation, of the embedded kind."""
    return runner(write_settings(tmp_path, url_of(sqlite_office.database)))


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start `baton` as a process of its own; it is ended when the test is."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "workflow.cli", "--config", str(tmp_path / "config.toml"), *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def parsed(result: Result) -> Any:
    return json.loads(result.stdout)
