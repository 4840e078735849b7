"""What managers have put in force, as a list of it: limits, grants, rules; and what that means for one agent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from sqlalchemy import select

from policyservice.db import tables
from policyservice.decisions.publishing import publish
from policyservice.domain.errors import PolicyServiceError
from policyservice.domain.limits import Bound, Grant, Limit, LimitSet
from policyservice.domain.pseudonyms import PersonalKind, Pseudonyms
from policyservice.limits import grants, versions
from policyservice.limits.change import with_bound
from policyservice.personal import kept
from policyservice.personal.grants import mask
from policyservice.runtime import Runtime
from tests.simulator.shop import AGENTS, RULES, SOURCES

_RULES = (RULES, RULES.replace("up_to: 5.50", "up_to: 5.25"), RULES.replace("up_to: 4.00", "up_to: 4.40"))


@dataclass
class InForce:
    """Every version that was published, and every grant made, as read after the last change.

    Agents are known by the pseudonyms that the log has of them.
    """

    pseudonyms: Pseudonyms
    limits: list[LimitSet] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    rules: list[tuple[datetime, int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._registered = {self.pseudonyms.of(PersonalKind.AGENT, agent.ref): agent for agent in AGENTS}

    def read(self, services: Runtime) -> None:
        """Take over what stands in the database now."""
        with services.db.reading() as conn:
            self.limits = sorted(versions.history(conn), key=lambda each: (each.effective_from, each.version))
            self.grants = list(grants.not_ended(conn, AGES_AGO))
            made = tables.publication.c
            self.rules = sorted(map(tuple, conn.execute(select(made.effective_from, made.seq, made.digest))))

    def at(self, at: datetime) -> LimitSet:
        """The limits in force at an instant."""
        return [each for each in self.limits if each.effective_from is not None and each.effective_from <= at][-1]

    def rules_at(self, at: datetime) -> str:
        """The digest of the rules in force at an instant."""
        return [digest for starts, _, digest in self.rules if starts <= at][-1]

    def level(self, agent: str, at: datetime) -> str | None:
        """The trust level of an agent at an instant: that of the last grant which names one."""
        given = [grant.trust_level for grant in self._holding(agent, at) if grant.trust_level is not None]
        return given[-1] if given else self._registered[agent].trust_level

    def bound(self, limit: Limit, agent: str, at: datetime) -> Bound | None:
        """The bound of a limit for an agent at an instant."""
        usual = limit.bound_for(self.level(agent, at))
        granted = [grant.bound for grant in self._holding(agent, at) if grant.limit == limit.id]
        if not granted or granted[-1] is None or usual is None:
            return usual
        amount, count = granted[-1].amount_minor, granted[-1].count
        return Bound(usual.amount_minor if amount is None else amount, usual.count if count is None else count)

    def _holding(self, agent: str, at: datetime) -> list[Grant]:
        team = self._registered[agent].team
        mine = [g for g in self.grants if g.agent == agent or (g.team is not None and g.team == team)]
        return [g for g in mine if g.starts_at <= at < g.ends_at]


AGES_AGO = datetime.fromisoformat("2000-01-01T00:00Z")


def turn(services: Runtime, chance: Random, limits: LimitSet, starts: datetime) -> str:
    """Turn a bound up or down, take a limit out, or bring the opening ones back; in words."""
    what = chance.choice(("fewer", "opening", "agent-day", "agent-day", "team-week", "order-once.count"))
    if what == "fewer":
        gone = chance.choice(limits.limits).id
        limits = LimitSet(0, tuple(each for each in limits.limits if each.id != gone))
    elif what == "opening":
        with services.db.reading() as conn:
            limits = versions.get(conn, 1)
    elif limits.by_id(what.partition(".")[0]) is not None:
        target = "agent-day.new" if what == "agent-day" else what
        limits = with_bound(limits, target, str(chance.randint(0, 9)) + ("" if "count" in what else ".00"))
    with services.db.transaction() as conn:
        now = services.clock.now()
        version = versions.publish(conn, limits, effective_from=starts, author="liisa", because="storm", now=now)
    return f"{what} as version {version} from {starts:%m-%dT%H:%M}"


def grant(services: Runtime, made: Grant, limits: LimitSet) -> str:
    """Make a grant, or say why not."""
    try:
        masked, personal = mask(services.pseudonyms, made)
        with services.db.transaction() as conn:
            grants.add(conn, masked, limits)
            kept.keep_now(conn, personal, now=made.made_at)
    except PolicyServiceError as refusal:
        return refusal.code
    return made.id


def a_grant(chance: Random, id: str, now: datetime, ends: datetime) -> Grant:
    """One of the exceptions that managers make."""
    who = chance.choice(({"agent": "maija"}, {"agent": "robot"}, {"team": "web"}))
    what: dict[str, object] = chance.choice(
        (
            {"trust_level": "trusted"},
            {"limit": "per-decision", "bound": Bound(600)},
            {"limit": "order-once", "bound": Bound(900)},
            {"limit": "agent-day", "bound": Bound(100)},
        )
    )
    return Grant(id, now, ends, "storm", "liisa", now, **who, **what)  # type: ignore[arg-type]


def publish_rules(services: Runtime, chance: Random) -> str:
    """Put another edition of the shop's rules in force at once."""
    texts = {"shop": {**SOURCES["shop"], "rules/all.yaml": chance.choice(_RULES)}}
    with services.db.transaction() as conn:
        now = services.clock.now()
        return publish(conn, texts, author="liisa", because="new terms", now=now).digest
