"""A shop in which things happen, and its reports reckoned again from the log, one decision at a time."""

from __future__ import annotations

import random
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count

from sqlalchemy import select

from policyservice.access.keys import ApiKey, Role
from policyservice.cases import escalations
from policyservice.db import tables
from policyservice.decisions import log, settle
from policyservice.decisions.log import StoredDecision
from policyservice.decisions.replies import Idempotency
from policyservice.domain.errors import PolicyServiceError
from policyservice.reports.asked import By, Period, Wanted
from policyservice.reports.comparison import Comparison, comparison
from policyservice.reports.figures import PLACE, Vector
from policyservice.reports.folding import Folder
from policyservice.reports.speed.summing import counting_of
from policyservice.reports.summing import Fine, sums
from policyservice.resolutions.escalations import Resolution, resolve
from policyservice.runtime import Runtime
from tests.decisions.factories import a_key, decide, render

JUNE = Period(date(2026, 6, 1), date(2026, 7, 1))
ALWAYS = Period(date(2026, 1, 1), date(2027, 1, 1))


class Shop:
    """The shop, and what customers, agents and managers do in it."""

    def __init__(self, runtime: Runtime, role: Role) -> None:
        self.runtime = runtime
        self.key = a_key(runtime, role)
        self._numbers = count(1)

    def ask(self, **changes: object) -> str:
        """A decision of a case of its own; its id."""
        number = next(self._numbers)
        own = {"case": f"T-{number}", "customer": f"C-{number}", "order": f"O-{number}"}
        return str(decide(self.runtime, self.key, f"k-{number}", **{**own, **changes}).decision_id)

    def commit(self, decision: str, amount: str | None = None) -> None:
        settle.commit(self.runtime, decision, self.key, self._once(), render, amount=amount)

    def void(self, decision: str) -> None:
        settle.void(self.runtime, decision, self.key, self._once(), render, reason="not wanted")

    def reverse(self, decision: str, amount: str | None = None) -> None:
        settle.reverse(self.runtime, decision, self.key, self._once(), render, amount=amount, reason="mistake")

    def give(self, **changes: object) -> str:
        """A decision whose remedy was given."""
        decision = self.ask(**changes)
        self.commit(decision)
        return decision

    def resolve(self, decision: str, result: str = "granted", **fields: object) -> str | None:
        """The answer to a decision's escalation by a lead; the id of the decision that it is, where it is one."""
        with self.runtime.db.reading() as conn:
            escalation = escalations.of_decisions(conn, [decision])[decision].id
        resolution = Resolution(result=result, agent="liisa", note="looked into", **fields)  # type: ignore[arg-type]
        resolve(self.runtime, escalation, resolution, self.key, self._once(), lambda resolved: "{}")
        with self.runtime.db.reading() as conn:
            return escalations.of_decisions(conn, [decision])[decision].result_decision_id

    def pass_time(self, **span: float) -> None:
        """Move on, and end the holds that are due."""
        self.runtime.clock.advance(**span)  # type: ignore[attr-defined]
        settle.end_due_holds(self.runtime)

    def fold(self, most: int = 3) -> int:
        """Sum up what is final."""
        return Folder(self.runtime.db, counting_of(self.runtime), most=most).step()

    def sums(self, wanted: Wanted | None = None, seen_by: ApiKey | None = None) -> dict[Fine, Vector]:
        """The sums that are not all zero."""
        with self.runtime.db.reading() as conn:
            found = sums(conn, self.runtime.zone, wanted or Wanted(ALWAYS, FINEST), seen_by)
        return {fine: vector for fine, vector in found.items() if any(vector)}

    def compare(self, *by: By, seen_by: ApiKey | None = None, period: Period = JUNE, **filters: str) -> Comparison:
        """The comparison report."""
        wanted = Wanted(period, by or (By.REASON,), tuple(filters.items()))
        with self.runtime.db.reading() as conn:
            return comparison(conn, self.runtime, wanted, seen_by)

    def _once(self) -> Idempotency:
        number = next(self._numbers)
        return Idempotency("p", f"s-{number}", f"f-{number}")


FINEST = (By.DAY, By.REASON, By.CHANNEL, By.TEAM, By.TRUST_LEVEL)
_AGENTS = ("maija", "teppo", "liisa")


def live(shop: Shop, steps: int, seed: int) -> None:
    """Something random at every step: asking, giving all or a part, late or not, taking back, answering, waiting."""
    chance = random.Random(seed)
    decided: list[str] = []
    for _ in range(steps):
        with suppress(PolicyServiceError, KeyError):  # what is not possible is refused, and adds nothing
            _do_something(shop, chance, decided)


def _do_something(shop: Shop, chance: random.Random, decided: list[str]) -> None:
    what = chance.choices(
        ("ask", "commit", "part", "void", "reverse", "back", "resolve", "wait"), (9, 5, 2, 2, 2, 2, 3, 3)
    )[0]
    if what == "ask" or not decided:
        decided.append(_ask(shop, chance))
        return
    chosen = chance.choice(decided[-12:])
    match what:
        case "commit":
            shop.commit(chosen)
        case "part":
            shop.commit(chosen, f"{chance.randint(1, 6)}.00")
        case "void":
            shop.void(chosen)
        case "reverse":
            shop.reverse(chosen)
        case "back":
            shop.reverse(chosen, f"{chance.randint(1, 3)}.00")
        case "resolve":
            if (answer := shop.resolve(chosen, chance.choice(("granted", "refused")))) is not None:
                decided.append(answer)
        case _:
            shop.pass_time(minutes=chance.choice((5, 70, 900)))


