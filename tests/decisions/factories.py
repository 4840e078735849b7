"""A small shop's rulebook and the services around it; each factory names only what matters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from policyservice.access import agents, keys
from policyservice.access.agents import AgentRecord
from policyservice.access.keys import ApiKey, Role
from policyservice.config import Settings
from policyservice.db.session import Database
from policyservice.decisions import publishing
from policyservice.decisions.log import StoredDecision
from policyservice.decisions.replies import Idempotency, Reply
from policyservice.decisions.request import ask
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.domain.vocabulary import AgentKind
from policyservice.rulebook.load import load
from policyservice.rulebook.model import Rulebook
from policyservice.runtime import Runtime
from tests.fakes import NOON, CountingIds, VirtualClock

PACK = """\
pack: shop
title: {en: Shop, fi: Kauppa}
currency: EUR
verify_above: 200.00
stretch: {hard_cap: 60.00, margin: 5.00}
safe_floor: {credit: 10.00}
hold_minutes: 60
answer_within_minutes: 240
"""
VOCABULARY = """\
facts:
  order.paid: {type: money, role: paid, title: {en: Paid, fi: Maksettu}}
  order.days_late: {type: integer, lowest: 0, highest: 3650, title: {en: Days late, fi: Myöhässä}}
  order.category: {type: code, values: [meal, apparel], title: {en: Category, fi: Ryhmä}}
  order.returned: {type: boolean, presume: false, title: {en: Returned, fi: Palautettu}}
  order.date: {type: date, title: {en: Date, fi: Päivä}}
  note.words: {type: text, title: {en: Words, fi: Sanat}}
  customer.loyal: {type: boolean, provided_by: rules, title: {en: Loyal, fi: Uskollinen}}
  fraud.score: {type: integer, provided_by: system, title: {en: Score, fi: Pisteet}}
reckoned:
  order.weeks_late: {each: order.days_late, per: 1}
"""
CATALOGUE = """\
remedies:
  refund: {kind: refund, title: {en: Refund, fi: Hyvitys}}
  credit: {kind: credit, cost_factor: 80 %, title: {en: Credit, fi: Saldo}}
  gift: {kind: gift, when_hold_ends: commit, hold_minutes: 10, title: {en: Gift, fi: Lahja}}
  replacement: {kind: replacement, amount: none, cost: 4.00, title: {en: New one, fi: Uusi}}
reasons:
  delivery.late: {title: {en: Late, fi: Myöhässä}}
  delivery.missing: {title: {en: Missing, fi: Puuttuu}}
  courtesy.other: {otherwise: forbid, title: {en: Courtesy, fi: Ystävällisyys}}
  fraud.suspected: {title: {en: Fraud, fi: Petos}}
trust_levels:
  new: {title: {en: New, fi: Uusi}}
  trusted: {title: {en: Trusted, fi: Luotettu}}
  lead: {title: {en: Lead, fi: Esihenkilö}}
"""
RULES = """\
rules:
  - id: never-came
    title: {en: It never came, fi: Ei tullut}
    basis: contract
    reference: Terms 4
    in_force: {from: 2020-01-01}
    when: {reason: delivery.missing}
    then:
      - entitle: {remedy: refund, amount: order.paid}
      - permit: {remedy: replacement, basis: goodwill}
    say: {en: Your money is on its way., fi: Rahat palautetaan.}
  - id: came-late
    title: {en: It came late, fi: Tuli myöhässä}
    basis: goodwill
    because: It missed the occasion.
    in_force: {from: 2020-01-01}
    when: {reason: delivery.late, order.days_late: {at_least: 1}}
    then:
      - permit: {remedy: credit, up_to: 300.00}
      - permit: {remedy: gift, up_to: 5.00}
    say: {en: Here is something for the wait., fi: Pieni hyvitys odotuksesta.}
  - id: hands-off
    title: {en: Fraud is for the team, fi: Petos kuuluu tiimille}
    basis: policy
    because: They know how.
    in_force: {from: 2020-01-01}
    when: {reason: fraud.suspected}
    then:
      - escalate: {every: true, to: fraud-team}
"""
LIMITS = """\
limits:
  - id: per-decision
    title: {en: Per decision, fi: Kerralla}
    scope: decision
    amount: {new: 20.00, trusted: 50.00, lead: 300.00}
    guard_rails: {amount: {lowest: 0, highest: 300.00}}
  - id: agent-day
    title: {en: Per agent and day, fi: Päivässä}
    scope: agent
    window: day
    amount: {new: 50.00, trusted: 200.00, lead: 1000.00}
    guard_rails: {amount: {lowest: 0, highest: 1000.00}}
  - id: credit-times
    title: {en: Credits a year, fi: Hyvityksiä vuodessa}
    scope: customer
    window: rolling
    days: 365
    count: 3
    remedies: [credit]
    guard_rails: {count: {lowest: 0, highest: 10}}
