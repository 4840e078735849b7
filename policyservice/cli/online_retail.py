"""The UCI Online Retail data set to a history of refund requests: one request per cancellation invoice.

Nothing here is guessed at random: which purchase a cancelled piece belongs to, which agent took the request and for
which reason it was made follow from stated rules, so that two runs give the same history. What is real and what is
assumed: docs/tutorial/a-year-of-refunds.md.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TextIO

from policyservice.cli.online_retail_rows import code_of, instant_of, pieces_of, price_of, read_rows

HISTORY_COLUMNS = (
    "time",
    "agent",
    "team",
    "trust_level",
    "customer",
    "case",
    "order",
    "reason",
    "remedy",
    "amount",
    "currency",
    "facts.customer.tier",
    "facts.order.category",
    "facts.order.date",
    "facts.order.days_since_delivery",
    "facts.order.paid",
    "facts.order.quantity",
    "facts.order.returned",
    "facts.fee.amount",
    "facts.fee.paid",
)
CHARGES = frozenset({"D", "M", "S", "POST", "DOT", "C2", "BANK CHARGES", "AMAZONFEE", "CRUK"})
"""Stock codes that are no goods: discount, manual entry, samples, postage, carriage and fees."""

DISCOUNT = "D"
AGENTS = tuple(
    (f"agent-{number:02}", f"team-{'abc'[number % 3]}", level)
    for number, level in enumerate(("new",) * 4 + ("trusted",) * 4 + ("expert",) * 3 + ("lead",), start=1)
)
"""(agent, team, trust level): four new, four trusted, three expert and one lead, in three teams."""

_LOYAL, _REGULAR = 10, 2  # invoices before


@dataclass(slots=True)
class _Lot:
    """Pieces of one purchase line that no cancellation was matched to yet; prices in thousandths of a pound."""

    invoice: str
    day: date
    price: int
    pieces: int


@dataclass(slots=True)
class _Cancellation:
    """One cancellation invoice as its lines come in; sums in thousandths of a pound."""

    number: str
    at: datetime
    customer: str
    invoices_before: int
    codes: set[str] = field(default_factory=set)
    pieces: int = 0
    asked: int = 0
    paid: int | None = 0  # None once a piece is matched to no purchase
    by_purchase: dict[str, int] = field(default_factory=dict)
    first_day: date | None = None

    @property
    def has_goods(self) -> bool:
        return not self.codes <= CHARGES


@dataclass(frozen=True, slots=True)
class Converted:
    """What a conversion counted."""

    lines: int
    cancellation_lines: int
    requests: int
    of_guests: int
    matched: int  # requests of which every piece was matched to an earlier purchase


def convert(source: Path, out: TextIO, advance: Callable[[int], None] = lambda lines: None) -> Converted:
    """Write the history of `source` (the data set as CSV, gzipped or not) to `out` as CSV, in time order.

    The file is read twice: first for what is ever cancelled, then with only those purchases kept.

    Raises:
        HistoryRefused: the file is not the data set, or a line of it cannot be read.
    """
    wanted = {(row[6], code_of(row)) for _, row in read_rows(source) if row[0].startswith("C")}
    reading = _Reading(wanted)
    lines = 0
    for number, row in read_rows(source):
        lines += 1
        reading.take(number, row)
        advance(1)
    return _write(reading.cancellations(), out, lines, reading.cancelled_lines)


class _Reading:
    """One pass over the invoices in the order of the file, which is the order of time."""

    def __init__(self, wanted: set[tuple[str, str]]) -> None:
        self._wanted = wanted
        self._lots: dict[tuple[str, str], list[_Lot]] = {}
        self._found: dict[str, _Cancellation] = {}
        self._invoices: dict[str, int] = {}
        self._last_invoice = ""
        self.cancelled_lines = 0

    def take(self, number: int, row: list[str]) -> None:
        """Take one line: a cancelled one is matched at once, a purchase is kept for what may be cancelled later."""
        invoice, customer = row[0], row[6]
        cancels = invoice.startswith("C")
        if customer and not cancels and invoice != self._last_invoice:
            self._invoices[customer] = self._invoices.get(customer, 0) + 1
        self._last_invoice = invoice
        if not cancels and (not customer or (customer, code_of(row)) not in self._wanted):
            return
        pieces, price = pieces_of(row, number), price_of(row, number)
        if cancels:
            self._cancel(row, -pieces, price, number)
        elif pieces > 0:
            lot = _Lot(invoice, instant_of(row, number).date(), price, pieces)
            self._lots.setdefault((customer, code_of(row)), []).append(lot)

    def cancellations(self) -> list[_Cancellation]:
        """Every cancellation invoice, in time order; of one instant, in the order of the file."""
        return sorted(self._found.values(), key=lambda found: found.at)

    def _cancel(self, row: list[str], pieces: int, price: int, number: int) -> None:
        self.cancelled_lines += 1
        found = self._found.get(row[0])
        if found is None:
            before = self._invoices.get(row[6], 0)
            found = self._found[row[0]] = _Cancellation(row[0], instant_of(row, number), row[6], before)
        code = code_of(row)
        found.codes.add(code)
        found.pieces += pieces
        found.asked += pieces * price
        if self._match(found, code, pieces, price) > 0:
            found.paid = None

    def _match(self, found: _Cancellation, code: str, pieces: int, price: int) -> int:
        """Match cancelled pieces to pieces bought before; how many are left over.

        Pieces bought at the cancelled price come first, of these the latest; then, for goods, pieces bought at
        another price, again the latest first. No piece is matched twice.
        """
        lots = self._lots.get((found.customer, code), []) if found.customer else []
        latest = lots[::-1]
        ranked = [lot for lot in latest if lot.price == price]
        if code not in CHARGES:
            ranked += [lot for lot in latest if lot.price != price]
        for lot in ranked:
            taken = min(pieces, lot.pieces)
            if taken == 0:
                continue
            lot.pieces -= taken
            pieces -= taken
            value = taken * lot.price
            found.paid = None if found.paid is None else found.paid + value
            found.by_purchase[lot.invoice] = found.by_purchase.get(lot.invoice, 0) + value
            found.first_day = min(found.first_day or lot.day, lot.day)
        return pieces


def _write(found: list[_Cancellation], out: TextIO, lines: int, cancelled_lines: int) -> Converted:
    writer = csv.DictWriter(out, HISTORY_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for cancellation in found:
        writer.writerow(_request(cancellation))
    return Converted(
        lines,
        cancelled_lines,
        len(found),
        sum(not each.customer for each in found),
        sum(each.paid is not None for each in found),
    )


def _request(found: _Cancellation) -> dict[str, str]:
    """The line of one cancellation: reason and remedy by what it takes back, facts as far as they are known."""
    agent, team, level = agent_of(found.number)
    purchase = max(found.by_purchase, key=lambda invoice: (found.by_purchase[invoice], invoice), default=None)
    line = {
        "time": found.at.isoformat(),
        "agent": agent,
        "team": team,
        "trust_level": level,
        "customer": found.customer,
        "case": purchase or found.number,
        "order": f"{purchase}/{found.number}" if purchase else found.number,
        "amount": _pounds(found.asked),
        "currency": "GBP",
        **_known(found),
    }
    if found.has_goods:
        return {**line, "reason": "product.returned", "remedy": "refund", **_goods(found)}
    if found.codes == {DISCOUNT}:
        return {**line, "reason": "courtesy.other", "remedy": "credit"}
    return {**line, "reason": "billing.error", "remedy": "refund", **_fee(found)}


def _known(found: _Cancellation) -> dict[str, str]:
    if not found.customer:
        return {}
    before = found.invoices_before
    return {"facts.customer.tier": "loyal" if before >= _LOYAL else "regular" if before >= _REGULAR else "new"}


def _goods(found: _Cancellation) -> dict[str, str]:
    """The facts of a return. What was paid, and how long ago, is known where every piece was matched."""
    facts = {
        "facts.order.category": "gift",
        "facts.order.quantity": str(found.pieces),
        "facts.order.returned": "true",
    }
    if found.paid is not None and found.first_day is not None:
        facts["facts.order.paid"] = _pounds(found.paid)
        facts["facts.order.date"] = found.first_day.isoformat()
        facts["facts.order.days_since_delivery"] = str((found.at.date() - found.first_day).days)
    return facts


def _fee(found: _Cancellation) -> dict[str, str]:
    """The facts of a charge taken back: known to be paid where it was matched to a charge billed before."""
    if found.paid is None:
        return {"facts.fee.amount": _pounds(found.asked)}
    return {"facts.fee.amount": _pounds(found.paid), "facts.fee.paid": "true"}


def agent_of(invoice: str) -> tuple[str, str, str]:
    """Agent, team and trust level for an invoice: the first eight bytes of its number's SHA-256, modulo twelve."""
    digest = hashlib.sha256(invoice.encode()).digest()
    return AGENTS[int.from_bytes(digest[:8], "big") % len(AGENTS)]


def _pounds(thousandths: int) -> str:
    """Pounds and pence; a part of a penny is rounded up, as what was paid is never understated."""
    pence = -(-thousandths // 10)
    return f"{pence // 100}.{pence % 100:02}"
