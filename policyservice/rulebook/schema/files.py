"""What each kind of file may hold: one definition per kind."""

from __future__ import annotations

import re

from policyservice.domain.limits import Counts, Measure, Scope, WindowKind
from policyservice.domain.vocabulary import FactType, RemedyKind
from policyservice.rulebook.model import ParameterUnit, ProvidedBy, WhenHoldEnds
from policyservice.rulebook.schema.expressions import AMOUNT, BASIS, CONDITION, EFFECTS, OPERATORS
from policyservice.rulebook.schema.shapes import ByForm, Free, Key, ListOf, Plain, Record
from policyservice.rulebook.schema.words import (
    ANY_SCALAR,
    ANY_TEXT,
    BOOLEAN,
    COLUMN,
    CURRENCY,
    DATE,
    FACT,
    ID,
    INTEGER,
    NAME,
    NAMES,
    PERCENT,
    REASON_PATTERNS,
    RULE_ID,
    SUM,
    TEXT,
    WORDS,
    choice,
    whole,
)
from policyservice.rulebook.text.nodes import Kind

MINUTES = whole(1, 525600, "minutes as a whole number, from 1 to 525600")
OTHERWISE = choice("escalate", "forbid")
LONGEST_ROLLING_DAYS = 3660

PACK = Record(
    "the pack's settings",
    {
        "pack": Key(NAME, required=True, about="the name of the folder"),
        "title": Key(TEXT, required=True),
        "currency": Key(CURRENCY, required=True),
        "otherwise": Key(OTHERWISE, about="what holds where no rule speaks"),
        "verify_above": Key(SUM, about="above it, facts that only the caller stated are verified first"),
        "stretch": Key(
            Record(
                "{hard_cap: SUM, margin: SUM}",
                {"hard_cap": Key(SUM, required=True), "margin": Key(SUM, required=True)},
            )
        ),
        "safe_floor": Key(Record("a sum per remedy", free=Free(NAME, SUM))),
        "hold_minutes": Key(MINUTES),
        "answer_within_minutes": Key(MINUTES),
        "beyond": Key(NAME, about="who decides above every trust level"),
    },
)

_FACT_KEYS = Record(
    "a fact's type and title",
    {
        "type": Key(choice(*FactType), required=True),
        "title": Key(TEXT, required=True),
        "provided_by": Key(choice(*ProvidedBy)),
        "unit": Key(WORDS),
        "values": Key(NAMES),
        "ordered": Key(BOOLEAN),
        "lowest": Key(INTEGER),
        "highest": Key(INTEGER),
        "presume": Key(ANY_SCALAR),
        "role": Key(
            ByForm(
                "paid, or {paid: [reasons]}",
                scalar=choice("paid"),
                mapped=Record("{paid: [reasons]}", {"paid": Key(REASON_PATTERNS, required=True)}),
            )
        ),
    },
)
_RECKONED = Record(
    "an amount such as {from: booking.bags, less: baggage.free}",
    {**AMOUNT.mapped.keys, "title": Key(TEXT)} if isinstance(AMOUNT.mapped, Record) else {},
    one_of=AMOUNT.mapped.one_of if isinstance(AMOUNT.mapped, Record) else (),
)
VOCABULARY = Record(
    "facts and reckoned facts",
    {
        "currency": Key(CURRENCY),
        "facts": Key(Record("facts by name", free=Free(FACT, _FACT_KEYS))),
        "reckoned": Key(Record("reckoned facts by name", free=Free(FACT, _RECKONED))),
    },
)

_REMEDY = Record(
    "a remedy's kind and title",
    {
        "kind": Key(choice(*RemedyKind), required=True),
        "title": Key(TEXT, required=True),
        "amount": Key(choice("none")),
        "cost_factor": Key(PERCENT),
        "cost": Key(AMOUNT),
        "fee": Key(SUM),
        "when_hold_ends": Key(choice(*WhenHoldEnds)),
        "hold_minutes": Key(MINUTES),
    },
)
_REASON = Record(
    "a reason's title",
    {"title": Key(TEXT, required=True), "otherwise": Key(OTHERWISE), "answer_within_minutes": Key(MINUTES)},
)
CATALOGUE = Record(
    "remedies, reasons and trust levels",
    {
        "currency": Key(CURRENCY),
        "remedies": Key(Record("remedies by name", free=Free(NAME, _REMEDY))),
        "reasons": Key(Record("reasons by name", free=Free(NAME, _REASON))),
        "trust_levels": Key(
            Record(
                "trust levels by name, lowest first",
                free=Free(NAME, Record("a trust level's title", {"title": Key(TEXT, required=True)})),
            )
        ),
    },
)

