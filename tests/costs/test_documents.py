from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from policyservice.costs.compare import CostModel
from policyservice.costs.parameters import DEFAULTS
from policyservice.rulebook.model import CostValue

DOCS = Path(__file__).parents[2] / "docs"


def table_rows(path: str) -> list[list[str]]:
    lines = (DOCS / path).read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]


def test_the_reference_page_lists_every_default_as_it_is() -> None:
    rows = [row for row in table_rows("reference/cost-parameters.md") if row[0].startswith("`")]

    listed = {
        row[0].strip("`"): CostValue(Fraction(row[3]), Fraction(row[4]), Fraction(row[5]), f"default: {row[6]}")
        for row in rows
    }
    assert listed == DEFAULTS


@pytest.mark.parametrize("row", [r for r in table_rows("explanation/costs.md") if r[0].startswith("saving at")])
def test_the_explanation_shows_the_savings_that_the_model_gives(row: list[str]) -> None:
    amount, view = row[0].removeprefix("saving at EUR ").split(", ")
    found = CostModel().estimate("a", int(amount) * 100, 0, "EUR").views[view][1]
    low, high = row[3].split(" to ")

    assert found.expected == pytest.approx(float(row[1]) * 100, abs=5)
    assert (found.low, found.high) == pytest.approx((float(low) * 100, float(high) * 100), abs=25)
