"""A case and a customer on paper: a file with its name on every page, nothing folded up, and nothing to press."""

import re
from io import BytesIO
from unicodedata import normalize

from playwright.sync_api import Page
from pypdf import PdfReader

from tests.browser.conftest import Enter, Site


def sheets(page: Page) -> list[str]:
    """What stands on each page of paper; fonts may write characters in their compatible forms."""
    printed = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))
    return [re.sub(r"\s+", " ", normalize("NFKC", sheet.extract_text())) for sheet in printed.pages]


def test_a_case_is_printed_as_a_file(site: Site, enter: Enter) -> None:
    page = enter("lin", language="en-GB")
    page.goto(site.path("late"))
    name = normalize("NFKC", page.locator("h1").inner_text())

    printed = sheets(page)

    assert len(printed) >= 3
    assert all(name in sheet for sheet in printed)
    whole = " ".join(printed)
    assert "Lifecycle" in printed[-1]
    assert "Add comment" not in whole
    assert "Sign out" not in whole
    assert f"1 / {len(printed)}" in printed[0]


def test_a_customers_file_is_printed_unfolded_with_its_links_spelled_out(site: Site, enter: Enter) -> None:
    page = enter("lin", language="en-GB")
    page.goto(f"/customers/{site.house.customers[2]}/")
    hidden = [one for one in page.locator(".ended .lines .number").all() if not one.is_visible()]
    folded = [normalize("NFKC", one.text_content() or "") for one in hidden]

    whole = " ".join(sheets(page))

    assert "(/cases/" in whole
    assert folded
    assert all(number in whole for number in folded)
    assert "Change the file" not in whole
