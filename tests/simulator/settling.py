"""What must come of a call, reckoned before it is sent: by the books alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from policyservice.decisions.validate import LONGEST_DELAY
from policyservice.domain.money import parse_minor
from tests.ledger.invariants.books import Account, Books, News
from tests.ledger.invariants.calls import Call

_MAYBE = ("crash", "temporarily-unavailable")


class Expected(NamedTuple):
    """How a call must end: "answered", or a refusal's code; what stands after it; whether it is a repeat or late."""

    outcome: str
    standing_minor: int = 0
    is_repeat: bool = False
    is_late: bool = False

    def wrong_with(self, call: Call, outcome: str, news: News) -> list[str]:
        """What of a call's end is not as it must be."""
        return list(self._wrong_with(call, outcome, news))

    def _wrong_with(self, call: Call, outcome: str, news: News) -> Iterator[str]:
        if outcome not in (self.outcome, *_MAYBE):
            yield f"{call.what} {call.key} of {call.decision} ended in {outcome} instead of {self.outcome}"
        if outcome != "answered":
            return
        if call.answers[-1].replayed != self.is_repeat:
            yield f"{call.key} was answered {call.answers[-1]}, is a repeat: {self.is_repeat}"
        if self.is_repeat or call.decision is None:
            return
        last = news.booked[-1].entry
        booked = (last.decision, last.kind, last.amount_minor, last.late)
        if booked != (call.decision, call.what, self.standing_minor, self.is_late):
            yield f"{call.what} {call.key} booked {booked} instead of {self}"


def expected_of(call: Call, books: Books, now: datetime) -> Expected:
    """What must come of a call that is sent now."""
    kept = books.replies.get(books.place_of(call.path, call.key))
    if kept is not None:
        is_reuse = call.fields.get("case") == "T-9"
        return Expected("idempotency-key-reused") if is_reuse else Expected("answered", is_repeat=True)
    if call.decision is None:
        given_at = call.fields.get("given_at")
        is_too_old = given_at is not None and now - datetime.fromisoformat(str(given_at)) > LONGEST_DELAY
        return Expected("invalid-request" if is_too_old else "answered")
    account = books.accounts[call.decision]
    amount = call.fields.get("amount")
    minor = None if amount is None else parse_minor(str(amount), account.logged.currency, "amount")
    return _SETTLES[call.what](account, minor, now)


def _commit(account: Account, amount: int | None, now: datetime) -> Expected:
    if account.status not in ("reserved", "expired"):
        return Expected("wrong-status")
    if amount is not None and amount > account.whole_minor:
        return Expected("more-than-held")
    ended = account.is_due(now) and account.entries[0].when_hold_ends == "release"
    given = account.whole_minor if amount is None else amount
    return Expected("answered", given, is_late=ended or account.status == "expired")


def _void(account: Account, amount: int | None, now: datetime) -> Expected:
    if account.status != "reserved" or account.is_due(now):
        return Expected("wrong-status")
    return Expected("answered")


def _reverse(account: Account, amount: int | None, now: datetime) -> Expected:
    was_given = account.is_due(now) and account.entries[0].when_hold_ends == "commit"
    if account.status != "committed" and not was_given:
        return Expected("wrong-status")
    if amount is not None and amount > account.standing_minor:
        return Expected("more-than-held")
    return Expected("answered", account.standing_minor - (account.standing_minor if amount is None else amount))


_SETTLES = {"commit": _commit, "void": _void, "reverse": _reverse}
