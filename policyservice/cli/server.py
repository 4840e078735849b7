"""The service under gunicorn, as an application embedded in this command: no configuration file, no second command."""

from __future__ import annotations

import gc
import logging
import shutil
import tempfile
from pathlib import Path
from typing import Any

from gunicorn import glogging
from gunicorn.app.base import BaseApplication
from werkzeug.exceptions import BadRequest

from policyservice.api import logging as logs
from policyservice.api import multiprocess, problems
from policyservice.cli.ways import is_in_the_open, is_open
from policyservice.cli.worker import SHARES, UNREADABLE, Worker
from policyservice.config import Settings
from policyservice.decisions.policy import policy_in_force
from policyservice.domain.errors import InvalidSettings, PolicyServiceError
from policyservice.runtime import Runtime

_GRACE_SECONDS = 30
"""How long a request under way may take to finish when the service is told to end."""
_WORKER_SILENT_SECONDS = 60
_KEEP_ALIVE_SECONDS = 15
_SEARCH_AFTER = 20_000
"""Objects made, and not gone by themselves, before unreachable ones among them are searched for."""
_SERVER_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


class Server(BaseApplication):
    """Worker processes with threads; each makes its own runtime after the fork, so that nothing is inherited.

    What must not be shared between processes is never opened before: database connections and durable_rules.

    Raises:
        InvalidSettings: there is no folder for temporary files.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._figures = _folder_for_figures()
        self._runtime: Runtime | None = None  # a worker's own
        multiprocess.prepare(self._figures)
        logs.configure(settings.log_level)
        logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of every look at the schema
        tell_of_open_ways(settings)
        super().__init__(prog="policyservice")

    def load_config(self) -> None:
        """Hand the settings to gunicorn."""
        for name, value in options_of(self._settings).items():
            self.cfg.set(name, value)
        self.cfg.set("worker_exit", lambda arbiter, worker: self._close())
        self.cfg.set("child_exit", lambda arbiter, worker: SHARES.forget(worker.age))  # also one that was killed
        # In the first process alone: a worker leaves by way of the code around `run`, too.
        self.cfg.set("on_exit", lambda arbiter: shutil.rmtree(self._figures, ignore_errors=True))

    def load(self) -> Any:
        """The application of one worker; called in the worker itself."""
        from policyservice.app import create_app  # after `multiprocess.prepare`, which it looks for

        self._runtime = Runtime.start_to_serve(self._settings)
        app = create_app(self._runtime)
        for kind in UNREADABLE:  # a body in chunks that are none, or that breaks off
            app.register_error_handler(kind, lambda error: problems.of_http(BadRequest()))
        make_ready(self._runtime)
        self._runtime.start_sweeper()
        self._runtime.start_sealer()
        self._runtime.start_sender()
        spare_what_stays()
        return app

    def _close(self) -> None:
        if self._runtime is not None:
            self._runtime.close()


def _folder_for_figures() -> Path:
    """A folder in which the processes share what they count; gunicorn keeps its files beside it."""
    try:
        return Path(tempfile.mkdtemp(prefix="policyservice-figures-"))
    except OSError as error:  # a container that may only be read, without a /tmp of its own
        raise InvalidSettings(
            "TMPDIR", "a folder to write temporary files to, and neither it nor /tmp is one"
        ) from error


class Log(glogging.Logger):
    """gunicorn's own events, among the structured logs of the service instead of in a form of their own."""

    def setup(self, cfg: Any) -> None:
        """Leave the events to the handler that the service has set up.

        Never those below `info`: they hold addresses, and what of a request had come when its caller went away.
        """
        self.cfg = cfg
        self.error_log.setLevel(max(logging.INFO, _SERVER_LEVELS[cfg.loglevel]))
        self.error_log.propagate = True


def tell_of_open_ways(settings: Settings) -> None:
    """Warn where another machine is not asked who it is; whether that may be is the operator's to say."""
    logger = logging.getLogger("policyservice.server")
    if is_open(settings.database_url):
        logger.warning(
            "the database is on another machine, and nothing checks who answers: say sslmode=verify-full in its URL"
        )
    if settings.webhook_url and is_in_the_open(settings.webhook_url):
        logger.warning("events go to another machine, and anybody on the way reads them: give it an https address")


def spare_what_stays() -> None:
    """Have the search for unreachable objects leave alone what is loaded by now, and come less often.

    An application and a rulebook are some hundred thousand objects that stay; a decision makes a few thousand that
    nearly all go by themselves. Searching after each 700, as is the default, took a tenth of a decision's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_SEARCH_AFTER, 10, 10)


def make_ready(runtime: Runtime) -> None:
    """Compile the rulebook in force before the first request; without a database the first request does it."""
    try:
        with runtime.db.reading() as conn:
            policy = policy_in_force(conn, runtime.clock.now())
            runtime.rulebooks.ready(conn, policy.rules, policy.costs)
    except PolicyServiceError as error:
        logging.getLogger("policyservice.server").warning("not ready yet: %s", error.code)


def options_of(settings: Settings) -> dict[str, Any]:
    """How gunicorn is run."""
    host = f"[{settings.bind_host}]" if ":" in settings.bind_host else settings.bind_host
    return {
        "bind": f"{host}:{settings.bind_port}",
        "workers": settings.workers,
        "worker_class": Worker,
        "threads": settings.threads,
        "timeout": _WORKER_SILENT_SECONDS,
        "graceful_timeout": _GRACE_SECONDS,
        "keepalive": _KEEP_ALIVE_SECONDS,
        "loglevel": settings.log_level,
        "logger_class": Log,
        "preload_app": False,
        "control_socket_disable": True,
        "proc_name": "policyservice",
    }
