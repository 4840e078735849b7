"""What belongs to the request being answered: the runtime, the caller, the language."""

from __future__ import annotations

from typing import cast

from flask import current_app, g

from policyservice.access.keys import ApiKey
from policyservice.api.present.vocabularies import Vocabularies
from policyservice.runtime import Runtime

EXTENSION = "policyservice"
VOCABULARIES = "policyservice.vocabularies"


def runtime() -> Runtime:
    """The services of this process."""
    return cast(Runtime, current_app.extensions[EXTENSION])


def vocabularies() -> Vocabularies:
    """The types of facts, by rulebook."""
    return cast(Vocabularies, current_app.extensions[VOCABULARIES])


def caller() -> ApiKey:
    """The key that the request came with; only where `auth` asked for one."""
    return cast(ApiKey, g.caller)


def request_id() -> str:
    """The id under which the request is logged."""
    return cast(str, g.request_id)
