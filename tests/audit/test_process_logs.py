"""What programs of process mining read is what happened: every case, step, moment, in order, and every reference."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema
import pytest

from tests.support.lived import live
from tests.support.office import Office
from workflow.audit.exports import ocel, xes
from workflow.audit.exports.export import Wish, export
from workflow.audit.exports.wording import Wording
from workflow.core.step import SYSTEM
from workflow.service.courses import Course, Selection
from workflow.service.views.lists import Filters

ZONE = ZoneInfo("Asia/Shanghai")
MOMENTS = ("time:timestamp", "baton:recorded")
VALUE = {"type": ["string", "number", "boolean"]}
ATTRIBUTES = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["name", "type"],
        "properties": {
            "name": {"type": "string"},
            "type": {"enum": ["string", "time", "integer", "float", "boolean"]},
        },
        "additionalProperties": False,
    },
}
TYPES = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["name", "attributes"],
        "properties": {"name": {"type": "string"}, "attributes": ATTRIBUTES},
        "additionalProperties": False,
    },
}
RELATIONS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["objectId", "qualifier"],
        "properties": {"objectId": {"type": "string"}, "qualifier": {"type": "string"}},
        "additionalProperties": False,
    },
}


def values(*names: str) -> dict[str, Any]:
    known = {"name": {"type": "string"}, "value": VALUE, "time": {"type": "string", "format": "date-time"}}
    return {
        "type": "array",
        "items": {
            "type": "object",
            "required": list(names),
            "properties": {name: known[name] for name in names},
            "additionalProperties": False,
        },
    }


def things(required: list[str], properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "array",
        "items": {"type": "object", "required": required, "properties": properties, "additionalProperties": False},
    }


TEXT = {"type": "string"}
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["eventTypes", "objectTypes", "events", "objects"],
    "properties": {
        "eventTypes": TYPES,
        "objectTypes": TYPES,
        "events": things(
            ["id", "type", "time"],
            {
                "id": TEXT,
                "type": TEXT,
                "time": {"type": "string", "format": "date-time"},
                "attributes": values("name", "value"),
                "relationships": RELATIONS,
            },
        ),
        "objects": things(
            ["id", "type"],
            {"id": TEXT, "type": TEXT, "attributes": values("name", "value", "time"), "relationships": RELATIONS},
        ),
    },
    "additionalProperties": False,
}
"""OCEL 2.0 as JSON, as the standard gives it (§6.3): names, types, and nothing else."""


@pytest.fixture
def quiet() -> Iterator[None]:
    """pm4py says at its import which faster packages it would like, and warns of being without them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def told(office: Office) -> list[Course]:
    with office.workflow.courses(SYSTEM, Selection()) as (_, courses):
        return list(courses)


def made(office: Office, form: Any, folder: Path, **more: Any) -> Path:
    path = folder / f"log.{form}"
    export(office.workflow, Wish(form=form, selection=Selection(), language="zh", zone=ZONE, **more), SYSTEM, path)
    return path


def expected(courses: list[Course]) -> list[tuple[str, int, Any, Any]]:
    return [(one.row.number, step.seq, step.effective, step.recorded) for one in courses for step in one.steps]


def test_pm4py_reads_every_case_step_and_moment_in_order(office: Office, tmp_path: Path, quiet: None) -> None:
    import pm4py

    live(office)
    courses = told(office)

    log = pm4py.read_xes(str(made(office, "xes", tmp_path)), show_progress_bar=False)

    read = [
        (row["case:concept:name"], row["baton:seq"], *(row[at].to_pydatetime() for at in MOMENTS))
        for row in log.to_dict("records")
    ]
    assert read == expected(courses)
    assert len(read) > 20
    persons = [step.actor.name.zh if step.actor else None for one in courses for step in one.steps]
    assert [None if one != one else one for one in log["org:resource"]] == persons
    assert [*log["baton:kind"]] == [step.kind for one in courses for step in one.steps]
    assert [*log["baton:hash"]] == [step.hash for one in courses for step in one.steps]


def test_pm4py_reads_every_event_and_object_of_ocel(sqlite_office: Office, tmp_path: Path, quiet: None) -> None:
    import pm4py

    live(sqlite_office)
    path = made(sqlite_office, "ocel", tmp_path)
    written = json.loads(path.read_text("utf-8"))

    log = pm4py.read_ocel2_json(str(path))

    assert len(log.events) == len(written["events"]) == len(expected(told(sqlite_office)))
    # What no event is about, pm4py leaves out: the units above those that have cases.
    met = {related["objectId"] for event in written["events"] for related in event["relationships"]}
    assert {*log.objects["ocel:oid"]} == met
    assert {one["type"] for one in written["objects"] if one["id"] not in met} == {"unit"}
    assert set(log.objects["ocel:type"]) == {"customer", "case", "task", "escalation", "person", "unit"}
    # Of two ways in which an event is about one object, pm4py keeps one.
    pairs = {(one["id"], related["objectId"]) for one in written["events"] for related in one["relationships"]}
    assert {*zip(log.relations["ocel:eid"], log.relations["ocel:oid"], strict=True)} == pairs


def test_ocel_fits_the_schema_and_every_reference_resolves(office: Office, tmp_path: Path) -> None:
    live(office)

    log = json.loads(made(office, "ocel", tmp_path).read_text("utf-8"))

    jsonschema.Draft202012Validator(SCHEMA).validate(log)
    dangling(log)
    assert [(e["attributes"][0]["value"], e["attributes"][1]["value"]) for e in log["events"]] == [
        (number, seq) for number, seq, _, _ in expected(told(office))
    ]


