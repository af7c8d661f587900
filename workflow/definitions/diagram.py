"""A lifecycle as a picture: Graphviz says where things go, the SVG is written here.

The picture has classes and no colours, so that a page's style sheet decides: `state`, `phase-0`, `initial`, `final`,
`current`, `visited`, `possible`; `move`, `by-itself`, `walked`. It holds no style attribute a strict policy would
block.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pygraphviz

from workflow.core.definition.lifecycle import Definition
from workflow.definitions.lettering import width, wrapped

EM = 14
LINE = 18
PAD = 14
STATE_EMS = 11
MOVE_EMS = 13
MARGIN = 8
SLIGHT = 704
"""Pixels across below which a picture is never made larger than it is."""
FONT = "system-ui, 'Noto Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"

GRAPHVIZ = threading.Lock()
"""Graphviz keeps its working state in globals: one layout at a time."""

_NONE: Mapping[Any, Any] = {}

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A state on the page. `x`, `y`: its middle, in pixels from the upper left corner."""

    name: str
    lines: tuple[str, ...]
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Arrow:
    """All moves from one state to another. `curve`: a Bézier chain; `tip`: where the head points to."""

    source: str
    target: str
    lines: tuple[str, ...]
    by_itself: bool
    curve: tuple[Point, ...]
    tip: Point
    label: Point


@dataclass(frozen=True, slots=True)
class Layout:
    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def draw(
    definition: Definition,
    language: str,
    *,
    current: str | None = None,
    visited: Collection[str] = (),
    walked: Mapping[tuple[str, str], int] = _NONE,
    ways: Mapping[str, str] = _NONE,
    prefix: str = "lifecycle",
    standalone: bool = False,
) -> str:
    """An SVG element. Ids begin with `prefix`; `standalone` makes a file of its own, with a white ground.

    `walked`: how often a case went from one state to another. `ways`: the address that leads on to a state.
    """
    layout = _layout(_Key(definition, language))
    possible = {move.target for move in definition.transitions if current in move.sources} - {current, None}
    return "".join(
        (
            *_opening(
                definition, language, layout, walked=walked, linked=bool(ways), prefix=prefix, standalone=standalone
            ),
            *(_arrow(arrow, walked.get((arrow.source, arrow.target), 0)) for arrow in layout.arrows),
            *(
                _linked(
                    _box(box, prefix=prefix, classes=_classes(definition, box.name, current, visited, possible)),
                    ways.get(box.name),
                )
                for box in layout.boxes
            ),
            "</svg>\n" if standalone else "</svg>",
        )
    )


@dataclass(frozen=True)
class _Key:
    """Content and language decide the layout; the definition itself cannot be hashed."""

    definition: Definition
    language: str

    def __hash__(self) -> int:
        return hash((self.definition.hash, self.language))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Key)
            and self.definition.hash == other.definition.hash
            and self.language == other.language
        )


@lru_cache(maxsize=256)
def _layout(key: _Key) -> Layout:
    definition, language = key.definition, key.language
    lines = {name: wrapped(state.title[language], STATE_EMS) for name, state in definition.states.items()}
    moves = dict(_moves(definition, language))
    with GRAPHVIZ:
        placed = json.loads(_graph(definition, lines, moves).draw(format="json", prog="dot"))
    return _placed(definition, placed, lines, moves)


def _graph(
    definition: Definition, lines: dict[str, list[str]], moves: dict[tuple[str, str], tuple[list[str], bool]]
) -> pygraphviz.AGraph:
    """What Graphviz gets to see: boxes and labels of the right size, and no text at all."""
    graph = pygraphviz.AGraph(directed=True, strict=False, rankdir="TB", nodesep="0.35", ranksep="0.5")
    order = list(definition.states)
    for name in order:
        across, down = room(lines[name], PAD)
        graph.add_node(name, label="", shape="box", fixedsize="true", width=across / 72, height=down / 72)
    for (source, target), (text, _) in moves.items():
        across, down = room(text, 4)
        cell = f'FIXEDSIZE="TRUE" WIDTH="{across:.0f}" HEIGHT="{down:.0f}"'
        label = f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" {cell}><TR><TD {cell}></TD></TR></TABLE>>'
        weight = 4 if order.index(target) == order.index(source) + 1 else 1
        graph.add_edge(source, target, key=f"{source}>{target}", label=label, weight=weight)
    return graph


def _moves(definition: Definition, language: str) -> Iterator[tuple[tuple[str, str], tuple[list[str], bool]]]:
    """From and to, with the titles of what leads there and whether all of it happens by itself."""
    for source in definition.states:
        for target in definition.states:
            between = [move for move in definition.transitions if source in move.sources and move.target == target]
            if between:
                titles = dict.fromkeys(move.title[language] for move in between)
                text = [line for title in titles for line in wrapped(title, MOVE_EMS)]
                yield (source, target), (text, not any(move.by for move in between))


def room(lines: list[str], pad: float) -> tuple[float, float]:
    return max(width(line) for line in lines) * EM + 2 * pad, len(lines) * LINE + 2 * pad


