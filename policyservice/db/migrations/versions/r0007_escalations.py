"""Escalations that are taken, handed on and rise by themselves, with what happened to each.

Revision ID: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_instant = sa.DateTime(timezone=True)
_serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KINDS = "'take', 'hand_on', 'contact', 'rise', 'resolve', 'withdraw', 'correct', 'incident', 'reopen'"


def upgrade() -> None:
    op.add_column("escalation", sa.Column("level", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("escalation", sa.Column("rises_at", _instant, nullable=True))
    op.add_column("escalation", sa.Column("holder", sa.Text(), nullable=True))
    op.add_column("escalation", sa.Column("taken_at", _instant, nullable=True))
    op.execute("UPDATE escalation SET rises_at = due_at WHERE status = 'open'")
    op.create_index("ix_escalation_status_rises", "escalation", ["status", "rises_at"])
    op.create_index("ix_escalation_result_decision_id", "escalation", ["result_decision_id"])
    op.create_table(
        "escalation_event",
        sa.Column("seq", _serial, autoincrement=True, nullable=False),
        sa.Column("escalation_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("api_key", sa.String(length=40), nullable=True),
        sa.Column("from", sa.Text(), nullable=True),
        sa.Column("to", sa.Text(), nullable=True),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("worked_seconds", sa.Integer(), nullable=False),
        sa.Column("contacts", sa.Integer(), nullable=False),
        sa.Column("waited_seconds", sa.Integer(), nullable=False),
        sa.Column("stated", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(f"kind IN ({_KINDS})", name="ck_escalation_event_kind_is_known"),
        sa.CheckConstraint("tier >= 2", name="ck_escalation_event_tier_is_above_the_first"),
        sa.ForeignKeyConstraint(["escalation_id"], ["escalation.id"], name="fk_escalation_event_escalation_id"),
        sa.PrimaryKeyConstraint("seq", name="pk_escalation_event"),
        sa.UniqueConstraint("escalation_id", "number", name="uq_escalation_event_escalation_id_number"),
    )
    _guard("escalation_event")


def downgrade() -> None:
    op.drop_table("escalation_event")
    op.drop_index("ix_escalation_result_decision_id", "escalation")
    op.drop_index("ix_escalation_status_rises", "escalation")
    for column in ("taken_at", "holder", "rises_at", "level"):
        op.drop_column("escalation", column)


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
