"""A customer's record as controls look at it: as it stood between two changes, and month by month."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from workflow.audit.controls.course import Facts, Subject
from workflow.audit.known import Known
from workflow.core.moments import micros
from workflow.core.splits import WHOLE
from workflow.core.step import Step
from workflow.core.stints import owner
from workflow.definitions.controls import Control

TEXTS = ("tier", "stage", "lead")
IDS = ("unit", "a", "b")


@dataclass(frozen=True, slots=True)
class Stand:
    """The record from one moment to another. `seq`: the step that made it so."""

    seq: int
    since: datetime
    until: datetime
    values: Mapping[str, Any]


class Record:
    """The history of a customer's record up to a moment. Months are those of `zone`."""

    def __init__(self, steps: Sequence[Step], *, until: datetime, zone: ZoneInfo, known: Known) -> None:
        self.customer = steps[0].case
        self.until = until
        self.zone = zone
        self._known = known
        self.stands = list(_stands(steps, until))

    def subjects(self, control: Control, since: datetime | None) -> Iterator[Subject]:
        return self._months(control, since) if control.each == "month" else self._stands(since)

    def _stands(self, since: datetime | None) -> Iterator[Subject]:
        for one in self.stands:
            if since is not None and one.until <= since:
                continue
            seconds = int((one.until - one.since).total_seconds())
            made = {**_named(one.values), "held.seconds": _giving(seconds)}
            made |= {"customer.owner": _giving(owner(one.values) or 0), "shares.whole": _giving(_whole(one.values))}
            detail = {"since": micros(one.since), "until": micros(one.until), "open": one.until >= self.until}
            yield Subject(self.customer, one.seq, one.since, Facts(made), detail, None)

    def _months(self, control: Control, since: datetime | None) -> Iterator[Subject]:
        if not self.stands:
            return
        begin = max(self.stands[0].since, since or self.stands[0].since)
        month = first_of_month(begin.astimezone(self.zone))
        if month < begin:
            month = next_month(month)
        while (end := next_month(month)) <= self.until:
            before, after = self._at(month), self._at(end)
            if before is not None and after is not None:
                yield self._month(control, month, end, before, after)
            month = end

    def _month(self, control: Control, month: datetime, end: datetime, before: Stand, after: Stand) -> Subject:
        def reached() -> int:
            return sum(
                1 for case in self._known.archive.cases_of(self.customer) if self._enters(case, control, month, end)
            )

        facts = Facts(
            {
                "customer.tier": _giving(after.values.get("tier") or ""),
                "customer.stage": _giving(after.values.get("stage") or ""),
                "customer.tier_before": _giving(before.values.get("tier") or ""),
                "customer.stage_before": _giving(before.values.get("stage") or ""),
                "reached": reached,
            }
        )
        return Subject(self.customer, after.seq, end, facts, {"month": f"{month:%Y-%m}"}, None)

    def _enters(self, case: int, control: Control, month: datetime, end: datetime) -> bool:
        first = self._known.archive.first(case)
        if first is None or first.ops[0][1].get("definition") != control.of.definition:
            return False
        return any(
            step.to_state in control.of.reached and step.to_state != step.from_state and month <= step.effective < end
            for step in self._known.archive.steps(case)
        )

    def _at(self, moment: datetime) -> Stand | None:
        found = None
        for one in self.stands:
            if one.since > moment:
                break
            found = one
        return found


def first_of_month(at: datetime) -> datetime:
    """The beginning of the month in the zone of the moment."""
    return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(begin: datetime) -> datetime:
    year, month = divmod(begin.year * 12 + begin.month, 12)
    return begin.replace(year=year, month=month + 1)


def _stands(steps: Sequence[Step], until: datetime) -> Iterator[Stand]:
    """What held for any time at all: of changes written at one moment, only the last."""
    values: dict[str, Any] = {}
    for place, step in enumerate(steps):
        for op, body in step.ops:
            if op == "set":
                values = {**values, **body}
            elif op == "split":
                values = {**values, "split": body}
        end = steps[place + 1].recorded if place + 1 < len(steps) else until
        if end > step.recorded:
            yield Stand(step.seq, step.recorded, end, values)


def _named(values: Mapping[str, Any]) -> dict[str, Callable[[], Any]]:
    texts = {f"customer.{name}": _giving(values.get(name) or "") for name in TEXTS}
    return {**texts, **{f"customer.{name}": _giving(values.get(name) or 0) for name in IDS}}


def _whole(values: Mapping[str, Any]) -> bool:
    """Whether what was last fixed of the shares is 100.00 %; in a schedule, what is left over is the keeper's."""
    order = values.get("split")
    if order is None:
        return True
    if "shares" in order:
        return bool(sum(part for _, part in order["shares"]) == WHOLE)
    return all(0 <= year <= WHOLE for year in order["years"])


def _giving(value: Any) -> Callable[[], Any]:
    return lambda: value
