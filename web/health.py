"""For whatever watches the server: whether it answers and reaches its database. Tells nothing else."""

from flask import Blueprint

from web.context import workflow

bp = Blueprint("health", __name__)


@bp.get("/health")
def show() -> dict[str, str]:
    workflow().directory()
    return {"status": "ok"}
