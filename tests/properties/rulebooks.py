"""Small rulebooks, cases and limits by chance, from a seed; sums are a few cents, so that each can be tried.

What is drawn is what a loader would accept: law and contract entitle, permits are policy or goodwill.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from fractions import Fraction
from random import Random

from policyservice.costs.compare import CostModel
from policyservice.domain.case import Request
from policyservice.domain.decision import AgentView, Context, Received, owed_key
from policyservice.domain.limits import Bound, Counts, LimitSet, LimitState, Measure, Scope, Usage
from policyservice.domain.vocabulary import AgentKind, Basis, FactType, FactValue, RemedyKind, Text
from policyservice.engine.compiled import CompiledRulebook
from policyservice.rulebook.model import (
    AllOf,
    Amount,
    AnyOf,
    Bounded,
    Compare,
    Condition,
    Effect,
    EffectKind,
    Fact,
    FactRef,
    FirstKnown,
    Fixed,
    Interval,
    Not,
    Op,
    Pack,
    Reason,
    Remedy,
    Rule,
    Rulebook,
    Share,
    Stretch,
    TrustLevel,
    Unpriced,
    Verify,
)

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
TITLE = Text("title", "otsikko")
MOST = 40
"""No sum in these books is above twice this many cents."""

LATE, LISTED = "late", "listed"
FACTS = (
    Fact("order.paid", FactType.MONEY, TITLE, paid_for=(LATE, LISTED)),
    Fact("order.price", FactType.MONEY, TITLE),
    Fact("order.days", FactType.INTEGER, TITLE),
    Fact("order.fragile", FactType.BOOLEAN, TITLE),
    Fact("order.gift", FactType.BOOLEAN, TITLE, presume=False),
    Fact("customer.tier", FactType.CODE, TITLE, values=("new", "regular", "loyal"), ordered=True),
)
PRESUMED = frozenset({"order.gift"})


def _remedy(name: str, kind: RemedyKind, factor: Fraction = Fraction(1), **more: object) -> Remedy:
    return Remedy(name, kind, TITLE, cost_factor=factor, currency="EUR", pack="shop", **more)  # type: ignore[arg-type]


REMEDIES = (
    _remedy("refund", RemedyKind.REFUND),
    _remedy("credit", RemedyKind.CREDIT, Fraction(4, 5)),
    _remedy("voucher", RemedyKind.GIFT, Fraction(1, 3)),
    _remedy("visit", RemedyKind.OTHER, has_amount=False, cost=Fixed(7)),
    _remedy("spare", RemedyKind.REPLACEMENT, has_amount=False, cost=FactRef("order.price")),
)
WITH_SUM = ("refund", "credit", "voucher")
WITHOUT_SUM = ("visit", "spare")
COSTS = CostModel()


def a_book(*rules: Rule, **pack: object) -> CompiledRulebook:
    """A compiled rulebook of one pack with these rules."""
    settings = Pack("shop", TITLE, "EUR", **pack)  # type: ignore[arg-type]
    rulebook = Rulebook(
        packs=(settings,),
        facts={fact.name: fact for fact in FACTS},
        reckoned={},
        remedies={remedy.name: remedy for remedy in REMEDIES},
        reasons={LATE: Reason(LATE, TITLE, pack="shop"), LISTED: Reason(LISTED, TITLE, closed=True, pack="shop")},
        trust_levels=(TrustLevel("new", TITLE, 0), TrustLevel("trusted", TITLE, 1)),
        rules=rules,
        parameters={},
        opening_limits=LimitSet(1, ()),
        costs=(),
        tests=(),
        digest="sha256:0",
    )
    return CompiledRulebook(rulebook, COSTS)


@dataclass(frozen=True)
class Case:
    """What is decided: rules with their pack's settings, a request and its context."""

    rules: tuple[Rule, ...]
    pack: dict[str, object]
    request: Request
    context: Context

    @property
    def book(self) -> CompiledRulebook:
        """The rules, compiled."""
        return a_book(*self.rules, **self.pack)


_PRICE, _PAID = FactRef("order.price"), FactRef("order.paid")
_BASES = {
    EffectKind.ENTITLE: (Basis.LAW, Basis.CONTRACT, Basis.POLICY),
    EffectKind.PERMIT: (Basis.POLICY, Basis.GOODWILL),
    EffectKind.FORBID: tuple(Basis),
    EffectKind.ESCALATE: tuple(Basis),
}
ALL_BASES = tuple(Basis)
_ORDER = (Op.AT_LEAST, Op.AT_MOST, Op.MORE_THAN, Op.LESS_THAN)
TIERS = ("new", "regular", "loyal")
GIVING = (EffectKind.ENTITLE, EffectKind.PERMIT, EffectKind.PERMIT)
STOPPING = (EffectKind.FORBID, EffectKind.ESCALATE)


