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
from policyservice.domain.errors import FieldError, LogUnavailable, PolicyServiceError


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
        answers={
            "ready": {
                "status": "ok",
                "checks": {"database": "ok", "writes": "ok", "migrations": "ok", "rulebook": "ok"},
            }
        },
        refusals=(500, 503),
        keyless=True,
    ),
)
def ready() -> Response:
    """Decisions can be made: the database answers and writes, its schema is this version's, a rulebook is in force

    503 names the checks that failed; the first of them alone where the database does not answer.
    """
    services = runtime()
    results: dict[str, str | None] = {}
    for name, check in CHECKS.items():
        results[name] = _outcome(check, services)
        if name == "database" and results[name] is not None:
            break  # each of the others would wait for it again
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


def _writes(services: Services) -> None:
    if services.db.refused_within(_REFUSAL_LASTS_SECONDS):
        raise LogUnavailable()
    if not services.db.wrote_within(_WRITE_LASTS_SECONDS):
        migrate.touch(services.db)


def _migrations(services: Services) -> None:
    migrate.require_current(services.db)


def _rulebook(services: Services) -> None:
    with services.db.reading() as conn:
        policy = policy_in_force(conn, services.clock.now())
        services.rulebooks.ready(conn, policy.rules, policy.costs)


_REFUSAL_LASTS_SECONDS = 2
"""How long a transaction that could not be written counts: there may be room for the row of `touch` and no other."""
_WRITE_LASTS_SECONDS = 1
"""How long a transaction that was written proves that it can: nobody makes the service write by asking how it is."""

CHECKS: dict[str, Callable[[Services], None]] = {
    "database": _database,
    "writes": _writes,
    "migrations": _migrations,
    "rulebook": _rulebook,
}
"""What must be right before a decision can be made, in the order it is looked at."""