def _ask(shop: Shop, chance: random.Random) -> str:
    kind = chance.choice(("late", "late", "late", "missing", "replaced", "fraud", "closed"))
    agent = chance.choice(_AGENTS)
    channel = chance.choice(("chat", "phone"))
    usual = {"agent": agent, "channel": channel}
    match kind:
        case "late":
            amount = f"{chance.choice((3, 7, 12, 20, 22, 45))}.00"
            why = {"justification": "Third time this month."} if chance.random() < 0.5 else {}
            return shop.ask(**usual, **why, amount=amount)
        case "missing":
            facts = {"order.paid": "9.00"}
            return shop.ask(**usual, reason="delivery.missing", remedy="refund", amount="9.00", facts=facts)
        case "replaced":
            facts = {"order.paid": "9.00"}
            return shop.ask(**usual, reason="delivery.missing", remedy="replacement", amount=..., facts=facts)
        case "fraud":
            return shop.ask(**usual, reason="fraud.suspected")
        case _:
            return shop.ask(**usual, reason="courtesy.other")


# --- reckoned again, from what each decision became -------------------------------------------------------


@dataclass
class ByHand:
    """One decision's figures, from its standing alone."""

    path: str
    booked: dict[str, int] = field(default_factory=dict)
    estimated: bool = False


def by_hand(stored: StoredDecision, answers: frozenset[str]) -> ByHand:
    """The figures of a decision by its history, without the changes that entries say."""
    decision = stored.decision
    path = "at_once" if not decision.stretched else "stretched"
    path = {"escalate": "escalated", "deny": "denied"}.get(decision.outcome.value, path)
    found = ByHand("answer" if stored.id in answers else path)
    if not stored.entries:
        found.estimated = path == "escalated"
        return found
    whole = decision.amount_minor or 0
    kinds = [entry.kind.value for entry in stored.entries]
    _put(
        found,
        decision.entitled_minor,
        whole,
        {"reserved": "held", "voided": "voided", "expired": "expired"}.get(stored.status.value, ""),
    )
    if "commit" in kinds:
        given = next(entry.amount_minor for entry in stored.entries if entry.kind.value == "commit")
        _put(found, decision.entitled_minor, given, "given")
        for part in ("goodwill", "entitled"):
            found.booked[f"{part}_freed"] = _part(part, decision.entitled_minor, whole) - _part(
                part, decision.entitled_minor, given
            )
            found.booked[f"{part}_reversed"] = _part(part, decision.entitled_minor, given) - _part(
                part, decision.entitled_minor, stored.standing_minor
            )
        found.estimated = stored.status.value == "committed" and found.path != "answer"
    return found


def _put(found: ByHand, entitled: int, amount: int, state: str) -> None:
    if state:
        for part in ("goodwill", "entitled"):
            found.booked[f"{part}_{state}"] = _part(part, entitled, amount)


def _part(part: str, entitled: int, amount: int) -> int:
    return min(entitled, amount) if part == "entitled" else amount - min(entitled, amount)


def all_by_hand(shop: Shop) -> dict[tuple[object, ...], dict[str, int]]:
    """Every sum by hand: (day, reason, channel, team, trust level, currency, path) to what differs from zero."""
    found: dict[tuple[object, ...], dict[str, int]] = {}
    with shop.runtime.db.reading() as conn:
        answers = frozenset(
            each for each in conn.execute(select(tables.escalation.c.result_decision_id)).scalars() if each
        )
        for stored in log.where(conn, tables.decision.c.seq > 0):
            one = by_hand(stored, answers)
            agent = stored.context.agent
            day = stored.context.now.astimezone(shop.runtime.zone).date()
            request = stored.request
            key = (
                day.isoformat(),
                request.reason,
                request.channel,
                (agent.team if agent else None) or "",
                (agent.trust_level if agent else None) or "",
                request.currency,
                one.path,
            )
            into = found.setdefault(key, {})
            figures = {"decisions": 1, **one.booked, "estimated": int(one.estimated)}
            cost = stored.decision.cost
            if one.estimated and cost is not None:
                figures["estimated_remedy"] = cost.remedy_minor
                for view, (escalation, saving) in cost.views.items():
                    for what, three in (("escalation", escalation), ("saving", saving)):
                        for bound, number in three._asdict().items():
                            figures[f"{what}_{view}_{bound}"] = number
            for name, number in figures.items():
                into[name] = into.get(name, 0) + number
    return {key: kept for key, into in found.items() if (kept := {n: v for n, v in into.items() if v})}


def as_by_hand(
    found: dict[Fine, Vector], *, leaving: Iterable[str] = ("cost_given", "cost_reversed")
) -> dict[tuple[object, ...], dict[str, int]]:
    """A report's finest sums in the form of `all_by_hand`."""
    left = set(leaving)
    shown: dict[tuple[object, ...], dict[str, int]] = {}
    for fine, vector in found.items():
        cell = fine.cell
        key = (*cell, fine.path.value)
        into = shown.setdefault(key, {})
        for name, place in PLACE.items():
            if vector[place] and name not in left:
                into[name] = into.get(name, 0) + vector[place]
    return {key: kept for key, into in shown.items() if (kept := {n: v for n, v in into.items() if v})}


def later(days: float) -> timedelta:
    return timedelta(days=days)
