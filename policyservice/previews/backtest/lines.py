"""The lines of a history file, CSV or JSONL, each as raw values by name; what cannot be read is said line by line.

Format: docs/reference/history-format.md.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, BinaryIO, NamedTuple

from policyservice.domain.errors import HistoryRefused
from policyservice.domain.vocabulary import FactType
from policyservice.rulebook.model import Rulebook

REQUIRED = ("time", "agent", "customer", "order", "reason", "remedy", "amount", "currency")
"""The columns every CSV history has; of a line they may be empty where a request may leave the field out."""

OPTIONAL = ("case", "channel", "team", "trust_level", "incident", "justification", "facts")
KEYS = frozenset((*REQUIRED, *OPTIONAL))
LONGEST_LINE = 1024 * 1024
"""Characters of one line."""

_FACT = "facts."
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,18})\Z")


class RawLine(NamedTuple):
    """One line: its number in the file (the last where it spans several), and its values or why it has none."""

    number: int
    values: Mapping[str, Any] | None
    fault: str | None = None


def read_lines(stream: BinaryIO, rulebook: Rulebook) -> Iterator[RawLine]:
    """Every line of a history, packed with gzip or not; JSONL where the first sign is a brace, else CSV.

    The text of a CSV cell becomes what the vocabulary says of its fact: "12" an integer, "true" a boolean; any other
    text stays text, and is refused where the line is validated.

    Raises:
        HistoryRefused: the file as a whole cannot be read: no header, unknown columns, damaged gzip.
    """
    buffered: Any = stream if hasattr(stream, "peek") else io.BufferedReader(stream, 1 << 16)
    start = _peek(buffered)
    if start.startswith(b"\x1f\x8b"):
        buffered = gzip.open(buffered, "rb")  # noqa: SIM115  closed with the stream it reads
        start = _guarded(lambda: _peek(buffered))
    text = io.TextIOWrapper(buffered, encoding="utf-8-sig", errors="surrogateescape", newline="")
    is_json = start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    lines = _json_lines(text) if is_json else _csv_lines(text, rulebook)
    try:
        while (line := _guarded(lambda: next(lines, None))) is not None:
            yield line
    finally:
        text.detach()  # whoever opened the stream closes it


def _peek(stream: Any) -> bytes:
    found: bytes = stream.peek(4096)
    return found


def _guarded(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except (zlib.error, EOFError, OSError) as error:
        raise HistoryRefused(f"The history cannot be read: {error}.") from None


# --- JSONL -----------------------------------------------------------------------------------------------


def _json_lines(text: io.TextIOWrapper) -> Iterator[RawLine]:
    number = 0
    while line := text.readline(LONGEST_LINE + 2):
        number += 1
        if len(line) > LONGEST_LINE + 1:
            while line and not line.endswith("\n"):
                line = text.readline(LONGEST_LINE)
            yield RawLine(number, None, f"is longer than {LONGEST_LINE} characters.")
        elif line.strip():
            yield _json_line(number, line)


def _json_line(number: int, line: str) -> RawLine:
    if not line.isascii() and _not_utf8(line):
        return RawLine(number, None, "is not UTF-8.")
    try:
        values = json.loads(line, object_pairs_hook=_without_repeats, parse_constant=_no_constant)
    except RecursionError:
        return RawLine(number, None, "nests too deep.")
    except json.JSONDecodeError as error:
        return RawLine(number, None, f"is not JSON: {error.msg} at column {error.colno}.")
    except ValueError as error:
        return RawLine(number, None, f"cannot be read: {str(error)[:120]}.")
    if not isinstance(values, dict):
        return RawLine(number, None, "is not a JSON object.")
    return RawLine(number, values)


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _not_utf8(line: str) -> bool:
    return any("\udc80" <= sign <= "\udcff" for sign in line)


# --- CSV -------------------------------------------------------------------------------------------------

_Cell = Callable[[str], Any]
_MOST_KEPT = 10_000


def _csv_lines(text: io.TextIOWrapper, rulebook: Rulebook) -> Iterator[RawLine]:
    rows = csv.reader(text, strict=True)
    header = _header(rows)
    fields = [(at, name) for at, name in enumerate(header) if not name.startswith(_FACT)]
    facts = [
        (at, name.removeprefix(_FACT), _cell_of(name.removeprefix(_FACT), rulebook))
        for at, name in enumerate(header)
        if name.startswith(_FACT)
    ]
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield RawLine(rows.line_num, None, f"is not CSV: {error}.")
            continue
        if row:
            yield _csv_line(rows.line_num, row, len(header), fields, facts)


def _csv_line(
    number: int, row: list[str], width: int, fields: list[tuple[int, str]], facts: list[tuple[int, str, _Cell]]
) -> RawLine:
    if len(row) != width:
        return RawLine(number, None, f"has {len(row)} fields where the header has {width}.")
    if not (whole := "".join(row)).isascii() and _not_utf8(whole):
        return RawLine(number, None, "is not UTF-8.")
    values: dict[str, Any] = {name: cell for at, name in fields if (cell := row[at])}
    given = {name: read(cell) for at, name, read in facts if (cell := row[at])}
    if "facts" in values:
        try:
            stated = json.loads(values["facts"], object_pairs_hook=_without_repeats, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            return RawLine(number, None, "has a column `facts` that is not JSON.")
        if not isinstance(stated, dict):
            return RawLine(number, None, "has a column `facts` that is not a JSON object.")
        if twice := given.keys() & stated.keys():
            return RawLine(number, None, f"states the fact {min(twice)} twice.")
        given |= stated
    values["facts"] = given
    return RawLine(number, values)


def _header(rows: Iterator[list[str]]) -> list[str]:
    try:
        header = [name.strip() for name in next(rows)]
    except StopIteration:
        raise HistoryRefused("The history is empty; its first line names the columns.") from None
    except csv.Error as error:
        raise HistoryRefused(f"The first line of the history is not CSV: {error}.") from None
    faults = [f"the column {name!r} stands twice" for name in sorted({n for n in header if header.count(n) > 1})]
    faults += [f"the column {name} is missing" for name in REQUIRED if name not in header]
    faults += [f"the column {n[:80]!r} is unknown" for n in header if n not in KEYS and not n.startswith(_FACT)]
    if faults:
        known = ", ".join((*REQUIRED, *OPTIONAL))
        raise HistoryRefused(f"The history's first line: {'; '.join(faults)}. Known are {known} and facts.NAME.")
    return header


def _cell_of(fact: str, rulebook: Rulebook) -> _Cell:
    declared = rulebook.facts.get(fact)
    if declared is None:
        return str
    if declared.type is FactType.INTEGER:
        return lru_cache(_MOST_KEPT)(_integer)
    return _boolean if declared.type is FactType.BOOLEAN else str


def _integer(cell: str) -> int | str:
    return int(cell) if _INTEGER.match(cell) else cell


def _boolean(cell: str) -> bool | str:
    return {"true": True, "false": False}.get(cell, cell)
