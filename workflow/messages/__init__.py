"""What a person reads when the rules say no, in both languages; the sentences are in `zh.toml` and `en.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from workflow.core.errors import Refused

LANGUAGES = ("zh", "en")


def sentence(refusal: Refused, language: str, *, named: Mapping[str, object] | None = None) -> str:
    """Why something was refused. `named`: facts as people say them (a name for `who`, a moment for `at`)."""
    return told(refusal.code, {**refusal.facts, **(named or {})}, language)


def told(code: str, facts: Mapping[str, object], language: str) -> str:
    """The sentence of a refusal by its code and facts, as they are kept on record."""
    words = catalogue(language)
    said = dict(facts)
    if code == "ConditionNotMet" and facts.get(language):
        return str(facts[language])
    if "why" in facts:
        said["why"] = words["why"].get(str(facts["why"]), facts["why"])
    if "field" in facts:
        said["field"] = words["field"].get(str(facts["field"]), facts["field"])
    if code == "PasswordWeak":
        reasons = facts.get("reasons")
        said["reasons"] = " ".join(words["password"][one] for one in reasons) if isinstance(reasons, list) else ""
    if code == "FileTooLarge":
        said["most"] = f"{int(str(facts['most'])) / 1024**2:.0f} MB"
    return _filled(words["refused"][code], said)


def fault(code: str, facts: Mapping[str, object], language: str) -> str:
    """What is wrong with one answer in a form, by the codes of `core.forms`."""
    faults = catalogue(language)["fault"]
    return _filled(faults.get(code, faults["other"]), facts)


@cache
def catalogue(language: str) -> Mapping[str, Mapping[str, Any]]:
    """The sentences of a language; Chinese for any tongue that is not ours."""
    name = language if language in LANGUAGES else "zh"
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8"))


def _filled(text: str, facts: Mapping[str, object]) -> str:
    """The text with its facts; one that is not known is a dash, for no record is perfect."""
    names = [name for _, name, _, _ in Formatter().parse(text) if name]
    return text.format(**{name: "—" if facts.get(name) is None else facts[name] for name in names})
