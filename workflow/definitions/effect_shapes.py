"""The shapes of effects: the first key that names a kind decides which."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError

from workflow.definitions.faults import unknown
from workflow.definitions.fields import (
    Anything,
    Base,
    Condition,
    Many,
    Name,
    Named,
    Pattern,
    Percent,
    Ways,
    Words,
)
from workflow.definitions.shape import EACH, OF, Nest, Shape, sentence

SPLIT = r"years|keeper|data\.[a-z][a-z0-9_]*"


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
    unit = Ways()
    about = Anything()
    each = Pattern(EACH, says="write data.<field of rows>, or the name of a role")
    form = Named(Anything(allow_none=True))


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


class MoveShape(Shape):
    move = Pattern(OF, says="write a way like customer.unit or data.unit", required=True)


class SplitShape(Shape):
    split = Pattern(SPLIT, says="write data.<field of rows>, years, or keeper", required=True)
    years = Many(Anything(), load_default=list)
    unit = Pattern(OF, says="write a way like customer.unit or data.unit")
    person = Pattern(OF, says="write a way like customer.a or data.manager")
    when = Condition()


class PauseShape(Shape):
    pause = Name(required=True)


class ResumeShape(Shape):
    resume = Name(required=True)


class SignalShape(Shape):
    signal = Name(required=True)
    to = Name(required=True)


class ProposeShape(Shape):
    propose = Name(required=True)


EFFECTS: dict[str, type[Shape]] = {
    "set": SetShape, "notify": NotifyShape, "tell": TellShape, "open": OpenShape, "start": StartShape,
    "stop": StopShape, "extend": ExtendShape, "customer": CustomerShape, "move": MoveShape,
    "split": SplitShape, "pause": PauseShape, "resume": ResumeShape, "signal": SignalShape,
    "propose": ProposeShape,
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
