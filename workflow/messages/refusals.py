"""Why the rules said no, in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from workflow.core.errors import BatonError, Refused
from workflow.messages.catalogue import find, words
from workflow.messages.names import UNKNOWN, Names

MEGABYTE = 1024 * 1024


def sentence(
    error: BatonError, language: str, *, names: Names | None = None, named: Mapping[str, object] | None = None
) -> str:
    """What a person reads about an error raised on purpose. `named`: facts in words, whatever `names` says."""
    section = "refused" if isinstance(error, Refused) else "fault"
    return _said(section, error.code, {**error.facts, **(named or {})}, language, names or UNKNOWN)


def told(code: str, facts: Mapping[str, Any], language: str, *, names: Names | None = None) -> str:
    """The same from the record of a refusal. `code` itself for one of a later Baton that this one does not know."""
    return _said("refused", code, facts, language, names or UNKNOWN)


def trouble(code: str, facts: Mapping[str, Any], language: str) -> str:
    """What a person reads when the database could not, by an error's code; one that has a reason is told by that."""
    return (
        find(language, "storage", str(facts.get("reason", code)), facts) or find(language, "storage", "storage") or code
    )


def attempt(tried: str, language: str, *, names: Names | None = None, lifecycle: str | None = None) -> str:
    """What somebody tried, from the record of its refusal; as it was recorded where nobody has words for it.

    `lifecycle`: the title of what was to be opened.
    """
    kind, _, what = tried.partition(":")
    title = lifecycle if kind == "open" else (names or UNKNOWN).trigger(what, language)
    return find(language, "attempt", kind, {"title": title}) or tried


def fault(code: str, facts: Mapping[str, Any], language: str, *, names: Names | None = None) -> str:
    """What is wrong with one field of a form."""
    given = dict(facts)
    if "column" in given:
        given["column"] = (names or UNKNOWN).field(str(given["column"]), language) or given["column"]
    if "why" in given:
        given["why"] = find(language, "number", str(given["why"])) or given["why"]
    return find(language, "form", code, given) or find(language, "form", "other") or code


def _said(section: str, code: str, facts: Mapping[str, Any], language: str, names: Names) -> str:
    said = dict(facts)
    for name, value in facts.items():
        tell = _TOLD.get((code, name)) or _TOLD.get(("", name))
        if tell is not None:
            said |= tell(value, language, names)
    if code == "ConditionNotMet":
        said["sentence"] = facts.get(language)
    if code == "LimitReached":
        said["sentence"] = _filled(str(facts.get(language, "")), facts, language, names)
    return find(language, section, code, said) or code


def _filled(text: str, facts: Mapping[str, Any], language: str, names: Names) -> str:
    """The sentence of a limit with its figures in it."""
    until = facts.get("until")
    told = {name: facts.get(name) for name in ("most", "count")}
    who = names.person(facts.get("who"), language) or words(language, "someone")
    return text.format(**told, who=who, until="" if until is None else names.moment(until, language))


def _person(fact: str) -> Any:
    return lambda value, language, names: {fact: names.person(value, language)}


def _mover(value: Any, language: str, names: Names) -> dict[str, Any]:
    """Who moved a case; what happens by itself is the system's doing."""
    return {"who": words(language, "system") if value is None else names.person(value, language)}


def _trigger(fact: str) -> Any:
    return lambda value, language, names: {fact: names.trigger(str(value), language)}


def _one_of(fact: str, section: str) -> Any:
    return lambda value, language, names: {fact: find(language, section, str(value)) or str(value)}


def _action(value: Any, language: str, names: Names) -> dict[str, Any]:
    title = names.trigger(str(value), language)
    known = find(language, "action", str(value))
    return {"action": known or (title and find(language, "action", "other", {"title": title}))}


def _unit(value: Any, language: str, names: Names) -> dict[str, Any]:
    """By id, or the code that somebody wrote."""
    return {"unit": value if isinstance(value, str) else names.unit(value, language)}


def _fields(value: Any, language: str, names: Names) -> dict[str, Any]:
    """Every wrong field with what is wrong with it; the fields themselves say the same beside their inputs."""
    parts = (
        words(language, "labelled", label=names.field(name, language) or name, text=fault(code, facts, language))
        for name, faults in dict(value).items()
        for code, facts in faults
    )
    return {"fields": " ".join(parts)}


def _reasons(value: Iterable[str], language: str, names: Names) -> dict[str, Any]:
    return {"reasons": words(language, "semicolon").join(find(language, "password", one) or one for one in value)}


def _wait(value: Any, language: str, names: Names) -> dict[str, Any]:
    minutes = max(1, -(-int(value) // 60))
    unit, n = ("minute", minutes) if minutes < 120 else ("hour", -(-minutes // 60))
    return {"wait": words(language, unit if n == 1 else f"{unit}s", n=n)}


def _size(value: Any, language: str, names: Names) -> dict[str, Any]:
    size = int(value)
    return {"size": f"{size / MEGABYTE:.0f} MB" if size >= MEGABYTE else f"{max(1, size // 1024)} kB"}


_TOLD: Mapping[tuple[str, str], Callable[[Any, str, Names], dict[str, Any]]] = {
    ("", "who"): _person("who"),
    ("", "person"): _person("person"),
    ("", "at"): lambda value, language, names: {"at": names.moment(value, language)},
    ("", "state"): lambda value, language, names: {"state": names.state(str(value), language)},
    ("", "trigger"): _trigger("trigger"),
    ("", "earlier"): _trigger("earlier"),
    ("", "action"): _action,
    ("", "unit"): _unit,
    ("", "clock"): lambda value, language, names: {"clock": names.clock(str(value), language)},
    ("", "field"): lambda value, language, names: {"field": names.field(str(value), language) or str(value)},
    ("", "fields"): _fields,
    ("", "reasons"): _reasons,
    ("", "seconds"): _wait,
    ("", "role"): _one_of("role", "role"),
    ("FileTooLarge", "most"): _size,
    ("CustomerKnown", "by"): _one_of("by", "duplicate"),
    ("NumberInvalid", "why"): _one_of("why", "number"),
    ("SubstitutionInvalid", "why"): _one_of("why", "substitution"),
    ("GroupUnfit", "why"): _one_of("why", "group_unfit"),
    ("UnitUnfit", "why"): _one_of("why", "unit_unfit"),
    ("MergeUnfit", "why"): _one_of("why", "merge_unfit"),
    ("WordingUnfit", "why"): _one_of("why", "wording_unfit"),
    ("CalendarUnfit", "why"): _one_of("why", "calendar"),
    ("NoteFault", "why"): _one_of("why", "note"),
    ("SealKeyUnfit", "why"): _one_of("why", "seal_key"),
    ("TaskClosed", "who"): _mover,
    ("CaseMovedOn", "who"): _mover,
    ("UploadMoved", "state"): _one_of("state", "upload"),
    ("CustomerUnowned", "stage"): _one_of("stage", "stage"),
    ("LoopFault", "state"): lambda value, language, names: {"state": str(value)},
}
