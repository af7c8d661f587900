"""Reads the settings of an organisation: `config.toml`, then `BATON_…` variables over it.

Every fault is found before anything starts, and all of them are reported at once, each with its place.
"""

import difflib
import re
import secrets
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from workflow.settings import NAMED, ROBOTS, SECTIONS, WEBHOOKS, Robot, Settings, Webhook, entries, schema

PREFIX = "BATON_"
FROM_FILE = {
    ("database", "url"),
    ("mail", "password"),
    (WEBHOOKS, "secret"),
    (ROBOTS, "token"),
    (ROBOTS, "secret"),
}  # settings that may hold a password, so `…_file` may name a file instead
NEEDED = {WEBHOOKS: ("url", "secret"), ROBOTS: ("service", "token")}


class ConfigError(Exception):
    """The settings cannot be used: one line for each fault."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(self.faults))


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """The settings in a file, with those of the environment over them.

    Without a path, BATON_CONFIG names the file; without that it is `config.toml` in the current folder, and
    all defaults hold if there is none. Relative paths count from the folder of the file.
    Raises `ConfigError`.
    """
    file, text = chosen(path, environ)
    places = Places(file.name, text)
    values, faults = from_text(text, places)
    for name, section, key, value in from_environment(environ, faults):
        values.setdefault(section, {})[key] = value
        places.environment[section, key] = name
    sections = {
        name: check(name, values.get(name, {}), root=file.absolute().parent, places=places, faults=faults)
        for name in SECTIONS
    }
    for group in NAMED:
        sections[group] = {
            name: named_section(group, name, given, root=file.absolute().parent, places=places, faults=faults)
            for name, given in values.get(group, {}).items()
        }
    if not faults:
        faults += relations(Settings(**sections), places)
    if faults:
        raise ConfigError(faults)
    return Settings(**sections)


def chosen(path: Path | None, environ: Mapping[str, str]) -> tuple[Path, str]:
    """The file the settings come from, and its text; empty when there is none."""
    named = path or (Path(environ["BATON_CONFIG"]) if environ.get("BATON_CONFIG") else None)
    file = named or Path("config.toml")
    return file, read(file) if named or file.exists() else ""


def origins(path: Path | None, environ: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """(section, setting) → where it was written: `config.toml:12`, or a variable's name. Defaults are left out.

    Of settings that `load` accepted: faults are not looked for again.
    """
    file, text = chosen(path, environ)
    places = Places(file.name, text)
    found: dict[tuple[str, str], str] = {}
    for section, given in from_text(text, places)[0].items():
        inside = {section: given} if section in SECTIONS else {f"{section}.{name}": one for name, one in given.items()}
        for name, settings in inside.items():
            for key in settings:
                found[name, _meant(section, key)] = places.of(name, key).rpartition(": ")[0]
    for variable, section, key, _ in from_environment(environ, []):
        found[section, _meant(section, key)] = variable
    return found


def _meant(section: str, key: str) -> str:
    """The setting that `…_file` gives the value of."""
    bare = key.removesuffix("_file")
    return bare if (section, bare) in FROM_FILE else key


def read(file: Path) -> str:
    """The text of a file somebody named; `ConfigError` says what is wrong with it."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError([f"{file}: is not UTF-8 text"]) from error
    except OSError as error:
        raise ConfigError([f"{file}: cannot be read: {error.strerror}"]) from error


class Places:
    """Where each setting was written, for messages."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.environment: dict[tuple[str, str], str] = {}
        self._lines: dict[str, int] = {}
        section = ""
        for number, line in enumerate(text.splitlines(), start=1):
            if header := re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line):
                section = header[1]
                self._lines.setdefault(section, number)
            elif key := re.match(r"\s*([\w.\"-]+)\s*=", line):
                self._lines.setdefault(f"{section}.{key[1]}".strip("."), number)

    def of(self, section: str, key: str = "") -> str:
        """The place of a setting and its name: `config.toml:12: server.port`, or the variable's name."""
        if (section, key) in self.environment:
            return self.environment[section, key]
        name = f"{section}.{key}".strip(".")
        line = self._lines.get(name) or self._lines.get(section)
        return f"{self.file}:{line}: {name}" if line else f"{self.file}: {name}"


def from_text(text: str, places: Places) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The sections of a file that exist, and the faults of those that do not."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        where = f"{places.file}:{line[1] if line else len(text.splitlines())}"
        raise ConfigError([f"{where}: this is not TOML: {error}"]) from error
    values, faults = {}, []
    for name, content in document.items():
        if name not in (*SECTIONS, *NAMED):
            faults.append(f"{places.of(name)}: unknown section{nearest(name, (*SECTIONS, *NAMED))}")
        elif not isinstance(content, dict):
            faults.append(f"{places.of(name)}: is a section; write [{name}] on a line of its own")
        else:
            values[name] = content
    return values, faults


def from_environment(environ: Mapping[str, str], faults: list[str]) -> Iterator[tuple[str, str, str, Any]]:
    """Variable, section, key and value of every setting in the environment."""
    known = dict(variables())
    for name, text in sorted(environ.items()):
        if name in known:
            section, key, kind = known[name]
            yield name, section, key, text if kind in (str, Path) else as_toml(text)
        elif name.startswith(tuple(f"{PREFIX}{section.upper()}_" for section in SECTIONS)):
            faults.append(f"{name}: unknown setting{nearest(name, known)}")
        elif name.startswith(PREFIX) and (near := nearest(name, known, cutoff=0.85)):
            faults.append(f"{name}: unknown setting{near}")


