"""Rates of keys: what processes share of how often a key may call.

Revision ID: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rate",
        sa.Column("api_key", sa.String(length=40), nullable=False),
        sa.Column("full_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["api_key"], ["api_key.id"], name="fk_rate_api_key"),
        sa.PrimaryKeyConstraint("api_key", name="pk_rate"),
    )


def downgrade() -> None:
    op.drop_table("rate")
