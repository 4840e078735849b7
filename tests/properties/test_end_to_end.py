"""Forty random steps of a shop's day on SQLite, each checked against sums over a list: nothing is overspent, nothing is
lost, nothing is owed twice, and the log re-computes to itself."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import event

from policyservice.db.session import Database
from policyservice.decisions import log, settle
from policyservice.decisions.log import StoredDecision
from policyservice.decisions.masking import unmasked
from policyservice.decisions.replay import replay
from policyservice.decisions.replies import Idempotency
from policyservice.decisions.request import ask
from policyservice.decisions.rulebooks import Rulebooks
from policyservice.domain.decision import BindingLimit, Outcome, Status
from policyservice.domain.errors import MoreThanHeld, WrongStatus
from policyservice.domain.limits import Bound, Counts, Grant, Limit, LimitSet, Measure, Scope, Usage
from policyservice.domain.money import decimal_string
from policyservice.ledger.reconcile import reconcile
from policyservice.limits import grants, versions
from policyservice.limits.change import with_bound
from policyservice.personal.grants import mask
from policyservice.runtime import Runtime
from tests.decisions.factories import a_key, render
from tests.fakes import NOON
from tests.fixtures_db import _without_fsync
from tests.properties.corner_shop import AGENTS, OWED, a_runtime, make
from tests.properties.ledger_model import GIVEN, RELEASED, Given, LedgerModel

SEEDS, STEPS = 30, 40
ORDERS = {"O-1": 350, "O-2": 700, "O-3": 1201, None: 500}
"""What was paid for each order; None is the request that names no order."""
LEVELS = {agent.ref: agent.trust_level for agent in AGENTS}
TEAMS = {agent.ref: agent.team for agent in AGENTS}
REASONS = {
    "delivery.late": ("credit", "credit", "gift", "refund", "replacement"),
    "delivery.missing": ("refund", "refund", "gift"),
    "product.broken": ("replacement", "refund", "credit"),
}


@pytest.fixture(scope="module")
def rulebooks() -> Iterator[Rulebooks]:
    shared = Rulebooks()
    yield shared
    shared.close()


@pytest.fixture(scope="module")
def opened_shop(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(sqlite_template, tmp_path_factory.mktemp("shop") / "opened.db")


class Walk:
    """A shop, the model beside it, and the steps that may be taken; every step checks what it did."""

    def __init__(self, runtime: Runtime, seed: int) -> None:
        self.runtime = runtime
        self.chance = Random(seed)
        self.model = LedgerModel(runtime.zone)
        self.key = a_key(runtime)
        self.grants: list[Grant] = []
        self.step = 0
        self.allowed = self.escalated = 0

    @property
    def now(self) -> datetime:
        return self.runtime.clock.now()

    def take_a_step(self) -> None:
        self.step += 1
        steps = (
            self.ask,
            self.commit,
            self.void,
            self.reverse,
            self.wait,
            self.record,
            self.turn,
            self.grant,
            self.sweep,
        )
        self.chance.choices(steps, weights=(50, 14, 6, 8, 10, 4, 3, 4, 1))[0]()

    # --- asking --------------------------------------------------------------------------------------

    def ask(self, **more: object) -> None:
        chance = self.chance
        reason = chance.choice(tuple(REASONS))
        remedy = str(more.get("remedy") or chance.choice(REASONS[reason]))
        order = chance.choice((*ORDERS, "O-1"))
        raw: dict[str, object] = {
            "agent": chance.choice(tuple(LEVELS)),
            "case": chance.choice(("T-1", "T-2", "T-3")),
            "customer": chance.choice(("C-1", "C-2", None)),
            "channel": "chat",
            "reason": reason,
            "remedy": remedy,
            "currency": "EUR",
            "order": order,
            "incident": chance.choice((None, None, "I-1")),
            "justification": chance.choice((None, "She waited.")),
            "facts": {"order.paid": decimal_string(ORDERS[order], "EUR"), "order.days_late": chance.randint(1, 4)},
        }
        if remedy != "replacement":
            raw["amount"] = decimal_string(chance.choice((1, 101, 200, 250, chance.randint(1, 700))), "EUR")
        self._decide(raw | more)

    def record(self) -> None:
        """What was given under the safe floor some days ago."""
        hours = self.chance.choice((0, 1, 30, 100))
        at = max(NOON, self.now - timedelta(hours=hours))
        amount = decimal_string(self.chance.randint(1, 200), "EUR")
        self.ask(given_at=at.isoformat(), remedy=self.chance.choice(("credit", "refund")), amount=amount)

    def _decide(self, raw: dict[str, object]) -> None:
        reply = ask(self.runtime, raw, self.key, Idempotency.of("/v1/decisions", f"k{self.step}", raw), render)
        self.model.end_due(self.now)
        assert reply.decision_id is not None
        stored = self._read(reply.decision_id)
        limits = self._in_force(stored.context.now)
        if stored.request.given_at is None:
            self._check_context(stored, limits)
            self._check_answer(stored, limits)
        else:
            assert stored.decision.outcome is Outcome.ALLOW
        if stored.decision.outcome is Outcome.ALLOW:
            ends = GIVEN if stored.request.remedy == "gift" else RELEASED
            self.model.given[stored.id] = Given.of(stored, ends)
            self.allowed += 1
        refused = Status.DENIED if stored.decision.outcome is Outcome.DENY else Status.ESCALATED
        assert stored.status is (self._known(stored.id) or refused)

    def _known(self, decision_id: str) -> Status | None:
        found = self.model.given.get(decision_id)
        return found.status if found else None

    def _check_context(self, stored: StoredDecision, limits: LimitSet) -> None:
        """What the decision was told is what the sums over the list say."""
        request, context = stored.request, stored.context
        assert context.received == self.model.received(request.order, request.case)
        agent = str(request.agent)
        assert context.agent is not None
        assert context.agent.trust_level == self._level(agent)
        met = {state.limit: state for state in context.limits}
        expected = {limit.id: limit for limit in limits.limits if self._meets(limit, stored)}
        assert set(met) == set(expected)
        for limit in expected.values():
            state = met[limit.id]
            assert state.bound == self._bound(limit, agent), limit.id
            if limit.scope is not Scope.DECISION:
                subject = self._subject(limit, stored)
                assert state.used == self.model.used(limit, subject, context.now), limit.id

    def _check_answer(self, stored: StoredDecision, limits: LimitSet) -> None:
        """No allow overspends, refunds more than was paid, or gives what is owed twice; who escalates has a cause."""
        decision, request = stored.decision, stored.request
        assert decision.outcome in (Outcome.ALLOW, Outcome.ESCALATE) or self._is_more_than_paid(stored)
        if decision.outcome is Outcome.ESCALATE:
            self.escalated += 1
            if decision.binding_limit is not None:
                self._check_binding(stored, limits, decision.binding_limit)
            return
        if decision.outcome is Outcome.DENY:
            return
        assert decision.stretched or not self._exceeded(stored, limits)
        assert all(limit.scope is Scope.DECISION for limit in self._exceeded(stored, limits))
        before = self.model.received(request.order, request.case)
        if request.remedy == "refund":
            assert before.refunded_minor + (decision.amount_minor or 0) <= ORDERS[request.order]
        mine = Given.of(stored, RELEASED)
        for part in decision.owed:
            minor, times = before.owed.get(part.rule, (0, 0))
            if part.rule == "broken replacement":
                assert times == 0
            else:
                assert minor + mine.owed_part(part) <= OWED.get(part.rule, ORDERS[request.order])

    def _is_more_than_paid(self, stored: StoredDecision) -> bool:
        request = stored.request
        before = self.model.received(request.order, request.case).refunded_minor
        return request.remedy == "refund" and (request.amount_minor or 0) > max(0, ORDERS[request.order] - before)

    def _exceeded(self, stored: StoredDecision, limits: LimitSet) -> list[Limit]:
        """The limits that a decision with a discretionary part is beyond."""
        mine = Given.of(stored, RELEASED).usage
        if not mine.goodwill_count:
            return []
        found = []
        for limit in limits.limits:
            if self._meets(limit, stored) and limit.covers(stored.request.remedy, stored.request.reason):
                used = Usage()
                if limit.scope is not Scope.DECISION:
                    used = self.model.used(limit, self._subject(limit, stored), stored.context.now)
                if not _fits(limit, self._bound(limit, str(stored.request.agent)), used.plus(mine)):
                    found.append(limit)
        return found

    def _check_binding(self, stored: StoredDecision, limits: LimitSet, named: BindingLimit) -> None:
        """What is named as left is what the sums leave, and it is less than what was asked beyond what is owed."""
        limit = limits.by_id(named.limit)
        assert limit is not None
        bound = self._bound(limit, str(stored.request.agent))
        used = Usage()
        if limit.scope is not Scope.DECISION:
            used = self.model.used(limit, self._subject(limit, stored), stored.context.now)
        assert bound is not None
        if limit.counts is Counts.GOODWILL and bound.amount_minor is not None:
            spent = used.goodwill_face if limit.measure is Measure.FACE else used.goodwill_cost
            assert named.left_minor == max(0, bound.amount_minor - spent)
        if limit.counts is Counts.GOODWILL and bound.count is not None:
            assert named.left_count == max(0, bound.count - used.goodwill_count)

    def _meets(self, limit: Limit, stored: StoredDecision) -> bool:
        has_subject = limit.scope is Scope.DECISION or self._subject(limit, stored) is not None
        return has_subject and limit.is_for(stored.request.reason)

    def _subject(self, limit: Limit, stored: StoredDecision) -> str | None:
        return Given.of(stored, RELEASED).subjects[limit.scope]

    def _in_force(self, at: datetime) -> LimitSet:
        with self.runtime.db.reading() as conn:
            return versions.in_force(conn, at)

    def _holding(self, agent: str) -> list[Grant]:
        """The grants that hold for an agent now, the one made last at the end."""
        team = TEAMS[agent]
        mine = [g for g in self.grants if g.agent == agent or (g.team is not None and g.team == team)]
        return [g for g in mine if g.starts_at <= self.now < g.ends_at]

    def _level(self, agent: str) -> str:
        given = [grant.trust_level for grant in self._holding(agent) if grant.trust_level is not None]
        return given[-1] if given else LEVELS[agent]

    def _bound(self, limit: Limit, agent: str) -> Bound | None:
        usual = limit.bound_for(self._level(agent))
        granted = [grant.bound for grant in self._holding(agent) if grant.limit == limit.id]
        if not granted or granted[-1] is None or usual is None:
            return usual
        amount, count = granted[-1].amount_minor, granted[-1].count
        return Bound(usual.amount_minor if amount is None else amount, usual.count if count is None else count)

    # --- what becomes of it ----------------------------------------------------------------------------

    def commit(self) -> None:
        one = self._any()
        if one is None:
            return
        late = one.is_due(self.now) and one.when_hold_ends == RELEASED
        possible = one.status in (Status.RESERVED, Status.EXPIRED)
        amount = self.chance.choice((None, self.chance.randint(1, one.whole + 1))) if one.whole else None
        if self._settle("commit", one, possible, one.whole, amount):
            late = late or one.status is Status.EXPIRED
            one.status, one.standing = Status.COMMITTED, one.whole if amount is None else amount
            assert self._read(one.id).entries[-1].late is late

    def void(self) -> None:
        one = self._any()
        if one is not None and self._settle("void", one, one.status is Status.RESERVED and not one.is_due(self.now)):
            one.status, one.standing = Status.VOIDED, None

    def reverse(self) -> None:
        one = self._any()
        if one is None:
            return
        ended = one.is_due(self.now) and one.when_hold_ends == GIVEN
        possible = one.status is Status.COMMITTED or ended
        standing = one.standing or 0
        amount = self.chance.choice((None, self.chance.randint(1, standing + 1))) if one.whole else None
        if self._settle("reverse", one, possible, standing, amount):
            left = 0 if amount is None else standing - amount
            one.status, one.standing = (Status.COMMITTED, left) if left else (Status.REVERSED, None)

    def _any(self) -> Given | None:
        found = list(self.model.given.values())
        return self.chance.choice(found[-8:]) if found else None

    def _settle(self, name: str, one: Given, possible: bool, most: int = 0, amount: int | None = None) -> bool:
        fields: dict[str, object] = {} if name == "commit" else {"reason": "as the customer wished"}
        if amount is not None:
            fields["amount"] = decimal_string(amount, "EUR")
        idempotency = Idempotency.of(f"/v1/decisions/{one.id}/{name}", f"k{self.step}", fields)
        before = self._read(one.id)
        try:
            getattr(settle, name)(self.runtime, one.id, self.key, idempotency, render, **fields)
        except WrongStatus:
            assert not possible
        except MoreThanHeld:
            assert possible
            assert amount is not None
            assert amount > most
        else:
            assert possible
            assert amount is None or amount <= most
            return True
        assert self._read(one.id) == before  # a refusal leaves everything as it was
        return False

    # --- around it -----------------------------------------------------------------------------------

    def wait(self) -> None:
        self.runtime.clock.advance(minutes=self.chance.choice((1, 19, 20, 45, 90, 300, 1440, 2880, 10_000)))

    def sweep(self) -> None:
        assert settle.end_due_holds(self.runtime) == self.model.end_due(self.now)

    def turn(self) -> None:
        """Turn one bound, or take a limit out, or bring all of the opening ones back."""
        limits = self._in_force(self.now)
        what = self.chance.randrange(4)
        if what == 0:
            fewer = [each for each in limits.limits if each.id != self.chance.choice(limits.limits).id]
            limits = LimitSet(0, tuple(fewer))
        elif what == 1:
            with self.runtime.db.reading() as conn:
                limits = versions.get(conn, 1)
        elif limits.by_id("agent-day") is not None:
            limits = with_bound(limits, "agent-day.new", self.chance.choice(("0.00", "3.00", "9.00")))
        with self.runtime.db.transaction() as conn:
            versions.publish(conn, limits, effective_from=self.now, author="liisa", because="storm", now=self.now)

    def grant(self) -> None:
        who = self.chance.choice(({"agent": "maija"}, {"agent": "robot"}, {"team": "web"}))
        what = self.chance.choice(
            (
                {"trust_level": "trusted"},
                {"limit": "per-decision", "bound": Bound(600)},
                {"limit": "order-once", "bound": Bound(900)},
                {"limit": "agent-day", "bound": Bound(100)},
            )
        )
        ends = self.now + timedelta(minutes=self.chance.choice((60, 1500)))
        made = Grant(f"grt_{self.step:03}", self.now, ends, "storm", "liisa", self.now, **who, **what)
        limits = self._in_force(self.now)
        if made.limit is None or limits.by_id(made.limit) is not None:
            with self.runtime.db.transaction() as conn:
                grants.add(conn, mask(self.runtime.pseudonyms, made)[0], limits)
            self.grants.append(made)

    def _read(self, decision_id: str) -> StoredDecision:
        with self.runtime.db.reading() as conn:
            stored = log.read(conn, decision_id)
            return replace(stored, request=unmasked(conn, stored.request))

    # --- after it ------------------------------------------------------------------------------------

    def check_books(self) -> None:
        with self.runtime.db.reading() as conn:
            assert reconcile(conn, self.runtime.zone) == []

    def check_log(self) -> None:
        self.sweep()
        with self.runtime.db.reading() as conn:
            assert [again for again in replay(conn, self.runtime.rulebooks) if again.differences] == []
        for one in self.model.given.values():
            stored = self._read(one.id)
            assert (stored.status, stored.standing_minor) == (one.status, one.standing or 0)


def _fits(limit: Limit, bound: Bound | None, after: Usage) -> bool:
    if limit.counts is Counts.GOODWILL:
        after = after._replace(entitled_face=0, entitled_cost=0, entitled_count=0)
    face = limit.measure is Measure.FACE
    amount = after.goodwill_face + after.entitled_face if face else after.goodwill_cost + after.entitled_cost
    most = bound or Bound()
    within_amount = most.amount_minor is None or amount <= most.amount_minor
    return within_amount and (most.count is None or after.goodwill_count + after.entitled_count <= most.count)


def walk(opened: Path, path: Path, rulebooks: Rulebooks, seed: int, steps: int) -> Walk:
    """Take random steps on a copy of the opened shop, checking after each."""
    db = Database(f"sqlite:///{shutil.copy(opened, path)}")
    event.listen(db.engine, "connect", _without_fsync)
    try:
        walking = Walk(a_runtime(db, rulebooks), seed)
        for _ in range(steps):
            walking.take_a_step()
            walking.check_books()
        walking.check_log()
    finally:
        db.dispose()
    return walking


@pytest.mark.parametrize("seed", range(SEEDS))
def test_forty_steps_keep_to_every_limit_and_leave_books_that_agree(opened_shop, rulebooks, tmp_path, seed):
    walked = walk(opened_shop, tmp_path / "shop.db", rulebooks, seed, STEPS)

    assert walked.allowed >= 3


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1000, 1100))
def test_two_hundred_steps_do_so_too(opened_shop, rulebooks, tmp_path, seed):
    walked = walk(opened_shop, tmp_path / "shop.db", rulebooks, seed, 200)

    assert walked.escalated >= 10
