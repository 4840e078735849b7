"""How much of the discretionary part is available now, and which limit binds.

Source: decision.md section 2, step 5, and section 5. At a bound is allowed; entitlements are never cut, and lower what
is left only where a limit counts all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from policyservice.domain.decision import BindingLimit
from policyservice.domain.limits import NARROWEST_FIRST, Counts, LimitState, Measure, Scope

UNBOUNDED = 1 << 80
"""More than any sum of minor units can be: stands for "no bound" in comparisons."""

_NARROWNESS = {scope: index for index, scope in enumerate(NARROWEST_FIRST)}


class RemedyCost(NamedTuple):
    """What a remedy costs the company: a fixed sum where the facts give one, else `over`/`under` of its face value.

    Where it is not known it is reckoned as nothing, and no limit on cost admits it: see `face_within`.
    """

    over: int
    under: int
    fixed_minor: int | None = None
    is_known: bool = True

    def of(self, face_minor: int) -> int:
        """The cost in minor units of giving `face_minor`; rounded up, as a cost is never understated."""
        if self.fixed_minor is not None:
            return self.fixed_minor
        return -(-self.over * face_minor // self.under)

    def face_within(self, cost_minor: int) -> int:
        """The largest face value whose cost is at most `cost_minor`; -1 where not even none of it is, or not known."""
        if not self.is_known:
            return -1
        if self.fixed_minor is not None:
            return UNBOUNDED if self.fixed_minor <= cost_minor else -1
        return UNBOUNDED if self.over == 0 else cost_minor * self.under // self.over


class Left(NamedTuple):
    """What one limit leaves for the discretionary part of this request.

    `face_minor` is what may still be given; `amount_minor` is the same in the limit's own measure (None: not bounded).
    """

    state: LimitState
    face_minor: int
    amount_minor: int | None
    times: int | None

    @property
    def budget(self) -> bool:
        """A bound that adds up over time; a cap on one decision is none."""
        return self.state.scope is not Scope.DECISION

    def as_binding(self) -> BindingLimit:
        """This limit as the answer names it."""
        return BindingLimit(
            self.state.limit,
            self.state.scope,
            None if self.amount_minor is None else max(0, self.amount_minor),
            self.state.bound.amount_minor,
            None if self.times is None else max(0, self.times),
            self.state.bound.count,
            self.state.renews_at,
        )


class Limits:
    """The limits that are for one remedy, `entitled_minor` of it being owed anyway; what each leaves is worked out when
    it is asked for, since most answers are given without."""

    __slots__ = ("_cost", "_entitled_minor", "_left", "_remedy", "_states")

    def __init__(self, states: Sequence[LimitState], remedy: str, cost: RemedyCost, entitled_minor: int) -> None:
        self._states = states
        self._remedy = remedy
        self._cost = cost
        self._entitled_minor = entitled_minor
        self._left: list[Left] | None = None

    @property
    def left(self) -> list[Left]:
        """What every limit leaves."""
        if self._left is None:
            cost, entitled, remedy = self._cost, self._entitled_minor, self._remedy
            self._left = [
                _left(state, cost, entitled) for state in self._states if not state.remedies or remedy in state.remedies
            ]
        return self._left

    def within(self, face_minor: int) -> int:
        """The part of a discretionary sum that every limit leaves."""
        if face_minor > 0:
            for left in self.left:
                if left.face_minor < face_minor:
                    face_minor = max(0, left.face_minor)
        return face_minor


def _left(state: LimitState, cost: RemedyCost, entitled_minor: int) -> Left:
    counts_all = state.counts is Counts.ALL
    used, bound = state.used, state.bound
    face, amount, count = UNBOUNDED, None, None
    if bound.amount_minor is not None:
        if state.measure is Measure.COST:
            amount = bound.amount_minor - used.goodwill_cost - (used.entitled_cost if counts_all else 0)
            face = cost.face_within(amount) if amount >= 0 else -1
            if counts_all and entitled_minor:  # held against the cost of both parts together, which is rounded once
                face -= entitled_minor
                amount -= cost.of(entitled_minor)
        else:
            amount = bound.amount_minor - used.goodwill_face
            if counts_all:
                amount -= used.entitled_face + entitled_minor
            face = amount
    if bound.count is not None:
        count = bound.count - used.goodwill_count - (used.entitled_count if counts_all else 0)
        if count < 1:
            face = -1
    return Left(state, face, amount, count)


def narrowest(binding: Sequence[Left]) -> Left | None:
    """The one to name of several limits that bind: the narrowest scope, then the least left, then its id."""
    return min(
        binding,
        key=lambda b: (_NARROWNESS[b.state.scope], b.face_minor, b.state.limit),
        default=None,
    )
