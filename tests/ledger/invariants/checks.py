"""The ledger's invariants, one function each: what it complains of, nothing where it holds.

Each looks at what is new in the books and at what the clients were told, so that it can be asked after every step.
docs/explanation/how-the-ledger-is-tested.md says what each means to whoever relies on the service.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from sqlalchemy import delete, update

from policyservice.db import tables
from policyservice.decisions.holding import GIVEN_BEFORE
from policyservice.domain.decision import Decision
from policyservice.domain.limits import Bound, Counts, LimitState, Measure, Scope, Usage
from policyservice.ledger.keys import read_key
from policyservice.ledger.reconcile import rebuild
from policyservice.ledger.settle import HOLD_ENDED
from tests.ledger.invariants.books import Account, Booked, Books, News, Told
from tests.ledger.invariants.calls import Call
from tests.ledger.invariants.rows import USAGE


class Evidence(NamedTuple):
    """The books, what is new in them, and the calls that clients made meanwhile."""

    books: Books
    news: News
    calls: Sequence[Call] = ()


Check = Callable[[Evidence], Iterator[str]]


def conservation(given: Evidence) -> Iterator[str]:
    """What was allowed is held, and is at any time standing or given back; nothing comes from nowhere."""
    for account in given.news.decisions:
        allowed = account.logged.outcome == "allow"
        if allowed != bool(account.entries):
            yield f"{account.logged.id} is {account.logged.outcome} and has {len(account.entries)} entries"
        if allowed and account.entries and account.entries[0].amount_minor != account.whole_minor:
            yield f"{account.logged.id} allows {account.whole_minor} and holds {account.entries[0].amount_minor}"
    for account in _touched(given.news):
        sums = account.total
        if sums.goodwill_face + sums.entitled_face != account.standing_minor:
            yield f"of {account.logged.id} {account.standing_minor} stand, its entries add up to {tuple(sums)}"
        if not 0 <= account.standing_minor <= account.whole_minor:
            yield f"of {account.logged.id} {account.standing_minor} stand out of {account.whole_minor}"
    for head in given.news.heads:
        account = given.books.accounts[head.decision]
        expected = (account.status, account.standing_minor, account.entries[-1].number)
        if (head.status, head.amount_minor, head.number) != expected:
            yield f"the head of {head.decision} is {head}, its entries say {expected}"
    if given.news.whole and len(given.news.heads) != sum(bool(a.entries) for a in given.books.accounts.values()):
        yield f"there are {len(given.news.heads)} heads"


def counter_equals_sum_of_entries(given: Evidence) -> Iterator[str]:
    """Every counter is the sum of the entries in its window, and knows when a rolling one is no longer right."""
    for key in given.news.unreadable:
        yield f"counter {key} counts what nobody can read"
    for kept, spec, summed, oldest in given.news.positions:
        if kept.usage != summed:
            yield f"counter {kept.key} is {tuple(kept.usage)}, its entries add up to {tuple(summed)}"
        leaves = None if oldest is None else oldest + timedelta(days=spec.shape.window.days)
        if leaves is not None and (kept.stale_at is None or kept.stale_at > leaves):
            yield f"counter {kept.key} would be kept until {kept.stale_at}, its oldest entry is of {oldest}"


def append_only(given: Evidence) -> Iterator[str]:
    """What was logged once stays as it is."""
    books = given.books
    (found,) = books.reader.rows("SELECT (SELECT count(*) FROM decision), (SELECT count(*) FROM entry)")
    known = (len(books.accounts), len(books.entries))
    if tuple(found) != known:
        yield f"{found} decisions and entries where there were {known}"
    if given.news.whole and not books.is_as_read():
        yield "a row of the log is not what it was"


def duplicate_is_a_no_op(given: Evidence) -> Iterator[str]:
    """Every effect has one key, every key one effect; a repeated call gets the first answer and writes nothing."""
    caused = Counter(_path_of(booked) for booked in given.news.booked if _has_a_caller(booked))
    caused += Counter({"/v1/decisions": len(given.news.decisions)})
    kept = Counter(reply.path for reply in given.news.replies)
    for path in sorted(caused.keys() | kept.keys()):
        if caused[path] != kept[path]:
            yield f"{path}: {caused[path]} effects and {kept[path]} answers kept"
    for call in given.calls:
        if len({reply.body for reply in call.answers}) > 1:
            yield f"the key {call.key} was answered {[reply.body for reply in call.answers]}"
        if call.written_by_repeats:
            yield f"repeats of {call.key} wrote {call.written_by_repeats} decisions and entries"


def concurrent_duplicates_collapse(given: Evidence) -> Iterator[str]:
    """However many copies of a call come at once, one is decided and all get its answer."""
    for call in given.calls:
        first = [reply for reply in call.answers if not reply.replayed]
        if len(first) > 1:
            yield f"{call.key} was decided {len(first)} times"
        if len({(reply.status, reply.body) for reply in call.answers}) > 1:
            yield f"copies of {call.key} got different answers"


def no_lost_update_on_a_hot_counter(given: Evidence) -> Iterator[str]:
    """A counter that all share shows every sum that callers were told is held; for calls that only ask, of one day."""
    told: Counter[object] = Counter()
    for call in given.calls:
        for body in {reply.body for reply in call.answers}:
            told[call.fields["currency"]] += int(body.split()[2])
    shared = [p for p in given.news.positions if p.spec.shape.scope is Scope.ORGANISATION]
    if not shared:
        yield "no counter is shared by all"
    for kept, spec, _, _ in shared:
        counted = kept.usage.goodwill_face + kept.usage.entitled_face
        if counted != told[spec.shape.currency]:
            yield f"{kept.key} shows {counted}, callers were told of {told[spec.shape.currency]}"


def the_guard_holds(given: Evidence) -> Iterator[str]:
    """A decision that holds was told what was used at that moment, and with it stays within every bound."""
    for told in given.news.told:
        if told.limit.covers(told.account.logged.remedy, told.account.logged.reason) and told.state.used != told.before:
            yield f"{told.account.logged.id} was told {told.state.limit} has {told.state.used}, it had {told.before}"
        if _is_beyond(told):
            yield f"{told.account.logged.id} is beyond {told.state.limit}: {told.state.bound}, used {told.before}"


def no_precision_drift(given: Evidence) -> Iterator[str]:
    """However often a decision is settled in parts, its entries add up to the exact part that stands."""
    for account in _touched(given.news):
        exact = _exactly(account)
        if account.total != exact:
            yield f"{account.logged.id} adds up to {tuple(account.total)}, exactly it is {tuple(exact)}"
        if any(type(part) is not int for entry in account.entries for part in entry.change):
            yield f"{account.logged.id} has an entry that is no whole number"


def currencies_never_mix(given: Evidence) -> Iterator[str]:
    """An entry is in its decision's currency, and no counter of another one moves by it."""
    for account, _, entry in given.news.booked:
        if entry.currency != account.logged.currency:
            yield f"{account.logged.id} is in {account.logged.currency}, entry {entry.number} in {entry.currency}"
    for kept, spec, summed, _ in given.news.positions:
        if kept.usage == summed:
            continue
        for currency in sorted(given.books.currencies - {spec.shape.currency}):
            other = spec._replace(shape=spec.shape._replace(currency=currency))
            if kept.usage == summed.plus(given.books.sum_of(other, kept.summed_at)[0]):
                yield f"{kept.key} counts {currency}: {tuple(kept.usage)} instead of {tuple(summed)}"


