"""A mapping that is wrong says where, and how it might be meant."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.intake.conftest import MAPPING, library
from workflow.definitions.faults import DefinitionErrors
from workflow.intake.customer_rules import load_customer_rules
from workflow.intake.mapping import load_mapping

GOOD = MAPPING.read_text("utf-8")

FAULTS = [
    ("mapping: log\n", "", "1:1: mapping: is missing"),
    ("definition: complaint", "definition: complant", "3:13: definition: unknown definition 'complant', did you mean"),
    ("zone: Asia/Shanghai", "zone: Asia/Shangai", "4:7: zone: 'Asia/Shangai' is no time zone"),
    ("order: seq", "ordr: seq", "6:1: ordr: unknown key 'ordr', did you mean 'order'?"),
    ("at: at\n", "at: ta\n", "7:5: at: unknown moment 'ta'"),
    ("moments: {at: [", "moments: {at: [[", "not YAML"),
    ("customer: {name:", "customer: {nam:", "customer.nam: unknown key 'nam', did you mean 'name'?"),
    ("roles: [reporter]", "roles: [reportr]", "actors.clerk.roles: unknown role 'reportr', did you mean 'reporter'?"),
    ("otherwise: desk", "otherwise: dask", "actors.clerk.otherwise: unknown actor 'dask', did you mean 'desk'?"),
    ("by: desk\nopen", "by: dusk\nopen", "18:5: by: unknown actor 'dusk', did you mean 'desk'?"),
    ("  by: clerk\n  data", "  by: clark\n  data", "open.by: unknown actor 'clark', did you mean 'clerk'?"),
    ("channel: letter", "chanel: letter", "open.data.chanel: unknown field 'chanel', did you mean 'channel'?"),
    ("most: 5000", "most: many", "must be a whole number"),
    ("most: 5000", "moist: 5000", "unknown key 'moist', did you mean 'most'?"),
    ("{moment: at}", "{moment: at, column: at}", "write either `column` or `moment`"),
    ("{moment: at}", "{moment: by}", "open.data.received_at: unknown moment 'by'"),
    ("{moment: at}", "[at]", "must be a text with {column} in it"),
    ("reassign: triage", "reassign: trage", "unknown task 'trage', did you mean 'triage'?"),
    ("to: owner", "to: ownr", "unknown actor 'ownr', did you mean 'owner'?"),
    ("in: [answered]", "in: [answred]", "rows.3.in: unknown state 'answred', did you mean 'answered'?"),
    ("trigger: resolve", "trigger: resolv", "unknown trigger 'resolv', did you mean 'resolve'?"),
    ("resolution: fixed", "resoltion: fixed", "unknown field 'resoltion', did you mean 'resolution'?"),
    ('comment: "Opened', 'trigger: answer, comment: "Opened', "write one of `trigger`, `comment` and `reassign`"),
    ("{state: open}", "[state]", "rows.1.when: must be a mapping"),
    ("{state: open}", "{state: }", "rows.1.when.state: is empty"),
    ("empty: [", "empty: [[x], ", "must be a text, or a list of them"),
]  # fmt: skip


def test_the_mapping_these_start_from_is_right() -> None:
    assert load_mapping(MAPPING, library()).name == "log"


@pytest.mark.parametrize(("right", "wrong", "says"), FAULTS, ids=[says for _, _, says in FAULTS])
def test_a_fault_is_named_with_its_place(tmp_path: Path, right: str, wrong: str, says: str) -> None:
    assert right in GOOD
    path = tmp_path / "log.yaml"
    path.write_text(GOOD.replace(right, wrong, 1), "utf-8")

    with pytest.raises(DefinitionErrors) as caught:
        load_mapping(path, library())

    assert says in str(caught.value)
    assert all(fault.line >= 1 and fault.file == "log.yaml" for fault in caught.value.faults)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "log.yaml"
    path.write_text(GOOD.replace("trigger: resolve", "trigger: resolv").replace("to: owner", "to: ownr"), "utf-8")

    with pytest.raises(DefinitionErrors) as caught:
        load_mapping(path, library())

    assert len(caught.value.faults) == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("mapping: m\nkey: id\ndivision: {code: '440106'}\nrecord: {name: x}\n", "unknown field 'name', did you mean"),
        ("mapping: m\nkey: id\ndivision: {code: '440106'}\nrecord: {name_en: x}\n", "record: is missing: name_zh"),
        ("mapping: m\nkey: id\ndivision: {}\nrecord: {name_zh: x}\n", "write either `code`, or `province` and `place`"),
        ("mapping: m\ndivision: {code: '1'}\nrecord: {name_zh: x}\n", "key: is missing"),
    ],
)
def test_so_is_one_of_a_list_of_customers(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "customers.yaml"
    path.write_text(text, "utf-8")

    with pytest.raises(DefinitionErrors) as caught:
        load_customer_rules(path)

    assert says in str(caught.value)


def test_the_examples_of_the_handbook_are_right(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "importing.md").read_text("utf-8")
    history, customers = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "log.yaml").write_text(history, "utf-8")
    (tmp_path / "list.yaml").write_text(customers, "utf-8")

    assert len(load_mapping(tmp_path / "log.yaml", library()).rules) == 4
    assert load_customer_rules(tmp_path / "list.yaml").name == "list"
