"""Is the process up, and can it decide?"""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, g

from policyservice.api.admin.blueprint import bp
from policyservice.api.context import runtime
from policyservice.api.endpoint import Operation, operation
from policyservice.api.problems import NOT_READY, problem
from policyservice.api.schemas.health import AliveSchema, ReadySchema
from policyservice.api.wire import answer
from policyservice.db import migrate
from policyservice.decisions.policy import policy_in_force
from policyservice.decisions.services import Services
from policyservice.domain.errors import FieldError, PolicyServiceError


@operation(
    bp,
    "GET",
    "/healthz",
    Operation(answer=AliveSchema, answers={"up": {"status": "ok"}}, refusals=(500,), keyless=True),
)
def alive() -> Response:
    """The process answers; it asks nothing of the database"""
    return answer({"status": "ok"})


@operation(
    bp,
    "GET",
    "/readyz",
    Operation(
        answer=ReadySchema,
        answers={"ready": {"status": "ok", "checks": {"database": "ok", "migrations": "ok", "rulebook": "ok"}}},
        refusals=(500, 503),
        keyless=True,
    ),
)
def ready() -> Response:
    """Decisions can be made: the database answers, its schema is this version's, a rulebook is in force

    503 names the checks that failed.
    """
    services = runtime()
    results = {name: _outcome(check, services) for name, check in CHECKS.items()}
    failed = [FieldError(name, message) for name, message in results.items() if message is not None]
    if failed:
        g.problem = NOT_READY.code
        return problem(503, NOT_READY.code, NOT_READY.title, NOT_READY.detail, failed)
    return answer({"status": "ok", "checks": dict.fromkeys(results, "ok")})


def _outcome(check: Callable[[Services], None], services: Services) -> str | None:
    """What is wrong; None where nothing is."""
    try:
        check(services)
    except PolicyServiceError as error:
        return error.without_values
    except Exception as error:  # a table that is missing, say: still an answer about readiness
        return f"{type(error).__name__}: see the log."
    return None


def _database(services: Services) -> None:
    with services.db.reading() as conn:
        conn.exec_driver_sql("SELECT 1")


def _migrations(services: Services) -> None:
    migrate.require_current(services.db)


def _rulebook(services: Services) -> None:
    with services.db.reading() as conn:
        policy = policy_in_force(conn, services.clock.now())
        services.rulebooks.ready(conn, policy.rules, policy.costs)


CHECKS: dict[str, Callable[[Services], None]] = {
    "database": _database,
    "migrations": _migrations,
    "rulebook": _rulebook,
}
"""What must be right before a decision can be made, in the order it is looked at."""
