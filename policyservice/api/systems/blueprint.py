"""The blueprint of the company's own systems."""

from __future__ import annotations

from flask_smorest import Blueprint

bp = Blueprint(
    "systems",
    __name__,
    url_prefix="/v1",
    description="For the company's own systems: verified facts of orders, customers.",
)
