"""Shapes of amounts, conditions and effects."""

from __future__ import annotations

from policyservice.domain.vocabulary import Basis
from policyservice.rulebook.model import Op
from policyservice.rulebook.schema.shapes import ByForm, Free, Key, Later, ListOf, Plain, Record, Shape
from policyservice.rulebook.schema.words import (
    ANY_SCALAR,
    BOOLEAN,
    CONDITION_FACT,
    FACT,
    NAME,
    NAMES,
    TEXT,
    TRUE,
    choice,
    whole,
)
from policyservice.rulebook.text.nodes import Kind

AMOUNT_SAYS = "an amount: a sum such as 12.50, a fact, a parameter, or a mapping such as {share: 50 %, of: order.paid}"
BASIS = choice(*Basis)

AMOUNT_FORMS = ("share", "each", "sum", "least", "largest", "from", "first_known")
BOUND_KEYS = ("nothing_below", "at_least", "at_most")


def _amount() -> Shape:
    return AMOUNT


_NESTED = Later(AMOUNT_SAYS, _amount)
_SEVERAL = ListOf(_NESTED, "a list of amounts")

AMOUNT = ByForm(
    AMOUNT_SAYS,
    scalar=Plain(AMOUNT_SAYS, frozenset({Kind.TEXT, Kind.INTEGER, Kind.DECIMAL})),
    mapped=Record(
        AMOUNT_SAYS,
        {
            "share": Key(Plain("a percentage such as 12.5 %, or a parameter", frozenset({Kind.PERCENT, Kind.TEXT}))),
            "of": Key(_NESTED, about="what the share is of"),
            "each": Key(_NESTED, about="the sum for each one that `per` counts"),
            "per": Key(_NESTED, about="a whole number: how many times"),
            "started": Key(whole(1), about="count begun periods of this length"),
            "completed": Key(whole(1), about="count completed periods of this length"),
            "sum": Key(_SEVERAL),
            "least": Key(_SEVERAL),
            "largest": Key(_SEVERAL),
            "from": Key(_NESTED),
            "less": Key(_NESTED, about="what is taken off `from`"),
            "first_known": Key(_SEVERAL),
            "nothing_below": Key(_NESTED, about="below it the amount is 0, at it it stands"),
            "at_least": Key(_NESTED),
            "at_most": Key(_NESTED),
        },
        one_of=AMOUNT_FORMS,
    ),
)

_SCALARS = ListOf(ANY_SCALAR, "a list of values")

OPERATORS = Record(
    "operators such as {at_least: 4}",
    {op: Key(_SCALARS if op in (Op.ONE_OF, Op.NONE_OF) else BOOLEAN if op is Op.PRESENT else ANY_SCALAR) for op in Op},
)
TEST = ByForm("a value, or operators such as {at_least: 4}", scalar=ANY_SCALAR, mapped=OPERATORS)

CONDITION_SAYS = "a condition such as {order.days_late: {at_least: 4}}"


def _condition() -> Shape:
    return CONDITION


_PART = Later(CONDITION_SAYS, _condition)
_PARTS = ListOf(_PART, "a list of conditions")

CONDITION = Record(
    CONDITION_SAYS,
    {
        "all": Key(_PARTS, about="true where every one is"),
        "any": Key(_PARTS, about="true where one is"),
        "not": Key(_PART, about="the opposite; unknown stays unknown"),
    },
    free=Free(CONDITION_FACT, TEST),
)

_REMEDIES = {"remedy": Key(NAME), "remedies": Key(NAMES), "every": Key(TRUE)}

EFFECT = Record(
    "one effect: entitle, permit, forbid, escalate, advise or conclude",
    {
        "entitle": Key(
            Record(
                "{remedy: NAME, amount: AMOUNT}",
                {
                    "remedy": Key(NAME, required=True),
                    "amount": Key(AMOUNT),
                    "basis": Key(BASIS),
                    "cumulative": Key(BOOLEAN),
                },
            ),
            about="what the customer is owed",
        ),
        "permit": Key(
            Record(
                "{remedy: NAME, up_to: AMOUNT}",
                {"remedy": Key(NAME, required=True), "up_to": Key(AMOUNT), "basis": Key(BASIS)},
            ),
            about="what may be given within the limits",
        ),
        "forbid": Key(
            Record("{remedy: NAME}", {**_REMEDIES, "basis": Key(BASIS)}, one_of=tuple(_REMEDIES)),
            about="what nobody may give",
        ),
        "escalate": Key(
            Record(
                "{remedy: NAME, to: NAME}",
                {**_REMEDIES, "to": Key(NAME), "basis": Key(BASIS)},
                one_of=tuple(_REMEDIES),
            ),
            about="what someone with more authority decides",
        ),
        "advise": Key(TEXT, about="what the agent should know"),
        "conclude": Key(
            Record("{FACT: VALUE}", free=Free(FACT, ANY_SCALAR)), about="facts that follow, for other rules"
        ),
    },
    one_of=("entitle", "permit", "forbid", "escalate", "advise", "conclude"),
)
EFFECTS = ListOf(EFFECT, "a list of effects")
