"""`baton export customers` and `baton import customers`: out, changed, in again, and taken back."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from python_calamine import CalamineWorkbook

from tests.cli.conftest import Baton, parsed
from tests.support.office import Office


def test_customers_are_taken_out_changed_brought_in_and_taken_back(
    at_sqlite_office: Baton, sqlite_office: Office, tmp_path: Path
) -> None:
    baton, office, file, marked = at_sqlite_office, sqlite_office, tmp_path / "out.csv", tmp_path / "marked.csv"
    out = baton("export", "customers", "--form", "csv", "--encoding", "gb18030", "--as", "clerk", "-o", str(file))
    assert (out.exit_code, "1 customers; SHA-256 " in out.stderr) == (0, True)
    clerk = ("--as", "clerk")
    asked = ("import", "customers", str(file), *clerk, "--mode", "update", "--check")
    assert "1 rows read, 0 new, 0 changed, 1 same, 0 faults.\nNothing was kept." in baton(*asked).stdout

    rows = list(csv.reader(io.StringIO(file.read_bytes().decode("gb18030"))))
    rows[1][rows[0].index("地址")] = "新地址"
    rows.append(["", "新来有限公司", "", "440106", *[""] * 9])
    rows.append(["", "错区划公司", "", "990000", *[""] * 9])
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    file.write_bytes(text.getvalue().encode("gb18030"))
    checked = baton("import", "customers", str(file), *clerk, "--check", "--marked", str(marked), "--all-rows")
    assert "row 4, Division code: " in checked.stderr
    assert len(marked.read_bytes().decode("gb18030").splitlines()) == 4
    assert office.count("uploads") == 0

    told = parsed(baton("import", "customers", str(file), *clerk, "--json"))
    assert (told["new"], told["changed"], told["faults"], told["left"]) == (1, 1, 1, 0)
    assert office.stored(office.customer).data["address"] == "新地址"
    [new] = [one for one in office.workflow.customers(office.actor("clerk")).rows if one.name.zh == "新来有限公司"]
    assert office.stored(new.id).data["unit"] == office.units["city"]
    upload = str(told["upload"])
    assert f"Import {upload} is applied; 0 rows were left out." in baton("import", "go-on", upload).stdout
    office.workflow.change_customer(office.customer, {"address": "又改了"}, actor=office.actor("clerk"))
    back = baton("import", "take-back", upload)
    assert (back.exit_code, "was changed since, and stands" in back.stderr) == (0, True)
    assert office.stored(office.customer).data["address"] == "又改了"
    assert office.stored(new.id).data["merged"] == new.id


def test_what_does_not_go_together_is_said(at_sqlite_office: Baton, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("客户名称,等级\n甲公司,1\n", encoding="utf-8")
    for given, said in (
        ((), "needs --as LOGIN"),
        (("--as", "clerk", "--divisions", str(tmp_path)), "go with --mapping"),
        (("--mapping", str(file), "--mode", "add"), "without --mapping"),
        (("--as", "nobody"), "There is no active person nobody"),
        (("--as", "clerk"), "these columns cannot be brought in: 等级."),
    ):
        done = at_sqlite_office("import", "customers", str(file), *given)
        assert done.exit_code in (1, 2)
        assert said in done.stderr
    sheet = tmp_path / "template.xlsx"
    assert at_sqlite_office("import", "template", "customers", "--language", "en", "-o", str(sheet)).exit_code == 0
    assert CalamineWorkbook.from_path(str(sheet)).get_sheet_by_index(0).to_python()[0][0] == "Customer number"
