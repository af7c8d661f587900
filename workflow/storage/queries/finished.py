"""What a person has done, out of the history."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from workflow.storage.queries.cases import CASE, CUSTOMER, WITH_CUSTOMER
from workflow.storage.queries.narrow import Wanted, narrowed
from workflow.storage.queries.paging import Key, after
from workflow.storage.queries.reader import Reader
from workflow.storage.tables import cases, steps

ENDING = ("trigger", "done")
"""The kinds of steps that finish a task."""

ORDER = (steps.c.recorded, steps.c.case_id, steps.c.seq)


def listed(reader: Reader, wanted: Wanted | None) -> Select[Any]:
    """The steps by which the reader finished a task, their own or that of somebody they stood in for."""
    return (
        select(
            steps.c.case_id, steps.c.seq, steps.c.trigger, steps.c.task, steps.c.recorded, steps.c.from_state,
            steps.c.to_state, steps.c.actor_id, steps.c.behalf_id, *CASE, *CUSTOMER,
        )
        .select_from(WITH_CUSTOMER.join(steps, steps.c.case_id == cases.c.id))
        .where(
            steps.c.actor_id == reader.person,
            steps.c.kind.in_(ENDING),
            steps.c.task.is_not(None),
            *narrowed(wanted, reader.directory),
        )
    )  # fmt: skip


def newest(query: Select[Any], key: Key | None, *, limit: int) -> Select[Any]:
    """A page of `listed`, the last one first."""
    return query.where(*after(ORDER, key, descending=True)).order_by(*(one.desc() for one in ORDER)).limit(limit)
