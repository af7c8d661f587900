"""One lifecycle as values: what the file says, checked, typed and compiled.

`workflow.definitions` makes these from YAML; everything else only reads them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, cast

from workflow.core.moments import EPOCH, micros, moment_of

Facts = Mapping[str, Any]
"""What a condition may look at: flat, dotted names (`data.reply`, `customer.tier`)."""


@dataclass(frozen=True, slots=True)
class Text:
    """A title or sentence in both languages."""

    zh: str
    en: str

    def __getitem__(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Condition:
    """A CEL expression with a boolean result.

    `holds` raises `ConditionFault` when the evaluation itself fails. `otherwise` is
    the sentence a person reads when it does not hold. `names`: the facts it looks at.
    """

    source: str
    holds: Callable[[Facts], bool]
    otherwise: Text | None = None
    name: str | None = None
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Expression:
    """A value computed from facts: a constant or a CEL expression (`source` starts with `=`).

    `names`: the facts it looks at. `kind`: what comes out (string, int, double, bool, timestamp, strings,
    rows, list, null, or any when only the evaluation can tell).
    """

    source: str
    value: Callable[[Facts], Any]
    names: frozenset[str] = frozenset()
    kind: str = "any"


FieldType = Literal[
    "line", "text", "number", "money", "percent", "date", "moment", "yesno",
    "choice", "choices", "person", "unit", "file", "rows",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One typed field of a case's data.

    Stored as JSON: `number` int; `money` and `percent` decimal strings with two places;
    `date` `YYYY-MM-DD`; `moment` ISO 8601 in UTC; `choices` list of names; `person`,
    `unit` and `file` integer ids; `rows` list of objects. `minimum`/`maximum` bound a number's value or
    a text's length. `sums` (rows only): column → what the column must add up to. `exact` (moments only): shown
    to the microsecond. `known` (texts only): what of the customer's file a person finds filled in already: its parts,
    and as `callback.result` what its cases say in a field.
    """

    name: str
    type: FieldType
    title: Text
    required: bool = False
    default: Any = None
    of: Mapping[str, Text] = field(default_factory=dict)
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    personal: bool = False
    help: Text | None = None
    columns: tuple[Field, ...] = ()
    sums: Mapping[str, Decimal] = field(default_factory=dict)
    role: str | None = None
    exact: bool = False
    known: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FormField:
    """A field asked for in a form; written `reply!` in a file when it must be filled."""

    name: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class RoleExpr:
    """Who: holders of `role` at what `of` leads to.

    `of` is `unit`, `unit.parent` (any number of `.parent`), `unit.province|city|county`
    (the nearest of that kind, upwards), a way to a unit and `.below` (whoever holds the role there or in
    any unit under it), `customer.unit`, `customer.maintainer`,
    `customer.developer`, `customer.a`, `customer.b`, `case.opener`, `did.<trigger>`,
    or `data.<field>` of type person or unit.
    """

    name: str
    role: str
    of: str
    title: Text | None = None


TargetUnit = Literal["m", "h", "d", "w", "mo", "wm", "wh", "wd", "on", "at"]


@dataclass(frozen=True, slots=True)
class Target:
    """A length of time: `30m 48h 2d 1w 2mo`, in working time `30wm 4wh 3wd`.

    A plain unit is counted in the calendar of its clock (natural unless named);
    `wm`, `wh`, `wd` always in the working calendar. `end_of_day` (`3wd eod`): due when
    the last working window of that day closes. `on` ends with a date (`amount` is its ordinal), `at` with a
    moment (`amount` are its microseconds), however long that is.
    """

    amount: int
    unit: TargetUnit
    end_of_day: bool = False

    def __str__(self) -> str:
        if self.unit == "at":
            return f"at {moment_of(self.amount).isoformat()}"
        written = f"on {date.fromordinal(self.amount)}" if self.unit == "on" else f"{self.amount}{self.unit}"
        return written + (" eod" if self.end_of_day else "")


