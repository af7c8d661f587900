"""What the pages and the command line ask about controls, as far as a reader may see the cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from workflow.audit.controls import runs
from workflow.core.errors import ControlNotFound
from workflow.core.step import Actor
from workflow.definitions.controls import Control
from workflow.service.door import Workflow
from workflow.service.reading import Reading
from workflow.service.shown import Shown
from workflow.service.views.lists import Page
from workflow.service.views.names import CustomerName, PersonName
from workflow.storage import controls
from workflow.storage.controls import ControlRun

NIGHTS = 60
"""Nights in a trend."""

ASKED = 20

Run = ControlRun
"""One run, as the pages have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionRow:
    """What did not hold: a case or a customer's record, and its step. `detail` says what is particular to it."""

    no: int
    case: int
    kind: str
    number: str
    definition: str
    version: int
    state: str
    customer: CustomerName | None
    seq: int
    at: datetime
    person: PersonName | None
    behalf: PersonName | None
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stood:
    """A control with its last night, None before its first; `before`: the night before that."""

    control: Control
    last: ControlRun | None
    before: ControlRun | None


class ControlDesk(Reading):
    """Beside the door: looks, keeps what it found, and changes nothing else."""

    def __init__(self, door: Workflow) -> None:
        super().__init__(door.database, door.library, clock=door.clock)
        self.directories = door.directories

    def control(self, name: str) -> Control:
        """Raises `ControlNotFound`."""
        found = next((one for one in self.library.controls if one.name == name), None)
        if found is None:
            raise ControlNotFound(control=name)
        return found

    def all(self) -> Sequence[Stood]:
        """Every control with its last nights."""
        with self.database.reading() as connection:
            nights = {one.name: controls.nights(connection, one.name, limit=2) for one in self.library.controls}
        return [_stood(one, nights[one.name]) for one in self.library.controls]

    def nights(self, control: str) -> Sequence[ControlRun]:
        """The trend, oldest first."""
        with self.database.reading() as connection:
            return controls.nights(connection, control, limit=NIGHTS)

    def asked(self, control: str) -> Sequence[ControlRun]:
        """What somebody asked for, newest first."""
        with self.database.reading() as connection:
            return controls.asked(connection, control, limit=ASKED)

    def run(self, control: str, run: int) -> ControlRun:
        """One run of a control. Raises `ControlNotFound`."""
        with self.database.reading() as connection:
            found = controls.one(connection, run)
        if found is None or found.control != control:
            raise ControlNotFound(control=control)
        return found

    def exceptions(
        self, run: int, reader: Actor, *, after: str | None = None, limit: int = 50
    ) -> Page[ExceptionRow]:  # fmt: skip
        """What did not hold in a run, of what the reader may see."""
        with self._read(reader) as (connection, shown):
            return self._paged(
                connection,
                controls.exceptions(run, shown.reader),
                controls.in_order,
                like=(0,),
                key=lambda row: (row.no,),
                shown=lambda rows: [_row(shown, row) for row in rows],
                after=after,
                limit=limit,
            )

    def look(
        self, control: str, *, zone: ZoneInfo, since: datetime | None, until: datetime | None, person: int | None
    ) -> int:
        """Run a control now, for a period; gives the run. Raises `ControlNotFound`."""
        chosen = self.control(control)
        made = runs.at_once(
            self.database, self.library, [chosen], now=self.clock, zone=zone, since=since, until=until, person=person
        )
        return made[control]


def _stood(control: Control, nights: Sequence[ControlRun]) -> Stood:
    return Stood(
        control=control,
        last=nights[-1] if nights else None,
        before=nights[-2] if len(nights) > 1 else None,
    )


def _row(shown: Shown, row: Any) -> ExceptionRow:
    detail = controls.detail(row)
    return ExceptionRow(
        no=row.no,
        case=row.case_id,
        kind=row.kind,
        number=row.number,
        definition=row.definition,
        version=row.version,
        state=row.state,
        customer=shown.customer(row),
        seq=row.seq,
        at=row.at,
        person=shown.person(detail.get("person")),
        behalf=shown.person(detail.get("behalf")),
        detail=detail,
    )
