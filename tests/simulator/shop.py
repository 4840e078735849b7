"""A shop with limits of every kind, each small enough to be met within forty steps; and services on a copy of its
database."""

from __future__ import annotations

import shutil
from pathlib import Path

from policyservice.access import agents
from policyservice.access.agents import AgentRecord
from policyservice.db.session import Database
from policyservice.decisions import publishing
from policyservice.decisions.rulebooks import Rulebooks
from policyservice.domain.vocabulary import AgentKind
from policyservice.runtime import Runtime
from tests.decisions.factories import settings
from tests.fakes import NOON, CountingIds, VirtualClock

PACK = """\
pack: shop
title: {en: Shop, fi: Kauppa}
currency: EUR
stretch: {hard_cap: 7.00, margin: 5.00}
safe_floor: {credit: 2.00, refund: 3.00}
hold_minutes: 90
"""
VOCABULARY = """\
facts:
  order.paid: {type: money, role: paid, title: {en: Paid, fi: Maksettu}}
  order.days_late: {type: integer, title: {en: Days late, fi: Myöhässä}}
"""
CATALOGUE = """\
remedies:
  refund: {kind: refund, title: {en: Refund, fi: Palautus}}
  credit: {kind: credit, cost_factor: 80 %, title: {en: Credit, fi: Saldo}}
  gift: {kind: gift, cost_factor: 33 %, when_hold_ends: commit, hold_minutes: 20, title: {en: Gift, fi: Lahja}}
  replacement: {kind: replacement, amount: none, cost: 1.50, hold_minutes: 300, title: {en: New one, fi: Uusi}}
reasons:
  delivery.late: {title: {en: Late, fi: Myöhässä}}
  delivery.missing: {title: {en: Missing, fi: Puuttuu}}
  product.broken: {title: {en: Broken, fi: Rikki}}
trust_levels:
  new: {title: {en: New, fi: Uusi}}
  trusted: {title: {en: Trusted, fi: Luotettu}}
"""
RULES = """\
rules:
  - id: never-came
    title: {en: It never came, fi: Ei tullut}
    basis: law
    reference: Section 1
    in_force: {from: 2020-01-01}
    when: {reason: delivery.missing}
    then:
      - entitle: {remedy: refund, amount: order.paid}
      - entitle: {remedy: gift, amount: 1.01, basis: contract}
      - permit: {remedy: gift, up_to: 3.00, basis: goodwill}
    say: {en: Sorry., fi: Pahoittelut.}
  - id: came-late
    title: {en: It came late, fi: Tuli myöhässä}
    basis: contract
    reference: Terms 4
    in_force: {from: 2020-01-01}
    when: {reason: delivery.late}
    then:
      - entitle: {remedy: credit, amount: 2.00}
      - entitle: {remedy: credit, amount: 0.75, cumulative: true}
      - permit: {remedy: credit, up_to: 5.50, basis: goodwill}
      - permit: {remedy: gift, up_to: 3.00, basis: goodwill}
      - permit: {remedy: refund, up_to: {share: 50 %, of: order.paid}, basis: policy}
    say: {en: Sorry., fi: Pahoittelut.}
  - id: very-late
    title: {en: It came very late, fi: Tuli hyvin myöhässä}
    basis: contract
    reference: Terms 5
    in_force: {from: 2020-01-01}
    when: {reason: delivery.late, order.days_late: {at_least: 3}}
    then:
      - entitle: {remedy: credit, amount: 3.00}
      - entitle: {remedy: credit, amount: 0.50, cumulative: true}
    say: {en: Sorry., fi: Pahoittelut.}
  - id: broken
    title: {en: It is broken, fi: Se on rikki}
    basis: contract
    reference: Terms 6
    in_force: {from: 2020-01-01}
    when: {reason: product.broken}
    then:
      - entitle: {remedy: replacement}
      - permit: {remedy: refund, up_to: order.paid, basis: policy}
      - permit: {remedy: credit, up_to: 4.00, basis: goodwill}
    say: {en: Sorry., fi: Pahoittelut.}
  - id: late-replacement
    title: {en: Another one for the wait, fi: Toinen odotuksesta}
    basis: goodwill
    because: It helps.
    in_force: {from: 2020-01-01}
    when: {reason: delivery.late}
    then: [{permit: {remedy: replacement}}]
    say: {en: Sorry., fi: Pahoittelut.}
"""
RULES_IN_POUNDS = """\
currency: GBP
rules:
  - id: late-abroad
    title: {en: It came late to Britain, fi: Tuli myöhässä Britanniaan}
    basis: contract
    reference: Terms 7
    in_force: {from: 2020-01-01}
    when: {reason: delivery.late}
    then:
      - entitle: {remedy: credit, amount: 1.00}
      - permit: {remedy: credit, up_to: 4.00, basis: goodwill}
    say: {en: Sorry., fi: Pahoittelut.}
"""
LIMITS_IN_POUNDS = """\
currency: GBP
limits:
  - {id: agent-day-pounds, title: {en: K, fi: K}, scope: agent, window: day, amount: 8.00}
  - {id: company-month-pounds, title: {en: L, fi: L}, scope: organisation, window: month, amount: 25.00, counts: all}
"""
LIMITS = """\
limits:
  - {id: per-decision, title: {en: A, fi: A}, scope: decision, amount: {new: 2.50, trusted: 5.00}}
  - {id: agent-day, title: {en: B, fi: B}, scope: agent, window: day, amount: {new: 6.00, trusted: 12.00}}
  - {id: team-week, title: {en: C, fi: C}, scope: team, window: week, amount: 45.00, counts: all}
  - {id: customer-days, title: {en: D, fi: D}, scope: customer, window: rolling, days: 2, count: 3,
     remedies: [credit, gift]}
  - {id: order-once, title: {en: E, fi: E}, scope: order, window: once, amount: 6.00, count: 4}
  - {id: case-once, title: {en: F, fi: F}, scope: case, window: once, count: 6, counts: all}
  - {id: company-month, title: {en: G, fi: G}, scope: organisation, window: month, amount: 30.00, measure: cost}
  - {id: customer-cost, title: {en: H, fi: H}, scope: customer, window: rolling, days: 5, amount: 12.00,
     measure: cost, counts: all}
  - {id: reason-quarter, title: {en: I, fi: I}, scope: reason, window: quarter, amount: 20.00, reasons: [delivery.*]}
  - {id: incident-year, title: {en: J, fi: J}, scope: incident, window: year, amount: 5.00}
"""
SOURCES = {
    "shop": {
        "pack.yaml": PACK,
        "vocabulary.yaml": VOCABULARY,
        "catalogue.yaml": CATALOGUE,
        "rules/all.yaml": RULES,
        "rules/pounds.yaml": RULES_IN_POUNDS,
        "limits/opening.yaml": LIMITS,
        "limits/pounds.yaml": LIMITS_IN_POUNDS,
    }
}
AGENTS = (
    AgentRecord("maija", "Maija", "web", "new", AgentKind.HUMAN),
    AgentRecord("teppo", "Teppo", "web", "trusted", AgentKind.HUMAN),
    AgentRecord("robot", "Robot", None, "new", AgentKind.AI),
)
OWED = {
    "never-came gift": 101,
    "came-late credit": 200,
    "came-late credit 2": 75,
    "very-late credit": 300,
    "very-late credit 2": 50,
}
"""What each rule owes of each remedy at most; a refund what was paid."""


def a_runtime(db: Database, rulebooks: Rulebooks) -> Runtime:
    """Services on a database, at noon of 1 June 2026."""
    return Runtime(settings(), VirtualClock(NOON), CountingIds(), db, rulebooks)


def make(empty: Path, path: Path) -> Path:
    """A copy of a migrated, empty database with the shop's rules in force and its agents registered."""
    shutil.copy(empty, path)
    db = Database(f"sqlite:///{path}")
    open_shop(db)
    db.dispose()
    return path


def open_shop(db: Database) -> None:
    """Put the shop's rules in force and register its agents, in a migrated, empty database."""
    with db.transaction() as conn:
        publishing.publish(conn, SOURCES, author="test", because="opening", now=NOON)
        for agent in AGENTS:
            agents.put(conn, agent, trust_levels=["new", "trusted"], now=NOON)
