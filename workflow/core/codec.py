"""Cases and their parts as JSON, and back.

Moments are whole microseconds since 1970; a field that has its default is left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, get_type_hints

from workflow.core.case import Case, Clock, Escalation, Link, Task, Timer

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_PARTS: dict[str, Callable[..., Any]] = {
    "tasks": Task,
    "timers": Timer,
    "clocks": Clock,
    "escalations": Escalation,
    "links": Link,
}
_specs: dict[Any, tuple[tuple[str, bool, bool, Any], ...]] = {}

T = TypeVar("T")


def micros(moment: datetime) -> int:
    """Microseconds since 1970 of an aware moment."""
    return (moment - EPOCH) // _MICROSECOND


def moment(value: int) -> datetime:
    return EPOCH + timedelta(microseconds=value)


def dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _spec(kind: Any) -> tuple[tuple[str, bool, bool, Any], ...]:
    """(name, is a moment, is a tuple, default) of each field of a value."""
    spec = _specs.get(kind)
    if spec is None:
        spec = _specs[kind] = _read_spec(kind)
    return spec


def _read_spec(kind: Any) -> tuple[tuple[str, bool, bool, Any], ...]:
    hints = get_type_hints(kind)
    spec = []
    for f in fields(kind):
        default: Any = f.default
        make: Any = f.default_factory
        if default is MISSING and make is not MISSING:
            default = make()
        hint = str(hints[f.name])
        spec.append((f.name, "datetime" in hint, "tuple" in hint, default))
    return tuple(spec)


def encode(value: Any) -> dict[str, Any]:
    """A task, timer, clock, escalation or link as a JSON object."""
    out: dict[str, Any] = {}
    for name, is_moment, _, default in _spec(type(value)):
        got = getattr(value, name)
        if got is default or got == default:
            continue
        out[name] = micros(got) if is_moment else got
    return out


def decode(kind: Callable[..., T], body: Mapping[str, Any]) -> T:
    """The value of that kind an object was encoded from."""
    given: dict[str, Any] = {}
    for name, is_moment, is_tuple, _ in _spec(kind):
        if name in body:
            got = body[name]
            if is_moment and got is not None:
                got = moment(got)
            elif is_tuple:
                got = tuple(got)
            given[name] = got
    return kind(**given)


def case_body(case: Case) -> str:
    """The whole case as JSON text."""
    out: dict[str, Any] = {}
    for name, is_moment, _, default in _spec(Case):
        got = getattr(case, name)
        if got == default:
            continue
        if name in _PARTS:
            out[name] = [encode(part) for part in got]
        else:
            out[name] = micros(got) if is_moment else got
    return dumps(out)


def case_from(body: str) -> Case:
    """The case a body was made from."""
    given: dict[str, Any] = json.loads(body)
    for name, is_moment, is_tuple, _ in _spec(Case):
        if name not in given:
            continue
        if name in _PARTS:
            given[name] = tuple(decode(_PARTS[name], part) for part in given[name])
        elif is_moment:
            given[name] = moment(given[name])
        elif is_tuple:
            given[name] = tuple(given[name])
    return Case(**given)
