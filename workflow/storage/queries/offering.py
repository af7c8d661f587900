"""Which cases are on offer to whom: the condition alone, that other queries lean on."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select

from workflow.storage.development_tables import offers
from workflow.storage.queries.reader import Reader, in_queues, kept, readable
from workflow.storage.tables import cases


def offered(reader: Reader) -> ColumnElement[bool]:
    """The condition on `cases` for what is offered to the reader: by a role held there or in a unit below."""
    above = frozenset((over, role) for unit, role in reader.queues for over in reader.directory.above(unit))
    return kept("offers", above, lambda: _offered(above))


def _offered(above: frozenset[tuple[int, str]]) -> ColumnElement[bool]:
    return cases.c.id.in_(select(offers.c.case_id).where(in_queues(offers.c.unit_id, offers.c.role, above)))


def may_open(reader: Reader) -> ColumnElement[bool]:
    """The condition on `cases` for what the reader may see, one after another: theirs, and what is on offer."""
    return or_(readable(reader), offered(reader))
