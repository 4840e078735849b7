"""Hold, commit, void, end and reverse, on every store alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from policyservice.db.session import Database
from policyservice.domain.decision import Owed, Received, Status
from policyservice.domain.errors import FieldProblem, MoreThanHeld, NotFound, WrongStatus
from policyservice.domain.limits import Scope, Usage, WindowKind
from policyservice.ledger import settle
from policyservice.ledger.algebra import meet, specs_of
from policyservice.ledger.memory import MemoryLedger
from policyservice.ledger.sql import SqlLedger
from policyservice.ledger.store import LedgerStore
from policyservice.ledger.values import EntryKind
from policyservice.rulebook.model import WhenHoldEnds
from tests.ledger.factories import DAY, HELSINKI, HOUR, NOON, a_footprint, a_held, a_limit, limits_of, log_decision
from tests.ledger.factories import prepare as prepare_database

LIMITS = limits_of(a_limit("agent-day"), a_limit("customer-year", Scope.CUSTOMER, WindowKind.ROLLING, days=365))
WHOLE = Usage(goodwill_face=1000, goodwill_cost=1000, goodwill_count=1)


class Bench:
    """One store with a decision to settle."""

    def __init__(self, opened: Callable, log: Callable) -> None:
        self.opened = opened
        self._log = log

    def hold(self, held=None, *, hours=24, ends=WhenHoldEnds.RELEASE):
        held = held or a_held()
        with self.opened() as store:
            self._log(store, held)
            store.lock(held.footprint, ())
            return settle.hold(store, held, now=NOON, expires_at=NOON + hours * HOUR, when_hold_ends=ends)

    def take(self, step, *, at=NOON + HOUR, **given):
        with self.opened() as store:
            return step(store, "dec_1", now=at, **given)

    def used(self, limit="agent-day", at=NOON):
        met = [each for each in meet(LIMITS, a_footprint(at), None, (), HELSINKI) if each.limit.id == limit]
        with self.opened() as store:
            return store.lock(a_footprint(at), specs_of(met))[met[0].spec.key]

    def received(self):
        with self.opened() as store:
            return store.received("O-55", "T-1001", "EUR")


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def bench(request) -> Bench:
    if request.param == "memory":
        memory = MemoryLedger(HELSINKI, [LIMITS])

        @contextmanager
        def in_memory() -> Iterator[LedgerStore]:
            yield memory

        return Bench(in_memory, lambda store, held: None)

    db: Database = request.getfixturevalue("sqlite_db" if request.param == "sqlite" else "postgres_db")
    prepare_database(db, LIMITS)

    @contextmanager
    def in_sql() -> Iterator[LedgerStore]:
        with db.transaction() as connection:
            yield SqlLedger(connection, HELSINKI)

    return Bench(in_sql, lambda store, held: log_decision(store._connection, held))


def test_a_hold_counts_at_once(bench):
    settled = bench.hold()

    assert (settled.head.status, settled.head.amount_minor, settled.entry.number) == (Status.RESERVED, 1000, 0)
    assert bench.used() == WHOLE


def test_a_commit_of_all_changes_no_counter(bench):
    bench.hold()

    settled = bench.take(settle.commit, external_ref="pay-1")

    assert (settled.head.status, settled.head.amount_minor) == (Status.COMMITTED, 1000)
    assert (settled.entry.kind, settled.entry.late, settled.entry.external_ref) == (EntryKind.COMMIT, False, "pay-1")
    assert bench.used() == WHOLE


def test_a_commit_for_less_frees_the_rest(bench):
    bench.hold()

    settled = bench.take(settle.commit, amount_minor=999)

    assert settled.head.amount_minor == 999
    assert bench.used().goodwill_face == 999
    assert bench.used().goodwill_count == 1


@pytest.mark.parametrize(("amount", "error"), [(1001, MoreThanHeld), (0, FieldProblem), (-1, FieldProblem)])
def test_a_commit_of_a_wrong_sum_is_refused_and_names_the_amount(bench, amount, error):
    bench.hold()

    with pytest.raises(error) as refused:
        bench.take(settle.commit, amount_minor=amount)

    assert [each.field for each in refused.value.errors] == ["amount"]
    assert bench.used() == WHOLE


def test_a_void_gives_sum_and_count_back(bench):
    bench.hold()

    settled = bench.take(settle.void, note="customer hung up")

    assert (settled.head.status, settled.head.amount_minor) == (Status.VOIDED, 0)
    assert bench.used() == Usage()


def test_what_is_given_back_counts_in_the_window_of_the_decision(bench):
    bench.hold(hours=24 * 100)

    bench.take(settle.void, at=NOON + 90 * DAY)

    assert bench.used(at=NOON) == Usage()
    assert bench.used(at=NOON + 90 * DAY) == Usage()
    assert bench.used("customer-year", at=NOON + 90 * DAY) == Usage()


def test_a_hold_that_is_due_gives_all_back_when_it_ends(bench):
    bench.hold()

    with bench.opened() as store:
        settled = settle.end(store, *store.reservation("dec_1"), now=NOON + DAY)

    assert (settled.entry.kind, settled.head.status) == (EntryKind.EXPIRE, Status.EXPIRED)
    assert bench.used() == Usage()


def test_a_hold_whose_remedy_counts_as_given_is_committed_when_it_ends(bench):
    bench.hold(ends=WhenHoldEnds.COMMIT)

    with bench.opened() as store:
        settled = settle.end(store, *store.reservation("dec_1"), now=NOON + DAY)

    assert (settled.entry.kind, settled.head.status) == (EntryKind.COMMIT, Status.COMMITTED)
    assert (settled.entry.note, settled.entry.late) == (settle.HOLD_ENDED, False)
    assert bench.used() == WHOLE


def test_a_commit_after_the_release_is_booked_all_the_same_and_marked_late(bench):
    bench.hold()
    with bench.opened() as store:
        settle.end(store, *store.reservation("dec_1"), now=NOON + DAY)

    settled = bench.take(settle.commit, at=NOON + 2 * DAY, amount_minor=400)

    assert (settled.head.status, settled.entry.late, settled.entry.number) == (Status.COMMITTED, True, 2)
    assert bench.used().goodwill_face == 400
    assert bench.used(at=NOON + 2 * DAY) == Usage()  # it counts where it was decided


def test_a_hold_has_ended_on_time_even_when_nobody_booked_its_end(bench):
    bench.hold(hours=24)

    settled = bench.take(settle.commit, at=NOON + DAY)

    assert (settled.entry.late, settled.entry.number) == (True, 2)
    assert bench.used() == WHOLE


def test_a_microsecond_before_its_end_a_hold_is_committed_in_time(bench):
    bench.hold(hours=24)

    settled = bench.take(settle.commit, at=NOON + DAY - HOUR / 3_600_000_000)

    assert (settled.entry.late, settled.entry.number) == (False, 1)


def test_a_due_hold_that_counts_as_given_can_still_be_committed_for_less_and_reversed(bench):
    bench.hold(ends=WhenHoldEnds.COMMIT)

    assert bench.take(settle.commit, at=NOON + 2 * DAY, amount_minor=700).entry.late is False
    assert bench.take(settle.reverse, at=NOON + 2 * DAY).head.status is Status.REVERSED


def test_a_reversal_of_a_part_leaves_the_rest_committed(bench):
    bench.hold()
    bench.take(settle.commit)

    settled = bench.take(settle.reverse, amount_minor=999, note="returned")

    assert (settled.head.status, settled.head.amount_minor) == (Status.COMMITTED, 1)
    assert bench.used() == Usage(goodwill_face=1, goodwill_cost=1, goodwill_count=1)

    settled = bench.take(settle.reverse)

    assert (settled.head.status, settled.head.amount_minor) == (Status.REVERSED, 0)
    assert bench.used() == Usage()


def test_a_reversal_of_more_than_stands_is_refused(bench):
    bench.hold()
    bench.take(settle.commit, amount_minor=600)

    with pytest.raises(MoreThanHeld, match=r"stands for 6\.00 EUR; 6\.01 is more"):
        bench.take(settle.reverse, amount_minor=601)


def test_a_remedy_without_a_sum_takes_no_amount_and_is_reversed_whole(bench):
    bench.hold(a_held(0, 0, goodwill_cost_minor=200))

    with pytest.raises(FieldProblem, match="leave the amount out"):
        bench.take(settle.commit, amount_minor=1)
    assert bench.take(settle.commit).head.status is Status.COMMITTED
    assert bench.used() == Usage(goodwill_cost=200, goodwill_count=1)
    assert bench.take(settle.reverse).head.status is Status.REVERSED
    assert bench.used() == Usage()


def test_what_an_order_received_follows_what_stands(bench):
    held = a_held(300, 700, owed=(Owed("meal", 500), Owed("drink", 200, after_minor=500)), is_refund=True)
    bench.hold(held)
    assert bench.received() == Received(1000, {"drink": (200, 1), "meal": (500, 1)})

    bench.take(settle.commit, amount_minor=600)
    assert bench.received() == Received(600, {"drink": (100, 1), "meal": (500, 1)})

    bench.take(settle.reverse, amount_minor=150)
    assert bench.received() == Received(450, {"drink": (0, 1), "meal": (450, 1)})

    bench.take(settle.reverse)
    assert bench.received() == Received()


def test_without_an_order_the_case_received_it(bench):
    bench.hold(a_held(is_refund=True, footprint=a_footprint(order=None)))

    with bench.opened() as store:
        assert store.received(None, "T-1001", "EUR").refunded_minor == 1000
        assert store.received("O-55", "T-1001", "EUR").refunded_minor == 0
        assert store.received(None, "T-1001", "GBP").refunded_minor == 0
        assert store.received(None, None, "EUR") == Received()


IMPOSSIBLE = [
    ([], settle.reverse, "reserved", "void it"),
    ([settle.void], settle.commit, "voided", "ask for a new decision"),
    ([settle.void], settle.void, "voided", "nothing left to do"),
    ([settle.void], settle.reverse, "voided", "never given"),
    ([settle.commit], settle.commit, "committed", "reverse it"),
    ([settle.commit], settle.void, "committed", "reverse it"),
    ([settle.commit, settle.reverse], settle.reverse, "reversed", "nothing left to do"),
    ([settle.commit, settle.reverse], settle.commit, "reversed", "ask for a new decision"),
    ([settle.commit, settle.reverse], settle.void, "reversed", "nothing left to do"),
]


@pytest.mark.parametrize(("before", "step", "status", "instead"), IMPOSSIBLE)
def test_a_step_that_is_not_possible_says_what_to_do_instead(bench, before, step, status, instead):
    bench.hold()
    for earlier in before:
        bench.take(earlier)

    with pytest.raises(WrongStatus, match=instead) as refused:
        bench.take(step)

    assert refused.value.status == status


@pytest.mark.parametrize(
    ("step", "instead"), [(settle.void, "nothing left to do"), (settle.reverse, "commit it first")]
)
def test_after_its_hold_ended_a_decision_can_only_be_committed(bench, step, instead):
    bench.hold()

    with pytest.raises(WrongStatus, match=instead) as refused:
        bench.take(step, at=NOON + DAY)

    assert refused.value.status == "expired"


def test_a_decision_that_holds_nothing_cannot_be_settled(bench):
    with pytest.raises(NotFound):
        bench.take(settle.commit)


def test_a_decision_booked_at_once_counts_without_a_head():
    memory = MemoryLedger(HELSINKI, [LIMITS])
    specs = specs_of(meet(LIMITS, a_footprint(), None, (), HELSINKI))

    memory.book(a_held())

    assert set(memory.peek(specs, NOON).values()) == {WHOLE}
    with pytest.raises(NotFound):
        settle.commit(memory, "dec_1", now=NOON)
