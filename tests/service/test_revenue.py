"""Revenue comes in by files and is said in the customers' own books; it can be corrected, and taken back whole."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import text

from tests.service.test_two_people import another, finish, together
from tests.support.histories import Histories
from tests.support.mutations import changed
from tests.support.office import Office
from tests.support.proof import prove
from workflow.core.errors import CustomerNotFound, FormInvalid, NotPermitted, UploadMoved, UploadNotFound
from workflow.core.step import SYSTEM
from workflow.intake import revenue, sheet
from workflow.intake.sheet import SheetUnfit

HEAD = "客户编号,月份,业务,收入（元）\n"


def table(office: Office, *rows: tuple[str, str, str], customer: str | None = None) -> bytes:
    number = customer or numbered(office)
    return (HEAD + "".join(f'{number},{month},{product},"{amount}"\n' for month, product, amount in rows)).encode()


def numbered(office: Office) -> str:
    return str(office.stored(office.customer).number)


def bring(office: Office, content: bytes, *, by: str = "clerk") -> int:
    upload = revenue.keep(office.workflow, "收入.csv", content, actor=office.actor(by))
    revenue.apply(office.workflow, upload, actor=office.actor(by))
    return upload


def stands(office: Office) -> dict[tuple[str, str], int]:
    query = text("SELECT month, product, cents FROM revenue WHERE until IS NULL AND cents IS NOT NULL")
    with office.database.reading() as connection:
        return {(row.month, row.product): row.cents for row in connection.execute(query)}


def take_back(office: Office, upload: int, *, by: str = "clerk") -> None:
    while office.workflow.take_back(upload, actor=office.actor(by)):
        pass


def test_a_file_becomes_one_step_of_each_customers_book(office: Office) -> None:
    upload = bring(
        office, table(office, ("2026-01", "特快专递", "1,234.56"), ("2026年2月", "Letters and bills", "￥7"))
    )

    assert stands(office) == {("2026-01", "express"): 123_456, ("2026-02", "letters"): 700}
    last = office.workflow.history(office.customer, SYSTEM)[-1]
    assert (last.trigger, last.actor.id) == ("revenue", office.people["clerk"])
    row = office.workflow.upload(upload, office.actor("clerk")).upload
    assert (row.state, row.rows, row.position, row.whole) == ("applied", 2, 1, 1)
    with office.database.reading() as connection:
        prove(connection, office.workflow.library)


def test_a_month_brought_in_again_is_corrected_with_its_history_kept(office: Office) -> None:
    bring(office, table(office, ("2026-01", "express", "100"), ("2026-01", "press", "5")))
    office.later(days=1)
    bring(office, table(office, ("2026-01", "express", "150"), ("2026-01", "press", "5")))

    assert stands(office) == {("2026-01", "express"): 15_000, ("2026-01", "press"): 500}
    with office.database.reading() as connection:
        told = connection.execute(text("SELECT cents, until FROM revenue WHERE product = 'express' ORDER BY seq")).all()
        assert [row.cents for row in told] == [10_000, 15_000]
        assert [row.until is None for row in told] == [False, True]
        assert connection.scalar(text("SELECT count(*) FROM revenue")) == 3
        prove(connection, office.workflow.library)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0)])
def test_files_are_taken_back_in_any_order_and_nothing_stays(sqlite_office: Office, order: tuple[int, ...]) -> None:
    office = sqlite_office
    made = [bring(office, table(office, ("2026-01", "express", amount))) for amount in ("100", "150", "175")]
    left = ["100", "150", "175"]
    for place in order:
        take_back(office, made[place])
        left[place] = ""
        expected = next((amount for amount in reversed(left) if amount), None)
        assert stands(office) == ({("2026-01", "express"): int(expected) * 100} if expected else {})
    with office.database.reading() as connection:
        prove(connection, office.workflow.library)
    assert {row.upload.state for row in office.workflow.uploads(office.actor("clerk"))} == {"undone"}
    with pytest.raises(UploadMoved):
        office.workflow.take_back(made[0], actor=office.actor("clerk"))


def test_the_rules_run_again_give_the_same_books(sqlite_office: Office) -> None:
    """Shares, figures and their taking back are reproduced, and what nobody may say is found."""
    office = sqlite_office
    office.workflow.say_revenue({office.customer: [("2025-12", "press", 1)]}, actor=SYSTEM)
    take_back(office, bring(office, table(office, ("2026-01", "express", "100"))))
    share = [{"unit": office.units["city"], "percent": "40"}, {"unit": office.units["other"], "percent": "60"}]
    case = office.workflow.open(
        "dispute", customer=office.customer, actor=SYSTEM, unit=office.units["province"], data={"why": "两局均在开发"}
    )
    form = {"earlier_says": "claim", "earlier_why": "在先", "winner": office.units["city"], "grounds": "在先"}
    office.workflow.perform(case.id, "uphold", actor=office.actor("chief"), form={**form, "split": share})

    found = Histories(office).verdicts()
    assert [one for one in found if not one.holds or one.unchecked] == []

    later = bring(office, table(office, ("2026-01", "express", "150"), ("2025-12", "press", "9")))
    bring(office, table(office, ("2026-01", "express", "175")))
    take_back(office, later)
    histories = Histories(office)
    mine = histories.steps[office.customer]
    assert histories.verdict(office.customer).holds
    back = mine[-1]
    assert (back.trigger, back.ops[0][1]["figures"]) == ("revenue_taken_back", [["2025-12", "press", 1]])
    for place, figures in (
        (len(mine) - 1, [["2025-12", "press", 2]]),
        (len(mine) - 1, []),
        (len(mine) - 1, [["2025-12", "press", 1], ["2026-01", "express", 100_00]]),
        (len(mine) - 2, [["2026-01", "express", 150_00]]),
        (len(mine) - 2, [["2026-01", "express"]]),
    ):
        forged = changed(list(mine), place, 0, {**mine[place].ops[0][1], "figures": figures})
        assert not histories.verdict(office.customer, forged).holds, figures

    office.workflow.revoke(office.people["clerk"], office.units["city"], "account_administrator", actor=SYSTEM)
    office.workflow.grant(office.people["clerk"], office.units["city"], "account_manager", actor=SYSTEM)
    with pytest.raises(NotPermitted):
        bring(office, table(office, ("2026-02", "express", "1")))


BAD = [
    ("", "2026-01", "express", "1", "number", "missing"),
    ("99999999999999", "2026-01", "express", "1", "number", "customer"),
    ("abc", "2026-01", "express", "1", "number", "customer"),
    ("#", "", "express", "1", "month", "missing"),
    ("#", "2026-13", "express", "1", "month", "not_a_month"),
    ("#", "一月", "express", "1", "month", "not_a_month"),
    ("#", "2026-04", "express", "1", "month", "future"),
    ("#", "2026-01", "", "1", "product", "missing"),
    ("#", "2026-01", "rockets", "1", "product", "unknown_product"),
    ("#", "2026-01", "express", "", "revenue", "missing"),
    ("#", "2026-01", "express", "many", "revenue", "not_money"),
    ("#", "2026-01", "express", "1.005", "revenue", "not_money"),
    ("#", "2026-01", "express", "NaN", "revenue", "not_money"),
    ("#", "2026-01", "express", "1e300", "revenue", "too_large"),
    ("#", "2026-01", "express", "1\x07", "revenue", "unfit"),
]


def test_ten_thousand_rows_with_every_kind_of_bad_cell(sqlite_office: Office, tmp_path: Path) -> None:
    office = sqlite_office
    number = numbered(office)
    products = list(office.workflow.library.revenue.products)
    lines = [
        f"{number},{2009 + n // 600}-{n // 50 % 12 + 1:02},{products[n % 9]},{n}.50"
        for n in range(10_000)
        if n % 50 < 9
    ]
    good = len(lines)
    wanted: list[Any] = []
    for no, month, product, amount, column, code in BAD * ((10_000 - good) // len(BAD)):
        lines.append(f"{no.replace('#', number)},{month},{product},{amount}")
        wanted.append((column, code))
    lines.append(lines[0])
    lines.append(f"{number},2026-01")
    content = (HEAD + "\n".join(lines)).encode("gb18030")

    checked = revenue.check(office.workflow, content, actor=office.actor("clerk"), at=office.now)

    found = [(fault.column, fault.code) for fault in checked.faults]
    assert sorted(found[: len(wanted)]) == sorted(wanted)
    assert found[len(wanted) :] == [("revenue", "twice"), ("", "columns")]
    assert checked.faults[-2].facts == {"row": 2}
    assert sum(map(len, checked.figures.values())) == good
    assert len(lines) > 9_900
    path = tmp_path / "marked.xlsx"
    assert sheet.marked(path, checked.sheet, checked.faults, language="zh") == len(wanted) + 2
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert rows[0][:3] == ["行号", "客户编号", "客户编号：需更正"]
    assert rows[1][:3] == [good + 2, "", "请填写"]
    for fault in {(f.column, f.code): f for f in checked.faults}.values():
        assert fault.sentence("zh") != fault.code != fault.sentence("en")


def test_an_empty_template_is_filled_in_and_read(sqlite_office: Office, tmp_path: Path) -> None:
    office = sqlite_office
    for language in ("zh", "en"):
        path = tmp_path / f"{language}.xlsx"
        revenue.template(office.workflow, path, language=language)
        with pytest.raises(SheetUnfit, match="empty"):
            revenue.check(office.workflow, path.read_bytes(), actor=SYSTEM, at=office.now)
    number = numbered(office)
    filled = workbook(tmp_path, [number, 46_054, "集邮", 0.07 + 0.01], [number, "2026-03", "函件", -12.5])

    bring(office, filled)

    assert stands(office) == {("2026-02", "philately"): 8, ("2026-03", "letters"): -1_250}


def workbook(folder: Path, *rows: list[Any]) -> bytes:
    from xlsxwriter import Workbook

    path = folder / "filled.xlsx"
    with Workbook(str(path)) as book:
        page = book.add_worksheet()
        for no, row in enumerate([["Revenue (CNY)", "Customer number", "Month", "Product"], *rows]):
            cells = row if no == 0 else [row[3], *row[:3]]
            page.write_row(no, 0, cells)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "unreadable"),
        (b"PK\x03\x04nonsense", "unreadable"),
        ("客户编号,月份\n1,2".encode(), "columns"),
        (HEAD.encode(), "empty"),
        (bytes(range(256)) * 20, "columns"),
    ],
)
def test_what_is_no_such_table_is_said_so(sqlite_office: Office, content: bytes, why: str) -> None:
    with pytest.raises(SheetUnfit) as caught:
        revenue.check(sqlite_office.workflow, content, actor=SYSTEM, at=sqlite_office.now)
    assert caught.value.why == why


def test_a_workbook_with_entities_or_one_that_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: Any) -> None:
    import zipfile

    from workflow.intake import workbook as reader

    def packed(xml: str) -> bytes:
        path = tmp_path / "evil.xlsx"
        with zipfile.ZipFile(path, "w") as book:
            book.writestr("xl/worksheets/sheet1.xml", xml)
        return path.read_bytes()

    bomb = '<!DOCTYPE a [<!ENTITY x "x">]><worksheet><row><c t="inlineStr"><is><t>&x;</t></is></c></row></worksheet>'
    with pytest.raises(reader.NoWorkbook):
        reader.rows(packed(bomb))
    plain = '<worksheet><row r="3"><c r="B3" t="inlineStr"><is><t>ok</t></is></c></row></worksheet>'
    assert reader.rows(packed(plain)) == [(3, ["", "ok"])]
    monkeypatch.setattr(reader, "MOST_BYTES", 20)
    with pytest.raises(reader.NoWorkbook):
        reader.rows(packed(plain))


def test_who_may_bring_revenue_in_and_of_which_customers(sqlite_office: Office) -> None:
    """003 §3.1: the account administrator keeps the files and prepares the reports."""
    office = sqlite_office
    content = table(office, ("2026-01", "express", "1"))
    for login in ("anna", "auditor", "root", "teller"):
        with pytest.raises(NotPermitted):
            revenue.keep(office.workflow, "x.csv", content, actor=office.actor(login))
    upload = revenue.keep(office.workflow, "x.csv", content, actor=office.actor("clerk"))
    with pytest.raises(UploadNotFound):
        revenue.apply(office.workflow, upload, actor=office.actor("director"))
    checked = revenue.check(office.workflow, content, actor=office.actor("head"), at=office.now)
    assert [(fault.column, fault.code) for fault in checked.faults] == [("number", "customer")]
    with pytest.raises(CustomerNotFound):
        office.workflow.say_revenue({office.customer: [("2026-01", "express", 1)]}, actor=office.actor("head"))
    with pytest.raises(FormInvalid):
        office.workflow.say_revenue({office.customer: [("2026-1", "rockets", 1)]}, actor=SYSTEM)
    assert stands(office) == {}


def test_a_file_applied_by_two_at_once_is_applied_once(office: Office) -> None:
    doors = [another(office), another(office)]
    content = table(office, *((f"2025-{month:02}", "express", str(month)) for month in range(1, 13)))
    upload = revenue.keep(office.workflow, "收入.csv", content, actor=office.actor("clerk"))

    results = together(*(lambda door=door: revenue.apply(door, upload, actor=office.actor("clerk")) for door in doors))

    assert results == [None, None]
    assert len(stands(office)) == 12
    said = [step for step in office.workflow.history(office.customer, SYSTEM) if step.trigger == "revenue"]
    assert len(said) == 1
    finish(office, doors)


def test_a_file_cut_off_goes_on_where_it_stopped(sqlite_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office = sqlite_office
    monkeypatch.setattr(revenue, "PORTION", 2)
    some = [office.register(f"客户{n}有限公司") for n in range(7)]
    numbers = [office.stored(one).number for one in some]
    random.Random(1).shuffle(numbers)
    content = (HEAD + "".join(f"{number},2026-01,express,{n + 1}\n" for n, number in enumerate(numbers))).encode()
    upload = revenue.keep(office.workflow, "x.csv", content, actor=office.actor("clerk"))

    revenue.apply(office.workflow, upload, actor=office.actor("clerk"), most=2)
    assert office.workflow.upload(upload, office.actor("clerk")).upload.state == "applying"
    assert office.count("revenue") == 4
    office.register("后来有限公司")
    revenue.apply(office.workflow, upload, actor=office.actor("clerk"))

    assert office.workflow.upload(upload, office.actor("clerk")).upload.state == "applied"
    assert office.count("revenue") == office.count("upload_steps") == 7
    late = {some[0]: [("2026-01", "express", 99)]}
    clerk = office.actor("clerk")
    assert office.workflow.say_revenue(late, actor=clerk, upload=upload, position=0) == 0, "a portion comes once"
    assert office.workflow.upload(upload, clerk).upload.position == 4
    monkeypatch.setattr("workflow.service.revenue.UNDONE_AT_ONCE", 3)
    assert [office.workflow.take_back(upload, actor=office.actor("clerk")) for _ in range(3)] == [4, 1, 0]
    assert stands(office) == {}
