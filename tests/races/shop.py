"""A shop whose budgets many draw on at once: limits on amounts and on counts, most of them shared."""

from __future__ import annotations

from tests.decisions.factories import sources

TEAM_DAY, GIFTS = 10_000, 30

LIMITS = """\
limits:
  - {id: team-day, title: {en: A, fi: A}, scope: team, window: day, amount: 100.00,
     guard_rails: {amount: {lowest: 0, highest: 1000.00}}}
  - {id: agent-day, title: {en: B, fi: B}, scope: agent, window: day, amount: 900.00}
  - {id: customer-days, title: {en: C, fi: C}, scope: customer, window: rolling, days: 7, amount: 900.00, count: 500}
  - {id: order-once, title: {en: D, fi: D}, scope: order, window: once, count: 500}
  - {id: case-once, title: {en: E, fi: E}, scope: case, window: once, amount: 900.00, counts: all}
  - {id: gifts, title: {en: F, fi: F}, scope: organisation, window: month, count: 30, remedies: [gift]}
  - {id: reason-week, title: {en: G, fi: G}, scope: reason, window: week, amount: 900.00, measure: cost}
"""
SOURCES = sources(limits=LIMITS)
