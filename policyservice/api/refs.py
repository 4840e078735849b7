"""References in the address of a call."""

from __future__ import annotations

import re

from werkzeug.routing import BaseConverter, PathConverter

from policyservice.decisions.values import a_reference
from policyservice.domain.errors import NotFound

_ID = re.compile(r"[a-z]{2,10}_[0-9a-zA-Z]{1,29}\Z")


class AnyText(PathConverter):
    """A part of an address that may be any text, slashes and line breaks too: what is no reference is refused as one.

    Werkzeug's own `path` knows no address with a line break in it, or with a slash at the beginning.
    """

    regex = r"[\s\S]+?"
    part_isolating = False


class Subject(AnyText):
    """A case or a customer by any text that does not end in the name of a call beneath it."""

    regex = r"[\s\S]+?(?<!/contacts)(?<!/promises)(?<!/history)"


class DecisionId(BaseConverter):
    """The id of a decision, or what cannot be one; never the name of a call beside it."""

    regex = "(?!batch$)[^/]+"


def decision_id(text: str) -> str:
    """The id of a decision.

    Raises:
        NotFound: it cannot be one.
    """
    return _id("decision", text)


def escalation_id(text: str) -> str:
    """The id of an escalation; errors as `decision_id`."""
    return _id("escalation", text)


def promise_id(text: str) -> str:
    """The id of a promise; errors as `decision_id`."""
    return _id("promise", text)


def contact_id(text: str) -> str:
    """The id of a contact; errors as `decision_id`."""
    return _id("contact", text)


def objection_id(text: str) -> str:
    """The id of an objection; errors as `decision_id`."""
    return _id("objection", text)


def incident_id(text: str) -> str:
    """The id of an incident; errors as `decision_id`."""
    return _id("incident", text)


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
