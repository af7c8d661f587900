"""Who read what, for those who audit."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow.core.step import Actor
from workflow.service.door import Workflow
from workflow.service.reading import Reading
from workflow.service.views.lists import Page
from workflow.service.views.names import CustomerName, PersonName
from workflow.storage.queries.looks import looks
from workflow.storage.queries.paging import by_newest
from workflow.storage.read_tables import reads


@dataclass(frozen=True, slots=True, kw_only=True)
class LookRow:
    """`kind`: what was read, as it is kept; `case` None: no single one. `person` None: the command line."""

    id: int
    at: datetime
    person: PersonName | None
    kind: str
    case: int | None
    number: str | None
    of: str | None
    customer: CustomerName | None
    detail: Mapping[str, Any]


class Looks(Reading):
    """Beside the door: reads only."""

    def __init__(self, door: Workflow) -> None:
        super().__init__(door.database, door.library, clock=door.clock)
        self.directories = door.directories

    def all(
        self,
        reader: Actor,
        *,
        person: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        text: str | None = None,
        unit: int | None = None,
        of: Collection[int] | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[LookRow]:
        """The last first. `text`: in the number, or meaning the customer; `of`: of these alone."""
        with self._read(reader) as (connection, shown):
            return self._paged(
                connection,
                looks(shown.reader, person=person, since=since, until=until, text=text, unit=unit, of=of),
                by_newest(reads.c.id),
                like=(0,),
                key=lambda row: (row.id,),
                shown=lambda rows: [
                    LookRow(
                        id=row.id, at=row.at, person=shown.person(row.person_id), kind=row.kind, case=row.case_id,
                        number=row.number, of=row.of, customer=shown.customer(row), detail=json.loads(row.detail),
                    )
                    for row in rows
                ],
                after=after,
                limit=limit,
            )  # fmt: skip
