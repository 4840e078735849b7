"""The parameters of the cost model: the defaults, and what a pack replaces for a reason.

Wages and other money are in whole currency units, times in minutes, everything else is a share or a count.
The remedy's own k (cost factor) and f (payment fee) are not here: the caller knows them from the catalogue.

Source: docs/reference/cost-parameters.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from policyservice.costs.checks import check_values
from policyservice.domain.limits import matches_reason
from policyservice.rulebook.model import CostSet, CostValue

_WAGES = "default: Eurostat and Statistics Finland labour cost, indexed; assumption"
_TIERS = "default: contact-centre benchmarks, each tier costs about three times the one before"
_REPEATS = "default: first-contact resolution of about 70 %"
_MEASURE = "default: assumption; measure it"
_REGULATED = "default: UK ombudsman case fee of GBP 650; only where regulated"


def _value(value: str, low: str, high: str, source: str) -> CostValue:
    return CostValue(Fraction(value), Fraction(low), Fraction(high), source)


DEFAULTS: Mapping[str, CostValue] = {
    "w1": _value("32", "24", "40", _WAGES),
    "w2": _value("38", "28", "50", _WAGES),
    "w3": _value("60", "40", "90", _WAGES),
    "u": _value("0.70", "0.55", "0.85", "default: assumption"),
    "hd": _value("2", "0.5", "5", "default: assumption; replace with measured"),
    "h1": _value("5", "2", "10", "default: assumption"),
    "h2": _value("15", "6", "35", _TIERS),
    "h3": _value("20", "10", "45", _TIERS),
    "p3": _value("0.10", "0.02", "0.25", _TIERS),
    "r": _value("0.5", "0.1", "1.5", _REPEATS),
    "hr": _value("7", "4", "12", _REPEATS),
    "q": _value("0.7", "0.4", "0.95", _MEASURE),
    "g": _value("0.75", "0.5", "0.95", _MEASURE),
    "d_slow": _value("0.04", "0", "0.10", "default: SQM, 9 % against 5 % intend to leave"),
    "d_none": _value("0.08", "0", "0.20", "default: SQM, 25 % against 5 % is the upper end"),
    "V": _value("60", "20", "200", "default: 7 a month at 35 % margin over 24 months is 59; use own data"),
    "p_pub": _value("0.003", "0.0005", "0.02", "default: assumption"),
    "c_pub": _value("100", "20", "500", "default: assumption"),
    "p_ext": _value("0", "0", "0", _REGULATED),
    "c_ext": _value("750", "750", "750", _REGULATED),
    "i": _value("0.10", "0", "0.40", "default: never 0, programmes were stopped for it"),
}
"""What is taken for each symbol where nobody stated or measured anything, with what it stands on."""

SYMBOLS: tuple[str, ...] = tuple(DEFAULTS)
"""Every symbol, in an order that may only ever grow at its end: the simulation draws by position."""

_EVERY_CASE, _EXACT_REASON = 0, 1_000_000


@dataclass(frozen=True, slots=True)
class CostParameters:
    """Every parameter of the model for one case; `values` stand in the order of `SYMBOLS`."""

    values: tuple[CostValue, ...]

    def __getitem__(self, symbol: str) -> CostValue:
        return self.values[SYMBOLS.index(symbol)]

    def items(self) -> Iterator[tuple[str, CostValue]]:
        """(symbol, value) in the order of `SYMBOLS`."""
        return zip(SYMBOLS, self.values, strict=True)

    def stated(self) -> dict[str, Fraction]:
        """Each symbol at its stated value, without the range."""
        return {symbol: found.value for symbol, found in self.items()}

    def defaults(self) -> tuple[str, ...]:
        """The symbols that rest on a default: neither the company's own figure nor measured."""
        return tuple(symbol for symbol, found in self.items() if found.source.startswith("default"))


def for_case(
    sets: tuple[CostSet, ...], reason: str, channel: str | None = None, queue: str | None = None
) -> CostParameters:
    """The parameters for a case: the defaults, replaced by what the sets state for its reason, channel and queue.

    A set for the reason itself overrides one for its group ("delivery.*"), which overrides one for every
    reason; for one reason a set that names the queue overrides one that names the channel alone, and that one a
    set that names neither. Of two that are equally narrow the later one stands. A set replaces only the symbols
    it names.

    Raises:
        InvalidCostParameter: a value that `costs/checks.py` refuses.
    """
    merged = dict(DEFAULTS)
    for found in _widest_first(sets, reason, channel, queue):
        check_values(found.values, DEFAULTS)
        merged.update(found.values)
    return CostParameters(tuple(merged[symbol] for symbol in SYMBOLS))


def check_sets(sets: tuple[CostSet, ...]) -> None:
    """Refuse what could not be estimated with, whichever reason it is for.

    Raises:
        InvalidCostParameter: an unknown symbol, a range that leaves out its value, or a value outside what
            its symbol means.
    """
    for found in sets:
        check_values(found.values, DEFAULTS)


def _widest_first(sets: tuple[CostSet, ...], reason: str, channel: str | None, queue: str | None) -> list[CostSet]:
    """The sets that speak of a case; equally narrow ones stay in their order."""
    ranked = [(narrowness, s) for s in sets if (narrowness := _narrowness(s, reason, channel, queue)) is not None]
    return [found for _, found in sorted(ranked, key=lambda pair: pair[0])]


def _narrowness(found: CostSet, reason: str, channel: str | None, queue: str | None) -> tuple[int, bool, bool] | None:
    """How narrowly a set speaks of a case, None where it does not."""
    of_reason = _of_reason(found, reason)
    if of_reason is None or (found.channels and channel not in found.channels):
        return None
    if found.queues and queue not in found.queues:
        return None
    return of_reason, bool(found.queues), bool(found.channels)


def _of_reason(found: CostSet, reason: str) -> int | None:
    """How narrowly a set speaks of a reason, None where it does not; the longer of two groups is narrower."""
    if not found.reasons:
        return _EVERY_CASE
    matching = [pattern for pattern in found.reasons if matches_reason(pattern, reason)]
    return max((_EXACT_REASON if p == reason else len(p) for p in matching), default=None)
