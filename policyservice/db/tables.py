"""Every table, and how each is written.

Append-only tables are guarded by triggers (`db/migrations`): the database refuses update and delete. Mutable
tables are heads (`reservation`, `counter`) that `ledger reconcile` rebuilds from the entries, or registers.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from policyservice.db.types import CanonicalJson, Minor, Serial, UtcInstant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# --- policy: rules, limits, costs; append-only -------------------------------------------------------

rulebook = Table(
    "rulebook",
    metadata,
    Column("digest", String(80), primary_key=True),  # "sha256:..."
    Column("files", CanonicalJson, nullable=False),  # {pack folder name: {path: text}}
    Column("added_at", UtcInstant, nullable=False),
)
"""Published rulebooks, content-addressed."""

publication = Table(
    "publication",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("digest", ForeignKey("rulebook.digest"), nullable=False),
    Column("effective_from", UtcInstant, nullable=False),
    Column("published_at", UtcInstant, nullable=False),
    Column("author", Text, nullable=False),
    Column("because", Text, nullable=False),
    Index("ix_publication_effective", "effective_from", "seq"),
)
"""Which rulebook is in force from when: the latest `effective_from` at or before an instant, then the latest `seq`."""

limit_version = Table(
    "limit_version",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("body", CanonicalJson, nullable=False),
    Column("effective_from", UtcInstant, nullable=False),
    Column("made_at", UtcInstant, nullable=False),
    Column("author", Text, nullable=False),
    Column("because", Text, nullable=False),
)
"""The limits as dated versions; in force as `publication`, by `version`."""

cost_version = Table(
    "cost_version",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("body", CanonicalJson, nullable=False),
    Column("effective_from", UtcInstant, nullable=False),
    Column("made_at", UtcInstant, nullable=False),
    Column("author", Text, nullable=False),
    Column("because", Text, nullable=False),
)
"""The cost parameters as dated versions."""

trust_grant = Table(
    "trust_grant",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("agent", Text),
    Column("team", Text),
    Column("limit_id", Text),
    Column("amount_minor", Minor),
    Column("count", Integer),
    Column("trust_level", Text),
    Column("starts_at", UtcInstant, nullable=False),
    Column("ends_at", UtcInstant, nullable=False),
    Column("reason", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("made_at", UtcInstant, nullable=False),
    CheckConstraint("(agent IS NULL) <> (team IS NULL)", name="for_agent_or_team"),
    CheckConstraint("ends_at > starts_at", name="ends_after_it_starts"),
    Index("ix_trust_grant_ends_at", "ends_at"),
)
"""Dated exceptions, append-only."""

# --- the log: decisions and what became of them; append-only -----------------------------------------

decision = Table(
    "decision",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("at", UtcInstant, nullable=False),  # the decision's instant; given_at where it was given before
    Column("logged_at", UtcInstant, nullable=False),
    Column("outcome", String(10), nullable=False),
    Column("agent", Text, nullable=False),
    Column("team", Text),
    Column("trust_level", Text),
    Column("customer", Text),
    Column("case_ref", Text, nullable=False),
    Column("order_ref", Text),
    Column("incident", Text),
    Column("channel", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("remedy", Text, nullable=False),
    Column("remedy_kind", String(20), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount_minor", Minor),
    Column("goodwill_minor", Minor, nullable=False),
    Column("entitled_minor", Minor, nullable=False),
    Column("cost_minor", Minor, nullable=False),
    Column("basis", String(10)),
    Column("stretched", Boolean, nullable=False),
    Column("after_the_fact", Boolean, nullable=False),
    Column("fault", Text),
    Column("rules_digest", ForeignKey("rulebook.digest"), nullable=False),
    Column("limits_version", ForeignKey("limit_version.version"), nullable=False),
    Column("costs_version", ForeignKey("cost_version.version"), nullable=False),
    Column("api_key", String(40)),
    Column("record", CanonicalJson, nullable=False),  # request, context, decision: all a replay needs
    CheckConstraint("outcome IN ('allow', 'escalate', 'deny')", name="outcome_is_known"),
    Index("ix_decision_at", "at"),
    Index("ix_decision_agent_at", "agent", "at"),
    Index("ix_decision_customer_at", "customer", "at"),
    Index("ix_decision_case_ref", "case_ref"),
    Index("ix_decision_order_ref", "order_ref"),
)
"""One row per decision, written with its holds in one transaction by `decisions.log`."""

BOOKED = ("held", "given", "freed", "voided", "expired", "reversed")
"""What can become of an amount that was held: docs/explanation/reports.md."""

_USAGE = (
    "goodwill_face",
    "entitled_face",
    "goodwill_cost",
    "entitled_cost",
    "goodwill_count",
    "entitled_count",
)

entry = Table(
    "entry",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("decision_id", ForeignKey("decision.id"), nullable=False),
    Column("number", Integer, nullable=False),  # 0 is the hold; counts up per decision
    Column("kind", String(10), nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("decided_at", UtcInstant, nullable=False),  # the decision's instant: fixes the windows
    Column("agent", Text),
    Column("team", Text),
    Column("customer", Text),
    Column("case_ref", Text),
    Column("order_ref", Text),
    Column("incident", Text),
    Column("reason", Text, nullable=False),
    Column("remedy", Text, nullable=False),
    Column("currency", String(3), nullable=False),
    *(Column(name, Minor, nullable=False) for name in _USAGE),  # changes, signed
    Column("refunded_minor", Minor, nullable=False),  # change, for remedies of kind refund
    Column("owed", CanonicalJson, nullable=False),  # {rule: [change of sum, of count]}; a hold adds after_minor
    Column("amount_minor", Minor, nullable=False),  # what stands after this entry
    Column("late", Boolean, nullable=False),
    Column("note", Text),
    Column("external_ref", Text),
    Column("expires_at", UtcInstant),  # of a hold: when it ends
    Column("when_hold_ends", String(10)),  # of a hold: release or commit
    UniqueConstraint("decision_id", "number"),
    CheckConstraint("kind IN ('hold', 'commit', 'void', 'expire', 'reverse')", name="kind_is_known"),
    Index("ix_entry_decided_at", "decided_at"),
    Index("ix_entry_agent_decided", "agent", "decided_at"),
    Index("ix_entry_team_decided", "team", "decided_at"),
    Index("ix_entry_customer_decided", "customer", "decided_at"),
    Index("ix_entry_case_ref", "case_ref"),
    Index("ix_entry_order_ref", "order_ref"),
    Index("ix_entry_incident", "incident"),
)
"""What was held, given and given back, as signed changes; counters are sums of these rows."""

# `decision` and `entry` are sealed as they stand: a later column is NULL in every row that was there before it.
seal = Table(
    "seal",
    metadata,
    Column("number", Serial, primary_key=True, autoincrement=False),  # 1, 2, ...
    Column("format", Integer, nullable=False),
    Column("sealed_at", UtcInstant, nullable=False),
    Column("first_decision", Serial, nullable=False),  # ranges of decision.seq and entry.seq, both ends included ...
    Column("last_decision", Serial, nullable=False),  # ... a last before its first: none
    Column("decisions", Integer, nullable=False),
    Column("first_entry", Serial, nullable=False),
    Column("last_entry", Serial, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("root", String(64), nullable=False),
    Column("previous", String(64), nullable=False),  # hash of the seal before
    Column("hash", String(64), nullable=False, unique=True),
    Column("leaves", LargeBinary, nullable=False),
    CheckConstraint("number >= 1", name="number_counts_from_one"),
    CheckConstraint("decisions + entries >= 1", name="seals_something"),
    CheckConstraint(
        "decisions >= 0 AND decisions <= last_decision - first_decision + 1", name="decisions_fit_their_range"
    ),
    CheckConstraint("entries >= 0 AND entries <= last_entry - first_entry + 1", name="entries_fit_their_range"),
    CheckConstraint("length(leaves) = 40 * (decisions + entries)", name="has_a_leaf_for_each_row"),
    Index("ix_seal_last_decision", "last_decision"),
)
"""Batches of the log under one root each, chained; written by `decisions.seal` behind the requests."""

# --- heads: rebuilt from the entries -----------------------------------------------------------------

reservation = Table(
    "reservation",
    metadata,
    Column("decision_id", ForeignKey("decision.id"), primary_key=True),
    Column("status", String(10), nullable=False),
    Column("amount_minor", Minor, nullable=False),  # what stands now
    Column("number", Integer, nullable=False),  # of the last entry
    Column("expires_at", UtcInstant),
    Column("when_hold_ends", String(10), nullable=False),
    Column("changed_at", UtcInstant, nullable=False),
    CheckConstraint("amount_minor >= 0", name="amount_is_not_negative"),
    Index("ix_reservation_due", "status", "expires_at"),
)
"""The status of each allowed decision; its row lock decides who settles."""

counter = Table(
    "counter",
    metadata,
    Column("key", Text, primary_key=True),  # ledger/keys.py
    *(Column(name, Minor, nullable=False) for name in _USAGE),
    Column("counted", Boolean, nullable=False),  # false: just created, to be summed from the entries
    Column("summed_at", UtcInstant),  # rolling windows: the instant whose window the sums are of ...
    Column("stale_at", UtcInstant),  # ... and when its oldest entry leaves: outside of it, to be summed anew
    *(CheckConstraint(f"{name} >= 0", name=f"{name}_is_not_negative") for name in _USAGE),
)
"""What was used of a window, one row per scope, subject, window, filter and currency."""

# --- registers ---------------------------------------------------------------------------------------

reply = Table(
    "reply",
    metadata,
    Column("api_key", String(40), primary_key=True),
    Column("path", String(200), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("decision_id", String(40)),
    Column("kept_at", UtcInstant, nullable=False),
)
"""Answers given under an idempotency key, kept as long as the decision; with pseudonyms and seals as the log has
them. `key` and `fingerprint` are keyed digests.
"""

agent = Table(
    "agent",
    metadata,
    Column("ref", String(200), primary_key=True),
    Column("name", Text, nullable=False),
    Column("team", Text),
    Column("trust_level", Text, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("changed_at", UtcInstant, nullable=False),
)
"""Who may act."""

api_key = Table(
    "api_key",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", String(20), nullable=False),
    Column("secret_hash", String(64), nullable=False, unique=True),  # sha256 of a 256-bit random secret
    Column("agents", CanonicalJson),  # null: not bound to agents
    Column("teams", CanonicalJson),  # null: not bound to teams
    Column("created_at", UtcInstant, nullable=False),
    Column("expires_at", UtcInstant),
    Column("revoked_at", UtcInstant),
)
"""Keys of callers; the key itself is shown once and never stored."""

rate = Table(
    "rate",
    metadata,
    Column("api_key", ForeignKey("api_key.id"), primary_key=True),
    Column("full_at", Minor, nullable=False),  # microseconds since 1970: when the key's bucket is full again
)
"""What processes share of the rate of a key's calls; a row for keys that call often."""

