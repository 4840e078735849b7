"""What came of decisions: outcomes, deliveries of survey tools, objections and their answers.

Revision ID: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_instant = sa.DateTime(timezone=True)
_serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TABLES = ("outcome", "survey_delivery", "objection", "objection_answer")


def upgrade() -> None:
    _outcomes()
    _objections()
    for table in _TABLES:
        _guard(table)


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)


def _outcomes() -> None:
    op.create_table(
        "outcome",
        sa.Column("seq", _serial, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.Column("received_at", _instant, nullable=False),
        sa.Column("source", sa.String(length=140), nullable=False),
        sa.Column("ref_digest", sa.String(length=64), nullable=True),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("case_ref", sa.String(length=40), nullable=True),
        sa.Column("customer", sa.String(length=40), nullable=True),
        sa.Column("decision_id", sa.String(length=40), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("lowest", sa.Integer(), nullable=True),
        sa.Column("highest", sa.Integer(), nullable=True),
        sa.Column("is_left", sa.Boolean(), nullable=True),
        sa.Column("note", sa.String(length=40), nullable=True),
        sa.Column("contradicts", sa.String(length=40), nullable=True),
        sa.Column("api_key", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "kind IN ('satisfaction', 'repeat_contact', 'churn', 'public_complaint')", name="ck_outcome_kind_is_known"
        ),
        sa.CheckConstraint(
            "case_ref IS NOT NULL OR customer IS NOT NULL OR decision_id IS NOT NULL",
            name="ck_outcome_is_about_something",
        ),
        sa.CheckConstraint("(kind = 'satisfaction') = (score IS NOT NULL)", name="ck_outcome_satisfaction_has_a_score"),
        sa.CheckConstraint(
            "score IS NULL OR (lowest < highest AND score BETWEEN lowest AND highest)", name="ck_outcome_score_fits"
        ),
        sa.CheckConstraint("(kind = 'churn') = (is_left IS NOT NULL)", name="ck_outcome_churn_says_whether_they_left"),
        sa.PrimaryKeyConstraint("seq", name="pk_outcome"),
        sa.UniqueConstraint("id", name="uq_outcome_id"),
        sa.UniqueConstraint("source", "content", name="uq_outcome_source_content"),
    )
    for columns in (["case_ref"], ["customer"], ["decision_id"], ["source", "ref_digest"], ["at"]):
        op.create_index("ix_outcome_" + "_".join(columns), "outcome", columns)
    op.create_table(
        "survey_delivery",
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("id_digest", sa.String(length=64), nullable=False),
        sa.Column("taken_at", _instant, nullable=False),
        sa.PrimaryKeyConstraint("source", "id_digest", name="pk_survey_delivery"),
    )


def _objections() -> None:
    op.create_table(
        "objection",
        sa.Column("seq", _serial, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("decision_id", sa.String(length=40), nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.Column("agent", sa.String(length=40), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=40), nullable=False),
        sa.Column("api_key", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name="fk_objection_decision_id"),
        sa.PrimaryKeyConstraint("seq", name="pk_objection"),
        sa.UniqueConstraint("id", name="uq_objection_id"),
        sa.UniqueConstraint("decision_id", "agent", "content", name="uq_objection_decision_id_agent_content"),
    )
    op.create_index("ix_objection_owner_at", "objection", ["owner", "at"])
    op.create_table(
        "objection_answer",
        sa.Column("objection_id", sa.String(length=40), nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.Column("agent", sa.String(length=40), nullable=False),
        sa.Column("result", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=40), nullable=False),
        sa.Column("api_key", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "result IN ('stands', 'rule_changes', 'decision_was_wrong')", name="ck_objection_answer_result_is_known"
        ),
        sa.ForeignKeyConstraint(["objection_id"], ["objection.id"], name="fk_objection_answer_objection_id"),
        sa.PrimaryKeyConstraint("objection_id", name="pk_objection_answer"),
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
