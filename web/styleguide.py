"""The design on one page, for those who build on it: every part, in the theme and density chosen."""

from datetime import timedelta

from flask import Blueprint, render_template

from web import cases, colours, picture
from web.context import person
from web.language import current, now

bp = Blueprint("styleguide", __name__, url_prefix="/styleguide")

ROLES = ("accent", "danger", "warn", "good", "info")
TYPE = (1, 2, 3, 4, 5)
GAPS = (1, 2, 3, 4, 5, 6)
BARS = (4, 9, 6, 12, 7, 10)


@bp.get("/")
def show() -> str:
    rules = min(cases.lifecycles(), key=lambda one: len(one.states))
    return render_template(
        "styleguide/show.html",
        roles_=ROLES,
        sizes=TYPE,
        gaps=GAPS,
        contrasts=colours.contrasts(),
        readable=colours.READABLE,
        dues=[now() - timedelta(hours=5), now() + timedelta(hours=5), now() + timedelta(days=9)],
        somebody=person(),
        diagram=picture.way(rules, current=rules.initial, visited=[], language=current()),
        bars=BARS,
        token=token,
    )


def token(kind: str, number: int) -> str:
    """What a length is called in `tokens.css`."""
    return f"--{kind}-{number}"
