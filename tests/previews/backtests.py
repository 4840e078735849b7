"""A small rulebook and short histories for the tests of back-tests."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from policyservice.previews.backtest.history import History, read_history
from policyservice.previews.backtest.report import About, report
from policyservice.previews.backtest.run import Decided, Under, run
from policyservice.previews.backtest.tally import Tallies
from policyservice.rulebook.load import load
from policyservice.rulebook.model import Rulebook

HELSINKI = ZoneInfo("Europe/Helsinki")

PACK = {
    "pack.yaml": """
pack: shop
title: {en: Shop, fi: Kauppa}
currency: EUR
""",
    "vocabulary.yaml": """
facts:
  order.paid: {type: money, role: {paid: [late]}, title: {en: Paid, fi: Maksettu}}
  order.days_late: {type: integer, lowest: 0, highest: 100, title: {en: Days late, fi: Päiviä myöhässä}}
  order.returned: {type: boolean, presume: false, title: {en: Returned, fi: Palautettu}}
  order.date: {type: date, title: {en: Day, fi: Päivä}}
  order.kind: {type: code, values: [meal, shirt], title: {en: Kind, fi: Laji}}
  order.checked: {type: boolean, provided_by: system, title: {en: Checked, fi: Tarkistettu}}
  order.note: {type: text, title: {en: Note, fi: Huomautus}}
  order.spoiled: {type: boolean, provided_by: rules, title: {en: Spoiled, fi: Pilalla}}
""",
    "catalogue.yaml": """
remedies:
  refund: {kind: refund, fee: 0.25, title: {en: Refund, fi: Palautus}}
  credit: {kind: credit, cost_factor: 50 %, title: {en: Credit, fi: Hyvitys}}
  visit: {kind: other, amount: none, cost: 4.00, title: {en: Visit, fi: Käynti}}
reasons:
  late: {title: {en: Late, fi: Myöhässä}}
  rude: {title: {en: Rude, fi: Tylyä}, otherwise: forbid}
trust_levels:
  new: {title: {en: New, fi: Uusi}}
  lead: {title: {en: Lead, fi: Vastuuhenkilö}}
""",
    "rules/late.yaml": """
rules:
  - id: late-owed
    title: {en: Late is owed, fi: Myöhästymisestä}
    basis: law
    reference: Act 1
    in_force: {from: 2026-01-01}
    when: {reason: late, order.days_late: {at_least: 10}}
    then: [{entitle: {remedy: refund, amount: order.paid}}]
    say: {en: Yours., fi: Ole hyvä.}
  - id: late-credit
    title: {en: Late credit, fi: Hyvitys myöhästymisestä}
    basis: goodwill
    because: It is fair.
    in_force: {from: 2026-01-01}
    when: {reason: late, order.days_late: {at_least: 1}}
    then: [{permit: {remedy: credit, up_to: credit-most}}, {permit: {remedy: visit}}]
    say: {en: Sorry., fi: Pahoittelut.}
""",
    "parameters.yaml": """
credit-most:
  what: Most credit
  unit: money
  values: {2026-01-01: 10.00, 2026-07-01: 20.00}
""",
    "limits/opening.yaml": """
limits:
  - id: agent-day
    title: {en: Agent in a day, fi: Päivässä}
    scope: agent
    window: day
    amount: {new: 15.00, lead: 100.00}
  - id: customer-year
    title: {en: Customer, fi: Asiakas}
    scope: customer
    window: rolling
    days: 365
    amount: 30.00
""",
}


def a_book(currency: str | None = None) -> Rulebook:
    return load({"shop": PACK}, currency=currency)


def a_line(**more: Any) -> dict[str, Any]:
    """A line asking for a credit of 5.00 for a parcel two days late."""
    return {
        "time": "2026-03-02T10:00:00+02:00",
        "agent": "maija",
        "customer": "C-1",
        "order": "O-1",
        "reason": "late",
        "remedy": "credit",
        "amount": "5.00",
        "currency": "EUR",
        "facts": {"order.days_late": 2},
        **more,
    }


def as_jsonl(lines: Sequence[Mapping[str, Any]]) -> bytes:
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def read(text: str | bytes, book: Rulebook | None = None, trust_level: str = "new") -> History:
    raw = text.encode() if isinstance(text, str) else text
    return read_history(io.BytesIO(raw), book or a_book(), HELSINKI, trust_level)


def decided(lines: Sequence[Mapping[str, Any]], book: Rulebook | None = None, **under: Any) -> list[Decided]:
    book = book or a_book()
    history = read(as_jsonl(lines), book)
    assert history.refused == ()
    return list(run(history.asked, Under(book, book.opening_limits, HELSINKI, **under)))


def reported(lines: Sequence[Mapping[str, Any]], book: Rulebook | None = None) -> dict[str, Any]:
    book = book or a_book()
    history = read(as_jsonl(lines), book)
    under, tallies = Under(book, book.opening_limits, HELSINKI), Tallies(HELSINKI)
    for each in run(history.asked, under):
        tallies.add(each)
    return report(history, under, tallies, About("history.jsonl", "new", ("EUR",)))