def target_from(text: str) -> Target:
    """The target that is written so (`str` of it). Raises ValueError."""
    word, _, rest = text.strip().partition(" ")
    if word == "at":
        return Target(micros(datetime.fromisoformat(rest)), "at")
    if word == "on":
        return Target(date.fromisoformat(rest.removesuffix(" eod")).toordinal(), "on", rest.endswith(" eod"))
    found = re.fullmatch(r"(\d{1,6})(wm|wh|wd|mo|m|h|d|w)( eod)?", text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a length of time like 48h, 3wd or 2mo")
    amount, unit, end = found.groups()
    return Target(int(amount), cast(TargetUnit, unit), end is not None)


@dataclass(frozen=True, slots=True)
class TargetTable:
    """A target chosen by a fact: `{by: customer.tier, diamond: 1mo, …}`; `None`: does not apply."""

    by: str
    values: Mapping[str, Target]
    otherwise: Target | None = None

    def pick(self, facts: Facts) -> Target | None:
        return self.values.get(str(facts.get(self.by, "")), self.otherwise)


@dataclass(frozen=True, slots=True)
class TargetDate:
    """A length that ends with a date or moment of the case: `{until: data.ends}`, `{on: data.ends, less: 30d}`.

    `until` ends with the last working window of the day, `on` with its beginning; a moment is meant to the second.
    `less`: so many days before. `yearly`: the next return of the day, today included; 29 February returns on
    the 28th. While the field is empty, the rule does not apply.
    """

    by: str
    end_of_day: bool
    less: int = 0
    yearly: bool = False

    def pick(self, facts: Facts) -> Target | None:
        value = facts.get(self.by)
        if isinstance(value, datetime):
            return None if value == EPOCH else Target(micros(value - timedelta(days=self.less)), "at")
        if not value:
            return None
        day = date.fromisoformat(str(value))
        if self.yearly:
            day = _next_return(day, since=facts["now"].date())
        return Target((day - timedelta(days=self.less)).toordinal(), "on", self.end_of_day)


def _next_return(day: date, *, since: date) -> date:
    """The first time from a date on that the day of the year comes back."""
    returns = (_in_year(day, year) for year in (since.year, since.year + 1))
    return next(one for one in returns if one >= since)


def _in_year(day: date, year: int) -> date:
    return date(year, 2, 28) if (day.month, day.day) == (2, 29) else day.replace(year=year)


AnyTarget = Target | TargetTable | TargetDate


@dataclass(frozen=True, slots=True)
class Set:
    values: Mapping[str, Expression]


@dataclass(frozen=True, slots=True)
class Notify:
    """An in-house message to everyone the roles lead to."""

    roles: tuple[str, ...]
    text: Text | None


@dataclass(frozen=True, slots=True)
class Tell:
    """A message to somebody outside: `customer`, or the reporter named in a data field."""

    whom: str
    text: Text | None


@dataclass(frozen=True, slots=True)
class Open:
    """Open a linked case with data computed here. `unit`: where, an `of` expression.

    `each`: one case for each row of this field, or for each person this role leads to; `data` then sees
    `row.<column>` or `row.person`. `about`: the number of the customer it is about, where that is not this
    case's own; it is opened in that customer's unit. `form`: whoever pulls the trigger fills in its start form, in
    which this stands beforehand; it is opened where they work, about a customer they choose if this case has none.
    """

    link: str
    data: Mapping[str, Expression]
    unit: str | None = None
    each: str | None = None
    about: Expression | None = None
    form: Mapping[str, Expression] | None = None


@dataclass(frozen=True, slots=True)
class Start:
    schedule: str


@dataclass(frozen=True, slots=True)
class Stop:
    schedule: str


@dataclass(frozen=True, slots=True)
class Extend:
    """Move a clock's due moment: by the days in `days`, at most `at_most` percent of its target."""

    clock: str
    days: Expression
    at_most: Decimal


@dataclass(frozen=True, slots=True)
class ChangeCustomer:
    """Set fields of the customer's record, in the same transaction: a, b, lead, unit, stage, until …"""

    values: Mapping[str, Expression]


@dataclass(frozen=True, slots=True)
class Move:
    """The case itself goes to another unit, so that its people see it: `of` leads there, as for a role."""

    of: str


@dataclass(frozen=True, slots=True)
class SplitRows:
    """Share the customer's revenue from this month on as a field says: rows, one column a unit, one its percent."""

    field: str
    unit: str
    percent: str


@dataclass(frozen=True, slots=True)
class SplitYears:
    """Give a unit and a person so many percent in each year from this month on, the last one for good.

    `unit` leads to a unit, `person` to a person, as for a role; None: whoever leads for that unit then.
    """

    years: tuple[Expression, ...]
    unit: str
    person: str | None


@dataclass(frozen=True, slots=True)
class Pause:
    """Let a clock stand still, whatever state the case goes to, until it is resumed."""

    clock: str


@dataclass(frozen=True, slots=True)
class Resume:
    """Let a clock that was paused go on."""

    clock: str


@dataclass(frozen=True, slots=True)
class Signal:
    """Pull a trigger in every other open case of the customer of that definition, where it may be pulled then."""

    trigger: str
    definition: str


@dataclass(frozen=True, slots=True)
class Propose:
    """Fill fields in as the first row of a table of proposals that holds says."""

    proposal: str


Effect = (
    Set | Notify | Tell | Open | Start | Stop | Extend | ChangeCustomer | Move | SplitRows | SplitYears
    | Pause | Resume | Signal | Propose
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TaskRule:
    """Work that opens on entering a state.

    It is finished by one of `triggers`, or, where `done` is given, by `done` with that
    form; a `done` moves nothing by itself (`tasks.open == 0` may then move the case).
    """

    name: str
    title: Text
    role: str
    triggers: tuple[str, ...]
    within: AnyTarget | None = None
    calendar: str = "natural"
    done: tuple[FormField, ...] | None = None
    when: Condition | None = None
    source: str | None = None
    about: Text | None = None


@dataclass(frozen=True, slots=True)
class TimerRule:
    """Something that happens by itself, `after` entering the state: a reminder or a trigger."""

    name: str
    after: AnyTarget
    calendar: str = "natural"
    trigger: str | None = None
    remind: tuple[str, ...] = ()
    text: Text | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    name: str
    title: Text
    phase: str
    tasks: tuple[TaskRule, ...] = ()
    timers: tuple[TimerRule, ...] = ()
    waits_for: tuple[str, ...] = ()
    final: bool = False
    source: str | None = None
    offered_to: tuple[str, ...] = ()
    """Roles of many units whose holders find the case in the list of what is offered, and may open it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A trigger of some lifecycle that people pull, and, for what they wrote in its form, the field."""

    definition: str
    trigger: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of people's work in a period, from the histories of all cases.

    `count`: how often the triggers were pulled (`where`: with these answers); `share`: that in percent of the customers
    they led at its end; `average`: the mean of it over the colleagues; `lines`: what was written there, one line
    each; `open`: the customers' cases that were not over; `left`: how many; `customers`: how many they led at its end;
    `revenue`: what the customers brought in the last month that is known, against the month before.
    """

    kind: Literal["count", "share", "average", "lines", "open", "left", "customers", "revenue"]
    asked: tuple[Asked, ...]
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """What the system fills in: figures of the work of `of`, from the day `since` to the end of the day `until`.

    All of them name fields. `role`: who the colleagues are, a role of the definition; `of` None: figures of them all.
    """

    of: str | None
    since: str
    until: str
    role: str
    values: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Transition:
    """An allowed move. `target` None: the case stays where it is, its tasks and timers untouched.

    `by`: role expressions; empty means only the system (timers, linked cases, `auto`). `limits`: names of those
    that must leave room for it.
    `auto`: moves by itself as soon as its conditions hold after any step. `not_by`: triggers whose
    last actor may not do this one (four eyes). `draft`: what the system fills in when a timer pulls it.
    """

    trigger: str
    title: Text
    sources: tuple[str, ...]
    target: str | None
    by: tuple[str, ...] = ()
    form: tuple[FormField, ...] = ()
    when: tuple[Condition, ...] = ()
    not_by: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    auto: bool = False
    source: str | None = None
    about: Text | None = None
    limits: tuple[str, ...] = ()
    draft: Draft | None = None


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder: at a percentage of the target, or at an offset from due.

    Exactly one of `remind`, `escalate`, `trigger`, `assign` is set. `of` overrides where
    the role of `escalate` is looked for (`unit.parent`). `again`: an escalation nobody has acknowledged
    for so long is raised again.
    """

    percent: Decimal | None = None
    offset: Target | None = None
    before: bool = False
    remind: tuple[str, ...] = ()
    escalate: str | None = None
    of: str | None = None
    level: int = 0
    trigger: str | None = None
    assign: str | None = None
    text: Text | None = None
    again: Target | None = None


@dataclass(frozen=True, slots=True)
class Pausable:
    """Who may let a clock stand still, whether a reason is asked for, and for how long at most in one run."""

    by: tuple[str, ...]
    reason: bool = True
    most: Target | None = None


@dataclass(frozen=True, slots=True)
class ClockRule:
    """A stopwatch bound to states.

    Starts on entering a state of `runs_in`, from that moment or from `since` (a data field of type moment,
    or `case.opened`). In `pauses_in` it stands still. Entering a state of `met_on` meets it; entering any
    other state stops it without a verdict. Started again after it was met or stopped, it is a new run.
    `breach_at` is always the due moment, whether or not the ladder names 100 %.
    """

    name: str
    title: Text
    runs_in: tuple[str, ...]
    met_on: tuple[str, ...]
    target: AnyTarget
    pauses_in: tuple[str, ...] = ()
    calendar: str = "natural"
    since: str | None = None
    once: bool = False
    ladder: tuple[Rung, ...] = ()
    pausable: Pausable | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class LinkRule:
    """A kind of linked case. `on_closed`: its final state → the trigger it pulls here (`*` for any)."""

    name: str
    definition: str
    title: Text
    on_closed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecurringRule:
    """Work that comes back: while in these states, every so long, a linked case opens.

    Nominal dates count from the day the schedule starts (`anchor: entry`), from the Monday of its week
    (`anchor: week`) or from the first day of its month (`anchor: month`). `shift`: where a nominal date on a
    day off goes (before, after, none). `each`: as in `Open`.
    """

    name: str
    title: Text
    states: tuple[str, ...]
    every: AnyTarget
    link: str
    data: Mapping[str, Expression] = field(default_factory=dict)
    each: str | None = None
    anchor: Literal["entry", "week", "month"] = "entry"
    shift: Literal["before", "after", "none"] = "none"
    automatic: bool = True
    calendar: str = "working"
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """How much there may be of something, counted in the decision, or how long one waits for it.

    `most`: of a receiver (`of` leads to a person or a unit, or is `actor`), at once while their cases are in `states`,
    or begun in the same day or month (`per`), whatever became of them. `wait`: so long since the moment `since`
    (a data field, or `case.opened`); with `among` only for a receiver that one of these ways leads to.
    `customers`: the customers a person leads count too, and all such limits of a definition count together.
    `when`: nothing is counted or taken where it does not hold. `otherwise` may say {most}, {count}, {until}
    and {who}.
    """

    name: str
    title: Text
    otherwise: Text
    of: str | None = None
    most: int = 0
    states: tuple[str, ...] = ()
    per: Literal["day", "month"] | None = None
    wait: Target | None = None
    since: str | None = None
    among: tuple[str, ...] = ()
    customers: bool = False
    when: Condition | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """One line of a table of proposals: when it holds, what it fills in (`units`: ways), and because of what."""

    name: str
    when: Condition | None
    values: Mapping[str, Expression]
    units: Mapping[str, str]
    because: Text
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the system proposes: the first row that holds, whose name goes into the field `into`."""

    name: str
    title: Text
    into: str
    rows: tuple[ProposalRow, ...]
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Sealed:
    """Fields nobody can read while the case is in one of these states; only the rules look at them."""

    fields: frozenset[str]
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Birthdays:
    """A case is opened for each contact of a kept customer whose birthday is at most so many `days` away: `day` and
    `whom` are the fields that are told it, `values` what else it is opened with."""

    day: str
    whom: str
    days: int
    values: Mapping[str, Any]
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """One version of one lifecycle. `text` is the file as read, `hash` its SHA-256 in hex.

    `hears`: triggers that other cases may pull here by a signal. `open_when`, `open_limits`: what must hold, and leave
    room, for one to be opened; `by_hand_when`: where a person opens it; `reads_file`: only who may read the customer's
    file does, also where cases are marked `outside`. `named_by`: the field whose value is shown for the name of a case.
    """

    name: str
    version: int
    title: Text
    about: Text | None
    prefix: str
    fields: Mapping[str, Field]
    roles: Mapping[str, RoleExpr]
    phases: Mapping[str, Text]
    initial: str
    states: Mapping[str, State]
    transitions: tuple[Transition, ...]
    start_form: tuple[FormField, ...]
    opened_by: tuple[str, ...]
    clocks: Mapping[str, ClockRule]
    links: Mapping[str, LinkRule]
    recurring: Mapping[str, RecurringRule]
    marks: Mapping[str, Condition]
    text: str
    hash: str
    opening: tuple[Effect, ...] = ()
    subject: Literal["customer", "none"] = "customer"
    hears: tuple[str, ...] = ()
    limits: Mapping[str, Limit] = field(default_factory=dict)
    proposals: Mapping[str, Proposal] = field(default_factory=dict)
    sealed: Sealed | None = None
    open_when: tuple[Condition, ...] = ()
    open_limits: tuple[str, ...] = ()
    by_hand_when: tuple[Condition, ...] = ()
    reads_file: bool = False
    named_by: str | None = None
    birthdays: Birthdays | None = None
    personal: frozenset[str] = field(init=False, repr=False, compare=False)
    """The fields the file says are personal."""
    picks_lengths: bool = field(init=False, repr=False, compare=False)
    """Whether a clock, a task or a timer takes its length from a table or a date."""
    _moves: Mapping[tuple[str, str], tuple[Transition, ...]] = field(init=False, repr=False, compare=False)
    _by_itself: Mapping[str, tuple[Transition, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        moves: dict[tuple[str, str], tuple[Transition, ...]] = {}
        by_itself: dict[str, tuple[Transition, ...]] = {}
        for way in self.transitions:
            for state in dict.fromkeys(way.sources):
                moves[state, way.trigger] = (*moves.get((state, way.trigger), ()), way)
                if way.auto:
                    by_itself[state] = (*by_itself.get(state, ()), way)
        object.__setattr__(self, "personal", frozenset(f.name for f in self.fields.values() if f.personal))
        lengths = [clock.target for clock in self.clocks.values()]
        for one in self.states.values():
            lengths += [task.within for task in one.tasks if task.within is not None]
            lengths += [timer.after for timer in one.timers]
        object.__setattr__(self, "picks_lengths", any(not isinstance(length, Target) for length in lengths))
        object.__setattr__(self, "_moves", moves)
        object.__setattr__(self, "_by_itself", by_itself)

    def moves(self, state: str, trigger: str) -> tuple[Transition, ...]:
        """The transitions a trigger may take from a state, in file order."""
        return self._moves.get((state, trigger), ())

    def moves_by_itself(self, state: str) -> tuple[Transition, ...]:
        """The transitions a case takes from a state as soon as their conditions hold, in file order."""
        return self._by_itself.get(state, ())
