"""The pages of Baton. They know the door, its values and its errors, and nothing behind it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from importlib import import_module
from types import MappingProxyType

from flask import Blueprint, Flask
from flask_babel import Babel
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from web import compression, errors, gate, headers, language, moment, templating
from web.limits import limiter
from workflow import Workflow
from workflow.config import secret_key
from workflow.people.accounts import Accounts
from workflow.settings import Settings

PAGES = (
    "absence", "admin", "audit", "auth", "begun", "board", "bulk", "calendars", "cases", "clocks", "controls",
    "customers", "day", "drafts", "dues", "erasure", "exports", "findings", "groups", "health", "home", "imports",
    "inbox", "lifecycles", "load", "looks", "measures", "merging", "mining", "notices", "offers", "plan_files",
    "plans", "profile", "proofs", "received", "refused", "registering", "replay", "report", "result_books", "results",
    "revenue", "search", "staff", "styleguide", "supervisor", "system", "tasks", "then", "waiting", "wording",
)  # fmt: skip
"""The modules with a blueprint `bp`."""

FORM_BYTES = 2_000_000
FORM_PARTS = 2_000


def create_app(
    workflow: Workflow,
    settings: Settings,
    accounts: Accounts,
    *,
    origins: Mapping[tuple[str, str], str] = MappingProxyType({}),
) -> Flask:
    """The web application over a door that is open.

    `origins`: where settings come from (`config.origins`). Raises `ConfigError` without a good secret key.
    """
    app = Flask(__name__)
    server, security = settings.server, settings.security
    app.config.update(
        SECRET_KEY=secret_key(settings),
        SESSION_COOKIE_NAME="baton_form",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=server.secure_cookies,
        PERMANENT_SESSION_LIFETIME=timedelta(days=security.session_days),
        MAX_CONTENT_LENGTH=settings.files.max_bytes + FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=FORM_BYTES,
        MAX_FORM_PARTS=FORM_PARTS,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        BATON_LANGUAGE=settings.display.language,
        BATON_ZONE=settings.display.zone,
        BATON_SESSION_SECONDS=security.session_days * 86_400,
        BATON_CLOCK=workflow.clock,
    )
    app.extensions["baton"] = workflow
    app.extensions["baton_accounts"] = accounts
    app.extensions["baton_settings"] = settings
    app.extensions["baton_origins"] = origins
    app.extensions["baton_seal"] = settings.seal
    app.jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    moment.install(app, workflow)
    if server.trusted_proxies:
        hops = server.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    Babel(app, locale_selector=language.select, default_translation_directories="translations")
    CSRFProtect(app)
    limiter.init_app(app)
    gate.install(app)
    headers.install(app, https=server.secure_cookies)
    compression.install(app)
    errors.install(app)
    templating.install(app)
    for blueprint in blueprints():
        app.register_blueprint(blueprint)
    return app


def blueprints() -> list[Blueprint]:
    """Of every page; the modules are read here, for they lean on what is above."""
    return [import_module(f"web.{page}").bp for page in PAGES]
