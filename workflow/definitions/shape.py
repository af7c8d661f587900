"""Mappings with known keys, and how what marshmallow says about them becomes faults with places."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, missing, validates_schema

from workflow.definitions.faults import NEEDS_QUOTES, Path, unknown_key
from workflow.definitions.fields import Base, Line, Title
from workflow.definitions.source import Source

MAX_SENTENCE = 1_000
OF = r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*"
EACH = r"(data\.)?[a-z][a-z0-9_]*"


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
"""Remarks about a key, not about the value that follows it."""
