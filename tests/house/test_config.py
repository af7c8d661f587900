"""What an operator is told about the settings."""

import tomllib
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

import pytest
from marshmallow import ValidationError

from workflow.config import ConfigError, load, make_secret_key, secret_key
from workflow.settings import SECTIONS, Settings, schema

SHIPPED = Path(__file__).parents[2] / "config.toml"


@pytest.fixture
def config(tmp_path):
    """Writes a `config.toml` and returns its path."""

    def write(text):
        file = tmp_path / "config.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return write


def faults(file, environ=None):
    with pytest.raises(ConfigError) as caught:
        load(file, environ or {})
    return caught.value.faults


def test_the_shipped_file_shows_every_setting_with_its_default():
    defaults = {
        name: {key: str(value) if isinstance(value, Path) else value for key, value in values.items()}
        for name, values in asdict(Settings()).items()
    }

    assert tomllib.loads(SHIPPED.read_text(encoding="utf-8")) == defaults


def test_every_setting_of_the_shipped_file_has_a_comment_above_its_group():
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    naked = [line for before, line in pairwise(lines) if before.startswith("[") and "=" in line]

    assert naked == []


@pytest.mark.parametrize("section", SECTIONS)
def test_every_default_passes_its_own_check(section):
    defaults = {k: str(v) if isinstance(v, Path) else v for k, v in asdict(SECTIONS[section]()).items()}

    try:
        schema(SECTIONS[section])().load(defaults)
    except ValidationError as error:
        pytest.fail(str(error))


def test_an_empty_file_means_the_defaults_counted_from_its_folder(config, tmp_path):
    settings = load(config(""), {})

    assert settings.server.port == 8321
    assert settings.database.url == f"sqlite:///{tmp_path}/var/baton.db"
    assert settings.definitions.folder == tmp_path / "definitions"


def test_without_a_file_the_defaults_hold(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert load(None, {}).database.url == f"sqlite:///{tmp_path}/var/baton.db"


def test_the_file_in_the_current_folder_is_found(config, tmp_path, monkeypatch):
    config("[server]\nport = 1234")
    monkeypatch.chdir(tmp_path)

    assert load(None, {}).server.port == 1234


def test_a_variable_names_the_file(config):
    assert load(None, {"BATON_CONFIG": str(config("[server]\nport = 1234"))}).server.port == 1234


def test_an_absolute_path_stays_what_it_is(config, tmp_path):
    settings = load(config(f'[database]\nurl = "sqlite:///{tmp_path}/elsewhere.db"'), {})

    assert settings.database.url == f"sqlite:///{tmp_path}/elsewhere.db"


def test_postgresql_gets_its_driver(config):
    settings = load(config('[database]\nurl = "postgresql://me@host/baton"'), {})

    assert settings.database.url == "postgresql+psycopg://me@host/baton"


@pytest.mark.parametrize(
    ("name", "text", "section", "key", "value"),
    [
        ("BATON_SERVER_PORT", "9000", "server", "port", 9000),
        ("BATON_SERVER_SCHEDULER", "false", "server", "scheduler", False),
        ("BATON_SERVER_HOST", "0.0.0.0", "server", "host", "0.0.0.0"),
        ("BATON_SCHEDULER_TICK", "2", "scheduler", "tick", 2.0),
        ("BATON_DISPLAY_LANGUAGE", "en", "display", "language", "en"),
    ],
)
def test_a_variable_goes_over_the_file(config, name, text, section, key, value):
    file = config('[server]\nport = 1\nscheduler = true\nhost = "x"\n[scheduler]\ntick = 5\n[display]\nlanguage = "zh"')

    assert getattr(getattr(load(file, {name: text}), section), key) == value


@pytest.mark.parametrize("how", ["setting", "variable"])
def test_an_address_with_a_password_may_come_from_a_file(config, tmp_path, how):
    (tmp_path / "secret").write_text("postgresql://me:word@host/baton\n", encoding="utf-8")
    text, environ = (
        ('[database]\nurl_file = "secret"', {}) if how == "setting" else ("", {"BATON_DATABASE_URL_FILE": "secret"})
    )

    assert load(config(text), environ).database.url == "postgresql+psycopg://me:word@host/baton"


def test_a_file_for_an_address_that_is_not_there_is_told(config, tmp_path):
    [fault] = faults(config('[database]\nurl_file = "secret"'))

    assert fault == f"config.toml:2: database.url_file: {tmp_path}/secret: cannot be read: No such file or directory"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "[server]\nhost = 'x'\nprot = 1",
            "config.toml:3: server.prot: unknown setting, did you mean 'port'?",
        ),
        ("[server]\nbicycle = 1", "config.toml:2: server.bicycle: unknown setting"),
        ("\n[sevrer]\nport = 1", "config.toml:2: sevrer: unknown section, did you mean 'server'?"),
        ("server = 1", "config.toml:1: server: is a section; write [server] on a line of its own"),
        ("server.prot = 1", "config.toml:1: server.prot: unknown setting, did you mean 'port'?"),
        ('[server]\nport = "8321"', "config.toml:2: server.port: write a whole number"),
        ("[server]\nport = 83.5", "config.toml:2: server.port: write a whole number"),
        ("[server]\nport = true", "config.toml:2: server.port: write a whole number"),
        ("[server]\nscheduler = 1", "config.toml:2: server.scheduler: write true or false"),
        ('[server]\nscheduler = "yes"', "config.toml:2: server.scheduler: write true or false"),
        ("[server]\nhost = 1", 'config.toml:2: server.host: write a text in "quotes"'),
        ('[server]\nhost = ""', "config.toml:2: server.host: must not be empty"),
        ('[scheduler]\ntick = "1"', "config.toml:2: scheduler.tick: write a number"),
        ("[definitions]\nfolder = 1", 'config.toml:2: definitions.folder: write a path in "quotes"'),
        (
            '[definitions]\nfolder = "a\\u0000b"',
            'config.toml:2: definitions.folder: write a path in "quotes"',
        ),
        (
            '[server]\npublic_url = "baton.example.org"',
            "config.toml:2: server.public_url: write https://HOST, without a / at the end",
        ),
        (
            '[display]\ntimezone = "Peking"',
            "config.toml:2: display.timezone: there is no time zone 'Peking'; write it like Asia/Shanghai",
        ),
        ('[display]\nlanguage = "fr"', "config.toml:2: display.language: Must be one of: zh, en."),
        (
            '[database]\nurl = "mysql://host/db"',
            "config.toml:2: database.url: write sqlite:///FILE or postgresql://USER@HOST/DATABASE",
        ),
        (
            '[database]\nurl = "sqlite:///:memory:"',
            "config.toml:2: database.url: a database in memory cannot be shared by threads; name a file",
        ),
        (
            "[tiers]\nscore_gold = 95",
            "config.toml:1: tiers.score_diamond: diamond, gold and silver must fall in this order",
        ),
        (
            "[log]\n[log]",
            "config.toml:2: this is not TOML: Cannot declare ('log',) twice (at line 2, column 5)",
        ),
        ("port = ", "config.toml:1: this is not TOML: Invalid value (at end of document)"),
    ],
)
def test_a_fault_in_the_file_is_told_with_its_line(config, text, fault):
    assert faults(config(text)) == [fault]


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_number_out_of_range_is_told_its_range(config, port):
    [fault] = faults(config(f"[server]\nport = {port}"))

    assert fault.startswith("config.toml:2: server.port: Must be greater than or equal to 0")


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("BATON_SERVER_PROT", "1", "BATON_SERVER_PROT: unknown setting, did you mean 'BATON_SERVER_PORT'?"),
        ("BATON_SEVRER_PORT", "1", "BATON_SEVRER_PORT: unknown setting, did you mean 'BATON_SERVER_PORT'?"),
        ("BATON_SERVER_PORT", "many", "BATON_SERVER_PORT: write a whole number"),
        ("BATON_SERVER_SCHEDULER", "1", "BATON_SERVER_SCHEDULER: write true or false"),
    ],
)
def test_a_fault_in_a_variable_is_told_with_its_name(config, name, text, fault):
    assert faults(config("[server]\nport = 1"), {name: text}) == [fault]


