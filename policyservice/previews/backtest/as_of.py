"""A rulebook as it stands on one day, made timeless: for a history from before its rules were in force."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from policyservice.rulebook.model import DatedValue, Interval, Parameter, Rule, Rulebook


def standing_on(rulebook: Rulebook, day: date) -> Rulebook:
    """The rules in force on `day`, each parameter at its value of that day, whenever a request is made.

    What a fact dates (`in_force_by`) keeps its dates. The digest stays that of the text.
    """
    at = day.toordinal()
    rules = tuple(_timeless(rule) for rule in rulebook.rules if rule.in_force_by or rule.in_force.holds(at))
    parameters = {name: _fixed(found, at) for name, found in rulebook.parameters.items()}
    return replace(rulebook, rules=rules, parameters=parameters)


def anything_in_force(rulebook: Rulebook, day: date) -> bool:
    """Whether any rule is in force on a day by the day itself."""
    at = day.toordinal()
    return any(rule.in_force_by is None and rule.in_force.holds(at) for rule in rulebook.rules)


def _timeless(rule: Rule) -> Rule:
    return rule if rule.in_force_by else replace(rule, in_force=Interval())


def _fixed(parameter: Parameter, at: int) -> Parameter:
    if parameter.in_force_by is not None:
        return parameter
    return replace(parameter, values=(DatedValue(date.min, parameter.at(at)),))
