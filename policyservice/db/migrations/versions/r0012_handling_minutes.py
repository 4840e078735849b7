"""Minutes of handling: of contacts, and of speaking with the customer while an escalation waits.

Revision ID: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact", sa.Column("minutes", sa.Integer(), nullable=True))
    op.add_column("contact", sa.Column("corrects", sa.String(length=40), nullable=True))
    op.add_column("escalation_event", sa.Column("spoken_seconds", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("escalation_event", "spoken_seconds")
    op.drop_column("contact", "corrects")
    op.drop_column("contact", "minutes")
