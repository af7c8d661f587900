"""Stored rows as views: names put in, personal values shown or masked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workflow.core import bidi
from workflow.core.case import Case
from workflow.core.confidence import LEVELS
from workflow.core.definition.expressions import Text
from workflow.core.escalation import Life, lives
from workflow.core.lateness import LATE
from workflow.core.personal import MARK, is_commitment
from workflow.service.case_views import Managers
from workflow.service.views.cases import CaseRow, FileRow, LinkRow
from workflow.service.views.clocks import ClockRow, EscalationRow
from workflow.service.views.customers import CustomerRow
from workflow.service.views.names import CustomerName, Masked, PersonName, UnitName
from workflow.service.views.notices import DeliveryRow, NoticeRow
from workflow.service.views.refusals import IncidentRow, RefusalRow
from workflow.service.views.steps import StepRow
from workflow.service.views.tasks import TaskRow
from workflow.storage.queries import history
from workflow.storage.queries.paging import AnyRow
from workflow.storage.queries.reader import Reader
from workflow.storage.tables import FAR_FUTURE


@dataclass(frozen=True, slots=True)
class Beside:
    """What is shown beside cases, by case id: escalation levels, nearest due moments, who works on them."""

    levels: Mapping[int, int] = field(default_factory=dict)
    nearest: Mapping[int, tuple[datetime, bool, str]] = field(default_factory=dict)
    assignees: Mapping[int, list[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """Makes views for one reader."""

    reader: Reader
    outages: Callable[[], Sequence[tuple[datetime, datetime]]] = tuple
    """When no scheduler was alive; asked only where something was written down late."""

    def person(self, person: int | None) -> PersonName | None:
        found = self.reader.directory.person(person)
        return PersonName(found.id, found.name) if found else None

    def persons(self, persons: Iterable[int]) -> tuple[PersonName, ...]:
        return tuple(name for person in persons if (name := self.person(person)) is not None)

    def unit(self, unit: int | None) -> UnitName | None:
        found = self.reader.directory.unit(unit)
        return UnitName(found.id, found.name, found.kind) if found else None

    def customer(self, row: AnyRow) -> CustomerName | None:
        """The customer of a row with the columns `CUSTOMER`."""
        if row.customer is None:
            return None
        return CustomerName(row.customer, row.customer_number, Text(row.name_zh, row.name_en), row.tier)

    def task(self, row: AnyRow, *, others: Iterable[int] = (), until: datetime | None = None) -> TaskRow:
        return TaskRow(
            case=row.case_id,
            no=row.no,
            number=row.number,
            definition=row.definition,
            version=row.version,
            name=row.name,
            state=row.state,
            phase=row.phase,
            customer=self.customer(row),
            unit=self.unit(row.unit_id),
            role=row.role,
            opened=row.opened,
            due=None if row.due >= FAR_FUTURE else row.due,
            overdue=row.due < self.reader.at,
            level=row.level or 0,
            assignee=self.person(row.assignee_id),
            owner=self.person(row.owner_id),
            behalf=self._behalf(row),
            provisional=bool(row.provisional),
            others=self.persons(person for person in others if person != row.assignee_id),
            until=until,
        )

    def _behalf(self, row: AnyRow) -> PersonName | None:
        """The absent person through whom the reader sees a task."""
        if row.assignee_id is not None:
            return self.person(row.assignee_id) if row.assignee_id in self.reader.others else None
        roles = self.reader.directory.roles_of
        holding = [p for p in self.reader.persons if row.role in roles(p, self.reader.at).get(row.unit_id, frozenset())]
        return self.person(holding[0]) if holding and holding[0] in self.reader.others else None

    def case(self, row: AnyRow, beside: Beside) -> CaseRow:
        due, provisional, clock = beside.nearest.get(row.id, (None, False, None))
        return CaseRow(
            id=row.id,
            kind=row.kind,
            number=row.number,
            definition=row.definition,
            version=row.version,
            state=row.state,
            phase=row.phase,
            marks=tuple(row.marks.split()),
            customer=self.customer(row),
            unit=self.unit(row.case_unit),
            opened=row.opened,
            updated=row.updated,
            closed=row.closed,
            due=due,
            overdue=due is not None and due < self.reader.at,
            provisional=provisional,
            clock=clock,
            level=beside.levels.get(row.id, 0),
            assignees=self.persons(beside.assignees.get(row.id, ())),
        )

    def clock(self, row: AnyRow, case: AnyRow, beside: Beside) -> ClockRow:
        """`row` of clocks, `case` with the columns `CASE` and `CUSTOMER`."""
        return ClockRow(
            case=row.case_id,
            number=case.number,
            definition=case.definition,
            version=case.version,
            state=case.state,
            phase=case.phase,
            name=row.name,
            run=row.run,
            status=row.status,
            started=row.started,
            due=row.due,
            breached=row.breached,
            ended=row.ended,
            overdue=row.status == "running" and row.due < self.reader.at,
            level=beside.levels.get(row.case_id, 0),
            customer=self.customer(case),
            unit=self.unit(case.case_unit),
            assignees=self.persons(beside.assignees.get(row.case_id, ())),
            provisional=bool(row.provisional),
            outage=self._in_outage(row.breached, row.noticed),
        )

    def _in_outage(self, due: datetime | None, noticed: datetime | None) -> bool:
        """Whether something was written down late, and nobody was alive to do it in time."""
        if due is None or noticed is None or noticed - due < LATE:
            return False
        return any(since < noticed and due < until for since, until in self.outages())

    def escalations(
        self, rows: Sequence[AnyRow], case: AnyRow | None, steps: Mapping[int, list[AnyRow]]
    ) -> list[EscalationRow]:
        """Escalations with their lives. `case` None: each row has its own columns of it; `steps` by case."""
        told = {one: lives(history.step(row) for row in steps[one]) for one in {row.case_id for row in rows}}
        return [self.escalation(row, case or row, told[row.case_id].get(row.no), steps[row.case_id]) for row in rows]

    def escalation(self, row: AnyRow, case: AnyRow, life: Life | None, steps: Sequence[AnyRow]) -> EscalationRow:
        reader = self.reader
        acted = None if life is None else next((one for one in steps if one.seq == life.acted), None)
        return EscalationRow(
            case=row.case_id,
            no=row.no,
            number=case.number,
            definition=case.definition,
            version=case.version,
            state=case.state,
            clock=row.clock,
            run=row.run,
            level=row.level,
            role=row.role,
            unit=self.unit(row.unit_id),
            customer=self.customer(case),
            persons=self.persons(reader.directory.holders(row.role, row.unit_id, reader.at)),
            raised=row.raised,
            recorded=row.recorded,
            acknowledged=row.acknowledged,
            acknowledged_by=self.person(row.acknowledged_by),
            ended=row.ended,
            mine=row.ended is None and (row.unit_id, row.role) in reader.queues,
            again=row.again,
            outage=self._in_outage(row.raised, row.recorded),
            told=() if life is None else self.persons(life.told),
            acted=None if acted is None else self.step(acted, None),
            outcome=None if life is None else life.outcome,
        )

    def link(self, row: AnyRow, outcome: str | None) -> LinkRow:
        return LinkRow(
            name=row.name,
            case=row.id,
            number=row.number,
            definition=row.definition,
            version=row.version,
            state=row.state,
            outcome=outcome,
            nominal=row.nominal,
            opened=row.opened,
            readable=bool(row.readable),
            late=bool(row.late),
        )

    def file(self, row: AnyRow) -> FileRow:
        return FileRow(
            id=row.id,
            case=row.case_id,
            name=bidi.shown(row.name),
            type=row.type,
            size=row.size,
            sha256=bytes(row.sha256).hex(),
            added=row.added,
            added_by=self.person(row.added_by),
            erased=bool(row.erased),
        )

    def step(self, row: AnyRow, vault: Mapping[str, str | None] | None) -> StepRow:
        """`vault` None: this reader is shown no personal values."""
        return StepRow(
            case=row.case_id,
            seq=row.seq,
            kind=row.kind,
            trigger=row.trigger,
            actor=self.person(row.actor_id),
            behalf=self.person(row.behalf_id),
            effective=row.effective,
            recorded=row.recorded,
            from_state=row.from_state,
            to_state=row.to_state,
            version=row.version,
            task=row.task,
            form=unveiled(json.loads(row.form), vault),
            ops=tuple(unveiled(json.loads(row.ops), vault)),
            previous=bytes(row.previous).hex(),
            hash=bytes(row.hash).hex(),
            outage=row.actor_id is None and self._in_outage(row.effective, row.recorded),
        )

    def managers(self, row: AnyRow) -> Managers:
        return Managers(a=self.person(row.a_id), b=self.person(row.b_id), lead=row.lead)

    def customer_row(self, row: AnyRow, open_cases: int) -> CustomerRow:
        return CustomerRow(
            id=row.id,
            number=row.number,
            name=Text(row.name_zh, row.name_en),
            tier=row.tier,
            stage=row.stage,
            industry=row.industry,
            division=row.division,
            credit_code=row.credit_code,
            unit=self.unit(row.unit_id),
            a=self.person(row.a_id),
            b=self.person(row.b_id),
            lead=row.lead,
            until=row.until,
            open_cases=open_cases,
            level=LEVELS[row.level],
            classes=tuple(row.classes.split()),
            merged=row.merged_id,
        )

    def notice(self, row: AnyRow) -> NoticeRow:
        return NoticeRow(
            id=row.id,
            case=row.case_id,
            number=row.number,
            definition=row.definition,
            version=row.version,
            kind=row.kind,
            body=json.loads(row.body),
            customer=self.customer(row),
            created=row.created,
            read=row.read,
        )

    def delivery(self, row: AnyRow) -> DeliveryRow:
        return DeliveryRow(
            id=row.id,
            key=row.key,
            channel=row.channel,
            recipient=row.recipient,
            person=self.person(row.person_id),
            messages=tuple(json.loads(row.messages)),
            created=row.created,
            at=row.at,
            outcome=row.outcome,
            detail=row.detail,
        )

    def refusal(self, row: AnyRow) -> RefusalRow:
        return RefusalRow(
            id=row.id,
            at=row.at,
            actor=self.person(row.actor_id),
            behalf=self.person(row.behalf_id),
            case=row.case_id,
            number=row.number,
            definition=row.definition,
            version=row.version,
            code=row.code,
            attempt=row.attempt,
            facts=json.loads(row.facts),
        )

    def incident(self, row: AnyRow) -> IncidentRow:
        return IncidentRow(
            id=row.id,
            case=row.case_id,
            number=row.number,
            timer=row.timer,
            kind=row.kind,
            detail=json.loads(row.detail),
            raised=row.raised,
            last=row.last,
            times=row.times,
            resolved=row.resolved,
            resolved_by=self.person(row.resolved_by),
        )

    def involved(self, case: Case) -> bool:
        """Whether personal values of a case are shown: to those who took part, have or may claim its work, or
        answer for its unit; of a customer's record to its two managers as well. Auditors and other readers see that
        there is a value, not which. Of the organisation's record nobody is shown them: what is in it, pay among it, has
        pages of its own, with readers of their own."""
        if case.kind == "organisation":
            return False
        reader = self.reader
        waiting = {(t.unit, t.role) for t in case.tasks if t.assignee is None}
        waiting |= {(e.unit, e.role) for e in case.escalations}
        held = {t.assignee for t in case.tasks} | set(case.people)
        if case.kind == "customer":
            held |= {case.data.get("a"), case.data.get("b")}
        return bool(
            held & set(reader.persons)
            or waiting & reader.queues
            or (case.unit is not None and case.unit in reader.overseen)
        )


def unveiled(value: Any, vault: Mapping[str, str | None] | None) -> Any:
    """A value with every commitment in it replaced by what it stands for, or by `Masked`."""
    if is_commitment(value):
        if vault is None:
            return Masked("withheld")
        if value[MARK] not in vault:
            return Masked("sealed")
        text = vault[value[MARK]]
        return Masked("erased") if text is None else json.loads(text)
    if isinstance(value, dict):
        return {name: unveiled(part, vault) for name, part in value.items()}
    if isinstance(value, list):
        return [unveiled(part, vault) for part in value]
    return value
