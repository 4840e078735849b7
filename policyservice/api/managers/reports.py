"""Reports: what was given beside what escalating costs, where it comes from, and how evenly it was answered."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response

from policyservice.api import examples
from policyservice.api.context import caller, runtime
from policyservice.api.endpoint import Operation, operation
from policyservice.api.language import language
from policyservice.api.managers.blueprint import bp
from policyservice.api.present.reports import presented
from policyservice.api.schemas.reports.asked import BehindQuerySchema, ComparisonQuerySchema, PeriodSchema
from policyservice.api.schemas.reports.causes import CausesSchema, MeasureBodySchema, MeasureSchema
from policyservice.api.schemas.reports.comparison import BehindListSchema, ComparisonSchema
from policyservice.api.schemas.reports.evenness import EvennessSchema
from policyservice.api.wire import answer
from policyservice.reports import documents, measures
from policyservice.reports.asked import FILTERS, By, Wanted, period
from policyservice.reports.behind import behind
from policyservice.reports.causes import causes
from policyservice.reports.comparison import comparison
from policyservice.reports.evenness import evenness
from policyservice.reports.figures import Path

_READ = (401, 403, 422, 500, 503)


@operation(
    bp,
    "GET",
    "/reports/comparison",
    Operation(
        answer=ComparisonSchema,
        query=ComparisonQuerySchema,
        answers={"by reason": examples.COMPARISON},
        refusals=_READ,
        texts=True,
    ),
)
def compare(query: dict[str, Any]) -> Response:
    """What was given, what escalating is estimated to have cost, and what escalations really took

    By period, reason, channel, team and trust level. Booked, estimated and realised figures stand apart and are never
    added up. A key that is bound to agents or teams sees their decisions, and no others.
    """
    spoken, services, wanted = language(), runtime(), _wanted(query)
    with services.db.reading() as conn:
        found = comparison(conn, services, wanted, caller())
    return answer(documents.comparison(found, services.zone, spoken), language=spoken)


@operation(
    bp,
    "GET",
    "/reports/comparison/decisions",
    Operation(
        answer=BehindListSchema,
        query=BehindQuerySchema,
        answers={"one": examples.COMPARISON_DECISIONS},
        refusals=_READ,
    ),
)
def list_behind(query: dict[str, Any]) -> Response:
    """The decisions behind a total, each with what it adds; the newest first

    The address stands in `behind` of each row of the comparison.
    """
    services, wanted = runtime(), _wanted(query)
    path = Path(query["path"]) if "path" in query else None
    with services.db.reading() as conn:
        items, cursor = behind(
            conn, services, wanted, caller(), path=path, cursor=query["cursor"], limit=query["limit"]
        )
        document = presented(conn, documents.behind(items, cursor))
    return answer(document)


@operation(
    bp,
    "GET",
    "/reports/root-causes",
    Operation(
        answer=CausesSchema, query=PeriodSchema, answers={"one": examples.ROOT_CAUSES}, refusals=_READ, texts=True
    ),
)
def list_root_causes(query: dict[str, Any]) -> Response:
    """Reasons ranked by what they cost, with trend, owner, and whether measures against them helped"""
    spoken, services, wanted = language(), runtime(), _wanted(query)
    with services.db.reading() as conn:
        found = causes(conn, services, wanted, _today(), caller())
        document = presented(conn, documents.causes(found, wanted, services.zone, spoken))
    return answer(document, language=spoken)


@operation(
    bp,
    "POST",
    "/reports/root-causes/measures",
    Operation(
        answer=MeasureSchema,
        status=201,
        also=(200,),
        body=MeasureBodySchema,
        examples={"usual": examples.MEASURE},
        answers={"kept": examples.MEASURE_KEPT},
        refusals=(400, 401, 403, 413, 415, 422, 500, 503),
    ),
)
def record_measure(body: dict[str, Any]) -> Response:
    """Keep what was done against a reason, and who answers for it

    The same measure again is answered 200 with the one that is kept.
    """
    services = runtime()
    told = measures.Told(body["reason"], body["taken_on"], body["owner"], body["agent"], body["note"])
    recorded = measures.record(services, told, _today(), caller())
    with services.db.reading() as conn:
        document = presented(conn, documents.measure(recorded.measure))
    return answer(document, 201 if recorded.is_new else 200)


@operation(
    bp,
    "GET",
    "/reports/evenness",
    Operation(
        answer=EvennessSchema, query=PeriodSchema, answers={"one": examples.EVENNESS}, refusals=_READ, texts=True
    ),
)
def list_evenness(query: dict[str, Any]) -> Response:
    """The ten groups of like cases that agents or teams answered most unevenly, with their cases"""
    spoken, services, wanted = language(), runtime(), _wanted(query)
    with services.db.reading() as conn:
        found = evenness(conn, services, wanted, caller())
        document = presented(conn, documents.evenness(found, wanted, services.zone, spoken))
    return answer(document, language=spoken)


def _wanted(query: dict[str, Any]) -> Wanted:
    filters = tuple((name, query[name]) for name in FILTERS if name in query)
    asked = period(query.get("since"), query.get("before"), _today())
    return Wanted(asked, query.get("by", (By.REASON,)), filters)


def _today() -> date:
    services = runtime()
    return services.clock.now().astimezone(services.zone).date()
