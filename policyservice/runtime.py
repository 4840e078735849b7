"""What one process shares: clock, ids, database, rulebooks, settings; the sweeper that ends holds on time and removes
what was kept long enough, the sealer that seals the log and sums it up for reports, and the sender of events.
"""

from __future__ import annotations

import logging
import random
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.engine import make_url

from policyservice.access.rates import SURVEY_TOOLS, Rates, Unshared
from policyservice.config import Settings
from policyservice.db.patience import Patience
from policyservice.db.session import Database
from policyservice.decisions import settle
from policyservice.decisions.rulebooks import Rulebooks
from policyservice.decisions.seal import store
from policyservice.decisions.seal.sealer import Sealer
from policyservice.decisions.services import Hooks, tell
from policyservice.domain.errors import PolicyServiceError
from policyservice.domain.ports import Clock, Ids
from policyservice.domain.pseudonyms import Pseudonyms
from policyservice.outbox import dispatch, events
from policyservice.outbox.webhooks import Webhook, key_of
from policyservice.personal import key
from policyservice.personal.shown import shown
from policyservice.privacy import retention
from policyservice.reports.folding import Folder
from policyservice.reports.speed.summing import counting_of
from policyservice.resolutions import linking, messages, promises, rising, tidying

_logger = logging.getLogger("policyservice.runtime")
_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: sorts as it counts, none looks like another
_RANDOM_BITS = 80
_WRITERS_SECONDS = 0.05
"""How soon, about, the sealer looks again whether those have ended who were writing; each time later."""
_RETENTION_SECONDS = 60
"""How often each process looks for what has been kept long enough."""

