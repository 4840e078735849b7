"""Rules and decision tables."""

from __future__ import annotations

from policyservice.rulebook.schema.expressions import BASIS, CONDITION, EFFECTS, OPERATORS
from policyservice.rulebook.schema.shapes import ByForm, Key, ListOf, Record
from policyservice.rulebook.schema.words import (
    ANY_SCALAR,
    COLUMN,
    CURRENCY,
    DATE,
    FACT,
    ID,
    NAME,
    SUM,
    TEXT,
    WORDS,
    choice,
)

WHY = ByForm("a text, or one in every language: {en: ..., fi: ...}", scalar=WORDS, mapped=TEXT)
VERIFY = ByForm(
    "a sum such as 12.50, or {amount: SUM, facts: [FACTS]}",
    scalar=SUM,
    mapped=Record(
        "{amount: SUM, facts: [FACTS]}",
        {
            "amount": Key(SUM, required=True, about="at it nothing has to be verified, above it the facts have"),
            "facts": Key(ListOf(FACT, "a list of facts' names"), required=True, about="the facts that are verified"),
        },
    ),
)
_COMMON = {
    "id": Key(ID, required=True),
    "title": Key(TEXT, required=True),
    "basis": Key(BASIS, required=True),
    "reference": Key(WORDS),
    "because": Key(WHY),
    "source": Key(WORDS),
    "in_force": Key(
        Record("{from: DATE, before: DATE}", {"from": Key(DATE, required=True), "before": Key(DATE)}),
        required=True,
    ),
    "in_force_by": Key(FACT),
    "say": Key(TEXT),
    "owner": Key(NAME, about="who answers for it: objections go there"),
    "verify_above": Key(VERIFY, about="above it, facts that only the caller stated are verified first"),
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
