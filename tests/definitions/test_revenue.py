"""What stands in `revenue/standing.yaml` is checked like a lifecycle, every fault at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.office import library
from workflow.definitions.faults import DefinitionErrors
from workflow.definitions.library import check
from workflow.definitions.revenue import Revenue, load_revenue

PRODUCTS = "products: {mail: {zh: 函件, en: Mail}}\n"
ALERTS = "alerts: {drop: 30%, jump: 30%, months: 3, opens: callback, with: {kind: alert}, about: about}\n"
TIERS = "tiers: {opens: tier_review, tier: tier, revenue: yearly_revenue, share: share, why: why}\n"


def load(folder: Path, text: str) -> Revenue:
    (folder / "standing.yaml").write_text("# What is sold.\n" + text, encoding="utf-8")
    return load_revenue(folder, library().latest)


def test_products_alerts_and_tiers_are_read(tmp_path: Path) -> None:
    found = load(tmp_path, PRODUCTS + ALERTS + TIERS)

    assert found.products["mail"].zh == "函件"
    assert found.alerts is not None
    assert (found.alerts.drop, found.alerts.months, found.alerts.values) == (30, 3, {"kind": "alert"})
    assert found.review is not None
    assert found.review.fields["revenue"] == "yearly_revenue"
    assert load(tmp_path, PRODUCTS).alerts is None
    assert load_revenue(tmp_path / "nowhere", {}) == Revenue()


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("products: {}\n", "products", "which products"),
        ("products: {Mail: {zh: 函件, en: Mail}}\n", "products.Mail", "is no name"),
        ("products: {mail: {zh: 函件}}\n", "products.mail", "both languages"),
        (PRODUCTS + "alarms: {}\n", "alarms", "did you mean 'alerts'"),
        (PRODUCTS + ALERTS.replace("callback", "calback"), "alerts.opens", "did you mean 'callback'"),
        (PRODUCTS + ALERTS.replace("kind: alert", "kind: alarm"), "alerts.with.kind", "unknown choice"),
        (PRODUCTS + ALERTS.replace("{kind", "{kynd"), "alerts.with.kynd", "did you mean 'kind'"),
        (PRODUCTS + ALERTS.replace("drop: 30%", "drop: 30"), "alerts.drop", "write 50%"),
        (PRODUCTS + ALERTS.replace("months: 3", "months: 0"), "alerts.months", "between 1 and 12"),
        (PRODUCTS + ALERTS.replace("about: about", "about: kind"), "alerts.about", "is of type choice"),
        (PRODUCTS + TIERS.replace("revenue: yearly", "revenue: yearli"), "tiers.revenue", "did you mean"),
        (PRODUCTS + TIERS.replace("share: share", "share: tier"), "tiers.share", "is of type choice"),
    ],
)
def test_every_fault_is_named_where_it_stands(tmp_path: Path, text: str, place: str, says: str) -> None:
    with pytest.raises(DefinitionErrors) as caught:
        load(tmp_path, text)

    [fault] = [fault for fault in caught.value.faults if fault.path == place]
    assert says in fault.message


def test_the_check_of_a_folder_reads_it_too(tmp_path: Path) -> None:
    (tmp_path / "revenue").mkdir()
    (tmp_path / "revenue" / "standing.yaml").write_text("# x\nproducts: {}\n", encoding="utf-8")

    assert "which products" in check([tmp_path])[0].message