def _placed(
    definition: Definition,
    placed: dict[str, object],
    lines: dict[str, list[str]],
    moves: dict[tuple[str, str], tuple[list[str], bool]],
) -> Layout:
    left, bottom, right, top = (float(number) for number in str(placed["bb"]).split(","))

    def point(text: str) -> Point:
        x, y = text.split(",")
        return round(float(x) - left + MARGIN, 1), round(top - float(y) + MARGIN, 1)

    objects, edges = placed["objects"], placed.get("edges", [])
    assert isinstance(objects, list)  # noqa: S101 - Graphviz's own format
    assert isinstance(edges, list)  # noqa: S101
    names = {one["_gvid"]: one["name"] for one in objects}
    where = {one["name"]: point(one["pos"]) for one in objects}
    boxes = [Box(name, tuple(lines[name]), *where[name], *room(lines[name], PAD)) for name in definition.states]
    arrows = []
    for edge in edges:
        source, target = names[edge["tail"]], names[edge["head"]]
        parts = edge["pos"].split()
        tip = next((point(part[2:]) for part in parts if part.startswith("e,")), None)
        curve = tuple(point(part) for part in parts if part[0] not in "es")
        text, by_itself = moves[source, target]
        arrows.append(Arrow(source, target, tuple(text), by_itself, curve, tip or curve[-1], point(edge["lp"])))
    return Layout(right - left + 2 * MARGIN, top - bottom + 2 * MARGIN, tuple(boxes), tuple(arrows))


def _classes(
    definition: Definition, name: str, current: str | None, visited: Collection[str], possible: Collection[str | None]
) -> str:
    state = definition.states[name]
    marks = {
        "initial": name == definition.initial,
        "final": state.final,
        "current": name == current,
        "visited": name in visited and name != current,
        "possible": name in possible,
    }
    phase = list(definition.phases).index(state.phase)
    return " ".join(("state", f"phase-{phase}", *(mark for mark, holds in marks.items() if holds)))


def _opening(
    definition: Definition,
    language: str,
    layout: Layout,
    *,
    walked: Mapping[tuple[str, str], int],
    linked: bool,
    prefix: str,
    standalone: bool,
) -> Iterator[str]:
    size = f"{layout.width:.0f} {layout.height:.0f}"
    across, down = size.split()
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="lifecycle{" slight" if layout.width < SLIGHT else ""}"'
        f' role="{"group" if linked else "img"}"'
        f" lang={quoteattr(language)}"
        f' width="{across}" height="{down}" viewBox="0 0 {size}" font-family={quoteattr(FONT)}'
        f' font-size="{EM}" text-anchor="middle" fill="none" stroke-width="1.2"'
        f' aria-labelledby="{prefix}-title {prefix}-desc"{" color=" + quoteattr("#17201b") if standalone else ""}>'
    )
    yield f'<title id="{prefix}-title">{escape(definition.title[language])}</title>'
    yield f'<desc id="{prefix}-desc">{escape(_described(definition, language, walked))}</desc>'
    if standalone:
        yield f'<rect width="{across}" height="{down}" fill="#ffffff"/>'


def _described(definition: Definition, language: str, walked: Mapping[tuple[str, str], int]) -> str:
    """The picture in words that need no language of their own: every move, as it stands in the file."""
    return "; ".join(
        f"{definition.states[source].title[language]} → {definition.states[move.target].title[language]}"
        f": {move.title[language]}{times(walked.get((source, move.target), 0))}"
        for move in definition.transitions
        if move.target is not None
        for source in move.sources
    )


def times(walked: int) -> str:
    """How often a move was made, empty for never."""
    return f" ×{walked}" if walked else ""


def _linked(drawn: str, address: str | None) -> str:
    return drawn if address is None else f"<a href={quoteattr(address)}>{drawn}</a>"


def _arrow(arrow: Arrow, walked: int) -> str:
    (x, y), *rest = arrow.curve
    curve = " ".join(f"{a},{b}" for a, b in rest)
    dashes = ' stroke-dasharray="5 3"' if arrow.by_itself else ""
    lines = (*arrow.lines[:-1], arrow.lines[-1] + times(walked)) if walked > 1 else arrow.lines
    return (
        f'<g class="move{" by-itself" if arrow.by_itself else ""}{" walked" if walked else ""}">'
        f'<path d="M{x},{y} C{curve}" stroke="currentColor"{dashes}/>{head(arrow.curve[-1], arrow.tip)}'
        f"{lettered(lines, *arrow.label, size=12)}</g>"
    )


def head(end: Point, tip: Point) -> str:
    along = (tip[0] - end[0], tip[1] - end[1])
    length = (along[0] ** 2 + along[1] ** 2) ** 0.5 or 1.0
    x, y = -along[1] / length * 3.5, along[0] / length * 3.5
    corners = (tip, (end[0] + x, end[1] + y), (end[0] - x, end[1] - y))
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in corners)
    return f'<polygon points="{points}" fill="currentColor"/>'


def _box(box: Box, *, prefix: str, classes: str) -> str:
    corner = 4 if "final" not in classes.split() else round(box.height / 2, 1)
    frame = (
        f'<rect x="{box.x - box.width / 2:.1f}" y="{box.y - box.height / 2:.1f}" width="{box.width:.1f}"'
        f' height="{box.height:.1f}" rx="{corner}" stroke="currentColor"/>'
    )
    return f'<g id="{prefix}-{box.name}" class="{classes}">{frame}{lettered(box.lines, box.x, box.y, size=EM)}</g>'


def lettered(lines: tuple[str, ...], x: float, y: float, *, size: int) -> str:
    first = y - (len(lines) - 1) * LINE / 2 + size * 0.36
    spans = "".join(
        f'<tspan x="{x:.1f}" y="{first + number * LINE:.1f}">{escape(line)}</tspan>'
        for number, line in enumerate(lines)
    )
    return f'<text fill="currentColor" stroke="none" font-size="{size}">{spans}</text>'
