"""The door's part about auditors: findings, sign-off notes and samples, each a step of the organisation's record.

So they are in the log like everything else. They change nothing: auditors write nothing besides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from random import Random
from typing import Any, Literal

from workflow.core.case import is_id
from workflow.core.directory import OVERSEERS
from workflow.core.errors import FindingClosed, FindingNotFound, NotPermitted, PeriodUnfit, SampleUnfit, StepNotFound
from workflow.core.personal import reveal
from workflow.core.step import Actor
from workflow.service import written
from workflow.service.organisation import BOOK, Organisation
from workflow.service.reading import Reading
from workflow.service.unit import Unit
from workflow.service.views.names import PersonName
from workflow.storage.queries import cases, findings, history

SEVERITIES = ("low", "medium", "high")
OF = ("cases", "steps")
MOST_DRAWN = 200

AUDITING: Mapping[str, frozenset[str]] = {
    "add_finding": frozenset({"auditor"}),
    "answer_finding": frozenset({"auditor"}) | OVERSEERS,
    "close_finding": frozenset({"auditor"}),
    "sign_off": frozenset({"auditor"}),
    "draw_sample": frozenset({"auditor"}),
    "close_damage": frozenset({"auditor"}),
    "ask_verification": frozenset({"auditor", "director"}),
}
"""Who may write what: whoever answers for the work answers; auditors say whether that is enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something said about a finding, or a period that was signed off."""

    kind: str
    at: datetime
    by: PersonName | None
    text: str
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`no`: the step of the organisation's record that raised it. `case`, `seq`, `control`: what it is about."""

    no: int
    text: str
    severity: str
    at: datetime
    by: PersonName | None
    case: int | None
    number: str | None
    seq: int | None
    control: str | None
    state: Literal["open", "answered", "closed"] = "open"
    notes: tuple[Note, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What was drawn by a seed: (case, step) pairs, of them those the reader may see with the case's number."""

    no: int
    seed: int
    of: str
    definition: str | None
    since: datetime | None
    until: datetime
    count: int
    among: int
    at: datetime
    by: PersonName | None
    chosen: tuple[tuple[int, int], ...]
    numbers: Mapping[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOff:
    no: int
    since: str
    until: str
    text: str
    at: datetime
    by: PersonName | None


class Findings(Organisation, Reading):
    """What auditors write, and what of it a reader may see."""

    def add_finding(
        self,
        text: str,
        *,
        severity: str,
        actor: Actor,
        case: int | None = None,
        seq: int | None = None,
        control: str | None = None,
        at: datetime | None = None,
    ) -> int:
        """A finding about a step, a case, a control or none of them; gives its number.

        Raises `TextEmpty`, `TextUnfit`, `StepNotFound`, `Refused`.
        """

        def check(work: Unit, now: datetime) -> dict[str, Any]:
            fit = written.text("reason", text)
            about = None if case is None else self._about(work, case, seq, actor, now)
            known = {one.name for one in self.library.controls}
            return {
                "severity": severity if severity in SEVERITIES else SEVERITIES[1],
                "case": about,
                "seq": seq if about is not None else None,
                "control": control if control in known else None,
                "reason": fit,
            }

        return self._write("add_finding", actor, at, check)

    def answer_finding(self, finding: int, text: str, *, actor: Actor, at: datetime | None = None) -> int:
        """Say something to a finding. Raises `FindingNotFound`, `FindingClosed`, `TextEmpty`, `Refused`."""
        return self._write("answer_finding", actor, at, lambda work, now: self._said(work, finding, text, actor, now))

    def close_finding(self, finding: int, text: str, *, actor: Actor, at: datetime | None = None) -> int:
        """Be done with a finding. Raises `FindingNotFound`, `FindingClosed`, `TextEmpty`, `Refused`."""
        return self._write("close_finding", actor, at, lambda work, now: self._said(work, finding, text, actor, now))

    def sign_off(self, since: str, until: str, text: str, *, actor: Actor, at: datetime | None = None) -> int:
        """Note that a period (two days, 2026-03-01) was audited. Raises `PeriodUnfit`, `TextEmpty`, `Refused`."""

        def check(work: Unit, now: datetime) -> dict[str, Any]:
            if not (_is_day(since) and _is_day(until) and since <= until):
                raise PeriodUnfit()
            return {"since": since, "until": until, "reason": written.text("reason", text)}

        return self._write("sign_off", actor, at, check)

    def draw_sample(
        self,
        count: int,
        *,
        seed: int,
        of: str,
        actor: Actor,
        definition: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        at: datetime | None = None,
    ) -> int:
        """Draw some of what the actor may see and write down which, with the seed. Raises `SampleUnfit`, `Refused`."""

        def check(work: Unit, now: datetime) -> dict[str, Any]:
            if of not in OF or not 1 <= count <= MOST_DRAWN or not 0 <= seed < 2**53:
                raise SampleUnfit(most=MOST_DRAWN)
            end = min(until or now, now)
            reader = self._reader(work.directory, actor)
            among = findings.drawable(work.connection, reader, of=of, definition=definition, since=since, until=end)
            total, chosen = drawn(among, count, seed)
            return {
                "seed": seed, "of": of, "definition": definition, "since": since, "until": end, "count": count,
                "among": total, "chosen": [list(one) for one in chosen],
            }  # fmt: skip

        return self._write("draw_sample", actor, at, check)

    def findings(self, reader: Actor) -> list[Finding]:
        """Those about what the reader may see, and about no case; the last first."""
        with self._read(reader) as (connection, shown):
            vault = cases.secrets(connection, BOOK)
            rows = [history.step(row) for row in findings.written(connection, BOOK, _OF_FINDINGS)]
            about = [step.form["case"] for step in rows if step.form.get("case") is not None]
            seen = findings.seen(connection, shown.reader, about)
            found: dict[int, Finding] = {}
            for step in rows:
                form = {name: reveal(value, vault) for name, value in step.form.items()}
                by = shown.person(step.actor.person)
                if step.trigger == "add_finding":
                    case = form["case"]
                    if case is None or case in seen:
                        found[step.seq] = Finding(
                            no=step.seq, text=form["reason"] or "", severity=form["severity"], at=step.effective,
                            by=by, case=case, number=seen[case].number if case is not None else None,
                            seq=form["seq"], control=form["control"],
                        )  # fmt: skip
                elif form["finding"] in found:
                    said = Note(kind=step.trigger, at=step.effective, by=by, text=form["reason"] or "", seq=step.seq)
                    one = found[form["finding"]]
                    state = "closed" if step.trigger == "close_finding" else "answered"
                    found[one.no] = replace(one, state=state, notes=(*one.notes, said))  # type: ignore[arg-type]
            return list(found.values())[::-1]

    def sign_offs(self, reader: Actor) -> list[SignOff]:
        """Periods that were signed off, the last first."""
        with self._read(reader) as (connection, shown):
            vault = cases.secrets(connection, BOOK)
            rows = [history.step(row) for row in findings.written(connection, BOOK, ("sign_off",))]
            return [
                SignOff(
                    no=step.seq, since=step.form["since"], until=step.form["until"],
                    text=reveal(step.form["reason"], vault) or "", at=step.effective,
                    by=shown.person(step.actor.person),
                )
                for step in reversed(rows)
            ]  # fmt: skip

    def samples(self, reader: Actor) -> list[Sample]:
        """What was drawn, the last first."""
        with self._read(reader) as (connection, shown):
            rows = [history.step(row) for row in findings.written(connection, BOOK, ("draw_sample",))]
            seen = findings.seen(connection, shown.reader, (one[0] for step in rows for one in step.form["chosen"]))
            return [
                Sample(
                    no=step.seq, seed=step.form["seed"], of=step.form["of"], definition=step.form["definition"],
                    since=_moment(step.form["since"]), until=datetime.fromisoformat(step.form["until"]),
                    count=step.form["count"], among=step.form["among"], at=step.effective,
                    by=shown.person(step.actor.person),
                    chosen=tuple((case, seq) for case, seq in step.form["chosen"]),
                    numbers={row.id: row.number for row in seen.values()},
                )
                for step in reversed(rows)
            ]  # fmt: skip

    def _write(
        self, trigger: str, actor: Actor, at: datetime | None, check: Callable[[Unit, datetime], dict[str, Any]]
    ) -> int:
        now = at or self.clock()
        with self._refusing(actor, None, trigger, now), self._unit() as work:
            self._locked(work)
            self._check_actor(work, actor, now, own=True)
            if actor.person is not None and not work.directory.role_names(actor.principal, now) & AUDITING[trigger]:
                raise NotPermitted(action=trigger)
            seq = self._note(work, trigger, check(work, now), actor, now)
            work.flush()
            return seq

    def _about(self, work: Unit, case: int, seq: int | None, actor: Actor, now: datetime) -> int:
        """A case the actor may see, with that step."""
        row = cases.one(work.connection, case, self._reader(work.directory, actor)) if is_id(case) else None
        steps = [] if row is None else [one.seq for one in history.rows(work.connection, case)]
        if not steps or (seq is not None and seq not in steps):
            raise StepNotFound(case=case, seq=seq or 1)
        return case

    def _said(self, work: Unit, finding: int, text: str, actor: Actor, now: datetime) -> dict[str, Any]:
        rows = [history.step(row) for row in findings.written(work.connection, BOOK, _OF_FINDINGS)]
        raised = next((step for step in rows if step.seq == finding and step.trigger == "add_finding"), None)
        if raised is None:
            raise FindingNotFound(finding=finding)
        about = raised.form.get("case")
        if about is not None and not findings.seen(work.connection, self._reader(work.directory, actor), [about]):
            raise FindingNotFound(finding=finding)
        if any(step.trigger == "close_finding" and step.form["finding"] == finding for step in rows):
            raise FindingClosed(finding=finding)
        return {"finding": finding, "reason": written.text("reason", text)}


_OF_FINDINGS = ("add_finding", "answer_finding", "close_finding")


def drawn(among: Iterable[tuple[int, int]], count: int, seed: int) -> tuple[int, list[tuple[int, int]]]:
    """How many there were, and those drawn, in order: by a reservoir, which needs no more memory for more of them."""
    rng = Random(seed)
    chosen: list[tuple[int, int]] = []
    total = 0
    for total, one in enumerate(among, start=1):
        if len(chosen) < count:
            chosen.append(one)
        elif (place := rng.randrange(total)) < count:
            chosen[place] = one
    return total, sorted(chosen)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