_T = TypeVar("_T")


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
        of_surveys = {"per_minute": settings.survey_rate_per_minute, "burst": settings.survey_rate_burst}
        self.survey_rates = Rates(db, shelf=SURVEY_TOOLS, **of_surveys)
        self.refused_deliveries = Unshared(**of_surveys)
        self._pseudonyms: Pseudonyms | None = None
        self._stop = Event()
        self._sweeper: Thread | None = None
        self._sealer: Thread | None = None
        self._sender: Thread | None = None

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
        connections = settings.threads + 3  # one each for the sweeper, the sealer and the sender
        return cls._on(settings, Database(settings.database_url, patience, connections=connections))

    @classmethod
    def _on(cls, settings: Settings, db: Database) -> Runtime:
        make_database_folder(settings.database_url)
        clock = SystemClock()
        return cls(settings, clock, TimeIds(clock), db)

    @property
    def pseudonyms(self) -> Pseudonyms:
        """The pseudonyms of this installation; its key is read once.

        Raises:
            PseudonymKeyMismatch: the log was begun with another key.
        """
        if self._pseudonyms is None:
            self._pseudonyms = key.pseudonyms(self.db, self.settings.pseudonym_key)
        return self._pseudonyms

    def start_sweeper(self) -> None:
        """Begin to end due holds, and to remove what was kept long enough, in the background, until `close`."""
        if self._sweeper is None:
            self._sweeper = Thread(target=self._sweep, name="ends-holds", daemon=True)
            self._sweeper.start()

    def start_sealer(self) -> None:
        """Begin to seal the log, and to sum it up, in the background, until `close`, which seals once more."""
        if self._sealer is None:
            self._sealer = Thread(target=self._seal, name="seals-the-log", daemon=True)
            self._sealer.start()

    def start_sender(self) -> None:
        """Begin to send events in the background, until `close`; not where the settings name no address."""
        if self._sender is None and self.settings.webhook_url:
            self._sender = Thread(target=self._send, name="sends-events", daemon=True)
            self._sender.start()

    def close(self) -> None:
        """Stop the sweeper, the sealer and the sender, and let go of the database and the rulebooks."""
        self._stop.set()
        for thread in (self._sweeper, self._sealer, self._sender):
            if thread is not None:
                thread.join()
        self._sweeper = self._sealer = self._sender = None
        self.rulebooks.close()
        self.db.dispose()

    def _sweep(self) -> None:
        retention_at = monotonic()
        while not self._stop.wait(self.settings.sweep_seconds):
            self._attempt("holds not ended", lambda: settle.end_due_holds(self))
            self._attempt("overdue promises not told of", lambda: promises.tell_overdue(self))
            self._attempt("escalations not risen", lambda: rising.rise_overdue(self))
            self._attempt("cases not linked to incidents", lambda: linking.link_new(self))
            self._attempt("reporters of incidents not told", lambda: messages.tell_of_changes(self))
            if monotonic() >= retention_at:
                self._attempt("late actions not announced", lambda: messages.tell_of_late_actions(self))
                self._attempt("answered escalations not withdrawn", lambda: tidying.withdraw_answered(self))
                removed = self._attempt("retention not applied", self._retain)
                if removed is None or not removed.is_full:  # else more is waiting: go on at the next look
                    retention_at = monotonic() + _RETENTION_SECONDS

    def _retain(self) -> retention.Removed:
        with self.db.transaction() as conn:
            events.remove_old(conn, self.clock.now(), most=retention.BATCH)
        return retention.remove_batch(self.db, self.settings, self.clock.now())

    def _send(self) -> None:
        """Apart from the sweeper: an address that does not answer keeps no hold from ending."""
        webhook = Webhook(self.settings.webhook_url or "", key_of(self.settings.webhook_secret or "") or b"")
        is_full = False
        while not self._stop.wait(0 if is_full else self.settings.sweep_seconds):
            sent = self._attempt("events not sent", lambda: self._send_batch(webhook))
            is_full = sent is not None and sent.is_full

    def _send_batch(self, webhook: Webhook) -> dispatch.Sent:
        sent = dispatch.send_batch(self.db, self.clock, webhook.send, shown, stopped=self._stop.is_set)
        if sent.delivered or sent.failed:
            tell(self.hooks.events_sent, sent.delivered, sent.failed)
        return sent

    def _attempt(self, failure: str, work: Callable[[], _T]) -> _T | None:
        """What `work` returns; None where it fails, which is logged: nobody would notice a thread that is gone."""
        try:
            return work()
        except PolicyServiceError as error:
            _logger.warning("%s: %s", failure, error.code)
        except Exception:
            _logger.exception(failure)
        return None

    def _seal(self) -> None:
        sealer, every, looks = Sealer(self.db), self.settings.seal_seconds, 0
        folder = Folder(self.db, counting_of(self))
        pause: float = every * random.random()
        while not self._stop.wait(pause):
            self._seal_once(sealer, unless_within=timedelta(seconds=every / 2))
            self._attempt("log not summed up", lambda: self._fold_once(folder))
            looks = min(looks + 1, 16) if sealer.is_waiting or folder.is_waiting else 0
            pause = min(every, _WRITERS_SECONDS * 2**looks) if looks else every * random.uniform(0.5, 1.5)
        self._seal_once(sealer)

    def _fold_once(self, folder: Folder) -> None:
        try:
            folder.step()
        finally:  # also where it failed: that it stands still is told by nobody else
            behind = folder.behind()
            tell(self.hooks.summed_up, behind.rows, behind.since or self.clock.now())

    def _seal_once(self, sealer: Sealer, *, unless_within: timedelta = timedelta(0)) -> None:
        """Processes take turns, since they come at random: one that comes soon after another leaves it at that."""
        try:
            now = self.clock.now()
            if sealer.is_waiting or not sealer.is_early(now, unless_within):
                sealer.step(now)
            with self.db.reading() as conn:
                behind = store.backlog(conn)
            tell(self.hooks.sealed, behind.rows, behind.since or now)
        except PolicyServiceError as error:
            _logger.warning("log not sealed: %s", error.code)
        except Exception:  # as the sweeper: it must outlive whatever happens
            _logger.exception("log not sealed")


def make_database_folder(database_url: str) -> None:
    """Make the folder that a SQLite file lies in; nothing for a database in memory or on a server."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
