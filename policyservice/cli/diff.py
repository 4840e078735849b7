"""`policyservice rules diff`: what a change of rules means for the answers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click

from policyservice.assurance.differences.find import differences
from policyservice.assurance.differences.telling import as_json, told
from policyservice.cli.database import opened
from policyservice.cli.options import DAY, FOLDER, today
from policyservice.cli.refused import Refused
from policyservice.cli.rule_folders import loaded
from policyservice.costs.compare import CostModel
from policyservice.decisions.policy import rulebook_in_force
from policyservice.decisions.publishing import merged
from policyservice.decisions.rulebooks import stored
from policyservice.domain.limits import LimitSet
from policyservice.engine.compiled import CompiledRulebook
from policyservice.limits import versions
from policyservice.rulebook.model import Rulebook

_DIFFERENT = 1


class _InTrouble(Refused):
    """Rules that cannot be read; status 1 says that there are differences."""

    exit_code = 2


@click.command("diff")
@click.argument("folders", metavar="[OLD] NEW", type=FOLDER, nargs=-1, required=True)
@click.option("--published", is_flag=True, help="OLD is the rulebook in force in the database.")
@click.option("--as-of", type=DAY, help="Cases on or after this day; today when left out.")
@click.option(
    "--json", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write the same to a file as JSON."
)
@click.pass_context
def diff(
    ctx: click.Context, folders: tuple[Path, ...], published: bool, as_of: datetime | None, file: Path | None
) -> None:
    """Say what a change of rules means: the classes of cases whose answer differs, each with an example.

    OLD and NEW are each a pack, or a folder with packs that are in force together. Every case that both vocabularies
    allow is compared; an example is printed as a policy test that the new rules fulfil. With --published the limits are
    those in force, as they stay when NEW is published. Status 0: no difference, 1: differences, 2: something is wrong.
    """
    if len(folders) != (1 if published else 2):
        raise click.UsageError("Name OLD and NEW, or NEW alone with --published.")
    day = as_of.date() if as_of is not None else today()
    try:
        new = _read(folders[-1])
        old, new = _in_force(new) if published else (_read(folders[0]), new)
    except Refused as refused:
        raise _InTrouble(refused.message) from refused
    found = differences(_compiled(old), _compiled(new), day=day)
    for paragraph in told(found, new):
        click.echo(paragraph)
    if file is not None:
        file.write_text(json.dumps(as_json(found, new), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if not found.any:
        click.echo("No difference.")
        return
    click.echo(f"\n{len(found.classes)} class(es) of cases are answered otherwise, from {day} on.")
    ctx.exit(_DIFFERENT)


def _read(folder: Path) -> Rulebook:
    """The pack of a folder, or the packs in it."""
    if (folder / "pack.yaml").is_file():
        return loaded((folder,))
    packs = tuple(sorted(path.parent for path in folder.glob("*/pack.yaml")))
    return loaded(packs or (folder,))


def _in_force(new: Rulebook) -> tuple[Rulebook, Rulebook]:
    """The rulebook and limits in force, and the new one with the limits that publishing it would leave."""
    with opened() as runtime, runtime.db.reading() as conn:
        now = runtime.clock.now()
        old, limits = stored(conn, rulebook_in_force(conn, now)), versions.in_force(conn, now)
    kept = merged(new, limits)
    if kept != new.opening_limits.limits:
        click.echo(
            f"Limits as in force (version {limits.version}) and as they stay when the new rules are published. An "
            "example that rests on a bound that was turned does not hold as a policy test, which meets the opening one."
        )
    return replace(old, opening_limits=limits), replace(new, opening_limits=LimitSet(0, kept))


def _compiled(rulebook: Rulebook) -> CompiledRulebook:
    return CompiledRulebook(rulebook, CostModel(rulebook.costs, 0))
