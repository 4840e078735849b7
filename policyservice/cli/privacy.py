"""`policyservice privacy`: what is held about a person, and its erasure."""

from __future__ import annotations

import json

import click

from policyservice.cli.database import opened
from policyservice.cli.refused import Refused
from policyservice.domain.pseudonyms import PersonalKind
from policyservice.personal import key
from policyservice.privacy.about import KINDS
from policyservice.privacy.check import check as check_kept
from policyservice.privacy.erase import erase as erase_person
from policyservice.privacy.export import export as export_person

_REFERENCE = click.argument("reference", metavar="REF")
_KIND = click.option(
    "--kind",
    type=click.Choice([kind.value for kind in KINDS]),
    default=PersonalKind.CUSTOMER.value,
    show_default=True,
    help="Whose reference it is.",
)


@click.group("privacy")
def command() -> None:
    """Export and erase what is held about a person."""


@command.command("export")
@_REFERENCE
@_KIND
def export(reference: str, kind: str) -> None:
    """Print everything held about a person as JSON: decisions, texts, reservations, escalations, erasures.

    REF is the plain reference, or the pseudonym where that is all there is. References of others stay pseudonyms.
    """
    with opened() as runtime:
        document = export_person(runtime, PersonalKind(kind), reference)
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


@command.command("erase")
@_REFERENCE
@_KIND
@click.option("--because", required=True, help="Why, for the record; without the reference itself.")
def erase(reference: str, kind: str, because: str) -> None:
    """Erase the plain reference, names and free text of a person. The log stays, under pseudonyms.

    A customer's cases, orders and payments lose their plain references too; an agent is taken off the register and out
    of the bindings of keys. That it was done is recorded, without any of it. Doing it again changes nothing.
    """
    with opened() as runtime:
        erased = erase_person(runtime, PersonalKind(kind), reference, because)
    if not erased.anything:
        click.echo(f"Nothing is kept of {erased.pseudonym} beside the log; nothing was changed.")
        return
    registers = f", {erased.register_count} row(s) of registers" if erased.register_count else ""
    click.echo(
        f"Erased of {erased.pseudonym}: {erased.reference_count} reference(s), {erased.text_count} text(s){registers}."
    )
    if not erased.traces_cleared:
        click.echo(
            "The write-ahead log of SQLite is being read and still holds pages from before; run this again later.",
            err=True,
        )


@command.command("check")
def check() -> None:
    """Compare every reference and text that is kept with its pseudonym or seal; status 1 where one was changed."""
    with opened() as runtime:
        pseudonyms = runtime.pseudonyms
        with runtime.db.reading() as conn:
            checked = check_kept(conn, pseudonyms)
    for changed in checked.changed:
        click.echo(f"{changed}: not what was logged")
    if checked.changed:
        raise Refused(f"{len(checked.changed)} reference(s) or text(s) were changed after they were logged.")
    click.echo(f"{checked.references} reference(s) and {checked.texts} text(s), every one as it was logged.")


@command.command("key")
@click.option("--take-out", is_flag=True, help="Print the key and remove it from the database.")
def key_command(take_out: bool) -> None:
    """Tell where the key for pseudonyms lies; take it out of the database, to be held outside."""
    with opened() as runtime:
        made = runtime.pseudonyms
        with runtime.db.transaction() as conn:
            secret = key.take_out(conn) if take_out else None
        if take_out and secret is None:
            raise Refused("The key is not in the database; POLICYSERVICE_PSEUDONYM_KEY has it.")
        if secret is not None:
            runtime.db.clear_traces()
            click.echo(secret)
            click.echo("Set POLICYSERVICE_PSEUDONYM_KEY to it for every process: without it none will start.", err=True)
            return
        where = "the settings" if runtime.settings.pseudonym_key else "the database"
        click.echo(f"The key lies in {where}; its check value begins with {made.check[:12]}.")
