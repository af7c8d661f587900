"""Empty databases for a test, of either kind."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.support.postgres import Server


@pytest.fixture
def server_folder() -> Iterator[Path]:
    """A folder for a PostgreSQL of the test's own.

    Not below pytest's: every pytest that starts, as some tests do, takes from others the right to enter there,
    and a server that runs as another user with it.
    """
    with TemporaryDirectory(prefix="baton-") as folder:
        yield Path(folder)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of an SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'baton.db'}"


@pytest.fixture
def postgres_url(postgres_server: Server) -> Iterator[str]:
    """The address of an empty PostgreSQL database, dropped after the test."""
    with postgres_server.fresh() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database; the test runs once for each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url
