"""Takes what points to a person out of a request, once, before anything is decided, counted or logged.

Engine, ledger and log see pseudonyms and seals; what was taken out is kept beside the log (`personal.kept`). Rules see
the same facts: a text that no rule compares with anything is as good sealed as plain, and one that a rule names is a
word of the rulebook and stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Connection

from policyservice.decisions.codec import decode, encode
from policyservice.domain.case import Request
from policyservice.domain.pseudonyms import PersonalKind, Pseudonyms, Reference, SealedText
from policyservice.domain.vocabulary import FactValue
from policyservice.personal.kept import Personal
from policyservice.personal.shown import shown

_NOTHING: Mapping[str, frozenset[str]] = {}


class Masked(NamedTuple):
    """A request as engine, ledger and log see it, and what was taken out of it."""

    request: Request
    personal: Personal


def mask(pseudonyms: Pseudonyms, request: Request, texts_compared: Mapping[str, frozenset[str]] = _NOTHING) -> Masked:
    """A request with pseudonyms for its references and seals for its free text.

    `texts_compared` has the text facts of the rulebook with the words its rules compare them with
    (`CompiledRulebook.texts_compared`). References that are pseudonyms already stay as they are.
    """
    references: list[Reference] = []
    texts: list[SealedText] = []

    def reference(kind: PersonalKind, plain: str | None) -> str | None:
        if plain is None:
            return None
        made = pseudonyms.reference(kind, plain)
        references.append(made)
        return made.pseudonym

    def sealed(body: str) -> str:
        made = pseudonyms.seal(body)
        texts.append(made)
        return made.seal

    def fact(name: str, value: FactValue) -> FactValue:
        words = texts_compared.get(name)
        return value if words is None or value in words else sealed(str(value))

    facts = {name: fact(name, value) for name, value in request.facts.items()} if texts_compared else request.facts
    masked = replace(
        request,
        agent=reference(PersonalKind.AGENT, request.agent),
        customer=reference(PersonalKind.CUSTOMER, request.customer),
        case=reference(PersonalKind.CASE, request.case),
        order=reference(PersonalKind.ORDER, request.order),
        justification=None if request.justification is None else sealed(request.justification),
        facts=facts,
    )
    return Masked(masked, Personal(tuple(references), tuple(texts)))


def unmasked(conn: Connection, request: Request) -> Request:
    """A logged request with what is still kept of its references and texts; a pseudonym stays where nothing is.

    A text that was erased is left out.
    """
    plain = shown(conn, encode(request))
    plain["facts"] = {name: value for name, value in plain.get("facts", {}).items() if value is not None}
    return decode(Request, plain)
