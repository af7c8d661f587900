"""The shape of a mapping file."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import ValidationError, fields

from workflow.definitions.faults import short, unknown
from workflow.definitions.fields import Base, Line, Many, Name, Named, Whole, Word, Words
from workflow.definitions.shape import Nest, Shape
from workflow.intake.table import ENCODINGS
from workflow.intake.values import Value

VALUE_KEYS = ("column", "moment", "map", "default", "most")


class Zone(Base[ZoneInfo]):
    """`Asia/Shanghai`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> ZoneInfo:
        try:
            return ZoneInfo(str(value))
        except (KeyError, ValueError, OSError):
            raise ValidationError(f"'{short(str(value))}' is no time zone: write one like Asia/Shanghai") from None


class Texts(Base[tuple[str, ...]]):
    """One text, or a list of them. Numbers and the like are taken as they are written."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[str, ...]:
        given = value if isinstance(value, list) else [value]
        if not given or any(isinstance(one, dict | list) or one is None for one in given):
            raise ValidationError("must be a text, or a list of them")
        return tuple(str(one) for one in given)


class ByColumn(Base[dict[str, Any]]):
    """A mapping whose keys are columns of the file, or what stands in one."""

    def __init__(self, inner: fields.Field[Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.inner = inner

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValidationError("must be a mapping")
        result: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        for name, item in value.items():
            try:
                result[name] = self.inner.deserialize(item)
            except ValidationError as error:
                errors[name] = error.messages
        if errors:
            raise ValidationError(errors)
        return result


class Made(Base[Value]):
    """A value: a text with `{column}` in it, or `{column: …, map: {…}, default: …, most: …}`, or `{moment: …}`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Value:
        if not isinstance(value, dict):
            if value is None or isinstance(value, list):
                raise ValidationError("must be a text with {column} in it, or {column: …}")
            return Value(text=str(value).lower() if isinstance(value, bool) else str(value))
        for key in value:
            if key not in VALUE_KEYS:
                raise ValidationError({key: [unknown("key", key, VALUE_KEYS)]})
        if ("column" in value) == ("moment" in value):
            raise ValidationError("write either `column` or `moment`")
        read = dict(_READ["map"].deserialize(value["map"]) or {}) if "map" in value else {}
        most = _READ["most"].deserialize(value["most"]) if "most" in value else None
        plain = {key: str(value[key]) for key in ("column", "moment", "default") if key in value}
        return Value(**plain, map={key: one[0] for key, one in read.items()}, most=most)


_READ: dict[str, fields.Field[Any]] = {"map": ByColumn(Texts()), "most": Whole(least=1, most=100_000)}


class FileShape(Shape):
    encoding = Word(*ENCODINGS, what="encoding")
    delimiter = Line(maximum=1, load_default=",")


class CustomerShape(Shape):
    number = Made()
    name = Made()
    division = Made()


class ActorShape(Shape):
    login = Made(required=True)
    name = Made()
    otherwise = Name()
    roles = Words(load_default=())


class CommandShape(Shape):
    trigger = Name()
    comment = Made()
    reassign = Name()
    to = Name()
    reason = Made()
    form = Named(Made(), load_default=dict)
    by = Name()


class RowShape(Shape):
    at = Line()
    when = ByColumn(Texts(), load_default=dict)
    changed = Texts(load_default=())
    raised = Line()
    states = Words(data_key="in", load_default=())
    do = Many(Nest(CommandShape), load_default=list)


class OpenShape(Shape):
    at = Line()
    by = Name()
    data = Named(Made(), load_default=dict)


class MappingShape(Shape):
    mapping = Name(required=True)
    definition = Name(required=True)
    file = Nest(FileShape, load_default=lambda: {"delimiter": ","})
    zone = Zone(required=True)
    case = Line(required=True)
    order = Line()
    at = Line(required=True)
    moments = ByColumn(Texts(), required=True)
    empty = Texts(load_default=())
    known = ByColumn(Texts(), load_default=dict)
    unit = Line(required=True)
    customer = Nest(CustomerShape)
    actors = Named(Nest(ActorShape), required=True)
    by = Name()
    open = Nest(OpenShape, required=True)
    rows = Many(Nest(RowShape), load_default=list)


class DivisionShape(Shape):
    code = Made()
    province = Made()
    place = Made()


class CustomersShape(Shape):
    mapping = Name(required=True)
    file = Nest(FileShape, load_default=lambda: {"delimiter": ","})
    key = Line(required=True)
    empty = Texts(load_default=())
    unit = Line()
    number = Made()
    division = Nest(DivisionShape, required=True)
    record = Named(Made(), required=True)
