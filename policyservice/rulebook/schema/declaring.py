"""Settings of a pack, vocabulary, catalogue and parameters."""

from __future__ import annotations

from policyservice.domain.vocabulary import FactType, RemedyKind
from policyservice.rulebook.model import ParameterUnit, ProvidedBy, WhenHoldEnds
from policyservice.rulebook.schema.expressions import AMOUNT
from policyservice.rulebook.schema.shapes import ByForm, Free, Key, ListOf, Record
from policyservice.rulebook.schema.words import (
    ANY_SCALAR,
    BOOLEAN,
    CODE,
    CODES,
    CURRENCY,
    DATE,
    FACT,
    ID,
    INTEGER,
    NAME,
    NAMES,
    PERCENT,
    REASON_PATTERNS,
    SUM,
    TEXT,
    WORDS,
    choice,
    whole,
)

MINUTES = whole(1, 525600, "minutes as a whole number, from 1 to 525600")
OTHERWISE = choice("escalate", "forbid")
BY_AMOUNT = ListOf(
    Record(
        "{at_least: SUM, minutes: 1 to 525600}",
        {"at_least": Key(SUM, required=True), "minutes": Key(MINUTES, required=True)},
    ),
    "a list of {at_least: SUM, minutes: 1 to 525600}",
)

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
        "answer_within_by_amount": Key(BY_AMOUNT, about="by when larger sums are answered"),
        "beyond": Key(NAME, about="who decides above every trust level"),
        "owner": Key(NAME, about="who answers for the rules: objections go there"),
    },
)

_FACT_KEYS = Record(
    "a fact's type and title",
    {
        "type": Key(choice(*FactType), required=True),
        "title": Key(TEXT, required=True),
        "provided_by": Key(choice(*ProvidedBy)),
        "unit": Key(WORDS),
        "values": Key(CODES),
        "titles": Key(Record("a text for each code", free=Free(CODE, TEXT)), about="what the codes are called"),
        "ordered": Key(BOOLEAN),
        "lowest": Key(INTEGER),
        "highest": Key(INTEGER),
        "presume": Key(ANY_SCALAR),
        "role": Key(
            ByForm(
                "paid, {paid: [reasons]} or {paid_where_known: [reasons]}",
                scalar=choice("paid"),
                mapped=Record(
                    "{paid: [reasons]} or {paid_where_known: [reasons]}",
                    {"paid": Key(REASON_PATTERNS), "paid_where_known": Key(REASON_PATTERNS)},
                ),
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
    {
        "title": Key(TEXT, required=True),
        "otherwise": Key(
            ByForm(
                "escalate, forbid, or {forbid: [remedies]}",
                scalar=OTHERWISE,
                mapped=Record(
                    "{forbid: [remedies]}",
                    {
                        "forbid": Key(NAMES, required=True, about="remedies of which only what rules give is given"),
                        "because": Key(TEXT, about="why nothing is given where no rule speaks"),
                    },
                ),
            )
        ),
        "answer_within_minutes": Key(MINUTES),
        "owner": Key(NAME, about="who answers for its rules"),
        "answer_within_by_amount": Key(BY_AMOUNT, about="by when larger sums are answered"),
    },
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
