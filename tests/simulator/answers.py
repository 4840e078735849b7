"""Whether one answer is right: by what stands in the books, what is in force, and what was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from policyservice.domain.decision import BindingLimit, Owed
from policyservice.domain.limits import Counts, Limit, Measure, Scope, Usage
from tests.ledger.invariants.books import Account, Books
from tests.simulator.policy import InForce
from tests.simulator.shop import OWED

PaidFor = Callable[[str | None], int]
"""What was paid for an order that the log has by its pseudonym, in minor units; None names no order."""
ORDERS = {"O-1": 350, "O-2": 700, "O-3": 1201}
WITHOUT_ORDER = 500


def paid_for(order: str | None) -> int:
    """What was paid for an order: "O-2.17" is one like "O-2"; None is the request that names no order."""
    return WITHOUT_ORDER if order is None else ORDERS[order.partition(".")[0]]


def wrong_with(
    account: Account, books: Books, in_force: InForce, paid_for: PaidFor, *, was_last: bool
) -> Iterator[str]:
    """What a new decision was told, or answered, that is not so; `was_last`: nothing was booked after it."""
    logged, context, request = account.logged, account.logged.record.context, account.logged.record.request
    agent, limits = str(request.agent), in_force.at(context.now)
    if (logged.limits, logged.rules) != (limits.version, in_force.rules_at(context.now)):
        yield f"{logged.id} was decided under limits {logged.limits} and rules {logged.rules}"
    if context.agent is None or context.agent.trust_level != in_force.level(agent, context.now):
        yield f"{logged.id} saw {agent} as {context.agent}"
    met = {state.limit: state for state in context.limits}
    expected = {limit.id: limit for limit in limits.limits if _meets(limit, account)}
    if met.keys() != expected.keys():
        yield f"{logged.id} met {sorted(met)} instead of {sorted(expected)}"
        return
    for limit in expected.values():
        if met[limit.id].bound != in_force.bound(limit, agent, context.now):
            yield f"{logged.id} was bound by {met[limit.id].bound} of {limit.id}"
        if was_last and not account.entries and met[limit.id].used != _used(limit, account, books):
            yield f"{logged.id} was told {met[limit.id].used} of {limit.id}, it is {_used(limit, account, books)}"
    if was_last and context.received != books.received(request.order, request.case, request.currency, but=logged.id):
        yield f"{logged.id} was told {context.received}"
    yield from _wrongly_answered(account, books, in_force, paid_for(request.order), was_last=was_last)


def _wrongly_answered(account: Account, books: Books, in_force: InForce, paid: int, *, was_last: bool) -> Iterator[str]:
    decision, request = account.logged.record.decision, account.logged.record.request
    before = account.logged.record.context.received
    if decision.outcome == "deny":
        left = max(0, paid - before.refunded_minor)
        if request.remedy != "refund" or (request.amount_minor or 0) <= left:
            yield f"{decision.id} denies {request.amount_minor} of {left}"
    elif decision.outcome == "escalate":
        if was_last and decision.binding_limit is not None:
            yield from _wrongly_named(account, decision.binding_limit, books, in_force)
    elif not decision.after_the_fact:
        if request.remedy == "refund" and before.refunded_minor + (decision.amount_minor or 0) > paid:
            yield f"{decision.id} refunds more than the {paid} that were paid"
        for part in decision.owed:
            minor, times = before.owed.get(part.rule, (0, 0))
            if part.rule == "broken replacement":
                if times:
                    yield f"{decision.id} owes {part.rule} again"
            elif minor + _part_of(part, decision.amount_minor or 0) > OWED.get(part.rule, paid):
                yield f"{decision.id} owes {part.rule} beyond what it owed before: {minor}"


def _part_of(owed: Owed, standing: int) -> int:
    return max(0, min(owed.minor, standing - owed.after_minor))


def _wrongly_named(account: Account, named: BindingLimit, books: Books, in_force: InForce) -> Iterator[str]:
    """A limit is named with what the books leave of it."""
    now, agent = account.logged.at, str(account.logged.record.request.agent)
    limit = in_force.at(now).by_id(named.limit)
    bound = limit and in_force.bound(limit, agent, now)
    if limit is None or bound is None:
        yield f"{account.logged.id} names {named.limit}"
        return
    used = _used(limit, account, books)
    if limit.counts is not Counts.GOODWILL:
        return
    spent = used.goodwill_face if limit.measure is Measure.FACE else used.goodwill_cost
    if bound.amount_minor is not None and named.left_minor != max(0, bound.amount_minor - spent):
        yield f"{account.logged.id} leaves {named.left_minor} of {limit.id}, used {used}"
    if bound.count is not None and named.left_count != max(0, bound.count - used.goodwill_count):
        yield f"{account.logged.id} leaves {named.left_count} times of {limit.id}, used {used}"


def _used(limit: Limit, account: Account, books: Books) -> Usage:
    subject = _subject(limit, account)
    return Usage() if subject is None else books.used(limit.shape, subject, account.logged.at)


def _meets(limit: Limit, account: Account) -> bool:
    request = account.logged.record.request
    has_subject = limit.scope is Scope.DECISION or _subject(limit, account) is not None
    return has_subject and limit.is_for(request.reason) and limit.currency == request.currency


def _subject(limit: Limit, account: Account) -> str | None:
    request, agent = account.logged.record.request, account.logged.record.context.agent
    if limit.scope is Scope.ORGANISATION:
        return "organisation"
    if limit.scope is Scope.TEAM:
        return agent.team if agent else None
    if limit.scope is Scope.DECISION:
        return None
    found: str | None = getattr(request, limit.scope.value)
    return found
