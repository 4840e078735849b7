"""One run of the simulator: a seed, the steps it leads to, and what is checked after each of them.

Everything that happens follows from the seed: the requests, the clock, the crashes, the order of what arrives.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import timedelta
from hashlib import sha256
from random import Random

from policyservice.db.session import Database
from policyservice.decisions import settle
from policyservice.decisions.policy import policy_in_force
from policyservice.decisions.replay import replay
from policyservice.decisions.replies import Reply
from policyservice.decisions.request import answer, item_of
from policyservice.decisions.rulebooks import Rulebooks
from policyservice.domain.errors import LogUnavailable, PolicyServiceError
from policyservice.domain.money import decimal_string
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.ledger.reconcile import reconcile
from policyservice.runtime import Runtime
from tests.decisions.factories import a_key, render, settings
from tests.fakes import NOON, CountingIds, VirtualClock
from tests.ledger.invariants import checks
from tests.ledger.invariants.books import Account, Books, News
from tests.ledger.invariants.calls import Call
from tests.ledger.invariants.checks import Evidence
from tests.simulator import policy
from tests.simulator.answers import ORDERS, paid_for, wrong_with
from tests.simulator.policy import InForce
from tests.simulator.settling import Expected, expected_of
from tests.simulator.shop import AGENTS
from tests.simulator.wire import Crash, Wire

AFTER_EVERY_STEP = tuple(
    check
    for check in checks.INVARIANTS
    if check not in (checks.no_lost_update_on_a_hot_counter, checks.counters_rebuild_from_the_log)
)
"""The other two are asked at the end, or of callers that come at once."""

WHOLE_EVERY = 50
"""After how many steps everything is compared, and not only what was touched."""

SEASON = 40
"""After how many steps there are other orders, cases and incidents."""

REASONS = {
    "delivery.late": ("credit", "credit", "gift", "refund", "replacement"),
    "delivery.missing": ("refund", "refund", "gift"),
    "product.broken": ("replacement", "refund", "credit"),
}


KEY = "the simulator's, so that pseudonyms too follow from the seed"


class Wrong(AssertionError):
    """What must hold does not; each complaint begins with the name of what was asked."""

    def __init__(self, complaints: Collection[str]) -> None:
        self.complaints = tuple(complaints)
        super().__init__(f"{len(self.complaints)} complaints: {self.complaints}")


class Simulation:
    """A shop on a database, its callers, its managers, and whoever pulls the plug."""

    tell: Callable[[str], None] = staticmethod(lambda line: None)
    """Called with each line of what happened."""

    def __init__(self, db: Database, rulebooks: Rulebooks, seed: int) -> None:
        self.chance = Random(seed)
        self.db = db
        self.rulebooks = rulebooks
        self.clock, self.ids = VirtualClock(NOON), CountingIds()
        self.wire = Wire(db)
        self.services = self._started()
        self.actor = a_key(self.services)
        self.pseudonyms = self.services.pseudonyms
        self.books = Books(db, self.services.zone, self.pseudonyms)
        self.in_force = InForce(self.pseudonyms)
        self._look_at_policy()
        self.step = 0
        self.happened: Counter[str] = Counter()
        self.trace: deque[str] = deque(maxlen=25)
        self.digest = sha256()
        self.allowed: list[str] = []
        self.answered: list[Call] = []
        self.unanswered: list[Call] = []
        self._paid: dict[str | None, int] = {None: paid_for(None)}
        self._usual_calls: dict[str, int] = {}

    def _started(self) -> Runtime:
        return Runtime(settings(pseudonym_key=KEY), self.clock, self.ids, self.db, self.rulebooks)

    # --- a step ----------------------------------------------------------------------------------------

    def take_a_step(self) -> None:
        """Let one thing happen, and check all that must hold.

        Raises:
            Wrong: something does not.
        """
        self.step += 1
        steps, weights = zip(*_STEPS, strict=True)
        self.chance.choices(steps, weights)[0](self)

    def _note(self, what: str) -> None:
        line = f"{self.step} {self.clock.instant:%m-%dT%H:%M} {what}"
        self.digest.update(line.encode())
        self.trace.append(line)
        self.tell(line)

    def _check(self, calls: tuple[Call, ...] = (), *, was_alone: bool = True) -> News:
        news = self.books.read(whole=self.step % WHOLE_EVERY == 0)
        evidence = Evidence(self.books, news, calls)
        complaints = [f"{check.__name__}: {said}" for check in AFTER_EVERY_STEP for said in check(evidence)]
        for account in news.decisions:
            last = was_alone or (account is news.decisions[-1] and all(call.decision is None for call in calls))
            wrong = wrong_with(account, self.books, self.in_force, self._paid.__getitem__, was_last=last)
            complaints += (f"answer: {said}" for said in wrong)
            if account.entries:
                self.allowed.append(account.logged.id)
        self._must_be_right(complaints)
        return news

    @staticmethod
    def _must_be_right(complaints: Collection[str]) -> None:
        if complaints:
            raise Wrong(complaints)

    # --- what clients do -------------------------------------------------------------------------------

    def ask(self) -> None:
        self._send(self._a_request())

    def record(self) -> None:
        self._send(self._a_record())

    def ask_together(self) -> None:
        """Several requests, some of them for an instant before, as one transaction decides them."""
        calls = [
            self._a_record() if self.chance.random() < 0.3 else self._a_request()
            for _ in range(self.chance.randint(2, 4))
        ]
        for number, call in enumerate(calls):
            call.key = f"{call.key}.{number}"
        mishap = self.chance.choices(("none", "crash", "refuse"), (75, 15, 10))[0]
        self._arm("together", mishap, [])
        outcome = self._deliver_together(calls)
        self._settle_down("together")
        if outcome == "crash":
            self.services = self._started()
        news = self._check(tuple(calls), was_alone=False)
        effects = f"{len(news.decisions)} {[booked.entry.kind for booked in news.booked]}"
        self._note(f"together {[call.key for call in calls]} {mishap} -> {outcome} {effects}")

    def _deliver_together(self, calls: Sequence[Call]) -> str:
        replies: list[Reply | None] = [None] * len(calls)
        try:
            items = [item_of(self.services, call.fields, self.actor, call.idempotency) for call in calls]
            answers = answer(self.services, items, render)
            replies = [call.hear(said) for call, said in zip(calls, answers, strict=True)]
            outcome = str(
                [reply.body if reply else call.refusals[-1] for call, reply in zip(calls, replies, strict=True)]
            )
        except Crash:
            self.db.engine.dispose()
            outcome = "crash"
        except LogUnavailable as refusal:
            assert self.wire.fired, "the database was there"
            for call in calls:
                call.hear(refusal)
            outcome = refusal.code
        for call, reply in zip(calls, replies, strict=True):
            self._file(call, reply, lost=False)
        return outcome

    def _a_record(self) -> Call:
        """What was given under the safe floor some hours or days ago."""
        at = max(NOON, self.clock.instant - timedelta(hours=self.chance.choice((0, 1, 30, 100))))
        remedy, amount = self.chance.choice(("credit", "refund")), decimal_string(self.chance.randint(1, 200), "EUR")
        return self._a_request(remedy=remedy, amount=amount, given_at=at.isoformat(), currency="EUR")

    def _a_request(self, **more: object) -> Call:
        chance = self.chance
        reason = chance.choice(tuple(REASONS))
        remedy = more.get("remedy") or chance.choice(REASONS[reason])
        season = self.step // SEASON
        order = chance.choice((None, *(f"{order}.{season}" for order in (*ORDERS, "O-1"))))
        fields: dict[str, object] = {
            "agent": chance.choice(AGENTS).ref,
            "case": f"T-{chance.randint(1, 3)}.{season}",
            "customer": chance.choice(("C-1", f"C-2.{season}", None)),
            "channel": "chat",
            "reason": reason,
            "remedy": remedy,
            "currency": chance.choice(("EUR", "EUR", "EUR", "GBP")),
            "order": order,
            "incident": chance.choice((None, None, f"I-1.{season}")),
            "justification": chance.choice((None, "She waited.")),
        }
        fields |= more
        if order is not None:
            self._paid[self.pseudonyms.of(PersonalKind.ORDER, order)] = paid_for(order)
        paid = decimal_string(paid_for(order), str(fields["currency"]))
        fields["facts"] = {"order.days_late": chance.randint(1, 4), "order.paid": paid}
        if remedy != "replacement" and "amount" not in more:
            fields["amount"] = decimal_string(chance.choice((1, 101, 200, 250, chance.randint(1, 700))), "EUR")
        return Call("ask", f"k{self.step}", fields)

    def commit(self) -> None:
        one = self._any()
        if one is not None:
            self._send(Call("commit", f"k{self.step}", self._some_of(one, one.whole_minor), one.logged.id))

    def void(self) -> None:
        one = self._any()
        if one is not None:
            self._send(Call("void", f"k{self.step}", {"reason": "as she wished"}, one.logged.id))

    def reverse(self) -> None:
        one = self._any()
        if one is not None:
            fields = self._some_of(one, one.standing_minor) | {"reason": "as she wished"}
            self._send(Call("reverse", f"k{self.step}", fields, one.logged.id))

    def _any(self) -> Account | None:
        if not self.allowed:
            return None
        recent = self.allowed[-8:] if self.chance.random() < 0.9 else self.allowed
        return self.books.accounts[self.chance.choice(recent)]

    def _some_of(self, one: Account, most: int) -> dict[str, object]:
        """All of a sum, a part of it, or just more than there is."""
        if not one.whole_minor or self.chance.random() < 0.5:
            return {}
        return {"amount": decimal_string(self.chance.randint(1, most + 1), one.logged.currency)}

    def repeat(self) -> None:
        """Send a call again that was answered, perhaps long ago."""
        if self.answered:
            recent = self.answered[-10:] if self.chance.random() < 0.7 else self.answered
            self._send(self.chance.choice(recent))

    def retry(self) -> None:
        """Send a call again whose answer never came; others may have been sent since."""
        if self.unanswered:
            self._send(self.unanswered.pop(self.chance.randrange(len(self.unanswered))))

    def reuse(self) -> None:
        """Send another body under a key that was answered."""
        asked = [call for call in self.answered[-20:] if call.decision is None]
        if asked:
            first = self.chance.choice(asked)
            self._send(Call("ask", first.key, {**first.fields, "case": "T-9"}))

    def _send(self, call: Call) -> None:
        expected = expected_of(call, self.books, self.clock.instant)
        mishap = self.chance.choices(("none", "crash", "refuse", "lose", "between"), (64, 13, 6, 7, 10))[0]
        between: list[str] = []
        self._arm(call.what, mishap, between)
        reply, outcome = self._deliver(call)
        self._settle_down(call.what)
        if outcome == "crash":
            self.services = self._started()
        news = self._check_call(call, expected, outcome, alone=not between)
        self._file(call, reply, lost=mishap == "lose")
        said = reply.body if reply is not None else outcome
        effects = f"{len(news.decisions)} {[booked.entry.kind for booked in news.booked]}"
        self._note(f"{call.what} {call.decision or ''} {call.key} {mishap}{between} -> {said} {effects}")

    def _arm(self, what: str, mishap: str, between: list[str]) -> None:
        nth = self.chance.randint(1, self._usual_calls.get(what, 20) + 1)
        self.wire.arm(
            crash_at=nth if mishap == "crash" else 0,
            refuse_at=nth if mishap == "refuse" else 0,
            between=(lambda: between.append(self._another_caller())) if mishap == "between" else None,
        )

    def _settle_down(self, what: str) -> None:
        if not self.wire.fired:
            self._usual_calls[what] = max(self.wire.count, self._usual_calls.get(what, 0))
        self.happened[f"{what} mishap" if self.wire.fired else what] += 1
        self.wire.disarm()

    def _deliver(self, call: Call) -> tuple[Reply | None, str]:
        try:
            return call.deliver(self.services, self.actor), "answered"
        except Crash:
            self.db.engine.dispose()
            return None, "crash"
        except LogUnavailable as refusal:
            assert self.wire.fired, "the database was there"
            return None, refusal.code
        except PolicyServiceError as refusal:
            return None, refusal.code

    def _another_caller(self) -> str:
        """Somebody else asks, or ends holds, while a call has looked and not acted yet."""
        if self.chance.random() < 0.2:
            return f"{settle.end_due_holds(self.services)} ended"
        other = self._a_request()
        other.key = f"{other.key}b"
        reply = other.deliver(self.services, self.actor)
        self.answered.append(other)
        return reply.body

    def _check_call(self, call: Call, expected: Expected, outcome: str, *, alone: bool) -> News:
        if outcome == "crash":
            return self._check(was_alone=alone)
        if alone:
            call.note(self._written_since(call))
        news = self._check((call,), was_alone=alone)
        self._must_be_right([f"end of the call: {said}" for said in expected.wrong_with(call, outcome, news)])
        return news

    def _written_since(self, call: Call) -> int:
        """Decisions and entries since the books were read; holds that were due are ended on the way of a request."""
        ((decisions, entries, ended),) = self.books.reader.rows(_WRITTEN, self.books.last_entry)
        on_the_way = ended if call.what == "ask" else 0
        return int(decisions + entries - on_the_way - len(self.books.accounts) - len(self.books.entries))

    def _file(self, call: Call, reply: Reply | None, *, lost: bool) -> None:
        """What the client knows: an answer, a refusal for good, or nothing, and then it will ask again."""
        if reply is not None and not lost:
            self.answered.append(call)
        elif reply is not None or not call.refusals or call.refusals[-1] == LogUnavailable.code:
            self.unanswered.append(call)

    # --- what goes on around them ----------------------------------------------------------------------

    def wait(self) -> None:
        self.clock.advance(minutes=self.chance.choice((1, 19, 20, 45, 90, 300, 1440, 2880, 10_000)))

    def sweep(self) -> None:
        due = sum(self.books.accounts[one].is_due(self.clock.instant) for one in self.allowed)
        ended = self._manage("sweep", lambda: str(settle.end_due_holds(self.services)))
        assert ended in ("crash", "refused", str(due)), (ended, due)

    def turn(self) -> None:
        now = self.clock.instant
        limits, starts = self.in_force.at(now), now + timedelta(hours=self.chance.choice((0, 0, 2)))
        self._manage("turn", lambda: policy.turn(self.services, self.chance, limits, starts))

    def grant(self) -> None:
        now = self.clock.instant
        ends = now + timedelta(minutes=self.chance.choice((60, 1500)))
        made = policy.a_grant(self.chance, f"grt_{self.step:04}", now, ends)
        self._manage("grant", lambda: policy.grant(self.services, made, self.in_force.at(now)))

    def publish(self) -> None:
        self._manage("publish", lambda: policy.publish_rules(self.services, self.chance))

    def restart(self) -> None:
        """Another process, with nothing in memory."""
        self.db.engine.dispose()
        self.services = self._started()

    def _manage(self, what: str, work: Callable[[], str]) -> str:
        mishap = self.chance.choices(("none", "crash", "refuse"), (75, 15, 10))[0]
        self._arm(what, mishap, [])
        try:
            outcome = work()
        except Crash:
            self.db.engine.dispose()
            self.services, outcome = self._started(), "crash"
        except LogUnavailable:
            assert self.wire.fired
            outcome = "refused"
        self._settle_down(what)
        if what != "sweep":
            self._look_at_policy()
        self._check()
        self._note(f"{what} {mishap} -> {outcome}")
        return outcome

    def _look_at_policy(self) -> None:
        """Read what is in force, and make its rulebook ready: the other seeds share those in memory, and what a call
        sends must not hang on which seeds were run before.
        """
        self.in_force.read(self.services)
        with self.db.reading() as conn:
            made = policy_in_force(conn, self.clock.instant)
            self.rulebooks.ready(conn, made.rules, made.costs)

    # --- after it --------------------------------------------------------------------------------------

    def check_at_the_end(self) -> None:
        """All of the books, counters made anew, and every decision re-computed."""
        while self.unanswered:
            self.step += 1
            self._deliver(self.unanswered.pop())
            self._check()
        self.step = -(-self.step // WHOLE_EVERY) * WHOLE_EVERY
        evidence = Evidence(self.books, self._check())
        complaints = [f"counters_rebuild_from_the_log: {s}" for s in checks.counters_rebuild_from_the_log(evidence)]
        with self.db.reading() as conn:
            complaints += (f"reconcile: {said}" for said in reconcile(conn, self.services.zone))
        complaints += (f"replay: {said}" for said in self._recomputed())
        self._must_be_right(complaints)

    def _recomputed(self) -> Iterator[str]:
        with self.db.reading() as conn:
            for again in replay(conn, self.rulebooks):
                if again.differences:
                    yield f"{again.id} re-computes to {again.differences}"


_WRITTEN = (
    "SELECT (SELECT count(*) FROM decision), (SELECT count(*) FROM entry), "
    "(SELECT count(*) FROM entry WHERE seq > ? AND (kind = 'expire' OR note = 'hold-ended'))"
)

_STEPS: tuple[tuple[Callable[[Simulation], None], float], ...] = (
    (Simulation.ask, 25),
    (Simulation.record, 3),
    (Simulation.ask_together, 4),
    (Simulation.commit, 13),
    (Simulation.void, 6),
    (Simulation.reverse, 7),
    (Simulation.repeat, 11),
    (Simulation.retry, 8),
    (Simulation.reuse, 2),
    (Simulation.wait, 12),
    (Simulation.sweep, 3),
    (Simulation.turn, 2),
    (Simulation.grant, 2),
    (Simulation.publish, 0.4),
    (Simulation.restart, 1.6),
)
