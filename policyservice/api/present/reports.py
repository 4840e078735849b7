"""Reports with what is kept of their references and texts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from policyservice.personal.shown import shown


def presented(conn: Connection, document: dict[str, Any]) -> dict[str, Any]:
    """A report as it is answered: references and texts in the place of pseudonyms and seals."""
    found: dict[str, Any] = shown(conn, document)
    for item in found.get("items", [found]):
        for measure in item.get("measures", [item]):
            if isinstance(measure.get("owner"), dict):
                measure["owner"] = measure["owner"]["agent"]
    return found
