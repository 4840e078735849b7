"""`policyservice log`, what has to do with seals: seal, verify, checkpoint, prove, check-proof."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from policyservice.cli.database import opened
from policyservice.cli.refused import Refused
from policyservice.cli.terminal import progress
from policyservice.decisions.seal import checkpoint as checkpoints
from policyservice.decisions.seal import proof, rows, store
from policyservice.decisions.seal import verify as verifying
from policyservice.decisions.seal.checkpoint import Checkpoint, Unreadable
from policyservice.decisions.seal.proof import CannotProve, ProofFails
from policyservice.decisions.seal.sealer import Sealer
from policyservice.runtime import Runtime

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)
_PATIENCE_SECONDS = 30
_LOOK_AGAIN_SECONDS = 0.05


@click.command("seal")
def seal() -> None:
    """Seal what is committed now; the running service does so by itself, every POLICYSERVICE_SEAL_SECONDS."""
    with opened() as runtime:
        count = _seal_all(runtime)
        with runtime.db.reading() as conn:
            number = store.end(conn).number
    click.echo(f"{count} row(s) sealed; the log has {number} seal(s).")


@click.command("verify")
@click.option("--checkpoint", "file", type=_FILE, help="A checkpoint kept elsewhere: shows a log cut off or rewritten.")
def verify(file: Path | None) -> None:
    """Compare every row of the log with its seal, and name those that are not as they were; status 1 where any is.

    Without a checkpoint a log that was cut off at a seal, or written anew with its seals, looks whole.
    """
    kept = None if file is None else _checkpoint(file)
    tally, found = verifying.Tally(), 0
    with (
        opened() as runtime,
        runtime.db.reading() as conn,
        rows.as_stored(conn),
        progress("Rows", store.rows(conn)) as advance,
    ):
        for difference in verifying.verify(conn, tally, kept, advance):
            found += 1
            click.echo(str(difference))
    unsealed = f"; {tally.unsealed} row(s) not sealed yet" if tally.unsealed else ""
    compared = f"{tally.rows} row(s) compared with {tally.seals} seal(s)"
    if found:
        raise Refused(f"{compared}, {found} difference(s){unsealed}.")
    click.echo(f"{compared}, all as they were sealed{unsealed}.")


@click.command("checkpoint")
@click.argument("file", type=_NEW_FILE, required=False)
def checkpoint(file: Path | None) -> None:
    """Export a checkpoint over every seal there is, to FILE or standard output; keep it where nobody can change it."""
    with opened() as runtime, runtime.db.reading() as conn:
        made = _of_now(conn, runtime)
    _write(made.as_json(), file)


@click.command("prove")
@click.argument("decision_id", metavar="ID")
@click.argument("file", type=_NEW_FILE, required=False)
@click.option("--checkpoint", "kept", type=_FILE, help="The checkpoint that the auditor has; default: one made now.")
def prove(decision_id: str, file: Path | None, kept: Path | None) -> None:
    """Write the proof that a decision is in the log as it was sealed, to FILE or standard output.

    It holds the decision's whole row: hand it on as you would hand on the row.
    """
    with opened() as runtime, runtime.db.reading() as conn, rows.as_stored(conn):
        wanted = _of_now(conn, runtime) if kept is None else _checkpoint(kept)
        try:
            made = proof.prove(conn, decision_id, wanted)
        except CannotProve as error:
            raise Refused(str(error)) from error
    _write(made, file)


@click.command("check-proof")
@click.argument("file", type=_FILE)
@click.option("--checkpoint", "kept", type=_FILE, help="Your own checkpoint; without it the one in the proof is used.")
def check_proof(file: Path, kept: Path | None) -> None:
    """Check a proof; needs no database. Status 1 where it does not hold."""
    try:
        columns = proof.check(_json(file), None if kept is None else _checkpoint(kept))
    except Unreadable as error:
        raise Refused(f"{file}: {error}.") from error
    except ProofFails as error:
        raise Refused(f"{file}: {error}") from error
    click.echo(f"Decision {columns['id']} of {columns.get('at')} is in the log as it was sealed.")
    if kept is None:
        click.echo("That is worth as much as the checkpoint in the proof; give your own with --checkpoint.", err=True)


def _seal_all(runtime: Runtime) -> int:
    sealer, until = Sealer(runtime.db), time.monotonic() + _PATIENCE_SECONDS
    count = sealer.step(runtime.clock.now())
    while sealer.is_waiting:
        if time.monotonic() > until:
            raise Refused("Not all sealed: a transaction that writes has been open all the while. Try again later.")
        time.sleep(_LOOK_AGAIN_SECONDS)
        count += sealer.step(runtime.clock.now())
    return count


def _of_now(conn: Connection, runtime: Runtime) -> Checkpoint:
    try:
        made = checkpoints.of_now(conn, runtime.clock.now())
    except ValueError as error:
        raise Refused("The seals were altered; `policyservice log verify` says where.") from error
    if made is None:
        raise Refused("Nothing is sealed yet; run `policyservice log seal` first.")
    return made


def _checkpoint(file: Path) -> Checkpoint:
    try:
        return Checkpoint.from_json(_json(file))
    except Unreadable as error:
        raise Refused(f"{file}: {error}.") from error


def _json(file: Path) -> object:
    try:
        return json.loads(file.read_bytes())
    except (ValueError, RecursionError):
        raise Unreadable("is no JSON") from None


def _write(value: dict[str, Any], file: Path | None) -> None:
    text = json.dumps(value, indent=2)
    if file is None:
        click.echo(text)
        return
    file.write_text(f"{text}\n", encoding="utf-8")
    click.echo(f"Written to {file}.", err=True)
