"""`policyservice rules schemas`: JSON schemas, by which an editor completes rules and marks mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import click

from policyservice.rulebook.schema.editors import schemas as all_schemas


@click.command("schemas")
@click.argument("folder", metavar="[DIR]", type=click.Path(file_okay=False, path_type=Path), default=Path("schemas"))
def schemas(folder: Path) -> None:
    """Write a JSON schema for each kind of file to DIR (`schemas` when left out), and say how an editor takes them."""
    folder.mkdir(parents=True, exist_ok=True)
    written = all_schemas()
    for kind, schema in written.items():
        text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        (folder / f"{kind}.schema.json").write_text(text, encoding="utf-8")
    settings = {f"{folder}/{kind}.schema.json": _files(kind) for kind in written}
    click.echo(f"{len(written)} schemas in {folder}. In VS Code with its YAML extension, in settings.json:\n")
    click.echo(json.dumps({"yaml.schemas": settings}, indent=2))
    click.echo(
        "\nIn any editor with yaml-language-server, as the first line of a file (the path is as seen from the file):\n"
    )
    click.echo(f"# yaml-language-server: $schema=../../{folder.name}/rules.schema.json")


def _files(kind: str) -> list[str]:
    """The files of a kind, in any pack beneath a folder `rules`."""
    alone = f"rules/*/{kind}.yaml"
    return [alone] if kind == "pack" else [alone, f"rules/*/{kind}/**/*.yaml"]
