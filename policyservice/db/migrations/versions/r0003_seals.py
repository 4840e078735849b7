"""Seals of the log, append-only as the log itself.

Revision ID: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_instant = sa.DateTime(timezone=True)
_serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_REFUSAL = "SELECT RAISE(ABORT, 'seal is append-only')"


def upgrade() -> None:
    _create_table()
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def downgrade() -> None:
    op.drop_table("seal")


def _guard_sqlite() -> None:
    for change in ("update", "delete"):
        op.execute(f"CREATE TRIGGER seal_refuses_{change} BEFORE {change.upper()} ON seal BEGIN {_REFUSAL}; END")
    for number, same in enumerate(("number = NEW.number", "hash = NEW.hash")):  # what REPLACE would delete unasked
        op.execute(
            f"CREATE TRIGGER seal_refuses_replace_{number} BEFORE INSERT ON seal "
            f"WHEN EXISTS (SELECT 1 FROM seal WHERE {same}) BEGIN {_REFUSAL}; END"
        )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE TRIGGER seal_refuses_change BEFORE UPDATE OR DELETE ON seal "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER seal_refuses_truncate BEFORE TRUNCATE ON seal "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _create_table() -> None:
    op.create_table(
        "seal",
        sa.Column("number", _serial, autoincrement=False, nullable=False),
        sa.Column("format", sa.Integer(), nullable=False),
        sa.Column("sealed_at", _instant, nullable=False),
        sa.Column("first_decision", _serial, nullable=False),
        sa.Column("last_decision", _serial, nullable=False),
        sa.Column("decisions", sa.Integer(), nullable=False),
        sa.Column("first_entry", _serial, nullable=False),
        sa.Column("last_entry", _serial, nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("leaves", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("number >= 1", name="ck_seal_number_counts_from_one"),
        sa.CheckConstraint("decisions + entries >= 1", name="ck_seal_seals_something"),
        sa.CheckConstraint(
            "decisions >= 0 AND decisions <= last_decision - first_decision + 1",
            name="ck_seal_decisions_fit_their_range",
        ),
        sa.CheckConstraint(
            "entries >= 0 AND entries <= last_entry - first_entry + 1", name="ck_seal_entries_fit_their_range"
        ),
        sa.CheckConstraint("length(leaves) = 40 * (decisions + entries)", name="ck_seal_has_a_leaf_for_each_row"),
        sa.PrimaryKeyConstraint("number", name="pk_seal"),
        sa.UniqueConstraint("hash", name="uq_seal_hash"),
    )
    op.create_index("ix_seal_last_decision", "seal", ["last_decision"])
