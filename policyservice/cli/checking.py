"""`policyservice rules check`: what is wrong with packs, and what is hardly meant."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from policyservice.assurance.weaknesses.find import weaknesses
from policyservice.assurance.weaknesses.weakness import Weight
from policyservice.cli.options import DAY, today
from policyservice.cli.refused import Refused
from policyservice.cli.rule_folders import FOLDERS, from_here, loaded, names_of
from policyservice.costs.compare import CostModel
from policyservice.engine.compiled import CompiledRulebook


@click.command("check")
@FOLDERS
@click.option("--as-of", type=DAY, help="Gaps are looked for on this day; today when left out.")
@click.option("--strict", is_flag=True, help="Notes fail as well.")
@click.option("--quick", is_flag=True, help="Only read: look for nothing that takes a solver.")
def check(folders: tuple[Path, ...], as_of: datetime | None, strict: bool, quick: bool) -> None:
    """Read the packs and report every problem at once, as file:line:column: what is wrong, what to try.

    Of packs without such problems it also tells, with a case for each: rules that can never fire and invariants that
    contradict each other, which are problems too; and as notes, which are not: rules that never matter, effects that
    contradict each other, reasons and cases that no rule speaks for, dates that leave a hole.
    """
    rulebook = loaded(folders)
    day = as_of.date() if as_of is not None else today()
    found = [] if quick else weaknesses(CompiledRulebook(rulebook, CostModel(rulebook.costs, 0)), day=day)
    for weakness in found:
        click.echo(from_here(str(weakness), folders))
    errors = sum(weakness.weight is Weight.ERROR for weakness in found)
    notes = len(found) - errors
    if errors or (strict and notes):
        raise Refused(f"{errors} problem(s), {notes} note(s).")
    counted = f" {notes} note(s)." if notes else ""
    click.echo(f"{names_of(rulebook)}: {len(rulebook.rules)} rules, {len(rulebook.tests)} tests, no problems.{counted}")
