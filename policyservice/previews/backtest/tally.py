"""Adds up what a back-test decided, currency by currency: sums in two currencies never meet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import TypeVar
from zoneinfo import ZoneInfo

from policyservice.domain.decision import Decision, Outcome
from policyservice.domain.limits import Scope, Window, WindowKind
from policyservice.ledger.meeting import Days
from policyservice.previews.backtest.escalating import Escalating
from policyservice.previews.backtest.run import Decided


@dataclass(slots=True)
class Row:
    """Counts and sums of some of the requests; sums in minor units.

    `entitled_minor` and `goodwill_minor` are face values of what was allowed, `cost_minor` what that cost the company;
    `asked_minor` is what was asked for, whatever the answer.
    """

    allowed: int = 0
    escalated: int = 0
    denied: int = 0
    stretched: int = 0
    asked_minor: int = 0
    entitled_minor: int = 0
    goodwill_minor: int = 0
    cost_minor: int = 0

    @property
    def requests(self) -> int:
        """All of them."""
        return self.allowed + self.escalated + self.denied

    @property
    def given_minor(self) -> int:
        """What customers would have been given at once, entitlements and goodwill together."""
        return self.entitled_minor + self.goodwill_minor

    def add_row(self, other: Row) -> None:
        """Count what another row counted."""
        for name in _COLUMNS:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def add(self, decision: Decision) -> None:
        """Count one decision."""
        self.asked_minor += decision.amount_minor or 0
        outcome = decision.outcome
        if outcome is Outcome.ALLOW:
            self.allowed += 1
            self.stretched += decision.stretched
            self.entitled_minor += decision.entitled_minor
            self.goodwill_minor += decision.goodwill_minor
            self.cost_minor += decision.entitled_cost_minor + decision.goodwill_cost_minor
        elif outcome is Outcome.ESCALATE:
            self.escalated += 1
        else:
            self.denied += 1


_COLUMNS = tuple(column.name for column in fields(Row))


@dataclass(slots=True)
class Tally:
    """The sums of one currency."""

    currency: str
    cells: dict[tuple[str, str, str], Row] = field(default_factory=dict)  # by month, reason and agent
    customers: dict[str, Row] = field(default_factory=dict)
    guests: Row = field(default_factory=Row)
    limits: dict[tuple[str, Scope], int] = field(default_factory=dict)  # requests in which each was named as binding
    because: dict[str, int] = field(default_factory=dict)  # what spoke against allowing, by code or rule
    missing: dict[str, int] = field(default_factory=dict)  # facts to be found out
    escalating: Escalating = field(default_factory=Escalating)

    def add(self, decided: Decided, month: str) -> None:
        """Count one decision of this currency."""
        asked, decision = decided
        request = asked.request
        _row(self.cells, (month, request.reason, asked.agent.ref)).add(decision)
        customer = request.customer
        (self.guests if customer is None else _row(self.customers, customer)).add(decision)
        if decision.outcome is Outcome.ALLOW:
            self.escalating.add(request.reason, request.remedy, decision, request.channel)
        else:
            self._add_hindrance(decision)

    def _add_hindrance(self, decision: Decision) -> None:
        named = decision.binding_limit
        if named is not None:
            self.limits[named.limit, named.scope] = self.limits.get((named.limit, named.scope), 0) + 1
        for code in {f"rule {said.rule}" if said.code == "rule" else said.code for said in decision.because}:
            self.because[code] = self.because.get(code, 0) + 1
        for fact in decision.missing:
            self.missing[fact] = self.missing.get(fact, 0) + 1

    @property
    def all(self) -> Row:
        """Every request."""
        return self._by(lambda month, reason, agent: "").get("", Row())

    @property
    def months(self) -> dict[str, Row]:
        """By month, such as "2026-11"."""
        return self._by(lambda month, reason, agent: month)

    @property
    def reasons(self) -> dict[str, Row]:
        """By reason."""
        return self._by(lambda month, reason, agent: reason)

    @property
    def agents(self) -> dict[str, Row]:
        """By agent."""
        return self._by(lambda month, reason, agent: agent)

    def _by(self, key: Callable[[str, str, str], str]) -> dict[str, Row]:
        found: dict[str, Row] = {}
        for cell, row in self.cells.items():
            _row(found, key(*cell)).add_row(row)
        return found


_Key = TypeVar("_Key")


def _row(rows: dict[_Key, Row], key: _Key) -> Row:
    found = rows.get(key)
    if found is None:
        found = rows[key] = Row()
    return found


class Tallies:
    """One tally for each currency of a history; months are those of the organisation's zone."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.by_currency: dict[str, Tally] = {}
        self._month = Days([Window(WindowKind.MONTH)], zone)

    def add(self, decided: Decided) -> None:
        """Count one decision."""
        currency = decided.decision.currency
        found = self.by_currency.get(currency)
        if found is None:
            found = self.by_currency[currency] = Tally(currency)
        key, _ = self._month.at(decided.asked.at)[0]
        found.add(decided, key.removeprefix("month:"))
