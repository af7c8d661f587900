"""What happened in the period: what ran late and was handed up, what was refused, who read what, who changed what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from workflow.audit.refused import KINDS, OTHER
from workflow.audit.report.paper import Part, Period, Row, Words, listed
from workflow.core.lateness import merged, spread
from workflow.core.step import Step
from workflow.messages import lateness as lengths
from workflow.messages.catalogue import find
from workflow.service.organisation import BOOK
from workflow.service.shown import Shown
from workflow.storage import lateness
from workflow.storage.queries import audited, history
from workflow.storage.queries.audited import Over

if TYPE_CHECKING:
    from sqlalchemy import Connection

LATE, RAISED = "/audit/report/late", "/audit/report/raised"
LATENESS, REFUSALS, LOOKS, ORGANISATION = "/supervision/lateness", "/audit/refusals", "/audit/looks/", "/organisation/"
STAGES = ("fired", "committed", "sent", "delivered")
CAUSES = ("busy", "failed", "down", "held")
MOST = 200
"""Changes of the organisation written out."""

OF_PERSONS = frozenset({"add_person", "change_person"})
OF_UNITS = frozenset({"add_unit", "change_unit", "set_calendar"})
"""Whose `id` is that of a person, or of a unit."""

AUDITORS_OWN = frozenset(
    {"add_finding", "answer_finding", "close_finding", "sign_off", "draw_sample", "ask_verification"}
)
"""Steps of the organisation's record that change nothing of it: they have parts of their own."""


def work(connection: Connection, shown: Shown, over: Over, words: Words) -> Part:
    taken, of = audited.steps_by_kind(connection, shown.reader, over)
    rows = [Row((words("steps_taken"), taken), "/audit/"), Row((words("of_cases"), of), "/audit/")]
    return Part(key="work", title=words("work"), columns=(words("what"), words("figure")), rows=rows, to="/audit/")


def late(connection: Connection, shown: Shown, period: Period, over: Over, words: Words) -> Part:
    """Clocks that ran out, by lifecycle and clock; what of it was noticed late because nothing was running."""
    sums: dict[tuple[str, str], list[int]] = {}
    for definition, version, clock, *counts in audited.breaches(connection, shown.reader, over):
        names = words.wording.names(definition, version)
        lifecycle = names.lifecycle(words.language) or definition
        key = (lifecycle, names.clock(clock, words.language) or clock)
        sums[key] = [a + b for a, b in zip(sums.get(key, [0, 0, 0]), counts, strict=True)]
    to = listed(LATE, **period.days, unit=period.unit)
    rows = [Row((*key, *counts), to, warn=True) for key, counts in sorted(sums.items())]
    rows.append(Row((words("total"), "", *(sum(one[place] for one in sums.values()) for place in range(3))), to))
    columns = (words("lifecycle"), words("clock"), words("breached"), words("in_outage"), words("still_open"))
    return Part(key="late", title=words("late"), columns=columns, rows=rows, to=to)


def raised(connection: Connection, shown: Shown, period: Period, over: Over, words: Words) -> Part:
    to = listed(RAISED, **period.days, unit=period.unit)
    found = audited.raised(connection, shown.reader, over)
    rows = [Row((words("level", level=level), *counts), to, warn=bool(counts[2])) for level, *counts in found]
    rows.append(Row((words("total"), *(sum(one[place] for one in found) for place in (1, 2, 3))), to))
    columns = (words("what"), words("handed_up"), words("acknowledged"), words("still_open"))
    return Part(key="raised", title=words("raised"), columns=columns, rows=rows, to=to)


def outages(connection: Connection, over: Over, words: Words) -> Part:
    """When no scheduler was alive, and how late what happens by itself was, of the whole house."""
    down = [
        Row((words("outage"), since, until, lengths.length(until - since, words.language), None), LATENESS, warn=True)
        for since, until in audited.down(connection, over)
    ]
    columns = (words("what"), words("from_"), words("to_"), words("lasted"), words("longest"))
    return Part(
        key="outages", title=words("outages"), columns=columns, rows=[*down, *_lateness(connection, over, words)],
        to=LATENESS, notes=[words("lateness_text")],
    )  # fmt: skip


def _lateness(connection: Connection, over: Over, words: Words) -> Iterator[Row]:
    found = lateness.counted(connection, over.since, over.until)
    for stage in STAGES:
        for cause in CAUSES:
            figures = spread(merged(counts for (at, _, why), counts in found.items() if (at, why) == (stage, cause)))
            if figures is not None:
                told = " · ".join(lengths.told(stage, "", cause, words.language))
                times = [lengths.length(one, words.language) for one in (figures.p50, figures.p99, figures.longest)]
                half, most = times[:2]
                what = words("late_of", count=f"{figures.count:,}", what=told)
                yield Row((what, None, None, words("half_and_most", half=half, most=most), times[2]), LATENESS)


