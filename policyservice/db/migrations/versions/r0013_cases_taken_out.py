"""Cases taken out of incidents again, and promises of an answer that are open again with their escalation.

Taken back, what was taken out is forgotten, and so is what happened of the kinds that were not known before.

Revision ID: 0013
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_instant = sa.DateTime(timezone=True)
_serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_EVENTS = ("open", "state", "action", "remedy", "roll_out")
_STEPS = ("moved", "kept", "broken")
_KEY = ["incident_id", "case_ref"]
_EXPLAINED = "(unlinked_at IS NULL) = (unlinked_by IS NULL) AND (unlinked_at IS NULL) = (note IS NULL)"


def upgrade() -> None:
    with op.batch_alter_table("incident_case", copy_from=_incident_case(_KEY)) as batch:
        batch.add_column(sa.Column("number", sa.Integer(), nullable=False, server_default="1"))
        for column in _added():
            batch.add_column(column)
        batch.drop_constraint("pk_incident_case", type_="primary")
        batch.create_primary_key("pk_incident_case", [*_KEY, "number"])
        batch.create_check_constraint("ck_incident_case_unlinked_is_explained", sa.text(_EXPLAINED))
    _know(_incident_event(_EVENTS), (*_EVENTS, "unlink"))
    _know(_promise_step(_STEPS), (*_STEPS, "reopened"))


def downgrade() -> None:
    op.execute("DELETE FROM incident_case WHERE unlinked_at IS NOT NULL")
    number = sa.Column("number", sa.Integer(), nullable=False)
    explained = sa.CheckConstraint(_EXPLAINED, name="ck_incident_case_unlinked_is_explained")
    with op.batch_alter_table(
        "incident_case", copy_from=_incident_case([*_KEY, "number"], number, *_added(), explained)
    ) as batch:
        batch.drop_constraint("ck_incident_case_unlinked_is_explained", type_="check")
        batch.drop_constraint("pk_incident_case", type_="primary")
        batch.create_primary_key("pk_incident_case", _KEY)
        for name in ("note", "unlinked_by", "unlinked_at", "number"):
            batch.drop_column(name)
    _forget("incident_event", "unlink")
    _know(_incident_event((*_EVENTS, "unlink")), _EVENTS)
    _forget("promise_step", "reopened")
    _know(_promise_step((*_STEPS, "reopened")), _STEPS)


def _know(table: sa.Table, kinds: tuple[str, ...]) -> None:
    """Let an append-only table hold the rows of some kinds. SQLite copies the table for it, but not its triggers."""
    name = f"ck_{table.name}_kind_is_known"
    with op.batch_alter_table(table.name, copy_from=table) as batch:
        batch.drop_constraint(name, type_="check")
        batch.create_check_constraint(name, sa.text(_among(kinds)))
    if _is_sqlite():
        refusal = f"SELECT RAISE(ABORT, '{table.name} is append-only')"
        for change in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table.name}_refuses_{change} BEFORE {change.upper()} ON {table.name} "
                f"BEGIN {refusal}; END"
            )


def _forget(table: str, kind: str) -> None:
    """Delete the rows of a kind that is not known before; the table is guarded again when this step is done."""
    if _is_sqlite():
        op.execute(f"DROP TRIGGER {table}_refuses_delete")
        op.execute(f"DELETE FROM {table} WHERE kind = '{kind}'")
        return
    op.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_refuses_change")
    op.execute(f"DELETE FROM {table} WHERE kind = '{kind}'")
    op.execute(f"ALTER TABLE {table} ENABLE TRIGGER {table}_refuses_change")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _among(kinds: tuple[str, ...]) -> str:
    return "kind IN (" + ", ".join(f"'{kind}'" for kind in kinds) + ")"


def _added() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("unlinked_at", _instant, nullable=True),
        sa.Column("unlinked_by", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
    )


def _incident_case(key: list[str], *more: sa.Column[Any] | sa.CheckConstraint) -> sa.Table:
    return sa.Table(
        "incident_case",
        sa.MetaData(),
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
        *more,
        sa.CheckConstraint("how IN ('hand', 'reference', 'rule')", name="ck_incident_case_how_is_known"),
        sa.CheckConstraint("outcome IN ('given', 'had')", name="ck_incident_case_outcome_is_known"),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name="fk_incident_case_incident_id"),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name="fk_incident_case_decision_id"),
        sa.PrimaryKeyConstraint(*key, name="pk_incident_case"),
        sa.Index("ix_incident_case_case_ref", "case_ref"),
        sa.Index("ix_incident_case_customer", "customer"),
        sa.Index("ix_incident_case_outcome", "incident_id", "outcome"),
    )


def _incident_event(kinds: tuple[str, ...]) -> sa.Table:
    return sa.Table(
        "incident_event",
        sa.MetaData(),
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
        sa.CheckConstraint(_among(kinds), name="ck_incident_event_kind_is_known"),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name="fk_incident_event_incident_id"),
        sa.PrimaryKeyConstraint("seq", name="pk_incident_event"),
        sa.UniqueConstraint("incident_id", "number", name="uq_incident_event_incident_id_number"),
        sa.Index("ix_incident_event_kind", "kind", "seq"),
    )


def _promise_step(kinds: tuple[str, ...]) -> sa.Table:
    return sa.Table(
        "promise_step",
        sa.MetaData(),
        sa.Column("seq", _serial, autoincrement=True, nullable=False),
        sa.Column("promise_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("case_ref", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=True),
        sa.Column("due_at", _instant, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(_among(kinds), name="ck_promise_step_kind_is_known"),
        sa.ForeignKeyConstraint(["promise_id"], ["promise.id"], name="fk_promise_step_promise_id"),
        sa.PrimaryKeyConstraint("seq", name="pk_promise_step"),
        sa.UniqueConstraint("promise_id", "number", name="uq_promise_step_promise_id_number"),
        sa.Index("ix_promise_step_agent", "agent"),
        sa.Index("ix_promise_step_case_ref_at", "case_ref", "at"),
        sa.Index("ix_promise_step_customer_at", "customer", "at"),
    )
