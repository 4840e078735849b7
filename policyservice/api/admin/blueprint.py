"""The blueprint of operators and developers; outside /v1, and without a key."""

from __future__ import annotations

from flask_smorest import Blueprint

bp = Blueprint("admin", __name__, description="For operators and developers; no key is needed.")
