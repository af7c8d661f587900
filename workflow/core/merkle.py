"""The tree over all histories: RFC 9162 hashes, inclusion and consistency proofs, and their verification.

A leaf's data is 60 bytes: `LEAF` (12 bytes), the id of the case and the number of the step (each a signed
big-endian 8-byte number), and the step's own hash (32 bytes). Leaf hashes are SHA-256(0x00 ‖ data), inner ones
SHA-256(0x01 ‖ left ‖ right), so whoever holds a step's stored columns can make its leaf without us.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

LEAF = b"baton leaf 1"
EMPTY = sha256(b"").digest()
"""The root of a tree without leaves."""

Node = Callable[[int, int], bytes]
"""`node(level, place)`: the hash of the full subtree over the 2**level leaves from place * 2**level on."""


def leaf_data(case: int, seq: int, step: bytes) -> bytes:
    """What the tree holds of a step. Raises `ValueError` for what is no step's hash."""
    if len(step) != 32:
        raise ValueError("A step's hash has 32 bytes.")
    return LEAF + case.to_bytes(8, "big", signed=True) + seq.to_bytes(8, "big", signed=True) + step


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def inclusion(index: int, size: int, node: Node) -> list[bytes]:
    """PATH of RFC 9162 §2.1.3.1 for the leaf at `index` (from 0) in the tree of the first `size` leaves.

    Raises `ValueError` when there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError("There is no such leaf.")
    path: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(subtree(middle, end, node))
            end = middle
        else:
            path.append(subtree(begin, middle, node))
            begin = middle
    return path[::-1]


def consistency(first: int, second: int, node: Node) -> list[bytes]:
    """PROOF of RFC 9162 §2.1.4.1 that the tree of `first` leaves is the beginning of the one of `second`.

    Empty when they are equally large, or the first has no leaves. Raises `ValueError` for sizes out of order.
    """
    if not 0 <= first <= second:
        raise ValueError("The first tree is the smaller one.")
    if first in (0, second):
        return []
    path: list[bytes] = []
    begin, end, whole = 0, second, True
    while first < end:
        middle = begin + _split(end - begin)
        if first <= middle:
            path.append(subtree(middle, end, node))
            end = middle
        else:
            path.append(subtree(begin, middle, node))
            begin, whole = middle, False
    if not whole:
        path.append(subtree(begin, end, node))
    return path[::-1]


def includes(leaf: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof leads from the leaf's hash to the root: RFC 9162 §2.1.3.2."""
    if not 0 <= index < size or any(len(one) != 32 for one in (leaf, root, *proof)):
        return False
    place, last, made = index, size - 1, leaf
    for one in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            made = node_hash(one, made)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            made = node_hash(made, one)
        place, last = place >> 1, last >> 1
    return last == 0 and made == root


def extends(*, first: int, second: int, before: bytes, after: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree with root `before` is the beginning of the one with root `after`: RFC 9162 §2.1.4.2.

    Everything extends the tree without leaves, by an empty proof.
    """
    if not 0 <= first <= second or any(len(one) != 32 for one in (before, after, *proof)):
        return False
    if first == 0:
        return before == EMPTY and not proof and (second > 0 or after == EMPTY)
    if first == second:
        return before == after and not proof
    if not proof:
        return False
    path = [before, *proof] if first & (first - 1) == 0 else list(proof)
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = path[0]
    for one in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(one, old), node_hash(one, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, one)
        place, last = place >> 1, last >> 1
    return last == 0 and old == before and new == after


def subtree(begin: int, end: int, node: Node) -> bytes:
    """The hash over the leaves from `begin` to before `end`, a range that the tree's own splitting makes."""
    width = end - begin
    if width == 0:
        return EMPTY
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return node(level, begin >> level)
    middle = begin + _split(width)
    return node_hash(subtree(begin, middle, node), subtree(middle, end, node))


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes."""
    grown = Growing()
    for leaf in leaves:
        grown.add(leaf)
    return grown.root()


class Growing:
    """A tree that only its right edge is kept of: the hashes of its full subtrees, the largest first.

    `edge` may be given to go on where another one stopped: one hash for every bit set in `size`.
    """

    def __init__(self, size: int = 0, edge: Sequence[bytes] = ()) -> None:
        if size.bit_count() != len(edge):
            raise ValueError("The edge does not belong to a tree of this size.")
        self.size = size
        self.edge = list(edge)

    def add(self, leaf: bytes) -> None:
        edge, rest = self.edge, self.size
        while rest & 1:
            leaf = sha256(b"\x01" + edge.pop() + leaf).digest()
            rest >>= 1
        edge.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        if not self.edge:
            return EMPTY
        made = self.edge[-1]
        for left in self.edge[-2::-1]:
            made = node_hash(left, made)
        return made


def nodes_of(leaves: Sequence[bytes]) -> Node:
    """`node` over leaf hashes held in memory."""

    def node(level: int, place: int) -> bytes:
        if level == 0:
            return leaves[place]
        return node_hash(node(level - 1, 2 * place), node(level - 1, 2 * place + 1))

    return node


def _split(width: int) -> int:
    """The largest power of two below a width of at least two."""
    return 1 << ((width - 1).bit_length() - 1)
