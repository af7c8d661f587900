"""The databases that tests are given, and that nothing of them is left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import create_engine, inspect, text

ROOT = Path(__file__).parents[2]
A_TEST_THAT_HANGS = """
import os
import time

pytest_plugins = ["tests.support.postgres", "tests.support.databases"]


def test_it(postgres_url):
    with open("started", "w") as started:
        started.write(os.environ["BATON_TEST_POSTGRES"])
    time.sleep(60)
"""


def plain(url):
    return url.replace("+psycopg", "")


def test_a_database_is_empty_and_takes_chinese(database_url):
    engine = create_engine(database_url)
    with engine.begin() as connection:
        assert inspect(connection).get_table_names() == []
        connection.execute(text("CREATE TABLE word (zh VARCHAR(10))"))
        connection.execute(text("INSERT INTO word VALUES ('接力')"))
        assert connection.scalar(text("SELECT zh FROM word")) == "接力"
    engine.dispose()


def test_two_databases_know_nothing_of_each_other(postgres_server):
    with postgres_server.fresh() as one, postgres_server.fresh() as other:
        with psycopg.connect(plain(one)) as connection:
            connection.execute("CREATE TABLE only_here (n int)")
        with psycopg.connect(plain(other)) as connection:
            assert connection.execute("SELECT to_regclass('only_here')").fetchone() == (None,)


def test_a_database_goes_with_its_test_even_if_a_connection_was_left_open(postgres_server):
    with postgres_server.fresh() as url:
        left_open = psycopg.connect(plain(url))

    with pytest.raises(psycopg.OperationalError, match=r"terminat|does not exist|closed"):
        left_open.execute("SELECT 1")
    left_open.close()


def test_a_template_is_built_once_and_copied(postgres_server):
    built = []

    def build(url):
        built.append(url)
        with psycopg.connect(plain(url)) as connection:
            connection.execute("CREATE TABLE n AS SELECT 7 AS seven")

    for _ in range(2):
        name = postgres_server.template("house_test", build)
        with postgres_server.fresh(like=name) as url, psycopg.connect(plain(url)) as connection:
            assert connection.execute("SELECT seven FROM n").fetchone() == (7,)
    assert len(built) <= 1


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda how: how.name)
def test_no_server_outlives_a_run_that_was_stopped(tmp_path, how):
    (tmp_path / "test_it.py").write_text(A_TEST_THAT_HANGS, encoding="utf-8")
    (tmp_path / "pytest.ini").touch()
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    run = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"],
        cwd=tmp_path,
        env={**clean, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    wait_for(lambda: (tmp_path / "started").exists() and (tmp_path / "started").stat().st_size)
    folder = Path((tmp_path / "started").read_text(encoding="utf-8"))
    server = psutil.Process(int((folder / "db/postmaster.pid").read_text(encoding="ascii").split()[0]))

    run.send_signal(how)
    run.wait(timeout=30)

    wait_for(lambda: not folder.exists())
    wait_for(lambda: not server.is_running() or server.status() == psutil.STATUS_ZOMBIE)


def wait_for(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "this did not happen within 30 seconds"
        time.sleep(0.05)
