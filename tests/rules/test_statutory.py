"""The pack `rules/statutory` against the tables read by hand, around every bound, by the way that case lines go."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from policyservice.assurance.policy_tests import run
from policyservice.cli.case_lines import CaseLines
from policyservice.domain.vocabulary import FactType
from policyservice.rulebook.load import load_folders
from tests.rules.statutory_by_hand import SCHEMES, owed

PACK = Path(__file__).parents[2] / "rules" / "statutory"
BOOK = load_folders([PACK])
LINES = CaseLines(BOOK, datetime(2026, 6, 1, tzinfo=UTC))
MONEY = frozenset(name for name, fact in BOOK.facts.items() if fact.type is FactType.MONEY)

YES_NO = (False, True)
DISTANCES = (1, 1499, 1500, 1501, 3499, 3500, 3501, 9000)
AROUND_HOURS = tuple(hours * 60 + more for hours in (1, 2, 3, 4) for more in (-1, 0, 1))
PRICES = (1, 799, 800, 801, 1599, 1600, 1601, 3199, 3200, 3201, 12345)
DAYS_OF_RATES = ("2019-04-01", "2025-03-31", "2025-04-01", "2026-03-31", "2026-04-01")
POWER_HOURS = (12, 24, 48, 72, 120, 192, 288)
DAYS_ENDED = ("2015-12-31", "2016-01-01", "2017-12-31", "2018-01-01", "2023-12-31", "2024-01-01", "2026-05-01")

GRIDS: dict[str, dict[str, tuple[Any, ...]]] = {
    "eu261.arrival_delay": {
        "flight.distance_km": DISTANCES,
        "flight.arrival_delay_min": (-5, 0, *AROUND_HOURS, 900),
        "flight.intra_eu": YES_NO,
        "flight.extraordinary": YES_NO,
        "flight.passengers": (1, 3),
    },
    "eu261.cancellation": {
        "flight.distance_km": (1500, 1501, 3500, 3501),
        "flight.intra_eu": YES_NO,
        "flight.extraordinary": YES_NO,
        "flight.passengers": (1, 2),
        "flight.notice_days": (0, 6, 7, 8, 13, 14, 15),
        "flight.reroute_departs_min_before": (-30, 59, 60, 61, 119, 120, 121),
        "flight.reroute_arrives_min_after": (-10, *AROUND_HOURS, None),
        "flight.reroute_offered": YES_NO,
    },
    "eu261.denied_boarding": {
        "flight.distance_km": DISTANCES,
        "flight.intra_eu": YES_NO,
        "flight.extraordinary": YES_NO,
        "flight.volunteer": YES_NO,
        "flight.passengers": (1, 4),
        "flight.reroute_arrives_min_after": (*AROUND_HOURS, None),
        "flight.reroute_offered": YES_NO,
    },
    "eu261.downgrade": {
        "flight.distance_km": DISTANCES,
        "flight.intra_eu": YES_NO,
        "flight.ticket_price": (0, 1, 333, 10001),
        "flight.passengers": (1, 2, 3),
    },
    "uk261.arrival_delay": {
        "flight.distance_km": DISTANCES,
        "flight.arrival_delay_min": (-5, 0, *AROUND_HOURS, 900),
        "flight.extraordinary": YES_NO,
        "flight.passengers": (1, 3),
    },
    "eu_rail.arrival_delay": {
        "train.arrival_delay_min": (-1, 0, 59, 60, 61, 119, 120, 121, 500),
        "train.ticket_price": PRICES,
        "train.min_payout": (0, 1, 200, 399, 400, 401, 600),
        "train.ticket_type": ("single", "return"),
        "train.exempt_cause": YES_NO,
    },
    "uk_delay_repay.delay": {
        "train.delay_min": (0, 14, 15, 16, 29, 30, 31, 59, 60, 61, 119, 120, 121, 400),
        "train.ticket_price": PRICES,
        "train.ticket_type": ("single", "return"),
        "train.scheme": ("DR15", "DR30"),
    },
    "fi_electricity.outage": {
        "power.outage_minutes": (0, *(hours * 60 + more for hours in POWER_HOURS for more in (-1, 0, 1))),
        "power.annual_network_charge": (1, 40001, 66667, 100000, 100001, 150000),
        "power.outage_ended": DAYS_ENDED,
        "power.outage_started": ("2015-12-20",),
        "power.beyond_control": YES_NO,
        "power.compensated_this_year": (None, 0, 1, 80001, 99999, 100000, 150000, 199999, 200000, 200001),
    },
    "fi_telecom.delivery_delay": {
        "telecom.delay_days": (0, 1, 6, 7, 8, 13, 14, 15, 48, 49, 50, 55, 56, 57, 400),
        "telecom.beyond_control": YES_NO,
    },
    "fi_telecom.outage": {
        "telecom.outage_minutes": (0, 1, 1439, 1440, 1441, *(10080 * w + m for w in (1, 2, 7, 8) for m in (-1, 0, 1))),
        "telecom.beyond_control": YES_NO,
        "telecom.maintenance_work": YES_NO,
    },
    "ofcom.delayed_repair": {"ofcom.days": (0, 1, 2, 3, 30), "ofcom.event_date": DAYS_OF_RATES},
    "ofcom.missed_appointment": {"ofcom.notice_minutes": (0, 1439, 1440, 1441), "ofcom.event_date": DAYS_OF_RATES},
    "ofcom.delayed_start": {"ofcom.days": (0, 1, 2, 3, 30), "ofcom.event_date": DAYS_OF_RATES},
    "eu_withdrawal.return": {
        "order.goods_price": (0, 1, 9999),
        "order.delivery_paid": (0, 489, 490, 491, 1290),
        "order.standard_delivery": (0, 490),
        "order.days_since_delivery": (0, 13, 14, 15, 378, 379, 380, 3650),
        "order.informed_of_right": YES_NO,
        "order.exempt_goods": YES_NO,
    },
    "eu_ferry.arrival_delay": {
        "ferry.voyage_minutes": (30, 239, 240, 241, 479, 480, 481, 1439, 1440, 1441, 3000),
        "ferry.arrival_delay_min": (0, *(60 * h + m for h in (1, 2, 3, 4, 6, 12) for m in (-1, 0, 1))),
        "ferry.ticket_price": (1, 399, 10000),
        "ferry.weather_or_extraordinary": YES_NO,
    },
}


def cases_of(reason: str) -> Iterator[dict[str, Any]]:
    """Every combination of a reason's grid, with None left out; a re-routing that says nothing of itself is none."""
    grid = GRIDS[reason]
    for values in itertools.product(*grid.values()):
        facts = {name: value for name, value in zip(grid, values, strict=True) if value is not None}
        if facts.get("flight.reroute_offered") and "flight.reroute_arrives_min_after" not in facts:
            continue
        yield {"reason": reason, **facts}


