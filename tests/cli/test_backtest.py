from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result

from tests.cli.support import run, write_pack
from tests.docs.console import run_page

_ROOT = Path(__file__).resolve().parents[2]
_SAMPLE = _ROOT / "tests" / "data" / "online-retail-sample" / "online-retail-sample.csv"

HEADER = "time,agent,customer,order,reason,remedy,amount,currency,facts.order.paid\n"
GOOD = "2026-03-02 10:00,maija,C-1,O-1,coffee.cold,refund,4.00,{currency},4.00\n"


def backtest(folder: Path, text: str, *options: str) -> Result:
    history = folder / "history.csv"
    history.write_text(text, encoding="utf-8")
    return run("backtest", "--rules", str(write_pack(folder)), *options, str(history))


def lines(currency: str = "EUR") -> str:
    return HEADER + GOOD.format(currency=currency)


def test_the_report_stands_on_the_terminal(tmp_path: Path):
    result = backtest(tmp_path, lines())

    assert result.exit_code == 0
    assert "Back-test of cafe (2 rules) over history.csv" in result.stdout
    assert "Given at once: 4.00 EUR, of it 4.00 owed" in result.stdout
    assert "ESTIMATE" in result.stdout
    assert result.stderr == ""


def test_json_and_html_say_the_same(tmp_path: Path):
    result = backtest(tmp_path, lines(), "--json", str(tmp_path / "r.json"), "--html", str(tmp_path / "r.html"))

    assert result.exit_code == 0
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert report["currencies"][0]["all"]["given"] == "4.00"
    assert (tmp_path / "r.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_history_comes_from_standard_input_too(tmp_path: Path):
    result = run("backtest", "--rules", str(write_pack(tmp_path)), "-", given=lines())

    assert result.exit_code == 0
    assert "1 requests" in result.stdout


def test_bad_lines_are_named_and_end_with_status_1_after_the_report(tmp_path: Path):
    bad = "".join(GOOD.format(currency="EUR").replace("4.00", f"{n}.001", 1) for n in range(1, 26))
    result = backtest(tmp_path, lines() + bad, "--json", str(tmp_path / "r.json"))

    assert result.exit_code == 1
    assert "Given at once: 4.00 EUR" in result.stdout
    assert "line 3: amount: has more decimals" in result.stderr
    assert "and 5 more" in result.stderr
    assert "25 of 26 line(s) could not be taken" in result.stderr
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert [found["line"] for found in report["history"]["refused_lines"]] == list(range(3, 28))


def test_another_currency_reads_every_sum_in_it_and_says_so(tmp_path: Path):
    plain, read = backtest(tmp_path, lines("GBP")), backtest(tmp_path, lines("GBP"), "--currency", "GBP")

    assert "Given at once: 0.00 GBP" in plain.stdout
    assert "Given at once: 4.00 GBP" in read.stdout
    assert "is stated in EUR and was read in GBP" in read.stdout


def test_a_history_older_than_every_rule_meets_the_rules_of_today(tmp_path: Path):
    old = lines().replace("2026-03-02", "2011-03-02")
    by_itself = backtest(tmp_path, old)
    chosen = backtest(tmp_path, old, "--rules-as-of", "2026-02-01")
    too_early = backtest(tmp_path, old, "--rules-as-of", "2025-12-31")

    assert "No rule was in force yet when the history begins" in by_itself.stdout
    assert "Given at once: 4.00 EUR" in by_itself.stdout
    assert "as they stand on 2026-02-01." in chosen.stdout
    assert "Given at once: 4.00 EUR" in chosen.stdout
    assert "Given at once: 0.00 EUR" in too_early.stdout


def test_facts_above_the_sum_to_verify_count_only_when_verified(tmp_path: Path):
    pack = write_pack(tmp_path)
    (pack / "pack.yaml").write_text((pack / "pack.yaml").read_text() + "verify_above: 3.00\n")
    history = tmp_path / "history.csv"
    history.write_text(lines())

    stated = run("backtest", "--rules", str(pack), str(history))
    verified = run("backtest", "--rules", str(pack), "--facts-verified", str(history))

    assert "Given at once: 0.00 EUR" in stated.stdout
    assert "Given at once: 4.00 EUR" in verified.stdout


@pytest.mark.parametrize(
    ("options", "status", "word"),
    [
        (("--trust-level", "chief"), 2, "new, lead"),
        (("--timezone", "Mars/Base"), 2, "IANA"),
        (("--currency", "EURO"), 1, "EURO"),
        (("--rules-as-of", "tomorrow"), 2, "tomorrow"),
    ],
)
def test_options_that_make_no_sense_are_refused(tmp_path: Path, options: tuple[str, str], status: int, word: str):
    result = backtest(tmp_path, lines(), *options)

    assert result.exit_code == status
    assert word in result.stderr


@pytest.mark.parametrize("text", ["", HEADER, "time,agent\n"])
def test_a_history_that_is_none_is_refused(tmp_path: Path, text: str):
    result = backtest(tmp_path, text)

    assert result.exit_code == 1
    assert result.stdout == ""
    assert "istory" in result.stderr


def test_the_tutorial_of_a_years_refunds_does_what_it_says(tmp_path: Path):
    (tmp_path / "rules").symlink_to(_ROOT / "rules")
    (tmp_path / "tests").symlink_to(_ROOT / "tests")

    run_page(_ROOT / "docs" / "tutorial" / "a-year-of-refunds.md", tmp_path)


def test_the_how_to_of_back_tests_does_what_it_says(tmp_path: Path):
    (tmp_path / "rules").symlink_to(_ROOT / "rules")

    run_page(_ROOT / "docs" / "how-to" / "backtest.md", tmp_path)


def test_every_request_of_the_sample_can_be_taken(tmp_path: Path):
    made = run("history", "online-retail", str(_SAMPLE), "-o", str(tmp_path / "h.csv"))
    report = tmp_path / "r.json"
    rules = ("--rules", str(_ROOT / "rules" / "goodwill"), "--currency", "GBP")
    tested = run("backtest", *rules, "--json", str(report), str(tmp_path / "h.csv"))

    assert made.exit_code == tested.exit_code == 0
    assert json.loads(report.read_text(encoding="utf-8"))["history"]["requests"] == 81
