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

FACTS_PER_RULE = 190
"""Different facts in one rule's condition; the engine takes 200 properties, some of which the service adds."""

DEMANDS_PER_RULE = 190
"""Comparisons that must hold side by side in one branch of a rule; a value of `none_of` is one.

Source: measured on the engine, which holds 198 beside what the service adds.
"""

TEXT_COMPARED = 2000
"""Characters of a text that a condition compares with; the engine counts the bytes of a text in 16 bits."""

RULES_PER_SHARD = 2000
"""Rules of one reason on one level of chaining, which are matched together."""
