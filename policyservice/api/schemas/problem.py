"""The shape of a problem document."""

from __future__ import annotations

from marshmallow import fields

from policyservice.api.schemas.base import Strict


class FieldAtFaultSchema(Strict):
    """One field that cannot be taken as it is."""

    field = fields.String(required=True, metadata={"description": "Dotted path into the body, or a parameter's name."})
    message = fields.String(required=True)


class ProblemSchema(Strict):
    """RFC 9457 problem details. Switch on `code`, never on the words."""

    type = fields.String(required=True, metadata={"format": "uri-reference", "description": "/problems/CODE"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    instance = fields.String(required=True, metadata={"format": "uri-reference"})
    code = fields.String(required=True)
    errors = fields.List(fields.Nested(FieldAtFaultSchema))
