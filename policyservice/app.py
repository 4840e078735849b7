"""Puts the service together as one Flask application; no logic."""

from __future__ import annotations

from flask import Flask

from policyservice.api import (
    admin,
    agents,
    auth,
    context,
    headers,
    logging,
    managers,
    metrics,
    openapi,
    problems,
    refs,
    systems,
)
from policyservice.api.present.vocabularies import Vocabularies
from policyservice.runtime import Runtime


def create_app(runtime: Runtime) -> Flask:
    """The application that answers for a runtime; the runtime is closed by whoever started it."""
    app = Flask("policyservice", static_folder=None)
    # One byte more than is taken: a body in chunks is cut off there without a word, and `endpoint` sees it is longer.
    app.config["MAX_CONTENT_LENGTH"] = runtime.settings.max_body_bytes + 1
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.merge_slashes = False
    app.url_map.converters = {
        **app.url_map.converters,
        "path": refs.AnyText,
        "subject": refs.Subject,
        "decision": refs.DecisionId,
    }
    counted = metrics.Metrics()
    counted.hook(runtime.hooks)
    app.extensions[context.EXTENSION] = runtime
    app.extensions[context.VOCABULARIES] = Vocabularies(runtime)
    app.extensions[metrics.EXTENSION] = counted

    logging.register(app)
    counted.register(app)
    headers.register(app)
    problems.register(app)
    documented = openapi.document(app)
    for audience in (agents, managers, systems, admin):
        documented.register_blueprint(audience.bp)
    app.extensions[openapi.EXTENSION] = documented
    auth.register(app)
    return app
