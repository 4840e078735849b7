"""`policyservice rules test`: the policy tests of packs, and what is not as it was expected."""

from __future__ import annotations

from pathlib import Path

import click

from policyservice.assurance import policy_tests
from policyservice.cli.refused import Refused
from policyservice.cli.rule_folders import FOLDERS, from_here, loaded, names_of
from policyservice.cli.terminal import progress
from policyservice.costs.compare import CostModel
from policyservice.engine.compiled import CompiledRulebook


@click.command("test")
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
