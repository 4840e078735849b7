"""Personal data apart from the log: plain references and free text in tables that can be erased.

A log that holds plain references is not rewritten: its rows are append-only, and each is all that a replay has.

Revision ID: 0004
"""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

from policyservice.domain.errors import PlainLog
from policyservice.domain.pseudonyms import Pseudonyms

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_instant = sa.DateTime(timezone=True)
_serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _refuse_plain_log()
    keys = op.create_table(
        "pseudonym_key",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("check_value", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pseudonym_key"),
    )
    secret = secrets.token_urlsafe(32)
    op.bulk_insert(keys, [{"id": 1, "secret": secret, "check_value": Pseudonyms(secret.encode(), str).check}])
    op.create_table(
        "personal_reference",
        sa.Column("pseudonym", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("plain", sa.Text(), nullable=False),
        sa.Column("used_at", _instant, nullable=False),
        sa.PrimaryKeyConstraint("pseudonym", name="pk_personal_reference"),
    )
    op.create_index("ix_personal_reference_kind_plain", "personal_reference", ["kind", "plain"])
    op.create_index("ix_personal_reference_used_at", "personal_reference", ["used_at"])
    op.create_table(
        "personal_text",
        sa.Column("seal", sa.String(length=40), nullable=False),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("decision_id", sa.String(length=40), nullable=True),
        sa.Column("kept_at", _instant, nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name="fk_personal_text_decision_id"),
        sa.PrimaryKeyConstraint("seal", name="pk_personal_text"),
    )
    op.create_index("ix_personal_text_decision_id", "personal_text", ["decision_id"])
    op.create_index("ix_personal_text_kept_at", "personal_text", ["kept_at"])
    op.create_table(
        "erasure",
        sa.Column("seq", _serial, autoincrement=True, nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("pseudonym", sa.String(length=40), nullable=False),
        sa.Column("reference_count", sa.Integer(), nullable=False),
        sa.Column("text_count", sa.Integer(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_erasure"),
    )
    op.create_index("ix_erasure_pseudonym", "erasure", ["pseudonym"])
    _guard("erasure")


def downgrade() -> None:
    for table in ("erasure", "personal_text", "personal_reference", "pseudonym_key"):
        op.drop_table(table)


def _refuse_plain_log() -> None:
    plain = op.get_bind().scalar(sa.text("SELECT count(*) FROM decision WHERE agent NOT LIKE 'agt!_%' ESCAPE '!'"))
    if plain:
        raise PlainLog


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
