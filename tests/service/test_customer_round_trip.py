"""What is taken out in the columns of the import comes in again, and nothing is changed by it."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from tests.service.test_customer_table import check, code
from tests.support.office import Office
from workflow.audit.exports.export import Wish, export
from workflow.core.step import SYSTEM
from workflow.intake import customer_file, sheet
from workflow.service.courses import Selection
from workflow.service.views.lists import Filters

ODD = (
    {"name_zh": "-减号（集团）公司", "name_en": '+Plus, "Ltd"', "address": "'单引号路1号"},
    {"name_zh": "163", "industry": "Transport", "credit_rating": "AAA"},
    {"name_zh": "𠀀公司·Ａ", "confidentiality": "restricted", "nature": "policy", "trade": "specialist"},
    {"name_zh": "同码公司", "credit_code": code(7), "cooperation": "potential", "importance": "ordinary"},
    {"name_zh": "Ltd 公司", "name_en": "Ltd 公司", "address": "第“7”号,甲座;乙座\\t", "confidentiality": "internal"},
)  # fmt: skip


def furnished(office: Office) -> None:
    made = [office.register(a=None, b=None, name=str(one["name_zh"]), **_rest(one)) for one in ODD]
    office.workflow.register_customer(
        {"name_zh": "同码公司东区", "division": "440106", "unit": office.units["city"], "credit_code": code(7)},
        head=made[3], actor=SYSTEM,
    )  # fmt: skip
    office.register("不在范围公司", unit=office.units["other"], a=None, b=None)


def _rest(one: dict[str, str]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name != "name_zh"}


def taken(office: Office, path: Path, form: Any, encoding: Any = "utf-8", language: str = "zh", **more: Any) -> bytes:
    selection = Selection(filters=Filters(**more))
    wish = Wish(form=form, selection=selection, language=language, zone=UTC, what="records", encoding=encoding)
    export(office.workflow, wish, office.actor("clerk"), path)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("form", "encoding", "language"),
    [("xlsx", "utf-8", "zh"), ("xlsx", "utf-8", "en"), ("csv", "utf-8", "en"), ("csv", "gb18030", "zh")],
)
def test_what_is_taken_out_comes_in_again_and_changes_nothing(
    sqlite_office: Office, tmp_path: Path, form: str, encoding: str, language: str
) -> None:
    office = sqlite_office
    furnished(office)
    before = office.count("steps")

    content = taken(office, tmp_path / "out", form, encoding, language)

    checked = check(office, content, "update")
    assert [(one.row, one.column, one.code) for one in checked.faults] == []
    assert (checked.count("same"), len(checked.meanings), checked.sheet.others) == (7, 7, [])
    if form == "csv":
        assert content.startswith(b"\xef\xbb\xbf") == (encoding == "utf-8")
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig" if encoding == "utf-8" else encoding))))
        assert [row["Customer name" if language == "en" else "客户名称"] for row in rows][2:4] == ["163", "𠀀公司·Ａ"]
    upload = customer_file.keep(office.workflow, "出.xlsx", content, mode="update", actor=office.actor("clerk"))
    customer_file.apply(office.workflow, upload, actor=office.actor("clerk"))
    assert office.count("steps") == before
    with office.database.reading() as connection:
        kind, detail = connection.exec_driver_sql("SELECT kind, detail FROM reads").one()
    told = json.loads(detail)
    assert (kind, told["what"], told["rows"], told.get("encoding")) == (
        f"export.{form}", "records", 7, encoding if form == "csv" else None,
    )  # fmt: skip


def test_one_cell_that_is_changed_is_all_that_changes(sqlite_office: Office, tmp_path: Path) -> None:
    office = sqlite_office
    furnished(office)
    content = taken(office, tmp_path / "out.csv", "csv", "gb18030", text="163").decode("gb18030")
    number = content.splitlines()[1].split(",")[0]
    assert len(content.splitlines()) == 2, "narrowed as the list was"
    edited = content.replace(",AAA,", ",BB,").encode("gb18030")

    upload = customer_file.keep(office.workflow, "改.csv", edited, mode="update", actor=office.actor("clerk"))
    customer_file.apply(office.workflow, upload, actor=office.actor("clerk"))

    [row] = [one for one in office.workflow.customers(office.actor("clerk")).rows if one.number == number]
    data = office.stored(row.id).data
    assert (data["credit_rating"], data["name_zh"], office.stored(row.id).seq) == ("BB", "163", 2)
    assert office.workflow.upload(upload, office.actor("clerk")).upload.report["left"] == []


def test_a_text_that_might_be_calculated_is_taken_as_text_only_from_a_workbook(
    sqlite_office: Office, tmp_path: Path
) -> None:
    office = sqlite_office
    office.register("=计算公司", a=None, b=None)
    assert check(office, taken(office, tmp_path / "a", "xlsx"), "update").count("same") == 2
    checked = check(office, taken(office, tmp_path / "b", "csv"), "update")
    assert [(one.column, one.code) for one in checked.faults] == [("name_zh", "formula")]
    path = tmp_path / "all.csv"
    assert sheet.marked(path, checked.sheet, checked.faults, language="zh", as_sent=True, whole=True) == 2
    rows = list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))
    assert [row["客户名称：需更正"] for row in rows] == ["", "这是公式或出错的单元格，请填写值"]