def a_rule(rule_id: str, when: Condition, *then: Effect) -> Rule:
    """A rule that has been in force for long, on the basis of its first effect."""
    return Rule(
        rule_id,
        TITLE,
        then[0].basis,
        when,
        then,
        "EUR",
        "shop",
        reference="Section 1",
        in_force=Interval(date(2020, 1, 1)),
        say=Text(f"say {rule_id}", f"sano {rule_id}"),
    )


def a_context(**more: object) -> Context:
    """A context at noon on 1 June 2026 for an agent of the lowest trust level."""
    context = Context(
        NOON,
        "dec_1",
        "UTC",
        3600,
        agent=AgentView("maija", "web", AgentKind.HUMAN, "new"),
        ladder=(("new", 10), ("trusted", 30)),
    )
    return replace(context, **more)  # type: ignore[arg-type]


class Draw:
    """Everything that is drawn for one case, from one seed.

    Without `absence` no condition asks whether a fact is known.
    """

    def __init__(self, seed: int, *, absence: bool = True) -> None:
        self.chance = Random(seed)
        self._demanding = Random(f"verify {seed}")  # apart, so that the rest of a seed's case stays as it is
        self._absence = absence

    def case(self, *, stops: bool = True, asks: bool = True) -> Case:
        """A whole case: rules, settings of the pack, request and context; without `stops` nothing forbids or escalates.

        Without `asks` a sum is left open.
        """
        rules = self.rules(stops=stops)
        context = a_context(limits=self.limits(), received=self.received(rules), verified=self.verified())
        return Case(rules, self.pack(), self.request(rules, asks=asks), context)

    def often(self, share: float) -> bool:
        """True in this share of draws."""
        return self.chance.random() < share

    # --- rules ---------------------------------------------------------------------------------------

    def rules(self, *, stops: bool = True, bases: tuple[Basis, ...] = ALL_BASES, name: str = "r") -> tuple[Rule, ...]:
        """One to six rules with one to three effects each."""
        rules = (
            a_rule(f"{name}{number}", self.condition(), *self._effects(stops, bases))
            for number in range(self.chance.randint(1, 6))
        )
        return tuple(replace(rule, verify=self._verify(rule)) for rule in rules)

    def _verify(self, rule: Rule) -> Verify | None:
        """What a rule that gives a sum demands of its own, in one rule of three."""
        chance = self._demanding
        if all(effect.amount is None for effect in rule.then) or chance.random() > 0.33:
            return None
        named = chance.sample([fact.name for fact in FACTS], chance.choice((0, 0, 1, 2)))
        return Verify(chance.randint(0, MOST), tuple(named))

    def condition(self) -> Condition:
        """A reason and up to two further conditions."""
        reason = LATE if self.often(0.85) else LISTED
        more = [self._part() for _ in range(self.chance.choice((0, 0, 0, 1, 1, 2)))]
        return AllOf((Compare("reason", Op.IS, reason), *more))

    def _part(self) -> Condition:
        match self.chance.randrange(6):
            case 0:
                return Not(self._comparison())
            case 1:
                return AnyOf((self._comparison(), self._comparison()))
            case 2:
                return AnyOf((self._comparison(), Not(self._comparison())))
            case 3 if self._absence:
                return Compare("order.fragile", Op.PRESENT, False)
            case 4 if self._absence:
                return Compare("order.days", Op.PRESENT, True)
        return self._comparison()

    def _comparison(self) -> Compare:
        chance = self.chance
        match chance.randrange(5):
            case 0:
                return Compare("order.days", chance.choice((*_ORDER, Op.IS, Op.IS_NOT)), chance.randint(0, 3))
            case 1:
                return Compare("order.fragile", Op.IS, self.often(0.5))
            case 2:
                return Compare("order.gift", Op.IS, self.often(0.3))
            case 3:
                return Compare("order.price", chance.choice(_ORDER), chance.randint(0, MOST))
        return Compare("customer.tier", chance.choice((*_ORDER, Op.IS_NOT)), chance.choice(TIERS))

    def _effects(self, stops: bool, bases: tuple[Basis, ...]) -> list[Effect]:
        return [self._effect(stops, bases) for _ in range(self.chance.choice((1, 1, 2, 3)))]

    def _effect(self, stops: bool, bases: tuple[Basis, ...]) -> Effect:
        chance = self.chance
        kind = chance.choice(STOPPING if stops and self.often(0.15) else GIVING)
        possible = [basis for basis in _BASES[kind] if basis in bases]
        if not possible:
            kind, possible = EffectKind.PERMIT, [Basis.GOODWILL]
        basis, remedy = chance.choice(possible), self._remedy()
        if kind in STOPPING:
            to = chance.choice((None, "legal", "fraud")) if kind is EffectKind.ESCALATE else None
            return Effect(kind, basis, remedy=remedy if self.often(0.7) else None, to=to)
        amount = self.amount() if remedy in WITH_SUM else None
        cumulative = kind is EffectKind.ENTITLE and amount is not None and self.often(0.3)
        return Effect(kind, basis, remedy=remedy, amount=amount, cumulative=cumulative)

    def _remedy(self) -> str:
        return self.chance.choice((*WITH_SUM, *WITH_SUM, *WITHOUT_SUM))

    def amount(self) -> Amount:
        """A sum, or one over what was paid or the price."""
        part = self.chance.choice((Fraction(1, 3), Fraction(1, 2), Fraction(3, 2)))
        match self.chance.randrange(10):
            case 0:
                return _PRICE
            case 1:
                return _PAID
            case 2:
                return Share(part, _PRICE)
            case 3:
                return FirstKnown((_PRICE, Unpriced()))
            case 4:
                return Bounded(_PRICE, nothing_below=Fixed(self.chance.randint(1, MOST)))
        return Fixed(self.chance.randint(0, MOST))

    # --- the case ------------------------------------------------------------------------------------

    def pack(self) -> dict[str, object]:
        """The settings of the pack."""
        found: dict[str, object] = {}
        if self.often(0.3):
            found["verify_above_minor"] = self.chance.randint(0, MOST)
        if self.often(0.4):
            found["stretch"] = Stretch(self.chance.randint(1, 2 * MOST), self.chance.choice((0, 100, 100_000)))
        return found

    def facts(self) -> dict[str, FactValue]:
        """Facts, each given more often than not."""
        chance = self.chance
        drawn: dict[str, FactValue] = {
            "order.paid": chance.randint(0, 2 * MOST),
            "order.price": chance.randint(0, MOST),
            "order.days": chance.randint(0, 3),
            "order.fragile": self.often(0.5),
            "order.gift": self.often(0.5),
            "customer.tier": chance.choice(TIERS),
        }
        share = chance.choice((1.0, 0.85, 0.5))
        return {name: value for name, value in drawn.items() if self.often(share)}

    def request(self, rules: tuple[Rule, ...], *, asks: bool = True) -> Request:
        """A request, mostly for a remedy that some rule gives."""
        given = [e.remedy for rule in rules for e in rule.then if e.kind in GIVING and e.remedy is not None]
        remedy = self.chance.choice(given) if given and self.often(0.9) else self._remedy()
        amount = self.chance.randint(1, 2 * MOST) if self.often(0.3) else self.chance.randint(1, MOST // 2)
        has_sum = remedy in WITH_SUM
        return Request(
            LATE if self.often(0.85) else LISTED,
            remedy,
            "EUR",
            amount if has_sum and asks else None,
            open_amount=has_sum and not asks,
            justification="She waited for an hour." if self.often(0.6) else None,
            facts=self.facts(),
        )

    def limits(self) -> tuple[LimitState, ...]:
        """Up to three limits with what was used of them."""
        return tuple(self.limit(number) for number in range(self.chance.choice((0, 1, 1, 2, 3))))

    def limit(self, number: int = 0) -> LimitState:
        """One limit with what was used of it."""
        chance = self.chance
        scope = chance.choice((Scope.DECISION, Scope.AGENT, Scope.CASE, Scope.ORGANISATION))
        cap = scope is Scope.DECISION
        amount = chance.randint(0, 60 if cap else 100) if self.often(0.8) else None
        count = chance.randint(0, 5) if amount is None or self.often(0.3) else None
        used = Usage(*(chance.randint(0, 30) for _ in range(4)), chance.randint(0, 2), chance.randint(0, 2))
        return LimitState(
            limit=f"limit-{number}",
            scope=scope,
            subject="" if cap else "x",
            window="" if cap else "once",
            currency="EUR",
            measure=chance.choice(tuple(Measure)),
            counts=chance.choice(tuple(Counts)),
            bound=Bound(amount, count),
            used=Usage() if cap else used,
            remedies=chance.choice(((), (), ("credit",), ("refund", "voucher"))),
        )

    def received(self, rules: tuple[Rule, ...]) -> Received:
        """What the order received before: mostly nothing, else parts of what rules owe."""
        if self.often(0.6):
            return Received()
        owed = {
            owed_key(rule.id, effect.remedy): (self.chance.randint(0, MOST) if effect.remedy in WITH_SUM else 0, 1)
            for rule in rules
            for effect in rule.then
            if effect.kind is EffectKind.ENTITLE and effect.remedy is not None and self.often(0.5)
        }
        return Received(self.chance.randint(0, 20), owed)

    def verified(self) -> frozenset[str]:
        """The facts that the company's own systems vouch for."""
        return frozenset(fact.name for fact in FACTS if self.often(0.4))
