"""Takes a signed delivery of a survey tool: once, and only from who holds its secret."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, exists, insert, select

from policyservice.db.tables import survey_delivery
from policyservice.decisions.services import Services, tell
from policyservice.domain.errors import DeliveryRefused, DeliveryReplayed, InvalidRequest, MalformedBody
from policyservice.resolutions.outcomes import Receipt, Report, record
from policyservice.resolutions.surveys.mapping import mapping, outcomes_in
from policyservice.resolutions.surveys.signature import Signed, fault_of

_UNKNOWN = "unknown"


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


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery: to which source's address, what its headers say, and its body as it came."""

    source: str
    signed: Signed
    body: bytes


def take(
    services: Services, sources: tuple[Source, ...], delivery: Delivery, parse: Callable[[bytes], object]
) -> list[Receipt]:
    """Keep the outcomes of a delivery; counted whatever becomes of it. `parse` reads a body as JSON.

    Raises:
        DeliveryRefused: no such source, a signature that is not its own, or a timestamp too far from now.
        DeliveryReplayed: a delivery of that id was taken before.
        MalformedBody, InvalidRequest: it cannot be read by the source's mapping; it may be sent again, put right.
        LogUnavailable: the database does not answer; nothing was kept.
    """
    own = [source for source in sources if source.name == delivery.source]
    known = delivery.source if own else _UNKNOWN
    # who names no source is compared with a secret, too, so that no time tells which there are
    secrets = [source.secret for source in own] or [b"nobody's"]
    fault = fault_of(delivery.signed, delivery.body, secrets, services.clock.now())
    if fault is not None or not own:
        tell(services.hooks.delivery_answered, known, fault.value if fault else "bad_signature")
        raise DeliveryRefused
    try:
        receipts = _kept(services, own[0], delivery, parse)
    except DeliveryReplayed:
        tell(services.hooks.delivery_answered, known, "replayed")
        raise
    except (MalformedBody, InvalidRequest):
        tell(services.hooks.delivery_answered, known, "unreadable")
        raise
    tell(services.hooks.delivery_answered, known, "taken")
    return receipts


def _kept(services: Services, source: Source, delivery: Delivery, parse: Callable[[bytes], object]) -> list[Receipt]:
    body = parse(delivery.body)
    id_digest = services.pseudonyms.digest("survey delivery", delivery.signed.id)
    now = services.clock.now()

    def once(conn: Connection) -> None:
        columns = survey_delivery.c
        seen = exists().where(columns.source == source.name, columns.id_digest == id_digest)
        if conn.execute(select(seen)).scalar():
            raise DeliveryReplayed
        conn.execute(insert(survey_delivery).values(source=source.name, id_digest=id_digest, taken_at=now))

    found = outcomes_in(mapping(source.mapping), body, services.zone)
    return record(services, [Report(fields, source.name) for fields in found], first=once)
