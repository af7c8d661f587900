"""The scripts of a page get along: those that are no modules share one space of names."""

import re
from collections import Counter
from pathlib import Path

from web import catalogues

WEB = Path(catalogues.__file__).parent
PLAIN = re.compile(r"""<script src="\{\{ asset\('([^']+)'\) \}\}"(?![^>]*type="module")""")
NAMED = re.compile(r"^(?:const|let|class|(?:async )?function) +(\w+)", re.MULTILINE)


def test_no_two_scripts_of_one_page_have_a_name_in_common() -> None:
    """The second of two would stop at it, on every page, without a word."""
    everywhere = PLAIN.findall((WEB / "templates" / "parts" / "head.html").read_text())
    assert {"baton.js", "keys.js", "palette.js"} <= set(everywhere)
    for path in (WEB / "templates").rglob("*.html"):
        together = set(everywhere) | set(PLAIN.findall(path.read_text()))
        names = Counter(name for one in together for name in NAMED.findall((WEB / "static" / one).read_text()))
        assert [name for name, count in names.items() if count > 1] == [], (path.name, sorted(together))
