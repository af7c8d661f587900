"""Ten thousand rows with every kind of bad cell: each is named at its place, the counts are exact, and it is quick."""

from __future__ import annotations

import csv
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from xlsxwriter import Workbook

from tests.service.test_customer_table import code
from tests.support.office import Office
from workflow.intake import customer_file, customer_table
from workflow.intake.sheet import marked

ROWS = 10_000
COLUMNS = (
    "number", "name_zh", "name_en", "division", "credit_code", "industry", "address", "trade", "cooperation",
    "importance", "nature", "credit_rating", "confidentiality",
)  # fmt: skip
HEAD = (
    "客户编号", "客户名称", "英文名称", "行政区划代码", "统一社会信用代码", "行业", "地址", "用邮种类", "合作关系",
    "战略地位", "客户性质", "信用等级", "密级",
)  # fmt: skip
EVERY = 5
"""One row in so many is bad."""

SECONDS = 10.0
"""Of one core that checking one file may take on a slow machine; it is about a tenth of that."""

Row = dict[str, str]
BAD: tuple[tuple[str, str, Row], ...] = (
    ("name_zh", "missing", {"name_zh": ""}),
    ("division", "missing", {"division": ""}),
    ("division", "no_division", {"division": "990000"}),
    ("division", "no_division", {"division": "广州市"}),
    ("division", "longer", {"division": "4401060"}),
    ("name_zh", "longer", {"name_zh": "长" * 201}),
    ("name_en", "longer", {"name_en": "l" * 201}),
    ("industry", "longer", {"industry": "业" * 201}),
    ("address", "longer", {"address": "址" * 201}),
    ("name_zh", "no_letters", {"name_zh": "46082"}),
    ("name_en", "no_letters", {"name_en": "2026-03-01"}),
    ("industry", "no_letters", {"industry": "1,234.50"}),
    ("address", "no_letters", {"address": "46082.5"}),
    ("credit_code", "credit", {"credit_code": code(1)[:-1] + "O"}),
    ("credit_code", "credit", {"credit_code": code(1)[:-1]}),
    ("credit_code", "credit", {"credit_code": "9.14401E+17"}),
    ("trade", "choice", {"trade": "全部"}),
    ("cooperation", "choice", {"cooperation": "流失"}),
    ("importance", "choice", {"importance": "重要"}),
    ("nature", "choice", {"nature": "公益性"}),
    ("credit_rating", "choice", {"credit_rating": "AAAA"}),
    ("confidentiality", "choice", {"confidentiality": "绝密"}),
    ("number", "not_a_number", {"number": "4401060000100"}),
    ("number", "customer", {"number": "44010699999000"}),
    ("number", "customer", {"number": "{foreign}"}),
    ("name_zh", "held", {"name_zh": "远山物流有限责任公司"}),
    ("division", "fixed", {"number": "{mine}", "division": "440305"}),
    ("address", "unfit", {"address": "控制\x07字符"}),
    ("address", "unfit", {"address": "读坏\N{REPLACEMENT CHARACTER}字符"}),
    ("address", "formula", {"address": "=HYPERLINK(1)"}),
    ("name_zh", "twice", {"name_zh": "好客户1集团"}),
    ("credit_code", "twice", {"credit_code": code(1)}),
)
CSV_ONLY = (("", "columns"), ("", "columns"))
XLSX_ONLY = (("address", "merged"), ("address", "merged"), ("address", "formula"))