_COMMON = {
    "id": Key(ID, required=True),
    "title": Key(TEXT, required=True),
    "basis": Key(BASIS, required=True),
    "reference": Key(WORDS),
    "because": Key(WORDS),
    "source": Key(WORDS),
    "in_force": Key(
        Record("{from: DATE, before: DATE}", {"from": Key(DATE, required=True), "before": Key(DATE)}),
        required=True,
    ),
    "in_force_by": Key(FACT),
    "say": Key(TEXT),
}
RULE = Record("a rule", {**_COMMON, "when": Key(CONDITION, required=True), "then": Key(EFFECTS, required=True)})
_CELL = ByForm('a value, operators such as {at_least: 4}, or "-"', scalar=ANY_SCALAR, mapped=OPERATORS)
_CELLS = ListOf(_CELL, "a list of cells, one for each column")
ROW = ByForm(
    "a list of cells, or {cells: [...], id: ..., then: [...]}",
    items=_CELLS,
    mapped=Record(
        "{cells: [...], id: ..., then: [...]}",
        {"cells": Key(_CELLS), "id": Key(ID), "title": Key(TEXT), "say": Key(TEXT), "then": Key(EFFECTS)},
    ),
)
TABLE = Record(
    "a decision table",
    {
        **_COMMON,
        "when": Key(CONDITION),
        "hit": Key(choice("first", "all"), required=True),
        "columns": Key(ListOf(COLUMN, "a list of columns"), required=True),
        "rows": Key(ListOf(ROW, "a list of rows"), required=True),
        "then": Key(EFFECTS),
    },
)
RULES = Record(
    "rules and tables",
    {
        "currency": Key(CURRENCY),
        "rules": Key(ListOf(RULE, "a list of rules")),
        "tables": Key(ListOf(TABLE, "a list of decision tables")),
    },
)

_DATED = ByForm(
    "a value, {value: ..., because: ...}, or expected",
    scalar=ANY_SCALAR,
    mapped=Record(
        "{value: ..., because: ..., reference: ...}",
        {"value": Key(ANY_SCALAR, required=True), "because": Key(WORDS), "reference": Key(WORDS)},
    ),
)
PARAMETER = Record(
    "a parameter",
    {
        "what": Key(WORDS, required=True),
        "unit": Key(choice(*ParameterUnit), required=True),
        "guard_rails": Key(
            Record("{lowest: VALUE, highest: VALUE}", {"lowest": Key(ANY_SCALAR), "highest": Key(ANY_SCALAR)})
        ),
        "in_force_by": Key(FACT),
        "values": Key(Record("values by date", free=Free(DATE, _DATED)), required=True),
    },
)
PARAMETERS = Record("parameters by name", {"currency": Key(CURRENCY)}, free=Free(ID, PARAMETER))

_COUNT = whole(0)
_BOUND = ByForm(
    "a sum, or a sum for each trust level", scalar=SUM, mapped=Record("sums by trust level", free=Free(NAME, SUM))
)
_COUNT_BOUND = ByForm(
    "a whole number, or one for each trust level",
    scalar=_COUNT,
    mapped=Record("whole numbers by trust level", free=Free(NAME, _COUNT)),
)


def _rails(shape: Plain) -> Key:
    return Key(Record("{lowest: ..., highest: ...}", {"lowest": Key(shape), "highest": Key(shape)}))


LIMIT = Record(
    "a limit",
    {
        "id": Key(ID, required=True),
        "title": Key(TEXT, required=True),
        "scope": Key(choice(*Scope), required=True),
        "window": Key(choice(*WindowKind)),
        "days": Key(whole(1, LONGEST_ROLLING_DAYS)),
        "amount": Key(_BOUND),
        "count": Key(_COUNT_BOUND),
        "measure": Key(choice(*Measure)),
        "counts": Key(choice(*Counts)),
        "remedies": Key(NAMES),
        "reasons": Key(REASON_PATTERNS),
        "guard_rails": Key(
            Record("{amount: {lowest, highest}, count: {...}}", {"amount": _rails(SUM), "count": _rails(_COUNT)})
        ),
    },
)
LIMITS = Record("limits", {"currency": Key(CURRENCY), "limits": Key(ListOf(LIMIT, "a list of limits"), required=True)})