def test_variables_for_other_purposes_are_left_alone(config):
    assert load(config(""), {"BATON_REAL_DATA": "x", "PATH": "y", "BATON_CHROMIUM": "z"}).server.port == 8321


def test_all_faults_are_told_at_once(config):
    assert len(faults(config("[server]\nprot = 1\nthreads = 0\n[log]\nlevel = 1"), {"BATON_FILES_MAX_BYTES": "x"})) == 4


def test_a_file_that_is_not_there_is_told(tmp_path):
    file = tmp_path / "other.toml"

    assert faults(file) == [f"{file}: cannot be read: No such file or directory"]


def test_a_file_in_another_encoding_is_told(tmp_path):
    file = tmp_path / "config.toml"
    file.write_bytes("# 接力".encode("gbk"))

    assert faults(file) == [f"{file}: is not UTF-8 text"]


def test_the_secret_key_is_made_once_and_for_its_owner_alone(config):
    settings = load(config(""), {})
    make_secret_key(settings)
    key = secret_key(settings)

    make_secret_key(settings)

    assert secret_key(settings) == key
    assert len(key) == 64
    assert settings.security.secret_key_file.stat().st_mode & 0o777 == 0o600


def test_a_secret_key_that_others_can_read_is_refused(config):
    settings = load(config(""), {})
    make_secret_key(settings)
    settings.security.secret_key_file.chmod(0o644)

    with pytest.raises(ConfigError, match="chmod 600"):
        secret_key(settings)


def test_a_secret_key_that_is_not_there_is_told(config):
    with pytest.raises(ConfigError, match="make it with `baton init`"):
        secret_key(load(config(""), {}))


def test_a_short_secret_key_is_refused(config):
    settings = load(config(""), {})
    make_secret_key(settings)
    settings.security.secret_key_file.write_text("short", encoding="ascii")

    with pytest.raises(ConfigError, match="fewer than 32"):
        secret_key(settings)
