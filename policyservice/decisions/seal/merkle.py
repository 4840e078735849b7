"""A hash over a list, and short proofs that something is in it: the Merkle tree of RFC 6962.

Leaves and inner nodes are hashed with different first bytes, so that neither can pass for the other. An odd node is
promoted to the next level, never doubled: two different lists never have the same root.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Literal, NamedTuple

_LEAF, _NODE = b"\x00", b"\x01"


class Step(NamedTuple):
    """One step towards the root: the neighbour's hash, and the side on which it stands."""

    side: Literal["left", "right"]
    hash: bytes


def leaf_hash(content: bytes) -> bytes:
    """The hash of a leaf, 32 bytes as every hash here."""
    return sha256(_LEAF + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two neighbours."""
    return sha256(_NODE + left + right).digest()


class Roots:
    """Takes leaf hashes one by one and tells the root of all so far; keeps as many hashes as the tree has levels."""

    def __init__(self) -> None:
        self.count = 0
        self._peaks: list[bytes] = []  # roots of full trees, the largest first: one per binary digit of `count`

    def add(self, leaf: bytes) -> None:
        """Append a leaf hash."""
        self.count += 1
        self._peaks.append(leaf)
        for _ in range(_trailing_zeros(self.count)):
            right = self._peaks.pop()
            self._peaks.append(node_hash(self._peaks.pop(), right))

    def root(self) -> bytes:
        """The root of the leaves so far; of none, the hash of nothing."""
        if not self._peaks:
            return sha256().digest()
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = node_hash(peak, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root of leaf hashes."""
    roots = Roots()
    for leaf in leaves:
        roots.add(leaf)
    return roots.root()


def path_to(index: int, count: int, leaves: Iterable[bytes]) -> list[Step]:
    """The steps from leaf `index` of the first `count` leaf hashes to their root; reads the leaves once.

    Raises:
        ValueError: there are fewer leaves than `count`, or no leaf `index`.
    """
    if not 0 <= index < count:
        raise ValueError(f"no leaf {index} among {count}")
    borders = _siblings(index, count)
    roots = {start: Roots() for start, _ in borders}
    starts = sorted(borders)
    read = 0
    position = 0
    for leaf in leaves:
        if read == count:
            break
        while position < len(starts) and read >= starts[position][1]:
            position += 1
        if position < len(starts) and read >= starts[position][0]:
            roots[starts[position][0]].add(leaf)
        read += 1
    if read < count:
        raise ValueError(f"{read} leaves, not {count}")
    return [Step("left" if start < index else "right", roots[start].root()) for start, _ in borders]


def climb(leaf: bytes, path: Iterable[Step]) -> bytes:
    """The root that a path leads to from a leaf hash."""
    for step in path:
        leaf = node_hash(step.hash, leaf) if step.side == "left" else node_hash(leaf, step.hash)
    return leaf


def _siblings(index: int, count: int) -> list[tuple[int, int]]:
    """The half-open ranges of leaves beside the way from a leaf to the root, the nearest first."""
    start, stop = 0, count
    found: list[tuple[int, int]] = []
    while stop - start > 1:
        middle = start + (1 << (stop - start - 1).bit_length() - 1)
        if index < middle:
            found.append((middle, stop))
            stop = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def _trailing_zeros(number: int) -> int:
    return (number & -number).bit_length() - 1
