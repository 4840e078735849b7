"""A checked rulebook as immutable values: what every other room reads.

Nothing here does I/O or knows YAML. Amounts in the rulebook are whole minor units of the rule's currency;
shares are exact fractions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction

from policyservice.domain.limits import LimitSet
from policyservice.domain.vocabulary import Basis, FactType, FactValue, RemedyKind, Text


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands in a rulebook's text: the pack's name and the path in it, 1-based line and column."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class ProvidedBy(StrEnum):
    """Who may provide a fact: the caller, only the company's own systems, or the rules themselves."""

    CALLER = "caller"
    SYSTEM = "system"
    RULES = "rules"


@dataclass(frozen=True, slots=True)
class Fact:
    """A declared fact.

    `values` are the codes of a code fact, lowest rank first where `ordered`; `titles` are those of some of the codes,
    for people. `presume` is what is taken when the
    fact is not given. `paid_for` lists the reason patterns for which this money fact says what was paid (`role:
    paid`), and a refund waits until it is known; `paid_where_known` those for which it bounds a refund only where it
    is given.
    """

    name: str
    type: FactType
    title: Text
    provided_by: ProvidedBy = ProvidedBy.CALLER
    unit: str | None = None
    values: tuple[str, ...] = ()
    titles: Mapping[str, Text] = field(default_factory=dict, hash=False)
    ordered: bool = False
    lowest: int | None = None
    highest: int | None = None
    presume: FactValue | None = None
    paid_for: tuple[str, ...] = ()
    paid_where_known: tuple[str, ...] = ()
    pack: str = ""
    place: Place | None = None

    @property
    def bounds_refunds_of(self) -> tuple[str, ...]:
        """The reason patterns for which no refund exceeds this fact."""
        return (*self.paid_for, *self.paid_where_known)


# --- expressions -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fixed:
    """A constant: minor units in an amount, a whole number in a reckoned fact."""

    value: int


@dataclass(frozen=True, slots=True)
class FactRef:
    """The value of a fact; unknown where it is not known."""

    name: str


@dataclass(frozen=True, slots=True)
class ParameterRef:
    """The value of a parameter at the instant of the decision, or by the fact that dates it."""

    name: str


@dataclass(frozen=True, slots=True)
class Unpriced:
    """There is no sum: the effect stands, an asked sum escalates."""


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of an amount; `part` is an exact fraction or a parameter of unit percent."""

    part: Fraction | ParameterRef
    of: Amount


@dataclass(frozen=True, slots=True)
class Each:
    """`each` times a count; with `period` the count is of periods, begun ones (`started`) or completed ones."""

    each: Amount
    per: Amount
    period: int | None = None
    started: bool = False


@dataclass(frozen=True, slots=True)
class SumOf:
    """The sum of all."""

    of: tuple[Amount, ...]


@dataclass(frozen=True, slots=True)
class Least:
    """The least of all."""

    of: tuple[Amount, ...]


@dataclass(frozen=True, slots=True)
class Largest:
    """The largest of all."""

    of: tuple[Amount, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """`minuend` less `subtrahend`; may be negative."""

    minuend: Amount
    subtrahend: Amount


@dataclass(frozen=True, slots=True)
class FirstKnown:
    """The first that is known."""

    of: tuple[Amount, ...]


@dataclass(frozen=True, slots=True)
class Bounded:
    """An amount with floors and ceilings: below `nothing_below` it is 0; then `at_least`, then `at_most`."""

    amount: Amount
    nothing_below: Amount | None = None
    at_least: Amount | None = None
    at_most: Amount | None = None


Amount = (
    Fixed
    | FactRef
    | ParameterRef
    | Unpriced
    | Share
    | Each
    | SumOf
    | Least
    | Largest
    | Difference
    | FirstKnown
    | Bounded
)


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A fact reckoned from other facts by whole-number arithmetic; unknown where any of them is."""

    name: str
    type: FactType  # INTEGER or MONEY
    expression: Amount
    title: Text
    pack: str = ""
    place: Place | None = None


# --- conditions --------------------------------------------------------------------------------------


class Op(StrEnum):
    """How a condition compares a fact."""

    IS = "is"
    IS_NOT = "is_not"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    MORE_THAN = "more_than"
    LESS_THAN = "less_than"
    ONE_OF = "one_of"
    NONE_OF = "none_of"
    PRESENT = "present"


@dataclass(frozen=True, slots=True)
class Compare:
    """A fact against a constant or a parameter.

    `value` is a tuple for ONE_OF and NONE_OF, a bool for PRESENT. Codes declared `ordered` compare by rank.
    """

    fact: str
    op: Op
    value: FactValue | tuple[FactValue, ...] | ParameterRef


@dataclass(frozen=True, slots=True)
class AllOf:
    """True where all are; an empty one is true."""

    of: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True where one is."""

    of: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; unknown stays unknown."""

    of: Condition


Condition = Compare | AllOf | AnyOf | Not


