"""Every sentence of the handbook that no rule writes, in English and Finnish: one catalogue.

Names of facts stand in quotation marks beside a value, since Finnish would inflect them inside a sentence.
"""

from __future__ import annotations

from policyservice.assurance.handbook.phrases import bounds, page, rules

CATALOGUE = {
    **rules.CONDITIONS,
    **rules.AMOUNTS,
    **rules.EFFECTS,
    **rules.FACTS,
    **bounds.LIMITS,
    **bounds.SETTINGS,
    **page.LABELS,
}
"""A sentence by its name; parts to be filled in stand in braces."""
