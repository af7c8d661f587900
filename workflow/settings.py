"""What an organisation may set, with its defaults and its limits.

`config.toml` shows every setting with a comment; a test keeps the two alike.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

import marshmallow as ma
from marshmallow import ValidationError
from marshmallow.validate import Length, OneOf, Range, Regexp

BEAT_EVERY = timedelta(seconds=5)
MISSED_BEATS = 6
"""So many signs of life missed are an outage."""

FILLED = Length(min=1, max=1000, error="must not be empty")


def setting(default: Any, *checks: Any) -> Any:
    """A field of a section: its default, and marshmallow validators for its value."""
    return field(default=default, metadata={"checks": checks})


def known_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(f"there is no time zone {name!r}; write it like Asia/Shanghai")


def known_database(url: str) -> None:
    if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise ValidationError("write sqlite:///FILE or postgresql://USER@HOST/DATABASE")
    if url in ("sqlite:///", "sqlite:///:memory:"):
        raise ValidationError("a database in memory cannot be shared by threads; name a file")


def known_webhook(url: str) -> None:
    try:
        parts = urlsplit(url)
        port_fits = parts.port != 0
    except ValueError:
        raise ValidationError("this is no address") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_fits:
        raise ValidationError("write https://HOST/PATH")
    if parts.username is not None or parts.fragment:
        raise ValidationError("an address here has no user and no #")


def known_secret(secret: str) -> None:
    """As Standard Webhooks writes them: `whsec_` and 24 to 64 bytes in base64."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith("whsec_") or not 24 <= len(key) <= 64:
        raise ValidationError("write whsec_ and 24 to 64 random bytes in base64")


@dataclass(frozen=True, kw_only=True)
class Database:
    url: str = setting("sqlite:///var/baton.db", known_database)
    pool_size: int = setting(10, Range(min=1, max=200))
    lock_timeout: float = setting(5.0, Range(min=0.1, max=600))  # seconds
    statement_timeout: float = setting(30.0, Range(min=0.1, max=3600))  # seconds


@dataclass(frozen=True, kw_only=True)
class Server:
    host: str = setting("127.0.0.1", FILLED)
    port: int = setting(8321, Range(min=0, max=65535))
    threads: int = setting(8, Range(min=1, max=256))
    scheduler: bool = setting(True)
    public_url: str = setting(
        "",
        Regexp(r"(https?://[^/\s]+(/[^\s]*[^/\s])?)?\Z", error="write https://HOST, without a / at the end"),
    )
    secure_cookies: bool = setting(False)
    trusted_proxies: int = setting(0, Range(min=0, max=10))


@dataclass(frozen=True, kw_only=True)
class Scheduler:
    tick: float = setting(1.0, Range(min=0.05, max=3600))  # seconds
    batch: int = setting(100, Range(min=1, max=10_000))

    @property
    def beat(self) -> timedelta:
        """How often a scheduler gives a sign of life."""
        return max(BEAT_EVERY, timedelta(seconds=self.tick))

    @property
    def silence(self) -> timedelta:
        """After so long without one it is not alive, and with no other there is an outage."""
        return self.beat * MISSED_BEATS


@dataclass(frozen=True, kw_only=True)
class Mail:
    """Without a `host` no e-mail is sent."""

    host: str = setting("", Length(max=253))
    port: int = setting(587, Range(min=1, max=65535))
    tls: str = setting("starttls", OneOf(["none", "starttls", "tls"]))
    user: str = setting("", Length(max=1000))
    password: str = setting("", Length(max=1000))
    sender: str = setting("", Regexp(r"([^@\s<>]+@[^@\s<>]+)?\Z", error="write NAME@HOST"))


@dataclass(frozen=True, kw_only=True)
class Delivery:
    tick: float = setting(5.0, Range(min=0.05, max=3600))  # seconds
    gather: float = setting(10.0, Range(min=0, max=3600))  # seconds
    attempts: int = setting(8, Range(min=1, max=100))
    backoff: float = setting(30.0, Range(min=0.01, max=86_400))  # seconds
    timeout: float = setting(10.0, Range(min=0.1, max=300))  # seconds
    digest_hour: int = setting(8, Range(min=0, max=23))
    oldest_days: int = setting(7, Range(min=1, max=10_000))


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """A program that is told. `kinds`: of messages, all when empty; `private`: its address may be of the house."""

    url: str = setting("", known_webhook)
    secret: str = setting("", known_secret)
    kinds: tuple[str, ...] = setting(())
    private: bool = setting(False)


@dataclass(frozen=True, kw_only=True)
class Seal:
    """The log over all histories, and its checkpoints. Without `mail` none is sent."""

    key: Path = setting(Path("var/seal.key"))
    origin: str = setting("", Regexp(r"([^\s+]{1,200})?\Z", error="write it without spaces and +"))
    minutes: int = setting(10, Range(min=1, max=100_000))
    steps: int = setting(10_000, Range(min=1))
    folder: Path = setting(Path("var/checkpoints"))
    mail: str = setting(
        "", Regexp(r"([^@\s,]+@[^@\s,]+(, *[^@\s,]+@[^@\s,]+)*)?\Z", error="write NAME@HOST, NAME@HOST")
    )
    mail_hours: int = setting(24, Range(min=1, max=10_000))
    verify_hour: int = setting(3, Range(min=0, max=23))

    @property
    def addresses(self) -> list[str]:
        return [one.strip() for one in self.mail.split(",") if one.strip()]


