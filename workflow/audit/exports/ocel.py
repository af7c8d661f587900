"""OCEL 2.0 as JSON: one event a step, related to every object it is about.

Objects: customer, case, task, escalation, person, unit. What belongs to a case is whole when its history has been
read, so it goes to a file beside and is joined on at the end: memory holds customers, persons and units only.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from tempfile import TemporaryFile
from typing import Any, TextIO

from workflow.audit.exports.wording import Wording
from workflow.core.codec import dumps
from workflow.core.moments import moment_of
from workflow.service.courses import Course
from workflow.service.views.cases import CaseRow
from workflow.service.views.steps import StepRow

STATIC = datetime(1970, 1, 1, tzinfo=UTC)
"""The moment OCEL gives to an attribute that was always so."""
OBJECTS: dict[str, dict[str, str]] = {
    "case": {"number": "string", "lifecycle": "string", "version": "integer", "opened": "time", "closed": "time",
             "state": "string"},
    "task": {"name": "string", "title": "string", "role": "string", "due": "time"},
    "escalation": {"clock": "string", "run": "integer", "level": "integer", "role": "string"},
    "customer": {"number": "string", "name": "string", "tier": "string"},
    "person": {"name": "string"},
    "unit": {"code": "string", "name": "string", "kind": "string"},
}  # fmt: skip
EVENT = {
    "case": "string", "seq": "integer", "kind": "string", "trigger": "string", "from": "string", "to": "string",
    "version": "integer", "recorded": "time", "hash": "string",
}  # fmt: skip
"""Attributes every event has, beside what was filled in."""


def write(out: TextIO, courses: Iterable[Course], wording: Wording, *, among: Collection[int]) -> tuple[int, int]:
    """The whole log; gives how many cases and steps it has. `among`: the ids of the cases that will come."""
    log = _Log(wording, among)
    cases = steps = 0
    with TemporaryFile("w+", encoding="utf-8") as beside:
        out.write('{"events":[\n')
        for course in courses:
            for event in log.events(course):
                out.write(f"{',' if steps else ''}{dumps(event)}\n")
                steps += 1
            for thing in log.things(course):
                beside.write(f"{dumps(thing)}\n,")
            cases += 1
        out.write('],"objects":[\n')
        for thing in log.shared():
            beside.write(f"{dumps(thing)}\n,")
        beside.truncate(max(beside.tell() - 1, 0))
        beside.seek(0)
        shutil.copyfileobj(beside, out)
    out.write(f'],"objectTypes":{dumps(list(_types(OBJECTS)))},\n"eventTypes":{dumps(list(_types(log.kinds)))}}}\n')
    return cases, steps


class _Log:
    """What has been met so far: kinds of events with their attributes, customers, persons and units."""

    def __init__(self, wording: Wording, among: Collection[int]) -> None:
        self.wording = wording
        self.among = among
        self.kinds: dict[str, dict[str, str]] = {}
        self.customers: dict[int, Any] = {}
        self.persons: set[int] = set()
        self.units: set[int] = set()

    def events(self, course: Course) -> Iterator[dict[str, Any]]:
        row = course.row
        for step in course.steps:
            kind = f"{self.wording.lifecycle(row)}: {self.wording.activity(row.definition, step)}"
            about = self.kinds.setdefault(kind, dict(EVENT))
            values: dict[str, Any] = {
                "case": row.number, "seq": step.seq, "kind": step.kind, "trigger": step.trigger,
                "from": step.from_state, "to": step.to_state, "version": step.version,
                "recorded": _moment(step.recorded), "hash": step.hash,
            }  # fmt: skip
            for name, held in step.form.items():
                plain = self.wording.plain(held)
                values[_declared(about, f"data.{name}", _type(plain))] = "" if plain is None else plain
            yield {
                "id": f"case:{row.id}:{step.seq}",
                "type": kind,
                "time": _moment(step.effective),
                "attributes": [{"name": name, "value": held} for name, held in values.items()],
                "relationships": list(self._about(row, step)),
            }

    def _about(self, row: CaseRow, step: StepRow) -> Iterator[dict[str, str]]:
        yield _related(f"case:{row.id}", "case")
        if row.customer is not None:
            self.customers[row.customer.id] = row.customer
            yield _related(f"customer:{row.customer.id}", "customer")
        yield from self._unit(row.unit.id if row.unit else None, "unit")
        yield from self._person(step.actor.id if step.actor else None, "actor")
        yield from self._person(step.behalf.id if step.behalf else None, "behalf")
        seen: dict[str, None] = {}
        if step.task is not None:
            seen[f"task:{row.id}:{step.task}"] = None
        people: dict[tuple[int, str], None] = {}
        for op, body in step.ops:
            if op in ("task+", "task="):
                seen[f"task:{row.id}:{body['no']}"] = None
                people[body.get("assignee"), "assignee"] = None
            elif op == "task-":
                seen |= dict.fromkeys(f"task:{row.id}:{no}" for no in body)
            elif op in ("escalation+", "escalation="):
                seen[f"escalation:{row.id}:{body['no']}"] = None
                people |= dict.fromkeys((person, "told") for person in body.get("persons", ()))
            elif op == "escalation-":
                seen |= dict.fromkeys(f"escalation:{row.id}:{no}" for no in body)
        for thing in seen:
            yield _related(thing, thing.partition(":")[0])
        for person, part in people:
            yield from self._person(person, part)

    def things(self, course: Course) -> Iterator[dict[str, Any]]:
        """The case with its states one after the other, its tasks, its escalations."""
        row = course.row
        states = [step for before, step in zip([None, *course.steps], course.steps, strict=False)
                  if before is None or before.to_state != step.to_state]  # fmt: skip
        fixed = {
            "number": row.number, "lifecycle": self.wording.lifecycle(row), "version": row.version,
            "opened": _moment(row.opened),
        }  # fmt: skip
        if row.closed is not None:
            fixed["closed"] = _moment(row.closed)
        related = []
        if row.customer is not None:
            related.append(_related(f"customer:{row.customer.id}", "customer"))
        related += self._unit(row.unit.id if row.unit else None, "unit")
        if course.parent in self.among:
            related.append(_related(f"case:{course.parent}", "opened by"))
        related += [_related(f"case:{other}", name) for name, other in course.links if other in self.among]
        yield {
            "id": f"case:{row.id}",
            "type": "case",
            "attributes": [
                *_always(fixed),
                *({"name": "state", "time": _moment(one.effective), "value": one.to_state} for one in states),
            ],
            "relationships": related,
        }
        for step in course.steps:
            for op, body in step.ops:
                if op == "task+":
                    yield self._task(row, body)
                elif op == "escalation+":
                    yield self._escalation(row, body)

    def _task(self, row: CaseRow, body: dict[str, Any]) -> dict[str, Any]:
        names = self.wording.names(row.definition, row.version)
        title = names.task(body["name"], self.wording.language) or body["name"]
        values = {"name": body["name"], "title": title, "role": body["role"]}
        if body.get("due") is not None:
            values["due"] = _moment(moment_of(body["due"]))
        return {
            "id": f"task:{row.id}:{body['no']}",
            "type": "task",
            "attributes": _always(values),
            "relationships": [
                _related(f"case:{row.id}", "case"),
                *self._unit(body.get("unit"), "queue"),
                *self._person(body.get("assignee"), "assignee"),
            ],
        }

    def _escalation(self, row: CaseRow, body: dict[str, Any]) -> dict[str, Any]:
        values = {name: body[name] for name in ("clock", "run", "level", "role")}
        return {
            "id": f"escalation:{row.id}:{body['no']}",
            "type": "escalation",
            "attributes": _always(values),
            "relationships": [
                _related(f"case:{row.id}", "case"),
                *self._unit(body.get("unit"), "unit"),
                *(one for person in body.get("persons", ()) for one in self._person(person, "told")),
            ],
        }

    def shared(self) -> Iterator[dict[str, Any]]:
        """Customers, persons and units that were met; the units above those as well."""
        directory = self.wording.directory
        for customer in self.customers.values():
            values = {"number": customer.number, "name": self.wording.text(customer.name), "tier": customer.tier}
            yield {"id": f"customer:{customer.id}", "type": "customer", "attributes": _always(values)}
        for number in sorted(self.persons):
            person = directory.persons[number]
            yield {
                "id": f"person:{number}",
                "type": "person",
                "attributes": _always({"name": self.wording.name(person)}),
            }
        for number in sorted({above for unit in self.units for above in directory.above(unit)}):
            unit = directory.units[number]
            values = {"code": unit.code, "name": self.wording.name(unit), "kind": unit.kind}
            over = [] if unit.parent is None else [_related(f"unit:{unit.parent}", "belongs to")]
            yield {"id": f"unit:{number}", "type": "unit", "attributes": _always(values), "relationships": over}

    def _person(self, person: int | None, part: str) -> Iterator[dict[str, str]]:
        if self.wording.directory.person(person) is not None and person is not None:
            self.persons.add(person)
            yield _related(f"person:{person}", part)

    def _unit(self, unit: int | None, part: str) -> Iterator[dict[str, str]]:
        if self.wording.directory.unit(unit) is not None and unit is not None:
            self.units.add(unit)
            yield _related(f"unit:{unit}", part)


def _declared(about: dict[str, str], name: str, kind: str) -> str:
    """The attribute's name; of another type than it had before, it gets a name of its own."""
    if about.setdefault(name, kind) == kind:
        return name
    other = f"{name} ({kind})"
    about[other] = kind
    return other


def _type(value: Any) -> str:
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "float"
    return "string"


def _types(known: dict[str, dict[str, str]]) -> Iterator[dict[str, Any]]:
    for name, attributes in known.items():
        yield {"name": name, "attributes": [{"name": one, "type": kind} for one, kind in attributes.items()]}


def _always(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"name": name, "time": _moment(STATIC), "value": value} for name, value in values.items()]


def _related(thing: str, part: str) -> dict[str, str]:
    return {"objectId": thing, "qualifier": part}


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
