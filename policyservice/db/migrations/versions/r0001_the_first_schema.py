"""The first schema: every table, and the triggers that keep the log and the policy append-only.

Revision ID: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_instant = sa.DateTime(timezone=True)
_serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_APPEND_ONLY = ("rulebook", "publication", "limit_version", "cost_version", "trust_grant", "decision", "entry")
_NEVER_REPLACED = {
    "decision": ("seq = NEW.seq", "id = NEW.id"),
    "entry": ("seq = NEW.seq", "decision_id = NEW.decision_id AND number = NEW.number"),
}
"""SQLite's REPLACE deletes without asking the triggers of deletion, unless a connection says otherwise."""


def upgrade() -> None:
    _create_tables()
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def downgrade() -> None:
    for table in _LAST_FIRST:
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION refuse_change()")


_LAST_FIRST = (
    "reservation",
    "escalation",
    "entry",
    "publication",
    "decision",
    "trust_grant",
    "rulebook",
    "reply",
    "limit_version",
    "counter",
    "cost_version",
    "api_key",
    "agent",
)


def _guard_sqlite() -> None:
    for table in _APPEND_ONLY:
        refusal = f"SELECT RAISE(ABORT, '{table} is append-only')"
        for change in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{change} BEFORE {change.upper()} ON {table} BEGIN {refusal}; END"
            )
        for number, same in enumerate(_NEVER_REPLACED.get(table, ())):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_replace_{number} BEFORE INSERT ON {table} "
                f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN {refusal}; END"
            )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in _APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _create_tables() -> None:
    op.create_table(
        "agent",
        sa.Column("ref", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("trust_level", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("changed_at", _instant, nullable=False),
        sa.PrimaryKeyConstraint("ref", name="pk_agent"),
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("agents", sa.Text(), nullable=True),
        sa.Column("teams", sa.Text(), nullable=True),
        sa.Column("created_at", _instant, nullable=False),
        sa.Column("expires_at", _instant, nullable=True),
        sa.Column("revoked_at", _instant, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_key"),
        sa.UniqueConstraint("secret_hash", name="uq_api_key_secret_hash"),
    )
    op.create_table(
        "cost_version",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("effective_from", _instant, nullable=False),
        sa.Column("made_at", _instant, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_cost_version"),
    )
    op.create_table(
        "counter",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("goodwill_face", sa.BigInteger(), nullable=False),
        sa.Column("entitled_face", sa.BigInteger(), nullable=False),
        sa.Column("goodwill_cost", sa.BigInteger(), nullable=False),
        sa.Column("entitled_cost", sa.BigInteger(), nullable=False),
        sa.Column("goodwill_count", sa.BigInteger(), nullable=False),
        sa.Column("entitled_count", sa.BigInteger(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("summed_at", _instant, nullable=True),
        sa.Column("stale_at", _instant, nullable=True),
        sa.CheckConstraint("entitled_cost >= 0", name="ck_counter_entitled_cost_is_not_negative"),
        sa.CheckConstraint("entitled_count >= 0", name="ck_counter_entitled_count_is_not_negative"),
        sa.CheckConstraint("entitled_face >= 0", name="ck_counter_entitled_face_is_not_negative"),
        sa.CheckConstraint("goodwill_cost >= 0", name="ck_counter_goodwill_cost_is_not_negative"),
        sa.CheckConstraint("goodwill_count >= 0", name="ck_counter_goodwill_count_is_not_negative"),
        sa.CheckConstraint("goodwill_face >= 0", name="ck_counter_goodwill_face_is_not_negative"),
        sa.PrimaryKeyConstraint("key", name="pk_counter"),
    )
    op.create_table(
        "limit_version",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("effective_from", _instant, nullable=False),
        sa.Column("made_at", _instant, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_limit_version"),
    )
    op.create_table(
        "reply",
        sa.Column("api_key", sa.String(length=40), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("decision_id", sa.String(length=40), nullable=True),
        sa.Column("kept_at", _instant, nullable=False),
        sa.PrimaryKeyConstraint("api_key", "path", "key", name="pk_reply"),
    )
    op.create_table(
        "rulebook",
        sa.Column("digest", sa.String(length=80), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("added_at", _instant, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_rulebook"),
    )
    op.create_table(
        "trust_grant",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("limit_id", sa.Text(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("trust_level", sa.Text(), nullable=True),
        sa.Column("starts_at", _instant, nullable=False),
        sa.Column("ends_at", _instant, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("made_at", _instant, nullable=False),
        sa.CheckConstraint("(agent IS NULL) <> (team IS NULL)", name="ck_trust_grant_for_agent_or_team"),
        sa.CheckConstraint("ends_at > starts_at", name="ck_trust_grant_ends_after_it_starts"),
        sa.PrimaryKeyConstraint("id", name="pk_trust_grant"),
    )
    op.create_index("ix_trust_grant_ends_at", "trust_grant", ["ends_at"])
    op.create_table(
        "decision",
        sa.Column("seq", _serial, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.Column("logged_at", _instant, nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("trust_level", sa.Text(), nullable=True),
        sa.Column("customer", sa.Text(), nullable=True),
        sa.Column("case_ref", sa.Text(), nullable=False),
        sa.Column("order_ref", sa.Text(), nullable=True),
        sa.Column("incident", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("remedy_kind", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("goodwill_minor", sa.BigInteger(), nullable=False),
        sa.Column("entitled_minor", sa.BigInteger(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("basis", sa.String(length=10), nullable=True),
        sa.Column("stretched", sa.Boolean(), nullable=False),
        sa.Column("after_the_fact", sa.Boolean(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("rules_digest", sa.String(length=80), nullable=False),
        sa.Column("limits_version", sa.Integer(), nullable=False),
        sa.Column("costs_version", sa.Integer(), nullable=False),
        sa.Column("api_key", sa.String(length=40), nullable=True),
        sa.Column("record", sa.Text(), nullable=False),
        sa.CheckConstraint("outcome IN ('allow', 'escalate', 'deny')", name="ck_decision_outcome_is_known"),
        sa.ForeignKeyConstraint(["costs_version"], ["cost_version.version"], name="fk_decision_costs_version"),
        sa.ForeignKeyConstraint(["limits_version"], ["limit_version.version"], name="fk_decision_limits_version"),
        sa.ForeignKeyConstraint(["rules_digest"], ["rulebook.digest"], name="fk_decision_rules_digest"),
        sa.PrimaryKeyConstraint("seq", name="pk_decision"),
        sa.UniqueConstraint("id", name="uq_decision_id"),
    )
    op.create_index("ix_decision_agent_at", "decision", ["agent", "at"])
    op.create_index("ix_decision_at", "decision", ["at"])
    op.create_index("ix_decision_case_ref", "decision", ["case_ref"])
    op.create_index("ix_decision_customer_at", "decision", ["customer", "at"])
    op.create_index("ix_decision_order_ref", "decision", ["order_ref"])
    op.create_table(
        "publication",
        sa.Column("seq", _serial, autoincrement=True, nullable=False),
        sa.Column("digest", sa.String(length=80), nullable=False),
        sa.Column("effective_from", _instant, nullable=False),
        sa.Column("published_at", _instant, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["rulebook.digest"], name="fk_publication_digest"),
        sa.PrimaryKeyConstraint("seq", name="pk_publication"),
    )
    op.create_index("ix_publication_effective", "publication", ["effective_from", "seq"])
    op.create_table(
        "entry",
        sa.Column("seq", _serial, autoincrement=True, nullable=False),
        sa.Column("decision_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.Column("decided_at", _instant, nullable=False),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("customer", sa.Text(), nullable=True),
        sa.Column("case_ref", sa.Text(), nullable=True),
        sa.Column("order_ref", sa.Text(), nullable=True),
        sa.Column("incident", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("goodwill_face", sa.BigInteger(), nullable=False),
        sa.Column("entitled_face", sa.BigInteger(), nullable=False),
        sa.Column("goodwill_cost", sa.BigInteger(), nullable=False),
        sa.Column("entitled_cost", sa.BigInteger(), nullable=False),
        sa.Column("goodwill_count", sa.BigInteger(), nullable=False),
        sa.Column("entitled_count", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("owed", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("external_ref", sa.Text(), nullable=True),
        sa.Column("expires_at", _instant, nullable=True),
        sa.Column("when_hold_ends", sa.String(length=10), nullable=True),
        sa.CheckConstraint("kind IN ('hold', 'commit', 'void', 'expire', 'reverse')", name="ck_entry_kind_is_known"),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name="fk_entry_decision_id"),
        sa.PrimaryKeyConstraint("seq", name="pk_entry"),
        sa.UniqueConstraint("decision_id", "number", name="uq_entry_decision_id_number"),
    )
    op.create_index("ix_entry_agent_decided", "entry", ["agent", "decided_at"])
    op.create_index("ix_entry_case_ref", "entry", ["case_ref"])
    op.create_index("ix_entry_customer_decided", "entry", ["customer", "decided_at"])
    op.create_index("ix_entry_decided_at", "entry", ["decided_at"])
    op.create_index("ix_entry_incident", "entry", ["incident"])
    op.create_index("ix_entry_order_ref", "entry", ["order_ref"])
    op.create_index("ix_entry_team_decided", "entry", ["team", "decided_at"])
    op.create_table(
        "escalation",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("decision_id", sa.String(length=40), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("opened_at", _instant, nullable=False),
        sa.Column("due_at", _instant, nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("result", sa.String(length=10), nullable=True),
        sa.Column("resolved_at", _instant, nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.Column("result_decision_id", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("status IN ('open', 'resolved')", name="ck_escalation_status_is_known"),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name="fk_escalation_decision_id"),
        sa.PrimaryKeyConstraint("id", name="pk_escalation"),
        sa.UniqueConstraint("decision_id", name="uq_escalation_decision_id"),
    )
    op.create_index("ix_escalation_status_due", "escalation", ["status", "due_at"])
    op.create_table(
        "reservation",
        sa.Column("decision_id", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("expires_at", _instant, nullable=True),
        sa.Column("when_hold_ends", sa.String(length=10), nullable=False),
        sa.Column("changed_at", _instant, nullable=False),
        sa.CheckConstraint("amount_minor >= 0", name="ck_reservation_amount_is_not_negative"),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name="fk_reservation_decision_id"),
        sa.PrimaryKeyConstraint("decision_id", name="pk_reservation"),
    )
    op.create_index("ix_reservation_due", "reservation", ["status", "expires_at"])
