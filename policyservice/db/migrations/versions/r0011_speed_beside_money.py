"""Cases by how soon they had their remedy, summed up for reports.

What was summed up before is made anew with them, from the first row on; reports add up the rows themselves meanwhile.

Revision ID: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _begin_anew(
        sa.Column("outcome_seq", _serial, nullable=False),
        sa.Column("outcome_days", sa.Integer(), nullable=False),
    )
    op.create_table(
        "report_speed",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("span", sa.String(length=5), nullable=False),
        sa.Column("starts", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("trust_level", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("settled", sa.Text(), nullable=False),
        sa.Column("others", sa.Text(), nullable=False),
        sa.CheckConstraint("span IN ('day', 'month')", name="ck_report_speed_span_is_known"),
        sa.PrimaryKeyConstraint("id", name="pk_report_speed"),
    )
    op.create_index("ix_report_speed_span_starts", "report_speed", ["span", "starts"])


def downgrade() -> None:
    op.drop_table("report_speed")
    _begin_anew()


def _begin_anew(*columns: sa.Column[int]) -> None:
    """Forget what was summed up, and how far."""
    op.execute("DELETE FROM report_sum")
    op.execute("DELETE FROM report_escalation")
    op.drop_table("report_head")
    op.create_table(
        "report_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("decision_seq", _serial, nullable=False),
        sa.Column("entry_seq", _serial, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name="pk_report_head"),
    )
