"""The settings in force: each with its value and where it comes from. What is secret is not shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from flask import Blueprint, current_app, render_template
from flask_babel import gettext

from workflow.config import FROM_FILE
from workflow.settings import NAMED, Settings

bp = Blueprint("system", __name__, url_prefix="/organisation/settings")

PASSWORD = re.compile(r"(?<=://)([^/@:]*):[^@]*@")
QUERY = re.compile(r"\?.*", re.DOTALL)
SHOWN_IN_PART = {"url"}


@dataclass(frozen=True, slots=True)
class Setting:
    """`origin`: a line of the file, a variable of the environment, or empty for a default."""

    name: str
    value: str
    origin: str
    usual: bool


@bp.get("/")
def show() -> str:
    settings: Settings = current_app.extensions["baton_settings"]
    return render_template("lifecycles/settings.html", sections=list(sections(settings)))


def sections(settings: Settings) -> Iterator[tuple[str, list[Setting]]]:
    for one in fields(settings):
        held = getattr(settings, one.name)
        if one.name in NAMED:
            for name, section in sorted(held.items()):
                yield f"{one.name}.{name}", list(entries(one.name, f"{one.name}.{name}", section))
        else:
            yield one.name, list(entries(one.name, one.name, held))


def entries(group: str, section: str, held: Any) -> Iterator[Setting]:
    origins = current_app.extensions["baton_origins"]
    for one in fields(held):
        value, origin = getattr(held, one.name), origins.get((section, one.name), "")
        yield Setting(one.name, shown(group, one.name, value), origin, not origin)


def shown(group: str, name: str, value: Any) -> str:
    """A value as text; of what may hold a password, not that part."""
    if name in SHOWN_IN_PART:
        return QUERY.sub("?…", PASSWORD.sub(r"\1:…@", str(value)))
    if (group, name) in FROM_FILE:
        return gettext("settings.secret") if value else gettext("settings.unset")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(str(one) for one in value) or "—"
    return str(value) if value != "" else "—"