def refusals(connection: Connection, shown: Shown, period: Period, over: Over, words: Words) -> Part:
    """By why: not allowed, not now, somebody was quicker, wrongly filled in, signing in, and everything else."""
    counts = dict(audited.refusals(connection, shown.reader, over))
    total = sum(counts.values())
    rows = []
    for kind, codes in KINDS.items():
        found = sum(counts.pop(code, 0) for code in codes)
        to = listed(REFUSALS, kind=kind, **period.days, unit=period.unit)
        rows.append(Row((words.among("kind", kind), found), to, warn=kind in ("denied", "sign_in") and bool(found)))
    every = listed(REFUSALS, **period.days, unit=period.unit)
    other = listed(REFUSALS, kind=OTHER, **period.days, unit=period.unit)
    rows.append(Row((words("kind_other"), sum(counts.values())), other))
    rows.append(Row((words("total"), total), every))
    return Part(key="refusals", title=words("refusals"), columns=(words("why"), words("figure")), rows=rows, to=every)


def readings(connection: Connection, shown: Shown, period: Period, over: Over, words: Words) -> Part:
    to = listed(LOOKS, **period.days, unit=period.unit)
    found = audited.readings(connection, shown.reader, over)
    rows = [Row((words.among("read", kind), count, persons), to) for kind, count, persons in found]
    rows.append(Row((words("total"), sum(count for _, count, _ in found), None), to))
    columns = (words("what"), words("figure"), words("persons"))
    return Part(key="readings", title=words("readings"), columns=columns, rows=rows, to=to)


def changes(connection: Connection, shown: Shown, over: Over, words: Words) -> Part:
    """Who changed roles, people, units, calendars and who stands in for whom, the last first."""
    counts, found = audited.changes(connection, BOOK, over, limit=10 * MOST)
    total = sum(count for trigger, count in counts.items() if trigger not in AUDITORS_OWN)
    below = shown.reader.directory.below(over.unit) if over.unit is not None else None
    told = [history.step(row) for row in found]
    mine = [one for one in told if one.trigger not in AUDITORS_OWN and (below is None or _units(one, shown) & below)]
    rows = [_change(one, shown, words) for one in mine[:MOST]]
    notes = [words("changes_text", shown=f"{len(rows):,}", total=f"{total if below is None else len(mine):,}")]
    columns = (words("moment"), words("who"), words("change"), words("whom"), words("unit"), words("role"))
    return Part(
        key="changes", title=words("changes"), columns=columns, rows=rows, to=ORGANISATION, notes=notes
    )  # fmt: skip


def _change(step: Step, shown: Shown, words: Words) -> Row:
    form, wording = step.form, words.wording
    directory = shown.reader.directory
    persons = [directory.person(form.get(name)) for name in ("person_id", "absent_id", "substitute_id")]
    if step.trigger in OF_PERSONS:
        persons = [directory.person(form.get("id"))]
    unit = directory.unit(form.get("unit_id"))
    if step.trigger in OF_UNITS:
        unit = directory.unit(form.get("id"))
    role = form.get("role")
    cells = (
        step.effective,
        wording.name(directory.person(step.actor.person)) or words("system"),
        find(words.language, "admin", step.trigger) or step.trigger,
        " → ".join(wording.name(one) for one in persons if one is not None),
        wording.name(unit),
        find(words.language, "role", role) if isinstance(role, str) else "",
    )
    return Row(cells, _where(step.trigger))


def _where(trigger: str) -> str:
    if "substitution" in trigger:
        return f"{ORGANISATION}substitutions"
    return f"{ORGANISATION}units" if trigger in OF_UNITS else ORGANISATION


def _units(step: Step, shown: Shown) -> frozenset[int]:
    """The units a change is about: named in it, or where the persons named in it are at home now."""
    directory, at, form = shown.reader.directory, shown.reader.at, step.form
    named = {form.get("unit_id")}
    named |= {form.get("id")} if step.trigger in OF_UNITS else set()
    persons = {form.get(name) for name in ("person_id", "absent_id", "substitute_id")}
    persons |= {form.get("id")} if step.trigger in OF_PERSONS else set()
    named |= {directory.home(one, at) for one in persons if one is not None}
    return frozenset(one for one in named if one is not None)