# --- effects and rules -------------------------------------------------------------------------------


class EffectKind(StrEnum):
    """What a rule that fires does."""

    ENTITLE = "entitle"
    PERMIT = "permit"
    FORBID = "forbid"
    ESCALATE = "escalate"
    ADVISE = "advise"
    CONCLUDE = "conclude"


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect of a rule.

    `remedy` None on a forbid or escalate means every remedy. `amount` is None for a remedy without a sum.
    `fact` and `value` belong to a conclusion, `text` to advice, `to` to an escalation.
    """

    kind: EffectKind
    basis: Basis
    remedy: str | None = None
    amount: Amount | None = None
    cumulative: bool = False
    to: str | None = None
    text: Text | None = None
    fact: str | None = None
    value: FactValue | ParameterRef | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """Dates in force: `start` included, `end` excluded; None is without bound."""

    start: date | None = None
    end: date | None = None

    def holds(self, day: int) -> bool:
        """Whether a day, as `date.toordinal()`, is in the interval."""
        if self.start is not None and day < self.start.toordinal():
            return False
        return self.end is None or day < self.end.toordinal()


@dataclass(frozen=True, slots=True)
class Verify:
    """What a rule says of facts that only the caller stated: above `above_minor` of a remedy they are verified first.

    In minor units of the rule's currency; the sum itself needs nothing. `facts` are declared or reckoned ones; none
    named: all that the rule rests on.
    """

    above_minor: int
    facts: tuple[str, ...] = ()
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, or a row of a decision table (then `table` and `row` are set and the id is "table/row").

    In a table with `first_hit` a row fires only where every row before it is false: see `engine/evaluator.py`.
    `verify` stands in place of the packs' `verify_above`; None: theirs holds.
    """

    id: str
    title: Text
    basis: Basis
    when: Condition
    then: tuple[Effect, ...]
    currency: str
    pack: str
    reference: str | None = None
    because: Text | str | None = None  # a plain one is in the language of its writer, taken to be English
    source: str | None = None
    in_force: Interval = Interval()
    in_force_by: str | None = None
    say: Text | None = None
    table: str | None = None
    row: int | None = None  # 0-based
    first_hit: bool = False
    place: Place | None = None
    owner: str | None = None
    verify: Verify | None = None


