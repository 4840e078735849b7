"""The API's own documentation: the OpenAPI document, a page to browse it, a page per problem."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import cast

from flask import Response, current_app, send_from_directory
from werkzeug.exceptions import NotFound

from policyservice.api.admin.blueprint import bp
from policyservice.api.endpoint import Operation, operation
from policyservice.api.openapi import EXTENSION, Document
from policyservice.api.problems import explained
from policyservice.api.wire import answer

STATIC = Path(__file__).parents[1] / "static"
ASSETS = {
    "swagger-ui.css": "swagger-ui/swagger-ui.css",
    "swagger-ui-bundle.js": "swagger-ui/swagger-ui-bundle.js",
    "favicon-32x32.png": "swagger-ui/favicon-32x32.png",
    "docs.js": "docs.js",
    "docs.css": "docs.css",
}
"""What the page loads, all from here: name in the address -> file."""

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="/docs/assets/favicon-32x32.png">
{head}
</head>
<body>
{body}
</body>
</html>
"""
_BROWSER_HEAD = """<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<link rel="stylesheet" href="/docs/assets/docs.css">
<script src="/docs/assets/swagger-ui-bundle.js" defer></script>
<script src="/docs/assets/docs.js" defer></script>"""
_PROBLEM_HEAD = '<link rel="stylesheet" href="/docs/assets/docs.css">'


@operation(bp, "GET", "/openapi.json", Operation(refusals=(500,), keyless=True))
def openapi_document() -> Response:
    """This document"""
    document = cast(Document, current_app.extensions[EXTENSION])
    return answer(document.described())


@operation(bp, "GET", "/docs", Operation(media_types=("text/html",), refusals=(500,), keyless=True))
def docs() -> Response:
    """The operations on a page, to read and to try"""
    return _html(_PAGE.format(title="policyservice API", head=_BROWSER_HEAD, body='<main id="operations"></main>'))


@operation(
    bp,
    "GET",
    "/docs/assets/<name>",
    Operation(media_types=("text/css", "text/javascript", "image/png"), refusals=(404, 500), keyless=True),
)
def docs_asset(name: str) -> Response:
    """A file of the page"""
    if name not in ASSETS:
        raise NotFound
    return send_from_directory(STATIC, ASSETS[name], max_age=86400)


@operation(bp, "GET", "/problems/<code>", Operation(media_types=("text/html",), refusals=(404, 500), keyless=True))
def problem_page(code: str) -> Response:
    """What the type of a problem points to: what it means"""
    found = explained(code)
    if found is None:
        raise NotFound
    body = (
        f"<main class='problem'><h1>{escape(found.title)}</h1>"
        f"<p>Code <code>{escape(code)}</code>, status {found.status}.</p>"
        f"<p>{escape(found.meaning)}</p><p><a href='/docs'>The operations</a></p></main>"
    )
    return _html(_PAGE.format(title=escape(found.title), head=_PROBLEM_HEAD, body=body))


def _html(page: str) -> Response:
    response = Response(page, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response
