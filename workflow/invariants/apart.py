"""What must never hold of two cases of one customer at once, and how much of a thing anybody may have.

Which lifecycles this is about stands in `rules.toml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from workflow.invariants.rule import Finding
from workflow.invariants.tables import History, Tables, asked
from workflow.invariants.texts import Texts

Span = tuple[int, int, str]
"""From, until, number of the case."""

FOR_EVER = 2**62
HOURS = 8 * 3_600_000_000
"""Local time is ahead of UTC by so much."""


def spans(history: History, rule: Mapping[str, Any], end: int) -> Iterator[tuple[Any, Span]]:
    """What of the rule's kind a case took up, and from when to when: by its states, or by dates it holds."""
    named = [rule[name] for name in ("each", "begins", "ends") if name in rule]
    data: dict[str, Any] = {}
    held: dict[str, Any] = {}
    since: int | None = None
    for step in history.steps:
        for op, body in step.ops:
            if op == "set":
                data.update(body)
        inside, now = step.after in rule["states"], {name: data.get(name) for name in named}
        if since is not None and (not inside or now != held):
            yield from _of(history, rule, held, since, step.effective)
            since = None
        if inside and since is None:
            since, held = step.effective, now
    if since is not None:
        yield from _of(history, rule, held, since, end)


def once(found: Mapping[Any, list[Span]], finding: Finding) -> None:
    """No two lie over each other."""
    for key, taken in found.items():
        taken.sort()
        until, by = -1, ""
        for begin, over, number in taken:
            finding.look(begin >= until, f"{number} and {by} at once: {key}")
            if over > until:
                until, by = over, number


def limits(tables: Tables, texts: Texts, finding: Finding) -> None:
    """Whatever counts against a limit never was more than it says, held at once or taken on one day."""
    taken: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for name, of, since, until in asked(tables, "SELECT name, of_id, since, until FROM takings ORDER BY since"):
        taken.setdefault((name, of), []).append((since, FOR_EVER if until is None else until))
    for (name, of), rows in taken.items():
        definition, _, limit = name.partition(".")
        rule = texts.newest(definition).get("limits", {}).get(limit, {})
        most = rule.get("most")
        if most is None:
            continue
        if "per" in rule:
            days = [(since + HOURS) // 86_400_000_000 for since, _ in rows]
            count = max(days.count(day) for day in days)
        else:
            count = max(sum(since <= moment < until for since, until in rows) for moment, _ in rows)
        finding.look(count <= most, f"{name} of {of}: {count}, the most is {most}")


def room(tables: Tables, texts: Texts, finding: Finding) -> None:
    """Whoever took one of the customers a limit is about led fewer than it says, those on their way to them included.

    What was known then counts: stints from when they were written, for some began while no scheduler was alive.
    """
    led: dict[int, list[tuple[int, int, int]]] = {}
    for person, customer, since, until in asked(tables, _LED):
        led.setdefault(person, []).append((customer, since, FOR_EVER if until is None else until))
    coming: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for name, of, since, until, customer in asked(tables, _TAKEN):
        definition, _, limit = name.partition(".")
        rule = texts.newest(definition).get("limits", {}).get(limit, {})
        if not rule.get("customers"):
            continue
        before = coming.setdefault((definition, of), [])
        count = sum(begun <= since < over for begun, over in before)
        count += sum(one != customer and begun <= since < over for one, begun, over in led.get(of, ()))
        finding.look(count < rule["most"], f"{name} of {of}: one more than {count}, the most is {rule['most']}")
        before.append((since, FOR_EVER if until is None else until))


_LED = (
    "SELECT s.person_id, s.customer_id, b.recorded, e.recorded FROM stints s"
    " JOIN customers c ON c.id = s.customer_id AND c.merged_id IS NULL"
    " JOIN steps b ON b.case_id = s.customer_id AND b.seq = s.seq"
    " LEFT JOIN steps e ON e.case_id = s.customer_id AND e.seq = s.ended_seq WHERE s.role = 'lead'"
)
_TAKEN = (
    "SELECT t.name, t.of_id, t.since, t.until, c.customer_id FROM takings t JOIN cases c ON c.id = t.case_id"
    " ORDER BY t.since, t.case_id"
)


def _of(history: History, rule: Mapping[str, Any], data: Mapping[str, Any], since: int, until: int) -> Iterator[Any]:
    if "begins" in rule:
        since, until = _day(data[rule["begins"]], 0), min(until, _day(data[rule["ends"]], 1))
    things = data.get(rule["each"]) or () if "each" in rule else (rule["definition"],)
    for thing in things:
        yield (history.customer, thing), (since, until, history.number)


def _day(day: str, after: int) -> int:
    """The first moment of a local day, or of the one after it."""
    moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return int(moment.timestamp()) * 1_000_000 - HOURS + after * 86_400_000_000
