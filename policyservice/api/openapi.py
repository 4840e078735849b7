"""The OpenAPI 3.1 document, put together from the schemas of the operations."""

from __future__ import annotations

from importlib.metadata import version
from threading import Lock
from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask
from flask_smorest import Api, Blueprint

EXTENSION = "policyservice.openapi"

_ABOUT = """\
Decides in the middle of a conversation what an agent may give a customer on the spot, holds the money against the
limits, and logs the decision.

Sums are decimal strings in the currency named beside them. Instants are RFC 3339. Every refusal is a problem document:
switch on its `code`. A call that holds or moves money needs an `Idempotency-Key`.
"""


def schema_name(schema: Any) -> str:
    """`DecisionSchema` is documented as `Decision`."""
    kind = schema if isinstance(schema, type) else type(schema)
    return str(kind.__name__).removesuffix("Schema")


class Document(Api):  # type: ignore[misc]
    """The API's documentation, put together when it is first asked for: a service that nobody asks starts sooner.

    Errors are answered by `problems`, not by flask-smorest.
    """

    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: Flask, **options: Any) -> None:
        super().__init__(app, **options)
        self._lock = Lock()
        self._waiting: list[Blueprint] = []

    def register_blueprint(self, blueprint: Blueprint) -> None:
        """Add a blueprint to the application; its operations are described later."""
        self._app.register_blueprint(blueprint)
        self._waiting.append(blueprint)

    def described(self) -> dict[str, Any]:
        """The OpenAPI document of everything registered."""
        with self._lock:
            while self._waiting:
                blueprint = self._waiting.pop(0)
                blueprint.register_views_in_doc(self, self._app, self.spec, name=blueprint.name, parameters=None)
                self.spec.tag({"name": blueprint.name, "description": blueprint.description})
            return dict(self.spec.to_dict())

    def _register_error_handlers(self) -> None:
        """Left to `problems.register`."""


def document(app: Flask) -> Document:
    """An empty document for an application; blueprints are registered through it."""
    app.config.update(API_TITLE="policyservice", API_VERSION=version("policyservice"), OPENAPI_VERSION="3.1.0")
    described = Document(
        app,
        spec_kwargs={
            "marshmallow_plugin": MarshmallowPlugin(schema_name_resolver=schema_name),
            "info": {"description": _ABOUT, "license": {"name": "MIT", "identifier": "MIT"}},
            "servers": [{"url": "/"}],
            "security": [{"key": []}],
        },
    )
    described.spec.components.security_scheme(
        "key", {"type": "http", "scheme": "bearer", "description": "A key of `policyservice keys create`."}
    )
    return described