@dataclass(frozen=True, kw_only=True)
class Robot:
    """A robot in a group chat. `unit`: the code of whose cases it tells, with those below; "": of all.

    `kinds`: of messages, never empty; `hours`: a calendar in whose windows it speaks, "": at any time.
    """

    service: str = setting("", OneOf(["wecom", "dingtalk", "feishu"]))
    token: str = setting("", Regexp(r"[A-Za-z0-9_-]{1,200}\Z", error="write the key alone, not the whole address"))
    secret: str = setting("", Regexp(r"[A-Za-z0-9]{0,200}\Z", error="write the secret as DingTalk shows it"))
    unit: str = setting("", Length(max=100))
    kinds: tuple[str, ...] = setting(("escalation", "reminder"), Length(min=1, error="name at least one kind"))
    language: str = setting("zh", OneOf(["zh", "en"]))
    hours: str = setting("", Length(max=100))
    digest: bool = setting(False)


@dataclass(frozen=True, kw_only=True)
class Display:
    timezone: str = setting("Asia/Shanghai", known_zone)
    language: str = setting("zh", OneOf(["zh", "en"]))

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


@dataclass(frozen=True, kw_only=True)
class Security:
    secret_key_file: Path = setting(Path("var/secret.key"))
    session_days: int = setting(14, Range(min=1, max=365))
    session_idle_minutes: int = setting(120, Range(min=1, max=100_000))
    sign_in_attempts: int = setting(5, Range(min=1, max=1000))
    sign_in_window_minutes: int = setting(15, Range(min=1, max=1440))


@dataclass(frozen=True, kw_only=True)
class Files:
    max_bytes: int = setting(20_971_520, Range(min=1, max=1_073_741_824))


@dataclass(frozen=True, kw_only=True)
class Tiers:
    """How customers are graded, by 003 §4.2(4) or 002 §8-9. Money in whole CNY a year."""

    scheme: str = setting("score", OneOf(["score", "revenue"]))
    score_full_revenue: int = setting(1_000_000, Range(min=1))
    score_full_share: float = setting(3.0, Range(min=0.001, max=1000))  # per mille of the unit's revenue
    score_diamond: int = setting(90, Range(min=0, max=100))
    score_gold: int = setting(80, Range(min=0, max=100))
    score_silver: int = setting(70, Range(min=0, max=100))
    revenue_diamond: int = setting(1_000_000, Range(min=0))
    revenue_gold: int = setting(500_000, Range(min=0))
    revenue_silver: int = setting(200_000, Range(min=0))


@dataclass(frozen=True, kw_only=True)
class Load:
    """How much a manager carries: by number (003 §3.2), or by what customers spend a month (004 §1.3 C(1))."""

    rule: str = setting("number", OneOf(["number", "spend"]))
    one_from: int = setting(200_000, Range(min=1))  # CNY a month
    two_from: int = setting(100_000, Range(min=1))
    below: int = setting(5, OneOf([3, 5, 10]))


@dataclass(frozen=True, kw_only=True)
class Definitions:
    folder: Path = setting(Path("definitions"))


@dataclass(frozen=True, kw_only=True)
class Log:
    level: str = setting("info", OneOf(["debug", "info", "warning", "error"]))
    format: str = setting("text", OneOf(["text", "json"]))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that can be set. Paths are relative until `config.load` has resolved them."""

    database: Database = Database()
    server: Server = Server()
    scheduler: Scheduler = Scheduler()
    mail: Mail = Mail()
    delivery: Delivery = Delivery()
    webhooks: Mapping[str, Webhook] = field(default_factory=dict, hash=False)
    robots: Mapping[str, Robot] = field(default_factory=dict, hash=False)
    seal: Seal = Seal()
    display: Display = Display()
    security: Security = Security()
    files: Files = Files()
    tiers: Tiers = Tiers()
    load: Load = Load()
    definitions: Definitions = Definitions()
    log: Log = Log()


WEBHOOKS = "webhooks"
ROBOTS = "robots"
NAMED: dict[str, type[Any]] = {WEBHOOKS: Webhook, ROBOTS: Robot}
"""Sections that hold any number of sections, each with a name the organisation gives."""

SECTIONS: dict[str, type[Any]] = {
    section.name: type(section.default) for section in fields(Settings) if section.name not in NAMED
}


class Truth(ma.fields.Boolean):
    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Number(ma.fields.Float):
    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> float:
        if isinstance(value, str):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **kwargs)


class Location(ma.fields.String):
    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not text or "\0" in text:
            raise self.make_error("invalid")
        return Path(text)


class Texts(ma.fields.Field[tuple[str, ...]]):
    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.make_error("invalid")
        return tuple(value)


KINDS: dict[type[Any], tuple[Any, str, dict[str, Any]]] = {
    bool: (Truth, "write true or false", {}),
    int: (ma.fields.Integer, "write a whole number", {"strict": True}),
    float: (Number, "write a number", {"allow_nan": False}),
    str: (ma.fields.String, 'write a text in "quotes"', {}),
    tuple[str, ...]: (Texts, 'write ["texts", "in", "brackets"]', {}),
    Path: (Location, 'write a path in "quotes"', {}),
}


def entries(kind: type[Any]) -> dict[str, tuple[type[Any], tuple[Any, ...]]]:
    """The settings of a section: name → type and validators."""
    types = get_type_hints(kind)
    return {entry.name: (types[entry.name], entry.metadata["checks"]) for entry in fields(kind)}


def schema(kind: type[Any]) -> type[ma.Schema]:
    """The marshmallow schema of a section, made from its fields."""
    made = {}
    for name, (type_, checks) in entries(kind).items():
        shape, wrong, options = KINDS[type_]
        made[name] = shape(validate=list(checks), error_messages={"invalid": wrong}, allow_none=False, **options)
    return ma.Schema.from_dict(made, name=f"{kind.__name__}Schema")
