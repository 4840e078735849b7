"""Which rows of the log are about a person."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, or_, select, union

from policyservice.db import tables
from policyservice.domain.pseudonyms import PersonalKind

_decision = tables.decision
_COLUMN = {
    PersonalKind.CUSTOMER: _decision.c.customer,
    PersonalKind.AGENT: _decision.c.agent,
    PersonalKind.CASE: _decision.c.case_ref,
    PersonalKind.ORDER: _decision.c.order_ref,
}
KINDS = tuple(_COLUMN)
"""Whose data can be asked for: a customer, an agent, or whoever stands behind a case or an order."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the log knows one."""

    kind: PersonalKind
    pseudonym: str

    @property
    def decided(self) -> ColumnElement[bool]:
        """The decisions about the person.

        A customer's are also those in the customer's cases and orders that name no customer.
        """
        own = _COLUMN[self.kind] == self.pseudonym
        if self.kind is not PersonalKind.CUSTOMER:
            return own
        mine = _decision.alias("mine")
        cases = select(mine.c.case_ref).where(mine.c.customer == self.pseudonym)
        orders = select(mine.c.order_ref).where(mine.c.customer == self.pseudonym, mine.c.order_ref.is_not(None))
        nameless = or_(_decision.c.case_ref.in_(cases), _decision.c.order_ref.in_(orders))
        return or_(own, and_(_decision.c.customer.is_(None), nameless))

    @property
    def resolved(self) -> ColumnElement[bool]:
        """The escalations that the person resolved."""
        return tables.escalation.c.resolved_by == self.pseudonym

    @property
    def trusted(self) -> ColumnElement[bool]:
        """The grants made for the person."""
        return tables.trust_grant.c.agent == self.pseudonym

    def decision_ids(self) -> Select[tuple[str]]:
        """The ids of the decisions about the person."""
        return select(_decision.c.id).where(self.decided)

    def references(self) -> Select[tuple[str]]:
        """The pseudonyms whose plain references lead to the person: its own and, but for an agent, those of its cases,
        orders and payments.
        """
        own = select(tables.personal_reference.c.pseudonym).where(
            tables.personal_reference.c.pseudonym == self.pseudonym
        )
        if self.kind is PersonalKind.AGENT:
            return own
        leads = [select(column).where(self.decided) for column in (_decision.c.case_ref, _decision.c.order_ref)]
        link = tables.incident_case.c
        reported = [select(column).where(link.customer == self.pseudonym) for column in (link.case_ref, link.order_ref)]
        paid = select(tables.entry.c.external_ref).where(tables.entry.c.decision_id.in_(self.decision_ids()))
        return select(union(own, *leads, *reported, paid).subquery().c[0])

    def texts(self) -> ColumnElement[bool]:
        """The texts about the person, or written by it."""
        text = tables.personal_text.c
        about = text.decision_id.in_(self.decision_ids())
        if self.kind is not PersonalKind.AGENT:
            return about
        notes = select(tables.escalation.c.note).where(self.resolved, tables.escalation.c.note.is_not(None))
        event = tables.escalation_event.c
        said = select(event.note).where(event.by == self.pseudonym, event.note.is_not(None))
        reasons = select(tables.trust_grant.c.reason).where(self.trusted)
        change = tables.incident_event.c
        noted = select(change.note).where(change.by == self.pseudonym, change.note.is_not(None))
        return or_(about, text.seal.in_(notes), text.seal.in_(said), text.seal.in_(noted), text.seal.in_(reasons))
