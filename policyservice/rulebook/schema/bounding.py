"""Opening limits and cost parameters."""

from __future__ import annotations

import re

from policyservice.domain.limits import Counts, Measure, Scope, WindowKind
from policyservice.rulebook.schema.shapes import ByForm, Free, Key, ListOf, Plain, Record
from policyservice.rulebook.schema.words import (
    CURRENCY,
    ID,
    NAME,
    NAMES,
    REASON_PATTERNS,
    SUM,
    TEXT,
    WORDS,
    choice,
    whole,
)
from policyservice.rulebook.text.nodes import Kind

LONGEST_ROLLING_DAYS = 3660
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
                        "channels": Key(ListOf(WORDS, "a list of channels")),
                        "queues": Key(ListOf(WORDS, "a list of queues")),
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
        ),
        "targets": Key(
            ListOf(
                Record(
                    "{remedy_within_minutes: ..., first_contact: ...}",
                    {
                        "reasons": Key(REASON_PATTERNS),
                        "remedy_within_minutes": Key(whole(1, 5_256_000)),
                        "first_contact": Key(_SHARE_OR_NUMBER, about="which share is settled in the first contact"),
                    },
                ),
                "a list of targets of speed",
            ),
        ),
    },
)
