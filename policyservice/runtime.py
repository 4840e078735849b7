"""What one process shares: clock, ids, database, rulebooks, settings; and the sweeper that ends holds on
time.
"""

from __future__ import annotations

import logging
import secrets
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Lock, Thread
from zoneinfo import ZoneInfo

from sqlalchemy.engine import make_url

from policyservice.access.rates import Rates
from policyservice.config import Settings
from policyservice.db.patience import Patience
from policyservice.db.session import Database
from policyservice.decisions import settle
from policyservice.decisions.rulebooks import Rulebooks
from policyservice.decisions.services import Hooks
from policyservice.domain.errors import PolicyServiceError
from policyservice.domain.ports import Clock, Ids

_logger = logging.getLogger("policyservice.runtime")
_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: sorts as it counts, none looks like another
_RANDOM_BITS = 80


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The instant, in UTC."""
        return datetime.now(UTC)


class TimeIds:
    """Ids that sort by time: 48 bits of milliseconds and 80 random bits, in 26 characters after the kind.

    Within a process each id is above the one before it, in the same millisecond too.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._last = 0

    def new(self, kind: str) -> str:
        """A new id, such as "dec_01k..."."""
        millis = int(self._clock.now().timestamp() * 1000)
        with self._lock:
            self._last = max(self._last + 1, millis << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS - 1))
            number = self._last
        return f"{kind}_" + "".join(_DIGITS[number >> shift & 31] for shift in range(125, -1, -5))


class Runtime:
    """The services of one process; satisfies `decisions.services.Services`."""

    def __init__(
        self, settings: Settings, clock: Clock, ids: Ids, db: Database, rulebooks: Rulebooks | None = None
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.ids = ids
        self.db = db
        self.rulebooks = rulebooks or Rulebooks()
        self.zone = ZoneInfo(settings.timezone)
        self.hooks = Hooks()
        self.rates = Rates(db, per_minute=settings.rate_per_minute, burst=settings.rate_burst)
        self._stop = Event()
        self._sweeper: Thread | None = None

    @classmethod
    def start(cls, settings: Settings) -> Runtime:
        """A runtime on the machine's clock and the database of the settings; makes the folder of a SQLite file.

        Call it after a fork, never before: connections cannot be shared between processes.
        """
        return cls._on(settings, Database(settings.database_url))

    @classmethod
    def start_to_serve(cls, settings: Settings) -> Runtime:
        """As `start`, for callers who wait: the database gets no longer than the settings say."""
        patience = Patience(lock=settings.lock_seconds, transaction=settings.transaction_seconds)
        connections = settings.threads + 1  # one for the sweeper
        return cls._on(settings, Database(settings.database_url, patience, connections=connections))

    @classmethod
    def _on(cls, settings: Settings, db: Database) -> Runtime:
        make_database_folder(settings.database_url)
        clock = SystemClock()
        return cls(settings, clock, TimeIds(clock), db)

    def start_sweeper(self) -> None:
        """Begin to end due holds in the background, until `close`."""
        if self._sweeper is None:
            self._sweeper = Thread(target=self._sweep, name="ends-holds", daemon=True)
            self._sweeper.start()

    def close(self) -> None:
        """Stop the sweeper and let go of the database and the rulebooks."""
        self._stop.set()
        if self._sweeper is not None:
            self._sweeper.join()
            self._sweeper = None
        self.rulebooks.close()
        self.db.dispose()

    def _sweep(self) -> None:
        while not self._stop.wait(self.settings.sweep_seconds):
            try:
                settle.end_due_holds(self)
            except PolicyServiceError as error:
                _logger.warning("holds not ended: %s", error.code)
            except Exception:  # the sweeper must outlive whatever happens: nobody would notice that it is gone
                _logger.exception("holds not ended")


def make_database_folder(database_url: str) -> None:
    """Make the folder that a SQLite file lies in; nothing for a database in memory or on a server."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
