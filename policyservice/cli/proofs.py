"""`policyservice rules prove`: what a rulebook can never do, proved or refuted with a case."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from policyservice.assurance.proving.prove import Finding, Verdict
from policyservice.assurance.proving.prove import prove as findings
from policyservice.assurance.weaknesses.invariants import contradictory_invariants
from policyservice.cli.options import DAY, today
from policyservice.cli.refused import Refused
from policyservice.cli.rule_folders import FOLDERS, from_here, loaded, names_of
from policyservice.cli.terminal import progress
from policyservice.costs.compare import CostModel
from policyservice.engine.compiled import CompiledRulebook

_LAWS = 2


@click.command("prove")
@FOLDERS
@click.option("--as-of", type=DAY, help="Decisions on or after this day; today when left out.")
def prove(folders: tuple[Path, ...], as_of: datetime | None) -> None:
    """Prove the packs' invariants for every case that the vocabulary allows, or refute them with a case.

    A case that refutes one is printed as a policy test that fails; paste it under `cases:`. Two laws are proved of
    every rulebook besides: more trust never gives less, and less is never refused where more is allowed. Invariants
    that contradict each other, of which one is always broken, are told with a request that both are about.
    """
    rulebook = loaded(folders)
    day = as_of.date() if as_of is not None else today()
    failed = 0
    with progress("Invariants", len(rulebook.invariants) + _LAWS) as advance:
        for finding in findings(rulebook, day=day):
            click.echo(from_here(_told(finding), folders))
            if finding.test:
                click.echo(finding.test)
            failed += finding.verdict is not Verdict.PROVED
            advance(1)
    contradictory = list(contradictory_invariants(CompiledRulebook(rulebook, CostModel(rulebook.costs, 0)), day=day))
    for weakness in contradictory:
        click.echo(from_here(str(weakness), folders))
    if failed:
        raise Refused(f"{failed} of {len(rulebook.invariants) + _LAWS} not proved.")
    click.echo(f"{names_of(rulebook)}: {len(rulebook.invariants)} invariants and {_LAWS} laws proved, from {day} on.")


def _told(finding: Finding) -> str:
    where = f"{finding.place}: " if finding.place else ""
    said = f"{where}{finding.verdict.value}: {finding.id}: {finding.title.en}"
    if finding.verdict is Verdict.PROVED:
        return f"{said} ({finding.questions} questions)"
    if finding.verdict is Verdict.UNDECIDED:
        return f"{said} The solver gave up on {', '.join(finding.undecided) or 'the law itself'}."
    turned = " once limits are turned up as far as their guard rails let managers" if finding.at_guard_rails else ""
    return f"{said} This case breaks it{turned}:"