_SHARE_OR_NUMBER = Plain("a number", frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.PERCENT}))
_SYMBOL = Plain("a symbol of the cost model", frozenset({Kind.TEXT}), re.compile(r"[A-Za-z0-9_]+"))
COSTS = Record(
    "cost parameters",
    {
        "currency": Key(CURRENCY),
        "costs": Key(
            ListOf(
                Record(
                    "{parameters: {...}}",
                    {
                        "reasons": Key(REASON_PATTERNS),
                        "parameters": Key(
                            Record(
                                "values by symbol of the cost model",
                                free=Free(
                                    _SYMBOL,
                                    Record(
                                        "{value: ..., low: ..., high: ..., source: ...}",
                                        {
                                            "value": Key(_SHARE_OR_NUMBER, required=True),
                                            "low": Key(_SHARE_OR_NUMBER, required=True),
                                            "high": Key(_SHARE_OR_NUMBER, required=True),
                                            "source": Key(WORDS, required=True),
                                        },
                                    ),
                                ),
                            ),
                            required=True,
                        ),
                    },
                ),
                "a list of sets of cost parameters",
            ),
            required=True,
        ),
    },
)

_NULL = Plain("nothing", frozenset({Kind.NULL}))
_EXPECT = Record(
    "{outcome: allow, amount: 7.00, ...}",
    {
        "outcome": Key(choice("allow", "escalate", "deny"), required=True),
        "basis": Key(BASIS),
        "amount": Key(Plain("a sum such as 12.50, or null", frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.NULL}))),
        "reasons": Key(ListOf(RULE_ID, "a list of rule ids")),
        "limit": Key(RULE_ID),
        "stretched": Key(BOOLEAN),
        "missing": Key(ListOf(FACT, "a list of facts", empty_is_fine=True)),
        "alternatives": Key(ListOf(NAME, "a list of remedies", empty_is_fine=True)),
    },
)
_USED = ByForm(
    "a sum, or {amount: SUM, count: N}",
    scalar=SUM,
    mapped=Record("{amount: SUM, count: N}", {"amount": Key(SUM), "count": Key(_COUNT)}),
)
TESTS = Record(
    "policy tests",
    {
        "as_of": Key(DATE),
        "currency": Key(CURRENCY),
        "cases": Key(
            ListOf(
                Record(
                    "a policy test",
                    {
                        "name": Key(WORDS, required=True),
                        "facts": Key(
                            Record("facts by name", {"reason": Key(NAME)}, free=Free(FACT, ANY_SCALAR)), required=True
                        ),
                        "agent": Key(Record("{trust_level: NAME}", {"trust_level": Key(NAME, required=True)})),
                        "ask": Key(
                            Record(
                                "{remedy: NAME, amount: SUM}", {"remedy": Key(NAME, required=True), "amount": Key(SUM)}
                            ),
                            required=True,
                        ),
                        "justification": Key(ANY_TEXT),
                        "received": Key(
                            Record(
                                "{refunded: SUM, owed: {RULE: SUM}}",
                                {
                                    "refunded": Key(SUM),
                                    "owed": Key(Record("sums by rule", free=Free(RULE_ID, SUM))),
                                },
                            )
                        ),
                        "used": Key(Record("sums by limit", free=Free(ID, _USED))),
                        "as_of": Key(DATE),
                        "expect": Key(_EXPECT, required=True),
                    },
                ),
                "a list of policy tests",
            ),
            required=True,
        ),
    },
)

FILES: dict[str, Record] = {
    "pack": PACK,
    "vocabulary": VOCABULARY,
    "catalogue": CATALOGUE,
    "rules": RULES,
    "parameters": PARAMETERS,
    "limits": LIMITS,
    "costs": COSTS,
    "tests": TESTS,
}
"""The shape of one document, by kind of file: the first segment of its path without ".yaml"."""