"""
TESTS = """\
as_of: 2026-06-01
cases:
  - name: what was paid comes back
    facts: {reason: delivery.missing, order.paid: 7.00}
    ask: {remedy: refund, amount: 7.00}
    expect: {outcome: allow, basis: contract}
"""


def sources(**files: str) -> dict[str, dict[str, str]]:
    """The shop's pack as texts; name a file without ".yaml" to replace it: `sources(limits="limits: []")`."""
    texts = {
        "pack.yaml": PACK,
        "vocabulary.yaml": VOCABULARY,
        "catalogue.yaml": CATALOGUE,
        "rules/shop.yaml": RULES,
        "limits/opening.yaml": LIMITS,
        "tests/shop.yaml": TESTS,
    }
    places = {"rules": "rules/shop.yaml", "limits": "limits/opening.yaml", "tests": "tests/shop.yaml"}
    texts.update({places.get(name, f"{name}.yaml"): text for name, text in files.items()})
    return {"shop": texts}


def a_rulebook(**files: str) -> Rulebook:
    """The shop's rulebook, loaded."""
    return load(sources(**files))


def settings(**changes: object) -> Settings:
    """Settings as they are by default."""
    return replace(Settings.from_environment({}), **changes)  # type: ignore[arg-type]


OPENED = NOON - timedelta(days=10)
"""When the shop's rulebook was published."""

AGENTS = (
    AgentRecord("maija", "Maija", "web", "new", AgentKind.HUMAN),
    AgentRecord("teppo", "Teppo", "web", "trusted", AgentKind.HUMAN),
    AgentRecord("liisa", "Liisa", "phone", "lead", AgentKind.HUMAN),
)


def a_shop(db: Database, *, rules: Mapping[str, Mapping[str, str]] | None = None, **changes: object) -> Runtime:
    """Services on a migrated, empty database, with the shop's rulebook in force and its agents registered."""
    clock = VirtualClock(OPENED)
    runtime = Runtime(settings(**changes), clock, CountingIds(), db)
    with db.transaction() as conn:
        published = publishing.publish(conn, rules or sources(), author="test", because="opening", now=clock.now())
        levels = [level.name for level in load(rules or sources()).trust_levels]
        for agent in AGENTS:
            agents.put(conn, agent, trust_levels=levels, now=clock.now())
    assert published.limits == 1
    clock.instant = NOON
    return runtime


def a_key(runtime: Runtime, role: Role = Role.AGENT_UI, **binding: tuple[str, ...]) -> ApiKey:
    """A key in the database, bound to nobody unless `agents` or `teams` are named."""
    with runtime.db.transaction() as conn:
        key, _ = keys.create(conn, runtime.ids, "test", role, now=runtime.clock.now(), **binding)  # type: ignore[arg-type]
    return key


def pseudonym(runtime: Runtime, plain: str, kind: str = "customer") -> str:
    """What the log has in the place of a reference."""
    return runtime.pseudonyms.of(PersonalKind(kind), plain)


def body(**changes: object) -> dict[str, object]:
    """The body of a request for a credit of EUR 7 for a late parcel."""
    asked: dict[str, object] = {
        "agent": "maija",
        "case": "T-1",
        "customer": "C-1",
        "channel": "chat",
        "reason": "delivery.late",
        "remedy": "credit",
        "amount": "7.00",
        "currency": "EUR",
        "order": "O-1",
        "facts": {"order.days_late": 4},
    }
    asked.update(changes)
    return {name: value for name, value in asked.items() if value is not ...}


def render(stored: StoredDecision) -> str:
    """The shortest body that tells decisions apart."""
    return f"{stored.id} {stored.status.value} {stored.standing_minor}"


def decide(runtime: Runtime, key: ApiKey, idempotency_key: str, **changes: object) -> Reply:
    """Ask for a decision under an idempotency key."""
    raw = body(**changes)
    return ask(runtime, raw, key, Idempotency.of("/v1/decisions", idempotency_key, raw), render)


def at(text: str) -> datetime:
    """An instant, such as "2026-06-01T12:00+03:00"."""
    return datetime.fromisoformat(text)
