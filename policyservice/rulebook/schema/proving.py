"""Invariants: what a rulebook must never do."""

from __future__ import annotations

from policyservice.domain.vocabulary import Basis
from policyservice.rulebook.schema.expressions import AMOUNT, CONDITION
from policyservice.rulebook.schema.shapes import Key, ListOf, Record
from policyservice.rulebook.schema.words import CURRENCY, ID, NAME, NAMES, TEXT, TRUE, choice

_NEVER = Record(
    "{allow: true}, {refuse: true}, {deny: true}, {refund_beyond_paid: true} or {give: {more_than: SUM}}",
    {
        "allow": Key(TRUE, about="no such request is ever allowed"),
        "refuse": Key(TRUE, about="no such request is ever escalated or denied"),
        "deny": Key(TRUE, about="no such request is ever denied"),
        "refund_beyond_paid": Key(TRUE, about="what is refunded in all never exceeds what was paid"),
        "give": Key(
            Record(
                "{more_than: AMOUNT, part: goodwill}",
                {"more_than": Key(AMOUNT, required=True), "part": Key(choice("whole", "goodwill"))},
            ),
            about="no single decision gives more",
        ),
    },
    one_of=("allow", "refuse", "deny", "refund_beyond_paid", "give"),
)
INVARIANT = Record(
    "an invariant",
    {
        "id": Key(ID, required=True),
        "title": Key(TEXT, required=True),
        "when": Key(CONDITION, about="the cases it is about; every case where left out"),
        "agent": Key(
            Record("{below: LEVEL} or {from: LEVEL}", {"below": Key(NAME), "from": Key(NAME)}, one_of=("below", "from"))
        ),
        "remedies": Key(NAMES),
        "asks": Key(Record("{owed_by: BASIS}", {"owed_by": Key(choice(*Basis), required=True)})),
        "limits": Key(choice("guard_rails", "opening"), about="bounds as far as managers may move them, or as opened"),
        "verified": Key(TRUE, about="cases all of whose facts the company vouches for"),
        "never": Key(_NEVER, required=True),
    },
)
INVARIANTS = Record(
    "invariants",
    {"currency": Key(CURRENCY), "invariants": Key(ListOf(INVARIANT, "a list of invariants"), required=True)},
)
