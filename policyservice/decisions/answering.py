"""Every escalation is the promise of an answer: made in the decision's transaction, kept when it is resolved."""

from __future__ import annotations

from policyservice.cases import promises
from policyservice.cases.escalations import Escalation
from policyservice.cases.promises import Promise, PromiseKind
from policyservice.db.prepared import Writes
from policyservice.domain.case import Request
from policyservice.domain.decision import Context


def promise(writes: Writes, escalation: Escalation, request: Request, context: Context) -> None:
    """Have the promise made that an escalation is, to the customer of a masked request."""
    assert request.case is not None
    assert request.agent is not None
    promises.add(
        writes,
        Promise(
            id=promises.of_answer(escalation.id),
            case=request.case,
            customer=request.customer,
            kind=PromiseKind.ANSWER,
            what=None,
            channel=request.channel,
            agent=request.agent,
            team=context.agent.team if context.agent else None,
            owner=None,
            owner_team=escalation.to,
            made_at=escalation.opened_at,
            due_at=escalation.due_at,
            escalation_id=escalation.id,
        ),
    )
