"""A history through the real service: a week of a shop, and a drain by many at once, with what each caller was told."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from threading import Barrier

from policyservice.db.session import Database
from policyservice.decisions import settle
from policyservice.decisions.replies import Reply
from policyservice.decisions.rulebooks import Rulebooks
from policyservice.domain.errors import PolicyServiceError
from tests.decisions.factories import a_key
from tests.ledger.invariants.books import Books
from tests.ledger.invariants.calls import Call
from tests.ledger.invariants.checks import Check, Evidence
from tests.simulator.shop import a_runtime, open_shop

CALLERS = 8


class History:
    """A shop on an empty database, the calls made to it, its books, and what a check complains of."""

    def __init__(self, db: Database, rulebooks: Rulebooks, check: Check) -> None:
        open_shop(db)
        self.services = a_runtime(db, rulebooks)
        self.actor = a_key(self.services)
        self.books = Books(db, self.services.zone, self.services.pseudonyms)
        self.calls: list[Call] = []
        self.complaints: list[str] = []
        self._check = check
        self._keys = count(1)

    # --- one after another -----------------------------------------------------------------------------

    def ask(self, amount: str, **changes: object) -> Call:
        """Ask for a credit for a late parcel, of which EUR 2.75 are owed, unless told otherwise."""
        number = next(self._keys)
        fields: dict[str, object] = {
            "agent": "maija",
            "case": f"T-{number}",
            "customer": f"C-{number}",
            "channel": "chat",
            "reason": "delivery.late",
            "remedy": "credit",
            "amount": amount,
            "currency": "EUR",
            "order": f"O-{number}",
            "facts": {"order.paid": "7.00", "order.days_late": 1},
        }
        return Call("ask", f"key-{number}", fields | changes)

    def settle(self, what: str, asked: Call, **fields: object) -> Call:
        """Commit, void or reverse what a call was allowed."""
        decision = asked.answers[0].decision_id
        given = fields if what == "commit" else {"reason": "as she wished"} | fields
        return Call(what, f"key-{next(self._keys)}", given, decision)

    def send(self, call: Call) -> Call:
        """Deliver a call, and note how much was written by it."""
        if call not in self.calls:
            self.calls.append(call)
        before = self._written()
        with suppress(PolicyServiceError):
            call.deliver(self.services, self.actor)
        call.note(self._written() - before)
        return call

    def _written(self) -> int:
        statement = "SELECT (SELECT count(*) FROM decision) + (SELECT count(*) FROM entry)"
        return int(self.books.reader.rows(statement)[0][0])

    # --- at once ---------------------------------------------------------------------------------------

    def send_at_once(self, calls: Iterable[Call]) -> None:
        """Deliver calls from threads that begin together; the same call may be among them several times."""
        copies = list(calls)
        self.calls += {call.key: call for call in copies}.values()
        together = Barrier(len(copies))

        def start(call: Call) -> Reply | None:
            together.wait(timeout=30)
            with suppress(PolicyServiceError):
                return call.deliver(self.services, self.actor)
            return None

        with ThreadPoolExecutor(len(copies)) as pool:
            list(pool.map(start, copies))

    # --- its books -------------------------------------------------------------------------------------

    def look(self, *, whole: bool = False) -> None:
        """Read the books and ask the check about what is new; with `whole`, about what the callers were told too."""
        evidence = Evidence(self.books, self.books.read(whole=whole), self.calls if whole else ())
        self.complaints += self._check(evidence)


def a_week(history: History) -> None:
    """Everything that may become of a decision, on the last second of a day and the first of the next, and refusals."""
    send, clock = history.send, history.services.clock
    half = send(history.ask("5.25"))
    given = send(history.settle("commit", half, amount="4.51", external_ref="P-1"))
    send(given)
    send(history.settle("commit", half, amount="1.00"))  # refused: it is given already
    for amount in ("0.01", "0.02", "1.11"):
        send(history.settle("reverse", half, amount=amount))
    send(history.ask("2.00", currency="GBP"))
    unwanted = send(history.ask("3.75"))
    send(unwanted)
    history.look()
    clock.advance(hours=1)
    send(history.settle("void", unwanted))
    send(Call("ask", unwanted.key, unwanted.fields | {"amount": "1.00"}))  # refused: another body under its key
    send(history.ask("3.00", reason="delivery.missing", remedy="gift"))
    send(history.ask("7.00", reason="delivery.missing", remedy="refund"))
    last = send(history.ask("3.25"))
    clock.advance(hours=12)
    send(history.settle("void", last))  # refused: its hold has ended
    send(history.ask("9.99"))  # more than she may: escalated
    send(history.settle("commit", last))  # late, and booked all the same
    send(history.ask("1.01", currency="GBP"))
    for _ in range(4):
        send(history.ask("4.00", customer="C-often"))  # until her day is spent
    clock.advance(days=3)
    settle.end_due_holds(history.services)
    send(history.settle("reverse", half))
    send(history.ask("2.50", customer="C-often"))
    history.look(whole=True)


def a_drain(history: History) -> None:
    """Eight callers at once, again and again, each call sent by two of them, until nobody is given any more."""
    for _ in range(4):
        calls = [history.ask("5.50", agent="teppo") for _ in range(CALLERS // 2)]
        history.send_at_once(calls + calls)
    history.look(whole=True)