def variables() -> Iterator[tuple[str, tuple[str, str, type[Any]]]]:
    for section, kind in SECTIONS.items():
        for key, (type_, _) in entries(kind).items():
            yield f"{PREFIX}{section}_{key}".upper(), (section, key, type_)
        for _, key in (pair for pair in FROM_FILE if pair[0] == section):
            yield f"{PREFIX}{section}_{key}_file".upper(), (section, f"{key}_file", Path)


def as_toml(text: str) -> Any:
    """A number or truth value as TOML writes it; anything else stays text, for the check to refuse."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def check(section: str, values: dict[str, Any], *, root: Path, places: Places, faults: list[str]) -> Any:
    """A section of the settings; what is wrong is added to the faults, and the defaults stand in for it."""
    secrets_of = section.partition(".")[0]
    kind = SECTIONS.get(section) or NAMED[secrets_of]
    given = dict(values)
    for key in [key for owner, key in FROM_FILE if owner == secrets_of and f"{key}_file" in given]:
        place = places.of(section, f"{key}_file")
        try:
            given[key] = read(root / str(given.pop(f"{key}_file"))).strip()
        except ConfigError as error:
            faults.append(f"{place}: {error}")
            given.pop(key, None)
        else:
            places.environment[section, key] = place
    try:
        loaded = schema(kind)().load(given)
    except ValidationError as error:
        for key, messages in dict(error.messages_dict).items():
            if key in entries(kind):
                faults.append(f"{places.of(section, key)}: {'; '.join(messages)}")
            else:
                faults.append(f"{places.of(section, key)}: unknown setting{nearest(key, entries(kind))}")
        return kind()
    return resolve(kind(**loaded), root)


def named_section(group: str, name: str, given: Any, *, root: Path, places: Places, faults: list[str]) -> Any:
    """One of the programs or groups that are told; what is wrong with it is added to the faults."""
    section = f"{group}.{name}"
    if not isinstance(given, dict):
        faults.append(f"{places.of(section)}: is a section; write [{group}.NAME] on a line of its own")
        return NAMED[group]()
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,39}", name):
        faults.append(f"{places.of(section)}: a name has small letters, digits, - and _, at most 40")
    told = len(faults)
    made = check(section, given, root=root, places=places, faults=faults)
    if len(faults) == told:
        missing = [key for key in NEEDED[group] if not getattr(made, key)]
        faults.extend(f"{places.of(section)}: {key} is missing" for key in missing)
        if isinstance(made, Webhook) and made.url.startswith("http:") and not made.private:
            faults.append(f"{places.of(section, 'url')}: outside the house only https:// will do")
        if isinstance(made, Robot) and made.secret and made.service != "dingtalk":
            faults.append(f"{places.of(section, 'secret')}: only robots of DingTalk have one")
        if isinstance(made, Robot) and find_spec("apprise") is None:
            faults.append(f"{places.of(section)}: group robots need the extra `notify`: pip install 'baton[notify]'")
    return made


def resolve(section: Any, root: Path) -> Any:
    """The section with its paths counted from a folder, and the database's driver named."""
    changes: dict[str, Any] = {
        entry.name: root / value for entry in fields(section) if isinstance(value := getattr(section, entry.name), Path)
    }
    if (url := getattr(section, "url", None)) and not isinstance(section, Webhook):
        if url.startswith("sqlite:///"):
            url = f"sqlite:///{root / url.removeprefix('sqlite:///')}"
        changes["url"] = re.sub(r"^postgresql://", "postgresql+psycopg://", url)
    return replace(section, **changes)


def relations(settings: Settings, places: Places) -> Iterator[str]:
    """What is wrong with settings that are each right alone."""
    for scheme in ("score", "revenue"):
        limits = [getattr(settings.tiers, f"{scheme}_{tier}") for tier in ("diamond", "gold", "silver")]
        if limits != sorted(set(limits), reverse=True):
            place = places.of("tiers", f"{scheme}_diamond")
            yield f"{place}: diamond, gold and silver must fall in this order"

    if settings.load.one_from <= settings.load.two_from:
        yield f"{places.of('load', 'one_from')}: a manager of its own is for customers above those who share one"

    if settings.mail.host and not settings.mail.sender:
        yield f"{places.of('mail', 'sender')}: say from whom the e-mail comes"


def nearest(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """`, did you mean 'port'?`, or nothing when no known name is near."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=cutoff)
    return f", did you mean '{found[0]}'?" if found else ""


def secret_key(settings: Settings) -> str:
    """The key that signs cookies. Raises `ConfigError` if it is not there or others can read it."""
    file = settings.security.secret_key_file
    if not file.exists():
        raise ConfigError([f"{file}: the secret key is not there; make it with `baton init`"])
    if file.stat().st_mode & 0o077:
        raise ConfigError([f"{file}: others can read the secret key; mend it with: chmod 600 {file}"])
    key = read(file).strip()
    if len(key) < 32:
        raise ConfigError([f"{file}: the secret key has fewer than 32 characters"])
    return key


def make_secret_key(settings: Settings) -> None:
    """Make the key that signs cookies, readable by this user alone. Keeps one that is there."""
    file = settings.security.secret_key_file
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        file.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        return
    file.write_text(secrets.token_hex(32) + "\n", encoding="ascii")
