"""Differences in plain English, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policyservice.assurance.differences.classes import Class, Undecided
from policyservice.assurance.differences.declared import Declared
from policyservice.assurance.differences.find import Differences
from policyservice.domain.decision import Decision, Outcome
from policyservice.domain.money import decimal_string
from policyservice.rulebook.model import Rulebook


def told(found: Differences, new: Rulebook) -> Iterator[str]:
    """What is declared otherwise, then each class with its example, as paragraphs."""
    for one in found.declared:
        yield _declared(one)
    for number, case in enumerate(found.classes, start=1):
        yield f"\n{number}. {_class(case)}\n{_example(case, new)}"
    for unknown in found.undecided:
        yield f"\n{_undecided(unknown)}"


def as_json(found: Differences, new: Rulebook) -> dict[str, object]:
    """The same as a document; sums as decimal strings."""
    return {
        "declared": [
            {"kind": one.kind, "added": one.added, "removed": one.removed, "changed": one.changed}
            for one in found.declared
        ],
        "classes": [
            {
                "reason": one.reason,
                "remedy": one.remedy,
                "currency": one.currency,
                "trust_levels": one.trust_levels,
                "old": _decision(one.old),
                "new": _decision(one.new),
                "old_rules": one.old_rules,
                "new_rules": one.new_rules,
                "more": one.more,
                "example": one.case.as_policy_test(new, _name(one), _expected(one.new)),
            }
            for one in found.classes
        ],
        "undecided": [_undecided(one) for one in found.undecided],
    }


# --- sentences -------------------------------------------------------------------------------------------


def _declared(one: Declared) -> str:
    parts = (("added", one.added), ("removed", one.removed), ("changed", one.changed))
    return f"{one.kind}: " + "; ".join(f"{how} {', '.join(names)}" for how, names in parts if names)


def _class(one: Class) -> str:
    levels = [level for level in one.trust_levels if level is not None]
    who = f", trust level {_listed(levels)}" if levels else ""
    asked = "" if one.case.amount_minor is None else ", where a sum is asked for"
    return f"{one.remedy} for {one.reason}{who}{asked}: {_answers(one)}.{_rules(one)}"


def _answers(one: Class) -> str:
    old, new = _outcome(one.old), _outcome(one.new)
    more = {1: ", more than before", -1: ", less than before", 0: ""}[one.more]
    return f"{old} -> {new}{more if one.old.outcome is one.new.outcome else ''}"


def _outcome(decision: Decision) -> str:
    basis = f" by {decision.basis}" if decision.basis is not None else ""
    if decision.outcome is not Outcome.ALLOW:
        return {Outcome.DENY: "denied", Outcome.ESCALATE: "escalated"}[decision.outcome] + basis
    if decision.amount_minor is None:
        return f"allowed{basis}"
    return f"{decimal_string(decision.amount_minor, decision.currency)} {decision.currency} allowed{basis}"


def _rules(one: Class) -> str:
    if not one.old_rules and not one.new_rules:
        return " No rule that changed fires."
    if one.old_rules == one.new_rules:
        return f" Of the rules that changed there fires {_listed(one.old_rules)}."
    before, after = _listed(one.old_rules) or "none", _listed(one.new_rules) or "none"
    return f" Of the rules that changed there fired {before}; now {after}."


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)


def _example(one: Class, new: Rulebook) -> str:
    return one.case.as_policy_test(new, _name(one), _expected(one.new)).rstrip("\n")


def _name(one: Class) -> str:
    asks = "of a sum" if one.case.amount_minor is not None else ""
    words = f"{one.remedy} {asks} for {one.reason} was {one.old.outcome} and is {one.new.outcome}"
    return " ".join(words.split())


def _expected(decision: Decision) -> str:
    parts = [f"outcome: {decision.outcome}"]
    if decision.outcome is Outcome.ALLOW and decision.amount_minor is not None:
        parts.append(f"amount: {decimal_string(decision.amount_minor, decision.currency)}")
    return f"{{{', '.join(parts)}}}"


def _decision(decision: Decision) -> dict[str, object]:
    def stated(minor: int | None) -> str | None:
        return None if minor is None else decimal_string(minor, decision.currency)

    return {
        "outcome": decision.outcome,
        "amount": stated(decision.amount_minor),
        "available": stated(decision.available_minor),
        "basis": decision.basis,
    }


def _undecided(one: Undecided) -> str:
    level = "" if one.picked.trust_level is None else f", trust level {one.picked.trust_level}"
    about = f"{one.picked.remedy} for {one.picked.reason} in {one.picked.currency}{level}"
    return f"{about}: {'there are more classes' if one.more_than_told else 'the solver gave up'}."
