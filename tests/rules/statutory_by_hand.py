"""What law and published schemes grant, read from their tables by hand: plain arithmetic that no rulebook has seen.

`owed` answers for a case whose facts are all known, money in cents. It is held against `rules/statutory` around every
bound; it shares no code with the service.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Facts = Mapping[str, Any]
HOUR, DAY = 60, 24 * 60


def owed(facts: Facts) -> int:
    """Cents that are owed; 0 where nothing is."""
    return SCHEMES[facts["reason"]](facts)


def _round_up(numerator: int, denominator: int) -> int:
    return (numerator + denominator - 1) // denominator


# --- flights ------------------------------------------------------------------------------------------


def _band(facts: Facts) -> int:
    """0 up to 1500 km; 1 over that up to 3500 km, and any longer flight within the Union; 2 the rest."""
    distance = facts["flight.distance_km"]
    if distance > 3500:
        return 1 if facts["flight.intra_eu"] else 2
    return 0 if distance <= 1500 else 1


def _full(facts: Facts) -> int:
    return (25000, 40000, 60000)[_band(facts)] * facts["flight.passengers"]


def _flight_late(facts: Facts) -> int:
    late = facts["flight.arrival_delay_min"]
    if facts["flight.extraordinary"] or late < 3 * HOUR:
        return 0
    halved = _band(facts) == 2 and late < 4 * HOUR
    return _full(facts) // 2 if halved else _full(facts)


def _rerouted(facts: Facts) -> bool:
    return facts.get("flight.reroute_arrives_min_after") is not None or facts["flight.reroute_offered"]


def _by_rerouting(facts: Facts) -> int:
    if not _rerouted(facts):
        return _full(facts)
    soon = facts["flight.reroute_arrives_min_after"] <= (2 * HOUR, 3 * HOUR, 4 * HOUR)[_band(facts)]
    return _full(facts) // 2 if soon else _full(facts)


def _cancelled(facts: Facts) -> int:
    notice = facts["flight.notice_days"]
    if facts["flight.extraordinary"] or notice >= 14:
        return 0
    if _rerouted(facts):
        early, late = facts["flight.reroute_departs_min_before"], facts["flight.reroute_arrives_min_after"]
        if notice >= 7 and early <= 2 * HOUR and late < 4 * HOUR:
            return 0
        if notice < 7 and early <= HOUR and late < 2 * HOUR:
            return 0
    return _by_rerouting(facts)


def _denied_boarding(facts: Facts) -> int:
    return 0 if facts["flight.volunteer"] else _by_rerouting(facts)


def _downgraded(facts: Facts) -> int:
    paid = facts["flight.ticket_price"] * facts["flight.passengers"]
    return _round_up(paid * (30, 50, 75)[_band(facts)], 100)


def _flight_late_uk(facts: Facts) -> int:
    late, distance = facts["flight.arrival_delay_min"], facts["flight.distance_km"]
    if facts["flight.extraordinary"] or late < 3 * HOUR:
        return 0
    if distance <= 1500:
        each = 22000
    elif distance <= 3500:
        each = 35000
    else:
        each = 26000 if late < 4 * HOUR else 52000
    return each * facts["flight.passengers"]


# --- trains and ships ---------------------------------------------------------------------------------


def _train_late(facts: Facts) -> int:
    late = facts["train.arrival_delay_min"]
    if facts["train.exempt_cause"] or late < HOUR:
        return 0
    quarters = 2 if late >= 2 * HOUR else 1
    legs = 2 if facts["train.ticket_type"] == "return" else 1
    amount = _round_up(facts["train.ticket_price"] * quarters, 4 * legs)
    return amount if amount >= min(400, facts["train.min_payout"]) else 0


def _delay_repay(facts: Facts) -> int:
    late, price = facts["train.delay_min"], facts["train.ticket_price"]
    if late >= 120:
        return int(price)
    shortest = {"DR15": 15, "DR30": 30}[facts["train.scheme"]]
    if late < shortest:
        return 0
    share = 100 if late >= 60 else 50 if late >= 30 else 25
    return _round_up(price * share, 200 if facts["train.ticket_type"] == "return" else 100)


def _ship_late(facts: Facts) -> int:
    voyage, late = facts["ferry.voyage_minutes"], facts["ferry.arrival_delay_min"]
    hours = 1 if voyage <= 4 * HOUR else 2 if voyage <= 8 * HOUR else 3 if voyage <= DAY else 6
    if facts["ferry.weather_or_extraordinary"] or late < hours * HOUR:
        return 0
    return _round_up(facts["ferry.ticket_price"] * (50 if late > 2 * hours * HOUR else 25), 100)


# --- electricity and telecommunications ---------------------------------------------------------------

_HOURS_FROM_2024 = ((288, 200), (120, 150), (72, 100), (48, 50), (24, 25), (12, 10))
_HOURS_BEFORE = ((288, 200), (192, 150), (120, 100), (72, 50), (24, 25), (12, 10))


def _power_cut(facts: Facts) -> int:
    if facts["power.beyond_control"]:
        return 0
    ended = facts["power.outage_ended"]
    bands = _HOURS_FROM_2024 if ended >= "2024-01-01" else _HOURS_BEFORE
    share = next((part for hours, part in bands if facts["power.outage_minutes"] >= hours * HOUR), 0)
    charge = facts["power.annual_network_charge"]
    ceiling = 200000 if ended >= "2018-01-01" else 150000 if ended >= "2016-01-01" else 100000
    left = min(ceiling, 2 * charge) - facts.get("power.compensated_this_year", 0)
    return max(0, min(_round_up(charge * share, 100), left))


def _connection_late(facts: Facts) -> int:
    weeks = _round_up(facts["telecom.delay_days"], 7)
    return 0 if facts["telecom.beyond_control"] else min(16000, 2000 * weeks)


def _connection_interrupted(facts: Facts) -> int:
    minutes = facts["telecom.outage_minutes"]
    if facts["telecom.beyond_control"] or (facts["telecom.maintenance_work"] and minutes <= DAY):
        return 0
    return min(16000, 2000 * _round_up(minutes, 7 * DAY))


def _ofcom(rates: tuple[int, int, int]) -> Callable[[Facts], int]:
    def rate(facts: Facts) -> int:
        day = facts["ofcom.event_date"]
        return rates[2] if day >= "2026-04-01" else rates[1] if day >= "2025-04-01" else rates[0]

    return rate


_REPAIR, _APPOINTMENT, _START = _ofcom((800, 998, 1034)), _ofcom((2500, 3119, 3231)), _ofcom((500, 624, 646))


def _appointment(facts: Facts) -> int:
    return _APPOINTMENT(facts) if facts["ofcom.notice_minutes"] < DAY else 0


# --- withdrawal ---------------------------------------------------------------------------------------


def _withdrawn(facts: Facts) -> int:
    days = 14 if facts["order.informed_of_right"] else 14 + 365
    if facts["order.exempt_goods"] or facts["order.days_since_delivery"] > days:
        return 0
    return int(facts["order.goods_price"] + min(facts["order.delivery_paid"], facts["order.standard_delivery"]))


SCHEMES: dict[str, Callable[[Facts], int]] = {
    "eu261.arrival_delay": _flight_late,
    "eu261.cancellation": _cancelled,
    "eu261.denied_boarding": _denied_boarding,
    "eu261.downgrade": _downgraded,
    "uk261.arrival_delay": _flight_late_uk,
    "eu_rail.arrival_delay": _train_late,
    "uk_delay_repay.delay": _delay_repay,
    "fi_electricity.outage": _power_cut,
    "fi_telecom.delivery_delay": _connection_late,
    "fi_telecom.outage": _connection_interrupted,
    "ofcom.delayed_repair": lambda facts: _REPAIR(facts) * facts["ofcom.days"],
    "ofcom.missed_appointment": _appointment,
    "ofcom.delayed_start": lambda facts: _START(facts) * facts["ofcom.days"],
    "eu_withdrawal.return": _withdrawn,
    "eu_ferry.arrival_delay": _ship_late,
}
