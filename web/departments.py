"""How a line of waiting time by department is called, and where its cases are listed."""

from __future__ import annotations

from collections.abc import Mapping

from flask import url_for
from flask_babel import gettext

from web.filters import NONE
from web.language import title
from workflow.service.waiting import Wait


def whose(one: Wait) -> str:
    """The unit and the role in one line."""
    return f"{title(one.name) if one.name else gettext('board.no_unit')} · {role(one)}"


def role(one: Wait) -> str:
    return gettext(f"role.{one.role}") if one.role else gettext("measures.side.other")


def address(one: Wait, narrowing: Mapping[str, str]) -> str:
    """`narrowing`: what the page is narrowed to."""
    unit = NONE if one.unit is None else one.unit
    return url_for("waiting.behind", of=unit, role=one.role, **narrowing)
