"""Lifecycles and settings for administrators: text, checks, versions beside each other, and where a value is from."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from tests.support.office import Office, library
from tests.web.conftest import Visitor
from web.lifecycles import beside
from web.system import shown
from workflow import config
from workflow.definitions.library import Stored

SignIn = Callable[[str], Visitor]


def test_every_lifecycle_has_its_text_its_picture_and_what_the_checks_say(
    sqlite_office: Office, signed_in: SignIn
) -> None:
    sqlite_office.complaint()
    root = signed_in("root")
    listed = root.get("/organisation/lifecycles/").text
    for name, rules in library().latest.items():
        path = f"/organisation/lifecycles/{name}/{rules.version}"
        assert f'href="{path}"' in listed
    assert '<td class="number" data-label="未办结事项">1</td>' in listed

    page = root.get(f"/organisation/lifecycles/complaint/{library().latest['complaint'].version}").text
    assert "<svg" in page
    assert f'id="L{len(library().get("complaint").text.splitlines())}"' in page
    assert "definition: complaint" in page
    assert "通过" in page
    assert root.get("/organisation/lifecycles/complaint/99").status_code == 404
    assert root.get("/organisation/lifecycles/complaint/compare").status_code == 404


def test_two_versions_stand_beside_each_other(sqlite_office: Office, signed_in: SignIn) -> None:
    newest = library().get("complaint")
    older = newest.text.replace(f"\nversion: {newest.version}", f"\nversion: {newest.version + 7}")
    kept = Stored("complaint", newest.version + 7, "x", older)
    versions = replace(library(), latest={**library().latest}, versions={})
    loaded = versions.with_stored([replace(kept, name="complaint_")]).versions["complaint_", newest.version + 7]
    sqlite_office.workflow.library = replace(versions, versions={("complaint", loaded.version): loaded})
    page = (
        signed_in("auditor")
        .get(f"/organisation/lifecycles/complaint/compare?first={newest.version}&second={loaded.version}")
        .text
    )

    assert page.count('<tr class="replace">') == 1
    assert f"version: {loaded.version}" in page


def test_lines_are_numbered_as_in_their_own_text() -> None:
    rows = list(beside(["a", "b", "c"], ["a", "x", "y", "c"]))

    assert [(row.kind, row.left, row.right) for row in rows] == [
        ("equal", (1, "a"), (1, "a")),
        ("replace", (2, "b"), (2, "x")),
        ("replace", None, (3, "y")),
        ("equal", (3, "c"), (4, "c")),
    ]


def test_each_setting_says_where_it_was_set(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    (tmp_path / "secret").write_text("hush-hush", encoding="utf-8")
    file.write_text('[server]\nport = 9000\n\n[mail]\nhost = "mail.test"\nsender = "b@mail.test"\n', encoding="utf-8")
    environ = {"BATON_MAIL_PASSWORD_FILE": str(tmp_path / "secret"), "BATON_LOG_LEVEL": "debug"}
    origins = config.origins(file, environ)

    assert origins == {
        ("server", "port"): "config.toml:2",
        ("mail", "host"): "config.toml:5",
        ("mail", "sender"): "config.toml:6",
        ("mail", "password"): "BATON_MAIL_PASSWORD_FILE",
        ("log", "level"): "BATON_LOG_LEVEL",
    }
    assert config.load(file, environ).mail.password == "hush-hush"


def test_the_page_shows_values_and_no_secret(app: Flask, signed_in: SignIn) -> None:
    made = app.extensions["baton_settings"]
    app.extensions["baton_settings"] = replace(
        made,
        mail=replace(made.mail, password="hush-hush"),
        database=replace(made.database, url="postgresql+psycopg://baton:sesame-7@db.test/baton?password=sesame-8"),
    )
    app.extensions["baton_origins"] = {("mail", "password"): "BATON_MAIL_PASSWORD"}
    page = signed_in("root").get("/organisation/settings/").text

    for secret in ("hush-hush", "sesame"):
        assert secret not in page
    assert "baton:…@db.test/baton" in page
    assert "BATON_MAIL_PASSWORD" in page
    assert "sign_in_attempts" in page


@pytest.mark.parametrize(
    ("group", "name", "value", "said"),
    [
        ("webhooks", "url", "https://hooks.test/a?token=abc", "https://hooks.test/a?…"),
        ("server", "scheduler", True, "true"),
        ("robots", "kinds", ("escalation", "reminder"), "escalation, reminder"),
        ("mail", "host", "", "—"),
    ],
)
def test_values_are_written_as_the_file_has_them(group: str, name: str, value: object, said: str) -> None:
    assert shown(group, name, value) == said
