"""References in the address of a call."""

from __future__ import annotations

import re

from policyservice.decisions.values import a_reference
from policyservice.domain.errors import NotFound

_ID = re.compile(r"[a-z]{2,10}_[0-9a-zA-Z]{1,29}\Z")


def decision_id(text: str) -> str:
    """The id of a decision.

    Raises:
        NotFound: it cannot be one.
    """
    return _id("decision", text)


def escalation_id(text: str) -> str:
    """The id of an escalation; errors as `decision_id`."""
    return _id("escalation", text)


def ref(text: str) -> str:
    """A reference of the caller's systems.

    Raises:
        FieldProblem: it is none.
    """
    return a_reference("ref", text)


def _id(kind: str, text: str) -> str:
    if not _ID.match(text):
        raise NotFound(kind, text)
    return text
