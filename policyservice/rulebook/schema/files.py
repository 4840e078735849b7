"""What each kind of file may hold: one definition per kind."""

from __future__ import annotations

from policyservice.rulebook.schema.bounding import COSTS, LIMITS
from policyservice.rulebook.schema.declaring import CATALOGUE, PACK, PARAMETERS, VOCABULARY
from policyservice.rulebook.schema.proving import INVARIANTS
from policyservice.rulebook.schema.ruling import RULES
from policyservice.rulebook.schema.shapes import Record
from policyservice.rulebook.schema.testing import TESTS

FILES: dict[str, Record] = {
    "pack": PACK,
    "vocabulary": VOCABULARY,
    "catalogue": CATALOGUE,
    "rules": RULES,
    "parameters": PARAMETERS,
    "limits": LIMITS,
    "costs": COSTS,
    "tests": TESTS,
    "invariants": INVARIANTS,
}
"""The shape of one document, by kind of file: the first segment of its path without ".yaml"."""