def rows(mine: str, foreign: str) -> Iterator[tuple[Row, tuple[str, str] | None]]:
    """Each row, and where it is bad and why; each kind as often as the others, give or take one."""
    for n in range(ROWS):
        good = {
            "name_zh": f"好客户{n}（集团）有限公司", "division": "４４０１０６", "credit_code": code(n),
            "industry": "运输", "address": f"第“{n}”号,甲座", "nature": "政策性", "credit_rating": "AA",
        }  # fmt: skip
        if n % EVERY != EVERY - 1:
            yield good, None
            continue
        column, why, change = BAD[n // EVERY % len(BAD)]
        said = {name: text.replace("{mine}", mine).replace("{foreign}", foreign) for name, text in change.items()}
        yield {**good, **said}, (column, why)


def as_csv(made: list[Row], path: Path) -> list[tuple[str, str]]:
    """With two rows more, which are none."""
    with path.open("w", encoding="gb18030", newline="", errors="strict") as out:
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(HEAD)
        writer.writerows([row.get(name, "") for name in COLUMNS] for row in made)
        out.write("半行,有限公司\r\n")
        out.write('"没有写完,一半')
    return list(CSV_ONLY)


def as_xlsx(made: list[Row], path: Path) -> list[tuple[str, str]]:
    """With three rows more: two of a merged cell, and one that shows an error."""
    with Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False}) as book:
        page = book.add_worksheet("客户")
        page.write_row(0, 0, HEAD)
        for place, row in enumerate(made, start=1):
            for column, name in enumerate(COLUMNS):
                text = row.get(name, "")
                if text.startswith("="):
                    page.write_formula(place, column, text, value=7)
                elif text:
                    page.write_string(place, column, text)
        last = len(made) + 1
        page.write_row(last, 1, ["合并有限公司", "", "440106"])
        page.merge_range(last, 6, last + 1, 6, "合并")
        page.write_row(last + 1, 1, ["又合并有限公司", "", "440106"])
        page.write_row(last + 2, 1, ["出错有限公司", "", "440106"])
        page.write_formula(last + 2, 6, "=1/0", value="#DIV/0!")
    return list(XLSX_ONLY)


@pytest.mark.parametrize("form", [as_csv, as_xlsx])
def test_ten_thousand_rows_with_every_kind_of_bad_cell(
    sqlite_office: Office, tmp_path: Path, form: Callable[[list[Row], Path], list[tuple[str, str]]]
) -> None:
    office = sqlite_office
    foreign = office.register("远山物流有限公司", unit=office.units["other"], a=None, b=None)
    numbers = [str(office.stored(one).data["number"]) for one in (office.customer, foreign)]
    made = list(rows(*numbers))
    more = form([row for row, _ in made], tmp_path / "list")
    content = (tmp_path / "list").read_bytes()
    wanted = {no: why for no, (_, why) in enumerate(made, start=2) if why is not None}
    wanted |= dict(enumerate(more, start=len(made) + 2))

    began = time.process_time()
    checked = customer_table.check(office.workflow, content, mode="both", actor=office.actor("clerk"))
    lasted = time.process_time() - began

    found = {fault.row: (fault.column, fault.code) for fault in checked.faults}
    assert len(found) == len(checked.faults), "one fault a row"
    assert found == wanted
    assert Counter(found.values()) == Counter(wanted.values())
    assert checked.count("new") == ROWS - ROWS // EVERY
    assert checked.sheet.count == ROWS + len(more)
    assert lasted < SECONDS
    copy = tmp_path / "copy"
    assert marked(copy, checked.sheet, checked.faults, language="zh", as_sent=True) == len(wanted)
    assert marked(copy, checked.sheet, checked.faults, language="zh", as_sent=True, whole=True) == ROWS + len(more)
    if form is as_csv:
        with copy.open(encoding="gb18030", newline="") as read:
            told = list(csv.reader(read))
        reasons = [place for place, head in enumerate(told[0]) if head.endswith("：需更正") or head == "整行"]
        assert {int(row[0]) for row in told[1:] if any(row[place] for place in reasons)} == wanted.keys()


def test_the_good_rows_of_a_large_file_go_in_a_portion_at_a_time(sqlite_office: Office, tmp_path: Path) -> None:
    office, clerk = sqlite_office, sqlite_office.actor("clerk")
    number = str(office.stored(office.customer).data["number"])
    made = [row for row, why in rows(number, "1") if why is None][:1000]
    as_csv(made, tmp_path / "list")
    upload = customer_file.keep(office.workflow, "名单.csv", (tmp_path / "list").read_bytes(), mode="add", actor=clerk)
    customer_file.apply(office.workflow, upload, actor=clerk, most=2)

    row = office.workflow.upload(upload, clerk).upload
    assert (row.rows, row.report["new"], row.report["bad"]) == (len(made) + 2, len(made), 2)
    assert (row.state, row.position, row.whole) == ("applying", 2, len(made) // customer_file.PORTION)
    assert office.count("customers") == 1 + 2 * customer_file.PORTION
    assert office.count("upload_steps") == 2 * customer_file.PORTION
    assert row.report["left"] == []
