"""What must hold between one decision and the next, whatever the rules: nobody is worse off for asking less, for more
trust, for another order of rules; what is not known never helps."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings

from policyservice.domain.case import Request
from policyservice.domain.decision import Decision, Outcome, Received
from policyservice.domain.limits import NARROWEST_FIRST, Bound, Counts, LimitState, Measure, Scope, Usage
from policyservice.domain.vocabulary import Basis
from policyservice.engine.compiled import CompiledRulebook
from policyservice.engine.decide import decide
from policyservice.ledger.algebra import held_by, split
from policyservice.ledger.values import Footprint
from policyservice.rulebook.model import Compare, Effect, EffectKind, Fixed, Op
from tests.properties.naive import Naive
from tests.properties.rulebooks import LATE, MOST, NOON, PRESUMED, WITH_SUM, Case, Draw, a_book, a_rule
from tests.properties.running import QUICK, seeds

ALLOW, ESCALATE, DENY = Outcome.ALLOW, Outcome.ESCALATE, Outcome.DENY


def asked(case: Case, cents: int, book: CompiledRulebook | None = None) -> Decision:
    """The same case with another sum."""
    request = replace(case.request, amount_minor=cents, open_amount=False)
    return decide(book or case.book, request, case.context)


@settings(QUICK, max_examples=300)
@given(seeds)
def test_the_order_of_rules_does_not_matter(seed: int):
    draw = Draw(seed)
    case = draw.case(asks=draw.often(0.8))
    rules = list(case.rules)
    draw.chance.shuffle(rules)

    said = decide(case.book, case.request, case.context)
    assert decide(a_book(*rules, **case.pack), case.request, case.context) == said


@settings(QUICK, max_examples=400)
@given(seeds)
def test_asking_less_is_never_worse(seed: int):
    draw = Draw(seed)
    case = draw.case()
    book, most = case.book, case.request.amount_minor
    if most is None or decide(book, case.request, case.context).outcome is not ALLOW:
        return
    for less in {1, most - 1, draw.chance.randint(1, most)} - {0}:
        assert asked(case, less, book).outcome is ALLOW


@settings(QUICK, max_examples=400)
@given(seeds)
def test_more_trust_or_more_left_never_gives_less(seed: int):
    draw = Draw(seed)
    case = draw.case()
    book = case.book
    before = decide(book, case.request, case.context)
    limits = tuple(_raised(limit, draw) for limit in case.context.limits if draw.often(0.9))
    after = decide(book, case.request, replace(case.context, limits=limits))

    assert (after.available_minor or 0) >= (before.available_minor or 0)
    if before.outcome is ALLOW:
        assert after.outcome is ALLOW
    assert (before.outcome is DENY) == (after.outcome is DENY)


def _raised(limit: LimitState, draw: Draw) -> LimitState:
    amount, count = limit.bound.amount_minor, limit.bound.count
    more = draw.chance.randint(0, 20)
    bound = Bound(None if amount is None else amount + more, None if count is None else count + more % 3)
    used = Usage._make(draw.chance.randint(0, part) for part in limit.used) if draw.often(0.5) else limit.used
    return replace(limit, bound=bound, used=used)


@settings(QUICK, max_examples=500)
@given(seeds)
def test_what_is_allowed_adds_up_and_stays_within_every_limit(seed: int):
    draw = Draw(seed)
    case = draw.case(asks=draw.often(0.8))
    decision = decide(case.book, case.request, case.context)
    if decision.outcome is not ALLOW:
        assert (decision.entitled_minor, decision.goodwill_minor, decision.owed) == (0, 0, ())
        return
    given_minor = decision.amount_minor or 0
    assert decision.entitled_minor + decision.goodwill_minor == given_minor
    assert min(decision.entitled_minor, decision.goodwill_minor) >= 0
    assert min(decision.entitled_cost_minor, decision.goodwill_cost_minor) >= 0
    assert decision.cost is not None
    assert decision.entitled_cost_minor + decision.goodwill_cost_minor == decision.cost.remedy_minor
    if given_minor and not decision.stretched:
        assert given_minor <= (decision.available_minor or 0)
    used = split(held_by(decision, Footprint(NOON, LATE, "x", "EUR"), is_refund=False), given_minor).usage
    for limit in case.context.limits:
        covers = not limit.remedies or decision.remedy in limit.remedies
        if covers and used.goodwill_count and not (decision.stretched and limit.scope is Scope.DECISION):
            assert _fits(limit, used), limit


def _fits(limit: LimitState, used: Usage) -> bool:
    """Whether what was booked, added to what was used, is at most the bound."""
    after = limit.used.plus(used)
    if limit.counts is Counts.GOODWILL:
        after = after._replace(entitled_face=0, entitled_cost=0, entitled_count=0)
    face = limit.measure is Measure.FACE
    amount = after.goodwill_face + after.entitled_face if face else after.goodwill_cost + after.entitled_cost
    times = after.goodwill_count + after.entitled_count
    bound = limit.bound
    return (bound.amount_minor is None or amount <= bound.amount_minor) and (
        bound.count is None or times <= bound.count
    )


@settings(QUICK, max_examples=800)
@given(seeds)
def test_a_fact_that_is_not_known_never_turns_another_answer_into_an_allow(seed: int):
    draw = Draw(seed, absence=False)
    case = draw.case()
    book = case.book
    if decide(book, case.request, case.context).outcome is ALLOW:
        return
    for name in set(case.request.facts) - PRESUMED:
        fewer = {other: value for other, value in case.request.facts.items() if other != name}
        decision = decide(book, replace(case.request, facts=fewer), case.context)
        assert decision.outcome is not ALLOW, name


@settings(QUICK, max_examples=500)
@given(seeds)
def test_what_law_grants_is_allowed_whatever_the_company_adds(seed: int):
    draw = Draw(seed)
    case = draw.case()
    remedy, owed = draw.chance.choice(WITH_SUM), draw.chance.randint(1, MOST)
    law = a_rule("law", Compare("reason", Op.IS, LATE), Effect(EffectKind.ENTITLE, Basis.LAW, remedy, Fixed(owed)))
    added = draw.rules(bases=(Basis.CONTRACT, Basis.POLICY, Basis.GOODWILL), name="own")
    request = Request(
        LATE,
        remedy,
        "EUR",
        draw.chance.randint(1, owed),
        facts={**case.request.facts, "order.paid": draw.chance.randint(owed, 2 * MOST)},
    )
    context = replace(case.context, received=Received())

    decision = decide(a_book(law, *added, **case.pack), request, context)
    assert decision.outcome is ALLOW
    assert decision.basis is Basis.LAW
    assert (decision.entitled_minor, decision.goodwill_minor) == (request.amount_minor, 0)


@settings(QUICK, max_examples=500)
@given(seeds)
def test_nobody_is_denied_but_by_a_forbid_a_closed_list_or_what_was_paid(seed: int):
    draw = Draw(seed)
    case = draw.case(asks=draw.often(0.8))
    decision = decide(case.book, case.request, case.context)
    if decision.outcome is not DENY:
        return
    naive, reason = Naive(case.book.rulebook, case.request, case.context), decision.because[0]
    if reason.code == "rule":
        forbids = [e for r in case.rules if r.id == reason.rule for e in r.then if e.kind is EffectKind.FORBID]
        assert reason.rule in naive.oracle.fired()
        assert any(effect.remedy in (case.request.remedy, None) for effect in forbids)
    elif reason.code == "more-than-paid":
        assert naive.paid_left is not None
        assert (case.request.amount_minor or 1) > naive.paid_left
    else:
        assert reason.code in ("closed-policy", "already-given")
        assert case.book.closed(case.request.reason, case.request.remedy)
        assert not naive.reading.speaks


@settings(QUICK, max_examples=200)
@given(seeds)
def test_the_same_values_give_the_same_decision_and_are_left_as_they_are(seed: int):
    case = Draw(seed).case()
    book = case.book
    before = repr((case.request, case.context, book.rulebook))

    first = decide(book, case.request, case.context)
    assert decide(book, case.request, case.context) == first == decide(case.book, case.request, case.context)
    assert repr((case.request, case.context, book.rulebook)) == before


@settings(QUICK, max_examples=400)
@given(seeds)
def test_however_often_it_is_asked_for_no_more_is_owed_than_once(seed: int):
    draw = Draw(seed)
    case = draw.case(stops=False)
    if case.request.remedy not in WITH_SUM:
        return
    book, context = case.book, replace(case.context, received=Received())
    owed = Naive(book.rulebook, case.request, context).reading.owed
    given_before = 0
    for _ in range(6):
        request = replace(case.request, amount_minor=draw.chance.randint(1, MOST))
        decision = decide(book, request, context)
        if decision.outcome is ALLOW:
            standing = draw.chance.randint(1, request.amount_minor or 1)  # committed for less, now and then
            given_before += min(decision.entitled_minor, standing)
            context = replace(context, received=_after(context.received, decision, standing))
    assert given_before <= owed


def _after(before: Received, decision: Decision, standing: int) -> Received:
    """What the order received with `standing` of a decision besides."""
    part = split(held_by(decision, Footprint(NOON, LATE, "x", "EUR"), is_refund=True), standing)
    owed = dict(before.owed)
    for key, (cents, times) in part.owed.items():
        sum_before, times_before = owed.get(key, (0, 0))
        owed[key] = (sum_before + cents, times_before + times)
    return Received(before.refunded_minor + part.refunded_minor, owed)


@settings(QUICK, max_examples=500)
@given(seeds)
def test_no_answer_is_a_bare_no(seed: int):
    draw = Draw(seed)
    case = draw.case(asks=draw.often(0.8))
    book = case.book
    decision = decide(book, case.request, case.context)

    assert decision.because or decision.outcome is ALLOW
    assert all(reason.text.en and reason.text.fi for reason in decision.because)
    if decision.outcome is ESCALATE:
        assert decision.escalate_to is not None
        assert decision.escalate_to.to
        assert decision.escalate_to.due_at > case.context.now
    if decision.outcome is not ALLOW:
        assert decision.say is not None
        _is_true_what_is_offered_instead(case, book, decision)
    _names_what_binds(case, decision)


def _is_true_what_is_offered_instead(case: Case, book: CompiledRulebook, decision: Decision) -> None:
    """Whoever then asks for what the answer says is available, or for an alternative, gets it; and in that order."""
    if decision.available_minor is not None:
        assert asked(case, decision.available_minor, book).outcome is ALLOW
    found = decision.alternatives
    for other in found:
        request = replace(case.request, remedy=other.remedy, amount_minor=other.up_to_minor, open_amount=False)
        taken = decide(book, request, case.context)
        assert (taken.outcome, taken.stretched, taken.basis) == (ALLOW, False, other.basis)
    assert list(found) == sorted(found, key=lambda o: (-(o.up_to_minor or 0), o.cost_minor, o.remedy))
    assert decision.remedy not in {other.remedy for other in found}


def _names_what_binds(case: Case, decision: Decision) -> None:
    """The limit named is one that keeps the sum from being given, the narrowest of them."""
    naive = Naive(case.book.rulebook, case.request, case.context)
    reading, wanted = naive.reading, case.request.amount_minor
    if wanted is None or decision.outcome is not ESCALATE or not reading.speaks or wanted <= reading.owed:
        return
    in_the_way = naive.in_the_way(reading.owed, wanted - reading.owed)
    if reading.held_back:
        assert decision.binding_limit is None
    elif in_the_way:
        assert decision.binding_limit is not None
        narrowest = min(NARROWEST_FIRST.index(limit.scope) for limit in in_the_way)
        assert decision.binding_limit.scope is NARROWEST_FIRST[narrowest]
        assert decision.binding_limit.limit in {limit.limit for limit in in_the_way}
    else:
        assert decision.binding_limit is None


@settings(QUICK, max_examples=500)
@given(seeds)
def test_an_open_question_is_answered_by_the_most_that_may_be_given(seed: int):
    case = Draw(seed).case(asks=False)
    if not case.request.open_amount:
        return
    book = case.book
    decision = decide(book, case.request, case.context)
    least = asked(case, 1, book)

    if decision.outcome is ALLOW and decision.amount_minor is not None:
        exact = asked(case, decision.amount_minor, book)
        assert (exact.outcome, exact.stretched, decision.amount_minor) == (ALLOW, False, decision.available_minor)
        more = asked(case, decision.amount_minor + 1, book)
        assert more.outcome is not ALLOW or more.stretched
    elif decision.outcome is ALLOW:
        assert decision.available_minor is None
        assert "unpriced" in {reason.code for reason in least.because} or least.outcome is DENY
    else:
        assert least.outcome is not ALLOW or least.stretched
        assert least.outcome is ESCALATE or least.stretched or decision.outcome is DENY


@settings(QUICK, max_examples=200)
@given(seeds)
def test_what_was_given_before_is_booked_whatever_the_rules_say_now(seed: int):
    case = Draw(seed).case()
    if case.request.amount_minor is None:
        return
    decision = decide(case.book, replace(case.request, given_at=NOON), case.context)

    assert (decision.outcome, decision.after_the_fact, decision.stretched) == (ALLOW, True, False)
    assert decision.amount_minor == case.request.amount_minor == decision.entitled_minor + decision.goodwill_minor
    assert decision.expires_at is None
