"""The lifecycles for those who look after them: each version as text and picture, and two versions side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from flask import Blueprint, render_template, request
from markupsafe import Markup

from web.context import reader, workflow
from web.language import current

bp = Blueprint("lifecycles", __name__, url_prefix="/organisation/lifecycles")

CONTEXT = 3
"""Lines that stay the same and are shown around those that changed."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of two texts beside each other; a number of None where a text has no such line.

    `kind`: `equal`, `replace`, `delete` or `insert`; `gap` stands for lines left out.
    """

    kind: str
    left: tuple[int, str] | None = None
    right: tuple[int, str] | None = None


@bp.get("/")
def index() -> str:
    library, used = workflow().library, workflow().versions_in_use(reader())
    versions: dict[str, list[int]] = {}
    for name, version in sorted(library.versions, reverse=True):
        versions.setdefault(name, []).append(version)
    return render_template("lifecycles/index.html", latest=sorted(library.latest.items()), versions=versions, used=used)


@bp.get("/<definition>/<int:version>")
def show(definition: str, version: int) -> str:
    rules = workflow().library.get(definition, version)
    return render_template(
        "lifecycles/show.html",
        rules=rules,
        faults=workflow().faults(definition, version, reader()),
        others=[one for name, one in sorted(workflow().library.versions) if name == definition and one != version],
        diagram=picture(definition, version),
        lines=rules.text.splitlines(),
    )


@bp.get("/<definition>/compare")
def compare(definition: str) -> str:
    """What one version says otherwise than another."""
    library = workflow().library
    first = library.get(definition, request.args.get("first", 0, type=int))
    second = library.get(definition, request.args.get("second", 0, type=int))
    rows = list(beside(first.text.splitlines(), second.text.splitlines()))
    return render_template("lifecycles/compare.html", first=first, second=second, rows=rows)


def picture(definition: str, version: int) -> Markup:
    from workflow.definitions.diagram import draw

    return Markup(draw(workflow().library.get(definition, version), current()))  # noqa: S704 - drawn by us


def beside(left: Sequence[str], right: Sequence[str]) -> Iterator[Line]:
    """Two texts line by line: what differs, with some lines around it."""
    for place, group in enumerate(SequenceMatcher(None, left, right, autojunk=False).get_grouped_opcodes(CONTEXT)):
        if place:
            yield Line("gap")
        for kind, a, b, c, d in group:
            for n in range(max(b - a, d - c)):
                yield Line(
                    kind,
                    (a + n + 1, left[a + n]) if a + n < b else None,
                    (c + n + 1, right[c + n]) if c + n < d else None,
                )
