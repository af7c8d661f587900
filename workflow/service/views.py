"""What the door shows: frozen rows and pages, made for one reader.

Names of persons, units and customers come with the row, in both languages. Titles of definitions, states,
tasks, clocks and fields are looked up by the caller in the definition of that `definition` and `version`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from workflow.core.case import Case, is_id
from workflow.core.definition.expressions import Text
from workflow.core.definition.fields import Field
from workflow.core.errors import Refused
from workflow.core.forms import UNFIT
from workflow.core.step import Op

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list. `next`: the cursor to pass as `after`, None on the last page.

    `count`: how many rows the whole list has, counted up to a thousand; `exact` False: it has more.
    """

    rows: tuple[Row, ...]
    next: str | None
    count: int
    exact: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list is narrowed to; None and False narrow nothing.

    `unit`: this unit and those below. `text`: part of a customer's name, pinyin or number, or of a case's
    number. `closed`: None both, True only closed, False only open. `person`: whose task it is. `task`: the name
    of a task. `clock`: which clock `due_before` and `overdue` speak of, where a list is one of cases.
    """

    definition: str | None = None
    state: str | None = None
    phase: str | None = None
    mark: str | None = None
    unit: int | None = None
    tier: str | None = None
    customer: int | None = None
    person: int | None = None
    task: str | None = None
    clock: str | None = None
    due_before: datetime | None = None
    overdue: bool = False
    closed: bool | None = None
    text: str | None = None

    def __post_init__(self) -> None:
        """What comes from an address may be anything: what nothing is called finds nothing."""
        for name in ("unit", "customer", "person"):
            value = getattr(self, name)
            if value is not None and not is_id(value):
                object.__setattr__(self, name, 0)
        for name in ("definition", "state", "phase", "mark", "tier", "task", "clock"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, UNFIT.sub("\N{REPLACEMENT CHARACTER}", value))


@dataclass(frozen=True, slots=True)
class Masked:
    """A value that is not shown: `withheld` from this reader, `erased` for everyone, or `sealed` as yet."""

    reason: Literal["withheld", "erased", "sealed"]


@dataclass(frozen=True, slots=True)
class PersonName:
    id: int
    name: Text


@dataclass(frozen=True, slots=True)
class UnitName:
    id: int
    name: Text
    kind: str


@dataclass(frozen=True, slots=True)
class CustomerName:
    id: int
    number: str
    name: Text
    tier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """An open task in an inbox, a queue or a case. In a queue `assignee` is None; `unit` and `role` say whose it is.

    `due` None: no limit. `level`: of the case's highest open escalation, 0 for none. `owner`: who delegated
    it and gets it back. `behalf`: the absent person whose task it is, when it is shown to the substitute.
    `provisional`: `due` may change when the days off of its year are announced. `others`: who else has work on
    the case. `until`: when the reader wants to see it again, None when it is not put off.
    """

    case: int
    no: int
    number: str
    definition: str
    version: int
    name: str
    state: str
    phase: str
    customer: CustomerName | None
    unit: UnitName | None
    role: str
    opened: datetime
    due: datetime | None
    overdue: bool
    level: int
    assignee: PersonName | None
    owner: PersonName | None
    behalf: PersonName | None
    provisional: bool = False
    others: tuple[PersonName, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """`due`: the nearest due moment of its running clocks, None without; `clock`: which of them.

    `assignees`: who has its tasks. `called`: what its lifecycle lets a field say for its name.
    """

    id: int
    kind: str
    number: str
    definition: str
    version: int
    state: str
    phase: str
    marks: tuple[str, ...]
    customer: CustomerName | None
    unit: UnitName | None
    opened: datetime
    updated: datetime
    closed: datetime | None
    due: datetime | None
    overdue: bool
    level: int
    assignees: tuple[PersonName, ...]
    provisional: bool = False
    clock: str | None = None
    called: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRow:
    """One run of a clock. `overdue`: open and past due now; `breached`: the due moment that once passed.

    `provisional`: `due` may change when the days off of its year are announced. `outage`: the breach was noticed
    late because no scheduler was alive.
    """

    case: int
    number: str
    definition: str
    version: int
    state: str
    phase: str
    name: str
    run: int
    status: str
    started: datetime
    due: datetime
    breached: datetime | None
    ended: datetime | None
    overdue: bool
    level: int
    customer: CustomerName | None
    unit: UnitName | None
    assignees: tuple[PersonName, ...]
    provisional: bool = False
    outage: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationRow:
    """A breach handed upwards. `persons`: to whom; `mine`: the reader may acknowledge it.

    `again`: how often it was raised before; `outage`: it was raised late because no scheduler was alive.
    `told`: to whom it was said; `acted`: what a person did first after it was acknowledged; `outcome`: how it ended,
    `met`, `withdrawn` or raised `again`, None while it is open.
    """

    case: int
    no: int
    number: str
    definition: str
    version: int
    state: str
    clock: str
    run: int
    level: int
    role: str
    unit: UnitName | None
    customer: CustomerName | None
    persons: tuple[PersonName, ...]
    raised: datetime
    recorded: datetime
    acknowledged: datetime | None
    acknowledged_by: PersonName | None
    ended: datetime | None
    mine: bool
    again: int = 0
    outage: bool = False
    told: tuple[PersonName, ...] = ()
    acted: StepRow | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """A case this one opened, or the one that opened it. `outcome`: its final state, None while open.

    `readable`: whether the reader may open it. `late`: it was opened on a later day than it should have been.
    """

    name: str
    case: int
    number: str
    definition: str
    version: int
    state: str
    outcome: str | None
    nominal: str | None
    opened: datetime
    readable: bool
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """An attachment; `size` in bytes, `sha256` in hex. `erased`: its content is gone."""

    id: int
    case: int
    name: str
    type: str
    size: int
    sha256: str
    added: datetime
    added_by: PersonName | None
    erased: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    """An attachment with its content; None when it was erased."""

    row: FileRow
    content: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """One entry of the history; `actor` None: the system.

    `form` and `ops` are parsed; personal values in them are shown, or `Masked`. The hashes are hex. `outage`: it
    was recorded late because no scheduler was alive.
    """

    case: int
    seq: int
    kind: str
    trigger: str
    actor: PersonName | None
    behalf: PersonName | None
    effective: datetime
    recorded: datetime
    from_state: str
    to_state: str
    version: int
    task: int | None
    form: Mapping[str, Any]
    ops: tuple[Op, ...]
    previous: str
    hash: str
    outage: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """A case for one reader.

    `data` has personal values shown or `Masked`; `case` is the folded value, in which they are commitments.
    `involved`: personal values are shown to this reader.
    """

    row: CaseRow
    case: Case
    data: Mapping[str, Any]
    tasks: tuple[TaskRow, ...]
    clocks: tuple[ClockRow, ...]
    escalations: tuple[EscalationRow, ...]
    links: tuple[LinkRow, ...]
    parent: LinkRow | None
    files: tuple[FileRow, ...]
    people: tuple[PersonName, ...]
    opener: PersonName | None
    involved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionField:
    """A field an action asks for; `value` is what the case holds now."""

    field: Field
    required: bool
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What would follow on one way of an action. `target`: the state, None when the case stays in `before`'s.

    `ops`: the facts of all its steps. `open`: names of tasks whose receiver the form has still to say.
    """

    before: Case
    target: str | None
    ops: tuple[Op, ...]
    open: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A form as it stands, judged and not sent: `faults` by field as in `FormInvalid`; `against`: what else it would
    be refused for; `ways`: what would follow."""

    faults: Mapping[str, Any]
    against: Refused | None
    ways: tuple[Foreseen, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something the reader may do now. `task`: the task it finishes, None without one.

    `kind` `trigger`: pull it; `done`: finish this one of several tasks. `targets`: the states it may lead to,
    empty when the case stays. `against`: why it would be refused as things are, None if it would not.
    `ways`: what would follow, where a task was asked for. `begins`: the lifecycle of the case that is begun with it by
    filling in its start form, None for none.
    """

    kind: Literal["trigger", "done"]
    trigger: str
    title: Text
    about: Text | None
    task: int | None
    fields: tuple[ActionField, ...]
    targets: tuple[str, ...]
    source: str | None = None
    against: Refused | None = None
    ways: tuple[Foreseen, ...] = ()
    begins: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """One task with the case around it and what can be done.

    `mine`: it is the reader's, or of one the reader stands in for; `claimable`: it is in a queue of theirs.
    """

    row: TaskRow
    case: CaseView
    actions: tuple[Action, ...]
    mine: bool
    claimable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRow:
    """`a`, `b`: the two managers; `lead`: who of them leads. `until`: the exclusive window's end, or None.

    `level`: confidentiality; `classes`: as `nature:policy`; `merged`: the customer it was found to be, or None.
    """

    id: int
    number: str
    name: Text
    tier: str
    stage: str
    industry: str
    division: str
    credit_code: str | None
    unit: UnitName | None
    a: PersonName | None
    b: PersonName | None
    lead: str
    until: datetime | None
    open_cases: int
    level: str = "internal"
    classes: tuple[str, ...] = ()
    merged: int | None = None

    @property
    def leader(self) -> PersonName | None:
        """B once it leads maintenance, else A, and where there is none of them, the other (002 §11(1))."""
        first, second = (self.b, self.a) if self.lead == "b" else (self.a, self.b)
        return second if first is None else first


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerView:
    """A customer: `case` is the record's own case (kind `customer`), `cases` those about it, newest first."""

    row: CustomerRow
    case: CaseView
    cases: tuple[CaseRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """A message to the reader. `body` is parsed; `read` None: not yet."""

    id: int
    case: int
    number: str
    definition: str
    version: int
    kind: str
    body: Mapping[str, Any]
    customer: CustomerName | None
    created: datetime
    read: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """A try to send a message. `recipient`: an address, or the name of a webhook, which has no `person`.

    `messages`: the notices it was made of; `created`: when the oldest of them was decided on.
    """

    id: int
    key: str
    channel: str
    recipient: str
    person: PersonName | None
    messages: tuple[int, ...]
    created: datetime
    at: datetime
    outcome: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalRow:
    """Something the rules said no to. `code` and `facts` make the sentence.

    `definition` and `version`: of the case it was about, None where it was about none.
    """

    id: int
    at: datetime
    actor: PersonName | None
    behalf: PersonName | None
    case: int | None
    number: str | None
    definition: str | None
    version: int | None
    code: str
    attempt: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRow:
    """Something the system could not do. `times`: how often by now; `resolved` None: still open."""

    id: int
    case: int | None
    number: str | None
    timer: int | None
    kind: str
    detail: Mapping[str, Any]
    raised: datetime
    last: datetime
    times: int
    resolved: datetime | None
    resolved_by: PersonName | None
