"""The lines of the UCI Online Retail data set, checked; anything else is refused."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from policyservice.domain.errors import HistoryRefused

COLUMNS = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
ZONE = ZoneInfo("Europe/London")


def read_rows(source: Path) -> Iterator[tuple[int, list[str]]]:
    """Line number and fields of every line but the first; a customer id without its ".0".

    Raises:
        HistoryRefused: the file is not the data set, or a line of it cannot be read.
    """
    with _opened(source) as text:
        rows = csv.reader(text)
        try:
            if tuple(next(rows, ())) != COLUMNS:
                raise HistoryRefused(f"{source}: expected the columns {', '.join(COLUMNS)}.")
            for row in rows:
                if len(row) != len(COLUMNS):
                    raise _unreadable(rows.line_num, f"{len(row)} fields")
                row[6] = row[6].removesuffix(".0")
                yield rows.line_num, row
        except (csv.Error, UnicodeDecodeError, EOFError, OSError, zlib.error) as error:
            raise HistoryRefused(f"{source}: line {rows.line_num + 1} cannot be read: {error}.") from None


@contextmanager
def _opened(source: Path) -> Iterator[TextIO]:
    with source.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
    if packed:
        with gzip.open(source, "rt", encoding="utf-8", newline="") as text:
            yield text
    else:
        with source.open(encoding="utf-8", newline="") as text:
            yield text


def code_of(row: list[str]) -> str:
    """The stock code, in upper case: the data set writes some both ways."""
    return row[1].upper()


def pieces_of(row: list[str], number: int) -> int:
    """How many pieces; negative where they are taken back."""
    try:
        return int(row[3])
    except ValueError:
        raise _unreadable(number, f"Quantity {row[3]!r}") from None


def price_of(row: list[str], number: int) -> int:
    """The price of a piece in thousandths of a pound."""
    whole, _, part = row[5].partition(".")
    if not (whole.isdecimal() and (part or "0").isdecimal() and len(part) <= 3):
        raise _unreadable(number, f"UnitPrice {row[5]!r}")
    return int(whole + part.ljust(3, "0"))


def instant_of(row: list[str], number: int) -> datetime:
    """When the invoice was written, London time."""
    try:
        return datetime.fromisoformat(row[4]).replace(tzinfo=ZONE)
    except ValueError:
        raise _unreadable(number, f"InvoiceDate {row[4]!r}") from None


def _unreadable(number: int, what: str) -> HistoryRefused:
    return HistoryRefused(f"Line {number} cannot be read: {what}. Use the data set as it was published.")
