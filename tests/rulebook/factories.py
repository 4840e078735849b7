"""Rulebooks for tests: the good base pack in tests/rulebook/base with something laid over it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from policyservice.domain.errors import RulebookRefused
from policyservice.rulebook.load import load
from policyservice.rulebook.model import Rulebook

HERE = Path(__file__).parent
BASE = HERE / "base"


def texts(folder: Path) -> dict[str, str]:
    """Every *.yaml below a folder by its path in it."""
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in sorted(folder.rglob("*.yaml"))}


def sources(overlay: Mapping[str, str] | None = None) -> dict[str, dict[str, str]]:
    """The base pack with files laid over it, by "PACK/path"; other packs may be among them."""
    found = {"base": texts(BASE)}
    for path, text in (overlay or {}).items():
        pack, rest = path.split("/", 1)
        found.setdefault(pack, {})[rest] = text
    return found


def load_with(overlay: Mapping[str, str] | None = None, *, currency: str | None = None) -> Rulebook:
    """The base pack with files laid over it, loaded."""
    return load(sources(overlay), currency=currency)


def problems_of(overlay: Mapping[str, str]) -> list[str]:
    """The problems that the base pack has with files laid over it."""
    with pytest.raises(RulebookRefused) as refused:
        load_with(overlay)
    return list(refused.value.problems)


def a_pack(name: str = "other", currency: str = "EUR", more: str = "") -> dict[str, str]:
    """The settings of a second pack."""
    return {f"{name}/pack.yaml": f"pack: {name}\ntitle: {{en: a, fi: b}}\ncurrency: {currency}\n{more}"}


def a_rule(
    rule_id: str = "a-rule",
    *,
    when: str = "{reason: shop.late}",
    then: str = "[{permit: {remedy: credit, up_to: 5.00}}]",
    basis: str = "goodwill",
    more: str = "",
) -> str:
    """One rule as an item of `rules:`; `more` are further lines, indented by four."""
    return (
        f"  - id: {rule_id}\n    title: {{en: a, fi: b}}\n    basis: {basis}\n    reference: a\n"
        f"    in_force: {{from: 2024-01-01}}\n    when: {when}\n    say: {{en: a, fi: b}}\n    then: {then}\n{more}"
    )


def rules(*items: str) -> dict[str, str]:
    """A file of rules in the base pack."""
    return {"base/rules/more.yaml": "rules:\n" + "".join(items)}


def a_table(
    table_id: str = "a-table", *, columns: str, rows: str, hit: str = "first", then: str | None = None
) -> dict[str, str]:
    """A file with one decision table about late orders in the base pack."""
    effects = "" if then is None else f"    then: {then}\n"
    return {
        "base/rules/more.yaml": (
            f"tables:\n  - id: {table_id}\n    title: {{en: a, fi: b}}\n    basis: contract\n    reference: a\n"
            f"    in_force: {{from: 2024-01-01}}\n    when: {{reason: shop.late}}\n    say: {{en: a, fi: b}}\n"
            f"    hit: {hit}\n    columns: {columns}\n    rows:\n{rows}{effects}"
        )
    }
