"""Takes the pictures of every family of pages from a demonstration it makes and serves itself: `make pictures`.

With an address and a password (`python docs/take.py http://127.0.0.1:8321 PASSWORD`) it looks at one that runs already.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))

from tests.support.chromium import FLAGS, installed  # noqa: E402 - the checkout must be on the path first
from workflow.intake.demo import PASSWORD  # noqa: E402 - as above

FOLDER = HERE / "pictures"
MOST = 3_000_000
"""Bytes of all pictures together."""

WIDE, PHONE = (1280, 720), (390, 844)
LOCALES = {"zh": "zh-CN", "en": "en-GB"}

FIRST = "-en-light-wide"
"""The look whose pictures bear the bare name of their family: the README shows them."""

LINK = "link:"
"""A place that links lead to, one after the other: `link:page selector >> selector …`."""

LAST_DAY = datetime.now(UTC).date().replace(day=1) - timedelta(days=1)
LAST = f"since={LAST_DAY.replace(day=1)}&until={LAST_DAY}"
"""Last month: a report is about whole months."""

PLACES = (
    ("inbox", "lin.xiaoyu", "/inbox/"),
    ("task", "lin.xiaoyu", "link:/inbox/ [data-keys] .what a"),
    ("case", "lin.xiaoyu", "link:/cases/ .lines .what a"),
    ("customer", "lin.xiaoyu", "link:/customers/ .lines .what a"),
    ("day", "lin.xiaoyu", "/day"),
    ("overdue", "du.qiming", "/supervision/"),
    ("load", "du.qiming", "/supervision/load/"),
    ("offers", "lin.xiaoyu", "/offers/"),
    ("revenue", "du.qiming", "/revenue/"),
    ("results", "du.qiming", "/results/"),
    ("performance", "du.qiming", "/supervision/performance/"),
    ("imports", "song.yaping", "/imports/"),
    ("refusals", "gu.yan", "/audit/refusals"),
    ("replay", "gu.yan", f"link:/audit/report/late?{LAST} tr:has-text('TS0') th a >> .page-head a.primary >> .marks a"),
    ("report", "gu.yan", f"/audit/report?{LAST}"),
    ("organisation", "meng.tao", "/organisation/"),
    ("wording", "meng.tao", "/organisation/wording/reminder/"),
    ("calendars", "meng.tao", "/calendars/"),
)
LOOKS = (("en", "light", WIDE), ("zh", "dark", WIDE), ("zh", "light", PHONE), ("en", "dark", PHONE))
"""Every family in both languages, light and dark, wide and on a phone."""


def main(arguments: list[str]) -> int:
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed(), args=list(FLAGS))
        if arguments:
            take(browser, *arguments)
        else:
            with demonstration() as address:
                take(browser, address, PASSWORD)
        browser.close()
    size = sum(path.stat().st_size for path in FOLDER.glob("*.png"))
    sys.stdout.write(f"{len(list(FOLDER.glob('*.png')))} pictures, {size / 1e6:.1f} MB\n")
    return 0 if size < MOST else 1


def take(browser: Browser, address: str, password: str) -> None:
    """Everybody's pages, in every look."""
    for login in dict.fromkeys(login for _, login, _ in PLACES):
        for language, theme, (width, height) in LOOKS:
            context = browser.new_context(
                viewport={"width": width, "height": height},
                locale=LOCALES[language],
                timezone_id="Asia/Shanghai",
                color_scheme=theme,
                base_url=address,
            )
            page = context.new_page()
            page.goto("/sign-in")
            page.fill("#login", login)
            page.fill("#password", password)
            page.press("#password", "Enter")
            page.wait_for_url(lambda url: "/sign-in" not in url)
            for name in (name for name, whose, _ in PLACES if whose == login):
                at = address_of(page, name)
                answer = page.goto(at)
                if answer is None or answer.status != 200:
                    raise SystemExit(f"{at} was not shown to {login}")
                look = f"-{language}-{theme}-{'wide' if width == WIDE[0] else 'phone'}"
                small(page.screenshot(), FOLDER / f"{name}{'' if look == FIRST else look}.png")
            context.close()


def address_of(page: Page, name: str) -> str:
    """Where a family is seen: its address, or what a link of another page leads to."""
    place = next(place for known, _, place in PLACES if known == name)
    if not place.startswith(LINK):
        return place
    shown, selectors = place.removeprefix(LINK).split(" ", 1)
    for selector in selectors.split(" >> "):
        page.goto(shown)
        shown = str(page.locator(selector).first.get_attribute("href"))
    return shown


def small(picture: bytes, path: Path) -> None:
    """A page has few colours: a palette of them is a third of the size."""
    Image.open(BytesIO(picture)).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


@contextmanager
def demonstration() -> Iterator[str]:
    """A demonstration of its own, made, served and thrown away; gives its address."""
    with tempfile.TemporaryDirectory() as folder:
        known = {
            **os.environ,
            "BATON_DATABASE_URL": f"sqlite:///{folder}/baton.db",
            "BATON_SECURITY_SECRET_KEY_FILE": f"{folder}/secret.key",
            "BATON_SERVER_SCHEDULER": "false",
        }
        baton = [sys.executable, "-m", "workflow.cli"]
        subprocess.run([*baton, "demo"], cwd=ROOT, env=known, check=True)  # noqa: S603 - our own program
        command = [*baton, "serve", "--port", "0"]
        with subprocess.Popen(  # noqa: S603 - our own program
            command, cwd=ROOT, env=known, stdout=subprocess.PIPE, text=True
        ) as server:
            try:
                greeting = server.stdout.readline() if server.stdout else ""
                yield greeting.rstrip().rpartition(" ")[2]
            finally:
                server.terminate()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
