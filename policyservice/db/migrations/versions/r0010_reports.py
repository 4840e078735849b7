"""Sums of the log for reports, and what was done against root causes.

Revision ID: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_STATES = ("held", "given", "freed", "voided", "expired", "reversed")
_VIEWS = ("cash", "churn", "full")
_SUMS = (
    "decisions",
    *(f"{part}_{state}" for part in ("goodwill", "entitled") for state in _STATES),
    "cost_given",
    "cost_reversed",
    "estimated",
    "estimated_remedy",
    *(
        f"{what}_{view}_{bound}"
        for what in ("escalation", "saving")
        for view in _VIEWS
        for bound in ("expected", "low", "high")
    ),
)


def upgrade() -> None:
    _sums()
    _measures()


def downgrade() -> None:
    for table in ("cause_measure", "report_escalation", "report_sum", "report_head"):
        op.drop_table(table)


def _sums() -> None:
    op.create_table(
        "report_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("decision_seq", _serial, nullable=False),
        sa.Column("entry_seq", _serial, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_report_head"),
    )
    op.create_table(
        "report_sum",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("span", sa.String(length=5), nullable=False),
        sa.Column("starts", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("trust_level", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("costs_version", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=10), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _SUMS),
        sa.CheckConstraint("span IN ('day', 'month')", name="ck_report_sum_span_is_known"),
        sa.PrimaryKeyConstraint("id", name="pk_report_sum"),
    )
    op.create_index("ix_report_sum_span_starts", "report_sum", ["span", "starts"])
    op.create_table(
        "report_escalation",
        sa.Column("decision_id", sa.String(length=40), nullable=False),
        sa.Column("starts", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("trust_level", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("costs_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("decision_id", name="pk_report_escalation"),
    )
    op.create_index("ix_report_escalation_starts", "report_escalation", ["starts"])


def _measures() -> None:
    op.create_table(
        "cause_measure",
        sa.Column("seq", _serial, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("taken_on", sa.String(length=10), nullable=False),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("agent", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(length=40), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("api_key", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_cause_measure"),
        sa.UniqueConstraint("id", name="uq_cause_measure_id"),
        sa.UniqueConstraint("content", name="uq_cause_measure_content"),
    )
    op.create_index("ix_cause_measure_reason", "cause_measure", ["reason", "taken_on"])
    if op.get_bind().dialect.name == "sqlite":
        refusal = "SELECT RAISE(ABORT, 'cause_measure is append-only')"
        for change in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER cause_measure_refuses_{change} BEFORE {change.upper()} ON cause_measure "
                f"BEGIN {refusal}; END"
            )
        return
    op.execute(
        "CREATE TRIGGER cause_measure_refuses_change BEFORE UPDATE OR DELETE ON cause_measure "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER cause_measure_refuses_truncate BEFORE TRUNCATE ON cause_measure "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