def decimal(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def asked(facts: dict[str, Any], cents: int | None = None) -> dict[str, Any]:
    """The answer to a case line that asks how much may be given, or for a sum."""
    reason = facts["reason"]
    line = {
        "id": "1",
        "facts": {name: decimal(value) if name in MONEY else value for name, value in facts.items()},
        "ask": {
            "remedy": "refund" if reason.startswith("eu_withdrawal") else "compensation",
            "currency": "GBP" if reason.startswith(("uk", "ofcom")) else "EUR",
            **({} if cents is None else {"amount": decimal(cents)}),
        },
    }
    return LINES.answer(json.dumps(line).encode())


def by_hand(facts: dict[str, Any]) -> tuple[str, str | None]:
    cents = owed(facts)
    return ("allow", decimal(cents)) if cents > 0 else ("deny", None)


def test_the_policy_tests_hold() -> None:
    assert run(BOOK) == []


def test_every_reason_of_the_pack_has_a_grid_and_a_reading_by_hand() -> None:
    assert set(BOOK.reasons) == set(GRIDS) == set(SCHEMES)


@pytest.mark.parametrize("reason", GRIDS)
def test_the_pack_answers_as_the_tables_do_around_every_bound(reason: str) -> None:
    differing = []
    for facts in cases_of(reason):
        found = asked(facts)
        if "error" in found or (found["outcome"], found["amount"]) != by_hand(facts):
            differing.append((facts, found, by_hand(facts)))

    assert differing[:3] == []


@pytest.mark.parametrize("reason", GRIDS)
def test_what_is_owed_is_allowed_to_the_cent_and_a_cent_more_is_somebody_elses_to_decide(reason: str) -> None:
    owing = [facts for facts in cases_of(reason) if owed(facts) > 0]
    basis = "contract" if reason.startswith(("ofcom", "uk_delay_repay")) else "law"

    for facts in owing[:: max(1, len(owing) // 40)]:
        exactly, beyond = asked(facts, owed(facts)), asked(facts, owed(facts) + 1)

        assert (exactly["outcome"], exactly["basis"]) == ("allow", basis)
        assert (beyond["outcome"], beyond["amount"]) == ("escalate", decimal(owed(facts)))


NEVER_ASKED = {
    "eu261.denied_boarding": {"flight.extraordinary"},
    "fi_electricity.outage": {"power.outage_started", "power.compensated_this_year"},
}


@pytest.mark.parametrize("reason", GRIDS)
def test_a_fact_that_is_not_known_gives_a_sum_only_where_every_value_gives_the_same(reason: str) -> None:
    cases = list(cases_of(reason))
    for facts in cases[:: max(1, len(cases) // 150)]:
        for name in GRIDS[reason]:
            if name.startswith("flight.reroute") or name not in facts:
                continue
            found = asked({key: value for key, value in facts.items() if key != name})
            possible = {by_hand({**facts, name: value}) for value in GRIDS[reason][name] if value is not None}
            if name in NEVER_ASKED.get(reason, ()):
                assert found["outcome"] != "escalate"
            elif found["outcome"] == "escalate":
                assert found["amount"] is None, (facts, name)
            else:
                assert {(found["outcome"], found["amount"])} == possible, (facts, name)
