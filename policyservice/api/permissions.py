"""Which role may call what: the one table, shown in docs/reference/http-api.md."""

from __future__ import annotations

from collections.abc import Mapping

from policyservice.access.keys import Role

_UI = frozenset({Role.AGENT_UI})
_DECIDE = frozenset({Role.AGENT_UI, Role.MANAGER, Role.ADMIN})
_MANAGE = frozenset({Role.MANAGER, Role.ADMIN})
OVERSEE = frozenset({Role.MANAGER, Role.ADMIN, Role.FINANCE, Role.AUDITOR})
_EVERYONE = frozenset(Role) - {Role.SYSTEM}
_VERIFY = frozenset({Role.SYSTEM, Role.ADMIN})

METRICS = "GET /metrics"
"""Open, unless `POLICYSERVICE_METRICS` asks for a key: then for the roles in `OVERSEE`."""

ROLES: Mapping[str, frozenset[Role]] = {
    "POST /v1/options": _DECIDE,
    "POST /v1/decisions": _DECIDE,
    "POST /v1/decisions/batch": _DECIDE,
    "GET /v1/decisions": _EVERYONE,
    "GET /v1/decisions/{id}": _EVERYONE,
    "GET /v1/decisions/{id}/explanation": _EVERYONE,
    "POST /v1/decisions/{id}/commit": _DECIDE,
    "POST /v1/decisions/{id}/void": _DECIDE,
    "POST /v1/decisions/{id}/reverse": _DECIDE,
    "POST /v1/decisions/{id}/objections": _DECIDE,
    "GET /v1/objections": OVERSEE,
    "POST /v1/objections/{objection}/answer": _MANAGE,
    "POST /v1/outcomes": _DECIDE,
    "GET /v1/customers/{ref}/history": _EVERYONE,
    "GET /v1/cases/{ref}": _EVERYONE,
    "POST /v1/cases/{ref}/contacts": _DECIDE,
    "POST /v1/contacts/{id}/correct": _DECIDE,
    "POST /v1/cases/{ref}/promises": _DECIDE,
    "GET /v1/promises": _EVERYONE,
    "POST /v1/promises/{promise}/keep": _DECIDE,
    "POST /v1/promises/{promise}/move": _DECIDE,
    "POST /v1/promises/{promise}/break": _DECIDE,
    "PUT /v1/orders/{ref}": _VERIFY,
    "PUT /v1/customers/{ref}": _VERIFY,
    "GET /v1/vocabulary": _EVERYONE,
    "GET /v1/escalations": OVERSEE,
    "GET /v1/escalations/{id}": OVERSEE,
    "POST /v1/escalations/{id}/take": _MANAGE,
    "POST /v1/escalations/{id}/hand-on": _MANAGE,
    "POST /v1/escalations/{id}/contacts": _DECIDE,
    "POST /v1/escalations/{id}/resolve": _MANAGE,
    "POST /v1/escalations/{id}/withdraw": _DECIDE,
    "POST /v1/escalations/{id}/correct": _MANAGE,
    "GET /v1/incidents": _EVERYONE,
    "GET /v1/incidents/{id}": _EVERYONE,
    "GET /v1/incidents/{id}/cases": _EVERYONE,
    "POST /v1/incidents": _MANAGE,
    "POST /v1/incidents/{id}/cases": _DECIDE,
    "POST /v1/incidents/{id}/cases/{ref}/unlink": _DECIDE,
    "POST /v1/incidents/{id}/transition": _MANAGE,
    "POST /v1/incidents/{id}/action": _MANAGE,
    "POST /v1/incidents/{id}/remedy": _MANAGE,
    "POST /v1/incidents/{id}/roll-out": _MANAGE,
    "PUT /v1/agents/{ref}": _MANAGE,
    "GET /v1/agents/{ref}": OVERSEE,
    "POST /v1/grants": _MANAGE,
    "GET /v1/limits": OVERSEE,
    "GET /v1/reports/comparison": OVERSEE,
    "GET /v1/reports/comparison/decisions": OVERSEE,
    "GET /v1/reports/root-causes": OVERSEE,
    "POST /v1/reports/root-causes/measures": _MANAGE,
    "GET /v1/reports/evenness": OVERSEE,
}
"""Operation -> the roles that may call it."""

OPEN = frozenset(
    {
        "GET /openapi.json",
        "GET /docs",
        "GET /docs/assets/{name}",
        "GET /problems/{code}",
        "GET /healthz",
        "GET /readyz",
        METRICS,
    }
)
"""Operations that need no key: they show nothing of customers, agents or money."""

SIGNED = frozenset({"POST /v1/webhooks/surveys/{source}"})
"""Operations whose body is signed in place of a key: what was signed is all that the caller may say."""
