"""How close things stand, as a person likes it. Kept by the browser: on a phone one may want another than at a desk."""

from flask import current_app, request
from werkzeug import Response

COOKIE = "baton_density"
DENSITIES = ("comfortable", "compact")
YEAR = 365 * 86_400


def density() -> str:
    """One of DENSITIES, the first unless another was chosen."""
    chosen = request.cookies.get(COOKIE)
    return chosen if chosen in DENSITIES else DENSITIES[0]


def keep(answer: Response, chosen: str | None) -> None:
    """Let the browser keep a choice; what is none of DENSITIES changes nothing."""
    if chosen in DENSITIES:
        answer.set_cookie(
            COOKIE,
            chosen,
            max_age=YEAR,
            samesite="Lax",
            httponly=True,
            secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        )
