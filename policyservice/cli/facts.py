"""`policyservice facts`: what the company's own systems know of orders and customers."""

from __future__ import annotations

import csv
import json
from typing import TextIO

import click

from policyservice.cases import verified
from policyservice.cli.database import opened
from policyservice.cli.refused import Refused
from policyservice.decisions import verifying
from policyservice.decisions.policy import rulebook_in_force
from policyservice.decisions.rulebooks import stored
from policyservice.decisions.values import a_reference
from policyservice.domain.pseudonyms import PersonalKind

_KIND = click.argument("kind", type=click.Choice([kind.value for kind in verifying.SUBJECTS]))


@click.group("facts")
def command() -> None:
    """Import and show verified facts of orders and customers."""


@command.command("import")
@_KIND
@click.argument("file", type=click.File("r", encoding="utf-8-sig"))
def import_file(kind: str, file: TextIO) -> None:
    """Take what a system says of many orders or customers from FILE ("-" is standard input).

    CSV with the columns ref,source,at,currency and then facts by name, such as order.paid; an empty cell says nothing.
    What was said of a subject before is replaced. Where one line is at fault nothing is taken, and every such line is
    named.
    """
    with opened() as runtime, runtime.db.transaction() as conn:
        rulebook = stored(conn, rulebook_in_force(conn, runtime.clock.now()))
        try:
            count = verifying.import_lines(runtime, conn, PersonalKind(kind), file, rulebook)
        except UnicodeDecodeError:
            raise Refused("The file is not UTF-8. Save it as UTF-8 and import it again.") from None
        except csv.Error as error:
            raise Refused(f"The file is not CSV: {error}. Nothing was taken.") from None
    click.echo(f"Verified facts of {count} {kind}(s) taken.")


@command.command("show")
@_KIND
@click.argument("reference", metavar="REF")
def show(kind: str, reference: str) -> None:
    """Print as JSON what is known of an order or a customer."""
    with opened() as runtime, runtime.db.reading() as conn:
        subject = runtime.pseudonyms.of(PersonalKind(kind), a_reference("reference", reference))
        found = verified.of(conn, [subject])
    if subject not in found:
        raise Refused(f"Nothing is verified of this {kind}.")
    click.echo(json.dumps(found[subject].as_json(), ensure_ascii=False, indent=2))
