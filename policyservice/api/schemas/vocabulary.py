"""What a form is built from: facts, remedies, reasons, trust levels."""

from __future__ import annotations

from marshmallow import fields

from policyservice.api.fields import MoneyString, TrueOrFalse, WholeNumber
from policyservice.api.schemas.base import Strict, one_of
from policyservice.domain.vocabulary import FactType, RemedyKind
from policyservice.rulebook.model import ProvidedBy


class FactSchema(Strict):
    """A fact that rules ask about. Sums are in `currency`, dates YYYY-MM-DD."""

    name = fields.String(required=True)
    title = fields.String(required=True)
    type = one_of(*(kind.value for kind in FactType), required=True)
    provided_by = one_of(*(who.value for who in ProvidedBy), required=True)
    unit = fields.String(required=True, allow_none=True)
    currency = fields.String(required=True, allow_none=True, metadata={"description": "Of the bounds, for money."})
    values = fields.List(fields.String(), required=True, metadata={"description": "Of a code, lowest first."})
    ordered = TrueOrFalse(required=True)
    lowest = fields.Raw(required=True, allow_none=True)
    highest = fields.Raw(required=True, allow_none=True)
    presumed = fields.Raw(required=True, allow_none=True, metadata={"description": "Taken where it is not given."})
    paid_for = fields.List(
        fields.String(), required=True, metadata={"description": "Reasons for which it says what was paid."}
    )


class RemedySchema(Strict):
    """A remedy of the catalogue."""

    name = fields.String(required=True)
    title = fields.String(required=True)
    kind = one_of(*(kind.value for kind in RemedyKind), required=True)
    has_amount = TrueOrFalse(required=True)


class CatalogueReasonSchema(Strict):
    """A reason of the catalogue, with the facts that the rules for it ask about."""

    name = fields.String(required=True)
    title = fields.String(required=True)
    facts = fields.List(fields.String(), required=True)


class TrustLevelSchema(Strict):
    """A step of trust; rank 0 is the lowest."""

    name = fields.String(required=True)
    title = fields.String(required=True)
    rank = WholeNumber(required=True)


class PackSchema(Strict):
    """A pack in force, with what needs no decision where the service cannot be reached."""

    name = fields.String(required=True)
    title = fields.String(required=True)
    currency = fields.String(required=True)
    safe_floor = fields.Dict(keys=fields.String(), values=MoneyString(), required=True)


class VocabularySchema(Strict):
    """The words of the rulebook in force."""

    rules = fields.String(required=True, metadata={"description": "Its digest."})
    facts = fields.List(fields.Nested(FactSchema), required=True)
    remedies = fields.List(fields.Nested(RemedySchema), required=True)
    reasons = fields.List(fields.Nested(CatalogueReasonSchema), required=True)
    trust_levels = fields.List(fields.Nested(TrustLevelSchema), required=True)
    packs = fields.List(fields.Nested(PackSchema), required=True)