def correction_only_by_compensation(given: Evidence) -> Iterator[str]:
    """What was given is corrected by a reversal that takes back; no second commit, no step out of turn."""
    for account, before, entry in given.news.booked:
        allowed = _FOLLOWS[before.kind if before else None]
        if entry.kind not in allowed:
            yield f"{account.logged.id}: {entry.kind} after {before.kind if before else 'nothing'}"
        grows = any(change > 0 for change in entry.change[:4])
        if grows and entry.kind in ("void", "expire", "reverse"):
            yield f"{account.logged.id}: {entry.kind} adds {tuple(entry.change)}"
        if entry.kind == "commit" and before is not None and entry.late != (before.kind == "expire"):
            yield f"{account.logged.id}: a commit after {before.kind} is marked late: {entry.late}"


def counters_rebuild_from_the_log(given: Evidence) -> Iterator[str]:
    """Thrown away and made anew from the entries, counters and heads are what they were."""
    before = _caches(given.books)
    with suppress(_OnlyTried), given.books.db.transaction() as conn:
        conn.execute(update(tables.counter).values(dict.fromkeys(Usage._fields, 0)))
        conn.execute(delete(tables.reservation))
        rebuild(conn, given.books.zone)
        after = {table: set(map(tuple, conn.exec_driver_sql(text))) for table, text in _CACHES.items()}
        raise _OnlyTried
    for table, rows in before.items():
        for row in sorted(rows ^ after[table], key=str):
            yield f"{table}: {row} is {'kept' if row in rows else 'made anew'} alone"


def order_is_monotonic(given: Evidence) -> Iterator[str]:
    """Decisions are logged in the order of time; the entries of each are numbered without a gap, none too early."""
    last = given.news.logged_before
    for account in given.news.decisions:
        if last is not None and account.logged.logged_at < last.logged_at:
            yield f"{account.logged.id} is logged at {account.logged.logged_at}, after one of {last.logged_at}"
        last = account.logged
    for account, before, entry in given.news.booked:
        number, at = (before.number + 1, before.at) if before else (0, account.logged.logged_at)
        if entry.number != number or entry.at < at:
            yield f"{account.logged.id}: entry {entry.number} at {entry.at} after number {number - 1} at {at}"


