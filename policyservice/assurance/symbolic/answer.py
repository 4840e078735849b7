"""How a case is answered, as formulas: what is available, and where it is allowed, escalated or denied.

An engine fault is outside: it escalates, whatever the rules say. Whether an estimate pays for a stretch is left open
within what its straight line allows, since the estimate is rounded; a case that a solver finds is decided again for
certain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from policyservice.assurance.symbolic.case import Symbols
from policyservice.assurance.symbolic.findings import Findings
from policyservice.assurance.symbolic.limits import Limits, all_leave_some, budgets_leave, cost_of
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


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Where a request is denied, allowed (stretched included) or escalated; exactly one of the three holds."""

    deny: Formula
    allow: Formula
    stretched: Formula

    @property
    def escalate(self) -> Formula:
        """Where neither."""
        return conj(neg(self.deny), neg(self.allow))


class Answer:
    """One remedy in one case. `verified` are facts that the company vouches for: every one of them may be, or not."""

    def __init__(
        self,
        book: CompiledRulebook,
        findings: Findings,
        remedy: str,
        limits: Sequence[Limit],
        rules: Sequence[Rule] | None = None,
    ) -> None:
        self.book = book
        self.findings = findings
        self.symbols = findings.symbols
        self.remedy = book.rulebook.remedies[remedy]
        spoken_by = rules if rules is not None else Shards(book.rulebook).of(self.symbols.reason)
        self.spoken = Spoken(findings, remedy, spoken_by)
        self.cost = cost_of(findings, self.remedy)
        self._limits = Limits(self.symbols, limits, self.remedy, self.cost)
        self.left = self._limits.left(self.spoken.entitled_minor)
        self.refunded = self.symbols.number("refunded", 0)
        self.paid_unknown, self.paid_left = self._paid()
        self.verify_above = self._verify_above()
        self.discretionary = self._within(self.spoken.permitted_minor, self.spoken.entitled_minor)
        self.available = self._available()

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
        return neg(paid.known), (paid.known if self.remedy.has_amount else FALSE, left)

    def _verify_above(self) -> tuple[Formula, Number]:
        """Where what the remedy rests on is not all verified, and the sum above which it must be."""
        threshold = self.book.verify_above.get(self.symbols.currency)
        if threshold is None:
            return FALSE, whole(0)
        entitled = [(c, conj(stands, self._is_verified(c.rule))) for c, stands in self.spoken.entitled]
        permitted = [(c, conj(stands, self._is_verified(c.rule))) for c, stands in self.spoken.permitted]
        standing = (*self.spoken.entitled, *self.spoken.permitted)
        doubtful = disj(*(conj(stands, neg(self._is_verified(c.rule))) for c, stands in standing))
        owed = total(entitled)
        most = largest_of([whole(0), *(when(stands, c.minor, whole(0)) for c, stands in permitted)])
        return doubtful, largest_of([whole(threshold), owed + self._within(most, owed)])

    def _is_verified(self, rule: Rule) -> Formula:
        return conj(*(self.symbols.truth(f"verified {name}") for name in sorted(self.book.reads[rule.id])))

    # --- outcomes ------------------------------------------------------------------------------------

    def asked(self, amount: Number) -> Outcomes:
        """The answer to a request for a sum; of a remedy that has one."""
        spoken = self.spoken
        beyond_owed = conj(amount > spoken.entitled_minor, neg(spoken.unpriced))
        bounded, left = self.paid_left
        deny = disj(
            conj(spoken.barriers.forbidding, beyond_owed), conj(bounded, amount > left), self._silent_and_closed()
        )
        fits = conj(neg(self.paid_unknown), spoken.speaks, amount <= self.available)
        stretched = conj(neg(deny), neg(fits), self._stretches(amount))
        return Outcomes(deny, conj(neg(deny), disj(fits, stretched)), stretched)

    def open(self) -> Outcomes:
        """The answer where no sum is asked: of a remedy without one, or how much of it may be given."""
        spoken = self.spoken
        if not self.remedy.has_amount:
            nothing_owed = neg(spoken.has_entitled)
            barred = conj(spoken.barriers.forbidding, nothing_owed, neg(spoken.unpriced))
            deny = disj(barred, self._silent_and_closed())
            room = disj(spoken.has_entitled, all_leave_some(self.left))
            return Outcomes(deny, conj(neg(deny), neg(self.paid_unknown), spoken.speaks, room), FALSE)
        no_sum_owed = neg(disj(*(conj(stands, claim.unpriced) for claim, stands in spoken.entitled)))
        barred = conj(spoken.barriers.forbidding, spoken.entitled_minor == 0, no_sum_owed, neg(spoken.unpriced))
        bounded, left = self.paid_left
        deny = disj(barred, conj(bounded, left == 0, no_sum_owed), self._silent_and_closed())
        fits = conj(neg(self.paid_unknown), spoken.speaks, disj(self.available > 0, spoken.unpriced))
        return Outcomes(deny, conj(neg(deny), fits), FALSE)

    def _silent_and_closed(self) -> Formula:
        if not self.book.closed(self.symbols.reason):
            return FALSE
        return conj(neg(self.spoken.speaks), neg(self.spoken.barriers.any), neg(self.spoken.waits))

    def _stretches(self, amount: Number) -> Formula:
        """Where a written reason may exceed a cap per decision, as far as that is certain without the estimate."""
        spoken = self.spoken
        beyond_owed = amount - spoken.entitled_minor
        bounded, paid_left = self.paid_left
        doubtful, verify_above = self.verify_above
        return conj(
            self.symbols.truth("a reason is written"),
            neg(self.paid_unknown),
            amount > self.available,
            spoken.has_permitted,
            neg(spoken.barriers.any),
            neg(spoken.unpriced),
            budgets_leave(self.left, beyond_owed),
            disj(neg(bounded), amount <= paid_left),
            disj(neg(doubtful), amount <= verify_above),
            disj(*(conj(speaks, self._pack_lets(pack, amount, beyond_owed)) for pack, speaks in self._packs())),
        )

    def _packs(self) -> list[tuple[Pack, Formula]]:
        """The packs whose permit may be the largest one, which decides whose stretch it is."""
        found: dict[str, list[Formula]] = {}
        for claim, stands in self.spoken.permitted:
            is_largest = conj(stands, claim.minor == self.spoken.permitted_minor)
            found.setdefault(claim.rule.pack, []).append(is_largest)
        return [(self.book.packs[name], disj(*parts)) for name, parts in found.items()]

    def _pack_lets(self, pack: Pack, amount: Number, beyond_owed: Number) -> Formula:
        if pack.stretch is None or pack.currency != self.symbols.currency:
            return FALSE
        pays = self.symbols.truth(f"pays {self.remedy.name} {amount}")
        return conj(beyond_owed <= pack.stretch.hard_cap_minor, pays, self._may_pay(pack, amount))

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
