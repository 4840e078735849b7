"""`policyservice rules coverage`: what of a rulebook its policy tests exercise."""

from __future__ import annotations

import json
from pathlib import Path

import click

from policyservice.assurance.coverage.measure import measure
from policyservice.assurance.coverage.page import page
from policyservice.assurance.coverage.points import Coverage, Kind, Share
from policyservice.assurance.coverage.report import as_json
from policyservice.cli.refused import Refused
from policyservice.cli.rule_folders import FOLDERS, from_here, loaded, names_of
from policyservice.cli.terminal import progress, table
from policyservice.rulebook.source import read_packs

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("coverage")
@FOLDERS
@click.option("--html", "html_file", type=_FILE, help="Write a page with the rules' text annotated line by line.")
@click.option("--json", "json_file", type=_FILE, help="Write every point with the number of tests that exercise it.")
@click.option("--at-least", type=click.IntRange(0, 100), help="Fail where less than this percentage is exercised.")
def coverage(folders: tuple[Path, ...], html_file: Path | None, json_file: Path | None, at_least: int | None) -> None:
    """Show which rules, comparisons, bounds, amounts and effects of the packs their policy tests exercise."""
    rulebook = loaded(folders)
    with progress("Policy tests", len(rulebook.tests)) as advance:
        found = measure(rulebook, advance)
    if html_file is not None:
        html_file.write_text(page(rulebook, found, _texts(folders)), encoding="utf-8")
    if json_file is not None:
        json_file.write_text(json.dumps(as_json(found), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    _print(found, folders)
    share = found.share()
    said = (
        f"{names_of(rulebook)}: {found.tests} policy tests exercise {share.met} of {share.of} points, {share.percent}."
    )
    if at_least is not None and not share.reaches(at_least):
        raise Refused(f"{said} At least {at_least} % is asked for.")
    click.echo(said)


def _texts(folders: tuple[Path, ...]) -> dict[str, str]:
    packs = read_packs(folders)
    return {f"{pack}/{path}": text for pack, files in packs.items() for path, text in files.items()}


def _print(found: Coverage, folders: tuple[Path, ...]) -> None:
    for covered in found.rules:
        for point in covered.unmet:
            place = point.place or covered.rule.place
            where = f"{place}: " if place else ""
            click.echo(from_here(f"{where}{covered.rule.id}: {point.what}: in no test", folders))
    kinds = [kind.value for kind in Kind]
    rows = [
        (covered.rule.id, *(str(Share.among(p for p in covered.points if p.kind is kind)) for kind in Kind))
        for covered in found.rules
    ]
    rows.append(("all", *(str(found.share(kind)) for kind in Kind)))
    table("", ("rule", *kinds), rows, right=kinds)
