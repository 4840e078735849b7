"""Which rows of the log are about a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, false, or_, select, union

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

    def said(self, table: Table) -> ColumnElement[bool]:
        """The contacts, promises or steps of promises about the person, or made by it.

        A customer's are also those in the customer's cases that name no customer.
        """
        if self.kind is PersonalKind.AGENT:
            made = table.c.agent == self.pseudonym
            return or_(made, table.c.owner == self.pseudonym) if "owner" in table.c else made
        if self.kind is PersonalKind.CASE:
            return table.c.case_ref == self.pseudonym
        if self.kind is not PersonalKind.CUSTOMER:
            return false()
        mine = _decision.alias("mine")
        cases = select(mine.c.case_ref).where(mine.c.customer == self.pseudonym)
        return or_(table.c.customer == self.pseudonym, and_(table.c.customer.is_(None), table.c.case_ref.in_(cases)))

    def verified(self) -> Select[Any]:
        """The subjects, by pseudonym, of verified facts about the person: itself and, but for an agent, its orders."""
        subjects = tables.verified_facts.c.subject
        if self.kind is PersonalKind.AGENT:
            return select(subjects).where(false())
        orders = select(_decision.c.order_ref).where(self.decided, _decision.c.order_ref.is_not(None))
        return select(subjects).where(or_(subjects == self.pseudonym, subjects.in_(orders)))

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
    def linked(self) -> ColumnElement[bool]:
        """The links of incidents to the person's cases; an agent's are those that it made by hand or took out again."""
        columns = tables.incident_case.c
        if self.kind is PersonalKind.AGENT:
            return or_(columns.linked_by == self.pseudonym, columns.unlinked_by == self.pseudonym)
        if self.kind is PersonalKind.CASE:
            return columns.case_ref == self.pseudonym
        if self.kind is not PersonalKind.CUSTOMER:
            return columns.order_ref == self.pseudonym
        cases = select(_decision.c.case_ref).where(self.decided)
        return or_(columns.customer == self.pseudonym, and_(columns.customer.is_(None), columns.case_ref.in_(cases)))

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
        leads += [select(table.c.case_ref).where(self.said(table)) for table in (tables.contact, tables.promise)]
        link = tables.incident_case.c
        reported = [select(column).where(link.customer == self.pseudonym) for column in (link.case_ref, link.order_ref)]
        paid = select(tables.entry.c.external_ref).where(tables.entry.c.decision_id.in_(self.decision_ids()))
        heard = [
            select(column).where(self.heard, column.is_not(None))
            for column in (tables.outcome.c.case_ref, tables.outcome.c.customer)
        ]
        return select(union(own, *leads, *reported, paid, *heard).subquery().c[0])

    def texts(self) -> ColumnElement[bool]:
        """The texts about the person, or written by it."""
        text = tables.personal_text.c
        said = [
            select(column).where(self.said(column.table), column.is_not(None))
            for column in (tables.contact.c.note, tables.promise.c.what, tables.promise_step.c.note)
        ]
        heard = select(tables.outcome.c.note).where(self.heard, tables.outcome.c.note.is_not(None))
        link = tables.incident_case.c
        mine = link.unlinked_by == self.pseudonym if self.kind is PersonalKind.AGENT else self.linked
        seals = (*said, heard, select(link.note).where(mine, link.note.is_not(None)))
        about = or_(text.decision_id.in_(self.decision_ids()), *(text.seal.in_(each) for each in seals))
        if self.kind is not PersonalKind.AGENT:
            return about
        notes = select(tables.escalation.c.note).where(self.resolved, tables.escalation.c.note.is_not(None))
        event = tables.escalation_event.c
        worked = select(event.note).where(event.by == self.pseudonym, event.note.is_not(None))
        reasons = select(tables.trust_grant.c.reason).where(self.trusted)
        written = select(tables.objection.c.note).where(self.objected)
        answered = select(tables.objection_answer.c.note).where(tables.objection_answer.c.agent == self.pseudonym)
        change = tables.incident_event.c
        noted = select(change.note).where(change.by == self.pseudonym, change.note.is_not(None))
        measures = select(tables.cause_measure.c.note).where(self.measured)
        own = (notes, worked, noted, reasons, written, answered, measures)
        return or_(about, *(text.seal.in_(seals) for seals in own))
