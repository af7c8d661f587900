"""The browser of the tests: one that is there, else one that can be had, else a failed run.

`python -m tests.support.chromium` looks for a browser and a Chinese font, installs what is missing where it
may, and ends with 1 and a sentence where it may not.
"""

import os
import shutil
import subprocess
import sys
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
# What a container, root and a closed network need: no sandbox, no graphics card, and no calls home.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
ASK_PLAYWRIGHT = """
from playwright.sync_api import sync_playwright

with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""
NONE_TO_BE_HAD = (
    "No Chromium for the browser tests: none is installed, Playwright could not download its own, and the "
    "Debian package could not be installed here. Install Chromium or Chrome, or name one in BATON_CHROMIUM."
)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """How pytest-playwright starts the browser."""
    executable = installed()
    if executable is None and not playwrights_own():
        raise pytest.UsageError(NONE_TO_BE_HAD)
    return {**browser_type_launch_args, "executable_path": executable, "args": list(FLAGS)}


def installed() -> str | None:
    """The path of a browser on this machine, or None. BATON_CHROMIUM goes first, and has to be right."""
    if named := os.environ.get("BATON_CHROMIUM"):
        found = shutil.which(named)
        if found is None:
            raise pytest.UsageError(f"BATON_CHROMIUM names {named!r}, which is no program on this machine.")
        return found
    candidates = (shutil.which(name) for name in (*NAMES, *APPLICATIONS))
    return next((found for found in candidates if found and starts(found)), None)


def starts(program: str) -> bool:
    """Whether a browser is more than a stub that asks for another package."""
    return run(program, "--version", "--no-sandbox", quiet=True)


def playwrights_own() -> bool:
    """Whether Playwright has downloaded a browser that starts.

    Asked in a process of its own, because a test may already have Playwright's loop running in this one.
    """
    asked = subprocess.run([sys.executable, "-c", ASK_PLAYWRIGHT], capture_output=True, text=True, check=True)
    return starts(asked.stdout.strip())


def ensure() -> None:
    """Have a browser and a font with Chinese letters, or raise `pytest.UsageError`."""
    if installed() is None and not playwrights_own():
        print("No browser found: asking Playwright for its own.", flush=True)
        if not (run(sys.executable, "-m", "playwright", "install", "chromium") and playwrights_own()):
            print("That failed: asking Debian for chromium.", flush=True)
            apt_install("chromium", "fonts-noto-cjk")
            if installed() is None:
                raise pytest.UsageError(NONE_TO_BE_HAD)
    if shutil.which("fc-list") and not has_chinese_font():
        print("No Chinese font found: asking Debian for fonts-noto-cjk.", flush=True)
        if not apt_install("fonts-noto-cjk"):
            print("That failed: Chinese text will show as boxes in pictures.", flush=True)


def has_chinese_font() -> bool:
    return bool(subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=True).stdout.strip())


def apt_install(*packages: str) -> bool:
    """Install Debian packages where this user may; False where not."""
    if shutil.which("apt-get") is None:
        return False
    root: tuple[str, ...] = ()
    if os.geteuid() != 0:
        if shutil.which("sudo") is None or not run("sudo", "-n", "true", quiet=True):
            return False
        root = ("sudo", "-n")
    apt = (*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y")
    run(*apt, "update")
    return run(*apt, "install", "--no-install-recommends", *packages)


def run(*command: str, quiet: bool = False) -> bool:
    """Whether a command ended well; a program that is not there did not."""
    output = subprocess.DEVNULL if quiet else None
    try:
        return subprocess.run(command, stdout=output, stderr=output, check=False).returncode == 0
    except OSError:
        return False


def main() -> None:
    try:
        ensure()
    except pytest.UsageError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