def dangling(log: dict[str, Any]) -> None:
    """Fails for a reference to nothing, a type or attribute that is not declared, or an id that stands there twice."""
    objects = {one["id"]: one["type"] for one in log["objects"]}
    assert len(objects) == len(log["objects"])
    assert len({one["id"] for one in log["events"]}) == len(log["events"])
    for kind, found in (("eventTypes", log["events"]), ("objectTypes", log["objects"])):
        declared = {one["name"]: {a["name"]: a["type"] for a in one["attributes"]} for one in log[kind]}
        assert len(declared) == len(log[kind])
        for one in found:
            for attribute in one.get("attributes", ()):
                fits(attribute["value"], declared[one["type"]][attribute["name"]])
            for related in one.get("relationships", ()):
                assert related["objectId"] in objects, related


def fits(value: Any, kind: str) -> None:
    wanted = {"string": str, "time": str, "integer": int, "float": float, "boolean": bool}
    assert type(value) is wanted[kind], (value, kind)


@pytest.mark.parametrize("broken", ["object", "type", "twice"])
def test_the_check_of_references_can_fail(sqlite_office: Office, tmp_path: Path, broken: str) -> None:
    live(sqlite_office, 2)
    log = json.loads(made(sqlite_office, "ocel", tmp_path).read_text("utf-8"))
    if broken == "object":
        log["objects"] = [one for one in log["objects"] if one["type"] != "unit"]
    elif broken == "type":
        log["events"][0]["type"] = "nothing of the kind"
    else:
        log["objects"].append(log["objects"][0])

    with pytest.raises((AssertionError, KeyError)):
        dangling(log)


def test_a_linked_case_that_is_not_chosen_is_not_referred_to(sqlite_office: Office, tmp_path: Path) -> None:
    office = sqlite_office
    case = office.complaint().id
    office.workflow.perform(case, "mark_major", form=filled(office, case, "mark_major"), actor=office.actor("anna"))
    assert office.workflow.case(case, SYSTEM).links

    def ids(selection: Selection) -> dict[str, Any]:
        path = tmp_path / "log.json"
        wish = Wish(form="ocel", selection=selection, language="en", zone=ZONE)
        export(office.workflow, wish, SYSTEM, path)
        log = json.loads(path.read_text("utf-8"))
        dangling(log)
        return {one["id"]: one for one in log["objects"]}

    alone, both = ids(Selection(filters=Filters(definition="complaint"))), ids(Selection())

    def linked(found: dict[str, Any]) -> list[str]:
        return [r["objectId"] for r in found[f"case:{case}"]["relationships"] if r["objectId"].startswith("case:")]

    assert linked(alone) == []
    assert len(linked(both)) == 1


def filled(office: Office, case: int, trigger: str) -> dict[str, Any]:
    """A form with something in every field that must be filled."""
    for action in office.workflow.actions(case, office.actor("anna")):
        if action.trigger == trigger:
            return {
                one.field.name: next(iter(one.field.of), "文字") if one.field.of else "文字"
                for one in action.fields
                if one.required
            }
    raise AssertionError(trigger)


@pytest.mark.parametrize("write", [xes.write, None])
def test_what_is_personal_is_not_in_it_unless_asked_for_and_permitted(
    sqlite_office: Office, tmp_path: Path, write: Callable[..., Any] | None
) -> None:
    office = sqlite_office
    office.complaint(text="张三的电话是 13800000000")
    wording = Wording(office.workflow.library, office.workflow.directory(), "zh", ZONE)

    def text(login: str, *, personal: bool) -> str:
        out = StringIO()
        with office.workflow.courses(office.actor(login), Selection(), personal=personal) as (among, courses):
            if write is None:
                ocel.write(out, courses, wording, among=among)
            else:
                write(out, courses, wording)
        return out.getvalue()

    assert "13800000000" not in text("anna", personal=False)
    assert "（不显示）" in text("anna", personal=False)
    assert "13800000000" in text("anna", personal=True)
    assert "13800000000" not in text("auditor", personal=True)


def test_a_text_no_xml_can_hold_does_not_break_the_log(sqlite_office: Office) -> None:
    import xml.etree.ElementTree as ET

    live(sqlite_office, 10)
    office = sqlite_office
    wording = Wording(office.workflow.library, office.workflow.directory(), "en", ZONE)
    out = StringIO()
    with office.workflow.courses(office.actor("anna"), Selection(), personal=True) as (_, courses):
        xes.write(out, courses, wording)

    found = [one.get("value") for one in ET.fromstring(out.getvalue()).iter() if one.get("key") == "data:text"]

    assert "<b>&\"'</b> ]]>" in found
    assert "line one\nline two" in found
    assert xes._fit("a\x00b\x1fc\ufffed") == "a�b�c�d"


def test_money_stands_under_the_cost_extension(sqlite_office: Office, quiet: None, tmp_path: Path) -> None:
    office = sqlite_office
    case = office.complaint().id
    office.workflow.perform(case, "answer", form={"reply": "已答复"}, actor=office.actor("anna"))
    with office.workflow.courses(SYSTEM, Selection()) as (_, courses):
        [course] = courses
    from dataclasses import replace

    course.steps[-1:] = [replace(course.steps[-1], form={"amount": "1200.50", "reply": "x"})]  # type: ignore[index]
    out = StringIO()
    xes.write(out, [course], Wording(office.workflow.library, office.workflow.directory(), "en", ZONE))

    assert '<string key="cost:currency" value="CNY"/>' in out.getvalue()
    assert '<float key="cost:amount" value="1200.50"/>' in out.getvalue()
    assert out.getvalue().count('cost:driver"') == 1
