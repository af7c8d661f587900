"""Every table, what it is for, and which index serves which question.

Moments are whole microseconds since 1970 in UTC, in a `BIGINT`: exact, compared and hashed alike on
both databases. JSON is text, written once and never re-serialised, because the chain hashes its bytes.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from workflow.storage import (  # noqa: F401 - their tables are among the collection's
    control_tables,
    development_tables,
    group_tables,
    lateness_tables,
    log_tables,
    read_tables,
    registry_tables,
    revenue_tables,
    stint_tables,
    verdict_tables,
    verifying_tables,
    wording_tables,
    workplace_tables,
)
from workflow.storage.columns import Id, Moment, Small, YesNo, metadata

FAR_FUTURE = datetime(9999, 12, 31, tzinfo=UTC)
"""The `due` of a task without a limit, so that lists sort it last."""

cases = Table(
    "cases",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("definition", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("customer_id", Id),
    Column("unit_id", Id),
    Column("parent_id", Id),
    Column("state", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("marks", Text, nullable=False),
    Column("opened", Moment, nullable=False),
    Column("updated", Moment, nullable=False),
    Column("closed", Moment),
    Column("seq", Integer, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("number"),
    CheckConstraint("kind in ('case', 'customer', 'organisation')", name="kind"),
    Index("ix_cases_customer", "customer_id", "kind", "closed", "definition"),
    Index("ix_cases_unit", "unit_id", "kind", "closed", "updated"),
    Index("ix_cases_updated", "kind", "updated", "id"),
    Index("ix_cases_definition", "definition", "state", "updated"),
    comment="One row a case: the whole folded value in `body`. Locked first by every writer.",
)

steps = Table(
    "steps",
    metadata,
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("actor_id", Id),
    Column("behalf_id", Id),
    Column("effective", Moment, nullable=False),
    Column("recorded", Moment, nullable=False),
    Column("from_state", Text, nullable=False),
    Column("to_state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("task", Integer),
    Column("form", Text, nullable=False),
    Column("ops", Text, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    UniqueConstraint("case_id", "previous"),
    Index("ix_steps_actor", "actor_id", "recorded"),
    Index("ix_steps_moves", "case_id", "seq", "effective", "from_state", "to_state",
          sqlite_where=text("from_state <> to_state OR seq = 1"),
          postgresql_where=text("from_state <> to_state OR seq = 1")),
    comment="The history. Rows are only ever inserted; the primary key is also the last lock.",
)  # fmt: skip

vault = Table(
    "vault",
    metadata,
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True),
    Column("commitment", Text, primary_key=True),
    Column("salt", LargeBinary, nullable=False),
    Column("value", Text),
    Column("erased", Moment),
    Column("sealed", YesNo, nullable=False, server_default=text("false"), comment="nobody may read it yet"),
    comment="Personal values beside the history, which holds only their salted commitments.",
)

tasks = Table(
    "tasks",
    metadata,
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True),
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("definition", Text, nullable=False),
    Column("unit_id", Id),
    Column("role", Text, nullable=False),
    Column("assignee_id", Id),
    Column("owner_id", Id),
    Column("opened", Moment, nullable=False),
    Column("due", Moment, nullable=False, comment="the task's own, else its clocks', else the far future"),
    Column("provisional", YesNo, nullable=False, server_default=text("false")),
    Column("customer_id", Id),
    Index("ix_tasks_inbox", "assignee_id", "due", "case_id", "no"),
    Index("ix_tasks_queue", "unit_id", "role", "due", "case_id", "no",
          sqlite_where=text("assignee_id IS NULL"), postgresql_where=text("assignee_id IS NULL")),
    Index("ix_tasks_owner", "owner_id", "due", sqlite_where=text("owner_id IS NOT NULL"),
          postgresql_where=text("owner_id IS NOT NULL")),
    Index("ix_tasks_customer", "customer_id"),
    comment="Open tasks only.",
)  # fmt: skip

timers = Table(
    "timers",
    metadata,
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True),
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("due", Moment, nullable=False),
    Column("attempts", Small, nullable=False, server_default="0"),
    Column("retry", Moment, nullable=False, comment="when to try: the due moment, later after a failure"),
    Index("ix_timers_sweep", "retry", "due", "case_id", "no"),
    comment="Pending timers only; the sweep reads them by `retry`, then by `due`.",
)

clocks = Table(
    "clocks",
    metadata,
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("run", Integer, primary_key=True, autoincrement=False),
    Column("status", Text, nullable=False),
    Column("unit_id", Id),
    Column("started", Moment, nullable=False),
    Column("due", Moment, nullable=False),
    Column("breached", Moment),
    Column("noticed", Moment, comment="when the breach was written down"),
    Column("ended", Moment),
    Column("provisional", YesNo, nullable=False, server_default=text("false")),
    Index("ix_clocks_open", "status", "due", "case_id", "name", "run"),
    Index("ix_clocks_ended", "status", "ended"),
    Index("ix_clocks_named", "name", "status", "due", "case_id"),
    Index("ix_clocks_unit", "unit_id", "status", "due"),
    Index("ix_clocks_breached", "breached", sqlite_where=text("breached IS NOT NULL"),
          postgresql_where=text("breached IS NOT NULL")),
    comment="Every run of every clock, for overdue lists and figures.",
)  # fmt: skip

escalations = Table(
    "escalations",
    metadata,
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True),
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("clock", Text, nullable=False),
    Column("run", Integer, nullable=False),
    Column("level", Small, nullable=False),
    Column("role", Text, nullable=False),
    Column("unit_id", Id),
    Column("raised", Moment, nullable=False),
    Column("recorded", Moment, nullable=False),
    Column("acknowledged", Moment),
    Column("acknowledged_by", Id),
    Column("again", Small, nullable=False, server_default="0"),
    Column("ended", Moment),
    Index("ix_escalations_unit", "unit_id", "role", "ended", "raised"),
    Index("ix_escalations_open", "ended", "level", "raised"),
    comment="Every breach handed upwards, ended ones too.",
)

links = Table(
    "links",
    metadata,
    Column("parent_id", Id, ForeignKey("cases.id"), primary_key=True),
    Column("child_id", Id, ForeignKey("cases.id"), primary_key=True),
    Column("name", Text, nullable=False),
    Column("nominal", Text),
    Column("late", YesNo, nullable=False, server_default=text("false")),
    UniqueConstraint("parent_id", "name", "nominal"),
    Index("ix_links_child", "child_id"),
    comment="Which case opened which. (parent, link, nominal date) is unique: recurring work opens once.",
)

participants = Table(
    "participants",
    metadata,
    Column("person_id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True),
    comment="Who took part in a case and may therefore read it.",
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("n", Small, nullable=False),
    Column("person_id", Id),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created", Moment, nullable=False),
    Column("read", Moment),
    Column("state", Text, nullable=False, server_default="waiting"),
    UniqueConstraint("case_id", "seq", "n"),
    CheckConstraint("state in ('waiting', 'routed', 'skipped')", name="state"),
    Index("ix_outbox_person", "person_id", "read", "created"),
    Index("ix_outbox_waiting", "id", sqlite_where=text("state = 'waiting'"),
          postgresql_where=text("state = 'waiting'")),
    comment="Messages decided on, in the transaction of their step. (case, seq, n) is the stable key.",
)  # fmt: skip

dispatches = Table(
    "dispatches",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("outbox_id", Id, ForeignKey("outbox.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("target", Text, nullable=False, comment="the id of a person, or the name of a webhook"),
    Column("case_id", Id, nullable=False),
    Column("created", Moment, nullable=False),
    Column("due", Moment, nullable=False, comment="when to try: later by a digest, quiet hours or a failure"),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("attempts", Small, nullable=False, server_default="0"),
    Column("bundle", Id, comment="the first of those that were put into one message: the same ones a second time"),
    Column("lease", Moment, comment="until when somebody is sending it"),
    Column("leased_by", Text),
    Column("incident_id", Id),
    UniqueConstraint("outbox_id", "channel", "target"),
    CheckConstraint("state in ('waiting', 'given_up')", name="state"),
    Index("ix_dispatches_due", "channel", "state", "due"),
    Index("ix_dispatches_target", "channel", "target", "case_id", "outbox_id"),
    Index("ix_dispatches_incident", "incident_id"),
    comment="What is still to be sent, once for each message and channel. Sent ones are gone from here.",
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("key", Text, nullable=False, comment="the Message-ID, or the webhook-id"),
    Column("channel", Text, nullable=False),
    Column("recipient", Text, nullable=False, comment="an address, or the name of a webhook"),
    Column("person_id", Id),
    Column("messages", Text, nullable=False, comment="the ids of the outbox it was made of, as JSON"),
    Column("created", Moment, nullable=False, comment="when the oldest of them was decided on"),
    Column("at", Moment, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("detail", Text, nullable=False),
    CheckConstraint("outcome in ('sent', 'failed', 'given_up', 'dropped')", name="outcome"),
    Index("ix_deliveries_at", "at"),
    Index("ix_deliveries_person", "person_id", "at"),
    comment="Every try to send a message, and what became of it. Rows are only ever inserted.",
)

refusals = Table(
    "refusals",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("actor_id", Id),
    Column("behalf_id", Id),
    Column("case_id", Id),
    Column("code", Text, nullable=False),
    Column("attempt", Text, nullable=False, comment="what was tried: the door's method, then the trigger"),
    Column("facts", Text, nullable=False),
    Index("ix_refusals_case", "case_id", "at"),
    Index("ix_refusals_actor", "actor_id", "at"),
    Index("ix_refusals_at", "at"),
    comment="What the rules said no to. Rows are only ever inserted.",
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("key", Text, primary_key=True),
    Column("payload", LargeBinary, nullable=False),
    Column("case_id", Id),
    Column("seq", Integer),
    Column("at", Moment, nullable=False),
    Index("ix_idempotency_at", "at"),
    comment="Inserted first: the same key and payload returns the stored answer.",
)

files = Table(
    "files",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("content", LargeBinary),
    Column("added", Moment, nullable=False),
    Column("added_by", Id),
    Index("ix_files_case", "case_id"),
    comment="Attachments; their hash is in the history.",
)

definitions = Table(
    "definitions",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("hash", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("stored", Moment, nullable=False),
    comment="Every version ever used, with its text: a case can always be replayed.",
)

calendars = Table(
    "calendars",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False, comment="the calendar with its days off written out, as JSON"),
    Column("stored", Moment, nullable=False),
    comment="Every version of every calendar, so that a due time can always be explained.",
)

recounts = Table(
    "recounts",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("customer_id", Id, comment="whose cases; None: all"),
    Column("position", Id, nullable=False, comment="the last case looked at"),
    Column("at", Moment, nullable=False),
    comment="Due times to be computed again after a change; a row goes when the last case was looked at.",
)

units = Table(
    "units",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("parent_id", Id, ForeignKey("units.id")),
    Column("division", Text),
    Column("calendar", Text, comment="its own working calendar; None: that of the unit above"),
    Column("active", YesNo, nullable=False, server_default=text("true")),
    comment="The tree: province, city, county, branch; and specialist bureaus (bureau).",
)

persons = Table(
    "persons",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("login", Text, nullable=False, unique=True),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("email", Text),
    Column("phone", Text),
    Column("language", Text),
    Column("theme", Text),
    Column("mail", Text, comment="e-mail: immediate, digest or none; None: immediate"),
    Column("mail_hours", Text, comment="the calendar in whose windows e-mail may come; None: at any time"),
    Column("active", YesNo, nullable=False, server_default=text("true")),
)

memberships = Table(
    "memberships",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("person_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("unit_id", Id, ForeignKey("units.id"), nullable=False),
    Column("role", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment),
    Index("ix_memberships_person", "person_id"),
    Index("ix_memberships_unit", "unit_id", "role"),
    comment="Who holds which role in which unit, from when to when.",
)

substitutions = Table(
    "substitutions",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("absent_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("substitute_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Index("ix_substitutions_substitute", "substitute_id", "until"),
)

credentials = Table(
    "credentials",
    metadata,
    Column("person_id", Id, ForeignKey("persons.id"), primary_key=True),
    Column("password", Text, nullable=False),
    Column("changed", Moment, nullable=False),
    Column("must_change", YesNo, nullable=False, server_default=text("false")),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token", LargeBinary, primary_key=True, comment="SHA-256 of the cookie's token"),
    Column("person_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("created", Moment, nullable=False),
    Column("seen", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("revoked", Moment),
    Column("agent", Text, nullable=False),
    Column("address", Text, nullable=False),
    Index("ix_sessions_person", "person_id", "expires"),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("login", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("succeeded", YesNo, nullable=False),
    Index("ix_sign_ins_login", "login", "at"),
    Index("ix_sign_ins_address", "address", "at"),
    comment="Every try to sign in, for throttling and for the auditor.",
)

customers = Table(
    "customers",
    metadata,
    Column("id", Id, ForeignKey("cases.id"), primary_key=True, autoincrement=False),
    Column("number", Text, nullable=False, unique=True),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("key", Text, nullable=False, comment="the normalised name, for duplicates"),
    Column("pinyin", Text, nullable=False, comment="initials and full pinyin, for search"),
    Column("credit_code", Text),
    Column("division", Text, nullable=False),
    Column("industry", Text, nullable=False),
    Column("tier", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("unit_id", Id),
    Column("a_id", Id),
    Column("b_id", Id),
    Column("lead", Text, nullable=False),
    Column("until", Moment),
    Column("level", Small, nullable=False, server_default="0", comment="confidentiality: the place in LEVELS"),
    Column("classes", Text, nullable=False, server_default="", comment="trade:specialist nature:policy …"),
    Column("merged_id", Id, comment="the customer it was found to be; None: it stands for itself"),
    Index("ix_customers_key", "key"),
    Index("ix_customers_credit_code", "credit_code"),
    Index("ix_customers_unit", "unit_id", "tier"),
    Index("ix_customers_a", "a_id"),
    Index("ix_customers_b", "b_id"),
    Index("ix_customers_division", "division"),
    Index("ix_customers_merged", "merged_id"),
    comment="An index over the customers' own records, which are cases of kind `customer` with the same id.",
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("case_id", Id),
    Column("timer", Integer),
    Column("kind", Text, nullable=False),
    Column("subject", Text, comment="what it is about where that is no case: a channel, or a recipient in one"),
    Column("detail", Text, nullable=False),
    Column("raised", Moment, nullable=False),
    Column("last", Moment, nullable=False),
    Column("times", Integer, nullable=False, server_default="1"),
    Column("resolved", Moment),
    Column("resolved_by", Id),
    Index("ix_incidents_open", "resolved", "raised"),
    Index("ix_incidents_case", "case_id", "timer"),
    comment="What the system could not do and a person must look at.",
)

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("scheduler", Text, primary_key=True),
    Column("started", Moment, nullable=False),
    Column("last", Moment, nullable=False),
)

outages = Table(
    "outages",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    comment="When no scheduler was alive, so that its lateness is told apart from people's.",
)

imports = Table(
    "imports",
    metadata,
    Column("source", Text, primary_key=True, comment="which import: the mapping's name and the file's hash"),
    Column("reference", Text, primary_key=True, comment="the old system's number of a case, or of an event"),
    Column("case_id", Id),
    Column("position", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    comment="How far an import has come: it goes on where it stopped and never does a row twice.",
)

facts = Table(
    "facts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Integer, nullable=False),
    comment="Counters: `directory` rises with every change to units, persons, roles and substitutions.",
)

for table in metadata.tables.values():
    table.dialect_options["sqlite"]["strict"] = True