survey_rate = Table(
    "survey_rate",
    metadata,
    Column("source", String(60), primary_key=True),
    Column("full_at", Minor, nullable=False),  # as of `rate`
)
"""The same of the deliveries of survey tools: a row for a tool that delivers often."""

escalation = Table(
    "escalation",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("decision_id", ForeignKey("decision.id"), nullable=False, unique=True),
    Column("to", Text, nullable=False),
    Column("opened_at", UtcInstant, nullable=False),
    Column("due_at", UtcInstant, nullable=False),
    Column("status", String(10), nullable=False),
    Column("result", String(10)),
    Column("resolved_at", UtcInstant),
    Column("resolved_by", Text),
    Column("result_decision_id", String(40)),
    Column("note", Text),
    Column("level", Integer, nullable=False),  # how many times it went higher; the work of level 0 is that of tier 2
    Column("rises_at", UtcInstant),  # when it rises by itself; null: not any more
    Column("holder", Text),  # who took it; null: nobody has it in hand
    Column("taken_at", UtcInstant),
    CheckConstraint("status IN ('open', 'resolved')", name="status_is_known"),
    Index("ix_escalation_status_due", "status", "due_at"),
    Index("ix_escalation_status_rises", "status", "rises_at"),
    Index("ix_escalation_result_decision_id", "result_decision_id"),
)
"""The queue of cases that someone with more authority decides: a register; what happened stands in
`escalation_event`.
"""

