"""IEEE 1849 XES: one trace a case, one event a step, in the order of the history.

Extensions: concept (what), lifecycle (which kind of step), org (who), time (when it took effect), and cost for money
that a step wrote down. What has no place in these is under `baton:`, what was filled in under `data:`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TextIO
from xml.sax.saxutils import escape

from workflow.audit.exports.wording import Wording
from workflow.service.courses import Course
from workflow.service.views.cases import CaseRow
from workflow.service.views.names import Masked
from workflow.service.views.steps import StepRow

EXTENSIONS = {
    "Concept": ("concept", "http://www.xes-standard.org/concept.xesext"),
    "Lifecycle": ("lifecycle", "http://www.xes-standard.org/lifecycle.xesext"),
    "Organizational": ("org", "http://www.xes-standard.org/org.xesext"),
    "Time": ("time", "http://www.xes-standard.org/time.xesext"),
    "Cost": ("cost", "http://www.xes-standard.org/cost.xesext"),
}
TRANSITIONS = {
    "claim": "assign", "release": "reassign", "delegate": "reassign", "reassign": "reassign", "pause": "suspend",
    "resume": "resume",
}  # fmt: skip
"""Kind of step → its place in the standard lifecycle; everything else is done when it is written: complete."""
CURRENCY = "CNY"
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def write(out: TextIO, courses: Iterable[Course], wording: Wording) -> tuple[int, int]:
    """The whole log; gives how many cases and steps it has."""
    out.writelines(_opening(wording))
    cases = steps = 0
    for course in courses:
        out.write("  <trace>\n")
        out.writelines(_trace(course, wording))
        for step in course.steps:
            out.write("    <event>\n")
            out.writelines(_event(course.row, step, wording))
            out.write("    </event>\n")
        out.write("  </trace>\n")
        cases, steps = cases + 1, steps + len(course.steps)
    out.write("</log>\n")
    return cases, steps


def _opening(wording: Wording) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield '<log xes.version="1849-2016" xes.features="nested-attributes" xmlns="http://www.xes-standard.org/">\n'
    for name, (prefix, uri) in EXTENSIONS.items():
        yield f'  <extension name="{name}" prefix="{prefix}" uri="{uri}"/>\n'
    yield '  <global scope="trace">\n    <string key="concept:name" value=""/>\n  </global>\n'
    yield '  <global scope="event">\n    <string key="concept:name" value=""/>\n'
    yield '    <string key="lifecycle:transition" value="complete"/>\n'
    yield '    <date key="time:timestamp" value="1970-01-01T00:00:00.000000+00:00"/>\n  </global>\n'
    yield '  <classifier name="Activity" keys="concept:name"/>\n'
    yield '  <classifier name="Kind and trigger" keys="baton:kind baton:trigger"/>\n'
    yield _string("  ", "lifecycle:model", "standard")
    yield _string("  ", "concept:name", "Baton")
    yield _string("  ", "baton:language", wording.language)


def _trace(course: Course, wording: Wording) -> Iterator[str]:
    row = course.row
    pad = "    "
    yield _string(pad, "concept:name", row.number)
    yield _int(pad, "baton:case", row.id)
    yield _string(pad, "baton:definition", row.definition)
    yield _string(pad, "baton:lifecycle", wording.lifecycle(row))
    yield _int(pad, "baton:version", row.version)
    yield _string(pad, "baton:state", row.state)
    yield _date(pad, "baton:opened", row.opened)
    if row.closed is not None:
        yield _date(pad, "baton:closed", row.closed)
    if row.customer is not None:
        yield _string(pad, "baton:customer", row.customer.number)
        yield _string(pad, "baton:customer-name", wording.name(row.customer))
        yield _string(pad, "baton:tier", row.customer.tier)
    if row.unit is not None:
        yield _string(pad, "org:group", wording.name(row.unit))
    if course.parent is not None:
        yield _int(pad, "baton:parent", course.parent)


def _event(row: CaseRow, step: StepRow, wording: Wording) -> Iterator[str]:
    pad = "      "
    yield _string(pad, "concept:name", wording.activity(row.definition, step))
    yield _string(pad, "lifecycle:transition", TRANSITIONS.get(step.kind, "complete"))
    yield _date(pad, "time:timestamp", step.effective)
    if step.actor is not None:
        yield _string(pad, "org:resource", wording.name(step.actor))
    if row.unit is not None:
        yield _string(pad, "org:group", wording.name(row.unit))
    yield _int(pad, "baton:seq", step.seq)
    yield _string(pad, "baton:kind", step.kind)
    yield _string(pad, "baton:trigger", step.trigger)
    yield _string(pad, "baton:from", step.from_state)
    yield _string(pad, "baton:to", step.to_state)
    yield _date(pad, "baton:recorded", step.recorded)
    yield _int(pad, "baton:version", step.version)
    if step.behalf is not None:
        yield _string(pad, "baton:behalf", wording.name(step.behalf))
    if step.task is not None:
        yield _int(pad, "baton:task", step.task)
    yield _string(pad, "baton:hash", step.hash)
    for name, held in step.form.items():
        yield _value(pad, f"data:{name}", wording.plain(held))
    yield from _cost(pad, row, step, wording)


def _cost(pad: str, row: CaseRow, step: StepRow, wording: Wording) -> Iterator[str]:
    """Every amount of money a step wrote down, as a driver; no total, since revenue and compensation do not add up."""
    rules = wording.definition(row.definition, step.version)
    amounts = [(name, amount) for name, held in step.form.items() if (amount := _money(rules, name, held)) is not None]
    if not amounts:
        return
    yield _string(pad, "cost:currency", CURRENCY)
    yield f'{pad}<list key="cost:drivers">\n{pad}  <values>\n'
    for name, amount in amounts:
        yield f'{pad}    <string key="{_fit(name)}" value="">\n{pad}      <float key="cost:amount" value="{amount}"/>\n'
        yield f"{_string(pad + '      ', 'cost:driver', name)}{pad}    </string>\n"
    yield f"{pad}  </values>\n{pad}</list>\n"


def _money(rules: Any, name: str, held: Any) -> Decimal | None:
    field = rules.fields.get(name) if rules else None
    if field is None or field.type != "money" or held is None or isinstance(held, Masked):
        return None
    try:
        return Decimal(str(held))
    except InvalidOperation:
        return None


def _value(pad: str, key: str, held: str | int | float | bool | None) -> str:
    if isinstance(held, bool):
        return f'{pad}<boolean key="{_fit(key)}" value="{"true" if held else "false"}"/>\n'
    if isinstance(held, int):
        return _int(pad, _fit(key), held)
    if isinstance(held, float):
        return f'{pad}<float key="{_fit(key)}" value="{held!r}"/>\n'
    return _string(pad, _fit(key), "" if held is None else held)


def _string(pad: str, key: str, value: str) -> str:
    return f'{pad}<string key="{key}" value="{_fit(value)}"/>\n'


def _int(pad: str, key: str, value: int) -> str:
    return f'{pad}<int key="{key}" value="{value}"/>\n'


def _date(pad: str, key: str, at: datetime) -> str:
    return f'{pad}<date key="{key}" value="{moment(at)}"/>\n'


def moment(at: datetime) -> str:
    """ISO 8601 in UTC with all its microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


_ENTITIES = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


def _fit(value: str) -> str:
    """As the value of an attribute; what XML cannot hold is replaced by a mark."""
    return escape(_UNFIT.sub("\N{REPLACEMENT CHARACTER}", value), _ENTITIES)
