"""Incidents: a shared cause behind many cases, with the cases it is behind and what happened to it.

Revision ID: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_instant = sa.DateTime(timezone=True)
_serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_STATES = "'open', 'confirmed', 'fixing', 'fixed', 'closed', 'dismissed'"


def upgrade() -> None:
    op.create_table(
        "incident",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("began_at", _instant, nullable=False),
        sa.Column("opened_at", _instant, nullable=False),
        sa.Column("changed_at", _instant, nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("rule_until", _instant, nullable=True),
        sa.Column("linked_through", _serial, nullable=False),
        sa.Column("told_through", _serial, nullable=False),
        sa.Column("action", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("action_due_at", _instant, nullable=True),
        sa.Column("action_done_at", _instant, nullable=True),
        sa.Column("action_late_at", _instant, nullable=True),
        sa.Column("remedy", sa.Text(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("budget_minor", sa.BigInteger(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=True),
        sa.Column("remedy_set_at", _instant, nullable=True),
        sa.CheckConstraint(f"status IN ({_STATES})", name="ck_incident_status_is_known"),
        sa.CheckConstraint("(remedy IS NULL) = (budget_minor IS NULL)", name="ck_incident_remedy_has_a_budget"),
        sa.PrimaryKeyConstraint("id", name="pk_incident"),
    )
    op.create_index("ix_incident_status", "incident", ["status", "opened_at"])
    op.create_table(
        "incident_case",
        sa.Column("incident_id", sa.String(length=40), nullable=False),
        sa.Column("case_ref", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=True),
        sa.Column("order_ref", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("decision_id", sa.String(length=40), nullable=True),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("linked_at", _instant, nullable=False),
        sa.Column("linked_by", sa.Text(), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("outcome_decision_id", sa.String(length=40), nullable=True),
        sa.Column("tried_at", _instant, nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.CheckConstraint("how IN ('hand', 'reference', 'rule')", name="ck_incident_case_how_is_known"),
        sa.CheckConstraint("outcome IN ('given', 'had')", name="ck_incident_case_outcome_is_known"),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name="fk_incident_case_incident_id"),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name="fk_incident_case_decision_id"),
        sa.PrimaryKeyConstraint("incident_id", "case_ref", name="pk_incident_case"),
    )
    op.create_index("ix_incident_case_case_ref", "incident_case", ["case_ref"])
    op.create_index("ix_incident_case_customer", "incident_case", ["customer"])
    op.create_index("ix_incident_case_outcome", "incident_case", ["incident_id", "outcome"])
    op.create_table(
        "incident_event",
        sa.Column("seq", _serial, autoincrement=True, nullable=False),
        sa.Column("incident_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("api_key", sa.String(length=40), nullable=True),
        sa.Column("from", sa.Text(), nullable=True),
        sa.Column("to", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('open', 'state', 'action', 'remedy', 'roll_out')", name="ck_incident_event_kind_is_known"
        ),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name="fk_incident_event_incident_id"),
        sa.PrimaryKeyConstraint("seq", name="pk_incident_event"),
        sa.UniqueConstraint("incident_id", "number", name="uq_incident_event_incident_id_number"),
    )
    op.create_index("ix_incident_event_kind", "incident_event", ["kind", "seq"])
    _guard("incident_event")


def downgrade() -> None:
    for table in ("incident_event", "incident_case", "incident"):
        op.drop_table(table)


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
