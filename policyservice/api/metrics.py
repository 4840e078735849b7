"""Figures for Prometheus. Labels are names of the rulebook, never references to people.

With several worker processes the figures are shared through files: see `multiprocess.py`.
"""

from __future__ import annotations

from datetime import datetime
from time import perf_counter

import structlog
from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

from policyservice.api.multiprocess import directory
from policyservice.decisions.services import Hooks
from policyservice.domain.case import Request
from policyservice.domain.decision import Decision

EXTENSION = "policyservice.metrics"
CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_NO_ROUTE = "none"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_NO_METHOD = "other"
DISAGREEMENT = "The two evaluators disagree"
"""How `engine.checked` begins to word a fault that is a disagreement."""


class Metrics:
    """What one process counts; `hook` ties it to the decisions, `register` to the requests."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.decisions = Counter(
            "policyservice_decisions_total", "Decisions logged.", ("outcome", "reason"), registry=self.registry
        )
        self.deciding = Histogram(
            "policyservice_decision_seconds",
            "Time to decide, hold and log.",
            registry=self.registry,
            buckets=_SECONDS,
        )
        self.requests = Histogram(
            "policyservice_request_seconds",
            "Time to answer a request.",
            ("method", "route", "status"),
            registry=self.registry,
            buckets=_SECONDS,
        )
        self.faults = Counter(
            "policyservice_engine_faults_total",
            "Decisions escalated because a rule engine failed or the two disagreed.",
            registry=self.registry,
        )
        self.disagreements = Counter(
            "policyservice_evaluator_disagreements_total",
            "Of the engine faults, those where the two evaluators named different rules.",
            registry=self.registry,
        )
        self.holds_ended = Counter(
            "policyservice_holds_ended_total", "Holds whose time ran out.", registry=self.registry
        )
        self.events_sent = Counter(
            "policyservice_events_sent_total", "Events taken at the webhook's address.", registry=self.registry
        )
        self.events_failed = Counter(
            "policyservice_events_failed_total", "Attempts to send an event that failed.", registry=self.registry
        )
        self.unsealed = Gauge(
            "policyservice_log_unsealed_rows",
            "Rows of the log that no seal covers yet, at most.",
            registry=self.registry,
            multiprocess_mode="mostrecent",
        )
        self.sealed_until = Gauge(
            "policyservice_log_sealed_until_timestamp_seconds",
            "Instant before which every row of the log is sealed; 0 before the first look.",
            registry=self.registry,
            multiprocess_mode="mostrecent",
        )
        self.not_summed = Gauge(
            "policyservice_reports_waiting_rows",
            "Rows of the log that are not summed up for reports yet, at most.",
            registry=self.registry,
            multiprocess_mode="mostrecent",
        )
        self.summed_until = Gauge(
            "policyservice_reports_summed_until_timestamp_seconds",
            "Instant before which every row of the log is summed up for reports; 0 before the first look.",
            registry=self.registry,
            multiprocess_mode="mostrecent",
        )

        self.outcomes = Counter(
            "policyservice_outcomes_total",
            "Outcomes told, by what became of them.",
            ("kind", "taken"),
            registry=self.registry,
        )
        self.deliveries = Counter(
            "policyservice_survey_deliveries_total",
            "Deliveries of survey tools.",
            ("source", "result"),
            registry=self.registry,
        )

    def hook(self, hooks: Hooks) -> None:
        """Count what happens to decisions."""
        hooks.decided = self._decided
        hooks.faulted = self._faulted
        hooks.holds_ended = self.holds_ended.inc
        hooks.sealed = self._sealed
        hooks.summed_up = self._summed_up
        hooks.events_sent = self._events_sent
        hooks.outcome_taken = lambda kind, taken: self.outcomes.labels(kind, taken).inc()
        hooks.delivery_answered = lambda source, result: self.deliveries.labels(source, result).inc()

    def register(self, app: Flask) -> None:
        """Time every request by its route."""
        app.after_request(self._answered)

    def exposed(self) -> bytes:
        """The figures in Prometheus' text format, of all worker processes where there are several."""
        if directory() is None:
            return generate_latest(self.registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)

    def _decided(self, asked: Request, decision: Decision, seconds: float) -> None:
        self.decisions.labels(decision.outcome.value, asked.reason).inc()
        self.deciding.observe(seconds)

    def _faulted(self, decision: Decision) -> None:
        self.faults.inc()
        if (decision.fault or "").startswith(DISAGREEMENT):
            self.disagreements.inc()
        structlog.get_logger("policyservice.engine").error("engine fault", decision=decision.id, fault=decision.fault)

    def _sealed(self, unsealed: int, until: datetime) -> None:
        self.unsealed.set(unsealed)
        self.sealed_until.set(until.timestamp())

    def _summed_up(self, waiting: int, until: datetime) -> None:
        self.not_summed.set(waiting)
        self.summed_until.set(until.timestamp())

    def _events_sent(self, delivered: int, failed: int) -> None:
        self.events_sent.inc(delivered)
        self.events_failed.inc(failed)

    def _answered(self, response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else _NO_ROUTE
        method = request.method if request.method in _METHODS else _NO_METHOD  # callers may invent any number of them
        self.requests.labels(method, route, response.status_code).observe(perf_counter() - g.began)
        return response
