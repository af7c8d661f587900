"""A list of customers: each registered once, numbered by where it sits."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.intake.conftest import Desk
from workflow.definitions.faults import DefinitionErrors
from workflow.intake.customer_rules import load_customer_rules
from workflow.intake.customers import import_customers
from workflow.intake.divisions import Divisions
from workflow.intake.progress import Outcome

RULES = """# A list of customers.
mapping: list
key: id
empty: ["?"]
unit: desk
division:
  province: {column: province}
  place: {column: city}
record:
  name_zh: {column: name}
  credit_code: {column: credit}
  tier: {column: tier, map: {A: diamond, B: gold, "": ordinary}}
"""
DIVISIONS = Divisions({"44": "广东省", "45": "广西壮族自治区", "4401": "广州市", "4403": "深圳市", "4501": "南宁市"})


def bring_in(desk: Desk, *rows: str, encoding: str = "utf-8") -> Outcome:
    rules = desk.folder / "list.yaml"
    rules.write_text(RULES, "utf-8")
    file = desk.file("\n".join(("id,name,province,city,credit,tier", *rows)).encode(encoding), "list.csv")
    return import_customers(desk.workflow, file, load_customer_rules(rules), report=desk.report, divisions=DIVISIONS)


def numbers(desk: Desk) -> dict[str, str]:
    return dict(desk.sql("SELECT i.reference, c.number FROM imports i JOIN customers c ON c.id = i.case_id"))


def test_customers_are_numbered_by_city_else_by_province(desk: Desk) -> None:
    outcome = bring_in(
        desk, "1,甲公司,44,深圳,?,A", "2,乙公司,广东,广州市,,B", "3,丙公司,广东省,不在,,", "4,丁公司,44,深圳市,,"
    )

    assert (outcome.rows, outcome.imported) == (4, 4)
    assert numbers(desk) == {
        "1": "44030000001000",
        "2": "44010000001000",
        "3": "44000000001000",
        "4": "44030000002000",
    }
    assert desk.sql("SELECT tier FROM customers ORDER BY id") == [("diamond",), ("gold",), ("ordinary",), ("ordinary",)]
    assert desk.prove()


def test_what_is_there_already_is_merged_and_reported(desk: Desk) -> None:
    outcome = bring_in(
        desk,
        "1,深圳市振业（集团）股份有限公司,44,深圳,,",
        "2,深圳市振业集团有限责任公司,44,深圳,,",
        "1,深圳市振业（集团）股份有限公司,44,深圳,,",
        "3,深圳市振业集团,44,广州,,",
    )

    assert (outcome.imported, outcome.merged) == (2, 2)
    assert desk.lines() == [
        ("3", "2", "merged", "known", "name 44030000001000"),
        ("4", "1", "merged", "doubled", "row 2"),
        ("5", "3", "noted", "same_name", "row 2"),
    ]
    assert numbers(desk)["2"] == numbers(desk)["1"]


def test_bad_rows_are_reported_and_stop_no_other(desk: Desk) -> None:
    outcome = bring_in(
        desk,
        "1,甲公司,99,,,",
        "2,,44,,,",
        ",乙公司,44,,,",
        "4,丙公司,44,,123,",
        "5,丁公司,44,,,Z",
        "6,戊公司,44",
        "7,己\0公司,44,,,",
        f"8,{'长' * 10_000},44,,,",
        "9,庚公司📦,44,,,",
    )

    assert (outcome.rows, outcome.imported, outcome.rejected) == (9, 1, 8)
    assert [(row, reason, detail) for row, _, _, reason, detail in desk.lines()] == [
        ("2", "division", "province"),
        ("3", "FormInvalid", "name_zh: missing"),
        ("4", "missing", "id"),
        ("5", "FormInvalid", "credit_code: credit"),
        ("6", "unknown_value", "tier"),
        ("7", "columns", "3 for 6"),
        ("8", "null_byte", "name"),
        ("9", "FormInvalid", "name_zh: longer"),
    ]


def test_a_second_run_does_nothing_and_gbk_is_read(desk: Desk) -> None:
    bring_in(desk, "1,甲公司,44,深圳,,", "2,甲公司,44,深圳,,", encoding="gb18030")
    before = desk.lines()

    again = bring_in(desk, "1,甲公司,44,深圳,,", "2,甲公司,44,深圳,,", encoding="gb18030")

    assert (again.earlier, again.imported, again.merged) == (2, 0, 0)
    assert desk.lines() == before
    assert desk.sql("SELECT name_zh FROM customers") == [("甲公司",)]


def test_lists_of_divisions_need_code_and_name(tmp_path: Path) -> None:
    (tmp_path / "provinces.csv").write_text("digits,name\n44,广东省\n", "utf-8")

    with pytest.raises(DefinitionErrors, match="a list of divisions has `code` and `name`"):
        Divisions.read(tmp_path)