def refused_is_never_applied(given: Evidence) -> Iterator[str]:
    """A call that was refused wrote nothing and keeps no answer; who escalates or denies holds nothing."""
    place_of = given.books.place_of
    answered = {place_of(call.path, call.key) for call in given.calls if call.answers}
    kept = {(reply.path, reply.key) for reply in given.news.replies} - answered
    for call in given.calls:
        if call.refusals and not call.answers and place_of(call.path, call.key) in kept:
            yield f"{call.key} was refused ({call.refusals}) and has an answer"
        if call.written_by_refusals:
            yield f"{call.key} was refused ({call.refusals}) and wrote {call.written_by_refusals} decisions and entries"
    for account in given.news.decisions:
        if account.logged.outcome != "allow" and (account.entries or account.whole_minor):
            yield f"{account.logged.id} is {account.logged.outcome} and holds {account.standing_minor}"


_FOLLOWS: dict[str | None, tuple[str, ...]] = {
    None: ("hold",),
    "hold": ("commit", "void", "expire"),
    "expire": ("commit",),
    "commit": ("reverse",),
    "reverse": ("reverse",),
    "void": (),
}
_BY_ITSELF = (HOLD_ENDED, GIVEN_BEFORE)
_CACHES = {
    "counter": f"SELECT key, {USAGE} FROM counter WHERE counted AND substr(key, 1, 9) <> 'received|'",
    "reservation": "SELECT decision_id, status, amount_minor, number, when_hold_ends FROM reservation",
}


class _OnlyTried(Exception):
    """Takes back what was done to see what would come of it."""


def _caches(books: Books) -> dict[str, set[tuple[object, ...]]]:
    """What is kept, without counters left over from limits that are over: those are not made anew."""
    found = {table: set(books.reader.rows(text)) for table, text in _CACHES.items()}
    shapes = books.kept_shapes()
    specs = {row: read_key(str(row[0])) for row in found["counter"]}
    found["counter"] = {row for row, spec in specs.items() if spec is None or spec.shape in shapes}
    return found


def _touched(news: News) -> list[Account]:
    accounts = [*news.decisions, *(booked.account for booked in news.booked)]
    return list({account.logged.id: account for account in accounts}.values())


def _has_a_caller(booked: Booked) -> bool:
    return booked.entry.kind in ("commit", "void", "reverse") and booked.entry.note not in _BY_ITSELF


def _path_of(booked: Booked) -> str:
    return f"/v1/decisions/{booked.entry.decision}/{booked.entry.kind}"


def _is_beyond(told: Told) -> bool:
    logged, limit = told.account.logged, told.limit
    decision = logged.record.decision
    mine = _part(decision, decision.goodwill_minor + decision.entitled_minor)
    if decision.after_the_fact or not mine.goodwill_count or not limit.covers(logged.remedy, logged.reason):
        return False
    if limit.scope is Scope.DECISION and decision.stretched:
        return False
    return not _fits(told.state, told.before.plus(mine))


def _fits(state: LimitState, after: Usage) -> bool:
    if state.counts is Counts.GOODWILL:
        after = after._replace(entitled_face=0, entitled_cost=0, entitled_count=0)
    is_face = state.measure is Measure.FACE
    amount = after.goodwill_face + after.entitled_face if is_face else after.goodwill_cost + after.entitled_cost
    most: Bound = state.bound
    within = most.amount_minor is None or amount <= most.amount_minor
    return within and (most.count is None or after.goodwill_count + after.entitled_count <= most.count)


def _exactly(account: Account) -> Usage:
    """What must count of a decision by the record of it and what stands."""
    if account.status not in ("reserved", "committed"):
        return Usage()
    return _part(account.logged.record.decision, account.standing_minor)


def _part(decision: Decision, standing: int) -> Usage:
    entitled = min(decision.entitled_minor, standing)
    goodwill = standing - entitled
    is_owed = goodwill == 0 and (entitled > 0 or bool(decision.owed))
    return Usage(
        goodwill,
        entitled,
        _share(decision.goodwill_cost_minor, goodwill, decision.goodwill_minor),
        _share(decision.entitled_cost_minor, entitled, decision.entitled_minor),
        int(not is_owed),
        int(is_owed),
    )


def _share(cost: int, part: int, whole: int) -> int:
    return ceil(Fraction(cost * part, whole)) if whole else cost


INVARIANTS: tuple[Check, ...] = (
    conservation,
    counter_equals_sum_of_entries,
    append_only,
    duplicate_is_a_no_op,
    concurrent_duplicates_collapse,
    no_lost_update_on_a_hot_counter,
    the_guard_holds,
    no_precision_drift,
    currencies_never_mix,
    correction_only_by_compensation,
    counters_rebuild_from_the_log,
    order_is_monotonic,
    refused_is_never_applied,
)
