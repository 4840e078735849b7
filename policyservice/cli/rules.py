"""`policyservice rules`: what is fair and owed, as text that is checked, tested, published."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from policyservice.assurance import policy_tests
from policyservice.cli.checking import check
from policyservice.cli.coverage import coverage
from policyservice.cli.database import opened
from policyservice.cli.diff import diff
from policyservice.cli.handbook import handbook
from policyservice.cli.mutants import mutate
from policyservice.cli.options import INSTANT, author_option
from policyservice.cli.proofs import prove
from policyservice.cli.publications import in_force_and_to_come
from policyservice.cli.refused import Refused
from policyservice.cli.rule_folders import FOLDERS, from_here, loaded, names_of, problems_from_here
from policyservice.cli.schemas import schemas
from policyservice.cli.terminal import progress, table
from policyservice.costs.compare import CostModel
from policyservice.decisions import publishing
from policyservice.engine.compiled import CompiledRulebook
from policyservice.rulebook.source import read_packs


@click.group("rules")
def command() -> None:
    """Check, test, publish and show rules. Each DIR is a pack's folder; several are read together."""


@command.command("test")
@FOLDERS
def run_tests(folders: tuple[Path, ...]) -> None:
    """Run the policy tests of the packs; each failure says what was expected and what came."""
    rulebook = loaded(folders)
    book = CompiledRulebook(rulebook, CostModel(rulebook.costs, 0))
    failures = []
    with progress("Policy tests", len(rulebook.tests)) as advance:
        for test in rulebook.tests:
            failure = policy_tests.run_one(book, test)
            failures += [] if failure is None else [failure]
            advance(1)
    for failure in failures:
        click.echo(from_here(str(failure), folders))
    if failures:
        raise Refused(f"{len(failures)} of {len(rulebook.tests)} policy tests fail.")
    click.echo(f"{names_of(rulebook)}: {len(rulebook.tests)} policy tests hold.")


@command.command("publish")
@FOLDERS
@click.option("--from", "effective_from", type=INSTANT, help="In force from: a date or an instant; now when left out.")
@click.option("--because", default="", help="Why, for the history.")
@author_option()
def publish(folders: tuple[Path, ...], effective_from: datetime | None, because: str, author: str) -> None:
    """Check and test the packs and put them in force together, in place of those in force until then.

    A pack with a problem, or a policy test that fails, changes nothing. Bounds of limits that were turned stay turned.
    """
    with opened() as runtime, problems_from_here(folders, " Nothing was changed."), runtime.db.transaction() as conn:
        published = publishing.publish(
            conn,
            read_packs(folders),
            author=author,
            because=because,
            now=runtime.clock.now(),
            effective_from=effective_from,
        )
    click.echo(f"In force from {published.effective_from:%Y-%m-%d %H:%M} UTC: {published.digest}")
    click.echo(f"Limits: version {published.limits}{' (new)' if published.limits_changed else ''}.")
    click.echo(f"Cost parameters: version {published.costs}{' (new)' if published.costs_changed else ''}.")


@command.command("show")
def show() -> None:
    """Show which rules are in force, since when, and which are to come."""
    with opened() as runtime, runtime.db.reading() as conn:
        found = in_force_and_to_come(conn, runtime.clock.now())
    rows = [
        (
            "in force" if row.in_force else "to come",
            f"{row.effective_from:%Y-%m-%d %H:%M} UTC",
            ", ".join(row.packs),
            str(row.rules),
            row.author,
            row.because,
            row.digest,
        )
        for row in found
    ]
    table("", ("", "from", "packs", "rules", "author", "because", "digest"), rows, right=("rules",))


command.add_command(check)
command.add_command(diff)
command.add_command(prove)
command.add_command(schemas)
command.add_command(handbook)
command.add_command(coverage)
command.add_command(mutate)
