"""Is it up?"""

from __future__ import annotations

from marshmallow import fields

from policyservice.api.schemas.base import Strict, one_of


class AliveSchema(Strict):
    """The process answers."""

    status = one_of("ok", required=True)


class ReadySchema(Strict):
    """Decisions can be made."""

    status = one_of("ok", required=True)
    checks = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
