"""Owner stints and revenue splits, each with its beginning and end."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_STEPS = (
    "SELECT s.case_id, s.seq, s.trigger, s.actor_id, s.behalf_id, s.effective, s.ops FROM steps s"
    " JOIN cases c ON c.id = s.case_id WHERE c.kind = 'customer' ORDER BY s.case_id, s.seq"
)
_BEGIN = (
    "INSERT INTO stints (customer_id, role, seq, person_id, unit_id, begun, trigger, case_id, actor_id, behalf_id)"
    " VALUES (:customer_id, :role, :seq, :person_id, :unit_id, :begun, :trigger, :case_id, :actor_id, :behalf_id)"
)
_END = (
    "UPDATE stints SET ended = :begun, ended_seq = :seq"
    " WHERE customer_id = :customer_id AND role = :role AND ended IS NULL"
)


def upgrade() -> None:
    op.create_table(
        "stints",
        sa.Column("customer_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("role", sa.Text(), nullable=False, comment="lead: the one owner; a, b"),
        sa.Column(
            "seq", sa.Integer(), autoincrement=False, nullable=False, comment="the step of the record it began with"
        ),
        sa.Column("person_id", WHOLE, comment="None: only the unit is answerable"),
        sa.Column("unit_id", WHOLE),
        sa.Column("begun", WHOLE, nullable=False),
        sa.Column("ended", WHOLE, comment="None: it goes on"),
        sa.Column("ended_seq", sa.Integer()),
        sa.Column("trigger", sa.Text(), nullable=False, comment="what it began with"),
        sa.Column("case_id", WHOLE, comment="the case that brought it about; None: the record itself was changed"),
        sa.Column("actor_id", WHOLE, comment="None: the system"),
        sa.Column("behalf_id", WHOLE),
        sa.CheckConstraint("ended IS NULL OR ended >= begun", name=op.f("ck_stints_ended")),
        sa.CheckConstraint("role in ('lead', 'a', 'b')", name=op.f("ck_stints_role")),
        sa.PrimaryKeyConstraint("customer_id", "role", "seq", name=op.f("pk_stints")),
        comment="Who had a customer, in which role, from when to when; of each role one goes on at most.",
        sqlite_strict=True,
    )
    op.create_index("ix_stints_person", "stints", ["person_id", "role"])
    op.create_index("ix_stints_unit", "stints", ["unit_id", "role"])
    op.create_index(
        "uq_stints_running",
        "stints",
        ["customer_id", "role"],
        unique=True,
        sqlite_where=sa.text("ended IS NULL"),
        postgresql_where=sa.text("ended IS NULL"),
    )
    op.create_table(
        "splits",
        sa.Column("customer_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column(
            "seq", sa.Integer(), autoincrement=False, nullable=False, comment="the step of the record that fixed it"
        ),
        sa.Column("month", sa.Text(), nullable=False, comment="holds from this month on, as 2026-03"),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("unit_id", WHOLE, comment="None: whoever keeps the customer then"),
        sa.Column("person_id", WHOLE, comment="None: whoever leads for the unit then"),
        sa.Column(
            "share",
            sa.Integer(),
            nullable=False,
            comment="in hundredths of a percent; those of a seq and month sum to 10000",
        ),
        sa.Column("fixed", WHOLE, nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("case_id", WHOLE, comment="the case that fixed it"),
        sa.CheckConstraint("share BETWEEN 0 AND 10000", name=op.f("ck_splits_share")),
        sa.PrimaryKeyConstraint("customer_id", "seq", "month", "place", name=op.f("pk_splits")),
        comment="How a customer's revenue is shared from a month on. What a later step fixed goes before.",
        sqlite_strict=True,
    )
    op.create_index("ix_splits_unit", "splits", ["unit_id"])
    _fill(op.get_bind())


def _fill(connection: sa.Connection) -> None:
    """Stints of the customers there are already, by their histories. Nobody's revenue was shared before."""
    customer = 0
    record: dict[str, Any] = {}
    held: dict[str, tuple[int | None, int | None]] = {}
    for step in connection.execute(sa.text(_STEPS)).all():
        if step.case_id != customer:
            customer, record, held = step.case_id, {}, {}
        cause = None
        for name, body in json.loads(step.ops):
            if name == "set":
                record = {**record, **body}
            elif name == "record":
                cause = body.get("cause")
        now = _holders(record)
        for role in sorted(held.keys() | now.keys()):
            if held.get(role) == now.get(role):
                continue
            values = {"customer_id": customer, "role": role, "seq": step.seq, "begun": step.effective}
            if role in held:
                connection.execute(sa.text(_END), values)
            if role in now:
                values |= {"person_id": now[role][0], "unit_id": now[role][1], "trigger": step.trigger}
                values |= {"case_id": cause[0] if cause else None}
                values |= {"actor_id": step.actor_id, "behalf_id": step.behalf_id}
                connection.execute(sa.text(_BEGIN), values)
        held = now


def _holders(record: dict[str, Any]) -> dict[str, tuple[int | None, int | None]]:
    a, b, unit = record.get("a"), record.get("b"), record.get("unit")
    first, second = (b, a) if record.get("lead") == "b" else (a, b)
    found = {"lead": (second if first is None else first, unit)}
    return found | {role: (person, unit) for role, person in (("a", a), ("b", b)) if person is not None}


def downgrade() -> None:
    raise NotImplementedError("A database is never taken back: restore a backup.")