class ParameterUnit(StrEnum):
    """What a parameter's value is: money in minor units, percent as a fraction, a whole number, a day, a code."""

    MONEY = "money"
    PERCENT = "percent"
    INTEGER = "integer"
    DATE = "date"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A parameter's value from a date on; None where the change is only expected."""

    start: date
    value: int | str | Fraction | None
    because: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named value that changes by date; `in_force_by` names a date fact that picks the value instead of now."""

    name: str
    what: str
    unit: ParameterUnit
    currency: str
    values: tuple[DatedValue, ...]  # earliest first
    lowest: int | Fraction | None = None
    highest: int | Fraction | None = None
    in_force_by: str | None = None
    pack: str = ""
    place: Place | None = None

    def at(self, day: int) -> int | str | Fraction | None:
        """The value in force on a day (`date.toordinal()`), None where there is none yet."""
        found: int | str | Fraction | None = None
        for dated in self.values:
            if dated.start.toordinal() > day:
                break
            found = dated.value
        return found


class WhenHoldEnds(StrEnum):
    """What becomes of a reservation whose hold ends."""

    RELEASE = "release"
    COMMIT = "commit"


@dataclass(frozen=True, slots=True)
class Remedy:
    """A remedy of the catalogue.

    `cost_factor` is k of the cost model: cost to the company per unit of face value. `cost` is an amount over facts
    that replaces it where it is known (a substitute's purchase price), or the cost of a remedy without a sum.
    `fee_minor` is f, a payment fee per remedy given.
    """

    name: str
    kind: RemedyKind
    title: Text
    has_amount: bool = True
    cost_factor: Fraction = Fraction(1)
    cost: Amount | None = None
    fee_minor: int = 0
    currency: str = ""
    when_hold_ends: WhenHoldEnds = WhenHoldEnds.RELEASE
    hold_seconds: int | None = None
    pack: str = ""
    place: Place | None = None


AnswerSteps = tuple[tuple[int, int], ...]
"""From which sum on, in minor units and included, an escalation is due within how many minutes; lowest sum first."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason of the catalogue. `closed`: what no rule speaks for is forbidden (`otherwise: forbid`).

    `closes` names the remedies of which that holds alone (`otherwise: {forbid: [...]}`), `because` what is told then.
    """

    name: str
    title: Text
    closed: bool = False
    closes: frozenset[str] = frozenset()
    because: Text | None = None
    answer_within_minutes: int | None = None
    answer_within_by_amount: AnswerSteps = ()
    currency: str = ""  # of the sums in `answer_within_by_amount`
    pack: str = ""
    place: Place | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class TrustLevel:
    """A named step of trust; rank 0 is the lowest."""

    name: str
    title: Text
    rank: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """May a cap per decision be exceeded: up to and including `hard_cap_minor`, where escalating would cost more
    than the extra by at least `margin_minor`."""

    hard_cap_minor: int
    margin_minor: int


@dataclass(frozen=True, slots=True)
class Pack:
    """One pack's own settings. Sums in minor units of `currency`.

    `verify_above_minor`: above it, what rests on facts only the caller stated escalates; of a rule that says nothing
    of its own (`Rule.verify`). `safe_floor`: remedy -> sum that needs no decision when the service cannot be reached.
    `beyond`: who decides above every trust level. `owner`: who answers for the pack's rules.
    """

    name: str
    title: Text
    currency: str
    closed: bool = False
    verify_above_minor: int | None = None
    stretch: Stretch | None = None
    safe_floor: Mapping[str, int] = field(default_factory=dict)
    hold_seconds: int | None = None
    answer_within_minutes: int = 1440
    answer_within_by_amount: AnswerSteps = ()
    beyond: str = "management"
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class CostValue:
    """One parameter of the cost model with its range and provenance."""

    value: Fraction
    low: Fraction
    high: Fraction
    source: str = "default"


@dataclass(frozen=True, slots=True)
class CostSet:
    """Cost parameters a pack states: for every case, or for the reasons, channels and queues that it names.

    A queue is who decides what is escalated. `measured`: accepted from a calibration, not stated by a pack. `values`
    maps the symbols of cost-model.md ("w1", "q", ...) to what replaces the default. Wages and other money in whole
    currency units, as the model's table has them.
    """

    values: Mapping[str, CostValue]
    reasons: tuple[str, ...] = ()
    currency: str = ""
    pack: str = ""
    place: Place | None = None
    channels: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    measured: bool = False


@dataclass(frozen=True, slots=True)
class SpeedTarget:
    """How soon a remedy is to be given, in minutes from the first contact, to nine cases in ten, and which share of
    cases is to be settled in the first contact; for the reasons matching `reasons`, none: for all.
    """

    remedy_within_minutes: int | None = None
    first_contact: Fraction | None = None
    reasons: tuple[str, ...] = ()
    pack: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class PolicyTest:
    """One case of a policy test file: facts, what is asked, and what is expected."""

    name: str
    facts: Mapping[str, FactValue]
    remedy: str
    amount_minor: int | None
    open_amount: bool
    currency: str
    as_of: date | None
    trust_level: str | None
    expect: Mapping[str, object]  # outcome, amount, basis, reasons, binding_limit, stretched, missing
    justification: str | None = None
    received: Mapping[str, object] = field(default_factory=dict)  # refunded, owed: {rule: sum}
    used: Mapping[str, object] = field(default_factory=dict)  # limit id -> sum already used
    verified: frozenset[str] = frozenset()  # facts that the company's own systems vouch for
    pack: str = ""
    place: Place | None = None


class Never(StrEnum):
    """What an invariant says never happens."""

    ALLOW = "allow"
    REFUSE = "refuse"
    DENY = "deny"
    REFUND_BEYOND_PAID = "refund_beyond_paid"
    GIVE = "give"


@dataclass(frozen=True, slots=True)
class Invariant:
    """What a rulebook must never do, for the requests it is about.

    `when` None is every case; `below` and `at_least` name trust levels; `remedies` empty is all. `owed_by`: requests
    for no more than is owed on that basis. `within_guard_rails`: bounds may stand wherever managers may move them, else
    as the pack opens them. `verified`: the company vouches for every fact. For GIVE `more_than` is the sum that is
    never exceeded, by the whole or by the `goodwill_only` part.
    """

    id: str
    title: Text
    never: Never
    currency: str
    when: Condition | None = None
    below: str | None = None
    at_least: str | None = None
    remedies: tuple[str, ...] = ()
    owed_by: Basis | None = None
    within_guard_rails: bool = True
    verified: bool = False
    more_than: Amount | None = None
    goodwill_only: bool = False
    pack: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Rulebook:
    """One or several packs in force together, checked and immutable."""

    packs: tuple[Pack, ...]
    facts: Mapping[str, Fact]
    reckoned: Mapping[str, Reckoned]
    remedies: Mapping[str, Remedy]
    reasons: Mapping[str, Reason]
    trust_levels: tuple[TrustLevel, ...]
    rules: tuple[Rule, ...]
    parameters: Mapping[str, Parameter]
    opening_limits: LimitSet
    costs: tuple[CostSet, ...]
    tests: tuple[PolicyTest, ...]
    digest: str  # "sha256:..." over every file that decides
    invariants: tuple[Invariant, ...] = ()
    targets: tuple[SpeedTarget, ...] = ()

    def pack(self, name: str) -> Pack:
        """The settings of one pack."""
        return next(p for p in self.packs if p.name == name)

    def rank_of(self, trust_level: str) -> int:
        """The rank of a trust level, -1 for one that the rulebook does not know."""
        return next((level.rank for level in self.trust_levels if level.name == trust_level), -1)
