"""`policyservice keys`: who may call the service."""

from __future__ import annotations

from datetime import datetime

import click

from policyservice.access import keys
from policyservice.access.keys import ApiKey, Role
from policyservice.cli.database import opened
from policyservice.cli.options import INSTANT
from policyservice.cli.terminal import table


@click.group("keys")
def command() -> None:
    """Create, list and revoke API keys. A key is shown once; only its hash is stored."""


@command.command("create")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True, help="What the key is for.")
@click.option("--name", required=True, help="Which program or person has the key.")
@click.option("--agent", "agents", multiple=True, metavar="REF", help="An agent it may act for; repeatable.")
@click.option("--team", "teams", multiple=True, metavar="TEAM", help="A team it may act for; repeatable.")
@click.option("--expires", type=INSTANT, help="A date, or an instant with its offset, from which on it is refused.")
def create(role: str, name: str, agents: tuple[str, ...], teams: tuple[str, ...], expires: datetime | None) -> None:
    """Create a key and print it alone on standard output.

    Without --agent and --team it acts for everybody; with them, for those named alone.
    """
    with opened() as runtime, runtime.db.transaction() as conn:
        key, secret = keys.create(
            conn,
            runtime.ids,
            name,
            Role(role),
            now=runtime.clock.now(),
            agents=agents or None,
            teams=teams or None,
            expires_at=expires,
        )
    click.echo(f"Key {key.id} ({role}, {_binding(key)}). It is shown once; keep it now:", err=True)
    click.echo(secret)


@command.command("list")
def list_keys() -> None:
    """List every key, without its secret."""
    with opened() as runtime, runtime.db.reading() as conn:
        found, now = keys.list_all(conn), runtime.clock.now()
    rows = [(key.id, key.name, key.role.value, _binding(key), _day(key.created_at), _state(key, now)) for key in found]
    table("", ("id", "name", "role", "acts for", "created", "state"), rows)


@command.command("revoke")
@click.argument("key_id", metavar="ID")
def revoke(key_id: str) -> None:
    """Refuse a key from now on, by its ID (not the key itself)."""
    with opened() as runtime, runtime.db.transaction() as conn:
        keys.revoke(conn, key_id, runtime.clock.now())
    click.echo(f"Key {key_id} is refused from now on.")


def _binding(key: ApiKey) -> str:
    named = [*(f"agent {ref}" for ref in key.agents or ()), *(f"team {team}" for team in key.teams or ())]
    return ", ".join(named) or "everybody"


def _state(key: ApiKey, now: datetime) -> str:
    if key.revoked_at is not None:
        return f"revoked {_day(key.revoked_at)}"
    if key.expires_at is not None:
        return f"{'expired' if key.expires_at <= now else 'until'} {_day(key.expires_at)}"
    return "in use"


def _day(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"
