"""A history moved to another time, and the clock that goes along with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from policyservice.domain.vocabulary import FactType
from policyservice.previews.backtest.history import Asked
from policyservice.rulebook.model import Rulebook

_CHANNEL = "phone"


class HistoryClock:
    """Tells the instant of the history that is being written."""

    def __init__(self, now: datetime) -> None:
        self.instant = now

    def now(self) -> datetime:
        """The instant, in UTC."""
        return self.instant

    def move_to(self, instant: datetime) -> None:
        """Go on to an instant; never back."""
        self.instant = max(self.instant, instant)


def moved(history: Sequence[Asked], by: timedelta, rulebook: Rulebook, currency: str | None) -> list[Asked]:
    """The history at another time, its dates with it, every sum read in `currency` as the same number."""
    dates = {name for name, fact in rulebook.facts.items() if fact.type is FactType.DATE}
    return [
        Asked(
            asked.at + by,
            asked.agent,
            replace(
                asked.request,
                currency=currency or asked.request.currency,
                case=asked.request.case or asked.request.order or f"history-{number}",
                channel=asked.request.channel or _CHANNEL,
                facts={
                    name: value + by.days if name in dates and isinstance(value, int) else value
                    for name, value in asked.request.facts.items()
                },
            ),
        )
        for number, asked in enumerate(history, start=1)
    ]