escalation_event = Table(
    "escalation_event",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("escalation_id", ForeignKey("escalation.id"), nullable=False),
    Column("number", Integer, nullable=False),  # 1, 2, ... per escalation
    Column("kind", String(10), nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("by", Text),  # a pseudonym; null: it happened by itself
    Column("api_key", String(40)),
    Column("from", Text),  # of a rise or handing on: who decided before ...
    Column("to", Text),  # ... and who decides now: a trust level or a name of the rulebook
    Column("holder", Text),  # who has it in hand afterwards, a pseudonym
    Column("tier", Integer, nullable=False),  # 2: the first that was asked; 3 and up: as often as it went higher
    Column("worked_seconds", Integer, nullable=False),  # of that tier; changes, signed: sums of rows are the totals
    Column("contacts", Integer, nullable=False),
    Column("waited_seconds", Integer, nullable=False),
    Column("stated", Boolean, nullable=False),  # the work was stated by somebody, not measured
    Column("note", Text),  # the seal of a text
    Column("spoken_seconds", Integer, nullable=False),  # of contacts with the customer, beside the work of any tier
    UniqueConstraint("escalation_id", "number"),
    CheckConstraint(
        "kind IN ('take', 'hand_on', 'contact', 'rise', 'resolve', 'withdraw', 'correct', 'incident', 'reopen')",
        name="kind_is_known",
    ),
    CheckConstraint("tier >= 2", name="tier_is_above_the_first"),
)
"""What happened to escalations, and the work it took; append-only, corrected by further rows."""

incident = Table(
    "incident",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("title", Text, nullable=False),  # the company's own words; no person is named in it
    Column("reason", Text, nullable=False),  # of the catalogue: why its customers are upset
    Column("status", String(10), nullable=False),
    Column("began_at", UtcInstant, nullable=False),
    Column("opened_at", UtcInstant, nullable=False),
    Column("changed_at", UtcInstant, nullable=False),
    Column("rule", Text),  # a condition as rules write it: the decisions that it holds for are linked
    Column("rule_until", UtcInstant),  # only decisions before it
    Column("linked_through", Serial, nullable=False),  # decision.seq up to which every decision was looked at
    Column("told_through", Serial, nullable=False),  # incident_event.seq up to which every reporter was told
    Column("action", Text),  # the one thing that is done about it
    Column("owner", Text),  # a pseudonym
    Column("action_due_at", UtcInstant),
    Column("action_done_at", UtcInstant),
    Column("action_late_at", UtcInstant),  # when it was announced as overdue
    Column("remedy", Text),  # the one remedy for all alike
    Column("amount_minor", Minor),
    Column("currency", String(3)),
    Column("budget_minor", Minor),
    Column("facts", CanonicalJson),
    Column("remedy_set_at", UtcInstant),
    CheckConstraint(
        "status IN ('open', 'confirmed', 'fixing', 'fixed', 'closed', 'dismissed')", name="status_is_known"
    ),
    CheckConstraint("(remedy IS NULL) = (budget_minor IS NULL)", name="remedy_has_a_budget"),
    Index("ix_incident_status", "status", "opened_at"),
)
"""A shared cause behind many cases: a register; what happened stands in `incident_event`."""

incident_case = Table(
    "incident_case",
    metadata,
    Column("incident_id", ForeignKey("incident.id"), primary_key=True),
    Column("case_ref", Text, primary_key=True),
    Column("number", Integer, primary_key=True),  # 1, 2, ...: a case that was taken out may be linked again
    Column("customer", Text),
    Column("order_ref", Text),
    Column("channel", Text, nullable=False),
    Column("decision_id", ForeignKey("decision.id")),  # through which it was found
    Column("how", String(10), nullable=False),
    Column("linked_at", UtcInstant, nullable=False),
    Column("linked_by", Text),  # a pseudonym; null: by itself
    Column("outcome", String(10)),  # of the roll-out; null: not yet
    Column("outcome_decision_id", String(40)),
    Column("tried_at", UtcInstant),
    Column("why", Text),  # what kept it from being given: a code, or the id of a limit
    Column("unlinked_at", UtcInstant),  # when a person took it out again; null: it belongs
    Column("unlinked_by", Text),  # a pseudonym
    Column("note", Text),  # the seal of a text: why it was taken out
    CheckConstraint("how IN ('hand', 'reference', 'rule')", name="how_is_known"),
    CheckConstraint("outcome IN ('given', 'had')", name="outcome_is_known"),
    CheckConstraint(
        "(unlinked_at IS NULL) = (unlinked_by IS NULL) AND (unlinked_at IS NULL) = (note IS NULL)",
        name="unlinked_is_explained",
    ),
    Index("ix_incident_case_case_ref", "case_ref"),
    Index("ix_incident_case_customer", "customer"),
    Index("ix_incident_case_outcome", "incident_id", "outcome"),
)
"""Which cases an incident is behind, what its roll-out did for each, and which were taken out again; a register. Of the
rows of one case the last one counts.
"""

incident_event = Table(
    "incident_event",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("incident_id", ForeignKey("incident.id"), nullable=False),
    Column("number", Integer, nullable=False),  # 1, 2, ... per incident
    Column("kind", String(10), nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("by", Text),  # a pseudonym; null: it happened by itself
    Column("api_key", String(40)),
    Column("from", Text),  # of a change of state
    Column("to", Text),
    Column("body", CanonicalJson, nullable=False),  # what else there is to know
    Column("note", Text),  # the seal of a text
    UniqueConstraint("incident_id", "number"),
    CheckConstraint("kind IN ('open', 'state', 'action', 'remedy', 'roll_out', 'unlink')", name="kind_is_known"),
    Index("ix_incident_event_kind", "kind", "seq"),
)
"""What happened to incidents; append-only."""

contact = Table(
    "contact",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("case_ref", Text, nullable=False),
    Column("customer", Text),
    Column("at", UtcInstant, nullable=False),
    Column("logged_at", UtcInstant, nullable=False),
    Column("channel", Text, nullable=False),
    Column("direction", String(3), nullable=False),
    Column("agent", Text, nullable=False),
    Column("team", Text),
    Column("told", CanonicalJson, nullable=False),  # which of "answer", "next", "end" the customer was told
    Column("note", Text),  # the seal of a text
    Column("minutes", Integer),  # of handling; null: not known
    Column("corrects", String(40)),  # the contact whose minutes this row puts right; null: it is a contact itself
    CheckConstraint("direction IN ('in', 'out')", name="direction_is_known"),
    Index("ix_contact_case_ref_at", "case_ref", "at"),
    Index("ix_contact_customer_at", "customer", "at"),
    Index("ix_contact_agent_at", "agent", "at"),
)
"""Each time somebody spoke or wrote with a customer about a case, in any channel, and what was put right of it
afterwards; append-only.
"""

promise = Table(
    "promise",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("case_ref", Text, nullable=False),
    Column("customer", Text),
    Column("kind", String(10), nullable=False),
    Column("what", Text),  # the seal of a text; null: an answer
    Column("channel", Text),
    Column("agent", Text, nullable=False),  # who promised
    Column("team", Text),
    Column("owner", Text),  # the agent who sees to it ...
    Column("owner_team", Text),  # ... or a team, or whoever decides an escalation
    Column("escalation_id", ForeignKey("escalation.id"), unique=True),
    Column("made_at", UtcInstant, nullable=False),
    Column("due_at", UtcInstant, nullable=False),
    Column("status", String(10), nullable=False),
    Column("ended_at", UtcInstant),
    Column("tell_at", UtcInstant),  # when it is told of as overdue; null: it was, or it ended
    CheckConstraint("kind IN ('answer', 'promise')", name="kind_is_known"),
    CheckConstraint("status IN ('open', 'kept', 'broken')", name="status_is_known"),
    Index("ix_promise_case_ref_made_at", "case_ref", "made_at"),
    Index("ix_promise_customer_made_at", "customer", "made_at"),
    Index("ix_promise_status_due_at", "status", "due_at", "id"),
    Index("ix_promise_tell_at", "tell_at"),
    Index("ix_promise_agent", "agent"),
    Index("ix_promise_owner", "owner"),
)
"""What a customer was promised, by when and who sees to it, as it stands now."""

promise_step = Table(
    "promise_step",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("promise_id", ForeignKey("promise.id"), nullable=False),
    Column("number", Integer, nullable=False),  # 1, 2, ...
    Column("kind", String(10), nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("agent", Text),
    Column("team", Text),
    Column("case_ref", Text, nullable=False),
    Column("customer", Text),
    Column("due_at", UtcInstant, nullable=False),  # as it stands after the step
    Column("note", Text),  # the seal of a text
    UniqueConstraint("promise_id", "number"),
    CheckConstraint("kind IN ('moved', 'kept', 'broken', 'reopened')", name="kind_is_known"),
    Index("ix_promise_step_case_ref_at", "case_ref", "at"),
    Index("ix_promise_step_customer_at", "customer", "at"),
    Index("ix_promise_step_agent", "agent"),
)
"""What became of promises, step by step; append-only."""

verified_facts = Table(
    "verified_facts",
    metadata,
    Column("subject", String(40), primary_key=True),  # the pseudonym of an order or a customer
    Column("record", CanonicalJson, nullable=False),  # source, since when, currency, facts: cases/verified.py
    Column("changed_at", UtcInstant, nullable=False),
    Index("ix_verified_facts_changed_at", "changed_at"),
)
"""What the company's own systems say of orders and customers, as it stands now; erasable."""

fact_conflict = Table(
    "fact_conflict",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("decision_id", ForeignKey("decision.id"), nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("case_ref", Text, nullable=False),
    Column("customer", Text),
    Column("agent", Text, nullable=False),
    Column("team", Text),
    Column("fact", Text, nullable=False),
    Column("source", Text, nullable=False),
    Index("ix_fact_conflict_decision_id", "decision_id"),
    Index("ix_fact_conflict_case_ref_at", "case_ref", "at"),
    Index("ix_fact_conflict_customer_at", "customer", "at"),
)
"""Where a fact was stated otherwise than the company's systems have it; both values are in the decision's record.
Append-only.
"""

outbox_event = Table(
    "outbox_event",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("id", String(40), nullable=False, unique=True),  # the digest of what follows: an equal event is the same one
    Column("kind", String(40), nullable=False),
    Column("about", Text, nullable=False),
    Column("body", CanonicalJson, nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("due_at", UtcInstant),  # when it is sent, next; null: it was taken
    Column("attempts", Integer, nullable=False),
    Column("delivered_at", UtcInstant),
    Column("failure", Text),
    Index("ix_outbox_event_due_at", "due_at"),
    Index("ix_outbox_event_at", "at"),
)
"""Events that left with a transaction, to be sent; kept for a while afterwards. Pseudonyms and seals, as the log."""

# --- what is kept of persons: erasable; the log holds pseudonyms and seals only ---------------------

pseudonym_key = Table(
    "pseudonym_key",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # 1: there is one
    Column("secret", Text),  # null: it is held outside, in the settings
    Column("check_value", String(64), nullable=False),  # a keyed digest that tells this key from another
)
"""The key that the pseudonyms of this log are made with; one row, made with the schema."""

personal_reference = Table(
    "personal_reference",
    metadata,
    Column("pseudonym", String(40), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("plain", Text, nullable=False),
    Column("used_at", UtcInstant, nullable=False),  # known to be in use then; moved on by retention alone
    Index("ix_personal_reference_kind_plain", "kind", "plain"),
    Index("ix_personal_reference_used_at", "used_at"),
)
"""Plain references of customers, agents, cases, orders and payments, until they are erased."""

personal_text = Table(
    "personal_text",
    metadata,
    Column("seal", String(40), primary_key=True),
    Column("nonce", String(32), nullable=False),
    Column("body", Text, nullable=False),
    Column("decision_id", ForeignKey("decision.id")),  # null: of a grant, or of an erasure
    Column("kept_at", UtcInstant, nullable=False),
    Index("ix_personal_text_decision_id", "decision_id"),
    Index("ix_personal_text_kept_at", "kept_at"),
)
"""Free text: justifications, notes, reasons, facts in words, until they are erased."""

erasure = Table(
    "erasure",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("at", UtcInstant, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("pseudonym", String(40), nullable=False),
    Column("reference_count", Integer, nullable=False),
    Column("text_count", Integer, nullable=False),
    Column("because", Text, nullable=False),  # the seal of a text
    Index("ix_erasure_pseudonym", "pseudonym"),
)
"""That something was erased, of whom by pseudonym, and how much; append-only."""

# --- what came of it: outcomes and objections; append-only -------------------------------------------

outcome = Table(
    "outcome",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("at", UtcInstant, nullable=False),  # when it happened
    Column("received_at", UtcInstant, nullable=False),
    Column("source", String(140), nullable=False),  # who told it
    Column("ref_digest", String(64)),  # of the source's own reference
    Column("content", String(64), nullable=False),  # a keyed digest: copies of one outcome have the same
    Column("case_ref", String(40)),
    Column("customer", String(40)),
    Column("decision_id", String(40)),  # as stated: it need not exist (yet)
    Column("channel", Text),
    Column("score", Integer),
    Column("lowest", Integer),
    Column("highest", Integer),
    Column("is_left", Boolean),  # of churn: whether the customer left
    Column("note", String(40)),  # the seal of a text
    Column("contradicts", String(40)),
    Column("api_key", String(40)),
    UniqueConstraint("source", "content"),
    CheckConstraint("kind IN ('satisfaction', 'repeat_contact', 'churn', 'public_complaint')", name="kind_is_known"),
    CheckConstraint(
        "case_ref IS NOT NULL OR customer IS NOT NULL OR decision_id IS NOT NULL", name="is_about_something"
    ),
    CheckConstraint("(kind = 'satisfaction') = (score IS NOT NULL)", name="satisfaction_has_a_score"),
    CheckConstraint("score IS NULL OR (lowest < highest AND score BETWEEN lowest AND highest)", name="score_fits"),
    CheckConstraint("(kind = 'churn') = (is_left IS NOT NULL)", name="churn_says_whether_they_left"),
    Index("ix_outcome_case_ref", "case_ref"),
    Index("ix_outcome_customer", "customer"),
    Index("ix_outcome_decision_id", "decision_id"),
    Index("ix_outcome_source_ref_digest", "source", "ref_digest"),
    Index("ix_outcome_at", "at"),
)
"""What was heard of a case or customer afterwards, tied to decisions when it is read: it may come before them."""

survey_delivery = Table(
    "survey_delivery",
    metadata,
    Column("source", String(60), primary_key=True),
    Column("id_digest", String(64), primary_key=True),
    Column("taken_at", UtcInstant, nullable=False),
)
"""Deliveries of survey tools that were taken, so that none is taken twice."""

objection = Table(
    "objection",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("decision_id", ForeignKey("decision.id"), nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("agent", String(40), nullable=False),
    Column("owner", Text, nullable=False),  # who answers for the rule
    Column("rule", Text),  # null: no rule spoke
    Column("content", String(64), nullable=False),  # a keyed digest: copies of one objection have the same
    Column("note", String(40), nullable=False),
    Column("api_key", String(40), nullable=False),
    UniqueConstraint("decision_id", "agent", "content"),
    Index("ix_objection_owner_at", "owner", "at"),
)
"""What agents hold against decisions."""

objection_answer = Table(
    "objection_answer",
    metadata,
    Column("objection_id", ForeignKey("objection.id"), primary_key=True),
    Column("at", UtcInstant, nullable=False),
    Column("agent", String(40), nullable=False),
    Column("result", String(20), nullable=False),
    Column("note", String(40), nullable=False),
    Column("api_key", String(40), nullable=False),
    CheckConstraint("result IN ('stands', 'rule_changes', 'decision_was_wrong')", name="result_is_known"),
)
"""What whoever owns the rule answered."""

# --- reports: sums of the log, rebuilt from it at any time; and measures against root causes ------------

report_head = Table(
    "report_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # 1: there is one
    Column("zone", Text, nullable=False),  # the organisation's time zone, in which days begin
    Column("decision_seq", Serial, nullable=False),  # decision.seq and entry.seq up to which every row is in the sums
    Column("entry_seq", Serial, nullable=False),
    Column("generation", Integer, nullable=False),  # counts rebuilds
    Column("outcome_seq", Serial, nullable=False),  # outcome.seq likewise
    Column("outcome_days", Integer, nullable=False),  # for how many days a contact counts in `report_speed`
)
"""How far the log is summed up in `report_sum` and `report_speed`."""

SUMMED = (
    "decisions",
    *(f"{part}_{state}" for part in ("goodwill", "entitled") for state in BOOKED),
    "cost_given",
    "cost_reversed",
    "estimated",
    "estimated_remedy",
    *(
        f"{what}_{view}_{bound}"
        for what in ("escalation", "saving")
        for view in ("cash", "churn", "full")
        for bound in ("expected", "low", "high")
    ),
)
"""What is summed up, in counts and minor units; docs/explanation/reports.md says what each is."""

report_sum = Table(
    "report_sum",
    metadata,
    Column("id", String(64), primary_key=True),  # a digest of the columns up to `path`
    Column("span", String(5), nullable=False),  # day or month
    Column("starts", String(10), nullable=False),  # 2026-06-01 or 2026-06
    Column("reason", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("team", Text, nullable=False),  # empty: none
    Column("trust_level", Text, nullable=False),  # empty: none
    Column("currency", String(3), nullable=False),
    Column("costs_version", Integer, nullable=False),
    Column("path", String(10), nullable=False),
    *(Column(name, Minor, nullable=False) for name in SUMMED),
    CheckConstraint("span IN ('day', 'month')", name="span_is_known"),
    Index("ix_report_sum_span_starts", "span", "starts"),
)
"""Sums of decisions and entries up to `report_head`, by the decision's day and again by its month."""

report_escalation = Table(
    "report_escalation",
    metadata,
    Column("decision_id", String(40), primary_key=True),
    Column("starts", String(10), nullable=False),  # the decision's day
    Column("reason", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("team", Text, nullable=False),  # empty: none
    Column("trust_level", Text, nullable=False),  # empty: none
    Column("currency", String(3), nullable=False),
    Column("costs_version", Integer, nullable=False),
    Index("ix_report_escalation_starts", "starts"),
)
"""What the escalated decisions up to `report_head` are of, so that nobody looks for their rows among all others."""

report_speed = Table(
    "report_speed",
    metadata,
    Column("id", String(64), primary_key=True),  # a digest of the columns up to `currency`
    Column("span", String(5), nullable=False),  # day or month
    Column("starts", String(10), nullable=False),  # of the case's first decision: 2026-06-01 or 2026-06
    Column("reason", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("team", Text, nullable=False),  # empty: none
    Column("trust_level", Text, nullable=False),  # empty: none
    Column("currency", String(3), nullable=False),
    # By minutes from the first decision to the remedy (-1: not given) how many cases: [minutes, cases, minutes, ...];
    Column("settled", CanonicalJson, nullable=False),  # settled in the first contact as far as was heard ...
    Column("others", CanonicalJson, nullable=False),  # ... and not
    CheckConstraint("span IN ('day', 'month')", name="span_is_known"),
    Index("ix_report_speed_span_starts", "span", "starts"),
)
"""How many cases stand alike at `report_head`, by the day of the first decision and again by its month."""

cause_measure = Table(
    "cause_measure",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("reason", Text, nullable=False),
    Column("taken_on", String(10), nullable=False),  # a day of the organisation: 2026-06-01
    Column("owner", String(40), nullable=False),  # a pseudonym of an agent
    Column("agent", String(40), nullable=False),  # who recorded it, a pseudonym
    Column("at", UtcInstant, nullable=False),
    Column("note", String(40), nullable=False),  # the seal of a text
    Column("content", String(64), nullable=False, unique=True),  # a keyed digest: copies of one measure have the same
    Column("api_key", String(40)),
    Index("ix_cause_measure_reason", "reason", "taken_on"),
)
"""What was done against a reason, by whom, since when; append-only."""

APPEND_ONLY = (
    "rulebook",
    "publication",
    "limit_version",
    "cost_version",
    "trust_grant",
    "decision",
    "entry",
    "seal",
    "erasure",
    "contact",
    "promise_step",
    "fact_conflict",
    "outcome",
    "survey_delivery",
    "objection",
    "objection_answer",
    "escalation_event",
    "incident_event",
    "cause_measure",
)
