"""The shape of a lifecycle file: which keys stand where, and what kind of value each has."""

from __future__ import annotations

from typing import get_args

from workflow.core.definition.fields import FieldType
from workflow.definitions.effect_shapes import Effect
from workflow.definitions.fields import (
    Amount,
    AnyLength,
    Anything,
    At,
    Condition,
    Conditions,
    Flag,
    Form,
    Length,
    Line,
    Many,
    Name,
    Named,
    Pattern,
    Title,
    Ways,
    Whole,
    Word,
    Words,
)
from workflow.definitions.known import Parts
from workflow.definitions.shape import EACH, MAX_SENTENCE, OF, Nest, Shape, sentence, source, titled

FIELD_TYPES: tuple[str, ...] = get_args(FieldType)


class FieldShape(Shape):
    type = Word(*FIELD_TYPES, what="type", required=True)
    title = titled()
    required = Flag(load_default=False)
    default = Anything(load_default=None, allow_none=True)
    of = Named(titled())
    minimum = Amount(data_key="min")
    maximum = Amount(data_key="max")
    personal = Flag(load_default=False)
    help = sentence()
    sums = Named(Amount())
    role = Name()
    exact = Flag(load_default=False)
    known = Parts(load_default=())


class RowsShape(FieldShape):
    columns = Named(Nest(FieldShape))


class RoleShape(Shape):
    role = Name(required=True)
    of = Pattern(OF, says="write a way like unit.parent, customer.maintainer or data.department", required=True)
    title = Title()


class TaskShape(Shape):
    title = titled()
    role = Name(required=True)
    triggers = Words(load_default=())
    done = Form()
    within = AnyLength()
    calendar = Name(load_default="natural")
    when = Condition()
    source = source()
    about = sentence()


class TimerShape(Shape):
    name = Name(required=True)
    after = AnyLength(required=True)
    calendar = Name(load_default="natural")
    trigger = Name()
    remind = Words(load_default=())
    text = sentence()
    source = source()


class StateShape(Shape):
    title = titled()
    phase = Name(required=True)
    tasks = Named(Nest(TaskShape), load_default=dict)
    timers = Many(Nest(TimerShape), load_default=list)
    waits_for = Words(load_default=())
    final = Flag(load_default=False)
    offered_to = Words(load_default=())
    source = source()


class LimitShape(Shape):
    title = titled()
    of = Pattern(OF, says="write actor, or a way like data.manager or data.unit")
    most = Whole(least=1, most=1_000_000)
    while_ = Words(data_key="while", load_default=())
    per = Word("day", "month", what="period")
    wait = Length()
    since = Pattern(OF, says="write case.opened or data.<field>")
    among = Ways(load_default=())
    customers = Flag(load_default=False)
    when = Condition()
    zh = Line(required=True, maximum=MAX_SENTENCE)
    en = Line(required=True, maximum=MAX_SENTENCE)
    source = source()


class ProposalRowShape(Shape):
    name = Name(required=True)
    when = Condition()
    set = Named(Anything(), load_default=dict)
    units = Named(Pattern(OF, says="write a way like unit.city or data.unit"), load_default=dict)
    because = Title(maximum=MAX_SENTENCE, required=True)
    source = source()


class ProposalShape(Shape):
    title = titled()
    into = Name(required=True)
    rows = Many(Nest(ProposalRowShape), required=True)
    source = source()


class SealedShape(Shape):
    fields_ = Words(data_key="fields", required=True)
    in_ = Words(data_key="in", required=True)


class ConditionShape(Shape):
    if_ = Condition(data_key="if", required=True)
    zh = Line(required=True, maximum=MAX_SENTENCE)
    en = Line(required=True, maximum=MAX_SENTENCE)


class FigureShape(Shape):
    count = Many(Pattern(OF, says="write visit.held: a lifecycle and one of its triggers"))
    average = Many(Pattern(OF, says="write visit.held: a lifecycle and one of its triggers"))
    share = Many(Pattern(OF, says="write account.sign: a lifecycle and one of its triggers"))
    lines = Many(Pattern(OF, says="write visit.held.notes: a lifecycle, a trigger and a field of its form"))
    open = Many(Name())
    left = Many(Name())
    customers = Word("led", what="word")
    revenue = Word("movement", what="word")
    where = Named(Line(), load_default=dict)


