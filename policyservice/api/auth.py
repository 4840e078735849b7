"""Who calls: the key of a request is known before anything of it is parsed."""

from __future__ import annotations

import re

from flask import Flask, g, request

from policyservice.access import keys
from policyservice.access.authority import require_role
from policyservice.access.keys import ApiKey
from policyservice.api.context import runtime
from policyservice.api.permissions import METRICS, OPEN, OVERSEE, ROLES, SIGNED
from policyservice.domain.errors import NotAuthenticated

_CONVERTER = re.compile(r"<(?:[a-z]+:)?([a-z_]+)>")
_LONGEST_HEADER = 300


def register(app: Flask) -> None:
    """Ask for a key before every call that needs one; refuse to start with a call that the table does not name."""
    missing = sorted(operations(app) - set(ROLES) - OPEN - SIGNED)
    if missing:
        raise RuntimeError(f"api/permissions.py does not say who may call {', '.join(missing)}")
    app.before_request(identify)


def operations(app: Flask) -> set[str]:
    """Every operation of the application, such as "GET /v1/decisions/{id}"."""
    return {
        f"{method} {template(rule.rule)}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def template(rule: str) -> str:
    """A route as the table names it: `/v1/decisions/<id>` is `/v1/decisions/{id}`."""
    return _CONVERTER.sub(r"{\1}", rule)


def identify() -> None:
    """Find the caller, and refuse what its role may not do.

    Raises:
        NotAuthenticated: no key, or one that is not valid now.
        RateLimited: the key has made more calls than it may for now.
        NotAllowed: the key's role is another.
    """
    if request.url_rule is None:
        return  # no such address, or not with this method: answered as such, whoever asks
    method = "GET" if request.method == "HEAD" else request.method
    operation = f"{method} {template(request.url_rule.rule)}"
    if operation in SIGNED:
        return
    if operation in OPEN and not _needs_a_key(operation):
        return
    g.caller = _key_of(request.headers.getlist("Authorization"))
    runtime().rates.spend(g.caller.id, runtime().clock.now())
    require_role(g.caller, *sorted(ROLES.get(operation, OVERSEE)))


def _needs_a_key(operation: str) -> bool:
    """Where the settings ask for a key though most installations need none."""
    return operation == METRICS and runtime().settings.metrics == "key"


def _key_of(headers: list[str]) -> ApiKey:
    if not headers:
        raise NotAuthenticated("The request carries no key.")
    if len(headers) > 1:
        raise NotAuthenticated("The request carries more than one Authorization header.")
    (header,) = headers
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer" or not secret.strip() or len(header) > _LONGEST_HEADER:
        raise NotAuthenticated("The Authorization header is not of the form `Bearer KEY`.")
    services = runtime()
    with services.db.looking() as conn:
        return keys.find(conn, secret.strip(), services.clock.now())
