"""Compares the log with its seals, and says which row is not what was sealed.

Rows, leaves and seals are read once, side by side, in order; what is kept in memory is one batch, and the differences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection

from policyservice.decisions.seal import store
from policyservice.decisions.seal.chain import FORMAT, NOTHING, Seal, header_hash, is_hash
from policyservice.decisions.seal.checkpoint import Checkpoint
from policyservice.decisions.seal.compare import Difference, Differences, Side
from policyservice.decisions.seal.leaves import DECISION, ENTRY, Leaf
from policyservice.decisions.seal.merkle import Roots, leaf_hash, root_of


@dataclass(slots=True)
class Tally:
    """What was looked at, counted while it goes on."""

    rows: int = 0
    seals: int = 0
    unsealed: int = 0


def verify(
    conn: Connection,
    tally: Tally,
    checkpoint: Checkpoint | None = None,
    advance: Callable[[int], None] = lambda rows: None,
) -> Iterator[Difference]:
    """Every difference between the log, its seals and a checkpoint: of seals as they are met, of rows at the end.

    To be used inside `rows.as_stored`, on one snapshot. `advance` is told how many more rows were compared.
    """
    walk = _Walk(Side(conn, DECISION), Side(conn, ENTRY))
    kept = _Kept(checkpoint)
    for seal in store.in_order(conn):
        tally.seals += 1
        kept.add(seal)
        yield from walk.past(seal)
        advance(walk.rows - tally.rows)
        tally.rows = walk.rows
    tally.unsealed = walk.rest()
    tally.rows = walk.rows
    yield from walk.differences.told()
    yield from kept.differences()


@dataclass(slots=True)
class _Walk:
    """The way along the chain, with the rows of both tables beside it."""

    decisions: Side
    entries: Side
    differences: Differences = field(default_factory=Differences)
    before: Seal | None = None
    is_gap: bool = False  # whether rows before the next seal belong to a seal that is gone or unreadable

    @property
    def rows(self) -> int:
        """How many rows were compared."""
        return self.decisions.compared + self.entries.compared

    def past(self, seal: Seal) -> Iterator[Difference]:
        """Look at the next seal and at its rows; what is wrong with the seal itself."""
        yield from self._links(seal)
        leaves, is_whole = _leaves(seal), header_hash(seal.header()) == seal.hash and seal.format == FORMAT
        if not is_whole:
            yield Difference("seal", seal.number, "altered")
            self.is_gap = True
        if leaves is None:
            rows = _ranges(seal.first_decision, seal.last_decision, seal.first_entry, seal.last_entry)
            yield Difference("seal", seal.number, f"its leaves were altered: {rows} cannot be compared")
            self.is_gap = True
        else:
            self._compare(seal, leaves, is_whole)
            self.is_gap = not is_whole
        self.before = seal

    def rest(self) -> int:
        """Pass over what comes after the last seal; how many rows."""
        return self.decisions.rest() + self.entries.rest()

    def _links(self, seal: Seal) -> Iterator[Difference]:
        before = self.before
        expected = before.number + 1 if before else 1
        if seal.number != expected:
            self.is_gap = True
            yield Difference("seal", expected, _removed(expected, seal, _after(before)))
        elif seal.previous != (before.hash if before else NOTHING):
            yield Difference("seal", seal.number, "not chained to the seal before it: one of the two was replaced")
        elif not self.is_gap and (seal.first_decision, seal.first_entry) != _after(before):
            yield Difference("seal", seal.number, "does not begin where the seal before it ends")
            self.is_gap = True

    def _compare(self, seal: Seal, leaves: list[Leaf], is_whole: bool) -> None:
        decisions, entries = leaves[: seal.decisions], leaves[seal.decisions :]
        for side, part, first, last in (
            (self.decisions, decisions, seal.first_decision, seal.last_decision),
            (self.entries, entries, seal.first_entry, seal.last_entry),
        ):
            if not is_whole:  # the leaves are: where they begin and end is known, the header's word is not good
                first, last = (part[0].seq, part[-1].seq) if part else (0, 0)
            if self.is_gap:
                side.skip_before(first)
            side.compare(part, last, self.differences)


@dataclass(slots=True)
class _Kept:
    """What a checkpoint says, against the seals that there are."""

    checkpoint: Checkpoint | None
    roots: Roots = field(default_factory=Roots)
    hash: str = ""

    def add(self, seal: Seal) -> None:
        """Count a seal in, as long as the checkpoint does."""
        if self.checkpoint is not None and self.roots.count < self.checkpoint.seals:
            self.hash = seal.hash if is_hash(seal.hash) else header_hash(seal.header())
            self.roots.add(leaf_hash(bytes.fromhex(self.hash)))

    def differences(self) -> Iterator[Difference]:
        """Whether the seals of the checkpoint are still those."""
        wanted, count = self.checkpoint, self.roots.count
        if wanted is None:
            return
        if count < wanted.seals:
            what = f"had {wanted.seals} seals, the log has {count}: its end was cut off"
            yield Difference("checkpoint", wanted.seals, what)
        elif (self.hash, self.roots.root().hex()) != (wanted.hash, wanted.root):
            what = "its seals are not those of the log: the log was written anew, or is another one"
            yield Difference("checkpoint", wanted.seals, what)


def _leaves(seal: Seal) -> list[Leaf] | None:
    """The leaves as they were sealed; None where they do not give the seal's root."""
    try:
        leaves = list(seal.unpacked())
    except ValueError:
        return None
    is_complete = len(leaves) == seal.decisions + seal.entries
    return leaves if is_complete and root_of(leaf.hash() for leaf in leaves).hex() == seal.root else None


def _after(before: Seal | None) -> tuple[int, int]:
    return (before.last_decision + 1, before.last_entry + 1) if before else (1, 1)


def _removed(first: int, next_one: Seal, begin: tuple[int, int]) -> str:
    gone = "removed" if next_one.number - 1 == first else f"removed, and those up to {next_one.number - 1}"
    rows = _ranges(begin[0], next_one.first_decision - 1, begin[1], next_one.first_entry - 1)
    return f"{gone}: {rows} cannot be compared"


def _ranges(first_decision: int, last_decision: int, first_entry: int, last_entry: int) -> str:
    parts = (("decisions", first_decision, last_decision), ("entries", first_entry, last_entry))
    return " and ".join(f"{name} {first} to {last}" for name, first, last in parts if first <= last) or "its rows"
