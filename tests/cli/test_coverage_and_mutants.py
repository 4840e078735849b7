"""`rules coverage` and `rules mutate` as their users meet them."""

from __future__ import annotations

import json

import pytest

from tests.assurance import packs
from tests.cli import support


@pytest.fixture
def folder(tmp_path):
    def written(tests=packs.FULL):
        files = {
            "pack.yaml": packs.PACK,
            "vocabulary.yaml": packs.VOCABULARY,
            "catalogue.yaml": packs.CATALOGUE,
            "rules/coffee.yaml": packs.RULES,
            "tests/coffee.yaml": tests,
        }
        for name, text in files.items():
            path = tmp_path / "cafe" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path / "cafe"

    return written


def test_coverage_writes_a_page_and_a_report_and_reaches_its_threshold(folder, tmp_path):
    page, report = tmp_path / "c.html", tmp_path / "c.json"

    result = support.run(
        "rules", "coverage", str(folder()), "--html", str(page), "--json", str(report), "--at-least", "100"
    )

    assert result.exit_code == 0
    assert "100.0 %" in result.stdout
    assert "cold-coffee" in page.read_text(encoding="utf-8")
    assert json.loads(report.read_text(encoding="utf-8"))["tests"] == 6


def test_coverage_below_its_threshold_ends_with_status_1_and_names_what_is_left_as_a_file_that_can_be_opened(folder):
    here = folder(packs.without("a cent beyond the amount"))

    result = support.run("rules", "coverage", str(here), "--at-least", "100")

    assert result.exit_code == 1
    assert f"{here}/rules/coffee.yaml:" in result.stdout
    assert "asked one minor unit above it: in no test" in result.stdout
    assert "At least 100 % is asked for." in result.stderr


def test_mutate_ends_with_status_0_where_every_change_is_noticed_or_equivalent(folder, tmp_path):
    tests = packs.FULL + packs.OTHERS

    result = support.run("rules", "mutate", str(folder(tests)), "--json", str(tmp_path / "m.json"))

    report = json.loads((tmp_path / "m.json").read_text(encoding="utf-8"))
    assert (result.exit_code, report["survived"], report["undecided"]) == (0, 0, 0), result.output
    assert report["changes"] == report["noticed"] + report["equivalent"] == len(report["results"])


def test_mutate_shows_a_policy_test_for_what_survives_and_ends_with_status_1(folder):
    result = support.run("rules", "mutate", str(folder(packs.without("a cent beyond the amount"))))

    assert result.exit_code == 1
    assert "survived: cold-coffee: `permit refund`: 2.00 becomes 2.01." in result.stdout
    assert "expect: {outcome: " in result.stdout


def test_mutate_refuses_a_pack_whose_policy_tests_fail(folder):
    result = support.run(
        "rules",
        "mutate",
        str(
            folder(packs.FULL.replace("amount: 2.00}\n  - name: a cent below", "amount: 2.05}\n  - name: a cent below"))
        ),
    )

    assert result.exit_code == 1
    assert "1 of 6 policy tests fail" in result.stderr
