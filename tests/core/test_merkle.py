"""The tree over all histories, against RFC 9162's own construction, known vectors and an independent library."""

from __future__ import annotations

import random
from hashlib import sha256

import pymerkle
import pytest

from workflow.core import merkle

# The inputs and roots that Certificate Transparency's implementations test each other with.
INPUTS = [bytes.fromhex(one) for one in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
MOST = 300


def leaves(count: int) -> list[bytes]:
    return [merkle.leaf_hash(b"%d" % n) for n in range(count)]


def levels(hashes: list[bytes]) -> merkle.Node:
    """Every full subtree, worked out once."""
    known = {(0, place): one for place, one in enumerate(hashes)}
    level = 0
    while (level, 1) in known:
        place = 0
        while (level, 2 * place + 1) in known:
            known[level + 1, place] = merkle.node_hash(known[level, 2 * place], known[level, 2 * place + 1])
            place += 1
        level += 1
    return lambda level, place: known[level, place]


def theirs(count: int) -> pymerkle.InmemoryTree:
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    tree.append_entries([b"%d" % n for n in range(count)])
    return tree


def test_the_known_roots_come_out() -> None:
    for size, root in enumerate(ROOTS, start=1):
        hashes = [merkle.leaf_hash(one) for one in INPUTS[:size]]
        assert merkle.root_of(hashes).hex() == root
        assert merkle.subtree(0, size, merkle.nodes_of(hashes)).hex() == root
    assert merkle.root_of([]).hex() == sha256(b"").hexdigest()


def test_a_leaf_says_case_step_and_hash() -> None:
    data = merkle.leaf_data(7, 41, bytes(range(32)))

    assert data == b"baton leaf 1" + bytes(7) + b"\x07" + bytes(7) + b"\x29" + bytes(range(32))
    with pytest.raises(ValueError, match="32 bytes"):
        merkle.leaf_data(7, 41, b"short")


def test_all_sizes_to_300_agree_with_an_independent_library() -> None:
    hashes, tree = leaves(MOST), theirs(MOST)
    node, grown = levels(hashes), merkle.Growing()

    for size in range(1, MOST + 1):
        grown.add(hashes[size - 1])
        assert grown.root() == tree.get_root(size)
        for index in {0, size // 3, size // 2, size - 1}:
            assert merkle.inclusion(index, size, node) == tree.prove_inclusion(index + 1, size).path[1:]


def test_every_proof_of_every_size_to_300_verifies() -> None:
    """Every fifth leaf, and the last ones, of every size; all pairs of sizes on a grid and next to each other."""
    hashes = leaves(MOST)
    node = levels(hashes)
    roots = [merkle.EMPTY, *(merkle.subtree(0, size, node) for size in range(1, MOST + 1))]

    for size in range(1, MOST + 1):
        for index in {*range(0, size, 5), max(size - 2, 0), size - 1}:
            proof = merkle.inclusion(index, size, node)
            assert merkle.includes(hashes[index], index=index, size=size, proof=proof, root=roots[size])
        for first in {*range(0, size, 7), size - 1, size}:
            proof = merkle.consistency(first, size, node)
            assert merkle.extends(
                first=first, second=size, before=roots[first], after=roots[size], proof=proof
            ), (first, size)  # fmt: skip


def test_the_proofs_of_the_example_in_rfc_9162_come_out() -> None:
    """§2.1.5, with its names for the nodes of the tree over seven leaves."""
    node = levels(leaves(7))
    a, c, d = node(0, 0), node(0, 2), node(0, 3)
    g, h, i, j, k, l = node(1, 0), node(1, 1), node(1, 2), node(0, 6), node(2, 0), merkle.subtree(4, 7, node)  # noqa: E741

    assert merkle.inclusion(0, 7, node) == [node(0, 1), h, l]
    assert merkle.inclusion(3, 7, node) == [c, g, l]
    assert merkle.inclusion(4, 7, node) == [node(0, 5), j, k]
    assert merkle.inclusion(6, 7, node) == [i, k]
    assert merkle.consistency(3, 7, node) == [c, d, g, l]
    assert merkle.consistency(4, 7, node) == [l]
    assert merkle.consistency(6, 7, node) == [i, j, k]
    assert merkle.consistency(1, 1, node) == []
    assert merkle.subtree(0, 1, node) == a


def test_consistency_joins_the_roots_of_an_independent_library() -> None:
    tree, node = theirs(MOST), levels(leaves(MOST))
    roots = [merkle.EMPTY, *(tree.get_root(size) for size in range(1, MOST + 1))]

    for second in range(1, MOST + 1):
        for first in range(0, second + 1, 1 if second < 70 else 11):
            proof = merkle.consistency(first, second, node)
            sizes = {"first": first, "second": second}
            assert merkle.extends(**sizes, before=roots[first], after=roots[second], proof=proof), sizes
            # Everything extends the tree without leaves.
            wrong = merkle.extends(**sizes, before=roots[first], after=roots[second - 1], proof=proof)
            assert wrong == (first == 0), sizes


def test_a_tree_goes_on_from_its_edge() -> None:
    hashes = leaves(100)
    begun = merkle.Growing()
    for one in hashes[:61]:
        begun.add(one)

    gone_on = merkle.Growing(begun.size, begun.edge)
    for one in hashes[61:]:
        gone_on.add(one)

    assert gone_on.root() == merkle.root_of(hashes)
    with pytest.raises(ValueError, match="edge"):
        merkle.Growing(3, begun.edge)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 31, 64, 100])
