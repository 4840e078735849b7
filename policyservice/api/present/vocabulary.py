"""The words of a rulebook as they are sent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from policyservice.domain.money import decimal_string
from policyservice.domain.vocabulary import FactType, FactValue
from policyservice.engine.compiled import CompiledRulebook
from policyservice.engine.shards import Shards
from policyservice.rulebook.model import Fact, Pack, ProvidedBy, Rulebook


def vocabulary(book: CompiledRulebook, language: str) -> dict[str, Any]:
    """`VocabularySchema`: everything a form needs, by name."""
    rulebook = book.rulebook
    facts = sorted(rulebook.facts.values(), key=lambda fact: fact.name)
    remedies = sorted(rulebook.remedies.values(), key=lambda remedy: remedy.name)
    return {
        "rules": rulebook.digest,
        "facts": [_fact(fact, rulebook, language) for fact in facts],
        "remedies": [
            {
                "name": remedy.name,
                "title": remedy.title.get(language),
                "kind": remedy.kind.value,
                "has_amount": remedy.has_amount,
            }
            for remedy in remedies
        ],
        "reasons": _reasons(book, language),
        "trust_levels": [
            {"name": level.name, "title": level.title.get(language), "rank": level.rank}
            for level in rulebook.trust_levels
        ],
        "packs": [_pack(pack, language) for pack in rulebook.packs],
    }


def _reasons(book: CompiledRulebook, language: str) -> list[dict[str, Any]]:
    shards = Shards(book.rulebook)
    return [
        {
            "name": reason.name,
            "title": reason.title.get(language),
            "facts": _askable(
                book.rulebook,
                {name for rule in shards.of(reason.name) for name in book.reads[rule.id]},
                book.paid_fact[reason.name],
            ),
        }
        for reason in sorted(book.rulebook.reasons.values(), key=lambda reason: reason.name)
    ]


def _askable(rulebook: Rulebook, names: Iterable[str], paid: str | None) -> list[str]:
    """The facts worth asking for: those a caller may provide."""
    wanted = {*names, paid} if paid is not None else set(names)
    return sorted(
        name for name in wanted if name in rulebook.facts and rulebook.facts[name].provided_by is not ProvidedBy.RULES
    )


def _fact(fact: Fact, rulebook: Rulebook, language: str) -> dict[str, Any]:
    currency = rulebook.pack(fact.pack).currency if fact.type is FactType.MONEY else None
    return {
        "name": fact.name,
        "title": fact.title.get(language),
        "type": fact.type.value,
        "provided_by": fact.provided_by.value,
        "unit": fact.unit,
        "currency": currency,
        "values": list(fact.values),
        "ordered": fact.ordered,
        "lowest": _value(fact.lowest, fact.type, currency),
        "highest": _value(fact.highest, fact.type, currency),
        "presumed": _value(fact.presume, fact.type, currency),
        "paid_for": list(fact.bounds_refunds_of),
    }


def _value(value: FactValue | None, kind: FactType, currency: str | None) -> Any:
    if value is None:
        return None
    if currency is not None:
        return decimal_string(int(value), currency)
    return date.fromordinal(int(value)).isoformat() if kind is FactType.DATE else value


def _pack(pack: Pack, language: str) -> dict[str, Any]:
    floor = {remedy: decimal_string(minor, pack.currency) for remedy, minor in sorted(pack.safe_floor.items())}
    return {
        "name": pack.name,
        "title": pack.title.get(language),
        "currency": pack.currency,
        "safe_floor": floor,
    }
