"""Tables that a spreadsheet opens as they are meant: types kept, nothing calculated, nothing cut off unsaid."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from python_calamine import CalamineWorkbook

from tests.support.lived import NASTY, live
from tests.support.office import Office
from workflow.audit.exports import export as exporting
from workflow.audit.exports import rows, table
from workflow.audit.exports.export import Made, Wish, export
from workflow.audit.exports.table import Heading
from workflow.core.definition.expressions import Text
from workflow.core.definition.fields import Field
from workflow.core.step import SYSTEM, Actor
from workflow.service.courses import Selection
from workflow.service.views.lists import Filters
from workflow.storage.queries import exports

ZONE = ZoneInfo("Asia/Shanghai")
NINE = datetime.fromisoformat("2026-03-02T09:00:00")
"""When the office opens; a cell of a spreadsheet knows no zone."""
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def take(
    office: Office, folder: Path, form: Any, what: Any = "steps", *, reader: Actor = SYSTEM, **given: Any
) -> tuple[Path, Made]:
    path = folder / f"{what}.{form}"
    language, personal = given.pop("language", "zh"), given.pop("personal", False)
    wish = Wish(
        form=form, what=what, selection=Selection(**given), language=language, zone=ZONE, personal=personal
    )  # fmt: skip
    return path, export(office.workflow, wish, reader, path)


def read(path: Path) -> list[list[str]]:
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf"), "Excel in China takes a file without the mark for GBK"
    return list(csv.reader(StringIO(raw.decode("utf-8-sig"), newline="")))


def sheets(path: Path) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_path(str(path))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


@pytest.mark.parametrize("begin", [*DANGEROUS, " =", " \t@"])
def test_what_a_spreadsheet_would_calculate_is_a_text(begin: str) -> None:
    assert table.safe(f"{begin}1+1") == f"'{begin}1+1"


@pytest.mark.parametrize("text", ["邮件", "a=b", "1-2", "x@y.cn", "", "'=1"])
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert table.safe(text) == text


def test_numbers_are_not_taken_for_formulas() -> None:
    out = StringIO()

    table.write_csv(out, [Heading("n", "number")] * 4, [[-5, Decimal("-1.50"), -0.25, "-5"]])

    assert out.getvalue().split("\r\n")[1] == "-5,-1.50,-0.25,'-5"


def test_a_table_of_steps_holds_every_step(office: Office, tmp_path: Path) -> None:
    live(office)

    path, made = take(office, tmp_path, "csv", personal=True, reader=office.actor("anna"))

    head, *body = read(path)
    assert len({len(row) for row in [head, *body]}) == 1
    with office.workflow.courses(office.actor("anna"), Selection()) as (_, courses):
        steps = [(one.row.number, str(step.seq), step.hash) for one in courses for step in one.steps]
    assert [(row[0], row[1], row[-1]) for row in body] == steps
    assert made.rows == len(steps) > 20
    assert not [cell for row in body for cell in row if cell[:1] in DANGEROUS and cell]
    assert any(NASTY[0] in cell for row in body for cell in row)


def test_a_workbook_keeps_types(sqlite_office: Office, tmp_path: Path) -> None:
    office = sqlite_office
    live(office)

    path, _ = take(office, tmp_path, "xlsx", "cases", filters=Filters(definition="complaint"), personal=True,
                   reader=office.actor("anna"))  # fmt: skip

    head, *body = sheets(path)["事项"]
    first = dict(zip(head, body[0], strict=True))
    assert first["开启时间"] == NINE
    assert first["步数"] == 4.0
    assert first["投诉内容"] == NASTY[0]
    assert first["客户编号"] == "44010600001000"
    assert [row[0] for row in body] == [f"TS{n:06}" for n in range(3, 9)]


def test_no_cell_of_a_workbook_is_a_formula_or_a_link(sqlite_office: Office, tmp_path: Path) -> None:
    import zipfile

    live(sqlite_office, 10)
    path, _ = take(sqlite_office, tmp_path, "xlsx", "cases", filters=Filters(definition="complaint"), personal=True,
                   reader=sqlite_office.actor("anna"))  # fmt: skip

    with zipfile.ZipFile(path) as book:
        text = "".join(book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/"))
    assert "<f>" not in text
    assert "hyperlink" not in text
    assert "SUM(A1:A9)" in text


def test_a_value_is_what_its_field_is(sqlite_office: Office) -> None:
    office = sqlite_office
    from workflow.audit.exports.wording import Wording

    wording = Wording(office.workflow.library, office.workflow.directory(), "en", ZONE)

    def cell(kind: Any, held: Any, **more: Any) -> Any:
        return rows.typed(Field("f", kind, Text("字", "F"), **more), held, wording)

    assert cell("money", "1200.50") == Decimal("1200.50")
    assert cell("percent", "12.00") == Decimal("12.00")
    assert cell("number", 7) == 7
    assert cell("date", "2026-03-02") == date(2026, 3, 2)
    assert cell("moment", "2026-03-02T01:00:00+00:00") == NINE
    assert cell("yesno", value := True) == "yes", value
    assert cell("choice", "a", of={"a": Text("甲", "First")}) == "First"
    assert cell("person", office.people["anna"]) == "Anna"
    assert cell("unit", office.units["city"]) == "City"
    assert cell("rows", [{"a": 1}]) == '[{"a":1}]'
    assert cell("money", "not money") == "not money"
    assert cell("person", 999_999) == "999999"


def test_a_full_sheet_goes_on_in_the_next(tmp_path: Path) -> None:
    path = tmp_path / "many.xlsx"

    count = table.write_xlsx(
        path, "Steps", [Heading("n", "number")], ([n] for n in range(25)), about=("About", ["x"]), most_rows=11
    )

    found = sheets(path)
    assert count == 25
    assert list(found) == ["Steps", "Steps 2", "Steps 3", "About"]
    assert [len(one) for one in found.values()] == [11, 11, 6, 1]
    assert [row[0] for name in list(found)[:3] for row in found[name][1:]] == list(range(25))


def test_what_excel_cannot_hold_is_marked_or_written_as_text(tmp_path: Path) -> None:
    path = tmp_path / "wide.xlsx"
    cells = ["长" * 40_000, 10**17 + 1, "a\x00b", -(10**16)]

    table.write_xlsx(path, "S", [Heading("c")] * 4, [cells], about=("About", []))

    long, number, odd, low = sheets(path)["S"][1]
    assert len(long) == table.MOST_LETTERS
    assert long.endswith("…")
    assert number == "100000000000000001"
    assert low == "-10000000000000000"
    assert odd == "a�b"


def test_customers_are_exported_as_they_are_listed(office: Office, tmp_path: Path) -> None:
    for n in range(3):
        office.register(f"测试公司{n}")

    path, made = take(office, tmp_path, "csv", "customers", language="en")

    head, *body = read(path)
    assert head[:3] == ["Customer no.", "Name (Chinese)", "Name (English)"]
    assert made.rows == len(body) == 4
    assert {row[1] for row in body} == {"青云数据有限公司", "测试公司0", "测试公司1", "测试公司2"}


def test_a_selection_narrows(office: Office, tmp_path: Path) -> None:
    ids = live(office)
    opened = [office.workflow.case(case, SYSTEM).row for case in ids]

    def numbers(**given: Any) -> list[str]:
        return [row[0] for row in read(take(office, tmp_path, "csv", "cases", **given)[0])[1:]]

    every = [row.number for row in opened]
    assert numbers() == every
    assert numbers(numbers=(every[1], every[4])) == [every[1], every[4]]
    assert numbers(since=opened[2].opened) == every[2:]
    assert numbers(until=opened[2].opened) == every[:2]
    assert numbers(since=opened[1].opened, until=opened[3].opened + timedelta(microseconds=1)) == every[1:4]
    assert numbers(filters=Filters(state="answered")) == every[::2]
    assert numbers(filters=Filters(unit=office.units["other"])) == []
    assert numbers(filters=Filters(customer=office.customer)) == every
    assert numbers(filters=Filters(definition="account")) == []
    assert numbers(filters=Filters(closed=True)) == []


def test_nobody_exports_what_they_may_not_see(office: Office, tmp_path: Path) -> None:
    live(office)

    for login, count in (("anna", 6), ("auditor", 6), ("stranger", 0), ("root", 0)):
        _, made = take(office, tmp_path, "csv", "cases", reader=office.actor(login))
        assert made.cases == made.rows == count, login


def test_an_export_is_recorded_with_the_hash_of_what_left(office: Office, tmp_path: Path) -> None:
    live(office, 2)

    path, made = take(office, tmp_path, "csv", reader=office.actor("anna"), filters=Filters(definition="complaint"))

    with office.database.reading() as connection:
        [row] = connection.exec_driver_sql("SELECT person_id, kind, case_id, detail FROM reads").all()
    detail = json.loads(row.detail)
    assert (row.person_id, row.kind, row.case_id) == (office.people["anna"], "export.csv", None)
    assert detail["sha256"] == made.sha256 == exporting.digest(path)
    assert detail["selection"] == {"definition": "complaint"}
    assert (detail["cases"], detail["rows"], detail["personal"]) == (2, made.rows, False)


def test_an_export_that_cannot_be_recorded_leaves_no_file(
    sqlite_office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(sqlite_office.workflow, "note_read", refuse)
    folder = tmp_path / "out"
    folder.mkdir()

    with pytest.raises(OSError, match="no room"):
        take(sqlite_office, folder, "csv")

    assert list(folder.iterdir()) == []


def test_an_export_that_breaks_off_leaves_what_was_there(sqlite_office: Office, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    path = folder / "old.csv"
    path.write_text("old", encoding="utf-8")

    def half() -> None:
        with exporting.written(path) as beside:
            beside.write_text("half", encoding="utf-8")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()

    assert [one.name for one in folder.iterdir()] == ["old.csv"]
    assert path.read_text(encoding="utf-8") == "old"


def test_one_moment_is_exported_whoever_writes_meanwhile(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cases are read one after the other, and the reading unit sees no step that is written in between."""
    monkeypatch.setattr(exports, "portions", lambda found, **_: ([case] for case, _ in found))
    ids = live(office, 3)

    with office.workflow.courses(SYSTEM, Selection()) as (among, courses):
        first = next(courses)
        office.workflow.comment(ids[-1], "meanwhile", actor=office.actor("anna"))
        office.complaint()
        rest = list(courses)

    assert among == frozenset(ids)
    assert [one.row.id for one in (first, *rest)] == ids
    assert "comment" not in {step.kind for step in rest[-1].steps}
