"""How the browser of the tests is found, had, or asked for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.chromium import installed

ROOT = Path(__file__).parents[2]
NO_APPLICATIONS = "import tests.support.chromium as c; c.APPLICATIONS = (); c.main()"
APT_GET = """#!/bin/sh
echo "$@" >> "$0.log"
case "$*" in *" install "*chromium*) printf '#!/bin/sh\\n' > "${0%/*}/chromium"; /bin/chmod +x "${0%/*}/chromium";; esac
"""
SUDO = """#!/bin/sh
shift
[ "$1" = true ] && exit 0
exec "$@"
"""


@pytest.fixture
def machine(tmp_path):
    """A machine with no programs, no way out, and no browser of Playwright's; `programs` are put on it."""

    def look(**programs):
        for name, script in programs.items():
            program = tmp_path / name.replace("_", "-")
            program.write_text(script, encoding="utf-8")
            program.chmod(0o755)
        (tmp_path / "env").symlink_to("/usr/bin/env")
        environ = {name: value for name, value in os.environ.items() if name != "BATON_CHROMIUM"}
        closed = {"PLAYWRIGHT_BROWSERS_PATH": str(tmp_path / "none"), "PLAYWRIGHT_DOWNLOAD_HOST": "http://127.0.0.1:9"}
        return subprocess.run(
            [sys.executable, "-c", NO_APPLICATIONS],
            cwd=ROOT,
            env={**environ, **closed, "PATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )

    return look


def test_no_browser_to_be_had_fails_with_a_sentence(machine):
    looked = machine()

    assert looked.returncode == 1
    assert "No Chromium for the browser tests" in looked.stderr
    assert "BATON_CHROMIUM" in looked.stderr


def test_debians_browser_is_installed_with_a_chinese_font(machine, tmp_path):
    looked = machine(apt_get=APT_GET, sudo=SUDO)

    assert looked.returncode == 0, looked.stderr
    assert "install --no-install-recommends chromium fonts-noto-cjk" in (tmp_path / "apt-get.log").read_text()


def test_a_missing_chinese_font_is_installed_for_a_browser_that_is_there(machine, tmp_path):
    looked = machine(chromium="#!/bin/sh\n", fc_list="#!/bin/sh\n", apt_get=APT_GET, sudo=SUDO)

    assert looked.returncode == 0, looked.stderr
    assert (tmp_path / "apt-get.log").read_text().splitlines()[-1].endswith("--no-install-recommends fonts-noto-cjk")


def test_a_browser_and_a_font_that_are_there_are_taken_without_a_word(machine):
    looked = machine(chromium="#!/bin/sh\n", fc_list="#!/bin/sh\necho Noto\n")

    assert (looked.returncode, looked.stdout, looked.stderr) == (0, "", "")


def test_a_stub_that_does_not_start_is_no_browser(tmp_path, monkeypatch):
    for name, script in {"chromium": "#!/bin/sh\nexit 1\n", "google-chrome": "#!/bin/sh\n"}.items():
        (tmp_path / name).write_text(script, encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("BATON_CHROMIUM", raising=False)

    assert installed() == str(tmp_path / "google-chrome")


def test_a_browser_named_wrongly_is_told(monkeypatch):
    monkeypatch.setenv("BATON_CHROMIUM", "no-such-browser")

    with pytest.raises(pytest.UsageError, match="BATON_CHROMIUM names 'no-such-browser'"):
        installed()


def test_the_browser_shows_a_page(page):
    page.set_content("<title>接力</title><p>客户投诉</p>")

    assert page.title() == "接力"
    assert page.get_by_text("客户投诉").is_visible()
