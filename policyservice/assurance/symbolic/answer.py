"""How a case is answered, as formulas: what is available, and where it is allowed, escalated or denied.

An engine fault is outside: it escalates, whatever the rules say. Whether an estimate pays for a stretch is left open
within what its straight line allows, since the estimate is rounded; a case that a solver finds is decided again for
certain.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from policyservice.assurance.symbolic import outcomes
from policyservice.assurance.symbolic.case import Symbols
from policyservice.assurance.symbolic.findings import Findings
from policyservice.assurance.symbolic.limits import AnyLimits, Limits, all_leave_some, cost_of, least_budget
from policyservice.assurance.symbolic.outcomes import Outcomes, Room
from policyservice.assurance.symbolic.spoken import Spoken, total
from policyservice.assurance.symbolic.terms import (
    FALSE,
    TRUE,
    Formula,
    Number,
    conj,
    disj,
    largest_of,
    least_of,
    neg,
    same_sort,
    times,
    when,
    whole,
)
from policyservice.costs.escalation import escalating
from policyservice.domain.limits import Limit
from policyservice.domain.money import exponent
from policyservice.domain.vocabulary import RemedyKind
from policyservice.engine.compiled import CompiledRulebook
from policyservice.engine.shards import Shards
from policyservice.rulebook.model import Pack, Rule

_ROUNDED = 4
"""Minor units by which the rounding of an estimate, and of the costs in it, may differ from the straight line."""


class Answer:
    """One remedy in one case. `verified` are facts that the company vouches for: every one of them may be, or not."""

    def __init__(
        self,
        book: CompiledRulebook,
        findings: Findings,
        remedy: str,
        limits: Sequence[Limit] | AnyLimits,
        rules: Sequence[Rule] | None = None,
    ) -> None:
        self.book = book
        self.findings = findings
        self.symbols = findings.symbols
        self.remedy = book.rulebook.remedies[remedy]
        self.rules = rules if rules is not None else Shards(book.rulebook).of(self.symbols.reason)
        self.spoken = Spoken(findings, remedy, self.rules)
        self.cost = cost_of(findings, self.remedy)
        self._limits: Limits | AnyLimits
        if isinstance(limits, AnyLimits):
            self._limits = limits
        else:
            self._limits = Limits(self.symbols, limits, self.remedy, self.cost)
        self.left = self._limits.left(self.spoken.entitled_minor)
        self.refunded = self.symbols.number("refunded", 0)
        self.paid_unknown, self.paid_left = self._paid()
        self.verify_above = self._verify_above()
        self.discretionary = self._within(self.spoken.permitted_minor, self.spoken.entitled_minor)
        self.available = self._available()
        self.room = self._room()

    def asked(self, amount: Number) -> Outcomes:
        """The answer to a request for a sum; of a remedy that has one."""
        return outcomes.asked(self.room, amount)

    def open(self) -> Outcomes:
        """The answer where no sum is asked."""
        return outcomes.left_open(self.room)

    def _room(self) -> Room:
        spoken = self.spoken
        return Room(
            has_amount=self.remedy.has_amount,
            is_closed=self.book.closed(self.symbols.reason, self.remedy.name),
            forbidding=spoken.barriers.forbidding,
            barred=spoken.barriers.any,
            speaks=spoken.speaks,
            waits=spoken.waits,
            has_entitled=spoken.has_entitled,
            has_permitted=spoken.has_permitted,
            unpriced=spoken.unpriced,
            no_sum_owed=neg(disj(*(conj(stands, claim.unpriced) for claim, stands in spoken.entitled))),
            entitled=spoken.entitled_minor,
            available=self.available,
            leaves_one=all_leave_some(self.left),
            paid_unknown=self.paid_unknown,
            paid_bounds=self.paid_left[0],
            paid_left=self.paid_left[1],
            doubtful=self.verify_above[0],
            verify_above=self.verify_above[1],
            budget=least_budget(self.left),
            stretch=self._stretch,
        )

    def _within(self, permitted: Number, entitled: Number) -> Number:
        beyond = permitted - entitled
        return self._limits.within(when(beyond < 0, whole(0), beyond), entitled)

    def _available(self) -> Number:
        found = self.spoken.entitled_minor + self.discretionary
        for holds, ceiling in (self.paid_left, self.verify_above):
            found = when(holds, least_of([found, ceiling]), found)
        return when(found < 0, whole(0), found)

    def _paid(self) -> tuple[Formula, tuple[Formula, Number]]:
        """Where what was paid is not known though it must be; and where it bounds a refund, with what is left."""
        fact = self.book.paid_fact.get(self.symbols.reason)
        if self.remedy.kind is not RemedyKind.REFUND or fact is None:
            return FALSE, (FALSE, whole(0))
        paid = self.findings.fact(fact)
        left = largest_of([whole(0), paid.term - self.refunded])
        waits = neg(paid.known) if self.symbols.reason in self.book.paid_awaited else FALSE
        return waits, (paid.known if self.remedy.has_amount else FALSE, left)

    def _verify_above(self) -> tuple[Formula, Number]:
        """Where what the remedy rests on is not all verified, and the sum above which it must be."""
        standing = (*self.spoken.entitled, *self.spoken.permitted)
        demanded = [self.book.demands[claim.rule.id] for claim, _ in standing if claim.rule.id in self.book.demands]
        if not demanded:
            return FALSE, whole(0)
        doubtful = disj(*(conj(stands, neg(self._counts(c.rule, None))) for c, stands in standing))
        lowest, *higher = sorted({demand.above_minor for demand in demanded})
        return doubtful, largest_of([whole(lowest), *map(self._counting_at, higher), self._given_at(None)])

    def _counting_at(self, step: int) -> Number:
        """A step where every claim counts at it, else what those give that do, up to it."""
        standing = (*self.spoken.entitled, *self.spoken.permitted)
        every = conj(*(disj(neg(stands), self._counts(claim.rule, step)) for claim, stands in standing))
        return when(every, whole(step), least_of([whole(step), self._given_at(step)]))

    def _given_at(self, step: int | None) -> Number:
        """What the claims give that count at a sum; None: whatever is asked."""
        entitled = [(c, conj(stands, self._counts(c.rule, step))) for c, stands in self.spoken.entitled]
        permitted = [(c, conj(stands, self._counts(c.rule, step))) for c, stands in self.spoken.permitted]
        owed = total(entitled)
        most = largest_of([whole(0), *(when(stands, c.minor, whole(0)) for c, stands in permitted)])
        return owed + self._within(most, owed)

    def _counts(self, rule: Rule, step: int | None) -> Formula:
        demand = self.book.demands.get(rule.id)
        if demand is None or (step is not None and step <= demand.above_minor):
            return TRUE
        return conj(*(self.symbols.truth(f"verified {name}") for name in sorted(demand.facts)))

    # --- stretch -------------------------------------------------------------------------------------

    def _stretch(self, amount: Number) -> Formula:
        lets = (conj(is_largest, self._pack_lets(pack, amount)) for pack, is_largest in self._packs())
        return conj(self.symbols.truth("a reason is written"), disj(*lets))

    def _packs(self) -> list[tuple[Pack, Formula]]:
        """The packs whose permit may be the largest one, which decides whose stretch it is."""
        found: dict[str, list[Formula]] = {}
        for claim, stands in self.spoken.permitted:
            is_largest = conj(stands, claim.minor == self.spoken.permitted_minor)
            found.setdefault(claim.rule.pack, []).append(is_largest)
        return [(self.book.packs[name], disj(*parts)) for name, parts in found.items()]

    def _pack_lets(self, pack: Pack, amount: Number) -> Formula:
        if pack.stretch is None or pack.currency != self.symbols.currency:
            return FALSE
        pays = self.symbols.truth(f"pays {self.remedy.name} {amount}")
        within = amount - self.spoken.entitled_minor <= pack.stretch.hard_cap_minor
        return conj(within, pays, self._may_pay(pack, amount))

    def _may_pay(self, pack: Pack, amount: Number) -> Formula:
        """What must hold of the estimate's straight line where the rounded one pays; true where facts fix the cost."""
        if self.remedy.cost is not None or pack.stretch is None:
            return TRUE
        line = escalating(self.book.costs.parameters(self.symbols.reason).stated())["cash"]
        unit = 10 ** exponent(self.symbols.currency)
        factor = self.remedy.cost_factor
        escalated = times(amount, factor * line.slope)
        extra = times(amount - self.available, factor)
        slack = times(whole(1), Fraction(line.fixed * unit) - pack.stretch.margin_minor + _ROUNDED)
        saved, less, more = same_sort(escalated, extra, slack)
        return saved - less + more >= 0


def case_of(book: CompiledRulebook, reason: str, currency: str, trust_level: str | None, prefix: str = "") -> Symbols:
    """The symbols of any case for a reason, in a currency, at a trust level."""
    return Symbols(book.rulebook, reason, currency, trust_level, prefix)
