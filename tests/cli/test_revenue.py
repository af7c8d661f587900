"""`baton import revenue`: a file is checked, brought in, and taken back."""

from __future__ import annotations

from pathlib import Path

from python_calamine import CalamineWorkbook

from tests.cli.conftest import Baton, parsed
from tests.support.office import Office

HEAD = "Customer number,Month,Product,Revenue (CNY)\n"


def test_revenue_is_checked_brought_in_and_taken_back(
    at_sqlite_office: Baton, sqlite_office: Office, tmp_path: Path
) -> None:
    file, marked = tmp_path / "march.csv", tmp_path / "marked.xlsx"
    number = sqlite_office.stored(sqlite_office.customer).number
    file.write_text(f"{HEAD}{number},2026-02,Express,12.50\n{number},2026-02,Express,x\n", encoding="utf-8")

    checked = at_sqlite_office("import", "revenue", str(file), "--check", "--marked", str(marked))
    assert checked.exit_code == 0
    assert "2 rows read, 1 faults.\nNothing was kept." in checked.stdout
    assert "row 3, Revenue (CNY): Is no amount" in checked.stderr
    assert len(CalamineWorkbook.from_path(str(marked)).get_sheet_by_index(0).to_python()) == 2
    assert sqlite_office.count("revenue") == sqlite_office.count("uploads") == 0

    upload = parsed(at_sqlite_office("import", "revenue", str(file), "--json"))["upload"]
    assert sqlite_office.count("revenue") == 1
    assert at_sqlite_office("import", "take-back", str(upload)).exit_code == 0
    again = at_sqlite_office("import", "take-back", str(upload))
    assert again.exit_code == 1
    assert "past the point" in again.stderr
    with sqlite_office.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT cents FROM revenue WHERE until IS NULL").scalars().all() == [None]


def test_a_file_that_is_no_table_is_said_so(at_sqlite_office: Baton, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("Month\n2026-01\n", encoding="utf-8")
    done = at_sqlite_office("import", "revenue", str(file))
    assert done.exit_code == 1
    assert "these columns are missing: number, product, revenue." in done.stderr
