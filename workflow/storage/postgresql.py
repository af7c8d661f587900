"""PostgreSQL: what every connection is told."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import URL


def engine(url: URL, *, lock_timeout: float, statement_timeout: float, pool: dict[str, Any]) -> Engine:
    """An engine whose connections give up waiting (seconds) rather than hang, and whose own settings may be
    overruled by `options` in the address."""
    settings = {
        "lock_timeout": int(lock_timeout * 1000),
        "statement_timeout": int(statement_timeout * 1000),
        "idle_in_transaction_session_timeout": int(statement_timeout * 2000),
    }
    options = [f"-c {name}={value}" for name, value in settings.items()]
    given = url.query.get("options", "")
    options += [given] if isinstance(given, str) else list(given)
    return create_engine(
        url.difference_update_query(["options"]),
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        connect_args={
            "options": " ".join(options).strip(),
            "application_name": str(url.query.get("application_name", "baton")),
            "connect_timeout": 10,
        },
        **pool,
    )
