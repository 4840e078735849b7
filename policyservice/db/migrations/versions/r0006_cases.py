"""Cases: contacts, promises, verified facts and their conflicts; events that leave with the transaction.

Escalations that are open get the promise of an answer that they would have been opened with.

Revision ID: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None

_instant = sa.DateTime(timezone=True)
_APPEND_ONLY = ("contact", "promise_step", "fact_conflict")
_serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "contact",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("case_ref", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=True),
        sa.Column("at", _instant, nullable=False),
        sa.Column("logged_at", _instant, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("direction", sa.String(length=3), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("direction IN ('in', 'out')", name="ck_contact_direction_is_known"),
        sa.PrimaryKeyConstraint("id", name="pk_contact"),
    )
    op.create_index("ix_contact_agent_at", "contact", ["agent", "at"])
    op.create_index("ix_contact_case_ref_at", "contact", ["case_ref", "at"])
    op.create_index("ix_contact_customer_at", "contact", ["customer", "at"])
    op.create_table(
        "promise",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("case_ref", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("what", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("owner_team", sa.Text(), nullable=True),
        sa.Column("escalation_id", sa.String(length=40), nullable=True),
        sa.Column("made_at", _instant, nullable=False),
        sa.Column("due_at", _instant, nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("ended_at", _instant, nullable=True),
        sa.Column("tell_at", _instant, nullable=True),
        sa.CheckConstraint("kind IN ('answer', 'promise')", name="ck_promise_kind_is_known"),
        sa.CheckConstraint("status IN ('open', 'kept', 'broken')", name="ck_promise_status_is_known"),
        sa.ForeignKeyConstraint(["escalation_id"], ["escalation.id"], name="fk_promise_escalation_id"),
        sa.UniqueConstraint("escalation_id", name="uq_promise_escalation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_promise"),
    )
    op.create_index("ix_promise_agent", "promise", ["agent"])
    op.create_index("ix_promise_case_ref_made_at", "promise", ["case_ref", "made_at"])
    op.create_index("ix_promise_customer_made_at", "promise", ["customer", "made_at"])
    op.create_index("ix_promise_owner", "promise", ["owner"])
    op.create_index("ix_promise_status_due_at", "promise", ["status", "due_at", "id"])
    op.create_index("ix_promise_tell_at", "promise", ["tell_at"])
    op.create_table(
        "promise_step",
        sa.Column("seq", _serial, autoincrement=True, nullable=False),
        sa.Column("promise_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("case_ref", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=True),
        sa.Column("due_at", _instant, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('moved', 'kept', 'broken')", name="ck_promise_step_kind_is_known"),
        sa.ForeignKeyConstraint(["promise_id"], ["promise.id"], name="fk_promise_step_promise_id"),
        sa.UniqueConstraint("promise_id", "number", name="uq_promise_step_promise_id_number"),
        sa.PrimaryKeyConstraint("seq", name="pk_promise_step"),
    )
    op.create_index("ix_promise_step_agent", "promise_step", ["agent"])
    op.create_index("ix_promise_step_case_ref_at", "promise_step", ["case_ref", "at"])
    op.create_index("ix_promise_step_customer_at", "promise_step", ["customer", "at"])
    op.create_table(
        "verified_facts",
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("changed_at", _instant, nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_verified_facts"),
    )
    op.create_index("ix_verified_facts_changed_at", "verified_facts", ["changed_at"])
    op.create_table(
        "fact_conflict",
        sa.Column("seq", _serial, autoincrement=True, nullable=False),
        sa.Column("decision_id", sa.String(length=40), nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.Column("case_ref", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=True),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name="fk_fact_conflict_decision_id"),
        sa.PrimaryKeyConstraint("seq", name="pk_fact_conflict"),
    )
    op.create_index("ix_fact_conflict_case_ref_at", "fact_conflict", ["case_ref", "at"])
    op.create_index("ix_fact_conflict_customer_at", "fact_conflict", ["customer", "at"])
    op.create_index("ix_fact_conflict_decision_id", "fact_conflict", ["decision_id"])
    op.create_table(
        "outbox_event",
        sa.Column("seq", _serial, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.Column("due_at", _instant, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("delivered_at", _instant, nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_outbox_event"),
        sa.UniqueConstraint("id", name="uq_outbox_event_id"),
    )
    op.create_index("ix_outbox_event_due_at", "outbox_event", ["due_at"])
    op.create_index("ix_outbox_event_at", "outbox_event", ["at"])
    _promise_what_is_open()
    for table in _APPEND_ONLY:
        _guard(table)


def downgrade() -> None:
    for table in ("outbox_event", "fact_conflict", "verified_facts", "promise_step", "promise", "contact"):
        op.drop_table(table)


def _promise_what_is_open() -> None:
    op.execute(
        "INSERT INTO promise (id, case_ref, customer, kind, channel, agent, team, owner_team, escalation_id, made_at, "
        "due_at, tell_at, status) "
        "SELECT 'prm_' || substr(e.id, 5), d.case_ref, d.customer, 'answer', d.channel, d.agent, d.team, "
        "e.\"to\", e.id, e.opened_at, e.due_at, e.due_at, 'open' "
        "FROM escalation e JOIN decision d ON d.id = e.decision_id WHERE e.status = 'open'"
    )


def _guard(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        refusal = f"SELECT RAISE(ABORT, '{table} is append-only')"
        for change in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{change} BEFORE {change.upper()} ON {table} BEGIN {refusal}; END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
