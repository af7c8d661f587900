"""`baton export`: what is chosen goes to a file or to standard output, and is on record."""

import csv
import json
from io import StringIO
from pathlib import Path

from python_calamine import CalamineWorkbook

from tests.cli.conftest import Baton
from tests.support.lived import live
from tests.support.office import Office


def test_steps_go_to_standard_output_and_the_rest_is_said_beside(at_office: Baton, office: Office) -> None:
    live(office, 3)

    result = at_office("export", "csv", "--language", "en")

    rows = list(csv.reader(StringIO(result.stdout.lstrip("\ufeff"))))
    assert result.exit_code == 0
    assert rows[0][:2] == ["Case", "Step"]
    assert {row[0] for row in rows[1:]} == {"TS000003", "TS000004", "TS000005"}
    assert f"3 cases, {len(rows) - 1} rows; SHA-256 " in result.stderr


def test_every_form_goes_to_a_file(at_sqlite_office: Baton, sqlite_office: Office, tmp_path: Path) -> None:
    live(sqlite_office, 2)

    begins = {"xes": b"<?xml", "ocel": b'{"events"', "csv": b"\xef\xbb\xbf", "xlsx": b"PK"}
    for form, begin in begins.items():
        path = tmp_path / f"out.{form}"
        assert at_sqlite_office("export", form, "-o", str(path)).exit_code == 0
        assert path.read_bytes().startswith(begin)
    assert sqlite_office.count("reads") == len(begins)
    assert not [one for one in tmp_path.iterdir() if one.name.startswith(".out")]


def test_the_choice_narrows(at_sqlite_office: Baton, sqlite_office: Office) -> None:
    live(sqlite_office, 3)

    def numbers(*given: str) -> list[str]:
        result = at_sqlite_office("export", "csv", "--what", "cases", *given)
        assert result.exit_code == 0, result.stderr
        return [row[0] for row in csv.reader(StringIO(result.stdout.lstrip("\ufeff")))][1:]

    assert numbers("--case", "TS000004") == ["TS000004"]
    assert numbers("--lifecycle", "complaint", "--state", "answered") == ["TS000003", "TS000005"]
    assert numbers("--since", "2026-03-02", "--until", "2026-03-02") == ["TS000003", "TS000004", "TS000005"]
    assert numbers("--since", "2026-03-03") == numbers("--unit", "other") == numbers("--closed") == []
    assert numbers("--customer", "44010600001000", "--unit", "city", "--open") == numbers()


def test_what_does_not_exist_is_said_instead_of_exporting_nothing(at_sqlite_office: Baton) -> None:
    for given, said in (
        (("--lifecycle", "nix"), "There is no lifecycle nix"),
        (("--unit", "nix"), "There is no unit nix"),
        (("--customer", "1"), "There is no customer 1"),
        (("--case", "TS999999"), "There is no case TS999999"),
        (("--as", "nobody"), "There is no active person nobody"),
    ):
        result = at_sqlite_office("export", "csv", *given)
        assert result.exit_code == 1
        assert said in result.stderr
        assert result.stdout == ""


def test_personal_values_need_somebody_who_may_see_them(at_sqlite_office: Baton, sqlite_office: Office) -> None:
    sqlite_office.complaint(text="张三 13800000000")

    nobody = at_sqlite_office("export", "xes", "--personal")
    plain, anna, auditor = (
        at_sqlite_office("export", "xes", "--as", login, *more).stdout
        for login, more in (("anna", ()), ("anna", ("--personal",)), ("auditor", ("--personal",)))
    )

    assert nobody.exit_code == 2
    assert ["13800000000" in one for one in (plain, anna, auditor)] == [False, True, False]


def test_a_case_file_says_what_of_it_is_proven(at_office: Baton, office: Office, tmp_path: Path) -> None:
    live(office, 1)
    path = tmp_path / "case.zip"

    result = at_office("export", "case", "TS000003", "-o", str(path))

    assert result.exit_code == 0
    assert "4 steps, 0 of them sealed" in result.stderr
    assert "NOT SIGNED" in result.stderr
    assert path.read_bytes().startswith(b"PK")
    with office.database.reading() as connection:
        [row] = connection.exec_driver_sql("SELECT person_id, kind, case_id, detail FROM reads").all()
    assert (row.person_id, row.kind, row.case_id) == (None, "export.case", 3)
    assert json.loads(row.detail)["steps"] == 4


def test_a_folder_that_is_not_there_is_said(at_sqlite_office: Baton, tmp_path: Path) -> None:
    result = at_sqlite_office("export", "csv", "-o", str(tmp_path / "nowhere" / "x.csv"))

    assert result.exit_code == 1
    assert "x.csv cannot be written" in result.stderr


def test_the_report_of_a_period_is_made_by_auditors_and_recorded(
    at_office: Baton, office: Office, tmp_path: Path
) -> None:
    office.complaint()
    office.later(days=3)
    office.fire()
    days = ("--from", "2026-03-01", "--to", "2026-03-31")
    path = tmp_path / "report.xlsx"

    result = at_office("export", "report", *days, "--form", "xlsx", "--language", "en", "-o", str(path))

    assert result.exit_code == 0, result.stderr
    book = CalamineWorkbook.from_path(path)
    late = book.get_sheet_by_name("Time limits that ran out").to_python()
    assert [row[2] for row in late[1:] if row[0] == "All"] == [1.0]
    assert "/audit/report/late?since=2026-03-01&until=2026-03-31" in late[-1]
    assert at_office("export", "report", *days, "--as", "auditor", "-o", str(tmp_path / "r.pdf")).exit_code == 0
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF")
    for unfit, said in (
        (("--as", "director", *days), "auditor"),
        (("--from", "2026-03-02", "--to", "2026-03-01"), "must come after"),
        ((*days, "--unit", "nowhere"), "no unit"),
    ):
        refused = at_office("export", "report", *unfit, "-o", str(tmp_path / "none.pdf"))
        assert refused.exit_code == 1
        assert said in refused.stderr
    assert not list(tmp_path.glob("*none*"))
    with office.database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT kind, person_id FROM reads ORDER BY id").all()
        [refusal] = connection.exec_driver_sql("SELECT code FROM refusals WHERE attempt = 'audit_report' LIMIT 1").all()
    assert [tuple(row) for row in rows] == [
        ("export.report.xlsx", None),
        ("export.report.pdf", office.people["auditor"]),
    ]
    assert refusal.code == "NotPermitted"
