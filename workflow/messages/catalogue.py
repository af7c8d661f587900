"""The two catalogues, `zh.toml` and `en.toml`, and how a wording is chosen from them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any

LANGUAGES = ("zh", "en")

Catalogue = Mapping[str, Mapping[str, Any]]


@cache
def catalogue(language: str) -> Catalogue:
    """Section → key → a wording, or several of which the first that has its facts is taken."""
    if language not in LANGUAGES:
        raise ValueError(f"There are no sentences in {language!r}.")
    text = files("workflow.messages").joinpath(f"{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def find(
    language: str, section: str, key: str, facts: Mapping[str, Any] | None = None, *, own: Sequence[str] | None = None
) -> str | None:
    """The fullest wording whose facts are all there, filled in; None when the catalogue has no such key.

    `own`: wordings of the organisation, which take the place of the catalogue's.
    """
    found = catalogue(language)[section].get(key)
    if found is None:
        return None
    found = own or found
    given = {name: value for name, value in (facts or {}).items() if value not in (None, "")}
    wordings = wordings_of(found)
    fitting = (one for one in wordings if placeholders(one) <= given.keys())
    # A fact that ought to be there and is not leaves a gap; a sentence with a gap is better than none.
    chosen = next(fitting, None)
    return Formatter().vformat(chosen or wordings[-1], (), given if chosen else _Gaps(given))


def words(language: str, key: str, **facts: Any) -> str:
    """One of the small words between facts."""
    return find(language, "words", key, facts) or ""


def wordings_of(entry: Any) -> list[str]:
    return [entry] if isinstance(entry, str) else list(entry)


@cache
def placeholders(wording: str) -> frozenset[str]:
    """The facts a wording needs."""
    return frozenset(name for _, name, _, _ in Formatter().parse(wording) if name)


class _Gaps(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "…"
