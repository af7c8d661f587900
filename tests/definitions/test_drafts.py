"""The figures of a draft lead to triggers and fields of other lifecycles; where they do not, it is said where."""

import shutil
from pathlib import Path

import pytest

from workflow.definitions.library import check

DEFINITIONS = Path(__file__).parents[2] / "definitions"


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("visits: {count: [visit.held]}", "visits: {count: [vist.held]}",
         "unknown definition 'vist', did you mean 'visit'?"),
        ("visits: {count: [visit.held]}", "visits: {count: [visit.hold]}",
         "unknown trigger of visit 'hold', did you mean 'held'?"),
        ("demands: {lines: [account.order_service.request,", "demands: {lines: [account.order_service.reqest,",
         "unknown field in the form of account.order_service 'reqest', did you mean 'request'?"),
        ("solved: {lines: [complaint.resolve.resolution,", "solved: {lines: [complaint.answer.reply,",
         "'reply' of complaint is personal: it cannot be told here"),
        ("where: {satisfaction: satisfied}", "where: {satisfacton: satisfied}",
         "unknown field in the form of complaint.confirm 'satisfacton', did you mean 'satisfaction'?"),
    ],
)  # fmt: skip
def test_a_figure_names_what_there_is(tmp_path: Path, right: str, wrong: str, says: str) -> None:
    shutil.copytree(DEFINITIONS, tmp_path / "definitions")
    file = tmp_path / "definitions" / "report.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count(right) == 1
    file.write_text(text.replace(right, wrong), encoding="utf-8")
    assert says in [fault.message for fault in check([file])]
