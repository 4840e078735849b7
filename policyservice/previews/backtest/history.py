"""A history of requests: its lines validated one by one, in time order, the bad ones told apart and counted."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, BinaryIO, NamedTuple
from zoneinfo import ZoneInfo

from policyservice.decisions.validate import Purpose, validate
from policyservice.decisions.values import a_reference
from policyservice.domain.case import Request
from policyservice.domain.decision import AgentView
from policyservice.domain.errors import FieldError, FieldProblem, InvalidRequest
from policyservice.domain.vocabulary import AgentKind
from policyservice.previews.backtest.lines import KEYS, RawLine, read_lines
from policyservice.previews.backtest.quick import QuickRequests
from policyservice.rulebook.model import Rulebook

_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?)?\Z"
)
_OF_THE_LINE = frozenset({"time", "agent", "team", "trust_level"})
"""What a line says besides the request itself; the agent is looked at together with team and trust level."""


class Asked(NamedTuple):
    """One request of the past: when it was made (UTC), by whom, and what was asked."""

    at: datetime
    agent: AgentView
    request: Request


class RefusedLine(NamedTuple):
    """A line that was left out of the back-test, and everything that is wrong with it."""

    number: int
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class History:
    """A history in time order; requests of one instant stay in the order of the file."""

    asked: tuple[Asked, ...]
    refused: tuple[RefusedLine, ...]
    was_sorted: bool  # whether the file was in time order already

    @property
    def lines(self) -> int:
        """Every line that says something, the header not counted."""
        return len(self.asked) + len(self.refused)


def read_history(
    stream: BinaryIO,
    rulebook: Rulebook,
    zone: ZoneInfo,
    trust_level: str,
    advance: Callable[[int], None] = lambda lines: None,
) -> History:
    """The history of a stream, by the vocabulary of a rulebook.

    `zone` is what a time without offset is read in; `trust_level` that of agents of whom a line states none.

    Raises:
        HistoryRefused: the file as a whole cannot be read.
    """
    reader = _Reader(rulebook, zone, trust_level)
    for line in read_lines(stream, rulebook):
        reader.take(line)
        advance(1)
    return reader.history()


@dataclass(slots=True)
class _Reader:
    rulebook: Rulebook
    zone: ZoneInfo
    trust_level: str
    asked: list[Asked] = field(default_factory=list)
    refused: list[RefusedLine] = field(default_factory=list)
    agents: dict[tuple[Any, Any, Any], AgentView] = field(default_factory=dict)
    levels: frozenset[str] = field(init=False)
    quick: QuickRequests = field(init=False)

    def __post_init__(self) -> None:
        self.levels = frozenset(level.name for level in self.rulebook.trust_levels)
        self.quick = QuickRequests(self.rulebook)

    def take(self, line: RawLine) -> None:
        if line.values is None:
            self.refused.append(RefusedLine(line.number, (line.fault or "",)))
            return
        try:
            self.asked.append(self._plain(line.values) or self._asked(line.values))
        except InvalidRequest as problem:
            faults = tuple(f"{error.field}: {error.message}" for error in problem.errors)
            self.refused.append(RefusedLine(line.number, faults))

    def history(self) -> History:
        instants = [asked.at for asked in self.asked]
        was_sorted = all(a <= b for a, b in pairwise(instants))
        ordered = self.asked if was_sorted else sorted(self.asked, key=lambda asked: asked.at)
        return History(tuple(ordered), tuple(self.refused), was_sorted)

    def _plain(self, values: Mapping[str, Any]) -> Asked | None:
        """The request of a line that has nothing wrong with it and nothing unusual about it."""
        if not values.keys() <= KEYS:
            return None
        agent = self._known_agent(values)
        request = self.quick.request(values) if agent is not None else None
        if agent is None or request is None:
            return None
        return Asked(an_instant(values.get("time"), self.zone), agent, request)

    def _asked(self, values: Mapping[str, Any]) -> Asked:
        """One validated request; every field at fault is named at once."""
        errors: list[FieldError] = []
        at = self._collected(errors, lambda: an_instant(values.get("time"), self.zone))
        agent = self._collected(errors, lambda: self._agent(values))
        request = self._collected(errors, lambda: self._request(values, agent, at or datetime.now(UTC)))
        if errors or at is None or agent is None or request is None:
            raise InvalidRequest(errors)
        return Asked(at, agent, request)

    @staticmethod
    def _collected(errors: list[FieldError], read: Callable[[], Any]) -> Any:
        try:
            return read()
        except InvalidRequest as problem:
            errors.extend(problem.errors)
            return None

    def _request(self, values: Mapping[str, Any], agent: AgentView | None, at: datetime) -> Request:
        unknown = [FieldError(str(n)[:80], "is not a field of a history line.") for n in values if n not in KEYS]
        if unknown:
            raise InvalidRequest(unknown)
        raw = {name: value for name, value in values.items() if name not in _OF_THE_LINE}
        raw["agent"] = agent.ref if agent is not None else None
        request = validate(raw, self.rulebook, now=at, purpose=Purpose.EVALUATION, from_systems=True)
        if request.open_amount:
            raise FieldProblem("amount", f"is required for {request.remedy}.")
        return request

    def _agent(self, values: Mapping[str, Any]) -> AgentView:
        known = self._known_agent(values)
        if known is not None:
            return known
        ref, team, level = values.get("agent"), values.get("team"), values.get("trust_level")
        if ref is None:
            raise FieldProblem("agent", "is required.")
        checked = a_reference("agent", ref)
        of_team = None if team is None else a_reference("team", team)
        if level is not None and (not isinstance(level, str) or level not in self.levels):
            named = ", ".join(sorted(self.levels)) or "none: these rules know no trust levels"
            raise FieldProblem("trust_level", f"expected one of {named}.")
        view = AgentView(checked, of_team, AgentKind.HUMAN, level or self.trust_level)
        self.agents[checked, of_team, level] = view
        return view

    def _known_agent(self, values: Mapping[str, Any]) -> AgentView | None:
        try:
            return self.agents.get((values.get("agent"), values.get("team"), values.get("trust_level")))
        except TypeError:  # a list where a text belongs
            return None


def an_instant(value: object, zone: ZoneInfo) -> datetime:
    """The instant of a line in UTC: with its offset, or local time of `zone`; a date alone is its first minute.

    Of a local time that comes twice when clocks are set back, the first is meant.
    """
    if not isinstance(value, str) or not _TIME.match(value):
        raise FieldProblem("time", "expected a time such as '2026-11-22T10:15:00+02:00' or '2026-11-22 10:15'.")
    try:
        found = datetime.fromisoformat(value)
        return (found if found.tzinfo is not None else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise FieldProblem("time", f"{value[:40]!r} is not an instant of the calendar.") from None
