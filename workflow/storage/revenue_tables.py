"""Revenue by customer, product and month; files that bring such things in; months that were looked at."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Identity, Index, Integer, LargeBinary, Table, Text, text

from workflow.storage.columns import Id, Moment, metadata

STANDING = text("until IS NULL")

uploads = Table(
    "uploads",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("kind", Text, nullable=False, comment="revenue …"),
    Column("name", Text, nullable=False, comment="of the file"),
    Column("content", LargeBinary, nullable=False, comment="the file as it came"),
    Column("person_id", Id, ForeignKey("persons.id"), comment="who brought it; None: the command line"),
    Column("state", Text, nullable=False),
    Column("created", Moment, nullable=False),
    Column("moved", Moment, nullable=False, comment="when its state or position changed last"),
    Column("rows", Integer, nullable=False),
    Column("position", Integer, nullable=False, comment="how many portions are applied"),
    Column("whole", Integer, nullable=False, comment="how many portions there are"),
    Column("report", Text, nullable=False, comment="what the check found, as JSON"),
    CheckConstraint("state in ('checked', 'applying', 'applied', 'undoing', 'undone')", name="state"),
    Index("ix_uploads_kind", "kind", "id"),
    comment="Files that bring something in: checked first, applied in portions, and taken back whole.",
)

upload_steps = Table(
    "upload_steps",
    metadata,
    Column("upload_id", Id, ForeignKey("uploads.id"), primary_key=True),
    Column("case_id", Id, primary_key=True, autoincrement=False),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("undone", Integer, comment="the step that took it back; None: it holds"),
    comment="Which steps a file made.",
)

revenue = Table(
    "revenue",
    metadata,
    Column("customer_id", Id, primary_key=True, autoincrement=False),
    Column("month", Text, primary_key=True, comment="as 2026-03"),
    Column("product", Text, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False, comment="the step of the record that says so"),
    Column("cents", Id, comment="None: the figure was taken back"),
    Column("since", Moment, nullable=False),
    Column("until", Moment, comment="None: it stands"),
    Index(
        "uq_revenue_standing",
        "customer_id",
        "month",
        "product",
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    ),
    Index("ix_revenue_month", "month"),
    comment="Revenue by customer, month and product, with what was said of it before: derived from the records.",
)

alerts = Table(
    "alerts",
    metadata,
    Column("customer_id", Id, primary_key=True, autoincrement=False),
    Column("month", Text, primary_key=True, comment="as 2026-03; of a quarter, 2026-Q1"),
    Column("case_id", Id, nullable=False, comment="the case it opened"),
    Column("at", Moment, nullable=False),
    comment="Movements of revenue that a case was opened about, each customer and month or quarter once.",
)
