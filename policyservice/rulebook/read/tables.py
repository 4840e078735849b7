"""The columns, rows and cells of a decision table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policyservice.domain.vocabulary import Text
from policyservice.rulebook.model import Condition, Place
from policyservice.rulebook.problems import listed
from policyservice.rulebook.read.conditions import compares, fact_named
from policyservice.rulebook.read.effects import Cells, dollars
from policyservice.rulebook.read.names import FactKind
from policyservice.rulebook.read.reading import Reading, items, text, words
from policyservice.rulebook.text.nodes import Broken, Items, Kind, Mapped, Node, Scalar, described, is_whole

ANY = "-"
"""A cell that holds for whatever the fact is, known or not."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row as written: its number from 0, its id or that number from 1, its cells (None: it has none)."""

    number: int
    id: str
    place: Place
    cells: tuple[Node, ...] | None
    title: Text | None
    say: Text | None
    has_say: bool
    then: Node | None
    has_then: bool
    is_whole: bool


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of conditions on a fact, or of values called `$name`; a fact that is not known is None."""

    node: Scalar
    fact: FactKind | None

    @property
    def is_value(self) -> bool:
        return self.node.text.startswith("$")


class Table:
    """Reads a table's columns once, and each row against them."""

    def __init__(self, reading: Reading, node: Mapped) -> None:
        self._reading = reading
        self._node = node
        self.then = node.get("then")
        self.has_then = "then" in node
        self.has_say = "say" in node
        self.is_first = words(node, "hit") == "first"
        self._columns = tuple(self._read_columns())

    def _read_columns(self) -> Iterator[_Column | None]:
        """One for each column as written, None for one that could not be read, so that cells keep their places."""
        seen: set[str] = set()
        for node in items(self._node.get("columns")):
            if not isinstance(node, Scalar):
                yield None
                continue
            if node.text in seen:
                self._reading.note(node.place, f"the column `{node.text}` stands here twice; join the two")
            seen.add(node.text)
            yield _Column(node, None if node.text.startswith("$") else fact_named(self._reading, node))

    def check(self) -> None:
        """Note columns of values that no effect uses."""
        used = set(dollars(self.then))
        for row in self.rows():
            used.update(dollars(row.then))
        for column in self._columns:
            if column is not None and column.is_value and column.node.text not in used:
                self._reading.note(
                    column.node.place, f"the column `{column.node.text}` is used in no effect; take it out"
                )

    def rows(self) -> Iterator[Row]:
        """The rows, in the order written."""
        for number, node in enumerate(items(self._node.get("rows"))):
            if isinstance(node, Items):
                yield _row(number, node, node, None)
            elif isinstance(node, Mapped):
                yield _row(number, node, node.get("cells"), node)

    def conditions(self, row: Row) -> list[Condition]:
        """What the cells of a row demand of the columns' facts."""
        if row.cells is None:
            return []
        if len(row.cells) != len(self._columns):
            how = "short" if len(row.cells) < len(self._columns) else "long"
            self._reading.note(
                row.place,
                f"the row is too {how}: columns {len(self._columns)}, cells {len(row.cells)}; "
                f"the columns are {listed(c.node.text for c in self._columns if c is not None)}",
            )
            return []
        found: list[Condition] = []
        for column, cell in zip(self._columns, row.cells, strict=True):
            if column is None or column.is_value or _is_any(cell):
                continue
            if column.fact is None:
                self._reading.excuse()
                continue
            found.extend(compares(self._reading, column.fact, cell))
        return found

    def cells(self, row: Row) -> Cells:
        """The row's values by `$name`; None for a column that it has no value for."""
        values: dict[str, Node | None] = {}
        for position, column in enumerate(self._columns):
            if column is not None and column.is_value:
                values[column.node.text] = self._value(row, position, column.node.text)
        return Cells(values, row.place)

    def _value(self, row: Row, position: int, name: str) -> Node | None:
        if row.cells is None:
            return None
        if len(row.cells) != len(self._columns):
            return Broken(row.place)  # which cell is whose is not known
        cell = row.cells[position]
        if isinstance(cell, Mapped):
            self._reading.note(cell.place, f"expected a value for `{name}`, or a parameter, found {described(cell)}")
            return Broken(cell.place)
        return None if _is_any(cell) else cell


def _row(number: int, node: Node, cells: Node | None, mapped: Mapped | None) -> Row:
    own = words(mapped, "id") if mapped is not None else None
    return Row(
        number=number,
        id=own or str(number + 1),
        place=node.place,
        cells=cells.of if isinstance(cells, Items) else None,
        title=text(mapped, "title") if mapped is not None else None,
        say=text(mapped, "say") if mapped is not None else None,
        has_say=mapped is not None and "say" in mapped,
        then=mapped.get("then") if mapped is not None else None,
        has_then=mapped is not None and "then" in mapped,
        is_whole=is_whole(node),
    )


def _is_any(cell: Node) -> bool:
    return isinstance(cell, Scalar) and cell.kind is Kind.TEXT and cell.text == ANY
