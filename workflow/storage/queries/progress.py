"""The cases that one case opened, with their bodies."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from workflow.storage.queries.cases import CASE, CUSTOMER, WITH_CUSTOMER
from workflow.storage.queries.paging import AnyRow
from workflow.storage.queries.reader import Reader, readable
from workflow.storage.tables import cases, links


def parts(connection: Connection, case: int, reader: Reader) -> Sequence[AnyRow]:
    """Those the reader may see, in the order they were opened in (index ix_links of `parent_id`)."""
    query = (
        select(*CASE, cases.c.body, links.c.name.label("link"), *CUSTOMER)
        .select_from(WITH_CUSTOMER.join(links, links.c.child_id == cases.c.id))
        .where(links.c.parent_id == case, readable(reader))
    )
    return connection.execute(query.order_by(cases.c.opened, cases.c.id)).all()
