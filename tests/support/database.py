"""Databases with Baton's schema, one for each test: migrated once, then copied."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.postgres import Server
from workflow.storage.database import Database
from workflow.storage.schema import upgrade


def migrate(url: str) -> None:
    database = Database(url)
    upgrade(database)
    database.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, never opened again: whole without its write-ahead log."""
    folder = tmp_path_factory.mktemp("template")
    migrate(f"sqlite:///{folder / 'baton.db'}")
    return folder / "baton.db"


@pytest.fixture(scope="session")
def sqlite_office_template(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """The same with the small organisation in it: to make it takes longer than most tests."""
    folder = tmp_path_factory.mktemp("office")
    shutil.copyfile(sqlite_template, folder / "baton.db")
    furnish(f"sqlite:///{folder / 'baton.db'}")
    return folder / "baton.db"


def furnish(url: str) -> None:
    from tests.support.office import Office

    database = Database(url)
    Office(database)
    database.dispose()


def migrate_and_furnish(url: str) -> None:
    migrate(url)
    furnish(url)


def furnished(request: pytest.FixtureRequest) -> bool:
    """Whether the test asks for the small organisation."""
    return bool({"office", "sqlite_office"} & set(request.fixturenames))


@pytest.fixture
def sqlite_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A migrated database of the embedded kind."""
    template = request.getfixturevalue("sqlite_office_template" if furnished(request) else "sqlite_template")
    shutil.copyfile(template, tmp_path / "baton.db")
    database = Database(f"sqlite:///{tmp_path / 'baton.db'}")
    yield database
    database.dispose()


@pytest.fixture
def postgres_database(request: pytest.FixtureRequest, postgres_server: Server) -> Iterator[Database]:
    """A migrated database on the server."""
    if furnished(request):
        template = postgres_server.template("baton_office", migrate_and_furnish)
    else:
        template = postgres_server.template("baton_schema", migrate)
    with postgres_server.fresh(like=template) as url:
        database = Database(url)
        yield database
        database.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Database:
    """A migrated database; the test runs once for each kind."""
    found: Database = request.getfixturevalue(f"{request.param}_database")
    return found
