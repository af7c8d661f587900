"""Administrative divisions of China, six digits each (GB/T 2260), from python-stdnum's list.

The list keeps what is no more, with the years: a customer's number stays readable when its division was abolished
(003 §4.2(3)). Who followed is in `abolished.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from stdnum import numdb

NAMED = re.compile(r"(?:\[(\d*)-(\d*)\])?([^,\[]+)")


@dataclass(frozen=True, slots=True)
class Division:
    """`name`: with the province's before it. `since`, `until`: years, None where the list has none.

    `until` is the year a division was abolished; `successor` the code of what took its place, None where it still is,
    was split, or nobody has written it down.
    """

    code: str
    name: str
    since: int | None = None
    until: int | None = None
    successor: str | None = None


def is_division(code: str) -> bool:
    """Whether a code is six digits within a known province. Newer counties than the list's are fine."""
    return len(code) == 6 and code.isascii() and code.isdigit() and bool(province(code))


def province(code: str) -> str | None:
    """The province's name, None when the first two digits are no province's."""
    return _parts(code)[0]


@lru_cache(maxsize=4096)
def division_name(code: str) -> str | None:
    """Province and, where it is known, city or county: `广东省深圳市`. None for an unknown province."""
    found = division(code)
    return found.name if found else None


@lru_cache(maxsize=4096)
def division(code: str) -> Division | None:
    """What a code stands for, or stood for last. None for an unknown province."""
    whole, history = _parts(code)
    if whole is None:
        return None
    spans = NAMED.findall(history or "")
    if not spans:
        return Division(code, whole)
    since, until, name = spans[-1]
    ended = int(until) if until else None
    return Division(
        code,
        whole if name == whole else f"{whole}{name}",
        since=int(since) if since else None,
        until=ended,
        successor=_successors().get(code) if ended else None,
    )


@lru_cache(maxsize=4096)
def present(code: str) -> str:
    """The code of the division that is there today for one that may be no more; itself where no successor is known."""
    seen = {code}
    while (found := division(code)) is not None and found.successor is not None and found.successor not in seen:
        code = found.successor
        seen.add(code)
    return code


@lru_cache(maxsize=4096)
def alike(code: str) -> frozenset[str]:
    """The codes of one place over time: a division, what it was before and what it is now."""
    now = present(code)
    return frozenset({code, now, *(old for old in _successors() if present(old) == now)})


@cache
def _successors() -> Mapping[str, str]:
    text = (Path(__file__).parent / "abolished.toml").read_text(encoding="utf-8")
    found: dict[str, str] = tomllib.loads(text)["successors"]
    return found


@lru_cache(maxsize=4096)
def _parts(code: str) -> tuple[str | None, str | None]:
    names: dict[str, str] = {}
    for _, found in numdb.get("cn/loc").info(code):
        names |= found
    return names.get("province"), names.get("county")
