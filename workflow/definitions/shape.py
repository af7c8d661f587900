"""The shape of a lifecycle file: which keys stand where, and what kind of value each has."""

from __future__ import annotations

from typing import Any, get_args

from marshmallow import EXCLUDE, Schema, ValidationError, missing, validates_schema

from workflow.core.definition import FieldType
from workflow.definitions.faults import NEEDS_QUOTES, Path, unknown, unknown_key
from workflow.definitions.fields import (
    Amount,
    AnyLength,
    Anything,
    At,
    Base,
    Condition,
    Conditions,
    Flag,
    Form,
    Line,
    Many,
    Name,
    Named,
    Pattern,
    Percent,
    Title,
    Whole,
    Word,
    Words,
)  # fmt: skip
from workflow.definitions.source import Source

FIELD_TYPES: tuple[str, ...] = get_args(FieldType)
MAX_SENTENCE = 1_000
OF = r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*"


class Shape(Schema):
    """A mapping with known keys; an unknown one is named together with the nearest known."""

    class Meta:
        unknown = EXCLUDE

    error_messages = {"type": "must be a mapping"}  # noqa: RUF012

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _no_other_keys(self, _data: Any, original: Any, **_kwargs: Any) -> None:
        if not isinstance(original, dict):
            return
        known = {field.data_key or name for name, field in self.load_fields.items()}
        wrong = {key: [unknown_key("key", key, value, known)] for key, value in original.items() if key not in known}
        if wrong:
            raise ValidationError(wrong)


class Nest(Base[dict[str, Any]]):
    """A mapping of one shape inside another."""

    def __init__(self, shape: type[Shape], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shape = shape()

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        try:
            loaded: dict[str, Any] = self.shape.load(value)
        except ValidationError as error:
            raise ValidationError(error.messages, valid_data=self._mended(error.valid_data)) from None
        return loaded

    def _mended(self, loaded: Any) -> dict[str, Any] | None:
        """What is left of a mapping with faults, good enough to look for more; None when its core is missing."""
        if not isinstance(loaded, dict):
            return None
        for name, field in self.shape.load_fields.items():
            if name in loaded:
                continue
            if field.required:
                return None
            if field.load_default is not missing:
                loaded[name] = field.load_default() if callable(field.load_default) else field.load_default
        return loaded


def titled() -> Title:
    return Title(required=True)


def sentence() -> Title:
    return Title(maximum=MAX_SENTENCE)


def source() -> Line:
    return Line(maximum=200)


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
    source = source()


class ConditionShape(Shape):
    if_ = Condition(data_key="if", required=True)
    zh = Line(required=True, maximum=MAX_SENTENCE)
    en = Line(required=True, maximum=MAX_SENTENCE)


class SetShape(Shape):
    set = Named(Anything(allow_none=True), required=True)


class NotifyShape(Shape):
    notify = Words(required=True)
    text = sentence()


class TellShape(Shape):
    tell = Pattern(OF, says="write customer, or data.<field>", required=True)
    text = sentence()


class OpenShape(Shape):
    open = Name(required=True)
    with_ = Named(Anything(allow_none=True), data_key="with", load_default=dict)
    unit = Pattern(OF, says="write a way like unit.parent or data.unit")


class StartShape(Shape):
    start = Name(required=True)


class StopShape(Shape):
    stop = Name(required=True)


class ExtendShape(Shape):
    extend = Name(required=True)
    days = Anything(required=True)
    at_most = Percent(required=True)


class CustomerShape(Shape):
    customer = Named(Anything(allow_none=True), required=True)


EFFECTS: dict[str, type[Shape]] = {
    "set": SetShape, "notify": NotifyShape, "tell": TellShape, "open": OpenShape, "start": StartShape,
    "stop": StopShape, "extend": ExtendShape, "customer": CustomerShape,
}  # fmt: skip


class Effect(Base[dict[str, Any]]):
    """One effect; the first key that names a kind decides its shape."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValidationError("must be a mapping like {notify: supervisor, text: …}")
        kind = next((key for key in value if key in EFFECTS), None)
        if kind is None:
            first = next(iter(value), "")
            raise ValidationError({first: [unknown("effect", first, EFFECTS)]} if first else "is empty")
        try:
            return {"kind": kind, **SHAPES_OF_EFFECTS[kind].deserialize(value)}
        except ValidationError as error:
            kept = {"kind": kind, **error.valid_data} if isinstance(error.valid_data, dict) else None
            raise ValidationError(error.messages, valid_data=kept) from None


SHAPES_OF_EFFECTS = {kind: Nest(shape) for kind, shape in EFFECTS.items()}


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
    auto = Flag(load_default=False)
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
    ladder = Many(Nest(RungShape), load_default=list)


class LinkShape(Shape):
    definition = Name(required=True)
    title = titled()
    on_closed = Named(Name(), wild=True, load_default=dict)


class RecurringShape(Shape):
    title = titled()
    while_ = Words(data_key="while", required=True)
    every = AnyLength(required=True)
    anchor = Word("entry", "month", what="anchor", load_default="entry")
    shift = Word("before", "after", "none", what="shift", load_default="none")
    opens = Name(required=True)
    with_ = Named(Anything(allow_none=True), data_key="with", load_default=dict)
    automatic = Flag(load_default=True)
    calendar = Name(load_default="working")
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


def shaped(source: Source, shape: type[Shape]) -> dict[str, Any]:
    """The file's values, typed. What is wrong is noted in `source` and left out, or None in its place."""
    try:
        return dict(shape().load(source.value))
    except ValidationError as error:
        _note(source, error.messages, ())
        return dict(error.valid_data) if isinstance(error.valid_data, dict) else {}


def _note(source: Source, messages: Any, path: Path) -> None:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            _note(source, inner, path if key == "_schema" else (*path, key))
        return
    for message in messages if isinstance(messages, list) else [messages]:
        at_key = message.startswith(AT_THE_KEY) or message.startswith(f"'{path[-1]}' is no name")
        shown = path[:-1] if message == NEEDS_QUOTES else path
        source.fault(shown, message, "shape", at=source.key(path) if at_key else None)


AT_THE_KEY = (NEEDS_QUOTES, "unknown key", "unknown language", "unknown effect", "the name '")
"""Complaints about a key, not about the value that follows it."""
