"""Headers that every answer carries."""

from __future__ import annotations

from flask import Flask, Response

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # An answer is never a page, whatever a browser makes of it; pages state their own policy.
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
}


def register(app: Flask) -> None:
    """Add them to every answer."""
    app.after_request(added)


def added(response: Response) -> Response:
    """The answer with the headers that it does not set itself."""
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    return response
