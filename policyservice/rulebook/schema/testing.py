"""Policy tests."""

from __future__ import annotations

from policyservice.rulebook.schema.expressions import BASIS
from policyservice.rulebook.schema.shapes import ByForm, Free, Key, ListOf, Plain, Record
from policyservice.rulebook.schema.words import (
    ANY_SCALAR,
    ANY_TEXT,
    BOOLEAN,
    CURRENCY,
    DATE,
    FACT,
    ID,
    NAME,
    RULE_ID,
    SUM,
    WORDS,
    choice,
    whole,
)
from policyservice.rulebook.text.nodes import Kind

_COUNT = whole(0)
_NULL = Plain("nothing", frozenset({Kind.NULL}))
_BASIS_OR_NONE = Plain(
    f"{BASIS.says}, or null", frozenset({Kind.TEXT, Kind.NULL}), choices=(*BASIS.choices, "null", "~", "")
)
_EXPECT = Record(
    "{outcome: allow, amount: 7.00, ...}",
    {
        "outcome": Key(choice("allow", "escalate", "deny"), required=True),
        "basis": Key(_BASIS_OR_NONE),
        "amount": Key(Plain("a sum such as 12.50, or null", frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.NULL}))),
        "reasons": Key(ListOf(RULE_ID, "a list of rule ids")),
        "fired": Key(ListOf(RULE_ID, "a list of rule ids", empty_is_fine=True)),
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
                        "verified": Key(ListOf(FACT, "a list of facts"), about="facts that the company vouches for"),
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
