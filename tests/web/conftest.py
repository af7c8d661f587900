"""The pages over a small real organisation, without a browser."""

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from werkzeug.test import TestResponse

from tests.support.office import Office
from web import create_app
from web.limits import limiter
from workflow.config import make_secret_key
from workflow.people.accounts import Accounts
from workflow.settings import Security, Settings

PASSWORD = "tulip-harbour-1907"


class Visitor:
    """Somebody with a browser that follows nothing by itself. `login` None: not signed in."""

    def __init__(self, client: FlaskClient, login: str | None = None) -> None:
        self.client = client
        self.login = login

    def get(self, path: str, **given: Any) -> TestResponse:
        return self.client.get(path, buffered=True, **given)

    def post(self, path: str, form: dict[str, Any] | None = None, *, page: str | None = None) -> TestResponse:
        """Send a form with the token, and where `page` is given the hidden fields, of a page."""
        shown = self.client.get(page or "/settings")
        if shown.status_code != 200:
            shown = self.client.get("/sign-in")
        return self.client.post(path, data={"csrf_token": token(shown.text), **(form or {})})

    def sign_in(self, login: str, password: str = PASSWORD, **more: str) -> TestResponse:
        return self.post("/sign-in", {"login": login, "password": password, **more}, page="/sign-in")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(security=replace(Security(), secret_key_file=tmp_path / "secret.key"))
    make_secret_key(made)
    return made


@pytest.fixture
def accounts(sqlite_office: Office) -> Accounts:
    return Accounts(sqlite_office.database)


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Every application has an environment of its own, and would compile each template anew."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(
    sqlite_office: Office, settings: Settings, accounts: Accounts, compiled_templates: FileSystemBytecodeCache
) -> Flask:
    made = create_app(sqlite_office.workflow, settings, accounts)
    made.testing = True
    made.config["PROPAGATE_EXCEPTIONS"] = False
    made.jinja_env.bytecode_cache = compiled_templates
    limiter.reset()
    return made


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """Somebody who is not signed in."""
    return Visitor(app.test_client())


@pytest.fixture
def signed_in(app: Flask, sqlite_office: Office, accounts: Accounts) -> Callable[[str], Visitor]:
    """Sign a person of the office in, each in a browser of their own."""

    def enter(login: str) -> Visitor:
        person = sqlite_office.people[login]
        accounts.set_password(person, PASSWORD, at=sqlite_office.now, must_change=False)
        came = Visitor(app.test_client(), login)
        assert came.sign_in(login).status_code == 302
        return came

    return enter


def token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, "the page has no form"
    return found[1]


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"the page has no field {name}"
    return unescape(found[1])
