"""Rules as Python source: one function per reason, with every fact a local variable and no call per condition.

Of a rule first what makes it possible is asked, where most end; then what makes it certain. What is left is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from policyservice.domain.money import LARGEST_MINOR
from policyservice.domain.vocabulary import FactValue
from policyservice.engine.condition_source import ConditionSource, codes_by_bound, key
from policyservice.engine.conditions import ORDER_OPS, conjuncts, effective, folded, ranks
from policyservice.engine.dated import Lookup, by_day
from policyservice.engine.expressions import UNPRICED, PricedBy, compile_amount
from policyservice.engine.reads import in_amount
from policyservice.engine.shards import REASON
from policyservice.engine.strata import Strata, compares, conclusions, first_hit_tables, rule_facts
from policyservice.rulebook.model import (
    AllOf,
    Compare,
    Condition,
    EffectKind,
    Op,
    ParameterRef,
    Rule,
    Rulebook,
)

Answer = tuple[
    list[str],  # rules that fire
    dict[str, tuple[str, ...] | None],  # unknown rules; None where what is missing has to be looked for
    dict[str, FactValue],  # every known fact
    list[str],  # presumed
    list[str],  # derived
    str | None,  # fault
]
ShardFunction = Callable[[Mapping[str, FactValue], int, str], Answer]


def compile_shard(rulebook: Rulebook, strata: Strata, rules: Sequence[Rule], reason: str | None) -> ShardFunction:
    """The rules that can speak about `reason` as one function; None: about a reason outside the catalogue."""
    writer = _Writer(rulebook, strata, rules, reason)
    source = writer.written()
    namespace = writer.constants
    exec(compile(source, f"<rules for {reason}>", "exec"), namespace)
    return cast(ShardFunction, namespace["shard"])


class _Writer:
    """Writes one shard; `constants` are the names its source refers to."""

    def __init__(self, rulebook: Rulebook, strata: Strata, rules: Sequence[Rule], reason: str | None) -> None:
        self.constants: dict[str, object] = {}
        self._text = ConditionSource(rulebook, self.constants)
        self._rulebook = rulebook
        self._strata = strata
        self._rules = list(rules)
        self._reason = reason
        self._derived = strata.derived
        self._lines: list[str] = []
        self._conditions = {rule.id: self._condition(rule) for rule in self._rules}
        self._tables = first_hit_tables(self._rules)
        self._table_names = {name: str(number) for number, name in enumerate(self._tables)}
        self._quick_tables = {
            name
            for name, rows in self._tables.items()
            if all(self._waits_for(self._conditions[row.id]) is not None for row in rows)
        }
        self._conclude: dict[str, str] = {}
        for rule in self._rules:
            for fact in conclusions(rule):
                self._conclude.setdefault(fact, str(len(self._conclude)))

    def _condition(self, rule: Rule) -> Condition:
        whole = effective(rule)
        return whole if self._reason is None else folded(whole, self._reason)

    # --- the parts of the function, in order ---------------------------------------------------------

    def written(self) -> str:
        self._read_facts()
        for level in range(self._strata.count + 1):
            self._resolve(level)
            self._write_rules([r for r in self._rules if self._strata.stratum[r.id] == level])
        self._line(1, "return fired, unknown, facts, presumed, derived, fault")
        return "\n".join(["def shard(given, day, currency):", *self._lines])

    def _line(self, depth: int, text: str) -> None:
        self._lines.append(" " * depth + text)

    def _read_facts(self) -> None:
        self._line(1, "facts = dict(given)")
        self.constants["DERIVED"] = tuple(sorted(self._derived))
        if self._derived:
            self._line(1, "for name in DERIVED: facts.pop(name, None)")
        self._line(1, "get = facts.get; fired = []; unknown = {}; presumed = []; derived = []; fault = None")
        used = sorted(self._used())
        self._text.facts = {name: f"f{place}" for place, name in enumerate(used)}
        asked_present = {c.fact for rule in self._rules for c in compares(rule.when) if c.op is Op.PRESENT}
        self._text.present = {name: f"g{place}" for place, name in enumerate(used) if name in asked_present}
        for name in used:
            if name not in self._conclude and name not in self._rulebook.reckoned:
                self._line(1, f"{self._text.facts[name]} = get({name!r})")
                self._settle(name)
        for number in self._conclude.values():
            self._line(1, f"k{number} = None; u{number} = False; x{number} = False")
        for number in self._table_names.values():
            self._line(1, f"t{number} = 0; m{number} = []")

    def _used(self) -> set[str]:
        """Every fact that a rule, an amount of its effects or a remedy's cost rests on."""
        used: set[str] = set()
        amounts = [remedy.cost for remedy in self._rulebook.remedies.values()]
        for rule in self._rules:
            used.update(rule_facts(rule, self._rulebook))
            used.update(conclusions(rule))
            amounts.extend(effect.amount for effect in rule.then)
        used.update(name for amount in amounts if amount is not None for name in in_amount(amount, self._rulebook))
        if self._reason is None:
            used.add(REASON)
        waiting = [name for name in used if name in self._rulebook.reckoned]
        while waiting:
            inputs = set(in_amount(self._rulebook.reckoned[waiting.pop()].expression, self._rulebook)) - used
            used.update(inputs)
            waiting.extend(name for name in inputs if name in self._rulebook.reckoned)
        return used

    def _settle(self, name: str) -> None:
        """Once a fact's variable holds what is known of it: is it present, and what is presumed where it is not."""
        variable = self._text.facts[name]
        if name in self._text.present:
            self._line(1, f"{self._text.present[name]} = {variable} is not None")
        declared = self._rulebook.facts.get(name)
        if declared is not None and declared.presume is not None:
            self._line(1, f"if {variable} is None:")
            self._line(2, f"{variable} = facts[{name!r}] = {declared.presume!r}; presumed.append({name!r})")

    def _resolve(self, level: int) -> None:
        """What is concluded up to here, then what is reckoned from it, then the parameters dated by either."""
        for name, number in self._conclude.items():
            if self._strata.level(name) == level:
                self._resolve_concluded(name, number)
        for name in self._in_order(level):
            self._resolve_reckoned(name)
        for rule in self._rules:
            for asked in compares(self._conditions[rule.id]):
                self._read_parameter(asked, level)
            for effect in rule.then:
                if effect.kind is EffectKind.CONCLUDE and isinstance(effect.value, ParameterRef):
                    self._read_value(effect.value.name, level)

    def _resolve_concluded(self, name: str, number: str) -> None:
        variable = self._text.facts[name]
        self._line(1, f"{variable} = None if x{number} else k{number}")
        self._line(1, f"if {variable} is not None: facts[{name!r}] = {variable}; derived.append({name!r})")
        if name in self._text.present:
            self._line(1, f"{self._text.present[name]} = {variable} is not None")
        presume = self._rulebook.facts[name].presume if name in self._rulebook.facts else None
        if presume is not None:
            self._line(1, f"if {variable} is None and not u{number} and not x{number}:")
            self._line(2, f"{variable} = facts[{name!r}] = {presume!r}; presumed.append({name!r})")

    def _in_order(self, level: int) -> list[str]:
        """The reckoned facts of a level, each after those it is reckoned from."""
        done: list[str] = []

        def add(name: str) -> None:
            reckoned = self._rulebook.reckoned.get(name)
            if reckoned is None or name in done or self._strata.level(name) != level:
                return
            for inner in in_amount(reckoned.expression, self._rulebook):
                add(inner)
            done.append(name)

        for name in self._text.facts:
            add(name)
        return done

    def _resolve_reckoned(self, name: str) -> None:
        variable = self._text.facts[name]
        self.constants[f"R{variable}"] = whole_number(
            compile_amount(self._rulebook.reckoned[name].expression, self._rulebook)
        )
        self._line(1, f"{variable} = R{variable}(facts, day)")
        self._line(1, f"if {variable} is not None:")
        self._line(2, f"if -{LARGEST_MINOR} - 1 <= {variable} <= {LARGEST_MINOR}:")
        self._line(3, f"facts[{name!r}] = {variable}; derived.append({name!r})")
        self._line(2, f"else: {variable} = None; fault = {beyond_bounds(name)!r}")
        if name in self._text.present:
            self._line(1, f"{self._text.present[name]} = {variable} is not None")

    # --- parameters ----------------------------------------------------------------------------------

    def _read_parameter(self, asked: Compare, level: int) -> None:
        if not isinstance(asked.value, ParameterRef):
            return
        name = asked.value.name
        rank = ranks(asked.fact, self._rulebook)
        if rank is None or asked.op not in ORDER_OPS:
            self._read_value(name, level)
            return
        self._read(name, key(asked), level, codes_by_bound(asked.op, rank))

    def _read_value(self, name: str, level: int) -> None:
        self._read(name, "", level, lambda found: found if isinstance(found, int | str) else None)

    def _read(self, name: str, key: str, level: int, shape: Callable[[object], object]) -> None:
        """Read a parameter into a local variable, once, as soon as what dates it is known."""
        parameter = self._rulebook.parameters[name]
        dating = parameter.in_force_by
        if (name, key) in self._text.parameters or (dating is not None and self._strata.level(dating) > level):
            return
        variable = self._text.parameters[name, key] = f"p{len(self._text.parameters)}"
        self.constants[variable.upper()] = _shaped(by_day(parameter), shape)
        if dating is None:
            self._line(1, f"{variable} = {variable.upper()}(day)")
        else:
            date = self._text.facts[dating]
            self._line(1, f"{variable} = None if {date} is None else {variable.upper()}({date})")

    # --- rules ---------------------------------------------------------------------------------------

    def _write_rules(self, rules: list[Rule]) -> None:
        currencies = list(dict.fromkeys(rule.currency for rule in rules))
        for currency in currencies:
            self._line(1, f"if currency == {currency!r}:")
            self._line(2, "pass")
            rows_done: set[str] = set()
            mine = [rule for rule in rules if rule.currency == currency]
            for rule in mine:
                if not rule.first_hit or rule.table is None:
                    self._write_rule(rule)
                elif rule.table not in rows_done:
                    rows_done.add(rule.table)
                    self._write_table(rule.table, [row for row in self._tables[rule.table] if row in mine])

    def _write_rule(self, rule: Rule) -> None:
        condition = self._conditions[rule.id]
        possible, certain = self._in_force(rule) + self._text.possible(condition), self._text.certain(condition)
        self._line(2, f"if {possible}:")
        if certain == self._text.possible(condition):
            self._write_fired(rule, 3)
            return
        self._line(3, f"if {certain}:")
        self._write_fired(rule, 4)
        self._line(3, "else:")
        names = self._waits_for(condition)
        self._line(4, f"unknown[{rule.id!r}] = {'None' if names is None else self._none_of(names)}")
        self._write_unknown_conclusions(rule, 4)

    def _write_table(self, table: str, rows: list[Rule]) -> None:
        """The rows one after the other: after one that is true none fires, after an unknown one all are unknown."""
        shared = set.intersection(*(set(conjuncts(self._conditions[row.id])) for row in rows))
        first = conjuncts(self._conditions[rows[0].id])
        common = AllOf(tuple(dict.fromkeys(part for part in first if part in shared)))
        self._line(2, f"if {self._text.possible(common)}:")
        number, quick = self._table_names[table], table in self._quick_tables
        for row in rows:
            condition = self._conditions[row.id]
            self._line(3, f"if t{number} != 1 and {self._in_force(row)}{self._text.possible(condition)}:")
            self._line(4, f"if {self._text.certain(condition)}:")
            self._line(5, f"if t{number} == 0:")
            self._write_fired(row, 6)
            self._line(5, "else:")
            waiting = f"tuple(sorted(set(m{number})))" if quick else "None"
            self._line(6, f"unknown[{row.id!r}] = {waiting}")
            self._write_unknown_conclusions(row, 6)
            self._line(5, f"t{number} = 1")
            self._line(4, "else:")
            names = self._waits_for(condition)
            if quick and names is not None:
                self._line(5, f"m{number} += {self._none_of(names)}")
            self._line(5, f"unknown[{row.id!r}] = {waiting}; t{number} = 2")
            self._write_unknown_conclusions(row, 5)

    def _in_force(self, rule: Rule) -> str:
        if rule.in_force_by is not None:
            return ""
        start, end = rule.in_force.start, rule.in_force.end
        text = "" if start is None else f"day >= {start.toordinal()} and "
        return text if end is None else f"{text}day < {end.toordinal()} and "

    def _write_fired(self, rule: Rule, depth: int) -> None:
        self._line(depth, f"fired.append({rule.id!r})")
        for effect in rule.then:
            if effect.kind is EffectKind.CONCLUDE and effect.fact is not None:
                self._write_conclusion(effect.fact, effect.value, depth)

    def _write_conclusion(self, fact: str, value: object, depth: int) -> None:
        number = self._conclude[fact]
        concluded = self._text.parameters[value.name, ""] if isinstance(value, ParameterRef) else repr(value)
        if isinstance(value, ParameterRef):
            self._line(depth, f"if {concluded} is None: u{number} = True")
            self._line(depth, f"elif k{number} is None: k{number} = {concluded}")
        else:
            self._line(depth, f"if k{number} is None: k{number} = {concluded}")
        self._line(depth, f"elif k{number} != {concluded}: x{number} = True; fault = {two_values(fact)!r}")

    def _write_unknown_conclusions(self, rule: Rule, depth: int) -> None:
        for fact in conclusions(rule):
            self._line(depth, f"u{self._conclude[fact]} = True")

    # --- what an unknown rule waits for --------------------------------------------------------------

    def _waits_for(self, condition: Condition) -> tuple[str, ...] | None:
        """The facts of a plain list of comparisons over given facts, sorted; None where more has to be looked at."""
        names: set[str] = set()
        for part in conjuncts(condition):
            if not isinstance(part, Compare):
                return None
            if part.op is Op.PRESENT:
                continue
            names.add(part.fact)
            if isinstance(part.value, ParameterRef):
                names.update(in_amount(part.value, self._rulebook))
        return None if names & self._derived else tuple(sorted(names - {REASON}))

    def _none_of(self, names: tuple[str, ...]) -> str:
        if len(names) == 1:
            return f"({names[0]!r},) if {self._text.facts[names[0]]} is None else ()"
        pairs = "".join(f"({name!r}, {self._text.facts[name]})," for name in names)
        return f"tuple([n for n, v in ({pairs}) if v is None])"


def whole_number(priced: PricedBy) -> Callable[[Mapping[str, FactValue], int], int | None]:
    """A reckoned fact's value; one without a sum, which no checked rulebook has, counts as not known."""

    def value(facts: Mapping[str, FactValue], day: int) -> int | None:
        found = priced.value(facts, day)
        return None if found is UNPRICED else found

    return value


def beyond_bounds(fact: str) -> str:
    """What is said of a reckoned fact that no 64 bits hold."""
    return f"The reckoned fact {fact} does not fit in 64 bits."


def two_values(fact: str) -> str:
    """What is said where rules disagree on a fact they conclude."""
    return f"Two different values were concluded for the fact {fact}."


def _shaped(at: Lookup, shape: Callable[[object], object]) -> Callable[[int], object]:
    return lambda day: shape(at(day))