class DraftShape(Shape):
    of = Name()
    since = Name(required=True)
    until = Name(required=True)
    role = Name(required=True)
    values = Named(Nest(FigureShape), required=True)


class TransitionShape(Shape):
    trigger = Name(required=True)
    title = titled()
    from_ = Words(data_key="from", required=True)
    to = Name()
    by = Words(load_default=())
    form = Form(load_default=())
    when = Conditions(load_default=())
    not_by = Words(load_default=())
    effects = Many(Effect(), load_default=list)
    limits = Words(load_default=())
    auto = Flag(load_default=False)
    draft = Nest(DraftShape)
    source = source()
    about = sentence()


class RungShape(Shape):
    at = At(required=True)
    remind = Words(load_default=())
    escalate = Name()
    of = Pattern(OF, says="write a way like unit.parent")
    level = Whole(least=1, most=9)
    trigger = Name()
    assign = Name()
    text = sentence()
    again = Length()


class PausableShape(Shape):
    by = Words(required=True)
    reason = Word("required", "optional", what="word", load_default="required")
    most = Length()


class ClockShape(Shape):
    title = titled()
    source = source()
    runs_in = Words(required=True)
    pauses_in = Words(load_default=())
    met_on = Words(required=True)
    since = Pattern(OF, says="write case.opened or data.<field>")
    target = AnyLength(required=True)
    calendar = Name(load_default="natural")
    once = Flag(load_default=False)
    pausable = Nest(PausableShape)
    ladder = Many(Nest(RungShape), load_default=list)


class LinkShape(Shape):
    definition = Name(required=True)
    title = titled()
    on_closed = Named(Name(), wild=True, load_default=dict)


class RecurringShape(Shape):
    title = titled()
    while_ = Words(data_key="while", required=True)
    every = AnyLength(required=True)
    anchor = Word("entry", "week", "month", what="anchor", load_default="entry")
    shift = Word("before", "after", "none", what="shift", load_default="none")
    opens = Name(required=True)
    with_ = Named(Anything(allow_none=True), data_key="with", load_default=dict)
    each = Pattern(EACH, says="write data.<field of rows>, or the name of a role")
    automatic = Flag(load_default=True)
    calendar = Name(load_default="working")
    source = source()


class BirthdaysShape(Shape):
    day = Name(required=True)
    whom = Name(required=True)
    days = Whole(least=1, most=90, required=True)
    with_ = Named(Anything(), data_key="with", load_default=dict)
    source = source()


class DefinitionShape(Shape):
    definition = Name(required=True)
    version = Whole(least=1, most=999_999, required=True)
    title = titled()
    about = sentence()
    subject = Word("customer", "none", what="subject", load_default="customer")
    prefix = Pattern("[A-Z]{2,4}", says="two to four capital letters", required=True)
    opened_by = Words(load_default=())
    start = Form(load_default=())
    opening = Many(Effect(), load_default=list)
    open_when = Conditions(load_default=())
    open_limits = Words(load_default=())
    by_hand_when = Conditions(load_default=())
    reads_file = Flag(load_default=False)
    opened_in = Word("customer", "opener", what="place", load_default="customer")
    named_by = Name()
    birthdays = Nest(BirthdaysShape)
    data = Named(Nest(RowsShape), load_default=dict)
    phases = Named(titled(), required=True)
    roles = Named(Nest(RoleShape), load_default=dict)
    initial = Name(required=True)
    states = Named(Nest(StateShape), required=True)
    conditions = Named(Nest(ConditionShape), load_default=dict)
    transitions = Many(Nest(TransitionShape), required=True)
    clocks = Named(Nest(ClockShape), load_default=dict)
    links = Named(Nest(LinkShape), load_default=dict)
    recurring = Named(Nest(RecurringShape), load_default=dict)
    marks = Named(Condition(), load_default=dict)
    hears = Words(load_default=())
    limits = Named(Nest(LimitShape), load_default=dict)
    proposals = Named(Nest(ProposalShape), load_default=dict)
    sealed = Nest(SealedShape)
