"""Which rows of the log are about a person."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, union

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

    @property
    def heard(self) -> ColumnElement[bool]:
        """The outcomes that name the person, or a decision or case about it; none for an agent."""
        columns = tables.outcome.c
        if self.kind is PersonalKind.AGENT:
            return false()
        if self.kind is PersonalKind.CASE:
            named: ColumnElement[bool] = columns.case_ref == self.pseudonym
        elif self.kind is PersonalKind.CUSTOMER:
            cases = select(_decision.c.case_ref).where(self.decided)
            nameless = and_(columns.customer.is_(None), columns.case_ref.in_(cases))
            named = or_(columns.customer == self.pseudonym, nameless)
        else:
            named = false()
        return or_(named, columns.decision_id.in_(self.decision_ids()))

    @property
    def objected(self) -> ColumnElement[bool]:
        """The objections that the person made, or that are about a decision about it."""
        if self.kind is PersonalKind.AGENT:
            return tables.objection.c.agent == self.pseudonym
        return tables.objection.c.decision_id.in_(self.decision_ids())

    @property
    def measured(self) -> ColumnElement[bool]:
        """The measures against root causes that the person recorded or answers for; none but for an agent."""
        columns = tables.cause_measure.c
        if self.kind is not PersonalKind.AGENT:
            return false()
        return or_(columns.agent == self.pseudonym, columns.owner == self.pseudonym)

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
        paid = select(tables.entry.c.external_ref).where(tables.entry.c.decision_id.in_(self.decision_ids()))
        heard = [
            select(column).where(self.heard, column.is_not(None))
            for column in (tables.outcome.c.case_ref, tables.outcome.c.customer)
        ]
        return select(union(own, *leads, paid, *heard).subquery().c[0])

    def texts(self) -> ColumnElement[bool]:
        """The texts about the person, or written by it."""
        text = tables.personal_text.c
        heard = select(tables.outcome.c.note).where(self.heard, tables.outcome.c.note.is_not(None))
        about = or_(text.decision_id.in_(self.decision_ids()), text.seal.in_(heard))
        if self.kind is not PersonalKind.AGENT:
            return about
        notes = select(tables.escalation.c.note).where(self.resolved, tables.escalation.c.note.is_not(None))
        reasons = select(tables.trust_grant.c.reason).where(self.trusted)
        written = select(tables.objection.c.note).where(self.objected)
        answered = select(tables.objection_answer.c.note).where(tables.objection_answer.c.agent == self.pseudonym)
        measures = select(tables.cause_measure.c.note).where(self.measured)
        return or_(about, *(text.seal.in_(seals) for seals in (notes, reasons, written, answered, measures)))
