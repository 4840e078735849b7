"""A condition that stands alone, outside every pack: read and checked as the conditions of rules are."""

from __future__ import annotations

from policyservice.domain.errors import FieldProblem
from policyservice.rulebook.model import Condition, Rulebook
from policyservice.rulebook.problems import Problems
from policyservice.rulebook.read.conditions import condition, is_positive
from policyservice.rulebook.read.names import Names
from policyservice.rulebook.read.reading import Reading
from policyservice.rulebook.schema.expressions import CONDITION
from policyservice.rulebook.text.nodes import Mapped
from policyservice.rulebook.text.parse import parse

_FILE = "rule"


def condition_alone(field: str, text: str, rulebook: Rulebook, currency: str) -> Condition:
    """What a text such as `{reason: service.interrupted, area.code: one}` demands, under a rulebook's vocabulary.

    Raises:
        FieldProblem: it cannot be read, names what is not declared, or holds for every case; says where and why.
    """
    problems = Problems()
    documents = parse(text, _FILE, problems)
    cleaned = CONDITION.clean(documents[0], problems) if documents and len(documents) == 1 else None
    if not isinstance(cleaned, Mapped):
        raise FieldProblem(field, _said(problems) or "expected one condition such as {order.days_late: {at_least: 4}}.")
    found = condition(Reading("", currency, _names(rulebook, problems)), cleaned)
    if len(problems):
        raise FieldProblem(field, _said(problems))
    if not is_positive(found):
        raise FieldProblem(field, "compares no fact in every branch; name what the cases have in common.")
    return found


def _names(rulebook: Rulebook, problems: Problems) -> Names:
    names = Names(problems)
    names.facts = dict(rulebook.facts)
    names.reckoned = dict(rulebook.reckoned)
    names.reasons = dict(rulebook.reasons)
    names.parameters = dict(rulebook.parameters)
    return names


def _said(problems: Problems) -> str:
    return "; ".join(str(problem) for problem in problems.sorted())
