"""How much a rulebook may hold: what the reader and the rule engine take, with room to spare."""

from __future__ import annotations

FILE_BYTES = 1024 * 1024
"""The largest file that is read."""

NESTING = 40
"""How deep lists and mappings may stand in one another."""

PROBLEMS_LISTED = 1000
"""How many problems are listed; the rest is counted."""

ALTERNATIVES_PER_RULE = 250
"""Branches of a rule's condition once `not` stands at the leaves and every `any` is spelled out.

Source: the engine's own bound is 255 on one condition; beyond it the process dies.
"""

FACTS_PER_RULE = 200
"""Different facts in one rule's condition; the engine takes messages of at most 250 properties."""

RULES_PER_SHARD = 2000
"""Rules of one reason on one level of chaining, which are matched together."""
