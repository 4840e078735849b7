"""Takes a signed delivery of a survey tool: once, no more often than it may, and only from who holds its secret.

Each tool has a rate of its own, which only a delivery under its signature that was not taken before uses up; all that
is refused has one rate together, in each process. docs/decisions/0005-rate-limits.md says why they stand in this order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle, islice
from typing import NamedTuple, Protocol

from sqlalchemy import Connection, exists, insert, select

from policyservice.access.rates import Rates, Unshared
from policyservice.db.tables import survey_delivery
from policyservice.decisions.services import Services, tell
from policyservice.domain.errors import (
    DeliveriesLimited,
    DeliveryRefused,
    DeliveryReplayed,
    InvalidRequest,
    MalformedBody,
    RateLimited,
)
from policyservice.resolutions.outcomes import Receipt, Report, record
from policyservice.resolutions.surveys.mapping import mapping, outcomes_in
from policyservice.resolutions.surveys.signature import Fault, Signed, fault_of

_UNKNOWN = "unknown"
_NOBODYS = b"nobody's"


class Source(Protocol):
    """A survey tool that may deliver; `config.SurveySource` is one."""

    @property
    def name(self) -> str:
        """Its name in the address."""

    @property
    def mapping(self) -> str:
        """The mapping that reads it."""

    @property
    def secret(self) -> bytes:
        """What it signs with."""


class Door(NamedTuple):
    """Who may deliver, how often each, and how often all that is refused is told so."""

    sources: tuple[Source, ...]
    rates: Rates
    refusals: Unshared

    def secrets(self, own: list[Source]) -> list[bytes]:
        """The secrets of a source, repeated; as many for every name, also one that is nobody's, so that no time tells
        which names there are.
        """
        most = max(Counter(source.name for source in self.sources).values(), default=1)
        return list(islice(cycle([source.secret for source in own] or [_NOBODYS]), most))

    def admit(self, source: Source, now: datetime) -> None:
        """One delivery of a source.

        Raises:
            DeliveriesLimited: it had as many as it may for now.
        """
        with _limited():
            self.rates.spend(source.name, now)

    def refuse(self, now: datetime) -> None:
        """One that is refused, whoever sends it.

        Raises:
            DeliveriesLimited: too many were for now.
        """
        with _limited():
            self.refusals.spend(now)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery: to which source's address, what its headers say, and its body as it came."""

    source: str
    signed: Signed
    body: bytes


def take(services: Services, door: Door, delivery: Delivery, parse: Callable[[bytes], object]) -> list[Receipt]:
    """Keep the outcomes of a delivery; counted whatever becomes of it. `parse` reads a body as JSON.

    Raises:
        DeliveryRefused: no such source, a signature that is not its own, or a timestamp too far from now.
        DeliveryReplayed: a delivery of that id was taken before.
        DeliveriesLimited: too many for now of this source, or of all that are refused; it may be sent again.
        MalformedBody, InvalidRequest: it cannot be read by the source's mapping; it may be sent again, put right.
        LogUnavailable: the database does not answer; nothing was kept.
    """
    now = services.clock.now()
    own = [source for source in door.sources if source.name == delivery.source]
    known = delivery.source if own else _UNKNOWN
    fault = fault_of(delivery.signed, delivery.body, door.secrets(own), now)
    if fault is not None or not own:
        tell(services.hooks.delivery_answered, known, (fault or Fault.SIGNATURE).value)
        door.refuse(now)
        raise DeliveryRefused
    try:
        receipts = _taken(services, door, own[0], delivery, parse, now)
    except DeliveryReplayed:
        tell(services.hooks.delivery_answered, known, "replayed")
        door.refuse(now)
        raise
    except DeliveriesLimited:
        tell(services.hooks.delivery_answered, known, "limited")
        raise
    except (MalformedBody, InvalidRequest):
        tell(services.hooks.delivery_answered, known, "unreadable")
        raise
    tell(services.hooks.delivery_answered, known, "taken")
    return receipts


@contextmanager
def _limited() -> Iterator[None]:
    try:
        yield
    except RateLimited as limited:
        raise DeliveriesLimited(limited.retry_after) from None


def _taken(
    services: Services,
    door: Door,
    source: Source,
    delivery: Delivery,
    parse: Callable[[bytes], object],
    now: datetime,
) -> list[Receipt]:
    id_digest = services.pseudonyms.digest("survey delivery", delivery.signed.id)
    columns = survey_delivery.c
    was_taken = select(exists().where(columns.source == source.name, columns.id_digest == id_digest))

    def once(conn: Connection) -> None:
        if conn.execute(was_taken).scalar():
            raise DeliveryReplayed
        conn.execute(insert(survey_delivery).values(source=source.name, id_digest=id_digest, taken_at=now))

    with services.db.looking() as conn:  # before its rate, so that copies of one delivery use up nothing of it
        if conn.execute(was_taken).scalar():
            raise DeliveryReplayed
    door.admit(source, now)
    found = outcomes_in(mapping(source.mapping), parse(delivery.body), services.zone)
    return record(services, [Report(fields, source.name) for fields in found], first=once)
