"""Every leaf of the log, every stored subtree, and the root at every checkpoint, worked out anew."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from workflow.audit.log.damage import Report
from workflow.core import merkle
from workflow.storage import walk
from workflow.storage.log import LEVEL, WIDTH, folded

if TYPE_CHECKING:
    from sqlalchemy import Connection


def roots(connection: Connection, report: Report, wanted: Iterable[int]) -> dict[int, bytes]:
    """The root at each of the sizes there are, from the leaves alone; counts the leaves and compares what is stored."""
    stored = walk.nodes(connection)
    sizes = sorted(set(wanted))
    found = {0: merkle.EMPTY}
    blocks = merkle.Growing()
    block: list[bytes] = []
    upper: list[list[bytes]] = [[]]
    place = 0

    def close() -> None:
        """A block is full: it is a leaf of the tree of blocks, and stored."""
        made, level = folded(block), LEVEL
        blocks.add(made)
        block.clear()
        where = blocks.size - 1
        for row in upper:
            _compare(report, stored, level, where, made)
            row.append(made)
            if len(row) < WIDTH:
                return
            made, level, where = folded(row), level + LEVEL, where >> LEVEL
            row.clear()
        upper.append([made])
        _compare(report, stored, level, where, made)

    for position, case, seq, step in walk.leaves(connection):
        if position != place:
            report.found("gap", case, seq=seq, position=position, expected=place)
            place = position
        try:
            data = merkle.leaf_data(case, seq, step)
        except ValueError:
            data = step
        block.append(merkle.leaf_hash(data))
        place += 1
        report.leaves += 1
        while sizes and sizes[0] <= report.leaves:
            if sizes[0] == report.leaves:
                found[sizes[0]] = _root(blocks, block)
            sizes.pop(0)
        if len(block) == WIDTH:
            close()
    for level, where in stored:
        report.found("node", level=level, place=where)
    return found


def _root(blocks: merkle.Growing, block: list[bytes]) -> bytes:
    if not block:
        return blocks.root()
    grown = merkle.Growing(len(block) + (blocks.size << LEVEL), [*blocks.edge, *_edge(block)])
    return grown.root()


def _edge(block: list[bytes]) -> list[bytes]:
    """The full subtrees of a block that is not full, the largest first."""
    inner = merkle.Growing()
    for leaf in block:
        inner.add(leaf)
    return inner.edge


def _compare(report: Report, stored: dict[tuple[int, int], bytes], level: int, place: int, made: bytes) -> None:
    """Stored subtrees that are not looked at are left in `stored`: there are more of them than there may be."""
    if stored.pop((level, place), None) != made:
        report.found("node", level=level, place=place)
