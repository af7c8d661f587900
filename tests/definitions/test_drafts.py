"""What is drafted leads to triggers and fields of other lifecycles; where they do not, it is said where."""

import shutil
from pathlib import Path

import pytest

from workflow.definitions.library import check

DEFINITIONS = Path(__file__).parents[2] / "definitions"


@pytest.mark.parametrize(
    "wrong",
    [
        [
            ("visits: {count: [visit.held]}", "visits: {count: [vist.held]}",
             "unknown definition 'vist', did you mean 'visit'?"),
            ("average_visits: {average: [visit.held]}", "average_visits: {average: [visit.hold]}",
             "unknown trigger of visit 'hold', did you mean 'held'?"),
            ("demands: {lines: [account.order_service.request,", "demands: {lines: [account.order_service.reqest,",
             "unknown field in the form of account.order_service 'reqest', did you mean 'request'?"),
            ("solved: {lines: [complaint.resolve.resolution,", "solved: {lines: [complaint.answer.reply,",
             "'reply' of complaint is personal: it cannot be told here"),
            ("where: {satisfaction: satisfied}", "where: {satisfacton: satisfied}",
             "unknown field in the form of complaint.confirm 'satisfacton', did you mean 'satisfaction'?"),
            ("  suggestions: {type: text,", "  suggestions: {type: text, known: revenue,",
             "a case about no customer finds nothing on a file"),
        ],
        [
            ("gained_share: {share: [account.sign, pool_grant.win]}", "gained_share: {count: [account.sign]}",
             "'gained_share' is of type percent, but count fills a number"),
            ("customers: {customers: led}", "customers: {customers: led, count: [account.sign]}",
             "a figure has one of count, share, average, lines, open, left, customers, revenue"),
            ("of: manager\n      since", "of: period\n      since",
             "'period' is of type line, but it must be a person"),
        ],
    ],
    ids=["in other files", "in its own"],
)  # fmt: skip
def test_a_figure_names_what_there_is(tmp_path: Path, wrong: list[tuple[str, str, str]]) -> None:
    shutil.copytree(DEFINITIONS, tmp_path / "definitions")
    file = tmp_path / "definitions" / "report.yaml"
    text = file.read_text(encoding="utf-8")
    for right, instead, _ in wrong:
        assert text.count(right) == 1
        text = text.replace(right, instead)
    file.write_text(text, encoding="utf-8")
    assert {says for _, _, says in wrong} <= {fault.message for fault in check([file])}


def test_what_a_text_is_filled_in_with_is_said_somewhere_and_stays_personal(tmp_path: Path) -> None:
    """A draft copies what the vault keeps: it may only go where it can be erased as well."""
    shutil.copytree(DEFINITIONS, tmp_path / "definitions")
    file = tmp_path / "definitions" / "visit.yaml"
    text = file.read_text(encoding="utf-8")
    for right, instead in (
        ("- callback.problem", "- calback.problem"),
        ("- visit.needs", "- visit.need"),
        ("- follow_up.outcome", "- account.contract_file"),
        ("    personal: true #", "    #"),
        ("      - birthdays\n", ""),
    ):
        assert text.count(right) == 1
        text = text.replace(right, instead)
    file.write_text(text, encoding="utf-8")
    assert [(fault.path, fault.message) for fault in check([file])] == [
        ("data.prepared.known.1", "'result' of callback is personal: so is 'prepared' then"),
        ("data.prepared.known.3", "unknown definition 'calback', did you mean 'callback'?"),
        ("data.prepared.known.7", "unknown field of visit 'need', did you mean 'needs'?"),
        ("data.prepared.known.11", "'contract_file' of account is a file: it cannot be told"),
        ("data.prepared.known.12", "'text' of complaint is personal: so is 'prepared' then"),
        ("data.prepared.known.13", "'reply' of complaint is personal: so is 'prepared' then"),
    ]
