"""The blueprint of agent UIs."""

from __future__ import annotations

from flask_smorest import Blueprint

bp = Blueprint("agents", __name__, url_prefix="/v1", description="For agent UIs, in the middle of a conversation.")
