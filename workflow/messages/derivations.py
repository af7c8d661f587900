"""How a due time came about, line by line, in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, tzinfo

from workflow.core.derivation import Line
from workflow.messages.catalogue import find, words
from workflow.messages.names import Names


def derivation(lines: Iterable[Line], language: str, *, zone: tzinfo) -> list[str]:
    """A sentence for each line."""
    return [line_of(line, language, zone=zone) for line in lines]


def line_of(line: Line, language: str, *, zone: tzinfo) -> str:
    """One line as a sentence; moments are told in the zone."""
    names = Names(zone=zone)
    facts = {
        "since": _moment(names, line.since, language),
        "until": _moment(names, line.until, language),
        "length": length(line.seconds, language) if line.seconds or line.kind in ("paused", "counted") else None,
        "first": day(line.first, language),
        "last": day(line.last, language) if line.last != line.first else None,
        "days": line.days or None,
        "every": every(line.target, language) if line.kind == "anchor" else None,
        "target": span(line.target, language),
    }
    kind = "provisional" if line.provisional else line.kind
    return find(language, "derivation", kind, facts) or kind


def every(target: str, language: str) -> str | None:
    """How often something comes back; None for nothing."""
    if not target:
        return None
    amount, unit = target.rstrip("dwmo"), target.lstrip("0123456789")
    return find(language, "every", f"{unit}_one" if amount == "1" else unit, {"n": amount})


def span(target: str, language: str) -> str | None:
    """A length of time as a definition writes it, in words; None for nothing."""
    if not target:
        return None
    if target.startswith(("on ", "at ")):
        word, _, rest = target.partition(" ")
        on = day(date.fromisoformat(rest.partition(" ")[0].partition("T")[0]), language)
        return find(language, "span", word, {"day": on})
    written, _, end = target.partition(" ")
    amount, unit = written.rstrip("dwmoh"), written.lstrip("0123456789")
    said = find(language, "span", f"{unit}_one" if amount == "1" else unit, {"n": amount}) or target
    return find(language, "span", "eod", {"span": said}) if end else said


def length(seconds: int, language: str) -> str:
    """Hours, minutes and seconds: days would have to say which kind they are of."""
    minutes, rest = divmod(abs(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [("hours", hours), ("minutes", minutes), ("seconds", rest)]
    between = find(language, "length", "between") or ""
    said = [find(language, "length", name, {"n": count}) or "" for name, count in parts if count]
    text = between.join(said) if said else find(language, "length", "minutes", {"n": 0}) or ""
    return find(language, "length", "over", {"length": text}) or text if seconds < 0 else text


def day(of: date | None, language: str) -> str | None:
    """A day as people of the language write it; None stays None."""
    if of is None:
        return None
    return words(language, "day", at=of, day=of.day, month=of.month)


def _moment(names: Names, at: datetime | None, language: str) -> str | None:
    return None if at is None else names.moment(at, language)
