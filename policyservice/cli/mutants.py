"""`policyservice rules mutate`: small changes of a rulebook that no policy test notices."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import click

from policyservice.assurance import policy_tests
from policyservice.assurance.mutants.mutant import Kind
from policyservice.assurance.mutants.mutate import Result, Verdict, mutants_of
from policyservice.assurance.mutants.mutate import mutate as results
from policyservice.cli.refused import Refused
from policyservice.cli.rule_folders import FOLDERS, from_here, loaded, names_of
from policyservice.cli.terminal import progress, table

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("mutate")
@FOLDERS
@click.option("--json", "json_file", type=_FILE, help="Write every change and what became of it to this file.")
def mutate(folders: tuple[Path, ...], json_file: Path | None) -> None:
    """Change the packs in small ways, one at a time, and report the changes that no policy test notices.

    A change that is proved to answer no case otherwise is equivalent and does not count. Each other is shown with a
    policy test that would notice it, with the answer of today: read it, and paste it under `cases:`.
    """
    rulebook = loaded(folders)
    if failures := policy_tests.run(rulebook):
        raise Refused(f"{len(failures)} of {len(rulebook.tests)} policy tests fail; see `rules test`.")
    mutants = mutants_of(rulebook)
    found: list[Result] = []
    told: set[str] = set()
    with progress("Changes", len(mutants)) as advance:
        for result in results(rulebook, mutants):
            found.append(result)
            if result.is_gap:
                click.echo(from_here(_told(result, is_shown=result.test in told), folders))
            if result.test and result.test not in told:
                told.add(result.test)
                click.echo(result.test)
            advance(1)
    if json_file is not None:
        json_file.write_text(json.dumps(_report(found), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    _summary(found)
    gaps = sum(result.is_gap for result in found)
    if gaps:
        raise Refused(f"{gaps} of {len(found)} changes are noticed by no policy test.")
    equal = sum(result.verdict is Verdict.EQUIVALENT for result in found)
    click.echo(f"{names_of(rulebook)}: {len(found)} changes, {len(found) - equal} noticed, {equal} equivalent.")


def _told(result: Result, *, is_shown: bool) -> str:
    said = f"{result.mutant.place}: " if result.mutant.place else ""
    said += f"{result.verdict.value}: {result.mutant.about}: {result.mutant.what}."
    if result.doubtful is not None:
        return f"{said} The solver gave up on {result.doubtful.remedy} for {result.doubtful.reason}."
    return f"{said} No policy test notices; {'one above would.' if is_shown else 'this one would:'}"


def _summary(found: list[Result]) -> None:
    counted = Counter((result.mutant.kind, result.verdict) for result in found)
    kinds = [kind for kind in Kind if any(counted[kind, verdict] for verdict in Verdict)]
    rows = [(kind.value, *(str(counted[kind, verdict]) for verdict in Verdict)) for kind in kinds]
    columns = ("change of", *(verdict.value for verdict in Verdict))
    table("", columns, rows, right=columns[1:])


def _report(found: list[Result]) -> dict[str, Any]:
    counted = Counter(result.verdict for result in found)
    return {
        "changes": len(found),
        **{verdict.value: counted[verdict] for verdict in Verdict},
        "results": [_as_json(result) for result in found],
    }


def _as_json(result: Result) -> dict[str, Any]:
    mutant, by = result.mutant, result.noticed_by
    return {
        "kind": mutant.kind.value,
        "about": mutant.about,
        "change": mutant.what,
        "place": None if mutant.place is None else str(mutant.place),
        "verdict": result.verdict.value,
        "noticed_by": None if by is None else {"name": by.name, "place": str(by.place) if by.place else None},
        "policy_test": result.test or None,
    }
