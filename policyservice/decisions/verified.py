"""Lays what the company's own systems say over what a caller stated, and keeps where the two differ.

A verified fact wins. What was stated otherwise stands beside it in the context that is logged, so that the conflict can
be shown for as long as the log lasts; a replay needs nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple
from unicodedata import normalize

from policyservice.cases import conflicts, verified
from policyservice.cases.conflicts import Conflict
from policyservice.cases.verified import VerifiedFacts
from policyservice.db.prepared import Writes
from policyservice.decisions import masking
from policyservice.decisions.values import a_fact
from policyservice.domain.case import Request
from policyservice.domain.decision import Context, Verified
from policyservice.domain.errors import InvalidRequest
from policyservice.domain.pseudonyms import PersonalKind, Pseudonyms
from policyservice.domain.vocabulary import FactType, FactValue
from policyservice.engine.compiled import CompiledRulebook
from policyservice.personal.kept import Personal
from policyservice.rulebook.model import ProvidedBy, Rulebook

COLUMNS = (verified.record_of("of_customer"), verified.record_of("of_order"))
"""What the look at what a decision stands on reads besides: two looks into one index, none where nothing is named."""

Records = tuple[str | None, str | None]
"""The values of `COLUMNS`: what is kept of the customer and of the order."""
NOTHING: Records = (None, None)
NOBODY: Mapping[str, str | None] = {"of_customer": None, "of_order": None}
"""`sought` where nobody is named."""
_OF = (PersonalKind.CUSTOMER, PersonalKind.ORDER)  # what is said of the order stands over what is said of the customer


class Subjects(NamedTuple):
    """The customer and the order of a request, as they were sent."""

    customer: object = None
    order: object = None

    @classmethod
    def of(cls, raw: Mapping[str, object]) -> Subjects:
        """Those of a body."""
        return cls(raw.get("customer"), raw.get("order"))


class Known(NamedTuple):
    """A masked request with verified facts in it, what was taken out, and where each verified fact is from."""

    request: Request
    personal: Personal
    verified: Mapping[str, Verified]


def sought(pseudonyms: Pseudonyms, subjects: Subjects) -> dict[str, str | None]:
    """The values that `COLUMNS` is asked with; null where nothing is named, or what cannot be a reference."""
    customer, order = (
        pseudonyms.of(kind, normalize("NFC", plain)) if isinstance(plain, str) and plain.isprintable() else None
        for kind, plain in zip(_OF, subjects, strict=True)
    )
    return {"of_customer": customer, "of_order": order}


def known(pseudonyms: Pseudonyms, plain: Request, records: Records, book: CompiledRulebook) -> Known:
    """The request as it is decided: masked, with what is verified instead of or beside what was stated."""
    if records == NOTHING:
        return Known(*masking.mask(pseudonyms, plain, book.texts_compared), {})
    facts, sources = _laid_over(plain, records, book.rulebook)
    masked = masking.mask(pseudonyms, replace(plain, facts=facts), book.texts_compared)
    stated = {name: source.stated for name, source in sources.items() if source.stated is not None}
    hidden = masking.mask(pseudonyms, replace(plain, facts=stated, justification=None), book.texts_compared)
    sources = {
        name: replace(source, stated=hidden.request.facts.get(name, source.stated)) for name, source in sources.items()
    }
    texts = (*masked.personal.texts, *hidden.personal.texts)
    return Known(masked.request, Personal(masked.personal.references, texts), sources)


def conflicting(sources: Mapping[str, Verified]) -> Mapping[str, Verified]:
    """The verified facts of a decision that were stated otherwise, by name."""
    return {name: source for name, source in sorted(sources.items()) if source.stated is not None}


def keep_conflicts(writes: Writes, request: Request, context: Context, now: datetime) -> None:
    """Have kept what was stated otherwise than it is verified, beside the decision of this context."""
    for name, source in conflicting(context.sources).items() if context.sources else ():
        assert request.case is not None
        assert request.agent is not None
        team = context.agent.team if context.agent else None
        conflicts.add(
            writes,
            Conflict(context.id, now, request.case, request.customer, request.agent, team, name, source.source),
        )


def readable(record: VerifiedFacts, rulebook: Rulebook, currency: str) -> dict[str, FactValue]:
    """The facts of a record that a decision in a currency may use, as the engine takes them.

    A fact that the rulebook does not know any more, or knows otherwise, is not used; nor is money in another currency.
    """
    found: dict[str, FactValue] = {}
    for name, value in record.facts.items():
        read = _read(record, rulebook, currency, name, value)
        if read is not None:
            found[name] = read
    return found


def _read(record: VerifiedFacts, rulebook: Rulebook, currency: str, name: str, value: Any) -> FactValue | None:
    fact = rulebook.facts.get(name)
    if fact is None or fact.provided_by is ProvidedBy.RULES:
        return None
    if fact.type is FactType.MONEY and record.currency != currency:
        return None
    try:
        return a_fact(name, fact, value, currency)
    except InvalidRequest:
        return None


def _laid_over(
    plain: Request, records: Records, rulebook: Rulebook
) -> tuple[dict[str, FactValue], dict[str, Verified]]:
    facts = dict(plain.facts)
    sources: dict[str, Verified] = {}
    for kind, text in zip(_OF, records, strict=True):
        if text is None:
            continue
        record = verified.read(text)
        for name, value in readable(record, rulebook, plain.currency).items():
            facts[name] = value
            stated = plain.facts.get(name)
            differs = stated is not None and (stated != value or type(stated) is not type(value))
            sources[name] = Verified(record.source, record.at, kind.value, stated if differs else None)
    return facts, sources
