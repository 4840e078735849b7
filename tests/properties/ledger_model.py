"""What the ledger must say, as a list of what was given and sums over it: no counters, no entries, no windows kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from policyservice.decisions.log import StoredDecision
from policyservice.domain.decision import Owed, Received, Status
from policyservice.domain.limits import Limit, Scope, Usage, Window, WindowKind
from policyservice.domain.vocabulary import RemedyKind

RELEASED, GIVEN = "release", "commit"


@dataclass
class Given:
    """One allowed decision and what became of it; `standing` is None where nothing of it stands."""

    id: str
    at: datetime
    subjects: Mapping[Scope, str | None]
    reason: str
    remedy: str
    entitled: int
    goodwill: int
    entitled_cost: int
    goodwill_cost: int
    owed: tuple[Owed, ...]
    is_refund: bool
    when_hold_ends: str
    ends_at: datetime | None
    status: Status
    standing: int | None

    @classmethod
    def of(cls, stored: StoredDecision, when_hold_ends: str) -> Given:
        request, decision = stored.request, stored.decision
        team = stored.context.agent.team if stored.context.agent else None
        return cls(
            stored.id,
            stored.context.now,
            {
                Scope.AGENT: request.agent,
                Scope.TEAM: team,
                Scope.CUSTOMER: request.customer,
                Scope.CASE: request.case,
                Scope.ORDER: request.order,
                Scope.INCIDENT: request.incident,
                Scope.REASON: request.reason,
                Scope.ORGANISATION: "organisation",
            },
            request.reason,
            request.remedy,
            decision.entitled_minor,
            decision.goodwill_minor,
            decision.entitled_cost_minor,
            decision.goodwill_cost_minor,
            decision.owed,
            stored.remedy_kind is RemedyKind.REFUND,
            when_hold_ends,
            decision.expires_at,
            Status.COMMITTED if decision.after_the_fact else Status.RESERVED,
            decision.entitled_minor + decision.goodwill_minor,
        )

    @property
    def whole(self) -> int:
        return self.entitled + self.goodwill

    def is_due(self, now: datetime) -> bool:
        return self.status is Status.RESERVED and self.ends_at is not None and self.ends_at <= now

    def end(self) -> None:
        """The hold ended: given back, or given."""
        if self.when_hold_ends == GIVEN:
            self.status = Status.COMMITTED
        else:
            self.status, self.standing = Status.EXPIRED, None

    @property
    def usage(self) -> Usage:
        """What counts of it; the entitled part stands first."""
        if self.standing is None:
            return Usage()
        entitled = min(self.entitled, self.standing)
        goodwill = self.standing - entitled
        counts_as_owed = goodwill == 0 and bool(entitled or self.owed)
        return Usage(
            goodwill,
            entitled,
            _of_cost(self.goodwill_cost, goodwill, self.goodwill),
            _of_cost(self.entitled_cost, entitled, self.entitled),
            int(not counts_as_owed),
            int(counts_as_owed),
        )

    def owed_part(self, owed: Owed) -> int:
        """What of the standing sum a rule owed."""
        return max(0, min(owed.minor, (self.standing or 0) - owed.after_minor))


def _of_cost(cost: int, part: int, whole: int) -> int:
    return cost if whole == 0 else (cost * part + whole - 1) // whole


@dataclass
class LedgerModel:
    """Everything that was allowed so far."""

    zone: ZoneInfo
    given: dict[str, Given] = field(default_factory=dict)

    def end_due(self, now: datetime) -> int:
        """End every hold that is due; how many."""
        due = [one for one in self.given.values() if one.is_due(now)]
        for one in due:
            one.end()
        return len(due)

    def used(self, limit: Limit, subject: str | None, at: datetime) -> Usage:
        """What counts for a limit and its subject in the window of an instant."""
        total = Usage()
        for one in self.given.values():
            same = one.subjects.get(limit.scope) == subject
            if same and limit.covers(one.remedy, one.reason) and self._in_window(limit.window, one.at, at):
                total = total.plus(one.usage)
        return total

    def _in_window(self, window: Window, decided: datetime, at: datetime) -> bool:
        day, today = decided.astimezone(self.zone).date(), at.astimezone(self.zone).date()
        match window.kind:
            case WindowKind.ONCE:
                return True
            case WindowKind.ROLLING:
                return decided > at - timedelta(days=window.days)
            case WindowKind.DAY:
                return day == today
            case WindowKind.WEEK:
                return day.isocalendar()[:2] == today.isocalendar()[:2]
            case WindowKind.MONTH:
                return (day.year, day.month) == (today.year, today.month)
            case WindowKind.QUARTER:
                return (day.year, (day.month - 1) // 3) == (today.year, (today.month - 1) // 3)
        return day.year == today.year

    def received(self, order: str | None, case: str | None) -> Received:
        """What the order received, or the case by requests that named no order."""
        refunded, owed = 0, {}
        for one in self.given.values():
            mine = one.subjects[Scope.ORDER] == order and (order is not None or one.subjects[Scope.CASE] == case)
            if not mine or one.standing is None:
                continue
            refunded += one.standing if one.is_refund else 0
            for part in one.owed:
                minor, times = owed.get(part.rule, (0, 0))
                owed[part.rule] = (minor + one.owed_part(part), times + 1)
        return Received(refunded, owed)
