"""What stands in `measures/standing.yaml` is checked like a lifecycle, every fault at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.office import library
from workflow.definitions.faults import DefinitionErrors
from workflow.definitions.library import check
from workflow.definitions.measures import Standards, load_measures

STANDING = Path(__file__).parents[2] / "definitions" / "measures" / "standing.yaml"


def load(folder: Path, old: str = "", new: str = "") -> Standards:
    text = STANDING.read_text(encoding="utf-8")
    assert old in text
    (folder / "standing.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    return load_measures(folder, library().latest)


def test_001_2_3_a_centre_and_004_1_3_a_manager_are_measured_by_what_the_sources_name(tmp_path: Path) -> None:
    """001 §2(3): number of key accounts, revenue, satisfaction, files and reports; 004 §1.3 C(2): seven measures."""
    found = load(tmp_path)

    assert list(found.centre) == ["customers", "revenue", "satisfaction", "files", "reports"]
    assert list(found.manager) == [
        "revenue", "cost", "churn", "forecast", "products", "receivables", "satisfaction",
    ]  # fmt: skip
    assert sum(found.centre.values()) == sum(found.manager.values()) == 100
    assert found == library().standards
    assert load_measures(tmp_path / "nowhere", {}) == Standards()
    assert check([STANDING]) == []


@pytest.mark.parametrize(
    ("old", "new", "place", "says"),
    [
        ("  of: account", "  of: acount", "customers.of", "did you mean 'account'"),
        ("[account.sign,", "[account.sigh,", "customers.won", "did you mean 'sign'"),
        ("pool_grant.win]", "pool_grand.win]", "customers.won", "did you mean 'pool_grant'"),
        ("kept: [active,", "kept: [activ,", "customers", "did you mean 'active'"),
        ("value: yearly_value", "value: products", "customers.value", "no field of money of account, pool"),
        ("  cost: 10", "  cost: 11", "manager", "100 together, not 101"),
        ("  files: 10", "  files: 0", "centre.files", "from 1 to 100"),
        ("  files: 10", "  filing: 10", "centre.filing", "unknown key"),
        ("receivables: 10%", "receivables: 10%%", "receivables", "write 50%"),
        ("[report.submit, analysis.submit]", "[report.summit]", "reports.0", "did you mean 'submit'"),
        ("[report.submit, analysis.submit]", "[]", "reports", "which clocks"),
        ("clock: complaint.answer", "clock: complain.answer", "service.0.clock", "did you mean 'complaint'"),
        ("{kind: alert}", "{kind: alarm}", "service.2.kind.kind", "unknown choice"),
        ("{kind: alert}", "{about: alert}", "service.2.kind.about", "is no choice"),
        ("en: Visit forms filed in time", "en: ' '", "service.3.title", "both languages"),
        ("{of: complaint,", "{of: complain,", "received.0.of", "did you mean 'complaint'"),
        ("cause: cause,", "cause: text,", "received.0.cause", "is no choice"),
        ("again: reopen,", "again: reopened,", "received.0.again", "did you mean 'reopen'"),
        ("clock: answer,", "clock: answers,", "received.0.clock", "did you mean 'answer'"),
    ],
)
def test_every_fault_is_named_where_it_stands(tmp_path: Path, old: str, new: str, place: str, says: str) -> None:
    with pytest.raises(DefinitionErrors) as caught:
        load(tmp_path, old, new)

    assert [says in fault.message for fault in caught.value.faults if fault.path == place] == [True]
