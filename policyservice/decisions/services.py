"""What the rooms of the shell are handed: clock, ids, database, rulebooks, settings, hooks."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from policyservice.db.session import Database
from policyservice.decisions.rulebooks import Rulebooks
from policyservice.domain.case import Request
from policyservice.domain.decision import Decision
from policyservice.domain.ports import Clock, Ids
from policyservice.domain.pseudonyms import Pseudonyms

_logger = logging.getLogger("policyservice.decisions")


class Terms(Protocol):
    """The settings that decisions depend on; `config.Settings` has them."""

    @property
    def timezone(self) -> str:
        """IANA name of the organisation's zone."""

    @property
    def hold_seconds(self) -> int:
        """How long a reservation holds where neither remedy nor pack says so."""

    @property
    def unknown_agents(self) -> str | None:
        """The trust level of an agent nobody registered; None refuses it."""

    @property
    def outcome_days(self) -> int:
        """How many days after a decision an outcome counts for it."""


@dataclass(slots=True)
class Hooks:
    """Called after the fact, for counting; whoever counts puts callables here. A hook never changes an
    answer.
    """

    decided: Callable[[Request, Decision, float], None] = field(default=lambda request, decision, seconds: None)
    faulted: Callable[[Decision], None] = field(default=lambda decision: None)
    holds_ended: Callable[[int], None] = field(default=lambda count: None)
    sealed: Callable[[int, datetime], None] = field(default=lambda unsealed, until: None)
    summed_up: Callable[[int, datetime], None] = field(default=lambda waiting, until: None)
    events_sent: Callable[[int, int], None] = field(default=lambda delivered, failed: None)
    outcome_taken: Callable[[str, str], None] = field(default=lambda kind, taken: None)
    delivery_answered: Callable[[str, str], None] = field(default=lambda source, result: None)


def tell(hook: Callable[..., None], *what: object) -> None:
    """Call a hook; what goes wrong in it is logged and stays there, since what it hears of is done."""
    try:
        hook(*what)
    except Exception:
        _logger.exception("a hook failed")


class Services(Protocol):
    """What one process shares; `runtime.Runtime` in service, `tests.fakes` in tests."""

    @property
    def clock(self) -> Clock:
        """Tells the instant."""

    @property
    def ids(self) -> Ids:
        """Gives new ids."""

    @property
    def db(self) -> Database:
        """The database."""

    @property
    def rulebooks(self) -> Rulebooks:
        """Published rulebooks, made ready."""

    @property
    def settings(self) -> Terms:
        """Zone, hold time, unknown agents."""

    @property
    def zone(self) -> ZoneInfo:
        """The organisation's zone, as `settings.timezone` names it."""

    @property
    def pseudonyms(self) -> Pseudonyms:
        """Makes the pseudonyms of this installation."""

    @property
    def hooks(self) -> Hooks:
        """What to call when something was decided or ended."""
