"""Tables of customers: every bad cell is named at its place, good rows go in once, and a file is taken back whole."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from stdnum.cn import uscc
from xlsxwriter import Workbook

from tests.support.histories import Histories
from tests.support.office import Office
from tests.support.proof import prove
from workflow.core.errors import CustomerNotFound, NotPermitted, UploadMoved, UploadNotFound
from workflow.core.step import SYSTEM
from workflow.intake import customer_file, customer_table, sheet, workbook
from workflow.intake.customer_cells import COLUMNS
from workflow.intake.sheet import SheetUnfit

HEAD = ["客户编号", "客户名称", "行政区划代码", "统一社会信用代码", "行业", "地址", "客户性质", "密级", "备注"]


def code(n: int) -> str:
    stem = f"91440101{n:09}"
    return stem + uscc.calc_check_digit(stem)


def table(*rows: list[str], head: list[str] | None = None, ends: str = "\r\n") -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator=ends).writerows([head or HEAD, *([*row, *[""] * 9][:9] for row in rows)])
    return out.getvalue()


def check(office: Office, content: bytes, mode: str = "both", by: str = "clerk") -> customer_table.Checked:
    return customer_table.check(office.workflow, content, mode=mode, actor=office.actor(by))


def bring(office: Office, content: bytes, mode: str = "both") -> int:
    upload = customer_file.keep(office.workflow, "名单.csv", content, mode=mode, actor=office.actor("clerk"))
    customer_file.apply(office.workflow, upload, actor=office.actor("clerk"))
    return upload


def take_back(office: Office, upload: int) -> None:
    while customer_file.take_back(office.workflow, upload, actor=office.actor("clerk")):
        pass


def listed(office: Office) -> list[str]:
    return [row.name.zh for row in office.workflow.customers(office.actor("clerk")).rows]


def state(office: Office, upload: int) -> Any:
    return office.workflow.upload(upload, office.actor("clerk")).upload


def bad(office: Office, foreign: str) -> list[tuple[list[str], tuple[str, str]]]:
    """Rows with one bad cell each, where it is and why."""
    mine = str(office.stored(office.customer).number)
    return [
        (["", "", "440106"], ("name_zh", "missing")),
        (["", "无区划有限公司"], ("division", "missing")),
        (["", "错区划有限公司", "990000"], ("division", "no_division")),
        (["", "长" * 201, "440106"], ("name_zh", "longer")),
        (["", "20260301", "440106"], ("name_zh", "no_letters")),
        (["", "信用码错公司", "440106", code(1)[:-1] + "O"], ("credit_code", "credit")),
        (["", "信用码成数公司", "440106", "9.14401E+17"], ("credit_code", "credit")),
        (["", "性质不明公司", "440106", "", "", "", "公益性"], ("nature", "choice")),
        (["", "密级不明公司", "440106", "", "", "", "", "绝密"], ("confidentiality", "choice")),
        (["", "=HYPERLINK(1)", "440106"], ("name_zh", "formula")),
        (["", "控制\x07字符公司", "440106"], ("name_zh", "unfit")),
        (["12345", "短编号公司", "440106"], ("number", "not_a_number")),
        (["44010699999000", "无此编号公司", "440106"], ("number", "customer")),
        ([foreign, "他人客户改名公司", "440106"], ("number", "customer")),
        (["", "远山物流有限公司", "440106"], ("name_zh", "held")),
        ([mine, "", "440305"], ("division", "fixed")),
        (["", "45123", "440106", "", "46000", "", "", ""], ("name_zh", "no_letters")),
    ]


@pytest.mark.parametrize(("encoding", "ends"), [("utf-8", "\n"), ("utf-8-sig", "\r\n"), ("gb18030", "\r\n")])
def test_every_bad_cell_is_named_at_its_place_and_the_good_rows_are_kept(
    sqlite_office: Office, tmp_path: Path, encoding: str, ends: str
) -> None:
    office = sqlite_office
    foreign = office.register("远山物流有限公司", unit=office.units["other"], a=None, b=None)
    faulty = bad(office, str(office.stored(foreign).number))
    good = [
        ["", f"好客户{n}（集团）有限公司", "４４０１０６", code(100 + n), "", f"第“{n}”号,甲座", "政策性"]
        for n in range(60)
    ]
    twice = [["", "好客户7集团有限责任公司", "440106"], ["", "另一名公司", "440106", code(100 + 8)]]
    content = table(*good, *(row for row, _ in faulty), *twice, ends=ends).encode(encoding)
    content += f"半行,有限公司{ends}".encode(encoding) + '"没有写完,一半'.encode(encoding)

    checked = check(office, content)

    first = len(good) + 2
    found: dict[int, list[tuple[str, str]]] = {}
    for fault in checked.faults:
        found.setdefault(fault.row, []).append((fault.column, fault.code))
    for row, (_, wanted) in enumerate(faulty, start=first):
        assert wanted in found[row], (row, wanted, found.get(row))
    after = first + len(faulty)
    assert found[after] == [("name_zh", "twice")]
    assert found[after + 1] == [("credit_code", "twice")]
    assert [fault.facts for fault in checked.faults if fault.code == "twice"] == [{"row": 9}, {"row": 10}]
    assert found[after + 2] == [("", "columns")]
    assert set(found) >= set(range(first, after + 4))
    assert checked.count("new") == len(good)
    [held] = [fault for fault in checked.faults if fault.code == "held"]
    assert "other局" in held.sentence("zh")
    assert "远山" not in held.sentence("zh")
    for fault in {(one.column, one.code): one for one in checked.faults}.values():
        for language in ("zh", "en"):
            assert fault.sentence(language) not in (fault.code, *(sheet.title(language, one) for one in COLUMNS))
            assert "{" not in fault.sentence(language)

    path = tmp_path / "marked.csv"
    assert sheet.marked(path, checked.sheet, checked.faults, language="zh", as_sent=True) == len(found)
    text = path.read_bytes().decode(encoding)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert lines[0][:5] == ["行号", "客户编号", "客户编号：需更正", "客户名称", "客户名称：需更正"]
    assert lines[1][4] == "请填写"
    again = check(office, path.read_bytes())
    assert again.count("new") == 2, "what was twice in the file is good alone"
    assert office.count("customers") == 2


def test_rows_are_brought_in_once_and_taken_back_whole(office: Office) -> None:
    mine = str(office.stored(office.customer).number)
    office.workflow.change_customer(office.customer, {"address": "旧地址", "name_en": "Qingyun"}, actor=SYSTEM)
    rows = [["", f"新客户{n}有限公司", "440106", code(n)] for n in range(3)]
    content = table([mine, "青云数字有限公司", "", "", "", "新地址", "政策性", "秘密"], *rows).encode()
    before = office.stored(office.customer).data

    preview = check(office, content)
    first = preview.meanings[0]
    assert (first.does, dict(first.before)) == (
        "changed",
        {
            "name_zh": "青云数据有限公司",
            "address": "旧地址",
            "nature": None,
            "confidentiality": None,
            "name_en": "Qingyun",
        },
    )
    upload = bring(office, content)
    customer_file.apply(office.workflow, upload, actor=office.actor("clerk"))

    data = office.stored(office.customer).data
    assert (data["name_zh"], data["name_en"], data["address"], data["nature"]) == (
        "青云数字有限公司", "Qingyun", "新地址", "policy",
    )  # fmt: skip
    assert (data["a"], data["b"], data["unit"]) == (before["a"], before["b"], before["unit"])
    assert len(listed(office)) == 4
    assert office.count("upload_steps") == 4
    assert check(office, content).count("same") == 4
    again = customer_file.keep(office.workflow, "又.csv", content, mode="both", actor=office.actor("clerk"))
    assert state(office, again).report["before"] == upload
    ids = [row.id for row in office.workflow.customers(office.actor("clerk")).rows]

    take_back(office, upload)

    assert state(office, upload).state == "undone"
    assert state(office, upload).report["stands"] == []
    kept = office.stored(office.customer).data
    assert {name: kept.get(name) for name in before} == dict(before)
    assert listed(office) == ["青云数据有限公司"]
    [gone] = [one for one in ids if office.stored(one).data["name_zh"] == "新客户0有限公司"]
    clerk = office.actor("clerk")
    assert office.workflow.customers_numbered([str(office.stored(gone).data["number"])], clerk) == {}
    with pytest.raises(CustomerNotFound):
        office.workflow.open("visit", customer=gone, actor=office.actor("anna"), data={})
    with pytest.raises(CustomerNotFound):
        office.workflow.unmerge_customer(gone, actor=clerk, reason="并错了")
    assert office.workflow.alike({"name_zh": "新客户0有限公司", "credit_code": code(0)}, clerk) == []
    assert [one for one in Histories(office).verdicts() if not one.holds or one.unchecked] == []
    bring(office, content)
    assert len(listed(office)) == 4
    with office.database.reading() as connection:
        prove(connection, office.workflow.library)


def test_what_was_changed_since_is_left_and_named(sqlite_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office = sqlite_office
    monkeypatch.setattr(customer_file, "PORTION", 2)
    some = [office.register(f"老客户{n}有限公司") for n in range(3)]
    numbers = [str(office.stored(one).number) for one in some]
    content = table(
        *([number, "", "", "", "", f"地址{n}"] for n, number in enumerate(numbers)),
        *(["", f"新来{n}有限公司", "440106"] for n in range(4)),
    ).encode()
    clerk = office.actor("clerk")
    upload = customer_file.keep(office.workflow, "名单.csv", content, mode="both", actor=clerk)
    office.workflow.change_customer(some[0], {"industry": "建筑"}, actor=SYSTEM)
    office.register("新来0有限公司")

    customer_file.apply(office.workflow, upload, actor=clerk, most=1)
    assert (state(office, upload).state, state(office, upload).position) == ("applying", 1)
    customer_file.apply(office.workflow, upload, actor=clerk)

    left = {(row, reason) for row, reason, _ in state(office, upload).report["left"]}
    assert left == {(2, "moved_since"), (5, "came_since")}
    assert office.count("upload_steps") == 5
    office.workflow.change_customer(some[1], {"address": "又搬了"}, actor=SYSTEM)
    office.workflow.change_customer(some[2], {"industry": "运输"}, actor=SYSTEM)
    [used] = [row.id for row in office.workflow.customers(clerk).rows if row.name.zh == "新来1有限公司"]
    office.workflow.open("complaint", customer=used, actor=clerk, data={
        "kind": "complaint", "channel": "phone", "text": "邮件延误", "severity": "normal",
    })  # fmt: skip

    take_back(office, upload)

    stands = state(office, upload).report["stands"]
    assert [(one[0], one[2]) for one in stands] == [(some[1], "CaseMovedOn"), (used, "CaseMovedOn")]
    assert office.stored(some[1]).data["address"] == "又搬了"
    assert not office.stored(some[2]).data["address"]
    assert office.stored(some[2]).data["industry"] == "transport" or office.stored(some[2]).data["industry"] == "运输"
    assert "新来1有限公司" in listed(office)
    assert "新来2有限公司" not in listed(office)
    with pytest.raises(UploadMoved):
        customer_file.take_back(office.workflow, upload, actor=clerk)
    with pytest.raises(UploadNotFound):
        office.workflow.take_back(upload, actor=clerk)


def test_modes_owners_and_who_may(sqlite_office: Office) -> None:
    office = sqlite_office
    mine = str(office.stored(office.customer).number)
    content = table([mine, "", "", "", "", "新地址"], ["", "新来有限公司", "440106"]).encode()
    assert [(f.column, f.code) for f in check(office, content, "add").faults] == [("number", "held")]
    assert [(f.column, f.code) for f in check(office, content, "update").faults] == [("number", "not_there")]
    for head in ("负责人", "A角", "Manager A", "单位", "unit", "阶段", "联系人", "等级*"):
        with pytest.raises(SheetUnfit) as caught:
            check(office, table(head=[*HEAD[:8], head]).encode() + b"1\n")
        assert (caught.value.why, caught.value.columns) == ("owners", (head,))
    for login in ("anna", "auditor", "root", "teller"):
        with pytest.raises(NotPermitted):
            customer_file.keep(office.workflow, "x.csv", content, mode="both", actor=office.actor(login))
    assert [f.code for f in check(office, content, by="head").faults] == ["customer"]
    with pytest.raises(SheetUnfit, match="columns"):
        check(office, "地址\n某地\n".encode())


def test_workbooks_are_read_as_people_see_them(sqlite_office: Office, tmp_path: Path, monkeypatch: Any) -> None:
    office = sqlite_office
    path = tmp_path / "book.xlsx"
    with Workbook(str(path)) as book:
        hidden = book.add_worksheet("旧")
        page = book.add_worksheet("客户")
        page.activate()
        page.set_first_sheet()
        hidden.hide()
        hidden.write_row(0, 0, ["客户名称", "地址"])
        page.write_row(0, 0, ["Customer number", "Customer name", "Division code", "Address"])
        page.write_row(1, 1, ["甲公司", 440106])
        page.write_row(2, 1, ["乙公司", "440106"])
        page.write_formula(2, 3, '="街"&1', value="街1")
        page.merge_range(3, 1, 4, 1, "丙公司")
        page.write_row(3, 2, ["440106"])
        page.write_row(4, 2, ["440106"])
        page.write(5, 0, 44010600001000)
        page.write(5, 3, "新地址")
        page.write_row(6, 1, [46_000, "440106"])
    content = path.read_bytes()

    checked = check(office, content)

    assert [(one.row, one.does) for one in checked.meanings] == [(2, "new"), (6, "changed")]
    assert {(f.row, f.column, f.code) for f in checked.faults} == {
        (3, "address", "formula"), (4, "name_zh", "merged"), (5, "name_zh", "merged"), (7, "name_zh", "no_letters"),
    }  # fmt: skip
    out = tmp_path / "marked.xlsx"
    sheet.marked(out, checked.sheet, checked.faults, language="en", name="sheet_customers", as_sent=True)
    rows = CalamineWorkbook.from_path(str(out)).get_sheet_by_name("Customers").to_python()
    assert rows[0][:4] == ["Row", "Customer number", "Customer name", "Customer name: to mend"]
    for cut in (content[: len(content) // 2], content[:40], content.replace(b"<", b"\x00"), b"PK\x03\x04" + b"x" * 99):
        with pytest.raises(SheetUnfit, match="unreadable"):
            check(office, cut)
    evil = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(evil, "w", zipfile.ZIP_DEFLATED) as book:
        for name in given.namelist():
            book.writestr(name, given.read(name))
        book.writestr("xl/vbaProject.bin", b"macro")
    assert len(check(office, evil.getvalue()).meanings) == 2, "macros are never run, nor looked at"
    monkeypatch.setattr(customer_table, "MOST_ROWS", 3)
    with pytest.raises(SheetUnfit, match="long"):
        check(office, content)
    monkeypatch.setattr(workbook, "MOST_BYTES", 100)
    with pytest.raises(SheetUnfit, match="unreadable"):
        check(office, content)


def test_the_template_says_what_goes_where(tmp_path: Path) -> None:
    for language, words in (
        ("zh", ("客户编号", "政策性", "秘密")),
        ("en", ("Customer number", "Policy-making", "AAA")),
    ):
        path = tmp_path / f"{language}.xlsx"
        customer_file.template(path, language=language)
        book = CalamineWorkbook.from_path(str(path))
        assert len(book.get_sheet_by_index(0).to_python()[0]) == 13
        about = "\n".join(str(cell) for row in book.get_sheet_by_index(1).to_python() for cell in row)
        assert all(word in about for word in words)
        assert len(about.splitlines()) == 14
