"""Cases and their parts as JSON, and back.

Moments are whole microseconds since 1970; a field that has its default is left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, make_dataclass
from operator import attrgetter
from typing import Any, TypeVar, get_type_hints

from workflow.core.case import Case, Clock, Delay, Escalation, Link, Taking, Task, Timer
from workflow.core.moments import micros, moment_of

T = TypeVar("T")
Turn = Callable[[Any], Any]

dumps: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
"""JSON as it is stored. Made once: `json.dumps` makes an encoder at every call."""


@dataclass(frozen=True, slots=True)
class _Spec:
    """How a kind of value is written: its fields in order, how each is turned, and what is left out.

    A value is read and made by position, in one call each: by keyword it takes three times as long, and every
    step does it a dozen times.
    """

    get: Callable[[Any], tuple[Any, ...]]
    make: Callable[..., Any]
    out: tuple[tuple[str, Turn | None, Any], ...]
    back: Mapping[str, tuple[int, Turn | None]]
    defaults: tuple[Any, ...]
    needed: frozenset[str]


def _spec(kind: Any) -> _Spec:
    found = _specs.get(kind)
    if found is None:
        found = _specs[kind] = _read(kind)
    return found


def _read(kind: Any) -> _Spec:
    hints = {name: str(hint) for name, hint in get_type_hints(kind).items()}
    names = [f.name for f in fields(kind)]
    defaults = tuple(_default(f) for f in fields(kind))
    turns = [_turns(name, hints[name]) for name in names]
    return _Spec(
        get=attrgetter(*names),
        make=maker(kind),
        out=tuple((name, out, default) for name, (out, _), default in zip(names, turns, defaults, strict=True)),
        back={name: (place, back) for place, (name, (_, back)) in enumerate(zip(names, turns, strict=True))},
        defaults=defaults,
        needed=frozenset(name for name, default in zip(names, defaults, strict=True) if default is MISSING),
    )


def maker(kind: Callable[..., T]) -> Callable[..., T]:
    """Makes values of a frozen kind from all their fields in order, at a quarter of the constructor's time.

    A frozen value sets each field through `object.__setattr__`. Here an open twin of the same layout is filled, and
    then becomes one of the kind.
    """
    names = [f.name for f in fields(kind)]  # type: ignore[arg-type]
    twin: Any = make_dataclass("Twin", names, slots=hasattr(kind, "__slots__"), eq=False, repr=False)

    def make(*values: Any) -> T:
        made = twin(*values)
        made.__class__ = kind
        return made  # type: ignore[no-any-return]

    return make


def _default(field: Any) -> Any:
    """Shared by all values: nothing ever changes a part of a case in place."""
    if field.default is MISSING and field.default_factory is not MISSING:
        return field.default_factory()
    return field.default


def _turns(name: str, hint: str) -> tuple[Turn | None, Turn | None]:
    """How a field is turned into JSON and back; None: it stays as it is."""
    if name in _PARTS:
        part = _PARTS[name]
        return lambda values: [encode(one) for one in values], lambda bodies: tuple(decode(part, one) for one in bodies)
    if "datetime" in hint:
        return micros, lambda value: None if value is None else moment_of(value)
    return (None, tuple) if "tuple" in hint else (None, None)


def encode(value: Any) -> dict[str, Any]:
    """A case or a part of one as a JSON object."""
    spec = _spec(type(value))
    out: dict[str, Any] = {}
    for (name, turn, default), got in zip(spec.out, spec.get(value), strict=True):
        if got is default or got == default:
            continue
        out[name] = got if turn is None else turn(got)
    return out


class Body(dict[str, Any]):
    """The JSON object of a value, with the value itself: it is not made again from it."""

    __slots__ = ("value",)

    value: Any


def noted(value: Any) -> Body:
    """As `encode` gives it, for a fact that is folded by those who make it. Nobody changes it in place."""
    body = Body(encode(value))
    body.value = value
    return body


def decode(kind: Callable[..., T], body: Mapping[str, Any]) -> T:
    """The value of that kind an object was encoded from. Raises `TypeError` where something it needs is missing."""
    if type(body) is Body and type(body.value) is kind:
        return body.value  # type: ignore[no-any-return]
    spec = _spec(kind)
    if not body.keys() >= spec.needed:
        raise TypeError(f"{kind} needs {', '.join(sorted(spec.needed - body.keys()))}")
    values = list(spec.defaults)
    for name, got in body.items():
        found = spec.back.get(name)
        if found is not None:
            place, turn = found
            values[place] = got if turn is None else turn(got)
    return spec.make(*values)  # type: ignore[no-any-return]


def amended(case: Case, changes: Mapping[str, Any]) -> Case:
    """The case with some fields changed: `dataclasses.replace` for the fold, at a tenth of the time.

    A case has thirty fields and each fact of a step changes one or two: unlike its parts it keeps them in a dictionary,
    which is copied at once.
    """
    made = object.__new__(Case)
    object.__setattr__(made, "__dict__", {**case.__dict__, **changes})
    return made


def case_body(case: Case) -> str:
    """The whole case as JSON text."""
    return dumps(encode(case))


def case_from(body: str) -> Case:
    """The case a body was made from."""
    return decode(Case, json.loads(body))


_PARTS: dict[str, Callable[..., Any]] = {
    "tasks": Task,
    "timers": Timer,
    "clocks": Clock,
    "escalations": Escalation,
    "links": Link,
    "delays": Delay,
    "takings": Taking,
}

_specs: dict[Any, _Spec] = {}
