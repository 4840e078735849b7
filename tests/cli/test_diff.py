from __future__ import annotations

import json
import shutil

from tests.cli.support import PACK, run, write_pack

_SMALLER = PACK["rules/coffee.yaml"].replace("9.00", "4.00")


def _two(tmp_path, rules=_SMALLER):
    old, new = tmp_path / "old", tmp_path / "new"
    return write_pack(old), write_pack(new, rules__coffee_yaml=rules)


def test_no_difference_is_status_0(tmp_path):
    old, new = _two(tmp_path, PACK["rules/coffee.yaml"])

    result = run("rules", "diff", str(old), str(new))

    assert (result.exit_code, result.stdout) == (0, "No difference.\n")


def test_differences_are_told_with_an_example_and_status_1(tmp_path):
    old, new = _two(tmp_path)

    result = run("rules", "diff", "--as-of", "2026-06-01", "--json", str(tmp_path / "diff.json"), str(old), str(new))

    assert result.exit_code == 1
    assert "rules: changed something-small" in result.stdout
    assert (
        "1. gift for coffee.cold, trust level new: 5.00 EUR allowed by goodwill -> 4.00 EUR allowed by goodwill, "
        "less than before. Of the rules that changed there fires something-small." in result.stdout
    )
    assert "9.00 EUR allowed by goodwill -> 4.00 EUR" in result.stdout  # trust level lead
    assert "expect: {outcome: allow, amount: 4.00}" in result.stdout
    document = json.loads((tmp_path / "diff.json").read_text("utf-8"))
    assert document["classes"][0]["old"] == {
        "outcome": "allow",
        "amount": "5.00",
        "available": "5.00",
        "basis": "goodwill",
    }


def test_folders_of_packs_are_compared_as_they_are_in_force_together(tmp_path):
    old, new = _two(tmp_path)
    (tmp_path / "both").mkdir()
    shutil.copytree(new, tmp_path / "both" / "cafe")

    assert run("rules", "diff", str(old), str(tmp_path / "both")).exit_code == 1
    assert run("rules", "diff", str(new), str(tmp_path / "both")).exit_code == 0


def test_rules_that_cannot_be_read_are_status_2(tmp_path):
    old, _ = _two(tmp_path)

    empty = tmp_path / "empty"
    empty.mkdir()

    assert run("rules", "diff", str(old), str(empty)).exit_code == 2
    assert run("rules", "diff", str(old)).exit_code == 2


def test_what_is_in_force_is_compared_with_what_may_come(tmp_path, url):
    _, new = _two(tmp_path)

    result = run("rules", "diff", "--published", str(new), url=url)

    assert result.exit_code == 1
    assert "rules: changed something-small" in result.stdout
    assert run("rules", "diff", "--published", str(write_pack(tmp_path)), url=url).exit_code == 0


def test_against_what_is_in_force_the_limits_are_those_in_force(tmp_path, url):
    _, new = _two(tmp_path)
    assert run("limits", "set", "agent-day.new", "3.00", "--because", "A bad month", "--yes", url=url).exit_code == 0

    result = run("rules", "diff", "--published", "--as-of", "2026-06-01", str(new), url=url)

    assert result.exit_code == 1
    assert result.stdout.startswith("Limits as in force (version 2) and as they stay when the new rules are published.")
    assert "limits: changed" not in result.stdout
    assert "trust level new" not in result.stdout  # 3.00 before and after, whatever the rule gives
    assert "trust level lead: 9.00 EUR allowed by goodwill -> 4.00 EUR" in result.stdout


def test_an_opening_bound_that_publishing_leaves_as_it_is_makes_no_difference(tmp_path, url):
    lower = PACK["limits/opening.yaml"].replace("amount: {new: 5.00, lead: 50.00}", "amount: {new: 2.00, lead: 50.00}")
    new = write_pack(tmp_path / "new", limits__opening_yaml=lower)

    told = run("rules", "diff", "--published", str(new), url=url)

    assert (told.exit_code, "No difference." in told.stdout) == (
        0,
        True,
    )  # bounds in force stay when rules are published