def test_a_mutated_proof_is_refused(size: int) -> None:
    hashes, dice = leaves(size), random.Random(size)
    node = levels(hashes)
    root = merkle.subtree(0, size, node)
    index = dice.randrange(size)
    proof = merkle.inclusion(index, size, node)

    def good(
        leaf: bytes = hashes[index], at: int = index, of: int = size, path: list[bytes] = proof, to: bytes = root
    ) -> bool:
        return merkle.includes(leaf, index=at, size=of, proof=path, root=to)

    assert good()
    for bit in range(256):
        assert not good(leaf=flipped(hashes[index], bit))
        assert not good(to=flipped(root, bit))
        for n in range(len(proof)):
            assert not good(path=[*proof[:n], flipped(proof[n], bit), *proof[n + 1 :]])
    for n in range(len(proof)):
        assert not good(path=proof[:n] + proof[n + 1 :])
        assert not good(path=[*proof[:n], proof[n], *proof[n:]])
    for n in range(len(proof) - 1):
        assert not good(path=[*proof[:n], proof[n + 1], proof[n], *proof[n + 2 :]])
    assert not good(path=[*proof, root])
    assert not good(path=[b"", *proof])
    for at in range(-1, size + 2):
        assert good(at=at) == (at == index)


def test_a_mutated_consistency_proof_is_refused() -> None:
    hashes = leaves(65)
    node = levels(hashes)
    for first, second in ((1, 2), (3, 7), (4, 7), (6, 8), (8, 64), (33, 65), (64, 65)):
        before, after = merkle.subtree(0, first, node), merkle.subtree(0, second, node)
        proof = merkle.consistency(first, second, node)

        def good(
            path: list[bytes] = proof, first: int = first, second: int = second, old: bytes = before, new: bytes = after
        ) -> bool:
            return merkle.extends(first=first, second=second, before=old, after=new, proof=path)

        assert good()
        for bit in range(256):
            assert not good(old=flipped(before, bit))
            assert not good(new=flipped(after, bit))
            for n in range(len(proof)):
                assert not good(path=[*proof[:n], flipped(proof[n], bit), *proof[n + 1 :]])
        for n in range(len(proof)):
            assert not good(path=proof[:n] + proof[n + 1 :])
        assert not good(path=[*proof, after])
        assert not good(first=second, second=first)
        assert not good(first=0)
    assert not merkle.extends(first=0, second=5, before=hashes[0], after=hashes[1], proof=[])
    assert not merkle.extends(first=3, second=3, before=hashes[0], after=hashes[1], proof=[])
    assert not merkle.extends(first=0, second=0, before=merkle.EMPTY, after=hashes[0], proof=[])


def test_there_is_no_proof_of_what_is_not_there() -> None:
    node = merkle.nodes_of(leaves(5))
    for index in (-1, 5, 6):
        with pytest.raises(ValueError, match="no such leaf"):
            merkle.inclusion(index, 5, node)
    for first, second in ((-1, 3), (4, 3)):
        with pytest.raises(ValueError, match="smaller"):
            merkle.consistency(first, second, node)


def flipped(raw: bytes, bit: int) -> bytes:
    changed = bytearray(raw)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)
