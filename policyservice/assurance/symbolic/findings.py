"""What the rules say of a case, as formulas: facts worked out, conditions in three values, rules that fire or wait."""

from __future__ import annotations

from typing import Any

from policyservice.assurance.symbolic import parameters
from policyservice.assurance.symbolic.amounts import Amounts
from policyservice.assurance.symbolic.case import Symbols, chosen
from policyservice.assurance.symbolic.terms import (
    FALSE,
    TRUE,
    Formula,
    Truth,
    Value,
    conj,
    disj,
    neg,
    rounded_up,
    when,
)
from policyservice.engine.conditions import ALWAYS, NEVER, ORDER_OPS, effective, folded
from policyservice.engine.strata import first_hit_tables
from policyservice.rulebook.model import (
    AllOf,
    AnyOf,
    Compare,
    Condition,
    EffectKind,
    Not,
    Op,
    ParameterRef,
    Rule,
)


class Findings:
    """Facts and rules of one case, each worked out once, when it is asked for."""

    def __init__(self, symbols: Symbols) -> None:
        self.symbols = symbols
        self.amounts = Amounts(self)
        self._rows = first_hit_tables(symbols.rulebook.rules)
        self._facts: dict[str, Value] = {}
        self._present: dict[str, Formula] = {}
        self._own: dict[str, Truth] = {}
        self._rules: dict[str, Truth] = {}
        self._concluding: dict[str, list[tuple[Rule, Any]]] = {}
        for rule in symbols.rulebook.rules:
            for effect in rule.then:
                if effect.kind is EffectKind.CONCLUDE and effect.fact is not None:
                    self._concluding.setdefault(effect.fact, []).append((rule, effect.value))

    # --- facts ---------------------------------------------------------------------------------------

    def fact(self, name: str) -> Value:
        """A fact: given, presumed, reckoned or concluded."""
        if name not in self._facts:
            self._facts[name], self._present[name] = self._fact(name)
        return self._facts[name]

    def present(self, name: str) -> Formula:
        """Where a fact is known other than by presuming it."""
        self.fact(name)
        return self._present[name]

    def _fact(self, name: str) -> tuple[Value, Formula]:
        reckoned = self.symbols.rulebook.reckoned.get(name)
        if reckoned is not None:
            found = self.amounts.of(reckoned.expression)
            value = Value(found.is_sum, rounded_up(found.term))
            return value, value.known
        if name in self._concluding:
            return self._concluded(name)
        return self.symbols.presumed(name), self.symbols.stated(name).is_given

    def _concluded(self, name: str) -> tuple[Value, Formula]:
        parts: list[tuple[Formula, Any]] = []
        waits: list[Formula] = []
        for rule, stated in self._concluding[name]:
            found = self.rule(rule)
            waits.append(found.unknown)
            if not isinstance(stated, ParameterRef):
                parts.append((found.yes, self.symbols.constant(name, stated)))
                continue
            values = self.values_of(stated)
            parts += [(conj(found.yes, holds), self.symbols.constant(name, value)) for holds, value in values]
            waits.append(conj(found.yes, neg(disj(*(holds for holds, _ in values)))))
        zero = self.symbols.stated(name).term
        fired = chosen(parts, zero)
        presume = self.symbols.rulebook.facts[name].presume
        if presume is None:
            return fired, fired.known
        presumed = conj(neg(fired.known), neg(disj(*waits)))
        term = when(presumed, self.symbols.constant(name, presume), fired.term)
        return Value(disj(fired.known, presumed), term), fired.known

    def values_of(self, stated: ParameterRef) -> list[tuple[Formula, Any]]:
        """The values of a parameter, each with when it is in force."""
        parameter = self.symbols.rulebook.parameters[stated.name]
        dating = parameter.in_force_by
        day = Value(TRUE, self.symbols.day) if dating is None else self.fact(dating)
        return list(parameters.in_force(parameter, day))

    # --- rules ---------------------------------------------------------------------------------------

    def rule(self, rule: Rule) -> Truth:
        """Where a rule fires, where it does not; unknown where neither."""
        if rule.id not in self._rules:
            self._rules[rule.id] = self._rule(rule)
        return self._rules[rule.id]

    def _rule(self, rule: Rule) -> Truth:
        own = self.own(rule)
        if not rule.first_hit or rule.table is None:
            return own
        before = [self.own(row) for row in self._rows[rule.table] if (row.row or 0) < (rule.row or 0)]
        yes = conj(own.yes, *(row.no for row in before))
        return Truth(yes, disj(own.no, *(row.yes for row in before)))

    def own(self, rule: Rule) -> Truth:
        """Whether a rule's own condition holds, the rows before it aside."""
        if rule.id not in self._own:
            self._own[rule.id] = self._own_truth(rule)
        return self._own[rule.id]

    def _own_truth(self, rule: Rule) -> Truth:
        if rule.currency != self.symbols.currency:
            return Truth(FALSE, TRUE)
        found = self.condition(folded(effective(rule), self.symbols.reason))
        if rule.in_force_by is not None:
            return found
        day, start, end = self.symbols.day, rule.in_force.start, rule.in_force.end
        holds = conj(
            TRUE if start is None else day >= start.toordinal(), TRUE if end is None else day < end.toordinal()
        )
        return Truth(conj(holds, found.yes), disj(neg(holds), found.no))

    # --- conditions ----------------------------------------------------------------------------------

    def condition(self, condition: Condition) -> Truth:
        """A condition in three values, by Kleene; what it says of the reason is worked out."""
        condition = folded(condition, self.symbols.reason)
        if condition == ALWAYS:
            return Truth(TRUE, FALSE)
        if condition == NEVER:
            return Truth(FALSE, TRUE)
        match condition:
            case Compare():
                return self._compare(condition)
            case Not(of=part):
                found = self.condition(part)
                return Truth(found.no, found.yes)
            case AllOf(of=parts):
                truths = [self.condition(part) for part in parts]
                return Truth(conj(*(t.yes for t in truths)), disj(*(t.no for t in truths)))
            case AnyOf(of=parts):
                truths = [self.condition(part) for part in parts]
                return Truth(disj(*(t.yes for t in truths)), conj(*(t.no for t in truths)))

    def _compare(self, asked: Compare) -> Truth:
        if asked.op is Op.PRESENT:
            present = self.present(asked.fact)
            return Truth(present, neg(present)) if asked.value is True else Truth(neg(present), present)
        value = self.fact(asked.fact)
        if not isinstance(asked.value, ParameterRef):
            holds = self._holds(asked, value.term, asked.value)
            return Truth(conj(value.known, holds), conj(value.known, neg(holds)))
        yes, no = [], []
        for in_force, found in self.values_of(asked.value):
            if self._is_unranked(asked, found):
                continue
            holds = self._holds(asked, value.term, found)
            yes.append(conj(value.known, in_force, holds))
            no.append(conj(value.known, in_force, neg(holds)))
        return Truth(disj(*yes), disj(*no))

    def _is_unranked(self, asked: Compare, found: Any) -> bool:
        fact = self.symbols.rulebook.facts.get(asked.fact)
        return fact is not None and fact.ordered and asked.op in ORDER_OPS and found not in fact.values

    def _holds(self, asked: Compare, term: Any, bound: Any) -> Formula:
        if isinstance(bound, tuple):
            among = disj(*(term == self.symbols.constant(asked.fact, one) for one in bound))
            return among if asked.op is Op.ONE_OF else neg(among)
        stated = self.symbols.constant(asked.fact, bound)
        match asked.op:
            case Op.AT_LEAST:
                return term >= stated
            case Op.AT_MOST:
                return term <= stated
            case Op.MORE_THAN:
                return term > stated
            case Op.LESS_THAN:
                return term < stated
            case Op.IS:
                return term == stated
            case _:
                return neg(term == stated)
