"""Headers that every answer carries."""

from __future__ import annotations

from flask import Flask, Response

ALWAYS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


def register(app: Flask) -> None:
    """Add them to every answer."""
    app.after_request(added)


def added(response: Response) -> Response:
    """The answer with the headers that it does not set itself."""
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    return response
