"""Takes the README's pictures from a running demonstration: `python docs/take.py http://127.0.0.1:8321 PASSWORD`."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from tests.support.chromium import FLAGS, installed  # noqa: E402 - the checkout must be on the path first

PICTURES = (
    ("inbox", "lin.xiaoyu", "/inbox/"),
    ("overdue", "du.qiming", "/supervision/"),
    ("refusals", "gu.yan", "/audit/refusals"),
)


def take(browser: Browser, address: str, password: str, *, name: str, login: str, path: str) -> None:
    context = browser.new_context(
        viewport={"width": 1280, "height": 720},
        locale="en-GB",
        timezone_id="Asia/Shanghai",
        color_scheme="light",
        base_url=address,
    )
    page = context.new_page()
    page.goto("/")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state()
    page.goto(path)
    page.screenshot(path=HERE / "pictures" / f"{name}.png")
    context.close()


def main(address: str, password: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed(), args=list(FLAGS))
        for name, login, path in PICTURES:
            take(browser, address, password, name=name, login=login, path=path)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:3])
