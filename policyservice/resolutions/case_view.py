"""A case as one story: its timeline, what is promised, given and open, what is known, and its two paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, Select, bindparam, select

from policyservice.access.keys import ApiKey
from policyservice.cases import contacts, promises, verified
from policyservice.cases.contacts import Told
from policyservice.cases.promises import Promise, PromiseStatus, Step
from policyservice.cases.verified import VerifiedFacts
from policyservice.db import tables
from policyservice.db.asked import made_once
from policyservice.decisions import history
from policyservice.decisions.history import Past
from policyservice.decisions.whose import Shape, Whose
from policyservice.domain.decision import Outcome, Status
from policyservice.domain.errors import NotFound
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.domain.vocabulary import FactValue
from policyservice.personal.named import pseudonym
from policyservice.resolutions.timeline.entry import Wanted
from policyservice.resolutions.timeline.pages import Timeline, timeline

MOST = 500
_THE_MOST = bindparam("most", type_=Integer)
_contact, _promise = tables.contact, tables.promise
_DONE = (Status.COMMITTED, Status.REVERSED)


@dataclass(frozen=True, slots=True)
class KnownFact:
    """A fact of a case that somebody stated (an agent by pseudonym, in a decision) or a system verified, and when.

    `order` is the order it was stated or verified for. A verified one is as it was sent, with its currency.
    """

    name: str
    value: FactValue
    currency: str | None
    at: datetime
    agent: str | None = None
    decision: Past | None = None
    source: str | None = None
    order: str | None = None


@dataclass(frozen=True, slots=True)
class Communication:
    """Whether the customer was answered, told what happens next, and told the end: when first, and since when."""

    first_heard_at: datetime | None
    answered_at: datetime | None
    told_next_at: datetime | None
    told_end_at: datetime | None


@dataclass(frozen=True, slots=True)
class DecisionStep:
    """One decision on the matter: who decided, and whether it is done; None where nobody decided yet."""

    decision: str
    outcome: str
    by: str | None
    at: datetime
    waits_for: str | None
    due_at: datetime | None
    is_done: bool


@dataclass(frozen=True, slots=True)
class CaseStory:
    """Everything that is known of one case; references are pseudonyms."""

    ref: str
    customers: tuple[str, ...]
    orders: tuple[str, ...]
    decisions: tuple[Past, ...]
    timeline: Timeline
    promises: tuple[Promise, ...]
    steps: Mapping[str, Sequence[Step]]
    known: tuple[KnownFact, ...]
    communication: Communication
    decided: tuple[DecisionStep, ...]


def of_case(conn: Connection, ref: str, *, seen_by: ApiKey | None = None) -> CaseStory:
    """The story of a case, as a key may see it; up to the 500 latest of each kind.

    Raises:
        NotFound: nothing was ever asked, said or promised in it, or the key has nothing to do with it.
    """
    whose = Whose(case=pseudonym(conn, PersonalKind.CASE, ref), seen_by=seen_by)
    most = {**whose.values, "most": MOST}
    decisions = tuple(history.latest(conn, whose, limit=MOST))
    met = [contacts.of_row(row) for row in _contacts_of(whose.shape).rows(conn, most)]
    made = [promises.of_row(row) for row in _promises_of(whose.shape).rows(conn, most)]
    if not (decisions or met or made):
        raise NotFound("case", ref)
    orders = tuple(sorted({past.order for past in decisions if past.order is not None}))
    named = {*(past.customer for past in decisions), *(c.customer for c in met), *(p.customer for p in made)}
    customers = tuple(sorted(customer for customer in named if customer is not None)) if decisions else ()
    steps = promises.steps_of(conn, [promise.id for promise in made])
    return CaseStory(
        ref,
        customers,
        orders,
        decisions,
        timeline(conn, Wanted(whose, limit=MOST)),
        tuple(made),
        steps,
        tuple(_known(decisions, verified.of(conn, [*customers, *orders]), orders)),
        _communication(met),
        tuple(_path(past) for past in decisions),
    )


def open_promises(conn: Connection, whose: Whose, *, limit: int) -> list[Promise]:
    """The promises to a customer or in a case that are open, those due first at the front."""
    rows = _open_promises_of(whose.shape).rows(conn, {**whose.values, "most": limit})
    return [promises.of_row(row) for row in rows]


@made_once
def _contacts_of(shape: Shape) -> Select[Any]:
    query = select(_contact).where(contacts.is_one(), shape.of(_contact), shape.of_a_case(_contact))
    return query.order_by(_contact.c.at.desc(), _contact.c.id.desc()).limit(_THE_MOST)


@made_once
def _promises_of(shape: Shape) -> Select[Any]:
    query = select(_promise).where(shape.of(_promise), shape.of_a_case(_promise))
    return query.order_by(_promise.c.made_at.desc(), _promise.c.id.desc()).limit(_THE_MOST)


@made_once
def _open_promises_of(shape: Shape) -> Select[Any]:
    is_open = _promise.c.status == PromiseStatus.OPEN.value
    query = select(_promise).where(shape.of(_promise), is_open, shape.of_a_case(_promise))
    return query.order_by(_promise.c.due_at, _promise.c.id).limit(_THE_MOST)


def _known(decisions: Sequence[Past], said: Mapping[str, VerifiedFacts], orders: Sequence[str]) -> list[KnownFact]:
    """The latest of each fact for each order; what is verified stands before what was stated."""
    found: dict[tuple[str, str | None], KnownFact] = {}
    for subject, record in sorted(said.items()):
        order = subject if subject in orders else None
        for name, value in record.facts.items():
            found[name, order] = KnownFact(name, value, record.currency, record.at, source=record.source, order=order)
    for past in decisions:
        for name, value in past.facts.items():
            is_verified = (name, None) in found and found[name, None].source is not None
            if name not in past.sources and not is_verified:
                stated = KnownFact(
                    name,
                    value,
                    past.currency,
                    past.logged_at,
                    agent=past.agent,
                    decision=past,
                    order=past.order,
                )
                found.setdefault((name, past.order), stated)
    return [found[key] for key in sorted(found, key=lambda key: (key[0], key[1] or ""))]


def _communication(met: Sequence[contacts.Contact]) -> Communication:
    """`met` newest first: the first answer counts, and the last word on what happens next and on the end."""
    answered = [contact.at for contact in met if Told.ANSWER in contact.told]
    return Communication(
        met[-1].at if met else None,
        answered[-1] if answered else None,
        next((contact.at for contact in met if Told.NEXT in contact.told), None),
        next((contact.at for contact in met if Told.END in contact.told), None),
    )


def _path(past: Past) -> DecisionStep:
    escalation = past.escalation
    waits = past.outcome is Outcome.ESCALATE and (escalation is None or escalation.resolved_at is None)
    if escalation is not None:
        by, at = escalation.resolved_by, escalation.resolved_at or past.logged_at
        outcome = escalation.result.value if escalation.result else Outcome.ESCALATE.value
    else:
        by, at, outcome = past.agent, past.logged_at, past.outcome.value
    return DecisionStep(
        past.id,
        outcome,
        by,
        at,
        escalation.to if escalation and waits else None,
        escalation.due_at if escalation and waits else None,
        past.status in _DONE
        or past.status in (Status.DENIED, Status.VOIDED, Status.EXPIRED)
        or (escalation is not None and not waits),
    )
