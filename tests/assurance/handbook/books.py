"""A small pack with one of everything that the handbook has words for."""

from __future__ import annotations

from datetime import date

from policyservice.assurance.handbook.writing import Writer
from policyservice.rulebook.load import load
from policyservice.rulebook.model import Rulebook

DAY = date(2026, 6, 1)

FILES = {
    "pack.yaml": """
pack: trains
title: {en: Trains, fi: Junat}
currency: EUR
verify_above: 200.00
stretch: {hard_cap: 60.00, margin: 5.00}
safe_floor: {gift: 5.00}
hold_minutes: 2880
answer_within_minutes: 1440
beyond: customer-relations
""",
    "vocabulary.yaml": """
facts:
  train.delay: {type: integer, unit: minutes, lowest: 0, title: {en: Delay, fi: Viive}}
  train.days: {type: integer, unit: days, lowest: 0, title: {en: Days, fi: Päivät}}
  train.price: {type: money, role: {paid: [train.late]}, title: {en: Price, fi: Hinta}}
  train.seat: {type: money, title: {en: Seat fee, fi: Paikkamaksu}}
  train.travelled_on: {type: date, title: {en: Day of travel, fi: Matkapäivä}}
  train.exempt: {type: boolean, presume: false, title: {en: Nobody's fault, fi: Ei kenenkään syy}}
  train.remark: {type: text, title: {en: Remark, fi: Huomautus}}
  customer.tier:
    type: code
    values: [new_here, regular, loyal]
    titles: {loyal: {en: loyal friend, fi: kanta-asiakas}}
    ordered: true
    title: {en: Tier, fi: Taso}
  party.size: {type: integer, unit: passengers, lowest: 1, title: {en: Party, fi: Seurue}}
  party.free: {type: integer, unit: bags, provided_by: rules, title: {en: Free bags, fi: Maksuttomat laukut}}
  party.checked: {type: boolean, provided_by: system, title: {en: Checked in, fi: Lähtöselvitetty}}
reckoned:
  party.most: {each: party.free, per: party.size, title: {en: Free in all, fi: Maksutta yhteensä}}
  party.untold: {from: train.price, less: train.seat}
""",
    "catalogue.yaml": """
remedies:
  refund: {kind: refund, title: {en: Refund, fi: Palautus}}
  gift: {kind: gift, title: {en: Voucher, fi: Lahjakortti}, when_hold_ends: commit, hold_minutes: 60}
  seat: {kind: upgrade, amount: none, title: {en: First class, fi: Ensimmäinen luokka}}
reasons:
  train.late: {title: {en: Late, fi: Myöhässä}}
  train.lost: {title: {en: Lost, fi: Kadonnut}, otherwise: forbid}
  other:
    title: {en: Other, fi: Muu}
    answer_within_minutes: 90
    otherwise: {forbid: [gift], because: {en: No vouchers., fi: Ei kortteja.}}
trust_levels:
  new: {title: {en: New, fi: Uusi}}
  lead: {title: {en: Lead, fi: Vetäjä}}
""",
    "parameters.yaml": """
share:
  what: a share
  unit: percent
  values: {2026-01-01: 20 %, 2027-01-01: 25 %}
rate:
  what: a rate
  unit: money
  in_force_by: train.travelled_on
  values: {2025-01-01: 3.00, 2026-01-01: 4.00}
least:
  what: the least
  unit: money
  values: {2026-01-01: 2.50}
wait:
  what: how long
  unit: integer
  values: {2026-01-01: 90, 2028-01-01: expected}
since:
  what: since when
  unit: date
  values: {2026-01-01: 2026-02-03}
favourite:
  what: a tier
  unit: code
  values: {2026-01-01: loyal}
""",
    "rules/late.yaml": """
rules:
  - id: by-law
    title: {en: By law, fi: Lain mukaan}
    basis: law
    reference: Article 1
    in_force: {from: 2020-01-01, before: 2027-01-01}
    when:
      reason: train.late
      train.delay: {at_least: 60, less_than: 120}
      any: [{party.most: {at_least: 1}}, {train.exempt: false}]
    then:
      - entitle: {remedy: refund, amount: {share: share, of: train.price}}
      - advise: {en: Be kind., fi: Ole ystävällinen.}
    say: {en: It is yours., fi: Se kuuluu sinulle.}
  - id: a-voucher
    title: {en: A voucher, fi: Lahjakortti}
    basis: goodwill
    because: It is fair.
    in_force: {from: 2020-01-01}
    when: {reason: train.late, customer.tier: {at_least: regular}, party.checked: true}
    then: [{permit: {remedy: gift, up_to: 10.00}}, {permit: {remedy: seat}}]
    say: {en: Have a coffee., fi: Ota kahvi.}
  - id: later
    title: {en: Comes later, fi: Tulee myöhemmin}
    basis: goodwill
    because: It is fair.
    in_force: {from: 2027-01-01}
    when: {reason: train.late, train.exempt: true}
    then: [{permit: {remedy: gift, up_to: 12.00}}]
    say: {en: "Later.", fi: Myöhemmin.}
  - id: gone
    title: {en: Is gone, fi: On mennyt}
    basis: goodwill
    because: It was fair.
    in_force: {from: 2020-01-01, before: 2026-06-01}
    when: {reason: train.late, train.exempt: true}
    then: [{permit: {remedy: gift, up_to: 13.00}}]
    say: {en: "Gone.", fi: Mennyt.}
  - id: dated-by-travel
    title: {en: Old journeys, fi: Vanhat matkat}
    basis: contract
    reference: Terms, 3
    in_force: {from: 2020-01-01, before: 2024-01-01}
    in_force_by: train.travelled_on
    when: {reason: train.late, train.exempt: false}
    then: [{entitle: {remedy: refund, amount: train.seat, cumulative: true}}]
    say: {en: "Old.", fi: Vanha.}
  - id: "whatever"
    title: {en: Whatever the reason is, fi: Syystä viis}
    basis: policy
    because: {en: It is fair to all., fi: Se on reilua kaikille.}
    in_force: {from: 2020-01-01}
    when: {train.remark: "<b>&amp;"}
    then: [{escalate: {every: true, to: lead}}]
tables:
  - id: bags
    title: {en: Free bags by tier, fi: Laukut tason mukaan}
    basis: policy
    because: It is fair.
    in_force: {from: 2020-01-01}
    when: {reason: train.late}
    hit: first
    columns: [customer.tier, train.days, $free]
    rows:
      - [loyal, {more_than: 3}, 2]
      - [regular, "-", 1]
      - ["-", "-", 0]
    then: [{conclude: {party.free: $free}}]
""",
    "limits.yaml": """
limits:
  - id: one
    title: {en: One decision, fi: Yksi päätös}
    scope: decision
    amount: {new: 15.00, lead: 50.00}
  - id: year
    title: {en: Customer's year, fi: Asiakkaan vuosi}
    scope: customer
    window: rolling
    days: 365
    amount: 60.00
    count: {new: 1, lead: 5}
    measure: cost
    counts: all
    remedies: [gift]
    reasons: [train.*]
""",
    "tests.yaml": """
as_of: 2026-06-01
cases:
  - {name: a, facts: {reason: other}, ask: {remedy: refund, amount: 1.00}, expect: {outcome: escalate}}
""",
}


def book(**changed: str) -> Rulebook:
    """The pack, checked; `changed` replaces files, "." and "/" in their names written "_"."""
    files = {name: changed.get(name.replace(".", "_").replace("/", "_"), text) for name, text in FILES.items()}
    return load({"trains": files})


def writer(language: str) -> Writer:
    """Writes in a language about the pack on the first day of June 2026."""
    return Writer(book(), language, DAY)


def plain(text: str) -> str:
    """With ordinary spaces in place of those that may not break."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")
