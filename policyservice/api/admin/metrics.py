"""Figures for Prometheus."""

from __future__ import annotations

from typing import cast

from flask import Response, current_app

from policyservice.api.admin.blueprint import bp
from policyservice.api.endpoint import Operation, operation
from policyservice.api.metrics import CONTENT_TYPE, EXTENSION, Metrics


@operation(bp, "GET", "/metrics", Operation(media_types=("text/plain",), refusals=(401, 403, 429, 500), keyless=True))
def expose_metrics() -> Response:
    """Counts and times in Prometheus' text format

    Labels are outcomes, reasons and routes; nothing of customers or agents. Keep the address inside your own
    network, or have it ask for a key: `POLICYSERVICE_METRICS`.
    """
    metrics = cast(Metrics, current_app.extensions[EXTENSION])
    return Response(metrics.exposed(), content_type=CONTENT_TYPE)
