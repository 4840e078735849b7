"""Rates of survey tools: what processes share of how often each may deliver.

Revision ID: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "survey_rate",
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("full_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_survey_rate"),
    )


def downgrade() -> None:
    op.drop_table("survey_rate")
