"""The blueprint of managers."""

from __future__ import annotations

from flask_smorest import Blueprint

bp = Blueprint(
    "managers", __name__, url_prefix="/v1", description="For managers: who may act, how far, and what waits for them."
)
