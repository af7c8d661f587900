"""Administrative divisions of China, six digits each (GB/T 2260), from python-stdnum's list."""

from __future__ import annotations

import re
from functools import lru_cache

from stdnum import numdb


def is_division(code: str) -> bool:
    """Whether a code is six digits within a known province. Newer counties than the list's are fine."""
    return len(code) == 6 and code.isascii() and code.isdigit() and bool(province(code))


def province(code: str) -> str | None:
    """The province's name, None when the first two digits are no province's."""
    return _parts(code)[0]


@lru_cache(maxsize=4096)
def division_name(code: str) -> str | None:
    """Province and, where it is known, city or county: `广东省深圳市`. None for an unknown province."""
    whole, part = _parts(code)
    return whole if whole is None or part in (None, whole) else f"{whole}{part}"


def _parts(code: str) -> tuple[str | None, str | None]:
    names: dict[str, str] = {}
    for _, found in numdb.get("cn/loc").info(code):
        names |= found
    return names.get("province"), _current(names.get("county"))


def _current(history: str | None) -> str | None:
    """The name in force, or the last that was: `[1986-1989]义马市,[1997-]济源市` is 济源市."""
    if not history:
        return None
    return re.sub(r"\[[\d-]*\]", "", history.rpartition(",")[2])
