"""The second evaluator: the rules of a rulebook compiled to Python, in three values.

It runs beside durable_rules on every live decision and alone in back-tests, previews and policy tests. It tells unknown
from false, and says which facts would settle what is unknown.

Meaning. A comparison with a fact that is neither given nor presumed is unknown; `all`, `any` and `not` follow Kleene;
`present` is always true or false, and asks whether a value was given, reckoned or concluded: a presumed value is not
present. A rule of another currency than the request's, or one that is not in force, does not fire and is not unknown.
A concluded fact has the value of the rules that fire; else it is unknown while one of its rules is; else its presumed
value, if it has one. A row of a first-hit table fires where it is true and every row before it false; it is false
where one before it is true, unknown where one before it is.

Source: decision.md section 2, steps 2 and 3; section 4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from policyservice.domain.vocabulary import FactValue
from policyservice.engine.conditions import Known, Truth, bound_of, compare, effective, in_force, truth, undecided
from policyservice.engine.expressions import compile_amount
from policyservice.engine.reads import in_amount
from policyservice.engine.shards import REASON, Shards
from policyservice.engine.source import ShardFunction, compile_shard
from policyservice.engine.strata import Strata, compares, concluding, first_hit_tables
from policyservice.engine.traces import LeafTrace, RuleState, RuleTrace
from policyservice.rulebook.model import Compare, EffectKind, FactRef, Op, ParameterRef, Rule, Rulebook


@dataclass(frozen=True, slots=True)
class Findings:
    """What the rules say of a case.

    `fired` are rule ids, sorted. `unknown` maps the rules that are unknown to the facts that would settle them, sorted,
    followed down to facts that somebody can give; empty where none would (a parameter without a value yet). `facts` are
    all known facts: given, presumed, reckoned and concluded; of the latter three those that rules or amounts for
    this reason rest on. `presumed` and `derived` (reckoned or concluded) name them. `fault` says why the findings
    must not be relied on.
    """

    fired: tuple[str, ...]
    unknown: Mapping[str, tuple[str, ...]]
    facts: Mapping[str, FactValue]
    presumed: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()
    fault: str | None = None


class _OnDemand(Mapping[str, tuple[str, ...]]):
    """Unknown rules with what they wait for, which is looked for when somebody asks: often nobody does."""

    __slots__ = ("_found", "_look")

    def __init__(self, found: dict[str, tuple[str, ...] | None], look: Callable[[str], tuple[str, ...]]) -> None:
        self._found = found
        self._look = look

    def __getitem__(self, rule: str) -> tuple[str, ...]:
        names = self._found[rule]
        if names is None:
            names = self._found[rule] = self._look(rule)
        return names

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def __repr__(self) -> str:
        return repr(dict(self))


def compile_rules(rulebook: Rulebook) -> CompiledRules:
    """A rulebook's rules made ready to be evaluated often.

    Raises:
        EngineFault: conclusions go round in a circle, which the check of a rulebook refuses beforehand.
    """
    return CompiledRules(rulebook)


class CompiledRules:
    """The rules of one rulebook, compiled reason by reason as they are met. Safe to share between threads."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook
        self._strata = Strata(rulebook)
        self._shards = Shards(rulebook)
        self._concluding = concluding(rulebook)
        self._by_id = {rule.id: rule for rule in rulebook.rules}
        self._rows = first_hit_tables(rulebook.rules)
        self._functions: dict[str | None, ShardFunction] = {}

    def evaluate(self, given: Mapping[str, FactValue], day: int, currency: str) -> Findings:
        """What the rules say.

        `given` are validated facts, with "reason"; money in minor units of `currency`, dates and `day` (the local date
        of the decision) as `date.toordinal()`.
        """
        reason = given.get(REASON)
        function = self._functions.get(reason) or self._compiled(reason)  # type: ignore[arg-type]
        fired, unknown, facts, presumed, derived, fault = function(given, day, currency)
        fired.sort()
        return Findings(
            tuple(fired),
            self._unknown(unknown, Known(facts, frozenset(presumed), day), currency),
            facts,
            tuple(presumed),
            tuple(derived),
            fault,
        )

    def _compiled(self, reason: FactValue | None) -> ShardFunction:
        known = reason if isinstance(reason, str) and reason in self._rulebook.reasons else None
        if known not in self._functions:
            rules = self._shards.of(known) if known is not None else self._rulebook.rules
            self._functions[known] = compile_shard(self._rulebook, self._strata, rules, known)
        return self._functions[known]

    # --- what is missing -----------------------------------------------------------------------------

    def settled_by(
        self, names: Iterable[str], facts: Mapping[str, FactValue], presumed: Iterable[str], day: int, currency: str
    ) -> tuple[str, ...]:
        """The facts that somebody has to give before `names` are known: reckoned and concluded ones followed down."""
        return self._to_be_given(names, Known(facts, frozenset(presumed), day), currency)

    def _unknown(
        self, unknown: dict[str, tuple[str, ...] | None], known: Known, currency: str
    ) -> Mapping[str, tuple[str, ...]]:
        if None not in unknown.values():
            return cast("dict[str, tuple[str, ...]]", unknown)
        return _OnDemand(unknown, lambda rule: self._missing(self._by_id[rule], known, currency))

    def _missing(self, rule: Rule, known: Known, currency: str) -> tuple[str, ...]:
        names = set(self._undecided(rule, known))
        for row in self._rows_before(rule):
            if self._own_truth(row, known, currency) is None:
                names.update(self._undecided(row, known))
        return self._to_be_given(names, known, currency)

    def _undecided(self, rule: Rule, known: Known) -> frozenset[str]:
        return undecided(effective(rule), known, self._rulebook)

    def _to_be_given(self, names: Iterable[str], known: Known, currency: str) -> tuple[str, ...]:
        base: set[str] = set()
        seen: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in seen or name in known.facts:
                continue
            seen.add(name)
            if name in self._rulebook.reckoned:
                waiting.extend(compile_amount(FactRef(name), self._rulebook).missing(known.facts, known.day))
            elif name in self._concluding:
                # Where no rule is unknown nothing that is given would settle it; then it stands for itself.
                waiting.extend(behind := self._behind(name, known, currency))
                base.update(() if behind else (name,))
            else:
                base.add(name)
        return tuple(sorted(base))

    def _behind(self, fact: str, known: Known, currency: str) -> frozenset[str]:
        """The unknown facts because of which a concluded fact is not known."""
        names: set[str] = set()
        for rule in self._concluding[fact]:
            state, _ = self._state(rule, known, currency)
            if state is RuleState.UNKNOWN:
                rows = [row for row in self._rows_before(rule) if self._own_truth(row, known, currency) is None]
                for open_rule in (rule, *rows):
                    names.update(self._undecided(open_rule, known))
            if state in (RuleState.UNKNOWN, RuleState.FIRED):
                names.update(self._dating(rule, fact))
        return frozenset(name for name in names if name not in known.facts)

    def _dating(self, rule: Rule, fact: str) -> list[str]:
        return [
            name
            for effect in rule.then
            if effect.kind is EffectKind.CONCLUDE and effect.fact == fact and isinstance(effect.value, ParameterRef)
            for name in in_amount(effect.value, self._rulebook)
        ]

    # --- explanations --------------------------------------------------------------------------------

    def explain(self, given: Mapping[str, FactValue], day: int, currency: str) -> tuple[RuleTrace, ...]:
        """What became of every rule that could speak about the reason, in the rulebook's order."""
        findings = self.evaluate(given, day, currency)
        known = Known(findings.facts, frozenset(findings.presumed), day)
        rules = self._shards.of(str(given.get(REASON)))
        return tuple(self._trace(rule, known, currency) for rule in rules)

    def _trace(self, rule: Rule, known: Known, currency: str) -> RuleTrace:
        state, row = self._state(rule, known, currency)
        missing = self._missing(rule, known, currency) if state is RuleState.UNKNOWN else ()
        leaves = tuple(self._leaf(asked, known) for asked in compares(effective(rule)))
        return RuleTrace(rule.id, state, leaves, missing, row)

    def _leaf(self, asked: Compare, known: Known) -> LeafTrace:
        value = asked.value if asked.op is Op.PRESENT else bound_of(asked, known, self._rulebook)
        return LeafTrace(
            fact=asked.fact,
            op=asked.op,
            value=None if isinstance(value, ParameterRef) else value,
            parameter=asked.value.name if isinstance(asked.value, ParameterRef) else None,
            found=known.facts.get(asked.fact),
            presumed=asked.fact in known.presumed,
            holds=compare(asked, known, self._rulebook),
        )

    def _state(self, rule: Rule, known: Known, currency: str) -> tuple[RuleState, str | None]:
        """What became of a rule, and the earlier row because of which it did not fire."""
        if rule.currency != currency:
            return RuleState.OTHER_CURRENCY, None
        if in_force(rule, known) is False:
            return RuleState.NOT_IN_FORCE, None
        own = self._own_truth(rule, known, currency)
        before = {row.id: self._own_truth(row, known, currency) for row in self._rows_before(rule)}
        if own is False:
            return RuleState.NOT_FIRED, None
        for holds, state in ((True, RuleState.NOT_FIRED), (None, RuleState.UNKNOWN)):
            row = next((name for name, found in before.items() if found is holds), None)
            if row is not None:
                return state, row
        return (RuleState.UNKNOWN if own is None else RuleState.FIRED), None

    def _own_truth(self, rule: Rule, known: Known, currency: str) -> Truth:
        """Whether a rule's own condition holds, the rows before it aside."""
        if rule.currency != currency or in_force(rule, known) is False:
            return False
        return truth(effective(rule), known, self._rulebook)

    def _rows_before(self, rule: Rule) -> list[Rule]:
        if not rule.first_hit or rule.table is None:
            return []
        return [row for row in self._rows[rule.table] if (row.row or 0) < (rule.row or 0)]
