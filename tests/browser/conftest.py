"""A real server with the pages, and a real browser that complains of nothing."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect
from waitress.server import create_server

from tests.browser.house import PASSWORD, House
from tests.support.database import migrate
from web import create_app
from web.limits import limiter
from workflow.config import make_secret_key
from workflow.settings import Security, Settings
from workflow.storage.database import Database

Enter = Callable[..., Page]

PATIENCE = 20_000
"""Milliseconds after which a page that is not as expected never will be: on a machine that does much else, too."""

expect.set_options(timeout=PATIENCE)


class Site:
    """The house with its server; `problems` is what any browser complained of."""

    def __init__(self, house: House, app: Flask, address: str) -> None:
        self.house = house
        self.app = app
        self.address = address
        self.problems: list[str] = []

    def path(self, case: str) -> str:
        return f"/cases/{self.house.cases[case]}/"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    url = f"sqlite:///{folder / 'baton.db'}"
    migrate(url)
    database = Database(url)
    house = House(database)
    settings = Settings(security=replace(Security(), secret_key_file=folder / "secret.key"))
    make_secret_key(settings)
    app = create_app(house.workflow, settings, house.accounts)
    limiter.enabled = False
    server = create_server(app, host="127.0.0.1", port=0, threads=4, clear_untrusted_proxy_headers=True)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield Site(house, app, f"http://127.0.0.1:{server.effective_port}")
    server.close()
    thread.join(timeout=10)
    limiter.enabled = True
    database.dispose()


@pytest.fixture
def enter(site: Site, browser: Browser) -> Iterator[Enter]:
    """Sign a person in with a browser of their own; gives its page. At the end nothing may have been complained of."""
    contexts: list[BrowserContext] = []

    def come(login: str | None, *, language: str = "zh-CN", width: int = 1440, theme: str = "light") -> Page:
        context = browser.new_context(
            base_url=site.address,
            locale=language,
            timezone_id="Asia/Shanghai",
            viewport={"width": width, "height": 900},
            color_scheme=theme,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)

        def heard(message: ConsoleMessage) -> None:
            # The browser itself notes every page that answers with an error; such pages are asked for here on purpose.
            if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
                site.problems.append(f"{page.url}: {message.text}")

        page.on("console", heard)
        page.on("pageerror", lambda error: site.problems.append(f"{page.url}: {error}"))
        if login is not None:
            page.goto("/sign-in")
            page.locator("#login").fill(login)
            page.locator("#password").fill(PASSWORD)
            page.locator("main button").click()
            page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    yield come
    for context in contexts:
        context.close()
    problems, site.problems = site.problems, []
    assert problems == []


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return tmp_path
