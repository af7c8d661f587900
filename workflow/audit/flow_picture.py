"""A directly-follows graph as a picture: Graphviz says where things go, the SVG is written here, as for lifecycles.

Classes and no colours: `activity`, `start`, `end`; `follows`, and `often`, `seldom` by how frequent an edge is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

import pygraphviz

from workflow.audit.flow import END, START, Edge, Flow
from workflow.definitions.diagram import EM, FONT, GRAPHVIZ, LINE, MARGIN, PAD, Point, head, lettered, room
from workflow.definitions.lettering import wrapped

ACTIVITY_EMS = 13
SMALL = 12
DOT = 22.0
"""Pixels across of the marks where cases begin and end."""


def picture(
    graph: Flow, edges: Sequence[Edge], *, title: str, label: Callable[[Edge], str], count: Callable[[int], str]
) -> str:
    """An SVG element. `label` is written at an edge, `count` below an activity's name."""
    nodes = list(dict.fromkeys(name for edge in edges for name in (edge.source, edge.target)))
    lines = {
        name: [*wrapped(name, ACTIVITY_EMS), count(graph.nodes[name])] for name in nodes if name not in (START, END)
    }
    labels = {edge: label(edge) for edge in edges}
    with GRAPHVIZ:
        placed = json.loads(_graph(nodes, lines, labels).draw(format="json", prog="dot"))
    return "".join(_drawn(placed, lines, labels, title))


def _graph(nodes: list[str], lines: dict[str, list[str]], labels: dict[Edge, str]) -> pygraphviz.AGraph:
    """What Graphviz gets to see: boxes of the right size by number, and no text at all."""
    graph = pygraphviz.AGraph(directed=True, strict=False, rankdir="TB", nodesep="0.3", ranksep="0.45")
    for number, name in enumerate(nodes):
        across, down = room(lines[name], PAD) if name in lines else (DOT, DOT)
        graph.add_node(f"n{number}", label="", shape="box", fixedsize="true", width=across / 72, height=down / 72)
    for number, (edge, text) in enumerate(labels.items()):
        across, down = room([text], 3)
        cell = f'FIXEDSIZE="TRUE" WIDTH="{across:.0f}" HEIGHT="{down:.0f}"'
        table = f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" {cell}><TR><TD {cell}></TD></TR></TABLE>>'
        ends = (f"n{nodes.index(edge.source)}", f"n{nodes.index(edge.target)}")
        graph.add_edge(*ends, key=f"e{number}", id=str(number), label=table, weight=min(edge.count, 1000))
    return graph


def _drawn(
    placed: dict[str, object], lines: dict[str, list[str]], labels: dict[Edge, str], title: str
) -> Iterator[str]:
    left, bottom, right, top = (float(number) for number in str(placed["bb"]).split(","))

    def point(text: str) -> Point:
        x, y = text.split(",")
        return round(float(x) - left + MARGIN, 1), round(top - float(y) + MARGIN, 1)

    objects, arrows = placed["objects"], placed.get("edges", [])
    assert isinstance(objects, list)  # noqa: S101 - Graphviz's own format
    assert isinstance(arrows, list)  # noqa: S101
    edges = list(labels)
    names = list(dict.fromkeys(name for edge in edges for name in (edge.source, edge.target)))
    across, down = f"{right - left + 2 * MARGIN:.0f}", f"{top - bottom + 2 * MARGIN:.0f}"
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="lifecycle flow" role="img" width="{across}" height="{down}"'
        f' viewBox="0 0 {across} {down}" font-family={quoteattr(FONT)} font-size="{EM}" text-anchor="middle"'
        f' fill="none" stroke-width="1.2" aria-labelledby="flow-title"><title id="flow-title">{escape(title)}</title>'
    )
    most = max((edge.count for edge in edges), default=1)
    for arrow in arrows:
        yield _arrow(arrow, edges[int(arrow["id"])], labels, most, point)
    for thing in objects:
        name = names[int(str(thing["name"])[1:])]
        yield _node(name, lines.get(name), point(thing["pos"]))
    yield "</svg>"


def _arrow(arrow: dict[str, str], edge: Edge, labels: dict[Edge, str], most: int, point: Callable[[str], Point]) -> str:
    parts = arrow["pos"].split()
    tip = next((point(part[2:]) for part in parts if part.startswith("e,")), None)
    curve = [point(part) for part in parts if part[0] not in "es"]
    (x, y), *rest = curve
    line = " ".join(f"{a},{b}" for a, b in rest)
    share = edge.count / most
    often = " often" if share >= 0.5 else " seldom" if share < 0.05 else ""
    return (
        f'<g class="move follows{often}">'
        f'<path d="M{x},{y} C{line}" stroke="currentColor" stroke-width="{1 + 3 * share:.1f}"/>'
        f"{head(curve[-1], tip or curve[-1])}{lettered((labels[edge],), *point(arrow['lp']), size=SMALL)}</g>"
    )


def _node(name: str, lines: list[str] | None, at: Point) -> str:
    x, y = at
    if lines is None:
        kind = "start" if name == START else "end"
        return f'<g class="state {kind}"><circle cx="{x}" cy="{y}" r="{DOT / 2}" stroke="currentColor"/></g>'
    across, down = room(lines, PAD)
    frame = (
        f'<rect x="{x - across / 2:.1f}" y="{y - down / 2:.1f}" width="{across:.1f}" height="{down:.1f}" rx="6"'
        f' stroke="currentColor"/>'
    )
    first = y - LINE / 2
    title = lettered(tuple(lines[:-1]), x, first, size=EM)
    count = lettered((lines[-1],), x, y + (len(lines) - 1) * LINE / 2, size=SMALL)
    return f'<g class="state activity">{frame}{title}{count}</g>'
