"""5,418 listed companies as customers."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.real.conftest import Desk, Shown, figures, real, rows_of
from workflow.customers.names import normalised
from workflow.intake.customer_rules import load_customer_rules
from workflow.intake.customers import import_customers
from workflow.intake.divisions import Divisions
from workflow.intake.progress import Outcome

FILE = "listed_companies.csv"


@pytest.fixture(scope="module")
def outcome(desk: Desk) -> Outcome:
    done = import_customers(
        desk.workflow,
        real(FILE),
        load_customer_rules(desk.mapping("companies")),
        report=desk.report,
        divisions=Divisions.read(real("divisions")),
        progress=Shown("companies"),
    )
    figures("companies", done)
    return done


@pytest.fixture(scope="module")
def companies() -> list[dict[str, str]]:
    return rows_of(real(FILE))


def test_every_row_is_accounted_for(desk: Desk, outcome: Outcome, companies: list[dict[str, str]]) -> None:
    assert outcome.rows == len(companies) == 5418
    desk.accounted(outcome)
    nowhere = {row["line"] for row in companies if not row["province_code"]}
    assert {line["row"] for line in desk.reported() if line["outcome"] == "rejected"} == nowhere


def test_every_customer_has_a_number_of_fourteen_digits_that_begins_with_its_province(
    desk: Desk, outcome: Outcome, companies: list[dict[str, str]]
) -> None:
    provinces = {row["ts_code"]: row["province_code"] for row in companies}
    numbers = dict(desk.sql("SELECT i.reference, c.number FROM imports i JOIN customers c ON c.id = i.case_id"))

    assert len(numbers) == outcome.imported + outcome.merged
    assert all(len(number) == 14 and number.isdigit() and number.endswith("000") for number in numbers.values())
    assert all(number.startswith(provinces[code]) for code, number in numbers.items())
    assert {number[:6] for code, number in numbers.items() if provinces[code] == "44"} == {"440000", "440300"}


def test_numbers_run_without_a_gap_in_every_division(desk: Desk, outcome: Outcome) -> None:
    runs: dict[str, list[int]] = {}
    for (number,) in desk.sql("SELECT number FROM customers"):
        runs.setdefault(number[:6], []).append(int(number[6:11]))

    assert all(sorted(run) == list(range(1, len(run) + 1)) for run in runs.values())


def test_names_that_come_to_the_same_are_reported(
    desk: Desk, outcome: Outcome, companies: list[dict[str, str]]
) -> None:
    names = Counter(normalised(row["fullname"]) for row in companies if row["province_code"])
    doubled = sum(count - 1 for count in names.values())

    reported = [line for line in desk.reported() if line["reason"] in ("known", "same_name")]
    assert len(reported) == doubled
    assert outcome.imported + outcome.merged == sum(names.values())


def test_every_record_verifies_and_replays(desk: Desk, outcome: Outcome) -> None:
    assert desk.prove() >= outcome.imported
